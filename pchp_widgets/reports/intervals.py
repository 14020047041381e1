"""Numbers with their intervals, as a person reads them."""

from __future__ import annotations

import numpy as np

from ..model.units import pretty
from .tables import decimals

_FIGURES = 5
_NARROWEST = 1e-4


def interval_in_words(value: tuple[float, float, float], units: str) -> str:
    """A number with its interval, rounded as the interval allows; empty where it is not known.

    An interval too narrow to be seen in four figures is left out.
    """
    middle, low, high = value
    if not np.isfinite(middle):
        return ""
    if np.isinf(high):
        return f"≥ {_number(low)} {pretty(units)}".rstrip()
    if not high > low:
        return f"{_number(middle)} {pretty(units)}".rstrip()
    if (high - low) / 2 < _NARROWEST * abs(middle):
        return f"{_number(middle)} {pretty(units)}".rstrip()
    places = min(decimals((high - low) / 2, 2), decimals(abs(middle), _FIGURES))
    return f"{middle:.{places}f} ({low:.{places}f} to {high:.{places}f}) {pretty(units)}".rstrip()


def _number(value: float) -> str:
    """Four significant figures; large numbers without a power of ten."""
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
