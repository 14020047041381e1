"""The parameters of a technique, sequence by sequence, as the settings module stores them.

The block ends 154 bytes before the end of the settings: u8 tag (version of the technique's layout), u32 length,
u16 number of sequences, u16 number of parameters, the packed rows, 256 zero bytes. Where it starts depends on the
release, but a start is right when the lengths close. Times are in s, currents in the unit of their row, and NaN means
"pass".
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, cast

import numpy as np

TAIL = 154
"""Bytes of the settings after the block of parameters."""
_PADDING = 256
_HEAD = struct.Struct("<BIHH")
_USUAL_STARTS = (1389, 6208, 6209, 6210)

_CURRENT = {0: "A", 1: "mA", 2: "µA"}
_CHARGE = {0: "A.h", 1: "mA.h"}
_FREQUENCY = {0: "MHz", 1: "kHz", 2: "Hz", 3: "mHz"}
_WORDS: dict[str, dict[int, str]] = {
    "Set I/C": {0: "I", 1: "C / N", 2: "C x N"},
    "I sign": {0: "> 0", 1: "< 0"},
    "unit Is": _CURRENT,
    "unit Im": _CURRENT,
    "unit Ia": _CURRENT,
    "unit dq": _CHARGE,
    "unit dQM": _CHARGE,
    "unit fi": _FREQUENCY,
    "unit ff": _FREQUENCY,
    "ctrl_type": {0: "CC", 1: "CV", 4: "Rest", 5: "Loop", 8: "PEIS", 9: "GEIS"},
}


class Field(NamedTuple):
    """One parameter in the row of a sequence."""

    name: str
    dtype: str
    offset: int


class Block(NamedTuple):
    """Where the block of parameters lies and how it is divided."""

    start: int
    tag: int
    sequences: int
    parameters: int
    stride: int


def parameter_block(body: bytes) -> Block | None:
    """The block of a settings module; None where no start makes the lengths close."""
    later = range(620, max(620, len(body) - TAIL - _PADDING))
    for start in itertools.chain(_USUAL_STARTS, later):
        if start + _HEAD.size > len(body):
            continue
        tag, length, sequences, parameters = _HEAD.unpack_from(body, start)
        used = length - 4 - _PADDING
        if start + 5 + length + TAIL == len(body) and sequences and used > 0 and used % sequences == 0:
            return Block(start, tag, sequences, parameters, used // sequences)
    return None


def technique_parameters(body: bytes, technique: str) -> dict[str, list[object]]:
    """Parameters by EC-Lab's names, one value per sequence; empty for techniques whose layout is not known."""
    block = parameter_block(body)
    if block is None:
        return {}
    fields = fields_of(technique, block.tag)
    if not fields or max(field.offset + np.dtype(field.dtype).itemsize for field in fields) > block.stride:
        return {}
    rows = np.frombuffer(body, row_dtype(fields, block.stride), block.sequences, block.start + _HEAD.size)
    found: dict[str, list[object]] = {"Ns": list(range(block.sequences))}
    for field in fields:
        found[field.name] = [_shown(field.name, value) for value in rows[field.name].tolist()]
    return found


def encoded_parameters(rows: np.ndarray, tag: int) -> bytes:
    """Block of parameters with these rows, for writing one."""
    body = rows.tobytes()
    head = _HEAD.pack(tag, 4 + len(body) + _PADDING, len(rows), len(rows.dtype.names or ()))
    return head + body + bytes(_PADDING)


@lru_cache(maxsize=64)
def row_dtype(fields: tuple[Field, ...], stride: int) -> np.dtype[np.void]:
    """Structured type of the row of a sequence, gaps included."""
    names, formats, offsets = zip(*fields, strict=True)
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": stride})


@lru_cache(maxsize=64)
def fields_of(technique: str, tag: int) -> tuple[Field, ...]:
    """Known fields of a technique in one version of its layout."""
    layout = _LAYOUTS.get(technique)
    return layout(tag) if layout else ()


def _shown(name: str, value: object) -> object:
    if isinstance(value, float):
        # single precision: as many digits as were typed
        return "pass" if math.isnan(value) else float(f"{value:.7g}")
    return _WORDS.get(name, {}).get(cast("int", value), value)


def _gcpl(tag: int) -> tuple[Field, ...]:
    if tag not in (8, 9, 10):
        return ()
    wide = "<u4" if tag == 10 else "u1"
    row = [
        ("Set I/C", "u1"), ("Is", "<f4"), ("unit Is", "u1"), ("vs.", wide), ("N", "<f4"), ("I sign", wide),
        ("t1 (s)", "<f4"), ("I Range", "u1"), ("Bandwidth", "u1"), ("dE1 (mV)", "<f4"), ("dt1 (s)", "<f4"),
        ("EM (V)", "<f4"), ("tM (s)", "<f4"), ("Im", "<f4"), ("unit Im", "u1"), ("dI/dt", "<f4"),
        ("dunit dI/dt", "u1"), ("E range min (V)", "<f4"), ("E range max (V)", "<f4"), ("dq", "<f4"),
        ("unit dq", "u1"), ("dtq (s)", "<f4"), ("dQM", "<f4"), ("unit dQM", "u1"), ("dxM", "<f4"),
        ("delta SoC (%)", "<f4"), ("tR (s)", "<f4"), ("dER/dt (mV/h)", "<f4"), ("dER (mV)", "<f4"),
        ("dtR (s)", "<f4"), ("EL (V)", "<f4"), ("goto Ns'", "<u4"), ("nc cycles", "<u4"),
    ]  # fmt: skip
    offset, fields = 0, []
    for name, dtype in row:
        if tag == 8 and name == "delta SoC (%)":
            continue
        fields.append(Field(name, dtype, offset))
        offset += np.dtype(dtype).itemsize
    return tuple(fields)


def _shifted(fields: tuple[Field, ...], shift: int) -> tuple[Field, ...]:
    return tuple(Field(name, dtype, offset + shift) for name, dtype, offset in fields)


def _peis(tag: int) -> tuple[Field, ...]:
    fields = (
        Field("fi", "<f4", 23), Field("unit fi", "u1", 27), Field("ff", "<f4", 28), Field("unit ff", "u1", 32),
        Field("Nd", "<u4", 33), Field("Va (mV)", "<f4", 39), Field("pw", "<f4", 43), Field("Na", "<u4", 47),
        Field("E range min (V)", "<f4", 95), Field("E range max (V)", "<f4", 99), Field("Bandwidth", "u1", 104),
    )  # fmt: skip
    return {10: fields, 9: _shifted(fields, -3)}.get(tag, ())


def _geis(tag: int) -> tuple[Field, ...]:
    fields = (
        Field("fi", "<f4", 23), Field("unit fi", "u1", 27), Field("ff", "<f4", 28), Field("unit ff", "u1", 32),
        Field("Ia", "<f4", 40), Field("unit Ia", "u1", 44),
        Field("E range min (V)", "<f4", 101), Field("E range max (V)", "<f4", 105),
    )  # fmt: skip
    return {11: fields, 10: _shifted(fields, -3)}.get(tag, ())


def _ocv(tag: int) -> tuple[Field, ...]:
    shift = {1: 0, 2: 1}.get(tag)
    if shift is None:
        return ()
    later = (Field("dtR (s)", "<f4", 12), Field("E range min (V)", "<f4", 16), Field("E range max (V)", "<f4", 20))
    return (Field("tR (s)", "<f4", 0), *_shifted(later, shift))


def _cp(tag: int) -> tuple[Field, ...]:
    time = {6: 6, 7: 9}.get(tag)
    if time is None:
        return ()
    current = (Field("Is", "<f4", 0), Field("unit Is", "u1", 4))
    return (*current, Field("ts (s)", "<f4", time), Field("dQM", "<f4", time + 8))


def _ca(tag: int) -> tuple[Field, ...]:
    time = {7: 5, 8: 8}.get(tag)
    return () if time is None else (Field("Ei (V)", "<f4", 0), Field("ti (s)", "<f4", time))


def _modulo_bat(tag: int) -> tuple[Field, ...]:
    offsets = {5: (2, 63, 101, 118), 6: (3, 64, 102, 119), 8: (6, 94, 132, 149), 9: (6, 96, 138, 155)}.get(tag)
    if offsets is None:
        return ()
    names = ("ctrl1_val", "lim1_value", "rec1_value", "E range min (V)")
    values = tuple(Field(name, "<f4", offset) for name, offset in zip(names, offsets, strict=True))
    return (Field("ctrl_type", "u1", 0), *values, Field("E range max (V)", "<f4", offsets[-1] + 4))


_LAYOUTS: dict[str, Callable[[int], tuple[Field, ...]]] = {
    "GCPL": _gcpl,
    "PEIS": _peis,
    "GEIS": _geis,
    "OCV": _ocv,
    "CP": _cp,
    "CA": _ca,
    "MB": _modulo_bat,
}
