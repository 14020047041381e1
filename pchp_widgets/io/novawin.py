"""Isotherms as Quantachrome's NovaWin and its kin write them as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .tables.isotherms import Table, bar_per, dataset, kelvin, metadata, number_in, numbers, uptake_factor

_FIELDS = (
    "Operator", "Date", "Sample ID", "Filename", "Sample Desc", "Comment", "Sample weight", "Sample Volume",
    "Outgas Time", "OutgasTemp", "Analysis gas", "Bath Temp", "Press. Tolerance", "Equil time", "Equil timeout",
    "Analysis Time", "End of run", "Instrument", "Cell ID", "Non-ideality",
)  # fmt: skip
_ANY_FIELD = re.compile("(" + "|".join(re.escape(name) for name in _FIELDS) + r")\s*:")


class NovaWinReader:
    """Raw isotherms of Quantachrome instruments, as text."""

    name = "quantachrome-text"
    description = "isotherms of Quantachrome instruments (NovaWin, ASiQwin) as text"
    suffixes = (".txt",)
    version = "1"
    fallback = False
    technique = "sorption"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        if b"Quantachrome" not in head[:2000]:
            return "Quantachrome is not named in its first lines"
        return None if b"Analysis gas" in head and b"P/Po" in head else "no 'Analysis gas' and no column P/Po"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        text = path.read_bytes().decode("latin-1")
        lines = text.splitlines()
        at = next((place for place, line in enumerate(lines) if "P/Po" in line), None)
        if at is None:
            raise ReaderError(path, "ends before the table of points")
        headers = re.split(r"\s{2,}", lines[at].strip())
        rows = [line.split() for line in lines[at + 1 :] if re.match(r"\s*[-+]?\d", line)]
        short = [row for row in rows if len(row) != len(headers)]
        cut = bool(short) or not text.endswith("\n")
        if cut and not options.partial:
            raise ReaderError(path, "ends in the middle of a line: partial=True gives the points before that")
        rows = [row for row in rows if len(row) == len(headers)]
        if not rows:
            raise ReaderError(path, "has no points")
        said = ["the file ends in the middle of a line; the points before that were read"] if cut else []
        units = re.split(r"\s{2,}", next((line.strip() for line in lines[at + 1 :] if line.strip()), ""))
        stated = fields(lines[:at])
        gas, temperature = stated.get("Analysis gas", ""), kelvin(stated.get("Bath Temp", "nan"))
        table = _table(path, headers, units, rows, number_in(stated.get("Sample weight", "nan")))
        return Measured(
            dataset(path, table, gas, temperature, said),
            metadata(
                gas,
                temperature,
                mass=_quantity(stated.get("Sample weight", "")),
                degas_time=_quantity(stated.get("Outgas Time", "").replace("hrs", "h")),
                degas_temperature=_quantity(stated.get("OutgasTemp", "").replace(" C", " degC")),
            ),
            _provenance(stated),
            dict(stated),
            said,
        )


def fields(lines: Sequence[str]) -> dict[str, str]:
    """Fields of the header, of which several stand in a line; of those that stand twice, the first."""
    found: dict[str, str] = {}
    for line in lines:
        places = [*_ANY_FIELD.finditer(line)]
        ends = [*(place.start() for place in places[1:]), len(line)]
        for place, end in zip(places, ends[: len(places)], strict=True):
            value = line[place.end() : end].strip()
            if value:
                found.setdefault(place[1], value)
    return found


def _table(path: Path, headers: list[str], units: list[str], rows: list[list[str]], mass: float) -> Table:
    volume = next((at for at, header in enumerate(headers) if header.startswith("Volume")), None)
    if volume is None:
        raise ReaderError(path, f"has no column 'Volume @ STP'; there are {', '.join(headers)}")
    # P/Po has no unit, so the units stand for the columns after it
    unit = dict(zip(headers[1:], units, strict=False))
    said = unit.get(headers[volume], "cc")
    per_gram = "/" in said
    if not per_gram and not mass > 0:
        raise ReaderError(path, "gives volumes, and no sample weight to divide them by")
    factor = uptake_factor(said if per_gram else f"{said} / g")
    if factor is None:
        raise ReaderError(path, f"volumes in {said!r}: cc or cc/g at STP are expected")
    table = Table(numbers(rows, volume) * factor / (1.0 if per_gram else mass))
    table.relative = numbers(rows, headers.index("P/Po"))
    if "Po" in headers:
        bar = bar_per(unit.get("Po", "Torr"))
        table.saturation = numbers(rows, headers.index("Po")) * (bar or np.nan)
    return table


def _quantity(text: str) -> str:
    """A quantity, unless the instrument writes 0 for one nobody typed."""
    return text if number_in(text) > 0 else ""


def _provenance(stated: dict[str, str]) -> dict[str, str]:
    own = {
        "instrument": "Instrument",
        "operator": "Operator",
        "start_time": "Date",
        "sample_id": "Sample ID",
        "comment": "Comment",
    }
    return {name: stated[field] for name, field in own.items() if stated.get(field)}
