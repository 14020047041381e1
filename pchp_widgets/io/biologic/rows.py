"""The data module: which columns a row has, where they lie in it, and their values.

A row is packed: one byte of flags where any flag column is listed, then the columns in the order of their ids. The
width of a row never needs the table of columns: it is the length of the module without its head over the number of
rows. That is what lets a file with columns nobody has seen be read, around them.
"""

from __future__ import annotations

import itertools
import struct
from typing import NamedTuple

import numpy as np

from .columns import COLUMNS, FLAGS, LAST_POINT
from .findings import Findings
from .modules import Module
from .table import Array

MODULE_NAME = "VMP data"
_WIDTHS = (4, 8, 2, 1)
_MOST_UNKNOWN = 6
_FLAG_BYTE = 0
_BLOCK = 8192


class Layout(NamedTuple):
    """Head of the data module in one version: where the ids are, how many fit, where rows begin."""

    numbers: str
    ids: int
    slots: int
    first_row: int


LAYOUTS = {2: Layout("<IB", 5, 200, 405), 3: Layout("<IB", 5, 200, 406), 11: Layout("<IH", 6, 500, 1007)}


class Rows(NamedTuple):
    """What the head of the data module says, and how wide a row is (0 when there are no rows)."""

    ids: tuple[int, ...]
    declared: int
    present: int
    width: int
    first_row: int


def data_columns(module: Module, findings: Findings) -> tuple[dict[str, Array], bool | None]:
    """Columns by name, and whether the last row carries the mark of a finished run (None without flags).

    Raises
    ------
    ReaderError
        When the version is not known, the head is cut, rows and length disagree, or a row cannot be divided.
    """
    rows = _rows(module, findings)
    places = _places(rows, findings)
    flagged = any(identifier in FLAGS for identifier in rows.ids)
    stored = {identifier: (place, COLUMNS[identifier].dtype) for identifier, place in places.items()}
    values = _unpacked(module.body, rows, {**stored, **({_FLAG_BYTE: (0, "u1")} if flagged else {})})
    flags = values.get(_FLAG_BYTE, np.zeros(0, np.uint8))
    columns: dict[str, Array] = {}
    for identifier in rows.ids:
        if identifier in FLAGS:
            flag = FLAGS[identifier]
            columns[flag.name] = (flags >> np.uint8(flag.shift)) & np.uint8(flag.mask)
        elif identifier in values:
            columns[_free_name(identifier, columns)] = values[identifier]
    finished = bool(flags[-1] & LAST_POINT) if flagged and rows.present else None
    if rows.present < rows.declared:
        finished = False
    return columns, finished


def _unpacked(body: memoryview, rows: Rows, places: dict[int, tuple[int, str]]) -> dict[int, Array]:
    """Contiguous copy of each column, picked block by block so that a block stays in the cache for all columns."""
    packed = np.frombuffer(body, np.uint8, rows.present * rows.width, rows.first_row).reshape(rows.present, rows.width)
    copies, views = {}, []
    for identifier, (place, dtype) in places.items():
        kind = np.dtype(dtype)
        copies[identifier] = np.empty(rows.present, kind)
        if rows.present:
            views.append((copies[identifier], packed[:, place : place + kind.itemsize].view(kind)[:, 0]))
    for low in range(0, rows.present, _BLOCK):
        block = slice(low, low + _BLOCK)
        for copy, view in views:
            copy[block] = view[block]
    return copies


def _free_name(identifier: int, columns: dict[str, Array]) -> str:
    # two ids may share a name: <I>/mA is 11 in DC techniques and 76 in impedance
    name = COLUMNS[identifier].name
    return name if name not in columns else f"{name} (column {identifier})"


def _rows(module: Module, findings: Findings) -> Rows:
    layout = LAYOUTS.get(module.version)
    if layout is None:
        known = ", ".join(map(str, LAYOUTS))
        findings.refuse(
            f"its data module has version {module.version}; known are {known}. "
            "Export the file as text (.mpt) from EC-Lab and read that"
        )
    if len(module.body) < layout.first_row:
        findings.refuse("the file ends inside the head of its data module: no row is there")
    declared, count = struct.unpack_from(layout.numbers, module.body)
    if not 0 < count <= layout.slots:
        findings.refuse(f"its data module says it has {count} columns; 1 to {layout.slots} are possible")
    ids = struct.unpack_from(f"<{count}H", module.body, layout.ids)
    if len(set(ids)) < count:
        findings.refuse("its data module lists a column twice: the file is damaged")
    width = _width(ids, declared, module.declared - layout.first_row, findings)
    present = min(declared, (len(module.body) - layout.first_row) // width) if width else 0
    if present < declared:
        findings.note(f"{present} of {declared} points are in the file")
    return Rows(ids, declared, present, width, layout.first_row)


def _width(ids: tuple[int, ...], rows: int, length: int, findings: Findings) -> int:
    """Bytes of a row: from the length of the module, or from the columns where the two disagree."""
    if not rows:
        return 0
    width, rest = divmod(length, rows)
    known = any(identifier in FLAGS for identifier in ids) + sum(
        np.dtype(COLUMNS[identifier].dtype).itemsize for identifier in ids if identifier in COLUMNS
    )
    unknown = [identifier for identifier in ids if identifier not in COLUMNS and identifier not in FLAGS]
    if unknown:
        if rest or width < known + len(unknown):
            findings.refuse(
                f"{length} bytes of data do not divide into {rows} points, and the columns {unknown} are not known"
            )
        return width
    if rest or width != known:
        findings.damage(
            f"{length} bytes of data do not hold {rows} points of {known} bytes: the number of points or the list "
            "of columns is damaged"
        )
    return known


def _places(rows: Rows, findings: Findings) -> dict[int, int]:
    """Offset of each known column in a row; what lies between two unknown columns cannot be placed."""
    own = [identifier for identifier in rows.ids if identifier not in FLAGS]
    start = int(len(own) < len(rows.ids))
    unknown = [identifier for identifier in own if identifier not in COLUMNS]
    if not rows.width:
        return dict.fromkeys((identifier for identifier in own if identifier in COLUMNS), 0)
    sizes = {i: np.dtype(COLUMNS[i].dtype).itemsize for i in own if i in COLUMNS}
    sizes |= _only_widths(unknown, rows.width - start - sum(sizes.values()))
    first = next((n for n, identifier in enumerate(own) if identifier not in sizes), len(own))
    forward = _offsets(own[:first], sizes, start)
    after = own[first:][::-1]
    last = next((n for n, identifier in enumerate(after) if identifier not in sizes), len(after))
    tail = after[:last][::-1]
    backward = _offsets(tail, sizes, rows.width - sum(sizes[identifier] for identifier in tail))
    places = {identifier: place for identifier, place in (forward | backward).items() if identifier in COLUMNS}
    if unknown:
        findings.note(_skipped(own, places, rows.width, start))
    return places


def _only_widths(unknown: list[int], room: int) -> dict[int, int]:
    """Widths of the unknown columns, when only one choice fills the room they have; empty otherwise."""
    if not 0 < len(unknown) <= _MOST_UNKNOWN:
        return {}
    fitting = [widths for widths in itertools.product(_WIDTHS, repeat=len(unknown)) if sum(widths) == room]
    return dict(zip(unknown, fitting[0], strict=True)) if len(fitting) == 1 else {}


def _offsets(identifiers: list[int], sizes: dict[int, int], start: int) -> dict[int, int]:
    places = itertools.accumulate((sizes[identifier] for identifier in identifiers), initial=start)
    return dict(zip(identifiers, places, strict=False))


def _skipped(own: list[int], places: dict[int, int], width: int, start: int) -> str:
    unknown = ", ".join(str(i) for i in own if i not in COLUMNS)
    lost = ", ".join(repr(COLUMNS[i].name) for i in own if i in COLUMNS and i not in places)
    covered = {b for i, place in places.items() for b in range(place, place + np.dtype(COLUMNS[i].dtype).itemsize)}
    free = [b for b in range(start, width) if b not in covered]
    sentence = f"column ids {unknown} are not known and were skipped (bytes {free[0]} to {free[-1]} of every row)"
    return sentence + (f"; {lost} between them could not be placed" if lost else "")
