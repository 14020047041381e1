"""Rows of numbers in a text whose layout is known: fast where all are in order, line by line where one is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..contract import ReaderError

FloatArray = npt.NDArray[np.float64]

_MOST_DAMAGED = 0.02
_END = re.compile(r"[\r\n]$")


def decoded(data: bytes) -> str:
    """Text of a file: UTF-16 or UTF-8 where it is that, else Windows' Latin-1, which every byte sequence is."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def open_end(text: str) -> list[str]:
    """What there is to say of a text whose last line has no end; nothing of others."""
    return [] if text.endswith("\n") else ["the last line has no end: the file may be cut"]


def number_rows(
    path: Path,
    lines: Sequence[str],
    columns: int,
    *,
    delimiter: str | None = None,
    decimal_comma: bool = False,
    partial: bool = False,
    first_line: int = 1,
) -> tuple[FloatArray, list[str]]:
    """Numbers (row, column) of lines, and what is to be said about those that were left out.

    Parameters
    ----------
    path
        Named in errors.
    lines
        With their line ends where they have one: a last line without one may be cut and is left out. Empty lines are
        passed over.
    columns
        How many numbers a row has; cells that are empty are NaN.
    delimiter
        Blanks when left out.
    decimal_comma
        Whether numbers are written ``1,5``.
    partial
        Take what is sound however much is damaged.
    first_line
        Number of the first line in the file.

    Raises
    ------
    ReaderError
        When there is no sound row, or more than 2 % are damaged and `partial` is not set.
    """
    said = []
    last = lines[-1] if lines else ""
    if last.strip() and not _END.search(last):
        said.append("the last line has no end, so the file may be cut: it is left out")
        lines = lines[:-1]
    numbered = [(at, line) for at, line in enumerate(lines, first_line) if line.strip()]
    texts = [line.replace(",", ".") if decimal_comma else line for _, line in numbered]
    rows = [_cells(text, delimiter) for text in texts]
    try:
        values = np.array(rows, dtype=float)
        sound = values.ndim == 2 and values.shape[1] == columns
    except ValueError:
        sound = False
    if not sound:
        found = [_numbers(row, columns) for row in rows]
        bad = [number for (number, _), one in zip(numbered, found, strict=True) if one is None]
        if bad and len(bad) > max(1, _MOST_DAMAGED * len(rows)) and not partial:
            reason = f"{len(bad)} of {len(rows)} rows are not {columns} numbers, the first in line {bad[0]}"
            raise ReaderError(path, f"{reason}; partial=True gives the others")
        if bad:
            said.append(f"{len(bad)} rows are not {columns} numbers, the first in line {bad[0]}: left out")
        values = np.array([one for one in found if one is not None], dtype=float).reshape(-1, columns)
    if not len(values):
        raise ReaderError(path, "there is no row of numbers below the header")
    return values, said


def _cells(text: str, delimiter: str | None) -> list[str]:
    cells = text.split(delimiter) if delimiter is None else text.strip("\r\n").split(delimiter)
    return [cell.strip() or "nan" for cell in cells] if delimiter is not None else cells


def _numbers(row: Sequence[str], columns: int) -> list[float] | None:
    """The numbers of a row; trailing empty cells are no columns."""
    while len(row) > columns and row[-1] == "nan":
        row = row[:-1]
    if len(row) != columns:
        return None
    try:
        return [float(cell) for cell in row]
    except ValueError:
        return None
