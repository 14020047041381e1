"""Small Excel workbooks (.xls, BIFF8) of texts and numbers, as instruments write them."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

Cell = str | float | None

_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALLEST_STREAM = 4096
_PER_FAT = _SECTOR // 4


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """A workbook in its container: what an instrument exports as .xls.

    Parameters
    ----------
    sheets
        Rows of each sheet by its name; None leaves a cell out.
    """
    return _container(_stream(sheets))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _beginning(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _stream(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """Records of the workbook: where each sheet begins, then the sheets."""
    bodies = [_sheet(rows) for rows in sheets.values()]
    names = [name.encode("utf-16-le") for name in sheets]
    code_page, end = _record(0x0042, struct.pack("<H", 1200)), _record(0x000A, b"")
    at = len(_beginning(5)) + len(code_page) + sum(12 + len(name) for name in names) + len(end)
    places = b""
    for name, body in zip(names, bodies, strict=True):
        places += _record(0x0085, struct.pack("<IHBB", at, 0, len(name) // 2, 1) + name)
        at += len(body)
    return _beginning(5) + code_page + places + end + b"".join(bodies)


def _sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    cells = []
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(value, str):
                cells.append(_record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")))
            elif value is not None:
                cells.append(_record(0x0203, place + struct.pack("<d", value)))
    return _beginning(0x10) + b"".join(cells) + _record(0x000A, b"")


def _container(stream: bytes) -> bytes:
    """A compound file with one stream: header, table of sectors, directory, stream."""
    stream = stream.ljust(max(_SMALLEST_STREAM, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    count = len(stream) // _SECTOR
    tables = 1
    while tables * _PER_FAT < tables + 1 + count:
        tables += 1
    first = tables + 1
    chain = [_FAT] * tables + [_END] + [*range(first + 1, first + count), _END]
    table = struct.pack(f"<{tables * _PER_FAT}I", *chain, *[_FREE] * (tables * _PER_FAT - len(chain)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, tables, tables, 0, _SMALLEST_STREAM, _END, 0, _END, 0)
    head += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    root = _entry("Root Entry", 5, 1, _END, 0)
    directory = root + _entry("Workbook", 2, _FREE, first, len(stream))
    return head + table + directory.ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    tree = struct.pack("<BBIII", kind, 1, _FREE, _FREE, child)
    return text.ljust(64, b"\0") + struct.pack("<H", len(text)) + tree + bytes(36) + struct.pack("<IQ", start, size)
