"""Values that a circuit description code states, carried over to the parameters used here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from .elements import KINDS


class Stated(NamedTuple):
    """What a text states of one parameter: its value, its limits (None: not stated), whether it is kept."""

    value: float = math.nan
    lower: float | None = None
    upper: float | None = None
    fixed: bool = False


# W, Wo, Ws and G of pyimpspec have an admittance Y and B or k, and an exponent n that is 0.5 here:
# 1/(Y sqrt(j omega)), coth(sqrt(B j omega))/sqrt(Y j omega), tanh(...)/..., 1/(Y sqrt(k + j omega))
_FOREIGN = {"W": ("Y",), "Wo": ("Y", "B"), "Ws": ("Y", "B"), "G": ("Y", "k")}


def carried_over(symbol: str, values: Mapping[str, Stated]) -> tuple[Stated, ...]:
    """One `Stated` for each parameter of an element.

    Raises
    ------
    ValueError
        A name that the element does not have; a value that is not positive, or outside its limits; what has no
        equivalent here: half of a pair, limits of a converted parameter, an exponent other than 0.5.
    """
    for name, stated in values.items():
        _check(name, stated)
    own = [parameter.name for parameter in KINDS[symbol].parameters]
    rename = {"Y": "Q"} if symbol == "CPE" else {}
    renamed = {rename.get(name, name): stated for name, stated in values.items()}
    if symbol not in _FOREIGN or set(renamed) <= set(own):
        _known(renamed, own)
        return tuple(renamed.get(name, Stated()) for name in own)
    foreign = _FOREIGN[symbol]
    _known(values, [*foreign, "n"])
    if "n" in values and values["n"].value != 0.5:
        raise ValueError(f"the exponent n of {symbol} is 0.5 here; it cannot be {values['n'].value:g}")
    given = [values[name] for name in foreign if name in values]
    if len(given) != len(foreign):
        raise ValueError(f"{symbol} needs {' and '.join(foreign)} together, or none")
    if any(stated.lower is not None or stated.upper is not None for stated in given):
        raise ValueError(f"limits of {' and '.join(foreign)} of {symbol} are not carried over; give bounds of the fit")
    fixed = {stated.fixed for stated in given}
    if len(fixed) > 1:
        raise ValueError(f"{' and '.join(foreign)} of {symbol} can be kept only together")
    y = given[0].value
    if symbol == "W":
        return (Stated(1 / (y * math.sqrt(2)), fixed=fixed.pop()),)
    other = given[1].value
    kept = fixed.pop()
    if symbol == "G":
        return Stated(1 / (y * math.sqrt(other)), fixed=kept), Stated(1 / other, fixed=kept)
    return Stated(math.sqrt(other / y), fixed=kept), Stated(other, fixed=kept)


def _known(values: Mapping[str, Stated], names: list[str]) -> None:
    for name in values:
        if name not in names:
            raise ValueError(f"no parameter {name} here; there is {', '.join(names)}")


def _check(name: str, stated: Stated) -> None:
    if not (stated.value > 0 and math.isfinite(stated.value)):
        raise ValueError(f"{name} must be positive, not {stated.value:g}")
    low = stated.lower if stated.lower is not None else -math.inf
    high = stated.upper if stated.upper is not None else math.inf
    if not low <= stated.value <= high:
        raise ValueError(f"{name} = {stated.value:g} is outside its own limits, {low:g} to {high:g}")
