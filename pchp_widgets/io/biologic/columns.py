"""EC-Lab's columns: id in the binary file, name in the text export, stored type and unit.

The text export lists the stored columns first, in the order of their ids, so every name below was read off a pair of
files and proven by the values. Releases spell some names differently; :func:`canonical_name` knows those spellings.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Column(NamedTuple):
    """A column that takes its own bytes in every row."""

    name: str
    dtype: str


class Flag(NamedTuple):
    """A column that shares the one byte of flags at the start of every row."""

    name: str
    shift: int
    mask: int


FLAGS = {
    1: Flag("mode", 0, 3),
    2: Flag("ox/red", 2, 1),
    3: Flag("error", 3, 1),
    21: Flag("control changes", 4, 1),
    31: Flag("Ns changes", 5, 1),
    65: Flag("counter inc.", 7, 1),
}
LAST_POINT = 0x40
"""Bit of the flags that EC-Lab does not print: set on the last point of a finished run or loop."""

_U2, _U4, _F4, _F8 = "<u2", "<u4", "<f4", "<f8"

COLUMNS = {
    4: Column("time/s", _F8),
    5: Column("control/V/mA", _F4),
    6: Column("Ewe/V", _F4),
    7: Column("dq/mA.h", _F8),
    8: Column("I/mA", _F4),
    9: Column("Ece/V", _F4),
    11: Column("<I>/mA", _F8),
    13: Column("(Q-Qo)/mA.h", _F8),
    16: Column("Analog IN 1/V", _F4),
    17: Column("Analog IN 2/V", _F4),
    19: Column("control/V", _F4),
    20: Column("control/mA", _F4),
    23: Column("dQ/mA.h", _F8),
    24: Column("cycle number", _F8),
    32: Column("freq/Hz", _F4),
    33: Column("|Ewe|/V", _F4),
    34: Column("|I|/A", _F4),
    35: Column("Phase(Z)/deg", _F4),
    36: Column("|Z|/Ohm", _F4),
    37: Column("Re(Z)/Ohm", _F4),
    38: Column("-Im(Z)/Ohm", _F4),
    39: Column("I Range", _U2),
    70: Column("P/W", _F4),
    74: Column("|Energy|/W.h", _F8),
    76: Column("<I>/mA", _F4),
    77: Column("<Ewe>/V", _F4),
    96: Column("|Ece|/V", _F4),
    98: Column("Phase(Zce)/deg", _F4),
    99: Column("|Zce|/Ohm", _F4),
    100: Column("Re(Zce)/Ohm", _F4),
    101: Column("-Im(Zce)/Ohm", _F4),
    123: Column("Energy charge/W.h", _F8),
    124: Column("Energy discharge/W.h", _F8),
    125: Column("Capacitance charge/µF", _F8),
    126: Column("Capacitance discharge/µF", _F8),
    131: Column("Ns", _U2),
    168: Column("Rcmp/Ohm", _F4),
    169: Column("Cs/µF", _F4),
    172: Column("Cp/µF", _F4),
    174: Column("<Ewe>/V", _F4),
    430: Column("Phase(Zwe-ce)/deg", _F4),
    431: Column("|Zwe-ce|/Ohm", _F4),
    432: Column("Re(Zwe-ce)/Ohm", _F4),
    433: Column("-Im(Zwe-ce)/Ohm", _F4),
    434: Column("(Q-Qo)/C", _F4),
    435: Column("dQ/C", _F4),
    438: Column("step time/s", _F8),
    441: Column("<Ece>/V", _F4),
    467: Column("Q charge/discharge/mA.h", _F8),
    468: Column("half cycle", _U4),
    469: Column("z cycle", _U4),
    471: Column("<Ece>/V", _F4),
    473: Column("THD Ewe/%", _F4),
    474: Column("THD I/%", _F4),
    476: Column("NSD Ewe/%", _F4),
    477: Column("NSD I/%", _F4),
    479: Column("NSR Ewe/%", _F4),
    480: Column("NSR I/%", _F4),
    **{484 + n: Column(f"|Ewe h{n}|/V", _F4) for n in range(2, 8)},
    **{490 + n: Column(f"|I h{n}|/A", _F4) for n in range(2, 8)},
    880: Column("Energy we/W.h", _F8),
    883: Column("Energy we-ce charge/W.h", _F8),
    884: Column("Energy we-ce discharge/W.h", _F8),
}
"""Every id seen so far; 883 and 884 are named by their values, no text export shows them."""

INTEGER_DTYPES = {flag.name: "u1" for flag in FLAGS.values()} | {
    column.name: column.dtype for column in COLUMNS.values() if "u" in column.dtype
}
"""Stored type of the columns that hold whole numbers, by name."""

_SPELLINGS = {
    "<Ewe/V>": "<Ewe>/V",
    "<Ece/V>": "<Ece>/V",
    "Pwe/W": "P/W",
    "Energy we charge/W.h": "Energy charge/W.h",
    "Energy we discharge/W.h": "Energy discharge/W.h",
}
_UNITS = {
    "V/mA": "",  # volt or milliampere, row by row, as the mode says
    "s": "s",
    "V": "V",
    "mA": "mA",
    "A": "A",
    "mA.h": "mA h",
    "C": "C",
    "W": "W",
    "W.h": "W h",
    "Hz": "Hz",
    "deg": "degree",
    "%": "%",
    "°C": "degC",
    "µF": "uF",
    "nF": "nF",
    "Ohm": "ohm",
    "Ohm-1": "S",
    "Ohm.cm": "ohm cm",
    "mS/cm": "mS cm-1",
}
_IMPEDANCE = re.compile(r"freq/|-?Re\(|-?Im\(|Phase\(|\|(?!Energy)|C[sp]/|THD |NSD |NSR |Tan\(|Loss Angle")


@lru_cache(maxsize=512)
def canonical_name(text: str) -> str:
    """The name of :data:`COLUMNS` for a header cell of any release, including ones whose µ or ° was lost on the way."""
    name = text.strip().replace("μ", "µ").replace("\ufffdF", "µF").replace("\ufffdC", "°C")
    return _SPELLINGS.get(name, name)


@lru_cache(maxsize=512)
def units(name: str) -> str:
    """Unit of a column as the model writes it; ``""`` where the name has none or one that is not known."""
    parts = name.split("/")
    tails = ("/".join(parts[start:]) for start in range(1, len(parts)))
    return next((_UNITS[tail] for tail in tails if tail in _UNITS), "")


def is_impedance(name: str) -> bool:
    """Whether a column means something only in the rows that have a frequency."""
    return _IMPEDANCE.match(name) is not None
