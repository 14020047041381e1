"""Csv exported by Setaram: semicolons, decimal commas, and numbers that a spreadsheet may have spoiled on the way."""

from __future__ import annotations

import re
from pathlib import Path

from .calorimetry import assigned, curve
from .contract import Measured, ReaderError, ReadOptions
from .tables.rows import decoded, number_rows

_HEADERS = re.compile(r"Furnace Temperature|Sample Temperature", re.IGNORECASE)
_GROUPED = re.compile(r"^-?\d{1,3}(\.\d{3}){2,}$")
_SPOILED = 0.2


class SetaramReader:
    """``.csv`` of Calisto and SETSOFT."""

    name = "setaram-csv"
    description = "Setaram csv (DSC)"
    suffixes = (".csv", ".txt")
    version = "1"
    fallback = False
    technique = "thermal"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no Setaram csv."""
        first = decoded(head).split("\n", 1)[0]
        if ";" not in first or not _HEADERS.search(first):
            return "its first line does not name a furnace or sample temperature between semicolons"
        return None if re.search(r"heat ?flow", first, re.IGNORECASE) else "none of its columns is a heat flow"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file.

        Raises
        ------
        ReaderError
            Also when the decimal sign was lost: ``50.026.184`` may be 50.026184 or 5002.6184, and nothing in the file
            says which.
        """
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        titles = [cell.strip() for cell in lines[0].strip().split(";")] if lines else []
        places = assigned(path, titles, (), options)
        cells = [cell.strip() for line in lines[1:] for cell in line.split(";")[1:]]
        grouped = [cell for cell in cells if _GROUPED.match(cell)]
        if cells and len(grouped) > _SPOILED * len(cells):
            raise ReaderError(
                path,
                f"numbers such as {grouped[0]} have lost their decimal sign: a spreadsheet took points for marks of "
                "thousands, and where the decimals begin cannot be told. Export the file again and open that",
            )
        comma = any("," in cell for cell in lines[1].split(";")) if len(lines) > 1 else False
        comma = comma or any("," in cell for cell in cells[:200])
        rows, said = number_rows(
            path, lines[1:], len(titles), delimiter=";", decimal_comma=comma, partial=options.partial, first_line=2
        )
        columns = {name: (rows[:, at], one.units) for name, (at, one) in places.items()}
        exo_up = next((one.exo_up for _, one in places.values() if one.exo_up is not None), None)
        data, doubts = curve(path, columns, exo_up=exo_up, attrs={})
        return Measured(data, warnings=[*said, *doubts])
