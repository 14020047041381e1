"""Isotherms as Micromeritics' MicroActive writes them to an Excel workbook (.xls)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .tables.isotherms import Table, bar_per, dataset, kelvin, metadata, number_in, uptake_factor
from .tables.workbook import xls_values

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (b"Required Inputs", b"Test 0", b"R\0e\0q\0u\0i\0r\0e\0d\0 \0I\0n\0p\0u\0t\0s")
_TABLE = "Isotherm Tabular Report"
_PLACES = ("Relative Pressure", "Absolute Pressure")


class MicromeriticsReader:
    """Reports of Micromeritics instruments as .xls."""

    name = "micromeritics-xls"
    description = "reports of Micromeritics instruments (MicroActive) as .xls"
    suffixes = (".xls",)
    version = "1"
    fallback = True  # nothing but the whole workbook tells whose it is
    technique = "sorption"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        if not head.startswith(_OLE):
            return "no Excel workbook (.xls)"
        return "its sheets are those of another instrument" if any(word in head for word in _OTHERS) else None

    def read(self, path: Path, options: ReadOptions) -> Measured:  # noqa: ARG002  a part of a workbook is none
        """Read the whole file."""
        rows = _rows(path)
        places = [
            (row, column) for row, cells in enumerate(rows) for column, cell in enumerate(cells) if cell == _TABLE
        ]
        if not places:
            raise ReaderError(
                path,
                f"is an Excel workbook without a {_TABLE!r}: of Micromeritics, export the report with it;"
                " of another instrument, as text",
            )
        stated = _stated(rows)
        gas = stated.get("Analysis adsorptive", "")
        temperature = kelvin(stated.get("Analysis bath temp.", "nan"))
        said: list[str] = []
        table = _table(path, rows, *places[0], gas)
        mass = number_in(stated.get("Sample mass", "nan"))
        if mass == 1.0:
            said.append(
                "the sample mass is 1.0000 g, as where nobody weighed: amounts may be those of the whole sample"
            )
        own = {
            "instrument": str(rows[1][0]) if len(rows) > 1 and rows[1] else "",
            "operator": stated.get("Operator", ""),
            "start_time": stated.get("Started", ""),
            "sample_id": stated.get("Sample", ""),
        }
        return Measured(
            dataset(path, table, gas, temperature, said),
            metadata(gas, temperature, mass=f"{mass!r} g" if mass > 0 else ""),
            {name: text for name, text in own.items() if text},
            dict(stated),
            said,
        )


def _rows(path: Path) -> list[list[object]]:
    """The first sheet, its texts without blanks around them."""
    first, *_ = xls_values(path).values()
    return [[cell.strip() if isinstance(cell, str) else cell for cell in row] for row in first]


def _stated(rows: Sequence[Sequence[object]]) -> dict[str, str]:
    """Fields of the header: a name that ends with a colon, and what stands to its right."""
    found: dict[str, str] = {}
    for cells in rows:
        for at, cell in enumerate(cells[:-1]):
            if isinstance(cell, str) and cell.endswith(":"):
                value = str(cells[at + 1]).strip()
                if value and value != "|" and not value.endswith(":"):
                    found.setdefault(cell[:-1], value)
    return found


def _table(path: Path, rows: list[list[object]], top: int, left: int, gas: str) -> Table:
    """The table below its title: headers, then numbers, the first of which may be a vapour pressure alone."""
    head = next((row for row in range(top + 1, len(rows)) if str(rows[row][left]).startswith(_PLACES)), None)
    if head is None:
        raise ReaderError(path, f"below {_TABLE!r} no column of pressures begins")
    headers: list[str] = []
    for cell in rows[head][left:]:
        if not isinstance(cell, str) or cell in {"", "|"}:
            break
        headers.append(cell)
    right, bottom = left + len(headers), head + 1
    while bottom < len(rows) and any(isinstance(cell, float) for cell in rows[bottom][left:right]):
        bottom += 1
    body = np.array(
        [
            [cell if isinstance(cell, float) else np.nan for cell in _filled(rows[row][left:right], len(headers))]
            for row in range(head + 1, bottom)
        ]
    ).reshape(-1, len(headers))
    column = {header.partition("(")[0].strip(): body[:, at] for at, header in enumerate(headers)}
    unit = {header.partition("(")[0].strip(): _unit(header) for header in headers}
    name = next((name for name in column if name.startswith("Quantity Adsorbed")), None)
    factor = uptake_factor(unit[name], gas) if name else None
    if name is None or factor is None:
        raise ReaderError(path, f"below {_TABLE!r} there is no quantity adsorbed per mass, but {', '.join(headers)}")
    point = np.isfinite(column[name])
    table = Table(column[name][point] * factor)
    if "Relative Pressure" in column:
        table.relative = column["Relative Pressure"][point]
    for ours, theirs in (("pressure", "Absolute Pressure"), ("saturation", "Saturation Pressure")):
        bar = bar_per(unit.get(theirs, ""))
        if theirs in column and bar:
            setattr(table, ours, _carried(column[theirs])[point] * bar)
    return table


def _filled(cells: list[object], count: int) -> list[object]:
    return [*cells, *[""] * (count - len(cells))]


def _unit(header: str) -> str:
    """What stands in the brackets of a header; those of p/p° hold no unit."""
    found = re.search(r"\((.*)\)", header)
    return found[1] if found else ""


def _carried(values: np.ndarray) -> np.ndarray:
    """Each value, or the last one before it: a vapour pressure is written where it was measured."""
    known = np.isfinite(values)
    if not known.any():
        return values
    last = np.maximum.accumulate(np.where(known, np.arange(len(values)), 0))
    found: np.ndarray = values[np.where(last, last, int(np.argmax(known)))]
    return found
