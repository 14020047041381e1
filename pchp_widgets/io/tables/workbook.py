"""Workbooks (.xlsx, .xls) as texts: each sheet a table between tabs, for the readers of texts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract import ReaderError

if TYPE_CHECKING:
    import polars as pl

XLSX, XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DURATION = re.compile(r"^(?:1899|1900|1901|1902|1903)-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$")
_SPARSE, _ALWAYS = 100, 100_000
"""A sheet of more places than this many for each cell, and this many besides, has a cell at a wrong address."""
_ZERO, _LEAP_BUG = datetime(1899, 12, 31), datetime(1900, 3, 1)  # noqa: DTZ001  dates of Excel have no zone


def is_workbook(head: bytes) -> bool:
    """Whether a file begins as an Excel workbook: a zip whose parts are those of a workbook, or a compound file."""
    if head.startswith(XLSX):
        return b"xl/" in head or b"[Content_Types].xml" in head[:200]
    return head.startswith(XLS)


def sheets(path: Path) -> dict[str, bytes]:
    """Text of each sheet that holds anything, by name: UTF-8, tabs between cells, a line per row.

    Numbers are written so that they read back exactly, dates as ``2024-11-01 09:00:00``, durations as a clock
    shows them.

    Raises
    ------
    ReaderError
        When the workbook is damaged.
    """
    raw = path.read_bytes()
    if not raw:
        raise ReaderError(path, "the file is empty (0 bytes)")
    try:
        found = _of_xlsx(raw) if raw.startswith(XLSX) else _of_xls(raw)
    except Exception as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ReaderError(path, f"the workbook is damaged or cut ({why}); nothing of it can be read") from error
    return {name: _text(frame) for name, frame in found.items() if frame.width and frame.height}


def _of_xlsx(raw: bytes) -> dict[str, pl.DataFrame]:
    import io

    import fastexcel

    with zipfile.ZipFile(io.BytesIO(raw)) as parts:  # a wrong cell address would ask for more memory than there is
        damaged = parts.testzip()
    if damaged:
        raise ValueError(f"its part {damaged} is not as it was written")
    book = fastexcel.read_excel(raw)
    found = {}
    for name in book.sheet_names:
        texts = book.load_sheet(name, header_row=None, dtypes="string").to_polars()
        numbers = book.load_sheet(name, header_row=None, dtypes="float", dtype_coercion="coerce").to_polars()
        found[name] = texts.select(_exact(text, numbers[text.name]) for text in texts)
    return found


def _exact(texts: pl.Series, numbers: pl.Series) -> pl.Series:
    """Cells of a column as texts; fastexcel rounds numbers it turns into texts."""
    is_number = numbers.is_not_null() & texts.str.contains(r"^[-+.\d]")
    return numbers.cast(texts.dtype).zip_with(is_number, texts)


def xls_values(path: Path) -> dict[str, list[list[Any]]]:
    """Values of each sheet of an .xls by name: numbers, texts and "" in rows of the same length.

    Raises
    ------
    ReaderError
        When the workbook is damaged.
    """
    raw = path.read_bytes()
    try:
        return dict(_xls_sheets(raw, lambda cell, _: cell.value))
    except Exception as error:  # noqa: BLE001  a damaged workbook fails in many ways
        raise ReaderError(path, f"is no whole Excel workbook ({type(error).__name__}: {error})") from None


def _of_xls(raw: bytes) -> dict[str, pl.DataFrame]:
    import polars as pl

    return {
        name: pl.DataFrame(rows, schema=[str(i) for i in range(len(rows[0]) if rows else 0)], orient="row")
        for name, rows in _xls_sheets(raw, _cell)
    }


def _xls_sheets(raw: bytes, value: Callable[[Any, int], Any]) -> Iterator[tuple[str, list[list[Any]]]]:
    """Name and rows of each sheet, each cell as `value` makes it of the cell and the first year of its dates."""
    import xlrd

    with xlrd.open_workbook(file_contents=raw, logfile=_Silent(), on_demand=True, ragged_rows=True) as book:
        if not book.nsheets:
            raise ValueError("it has no sheet")
        for name in book.sheet_names():
            sheet = book.sheet_by_name(name)
            rows = [[value(cell, book.datemode) for cell in sheet.row(at)] for at in range(sheet.nrows)]
            width, filled = max(map(len, rows), default=0), sum(map(len, rows))
            if len(rows) * width > _SPARSE * filled + _ALWAYS:  # before it is asked of the memory
                raise ValueError(f"sheet {name!r} would be {len(rows)} rows by {width} columns of {filled} cells")
            yield name, [row + [""] * (width - len(row)) for row in rows if width]
            book.unload_sheet(name)


def _cell(cell: Any, datemode: int) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        return f"{xlrd.xldate_as_datetime(cell.value, datemode):%Y-%m-%d %H:%M:%S.%f}"
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return f"{cell.value:.0f}" if cell.value == int(cell.value) else repr(cell.value)
    return str(cell.value) if cell.ctype == xlrd.XL_CELL_TEXT else ""


def _text(frame: pl.DataFrame) -> bytes:
    import polars as pl

    clean = frame.select(pl.all().cast(pl.String).fill_null("").str.replace_all(r"[\t\r\n]", " "))
    spans = [name for name in clean.columns if clean[name].str.contains(_DURATION.pattern).any()]
    if spans:
        clean = clean.with_columns(pl.col(spans).map_elements(_duration, return_dtype=pl.String))
    lines = clean.select(pl.concat_str(pl.all(), separator="\t"))[:, 0].str.strip_chars_end("\t")
    tabs = lines.str.count_matches("\t", literal=True).to_numpy()
    missing = pl.Series(tabs.max(initial=0) - tabs)  # empty columns at the right are no columns
    padded = pl.select(pl.concat_str(lines, pl.lit("\t").repeat_by(missing).list.join("")))[:, 0]
    return ("\n".join(padded) + "\n").encode()


def _duration(text: str) -> str:
    """A duration, which Excel keeps as a date of 1900, as a clock shows it; any other text as it is."""
    if not _DURATION.match(text):
        return text
    date = datetime.fromisoformat(text)
    days = (date - _ZERO).days + (date >= _LEAP_BUG)
    return f"{days * 24 + date.hour}:{date:%M:%S.%f}".removesuffix(".000000")


class _Silent:
    """Takes what xlrd prints about odd workbooks."""

    def write(self, text: str) -> None:
        """Forget it."""

    def flush(self) -> None:
        """Nothing is kept."""
