"""Indentations as columns of plain text whose headers say what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..model.units import UnitError, conversion
from .contract import Measured, ReaderError, ReadOptions
from .tables.indents import FloatArray, indents, rows_of_numbers
from .tables.rows import open_end

_WORDS = {
    "depth": re.compile(r"depth|indentation|penetration|\bh\b|displacement", re.IGNORECASE),
    "load": re.compile(r"load|force|\b[PF]\b"),
    "time": re.compile(r"time|\bt\b", re.IGNORECASE),
    "stiffness": re.compile(r"stiffness|\bS\b"),
    "test": re.compile(r"test|indent\b|\bno\b", re.IGNORECASE),
}
_UNITS = {"depth": "nm", "load": "mN", "time": "s", "stiffness": "N m-1"}
_UNIT = re.compile(r"[\[(/]\s*([^\])]+?)\s*[\])]?$")
_SEPARATORS = ("\t", ";", ",")
_SMALL = {"nm", "um", "µm", "μm"}
_LINES = 60


class _Header(NamedTuple):
    line: int
    separator: str
    columns: Mapping[str, int]
    factors: Mapping[str, float]


class IndentTableReader:
    """Columns of depth and load, perhaps of time, stiffness and the number of the test."""

    name = "indent-table"
    description = "indentations as columns of text: 'depth (nm)', 'load (mN)', 'time (s)', 'test'"
    suffixes = (".csv", ".txt", ".dat")
    version = "1"
    fallback = True
    technique = "indentation"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        if b"\0" in head:
            return "no text"
        found = _header(head.decode("utf-8-sig", errors="replace"), {})
        return None if found else "no line of headers names a depth in nm or um and a load, with units"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        text = path.read_bytes().decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
        header = _header(text, options.columns)
        if header is None:
            raise ReaderError(
                path, "no line of headers names a depth in nm or um and a load: write 'depth (nm)', 'load (mN)'"
            )
        lines = text.splitlines()[header.line + 1 :]
        width = max(header.columns.values()) + 1
        comma = header.separator != ","
        numbers, wrong = rows_of_numbers(lines, width, separator=header.separator, comma=comma)
        if not len(numbers):
            raise ReaderError(path, "there is no line of numbers below the headers")
        said = [f"{wrong} lines hold no numbers and were left out"] if wrong else []
        said += [] if options.partial else open_end(text)
        columns = {
            name: numbers[:, at] * header.factors.get(name, 1.0)
            for name, at in header.columns.items()
            if name != "test"
        }
        return Measured(indents(path, _tests(columns, header, numbers)), warnings=said)


def _tests(columns: dict[str, FloatArray], header: _Header, numbers: FloatArray) -> list[dict[str, FloatArray]]:
    """One test, or those that a column counts."""
    if "test" not in header.columns:
        return [columns]
    which = numbers[:, header.columns["test"]]
    return [
        {name: values[which == one] for name, values in columns.items()} for one in np.unique(which[np.isfinite(which)])
    ]


def _header(text: str, given: Mapping[str, str]) -> _Header | None:
    """The first line whose cells name a depth and a load with units."""
    for line, content in enumerate(text.splitlines()[:_LINES]):
        for separator in _SEPARATORS:
            names = [name.strip().strip('"') for name in content.split(separator)]
            columns: dict[str, int] = {}
            for ours, word in _WORDS.items():
                theirs = given.get(ours, "").partition(" [")[0]
                at = next(
                    (at for at, name in enumerate(names) if theirs and theirs in {name, _UNIT.sub("", name).strip()}),
                    None,
                )
                if at is None:
                    free = [at for at in range(len(names)) if at not in columns.values()]
                    at = next((at for at in free if word.search(_UNIT.sub("", names[at]))), None)
                if at is not None:
                    columns[ours] = at
            factors = _factors(names, columns, given)
            if factors is not None and len(names) < _LINES:
                return _Header(line, separator, columns, factors)
    return None


def _factors(names: list[str], columns: Mapping[str, int], given: Mapping[str, str]) -> dict[str, float] | None:
    """Factors to our units; None where depth or load have none, or the depth is no small length."""
    if not {"depth", "load"} <= columns.keys():
        return None
    found = {}
    for name, target in _UNITS.items():
        if name not in columns:
            continue
        unit = _UNIT.search(given.get(name, "")) or _UNIT.search(names[columns[name]])
        if unit is None:
            return None
        if name == "depth" and unit[1] not in _SMALL:
            return None
        try:
            found[name] = conversion(unit[1], target)[0]
        except UnitError:
            return None
    return found
