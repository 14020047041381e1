"""Tables in text files.

The body goes to polars at once; only where something in it is out of order (a short line, text among numbers, a
repeated header) it is gone through line by line, so that every line left out is counted and named.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract import ReaderError
from .layout import CLOCK, GZIP, Layout, cells, is_number

if TYPE_CHECKING:
    import polars as pl


@dataclass
class Table:
    """The numbers and texts of a file by column, in the order of the file."""

    frame: pl.DataFrame
    lines: list[int] | None = None
    """Line of each row in the file, where lines were left out."""
    warnings: list[str] = field(default_factory=list)


def content(path: Path, *, partial: bool = False) -> tuple[bytes, str | None]:
    """Bytes of the text, and what is wrong with the gzip stream they come from, if anything.

    Raises
    ------
    ReaderError
        When the stream is damaged or cut and `partial` is not set.
    """
    raw = path.read_bytes()
    if not raw.startswith(GZIP):
        return raw, None
    try:
        return gzip.decompress(raw), None
    except Exception as error:  # noqa: BLE001  not zlib.error alone: fastnda puts isal in the place of zlib
        problem = f"the gzip stream is damaged or cut ({error})"
        if not partial:
            raise ReaderError(path, f"{problem}; partial=True gives what is before that") from None
    stream, sound = zlib.decompressobj(wbits=31), b""
    with suppress(Exception):
        for start in range(0, len(raw), 4096):
            sound += stream.decompress(raw[start : start + 4096])
    return sound, problem


def table(path: Path, found: Layout, needed: Sequence[int], *, partial: bool = False) -> Table:
    """The columns of a file.

    Parameters
    ----------
    path
        The file, which may be gzipped.
    found
        Its layout.
    needed
        Columns without which a line is of no use; lines where one holds no number are left out and counted.
    partial
        Take the lines before the end of a file that was cut.

    Raises
    ------
    ReaderError
        When the file was cut in the middle of a line and `partial` is not set, or no line is left.
    """
    raw, problem = content(path, partial=partial)
    if found.encoding.startswith("utf-16"):
        raw = raw.decode(found.encoding, errors="replace").encode()
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")  # line ends of old Macintosh software
    body, lines, doubts = _body(raw, found.body_line), None, [problem] if problem else []
    if body and not body.endswith(b"\n"):
        body, doubt = _cut(path, body, found, partial=partial)
        doubts.append(doubt)
    frame = None
    if body.count(found.delimiter.encode()) == body.count(b"\n") * (len(found.headers) - 1) and b'"' not in body:
        frame = _frame(body, found)
    if frame is None or frame.height != body.count(b"\n") or _unusable(frame, needed, found).any():
        body, lines, left_out = _sound_lines(body, found, needed)
        doubts += left_out
        frame = _frame(body, found)
    if not frame.height:
        raise ReaderError(path, "no line of numbers is left: " + "; ".join(doubts or ["the file ends at its header"]))
    return Table(frame, lines, doubts)


def _body(raw: bytes, lines: int) -> bytes:
    start = 0
    for _ in range(lines):
        start = raw.find(b"\n", start) + 1
    return raw[start:]


def _cut(path: Path, body: bytes, found: Layout, *, partial: bool) -> tuple[bytes, str]:
    """A body whose last line has no end: with the line where it is whole, else without it."""
    before, newline, last = body.rpartition(b"\n")
    if len(cells(last.decode("utf-8", errors="replace"), found.delimiter)) == len(found.headers):
        return body + b"\n", "the last line has no line end; if the file was cut, its last number may be cut short"
    number = found.body_line + 1 + before.count(b"\n") + len(newline)
    problem = f"the file is cut in the middle of line {number}"
    if not partial:
        raise ReaderError(path, f"{problem}; partial=True gives what is before that")
    return before + newline, f"{problem}; it is left out"


def _frame(body: bytes, found: Layout) -> pl.DataFrame:
    """Numbers as numbers, texts as texts; a cell of a number column that holds no number is null."""
    import polars as pl

    names = [str(i) for i in range(len(found.headers))]
    schema: dict[str, type[pl.DataType]] = {
        name: pl.String if int(name) in found.texts else pl.Float64 for name in names
    }
    if not body:
        return pl.DataFrame(schema=schema)

    def read(schema: dict[str, type[pl.DataType]], columns: list[int] | None = None) -> pl.DataFrame:
        return pl.read_csv(
            body,
            has_header=False,
            separator=found.delimiter,
            schema=schema,
            columns=columns,
            decimal_comma=found.decimal_comma,
            encoding="utf8-lossy",
            quote_char=None,
            ignore_errors=True,
            truncate_ragged_lines=True,
        )

    frame = read(schema)
    # numbers padded with blanks come out empty: these columns are read as text and stripped
    padded = [name for name in names if schema[name] is pl.Float64 and frame[name].null_count()]
    if padded:
        texts = read(dict.fromkeys(names, pl.String), [int(name) for name in padded])
        point = pl.all().str.strip_chars()
        point = point.str.replace(",", ".") if found.decimal_comma else point
        frame = frame.with_columns(texts.select(point.cast(pl.Float64, strict=False)).get_columns())
    return frame


def _unusable(frame: pl.DataFrame, needed: Sequence[int], found: Layout) -> pl.Series:
    import polars as pl

    tests = [
        pl.col(str(column)).str.contains(CLOCK) if column in found.clocks else pl.col(str(column)).is_finite()
        for column in needed
    ]
    return frame.select(~pl.all_horizontal(tests).fill_null(value=False)).to_series()


def _sound_lines(body: bytes, found: Layout, needed: Sequence[int]) -> tuple[bytes, list[int], list[str]]:
    """The lines that hold what is needed, their numbers in the file, and a sentence on each kind left out."""
    kept, numbers = [], []
    left_out: dict[str, list[int]] = {}
    for number, line in enumerate(body.split(b"\n"), found.body_line + 1):
        row = cells(line.decode("utf-8", errors="replace"), found.delimiter)
        fault = _fault(row, found, needed)
        if fault:
            left_out.setdefault(fault, []).append(number)
        elif any(row):
            kept.append(found.delimiter.join(cell.replace(found.delimiter, " ") for cell in row).encode() + b"\n")
            numbers.append(number)
    doubts = [
        f"{len(which)} line{'s' * (len(which) > 1)} {fault}: left out (line {', '.join(map(str, which[:3]))}"
        f"{', ...' if len(which) > 3 else ''})"
        for fault, which in left_out.items()
    ]
    return b"".join(kept), numbers, doubts


def _fault(row: Sequence[str], found: Layout, needed: Sequence[int]) -> str:
    """Why a line cannot be used; empty where it can, or is blank."""
    if not any(row):
        return ""
    if tuple(row) == found.headers:
        return "repeating the header"
    if len(row) != len(found.headers):
        return f"with {'fewer' if len(row) < len(found.headers) else 'more'} cells than there are headers"
    for column in needed:
        if column in found.clocks:
            sound = re.match(CLOCK, row[column]) is not None
        else:
            sound = is_number(row[column], found.delimiter)
        if not sound:
            return f"without a {'number' if row[column] else 'value'} for {found.headers[column]!r}"
    return ""
