"""Workbooks of Thermo Avantage, and of KherveFitting, which has the same spectra: a sheet per region."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .regions import Region, dataset, soundly

_ZIP = b"PK\x03\x04"
_HEADS = ("binding energy", "kinetic energy")
_SPECTRUM = "Counts / s"


class AvantageReader:
    """Sheets whose columns are "Binding Energy (E)" and "Counts / s"; fitted components are kept aside.

    A workbook says neither how long a point was counted nor the energy of the radiation. What its sheet
    "Quantifications" tabulates is kept in the settings.
    """

    name = "avantage-xlsx"
    description = "Thermo Avantage export to Excel, also as KherveFitting saves it"
    suffixes = (".xlsx",)
    version = "1"
    fallback = True  # nothing but the whole workbook tells whose it is
    technique = "photoemission"

    def sniff(self, head: bytes) -> str | None:
        """None for an Excel workbook; which one it is, only its sheets tell."""
        if not head.startswith(_ZIP):
            return "is no Excel workbook"
        if b"[Content_Types].xml" in head or b"xl/" in head or b"_rels/" in head:
            return None
        return "is a zip of something else than a workbook"

    @soundly
    def read(self, path: Path, options: ReadOptions) -> Measured:  # noqa: ARG002  nothing of a cut zip is readable
        """Read all sheets with a spectrum.

        Raises
        ------
        ReaderError
            When it is no workbook, or no sheet has a binding energy and counts.
        """
        import openpyxl  # type: ignore[import-untyped]

        try:
            book = openpyxl.load_workbook(BytesIO(path.read_bytes()), read_only=True, data_only=True)
        except Exception as error:
            raise ReaderError(path, f"is no readable Excel workbook ({type(error).__name__}: {error})") from error
        regions: list[Region] = []
        settings: dict[str, object] = {}
        provenance: dict[str, str] = {}
        warnings: list[str] = []
        try:
            for sheet in book.worksheets:
                rows = list(sheet.iter_rows(values_only=True))
                heads = next((at for at, row in enumerate(rows[:40]) if _is_head(row)), None)
                if heads is not None:
                    regions.append(_region(path, sheet.title, rows[heads:]))
                elif sheet.title.startswith("Quantif"):
                    settings["quantifications"] = [[_plain(cell) for cell in row] for row in rows]
                elif sheet.title == "Titles":
                    provenance = _titles(rows)
        finally:
            book.close()
        if not regions:
            other = "is it a table of another technique, or of a cell, export it as text and open that"
            raise ReaderError(path, f"no sheet has a column 'Binding Energy' with counts beside it; {other}")
        data = dataset(path, regions, warnings)
        return Measured(data, provenance=provenance, settings=settings, warnings=warnings)


def _is_head(row: Iterable[Any]) -> bool:
    first = next(iter(row), None)
    return isinstance(first, str) and first.strip().lower().startswith(_HEADS)


def _region(path: Path, title: str, rows: list[tuple[Any, ...]]) -> Region:
    name = re.sub(r"\s*Scan.*$", "", title)
    if str(rows[0][0]).strip().lower().startswith("kinetic"):
        reason = f"sheet {title!r}: is over kinetic energy, and the workbook does not say the energy of the radiation"
        raise ReaderError(path, f"{reason}; export it over binding energy")
    units = [str(cell).strip() if cell is not None else "" for cell in rows[1]] if len(rows) > 1 else []
    column = units.index(_SPECTRUM) if _SPECTRUM in units else 1
    table = [(row[0], row[column]) for row in rows[1:] if len(row) > column and _real(row[0]) and _real(row[column])]
    energy, intensity = np.array(table, float).reshape(-1, 2).T
    return Region(name, energy, intensity)


def _real(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _plain(cell: object) -> object:
    return cell if isinstance(cell, int | float | str | None) else str(cell)


def _titles(rows: list[tuple[Any, ...]]) -> dict[str, str]:
    """When it was written, and the binding energy that Avantage took for carbon."""
    found = {"software": "Thermo Avantage"}
    for row in rows:
        match row[:2]:
            case (str(first), value) if first.strip() == "Carbon BE" and _real(value):
                found["carbon_reference"] = f"{value} eV"
            case (str(first), _) if re.match(r"\d\d:\d\d:\d\d\s", first):
                try:
                    when = datetime.strptime(" ".join(first.split()), "%H:%M:%S %A, %B %d, %Y")  # noqa: DTZ007
                except ValueError:
                    continue
                found["start_time"] = when.isoformat()
    return found
