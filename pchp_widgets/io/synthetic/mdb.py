"""Small Access databases (Jet 4) of tables of numbers and texts, as instruments write them.

What mdbtools read is filled in: the catalogue of the tables, their columns, their rows in pages, and maps of the pages
of each table. Keys, indices and rights are left out. Layouts as in mdbtools' document HACKING.md.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Table = Mapping[str, Sequence[object] | npt.NDArray[np.generic]]

_PAGE = 4096
_HEADER_KEY, _HEADER_START, _HEADER_LENGTH = 0x6B39DAC7, 0x18, 128
_CATALOGUE = 2
_TEXT, _OLE = 10, 11
_NUMBERS = {np.dtype("i2"): (3, "<h"), np.dtype("i4"): (4, "<i"), np.dtype("f4"): (6, "<f"), np.dtype("f8"): (7, "<d")}
"""Number of each type of columns in the format, and how a value is packed."""


@dataclass(frozen=True)
class _Column:
    name: str
    kind: int
    form: str
    """How its values are packed; empty for those of variable length."""


def database(tables: Mapping[str, Table]) -> bytes:
    """An Access database.

    Parameters
    ----------
    tables
        Columns of each table by its name: arrays of whole numbers (16 or 32 bits), floating point numbers (32 or 64
        bits), or texts; None leaves a text out.
    """
    pages: list[bytes] = [_first_page(), bytes([5, 1]).ljust(_PAGE, b"\0"), b""]
    places = {}
    for name, columns in tables.items():
        places[name] = len(pages)
        pages.append(b"")
        _put(pages, places[name], columns)
    objects: Table = {
        "Id": np.array([_CATALOGUE, *places.values()], "i4"),
        "Name": ["MSysObjects", *places],
        "Type": np.ones(len(places) + 1, "i2"),
        "Flags": np.array([-0x80000000] + [0] * len(places), "i4"),
        "LvProp": [],
    }
    _put(pages, _CATALOGUE, objects)
    return b"".join(pages)


def _first_page() -> bytes:
    """The page that says what the file is; its settings, all of them zero, are scrambled."""
    page = bytearray(_PAGE)
    page[:19] = b"\x00\x01\x00\x00Standard Jet DB"
    page[0x14] = 1
    key = struct.pack("<I", _HEADER_KEY)
    page[_HEADER_START : _HEADER_START + _HEADER_LENGTH] = _keystream(key, _HEADER_LENGTH)
    return bytes(page)


def _keystream(key: bytes, length: int) -> bytes:
    """RC4 of zeros."""
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    found, i, j = bytearray(), 0, 0
    for _ in range(length):
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        found.append(state[(state[i] + state[j]) % 256])
    return bytes(found)


def _put(pages: list[bytes], at: int, table: Table) -> None:
    """Add the pages of a table whose definition is page `at`: its rows, then the map of these pages."""
    columns = [_column(name, values) for name, values in table.items()]
    rows = _rows(columns, list(table.values()))
    first = len(pages)
    pages += _data_pages(rows, at)
    used = range(first, len(pages))
    bits = np.zeros(-(-(len(used) or 1) // 8) * 8, np.uint8)
    bits[: len(used)] = 1
    used_map = struct.pack("<BI", 0, first) + np.packbits(bits, bitorder="little").tobytes()
    pages += _data_pages([used_map, struct.pack("<BIB", 0, first, 0)], 0)
    pages[at] = _definition(columns, len(rows), len(pages) - 1)


def _column(name: str, values: Sequence[object] | npt.NDArray[np.generic]) -> _Column:
    if isinstance(values, np.ndarray):
        return _Column(name, *_NUMBERS[values.dtype])
    return _Column(name, _OLE if name == "LvProp" else _TEXT, "")


def _definition(columns: Sequence[_Column], rows: int, map_page: int) -> bytes:
    """The page that defines a table."""
    variable = [column for column in columns if not column.form]
    head = bytearray(63)
    head[:4] = b"\x02\x01VC"
    struct.pack_into("<I", head, 16, rows)
    struct.pack_into("<BHHHII", head, 40, 0x4E, len(columns), len(variable), len(columns), 0, 0)
    struct.pack_into("<II", head, 55, map_page << 8, map_page << 8 | 1)
    body, fixed = b"", 0
    for number, column in enumerate(columns):
        size = struct.calcsize(column.form) if column.form else 0
        place = 0 if column.form else variable.index(column)
        flags = 0x02 | bool(column.form)
        body += struct.pack(
            "<BIHHHHHBBIHH", column.kind, 0, number, place, number, 0, 0, flags, 0, 0, fixed, size or 510
        )
        fixed += size
    for column in columns:
        name = column.name.encode("utf-16-le")
        body += struct.pack("<H", len(name)) + name
    page = bytearray((bytes(head) + body + b"\xff\xff").ljust(_PAGE, b"\0"))
    if len(page) > _PAGE:
        raise ValueError(f"the definition of a table of {len(columns)} columns does not fit into a page")
    struct.pack_into("<I", page, 8, len(head) + len(body))
    return bytes(page)


def _rows(columns: Sequence[_Column], values: Sequence[Sequence[object] | npt.NDArray[np.generic]]) -> list[bytes]:
    """Each row: count of columns, numbers, texts, where the texts end and begin, and which columns hold something."""
    count = max((len(column) for column in values), default=0)
    found = []
    for row in range(count):
        fixed, texts, ends, mask = b"", b"", [], 0
        start = 2 + sum(struct.calcsize(column.form) for column in columns if column.form)
        for number, (column, cells) in enumerate(zip(columns, values, strict=True)):
            value = cells[row] if row < len(cells) else None
            if column.form:
                fixed += struct.pack(column.form, value)
            else:
                ends.append(start + len(texts))
                texts += str(value).encode("utf-16-le") if value is not None else b""
            mask |= (value is not None) << number
        tail = b""
        if ends:
            tail = struct.pack(f"<{len(ends) + 1}H", start + len(texts), *reversed(ends)) + struct.pack("<H", len(ends))
        nulls = mask.to_bytes(-(-len(columns) // 8), "little")
        found.append(struct.pack("<H", len(columns)) + fixed + texts + tail + nulls)
    return found


def _data_pages(rows: Sequence[bytes], table: int) -> list[bytes]:
    """Pages of rows, each filled from its end."""
    pages: list[bytes] = []
    held: list[bytes] = []
    for row in [*rows, None]:
        room = _PAGE - 14 - sum(len(one) + 2 for one in held)
        if held and (row is None or len(row) + 2 > room):
            pages.append(_data_page(held, table, room))
            held = []
        if row is not None:
            held.append(row)
    return pages


def _data_page(rows: Sequence[bytes], table: int, room: int) -> bytes:
    page, end, starts = bytearray(_PAGE), _PAGE, []
    for row in rows:
        end -= len(row)
        page[end : end + len(row)] = row
        starts.append(end)
    struct.pack_into(f"<BBHIIH{len(rows)}H", page, 0, 1, 1, room, table, 0, len(rows), *starts)
    return bytes(page)
