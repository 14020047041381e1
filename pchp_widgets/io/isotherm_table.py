"""Isotherms as columns of plain text whose headers say what they hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .tables.isotherms import Table, bar_per, dataset, numbers, uptake_factor
from .tables.rows import open_end

_PRESSURE = re.compile(r"press|^p\b|p\s*/\s*p", re.IGNORECASE)
_RELATIVE = re.compile(r"relative|p\s*/\s*p\s*[o0°]", re.IGNORECASE)
_UPTAKE = re.compile(r"adsorbed|uptake|loading|quantity|volume.*stp", re.IGNORECASE)
_SEPARATORS = ("\t", ";", ",")


class _Header(NamedTuple):
    line: int
    separator: str
    names: list[str]
    pressure: int
    uptake: int


class IsothermTableReader:
    """Columns of pressure and of the amount adsorbed."""

    name = "isotherm-table"
    description = "isotherms as columns of text with headers such as 'Relative Pressure (P/Po)'"
    suffixes = (".csv", ".txt", ".dat")
    version = "1"
    fallback = True
    technique = "sorption"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        if b"\0" in head:
            return "no text"
        text = head.decode("utf-8-sig", errors="replace")
        return None if _header(text) else "no line of headers names a pressure and an amount adsorbed"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        header = _header(text)
        if header is None:
            raise ReaderError(path, "no line of headers names a pressure and an amount adsorbed")
        lines = [line for line in text.splitlines()[header.line + 1 :] if line.strip(" \t;,")]
        rows = [[cell.strip() for cell in line.split(header.separator)] for line in lines]
        said = [] if options.partial else open_end(text)
        if not rows:
            raise ReaderError(path, "there is no line below the headers")
        return Measured(dataset(path, _table(path, header, rows), "", np.nan, said), warnings=said)


def _header(text: str) -> _Header | None:
    """The first line whose cells name a pressure and an amount, with the separator that shows them."""
    for at, line in enumerate(text.splitlines()[:60]):
        for separator in _SEPARATORS:
            names = [name.strip().strip('"') for name in line.split(separator)]
            uptake = next((at for at, name in enumerate(names) if _UPTAKE.search(name)), None)
            pressure = next((at for at, name in enumerate(names) if _PRESSURE.search(name) and at != uptake), None)
            if uptake is not None and pressure is not None and max(map(len, names)) < 60:
                return _Header(at, separator, names, pressure, uptake)
    return None


def _table(path: Path, header: _Header, rows: list[list[str]]) -> Table:
    name = header.names[header.uptake]
    unit = re.search(r"[\[(](.*)[\])]", name)
    factor = uptake_factor(unit[1]) if unit else None
    if factor is None:
        raise ReaderError(path, f"the header {name!r} states no amount per mass: write '(mmol/g)' or '(cm3/g STP)'")
    place = header.names[header.pressure]
    table = Table(numbers(rows, header.uptake) * factor)
    if _RELATIVE.search(place):
        table.relative = numbers(rows, header.pressure)
        return table
    stated = re.search(r"[\[(](.*?)[\])]", place)
    bar = bar_per(stated[1]) if stated else None
    if bar is None:
        raise ReaderError(
            path, f"the header {place!r} states no unit: write '(bar)', or 'P/Po' for a relative pressure"
        )
    table.pressure = numbers(rows, header.pressure) * bar
    return table
