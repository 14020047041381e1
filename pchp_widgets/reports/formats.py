"""Further files of a report: its tables in one workbook, its figures as vectors of publication size."""

from __future__ import annotations

import csv
import io
import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..plots.export import export
from ..plots.picture import Picture
from .errors import ReportError

FORMATS = ("xlsx", "svg", "pdf", "png")
"""What a report can be written as, beside its page, notebook and csv tables."""
FIGURES_TO = "PCHP_REPORT_FIGURES"
"""Environment variable of an unattended run: folder and formats of its figures, ``folder:svg,pdf``."""

_LONGEST_SHEET = 31  # letters, as Excel has it
_number = itertools.count(1)


def checked_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """Formats as they were asked for.

    Raises
    ------
    ReportError
        When there is no such format; names those there are.
    """
    unknown = [one for one in formats if one not in FORMATS]
    if unknown:
        raise ReportError(f"format {unknown[0]!r}: there is none; choose of {', '.join(FORMATS)}")
    return tuple(dict.fromkeys(formats))


def figures_environment(folder: Path, formats: Sequence[str]) -> dict[str, str]:
    """What tells a run to write its figures; empty where none is asked for."""
    drawn = [one for one in formats if one != "xlsx"]
    return {FIGURES_TO: os.pathsep.join([str(folder.resolve()), ",".join(drawn)])} if drawn else {}


def write_figures(pictures: Sequence[Picture]) -> None:
    """Write the pictures of one figure, where this run was told to: ``figure-01.svg``, ``figure-02-1.svg``, ..."""
    told = os.environ.get(FIGURES_TO)
    if not told:
        return
    folder, _, formats = told.rpartition(os.pathsep)
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    number = next(_number)
    for ending in formats.split(","):
        for part, picture in enumerate(pictures, 1):
            name = f"figure-{number:02d}" + (f"-{part}" if len(pictures) > 1 else "")
            export({name: picture}, place / f"{name}.{ending}", arrange=lambda figures: figures)


def write_workbook(tables: Mapping[str, str], path: Path) -> None:
    """Write tables into one workbook, a sheet each.

    Parameters
    ----------
    tables
        Their csv text by name.
    path
        The file.
    """
    from openpyxl import Workbook  # type: ignore[import-untyped]

    book = Workbook()
    book.remove(book.active)
    for name, text in tables.items():
        sheet = book.create_sheet(_sheet_name(name, book.sheetnames))
        for row in csv.reader(io.StringIO(text)):
            sheet.append([_value(cell) for cell in row])
        sheet.freeze_panes = "A2"
    if not tables:
        book.create_sheet("no tables")
    book.save(path)


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    short = name[:_LONGEST_SHEET]
    for number in itertools.count(2):
        if short not in taken:
            break
        short = f"{name[: _LONGEST_SHEET - 3]}_{number}"
    return short


def _value(cell: str) -> str | float | int | None:
    """A number where the text is one; text that begins like a formula stays text."""
    if not cell:
        return None
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return f"'{cell}" if cell[0] in "=+-@" else cell
