"""Which part of a record counts, by the rules of standards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]

_EARLY = 0.8  # of the median end: strips that ended before do not shorten the range of the others


@dataclass(frozen=True)
class Rule:
    """A range by its rule; lengths are those of the bond that was peeled.

    Attributes
    ----------
    text
        What it says.
    discard
        Length that is left out at the start [mm].
    length
        Length that counts after that [mm]; NaN for all of it.
    least
        Length that should count [mm].
    parts
        Of the peeled length, for a rule without lengths.
    """

    text: str
    discard: float = 0.0
    length: float = np.nan
    least: float = 0.0
    parts: tuple[float, float] = (0.0, 1.0)


RULES = {
    "ISO 8510-2": Rule("180°, flexible to rigid: without the first 25 mm, over at least 100 mm", 25.0, least=100.0),
    "ISO 8510-1": Rule("90°, flexible to rigid: without the first 25 mm, over at least 115 mm", 25.0, least=115.0),
    "ASTM D903": Rule("180°: without the first 25 mm, over at least half of a bond of 152 mm", 25.0, least=76.0),
    "ASTM D3330": Rule("tapes: without the first 25 mm, the next 50 mm", 25.0, 50.0, 50.0),
    "middle half": Rule("from 25 to 75 % of what was peeled; no standard", parts=(0.25, 0.75)),
    "whole record": Rule("all of it, the starting peak too; no standard", parts=(-np.inf, np.inf)),
}
"""Rules by their names. Lengths are from memory of the standards: compare them with your copy before you cite one."""


def travel_per_length(angle: npt.ArrayLike) -> FloatArray:
    """Travel of the grips per length of bond that is peeled: ``1 - cos(angle)``.

    That is 2 at 180 degrees and 1 at 90, for a strip that does not stretch.

    Parameters
    ----------
    angle
        Peel angle [degree]; where it is not known the travel is taken for the length.
    """
    found = 1 - np.cos(np.radians(np.asarray(angle, float)))
    return np.asarray(np.where(np.isfinite(found) & (found > 0), found, 1.0), float)


def plateau_window(of: xr.Dataset, rule: str = "ISO 8510-2") -> tuple[float, float]:
    """The range of travel [mm] that counts, one for all strips, so that they are compared over the same path.

    It begins where the last strip has left the starting length behind, and ends with the first strip to end, unless
    that ended before 80 % of the median end: it is then not to shorten the others.

    Parameters
    ----------
    of
        As given by :func:`~.strips.strips`.
    rule
        One of :data:`RULES`.

    Raises
    ------
    ValueError
        When there is no such rule, no strip was peeled, or none is left after what the rule discards.
    """
    chosen = known_rule(rule)
    start, end = of["peel_start"].values, of["peel_end"].values
    used = np.isfinite(start) & np.isfinite(end)
    if not used.any():
        raise ValueError("force: no strip has a force along its travel; is the column of the force the right one?")
    if np.isinf(chosen.parts[0]):
        return 0.0, float(np.nanmax(of["travel"].values))
    factor = np.broadcast_to(factors(of)[:, None], used.shape)[used]
    start, end = start[used], end[used]
    last = float(end[end >= _EARLY * np.median(end)].min())
    if chosen.parts != (0.0, 1.0):
        first = float(start.max())
        return first + chosen.parts[0] * (last - first), first + chosen.parts[1] * (last - first)
    low = float((start + factor * chosen.discard).max())
    high = min(last, low + float(factor.max()) * chosen.length) if np.isfinite(chosen.length) else last
    if low >= high:
        raise ValueError(
            f"rule {rule}: the strips end at {last:.0f} mm of travel, and the first {low:.0f} mm do not count; "
            "choose another rule, or a range of your own: window=(low, high)"
        )
    return low, high


def known_rule(rule: str) -> Rule:
    """The rule of that name; raises ValueError when there is none."""
    if rule not in RULES:
        raise ValueError(f"rule {rule!r}: choose one of {', '.join(RULES)}")
    return RULES[rule]


def factors(of: xr.Dataset) -> FloatArray:
    """Travel per peeled length of each sample."""
    angle = of["peel_angle"].values if "peel_angle" in of.coords else np.full(of.sizes["sample"], np.nan)
    return travel_per_length(angle)
