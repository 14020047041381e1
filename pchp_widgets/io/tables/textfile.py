"""Tables in text files.

The body goes to polars at once; only where something in it is out of order (a short line, text among numbers, a
repeated header) it is gone through line by line, so that every line left out is counted and named.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..contract import HEAD_BYTES, ReaderError
from .headers import headings
from .layout import CLOCK, GZIP, Layout, cells, is_number

if TYPE_CHECKING:
    import polars as pl

IntArray = npt.NDArray[np.int64]


_END_OF_LINE = b"\n"
_UNENDED = "the last line has no line end; if the file was cut, its last number may be cut short"


@dataclass
class Text:
    """A text that is not simply the file: unpacked, cut out of it, or put together from its parts."""

    raw: bytes
    problem: str = ""
    """What is wrong with the file it comes from."""
    lines: Sequence[int] | None = None
    """Line (or row) of the file that each line was; None where they are the lines of the file from its beginning."""


@dataclass
class Table:
    """The numbers and texts of a file by column, in the order of the file."""

    frame: pl.DataFrame
    lines: IntArray | None = None
    """Line of each row in the file, where lines were left out."""
    warnings: list[str] = field(default_factory=list)


def content(path: Path, *, partial: bool = False) -> Text:
    """The text of a file that may be gzipped.

    Raises
    ------
    ReaderError
        When the stream is damaged or cut and `partial` is not set.
    """
    raw = path.read_bytes()
    if not raw.startswith(GZIP):
        return Text(raw)
    try:
        return Text(gzip.decompress(raw))
    except Exception as error:  # noqa: BLE001  not zlib.error alone: fastnda puts isal in the place of zlib
        problem = f"the gzip stream is damaged or cut ({error})"
        if not partial:
            raise ReaderError(path, f"{problem}; partial=True gives what is before that") from None
    stream, sound = zlib.decompressobj(wbits=31), b""
    with suppress(Exception):
        for start in range(0, len(raw), 4096):
            sound += stream.decompress(raw[start : start + 4096])
    return Text(sound, problem)


def table(
    path: Path, found: Layout, needed: Sequence[int], *, partial: bool = False, text: Text | None = None
) -> Table:
    """The columns of a file.

    Parameters
    ----------
    path
        The file, which may be gzipped.
    found
        Its layout, or that of `text`.
    needed
        Columns without which a line is of no use; lines where one holds no number are left out and counted.
    partial
        Take the lines before the end of a file that was cut.
    text
        What to read, where it is not the file itself.

    Raises
    ------
    ReaderError
        When the file was cut in the middle of a line and `partial` is not set, or no line is left.
    """
    if text is None and _is_as_it_stands(path, found):
        frame = _whole(path, found, needed)
        if frame is not None:
            return Table(frame)
    text = text or content(path, partial=partial)
    raw = text.raw.decode(found.encoding, errors="replace").encode() if "utf-16" in found.encoding else text.raw
    if _END_OF_LINE not in raw:
        raw = raw.replace(b"\r", _END_OF_LINE)  # line ends of old Macintosh software
    body, lines, doubts = _body(raw, found.body_line), None, [text.problem] if text.problem else []
    numbers = text.lines[found.body_line :] if text.lines is not None else None
    if body and not body.endswith(_END_OF_LINE):
        body, doubt = _cut(path, body, found, numbers, partial=partial)
        doubts.append(doubt)
    frame = _whole(body, found, needed)
    if frame is None:
        body, lines, left_out = _sound_lines(body, found, needed, numbers)
        doubts += left_out
        frame = _frame(body, found)
    if not frame.height:
        raise ReaderError(path, "no line of numbers is left: " + "; ".join(doubts or ["the file ends at its header"]))
    return Table(frame, lines, doubts)


def _is_as_it_stands(path: Path, found: Layout) -> bool:
    """Whether the bytes on the disk are lines of the text, the last of them with its end."""
    if "utf-16" in found.encoding:
        return False
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(-1, os.SEEK_END)
        return not head.startswith(GZIP) and _END_OF_LINE in head and file.read(1) == _END_OF_LINE


def _whole(source: Path | bytes, found: Layout, needed: Sequence[int]) -> pl.DataFrame | None:
    """All columns at one go, or None where a line is out of order.

    A line with more cells than there are headers is refused by polars; one with fewer lacks the last of them.
    """
    import polars as pl

    try:
        frame = _frame(source, found, strict=True)
    except pl.exceptions.PolarsError:
        return None
    clocks = [column for column in needed if column in found.clocks]
    if not frame.height or any(frame[str(column)].null_count() for column in needed):
        return None
    if clocks and _unusable(frame, clocks, found).any():
        return None
    quotes = [pl.col(str(i)).str.contains('"', literal=True).any() for i in found.texts]
    quoted = bool(quotes) and any(frame.select(quotes).row(0))
    if not quoted and not any(column.null_count() for column in frame):
        return frame
    raw = source if isinstance(source, bytes) else _body(source.read_bytes(), found.body_line)
    lines, last = raw.count(_END_OF_LINE), frame.width - 1
    whole = raw.count(found.delimiter.encode()) == lines * last and frame.height == lines
    return frame if whole and b'"' not in raw else None


def _body(raw: bytes, lines: int) -> bytes:
    start = 0
    for _ in range(lines):
        start = raw.find(_END_OF_LINE, start) + 1
    return raw[start:]


def _cut(path: Path, body: bytes, found: Layout, numbers: Sequence[int] | None, *, partial: bool) -> tuple[bytes, str]:
    """A body whose last line has no end: with the line where it is whole, else without it."""
    before, newline, last = body.rpartition(_END_OF_LINE)
    if len(cells(last.decode("utf-8", errors="replace"), found.delimiter)) == len(found.headers):
        return body + _END_OF_LINE, _UNENDED
    at = before.count(_END_OF_LINE) + len(newline)
    number = numbers[at] if numbers is not None else found.body_line + 1 + at
    problem = f"the file is cut in the middle of line {number}"
    if not partial:
        raise ReaderError(path, f"{problem}; partial=True gives what is before that")
    return before + newline, f"{problem}; it is left out"


def _frame(source: Path | bytes, found: Layout, *, strict: bool = False) -> pl.DataFrame:
    """Numbers as numbers, texts as texts; a cell of a number column that holds no number is null.

    Of a file, what is below its header; of bytes, all. `strict` refuses lines of too many cells.
    """
    import polars as pl

    names = [str(i) for i in range(len(found.headers))]
    known = headings(found.headers, found.units)
    counts = {str(known[name][0]) for name in ("instrument_cycle", "instrument_step") if name in known}
    schema: dict[str, type[pl.DataType]] = {
        name: pl.String if int(name) in found.texts else pl.Int64 if name in counts else pl.Float64 for name in names
    }
    if source == b"":
        return pl.DataFrame(schema=schema)

    def read(schema: dict[str, type[pl.DataType]], columns: list[int] | None = None) -> pl.DataFrame:
        return pl.read_csv(
            source,
            has_header=False,
            skip_lines=0 if isinstance(source, bytes) else found.body_line,
            separator=found.delimiter,
            schema=schema,
            columns=columns,
            decimal_comma=found.decimal_comma,
            encoding="utf8-lossy",
            quote_char=None,
            ignore_errors=True,
            truncate_ragged_lines=not strict,
        )

    frame = read(schema)
    # numbers padded with blanks come out empty: these columns are read as text and stripped
    padded = [name for name in names if schema[name] is not pl.String and frame[name].null_count()]
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


def lines_of(text: str) -> pl.Series:
    """The lines of a text; an empty one after its last line end is none."""
    import polars as pl

    return pl.Series("line", [text.removesuffix("\n")]).str.split("\n").explode().str.strip_chars_end("\r")


def _sound_lines(
    body: bytes, found: Layout, needed: Sequence[int], lines: Sequence[int] | None
) -> tuple[bytes, IntArray, list[str]]:
    """The lines that hold what is needed, their numbers in the file, and a sentence on each kind left out.

    Only those that are not simply as many cells as there are headers, with numbers where they are needed, are looked
    at one by one.
    """
    import polars as pl

    text = lines_of(body.decode("utf-8", errors="replace"))
    cells_each = text.str.count_matches(found.delimiter, literal=True) + 1
    plain = (cells_each == len(found.headers)) & ~text.str.contains('"', literal=True)
    usable = plain.to_numpy().copy()
    frame = _frame(_joined(text.filter(plain)), found)
    usable[usable] = ~_unusable(frame, needed, found).to_numpy()
    odd = np.flatnonzero(~usable)
    left_out: dict[str, list[int]] = {}
    mended: dict[int, str] = {}
    for at in odd.tolist():
        row = cells(text[at], found.delimiter)
        fault = _fault(row, found, needed)
        if fault:
            number = lines[at] if lines is not None and at < len(lines) else found.body_line + 1 + at
            left_out.setdefault(fault, []).append(number)
        elif any(row):
            mended[at] = found.delimiter.join(cell.replace(found.delimiter, " ") for cell in row)
    if mended:
        text = text.scatter(list(mended), list(mended.values()))
        usable[list(mended)] = True
    kept = np.flatnonzero(usable)
    numbers = np.asarray(lines)[kept] if lines is not None else found.body_line + 1 + kept
    doubts = [
        f"{len(which)} line{'s' * (len(which) > 1)} {fault}: left out (line {', '.join(map(str, which[:3]))}"
        f"{', ...' if len(which) > 3 else ''})"
        for fault, which in left_out.items()
    ]
    return _joined(text.filter(pl.Series(usable))), numbers, doubts


def _joined(lines: pl.Series) -> bytes:
    return str(lines.str.join("\n").item()).encode() + _END_OF_LINE if len(lines) else b""


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
