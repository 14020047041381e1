"""How a text file is laid out: encoding, delimiter, decimal sign, header, units row and where the numbers begin.

All of it is read off the first bytes, so that sniffing and reading cannot disagree.
"""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from ..contract import HEAD_BYTES
from .headers import headings, is_unit
from .impedance_headers import impedance_columns, is_impedance_unit

_DELIMITERS = (";", "\t", ",", "|")
_NAMES = {";": "semicolons", "\t": "tabs", ",": "commas", "|": "bars"}
_NUMBER = re.compile(r"\s*[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?\s*")
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d*,\d+(?:[eE][-+]?\d+)?\s*")
CLOCK = r"^\s*(?:(\d+)(?:\s*[d.]?\s+|-))?(\d+):([0-5]?\d):([0-5]?\d(?:[.,]\d+)?)\s*$"
"""A duration as a clock shows it: ``12:34:56.789``, ``1d 00:00:00.00`` or ``1-00:00:00``."""
GZIP = b"\x1f\x8b"


class NotATableError(ValueError):
    """Why the first bytes of a file are no table of numbers."""


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out, as its first bytes show."""

    encoding: str
    delimiter: str
    decimal_comma: bool
    headers: tuple[str, ...]
    units: tuple[str, ...]
    """Cells of the units row, empty where there is none; ``"s"`` for durations written as a clock shows them."""
    body_line: int
    """Index of the first line of numbers."""
    texts: frozenset[int]
    """Columns whose first cells are no numbers."""
    clocks: frozenset[int]
    """Columns of durations like ``12:34:56``."""
    preamble: tuple[str, ...] = ()


def text_head(head: bytes) -> bytes:
    """The first bytes of the text, decompressed where the file is gzipped."""
    if not head.startswith(GZIP):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
    except Exception:  # noqa: BLE001  not zlib.error alone: fastnda puts isal in the place of zlib
        raise NotATableError("gzip data that cannot be decompressed") from None


def encoding(head: bytes) -> str:
    """UTF-8 or UTF-16 by their marks and bytes, else cp1252, which takes what old Windows software wrote."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark):
            return name
    zeros = head[:200].count(0)
    if zeros and zeros >= len(head[:200]) // 3:
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    try:
        head[:-4].decode("utf-8") if len(head) >= HEAD_BYTES else head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) - error.start < 4 and len(head) >= HEAD_BYTES:
            return "utf-8"  # a character cut by the end of the head
        return "cp1252"
    return "utf-8"


def layout(head: bytes) -> Layout:
    """How the file is laid out.

    Raises
    ------
    NotATableError
        Says why these bytes are no table of numbers under a header.
    """
    found = _found(head)
    if isinstance(found, str):
        raise NotATableError(found)
    return found


@lru_cache(maxsize=8)  # every reader of texts asks for the layout of the same head
def _found(head: bytes) -> Layout | str:
    """The layout, or why there is none."""
    name = encoding(head)
    text = head.decode(name, errors="replace")
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        return "binary data, no text"
    lines = text.split("\n" if "\n" in text else "\r")
    if len(lines) > 3:
        lines.pop()  # empty, or cut by the end of the head
    found = [one for delimiter in _DELIMITERS for one in _layouts(lines, delimiter, name)]
    if not found:
        return "no lines of numbers under one line of as many headers among the first lines"
    return max(found, key=lambda one: (_understood(one), len(one.headers)))


def _understood(one: Layout) -> int:
    """How many quantities the headers name."""
    return len(headings(one.headers, one.units)) + len(impedance_columns(one.headers, one.units))


def _layouts(lines: Sequence[str], delimiter: str, name: str) -> Iterator[Layout]:
    """Every place where a line of numbers follows a line of as many headers."""
    rows = [cells(line, delimiter) for line in lines]
    numeric = [_numbers(row, delimiter) >= 2 for row in rows]
    for first in range(1, len(rows)):
        above = next((i for i in range(first - 1, -1, -1) if lines[i].strip()), None)
        if not numeric[first] or above is None or numeric[above]:
            continue
        header, units = above, [""] * len(rows[first])
        if above and len(rows[above - 1]) == len(rows[above]) and _is_units_row(rows[above]):
            header, units = above - 1, rows[above]
        if len(rows[header]) + 1 == len(rows[first]) and not rows[first][-1]:
            rows[header].append("")  # lines of numbers that end with a delimiter
            units = [*units, ""][: len(rows[first])]
        elif len(rows[header]) == len(rows[first]) + 1 and not rows[header][-1]:
            rows[header] = rows[header][:-1]  # a line of headers that does, as EC-Lab writes it
        if len(rows[header]) == len(rows[first]) and sum(map(bool, rows[header])) >= 2:
            yield _described(lines, rows, header, units, first, delimiter, name)


def _described(
    lines: Sequence[str],
    rows: Sequence[list[str]],
    header: int,
    units: Sequence[str],
    first: int,
    delimiter: str,
    name: str,
) -> Layout:
    width = len(rows[first])
    sample = [row for row in rows[first : first + 50] if len(row) == width]
    columns = [[row[i] for row in sample if row[i]] for i in range(width)]
    clocks = frozenset(i for i, column in enumerate(columns) if column and all(re.match(CLOCK, c) for c in column))
    return Layout(
        encoding=name,
        delimiter=delimiter,
        decimal_comma=delimiter != "," and any(_DECIMAL_COMMA.fullmatch(cell) for row in sample for cell in row),
        headers=tuple(cell.lstrip("\ufeff#~%").strip() for cell in rows[header]),
        units=tuple("s" if i in clocks else units[i] for i in range(width)),
        body_line=first,
        texts=frozenset(
            i for i, column in enumerate(columns) if column and not any(is_number(cell, delimiter) for cell in column)
        ),
        clocks=clocks,
        preamble=tuple(line.strip() for line in lines[:header] if line.strip(" ,;\t\r\n")),
    )


def cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line, without quotes and padding."""
    parts = line.split(delimiter)
    if '"' in line:
        with suppress(csv.Error):  # quotes that do not close, in a damaged line
            parts = next(csv.reader([line], delimiter=delimiter), [])
    return [part.strip() for part in parts]


def is_number(cell: str, delimiter: str) -> bool:
    """Whether a cell is one number; its decimal sign may be a comma where that is not the delimiter."""
    return bool(_NUMBER.fullmatch(cell)) and (delimiter != "," or "," not in cell)


def _numbers(row: Sequence[str], delimiter: str) -> int:
    return sum(is_number(cell, delimiter) for cell in row)


def _is_units_row(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    units = sum(is_unit(cell) or is_impedance_unit(cell) for cell in filled)
    return units >= max(2, len(filled) // 2)
