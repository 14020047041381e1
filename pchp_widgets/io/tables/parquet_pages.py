"""The pages of a Parquet file, held against its index before anything is decoded.

Decoders trust the lengths that stand in a page: bytes that are out of place make them ask for more memory than there
is, which ends the whole process and not only the reading. Index and heads of pages are written in Thrift's compact
protocol (https://github.com/apache/parquet-format, README and parquet.thrift).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_FOOTER = 8
_DEEPEST = 32
_BOOLEANS, _VARINTS, _LISTS, _STRUCT = {1, 2}, {4, 5, 6}, {9, 10}, 12
_HEADS_OF_DATA = (5, 8)
"""Fields of a page's head that describe data pages, of the first and of the second version."""


class _Compact:
    """Thrift's compact protocol: structures as dictionaries by the number of the field."""

    def __init__(self, data: Any, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def byte(self) -> int:
        if not 0 <= self.at < self.end:
            raise ValueError("it ends in the middle of a head")
        self.at += 1
        return int(self.data[self.at - 1])

    def unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
            if shift > 63:
                raise ValueError("a number of more than 64 bits")

    def signed(self) -> int:
        value = self.unsigned()
        return (value >> 1) ^ -(value & 1)

    def skipped(self, length: int) -> None:
        if length > self.end - self.at:
            raise ValueError("a text longer than what is left")
        self.at += length

    def structure(self, depth: int = 0) -> dict[int, Any]:
        found: dict[int, Any] = {}
        number = 0
        while head := self.byte():
            number = number + (head >> 4) if head >> 4 else self.signed()
            kind = head & 0xF
            found[number] = kind == 1 if kind in _BOOLEANS else self.value(kind, depth + 1)
        return found

    def value(self, kind: int, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ValueError("structures inside structures without end")
        if kind in _VARINTS:
            return self.signed()
        if kind in _LISTS:
            return self.sequence(depth)
        if kind == _STRUCT:
            return self.structure(depth)
        if kind in _BOOLEANS or kind == 3:
            return self.byte()
        if kind in {7, 8}:
            return self.skipped(8 if kind == 7 else self.unsigned())
        raise ValueError(f"a field of the unknown kind {kind}")

    def sequence(self, depth: int) -> list[Any]:
        head = self.byte()
        length = head >> 4 if head >> 4 < 15 else self.unsigned()
        if length > self.end - self.at:
            raise ValueError("a list longer than what is left")
        return [self.value(head & 0xF, depth + 1) for _ in range(length)]


def misplaced(path: Path) -> str:
    """Why the pages of a Parquet file do not lie where its index says; empty where they do.

    Each column of each group of rows has to be a run of pages that stays in the place and comes to the number of
    values which the index states.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            for at, column in enumerate(_columns(data)):
                found = _values(data, column)
                if found != column[5]:
                    return f"column {at + 1} of its index holds {found} values in its pages instead of {column[5]}"
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            return f"its pages are not where its index says: {error}"
    return ""


def _columns(data: Any) -> Iterator[dict[int, Any]]:
    """What the index says of each column of each group of rows."""
    end = len(data) - _FOOTER
    start = end - int.from_bytes(data[end : end + 4], "little")
    if start < 0:
        raise ValueError("the index would be longer than the file")
    for group in _Compact(data, start, end).structure()[4]:
        for chunk in group[1]:
            yield chunk[3]


def _values(data: Any, column: dict[int, Any]) -> int:
    """How many values the data pages of a column hold by their own heads."""
    at = column.get(11) or column[9]
    end = at + column[7]
    if not 0 < at < end <= len(data) - _FOOTER:
        raise ValueError(f"a column from byte {at} to byte {end}")
    found = room = 0
    while at < end and found < column[5]:
        reader = _Compact(data, at, end)
        head = reader.structure()
        packed, unpacked = head[3], head[2]
        room += unpacked
        if packed < 0 or unpacked < 0 or reader.at + packed > end or room > column[6]:
            raise ValueError(f"the page at byte {at} is larger than its column")
        found += next((head[one][1] for one in _HEADS_OF_DATA if one in head), 0)
        at = reader.at + packed
    return found
