"""Units as a person writes them, turned into the one unit each variable is stored in.

Stored units are UDUNITS strings (``"mA h cm-2"``). Typed units may also be written ``mAh/cm2``, ``mA·h·cm⁻²`` or
``mA.h/cm^2``; all of them mean the same here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class UnitError(ValueError):
    """A unit or a quantity that cannot be read, or that measures something else."""


class Unit(NamedTuple):
    """Scale to SI, powers of (m, kg, s, A, K, mol), and offset in SI (temperatures only)."""

    scale: float
    powers: tuple[int, ...]
    offset: float = 0.0


def _base(scale: float, **powers: int) -> Unit:
    return Unit(scale, tuple(powers.get(name, 0) for name in ("m", "kg", "s", "A", "K", "mol")))


_PREFIXES = {
    "G": 1e9, "M": 1e6, "k": 1e3, "d": 1e-1, "c": 1e-2, "m": 1e-3,
    "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "n": 1e-9, "p": 1e-12,
}  # fmt: skip
_PREFIXED = {
    "m": _base(1, m=1),
    "g": _base(1e-3, kg=1),
    "s": _base(1, s=1),
    "A": _base(1, A=1),
    "V": _base(1, m=2, kg=1, s=-3, A=-1),
    "W": _base(1, m=2, kg=1, s=-3),
    "J": _base(1, m=2, kg=1, s=-2),
    "C": _base(1, s=1, A=1),
    "F": _base(1, m=-2, kg=-1, s=4, A=2),
    "S": _base(1, m=-2, kg=-1, s=3, A=2),
    "ohm": _base(1, m=2, kg=1, s=-3, A=-2),
    "Hz": _base(1, s=-1),
    "N": _base(1, m=1, kg=1, s=-2),
    "Pa": _base(1, m=-1, kg=1, s=-2),
    "bar": _base(1e5, m=-1, kg=1, s=-2),
    "L": _base(1e-3, m=3),
    "l": _base(1e-3, m=3),
    "mol": _base(1, mol=1),
    "K": _base(1, K=1),
}
_PLAIN = {
    "1": _base(1),
    "%": _base(1e-2),
    "percent": _base(1e-2),
    "min": _base(60, s=1),
    "h": _base(3600, s=1),
    "hr": _base(3600, s=1),
    "d": _base(86400, s=1),
    "day": _base(86400, s=1),
    "sec": _base(1, s=1),
    "degC": Unit(1, (0, 0, 0, 0, 1, 0), 273.15),
    "°C": Unit(1, (0, 0, 0, 0, 1, 0), 273.15),
    "℃": Unit(1, (0, 0, 0, 0, 1, 0), 273.15),
    "psi": _base(6894.757293168, m=-1, kg=1, s=-2),
    "deg": _base(0.017453292519943295),
    "degree": _base(0.017453292519943295),
    "angstrom": _base(1e-10, m=1),
    "Å": _base(1e-10, m=1),
    "eV": _base(1.602176634e-19, m=2, kg=1, s=-2),
    "count": _base(1),
    "ppm": _base(1e-6),
    "Ohm": _PREFIXED["ohm"],
    "\u03a9": _PREFIXED["ohm"],
    "\u2126": _PREFIXED["ohm"],  # the ohm sign, which looks the same
}
_OHMS = ("Ohm", "\u03a9", "\u2126")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_TOKEN = re.compile(r"([^\d\s^*·.\-/]+|1)\s*(?:\^?\(?(-?\d+)\)?)?")


def _symbol(name: str) -> Unit:
    if name in _PLAIN:
        return _PLAIN[name]
    if name in _PREFIXED:
        return _PREFIXED[name]
    for prefix, factor in _PREFIXES.items():
        rest = name.removeprefix(prefix)
        base = _PREFIXED.get(rest) or (_PLAIN[rest] if rest in _OHMS else None)
        if rest != name and base:
            return Unit(factor * base.scale, base.powers)
    if name.endswith("h") and len(name) > 1:  # mAh, mWh: the field writes the product without a space
        base = _symbol(name[:-1])
        hours = _PLAIN["h"]
        return Unit(base.scale * hours.scale, tuple(a + b for a, b in zip(base.powers, hours.powers, strict=True)))
    raise UnitError(f"unit {name!r} is not known")


@lru_cache(maxsize=512)
def unit(text: str) -> Unit:
    """Read a unit.

    Parameters
    ----------
    text
        For example ``"cm2"``, ``"mA h cm-2"``, ``"mAh/cm²"``, ``"°C"``, ``"%"`` or ``""`` (a plain number).

    Raises
    ------
    UnitError
        When a symbol is not known.
    """
    cleaned = text.translate(_SUPERSCRIPTS).strip()
    if not cleaned:
        return _PLAIN["1"]
    scale, powers, sign = 1.0, [0] * 6, 1
    for part in re.split(r"(/)", cleaned):
        if part == "/":
            sign = -1
            continue
        symbols = _TOKEN.findall(part)
        if not symbols or re.sub(_TOKEN, "", part).strip(" *·.^()"):
            raise UnitError(f"unit {text!r} cannot be read")
        for name, power in symbols:
            one, exponent = _symbol(name), sign * int(power or 1)
            if one.offset and len(symbols) == 1 and exponent == 1:
                return one
            scale *= one.scale**exponent
            powers = [total + exponent * own for total, own in zip(powers, one.powers, strict=True)]
    return Unit(scale, tuple(powers))


def conversion(source: str, target: str) -> tuple[float, float]:
    """Factor and offset with ``value_in_target = factor * value_in_source + offset``.

    Raises
    ------
    UnitError
        When the two do not measure the same thing.
    """
    a, b = unit(source), unit(target)
    if a.powers != b.powers:
        raise UnitError(f"{source!r} does not measure the same as {target!r}")
    return a.scale / b.scale, (a.offset - b.offset) / b.scale


_QUANTITY = re.compile(r"\s*([-+−]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$", re.DOTALL)


def magnitude(text: str | float, target: str) -> float:
    """Read a quantity as a person writes it, in the unit it is stored in.

    Parameters
    ----------
    text
        ``"1.327 cm2"``; a decimal comma is accepted. A bare number is refused unless the target is dimensionless,
        because nobody can tell what it means.
    target
        The stored unit, for example ``"cm2"``.

    Raises
    ------
    UnitError
        When there is no number, no unit, or a unit that measures something else.

    Examples
    --------
    >>> magnitude("132.7 mm2", "cm2")
    1.327
    """
    example = f'write for example "1.0 {target}"' if target != "1" else "write a plain number"
    if isinstance(text, int | float) and not isinstance(text, bool):
        if target != "1":
            raise UnitError(f"{text!r} has no unit; {example}")
        return float(text)
    match = _QUANTITY.match(str(text))
    if match is None:
        raise UnitError(f"{text!r} is not a quantity; {example}")
    number, symbol = float(match[1].replace(",", ".").replace("−", "-")), match[2]
    if not symbol and target != "1":
        raise UnitError(f"{text!r} has no unit; {example}")
    try:
        factor, offset = conversion(symbol, target)
    except UnitError as error:
        raise UnitError(f"{text!r}: {error}; {example}") from None
    return round(number * factor + offset, 12) if number else offset


_PRETTY = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def pretty(text: str) -> str:
    """Write a stored unit for a person: ``"mA h cm-2"`` becomes ``"mA h cm⁻²"``."""
    if text == "1e-6":
        return "ppm"
    words = [re.sub(r"(?<=[A-Za-z])-?\d+$", lambda m: m[0].translate(_PRETTY), word) for word in text.split()]
    names = {"ohm": "Ω", "degC": "°C", "um": "µm", "uL": "µL", "1": "", "degree": "°", "percent": "%"}
    names |= {"angstrom": "Å", "count": "counts"}
    return " ".join(re.sub(r"^[A-Za-z]+", lambda m: names.get(m[0], m[0]), word) for word in words if word != "1")
