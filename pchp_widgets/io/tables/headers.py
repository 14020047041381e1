"""What the header of a column means: the quantity and its unit, in the spellings found in the field.

One table for everything that comes as columns: delimited text, BDF, Parquet. A unit is never guessed: a header that
names a quantity without its unit (``Voltage``) is left to a units row below it or to the caller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ...model.units import UnitError, conversion

STORED_UNITS = {
    "time": "s",
    "voltage": "V",
    "current": "mA",
    "temperature": "degC",
    "instrument_cycle": "1",
    "instrument_step": "1",
    "capacity": "mA h",
    "net_capacity": "mA h",
    "charge_capacity": "mA h",
    "discharge_capacity": "mA h",
    "energy": "mW h",
    "net_energy": "mW h",
    "charge_energy": "mW h",
    "discharge_energy": "mW h",
    "state": "",
}
"""Quantities a column can hold, with the unit they are brought to.

``capacity`` is a counter whose sign the header does not tell, ``net_capacity`` counts down on discharge,
``state`` is text such as ``CC_DChg`` or ``Rest``.
"""

_NO_UNIT_NEEDED = {"instrument_cycle", "instrument_step", "state"}

# Of several columns that mean the same quantity the one named first here is taken: cyclers write the time of the
# step as "Time" beside "Total Time".
_NAMES = {
    "time": (
        "test time", "total time", "cumulative time", "elapsed time", "running time", "experiment time", "run time",
        "testtime", "test", "time", "t",
    ),
    "voltage": (
        "voltage", "volts", "volt", "cell voltage", "terminal voltage", "ewe", "<ewe>", "ecell", "ewe-ece", "we-ce",
        "potential", "we potential", "δe", "∆e", "delta e", "e", "u", "v",
    ),
    "current": ("current", "<i>", "i", "amps", "cell current", "we current"),
    "temperature": (
        "cell temperature", "surface temperature", "surface temperature t1", "temperature t1", "temperature",
        "aux temperature 1", "temp 1", "temp", "t1", "t",
    ),
    "instrument_cycle": (
        "cycle count", "cycle index", "cycle number", "cycle", "cyc#", "cyc", "cycle c", "cycle no", "cycle id",
    ),
    "instrument_step": (
        "step count", "step number", "step index", "step id", "step no", "step", "ns",
    ),
    "capacity": ("capacity", "cap", "q", "amp-hr", "step capacity"),
    "net_capacity": ("net capacity", "(q-qo)", "q-qo", "step net capacity", "charge throughput"),
    "charge_capacity": ("charge capacity", "charging capacity", "chg cap", "chg capacity", "charge cap", "q charge"),
    "discharge_capacity": (
        "discharge capacity", "discharging capacity", "dchg cap", "dchg capacity", "dischg cap", "discharge cap",
        "q discharge",
    ),
    "energy": ("energy", "watt-hr", "step energy"),
    "net_energy": ("net energy", "step net energy"),
    "charge_energy": ("charge energy", "charging energy", "chg energy", "chg eng"),
    "discharge_energy": ("discharge energy", "discharging energy", "dchg energy", "dischg energy", "dchg eng"),
    "state": ("step type", "state", "status", "control"),
}  # fmt: skip
_MEANINGS: dict[str, list[tuple[str, int]]] = {}  # "T" is time or temperature: the unit tells
for _quantity, _names in _NAMES.items():
    for _rank, _name in enumerate(_names):
        _MEANINGS.setdefault(_name, []).append((_quantity, _rank))

# Units that are spelled out in words, or in ways that only make sense here. The last two are what UTF-8 and GBK
# exports of Chinese software look like when they are read as cp1252.
_UNIT_WORDS = {
    "second": "s", "seconds": "s", "sec": "s", "secs": "s", "millisecond": "ms", "milliseconds": "ms",
    "minute": "min", "min": "min", "minutes": "min", "hour": "h", "hours": "h", "hr": "h", "hrs": "h",
    "day": "d", "days": "d",
    "volt": "V", "volts": "V", "v": "V", "mv": "mV", "millivolt": "mV", "millivolts": "mV",
    "ampere": "A", "amperes": "A", "amp": "A", "amps": "A", "a": "A", "ma": "mA", "ua": "uA",
    "milliampere": "mA", "milliamperes": "mA", "milliamps": "mA", "mamps": "mA", "microampere": "uA",
    "ah": "A h", "mah": "mA h", "uah": "uA h", "amp-hr": "A h", "mamp-hr": "mA h", "ampere-hour": "A h",
    "as": "A s", "mas": "mA s", "wh": "W h", "mwh": "mW h", "watt-hr": "W h", "mwatt-hr": "mW h", "mws": "mW s",
    "celsius": "degC", "c": "degC", "deg c": "degC", "ºc": "degC", "kelvin": "K",
    "dimensionless": "1", "#": "1", "¦ìa": "uA", "¡æ": "degC",
}  # fmt: skip
# Headers that are a unit and nothing else.
_BARE_UNITS = {
    "volts": ("voltage", "V"),
    "mvolts": ("voltage", "mV"),
    "amps": ("current", "A"),
    "mamps": ("current", "mA"),
    "amp-hr": ("capacity", "A h"),
    "mamp-hr": ("capacity", "mA h"),
    "watt-hr": ("energy", "W h"),
    "mwatt-hr": ("energy", "mW h"),
}
_BRACKETS = re.compile(r"^(.*?)\s*[(\[{<]\s*([^()\[\]{}<>]*?)\s*[)\]}>]\s*$")


class Heading(NamedTuple):
    """A header understood: what the column holds, in which unit, and how it ranks beside others that hold the same."""

    quantity: str
    units: str
    rank: int = 0


@lru_cache(maxsize=4096)
def heading(header: str, unit_below: str = "") -> Heading | None:
    """What a header means, or None where it is not understood or its unit is not stated.

    Parameters
    ----------
    header
        For example ``"Time (h)"``, ``"Ewe/V"``, ``"Current [A]"``, ``"Test Time / s"``, ``"voltage_volt"``,
        ``"Potential vs Li (V)"`` or ``"Amps"``.
    unit_below
        The cell of a units row under the header, if there is one.
    """
    text = header.strip().lstrip("\ufeff#~").strip()
    if plain(text) in _BARE_UNITS:
        return Heading(*_BARE_UNITS[plain(text)])
    for name, units in names_and_units(text, unit_below):
        for quantity, rank in _MEANINGS.get(plain(name), ()):
            known = stated_unit(units, quantity)
            if quantity in _NO_UNIT_NEEDED and (not units or known):
                return Heading(quantity, STORED_UNITS[quantity], rank)
            if known:
                return Heading(quantity, known, rank)
    return None


def stated_unit(text: str, quantity: str) -> str | None:
    """The unit as the model reads it, or None where it is missing or does not measure `quantity`."""
    bare = re.split(r"\s+(?:vs|against)\b", text.strip().strip("()[]"), maxsplit=1, flags=re.IGNORECASE)[0].strip()
    if bare == "C" and quantity == "temperature":
        return "degC"  # coulomb to the model
    for candidate in (bare, _UNIT_WORDS.get(bare.lower(), "")):
        try:
            conversion(candidate, STORED_UNITS[quantity])
        except UnitError:
            continue
        return candidate or None
    return None


def is_unit(text: str) -> bool:
    """Whether a cell of a possible units row is a unit."""
    return any(stated_unit(text, quantity) for quantity in ("time", "voltage", "current", "temperature", "capacity"))


def headings(
    headers: Sequence[str], units: Sequence[str] = (), known: Mapping[str, Heading] | None = None
) -> dict[str, tuple[int, Heading]]:
    """Column and meaning of each quantity found; of two columns for one quantity the better named one.

    Parameters
    ----------
    headers, units
        Of each column; cells of a units row where there is one.
    known
        What an instrument's own headers mean, by header as :func:`plain` writes it, where the header does not say so
        itself.
    """
    found: dict[str, tuple[int, Heading]] = {}
    for column, header in enumerate(headers):
        meaning = heading(header, units[column] if column < len(units) else "") or (known or {}).get(plain(header))
        if meaning and (meaning.quantity not in found or meaning.rank < found[meaning.quantity][1].rank):
            found[meaning.quantity] = (column, meaning)
    return found


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A header in lower case with single blanks, without its reference electrode."""
    without_reference = re.split(r"\s+(?:vs|against)\b", name, maxsplit=1, flags=re.IGNORECASE)[0]
    return re.sub(r"[\s_.\ufeff]+", " ", without_reference).strip().lower()


def names_and_units(text: str, unit_below: str) -> list[tuple[str, str]]:
    """Every way to part a header into a name and a unit, the likeliest first."""
    ways = [(text, unit_below)]
    bracketed = _BRACKETS.match(text)
    if bracketed:
        ways.append((bracketed[1], bracketed[2]))
    for separator in ("/", ",", "_"):
        name, found, units = text.rpartition(separator)
        if found:
            ways.append((name, units))
    return ways
