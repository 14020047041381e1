"""Numbers with their intervals, as a person reads them."""

from __future__ import annotations

import numpy as np

from ..model.units import pretty
from .tables import decimals

_FIGURES = 5


def interval_in_words(value: tuple[float, float, float], units: str) -> str:
    """A number with its interval, rounded as the interval allows; empty where it is not known."""
    middle, low, high = value
    if not np.isfinite(middle):
        return ""
    if np.isinf(high):
        return f"≥ {low:.4g} {pretty(units)}".rstrip()
    if not high > low:
        return f"{middle:.4g} {pretty(units)}".rstrip()
    places = min(decimals((high - low) / 2, 2), decimals(abs(middle), _FIGURES))
    return f"{middle:.{places}f} ({low:.{places}f} to {high:.{places}f}) {pretty(units)}".rstrip()
