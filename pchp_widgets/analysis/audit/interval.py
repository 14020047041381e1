"""A number with the range it may lie in, and how ranges go through a formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """A number and its 95 % interval; the interval of a number nobody gave an error for is the number itself."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return bool(np.isfinite(self.value))


UNKNOWN = Interval(np.nan, np.nan, np.nan)


def interval(value: float, low: float | None = None, high: float | None = None) -> Interval:
    """A number, with its interval as far as one is known.

    Raises
    ------
    ValueError
        When the number lies outside its interval.
    """
    value = float(value)
    low = value if low is None or np.isnan(low) else float(low)
    high = value if high is None or np.isnan(high) else float(high)
    if not np.isnan(value) and not low <= value <= high:
        raise ValueError(f"{value:g} lies outside its interval, {low:g} to {high:g}")
    return Interval(value, low, high)


def propagated(formula: Callable[..., float], *inputs: Interval) -> Interval:
    """What a formula makes of numbers whose errors are independent.

    Each input in turn goes to both ends of its interval; the changes of the result add up in quadrature, upwards and
    downwards apart. Exact where the formula is linear, and right to first order elsewhere. An end that cannot be
    computed, such as a division by zero, leaves the result open on that side.
    """
    values = [one.value for one in inputs]
    middle = _computed(formula, values)
    if not np.isfinite(middle):
        return UNKNOWN
    down = up = 0.0
    for place, one in enumerate(inputs):
        ends = [_computed(formula, [*values[:place], end, *values[place + 1 :]]) for end in (one.low, one.high)]
        changes = [end - middle if not np.isnan(end) else np.inf for end in ends]
        changes += [-np.inf] if any(np.isnan(end) for end in ends) else []
        down += min(0.0, *changes) ** 2
        up += max(0.0, *changes) ** 2
    return Interval(middle, middle - down**0.5, middle + up**0.5)


def _computed(formula: Callable[..., float], values: list[float]) -> float:
    try:
        with np.errstate(all="ignore"):
            return float(formula(*values))
    except (ZeroDivisionError, OverflowError, ValueError):
        return float("nan")
