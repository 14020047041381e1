r"""The share of lithiated acid, with its interval by profile likelihood.

All shares belong to the interval for which the best fit with that share has a :math:`\chi^2` that is higher by no more
than its quantile (S.S. Wilks, Ann. Math. Stat. 9 (1938) 60).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import fitting
from .outcome import DEFINITIONS

CHI_SQUARE_95 = 3.841458820694124
"""Quantile of chi-square with one degree of freedom."""


_ROOT, _TRIES = 0.02, 8


def lithiated(fit: fitting.Fit, lithium: int, acid: int, scale: float, intervals: bool) -> dict[str, Any]:
    """The share of lithiated acid of every sample with its interval."""
    found = [_fraction(fit, at, lithium, acid, scale, intervals) for at in range(len(fit.problem.energy))]
    value, low, high = np.array(found).T
    definition = DEFINITIONS["lithiated_fraction"]
    limits = {"units": "1", "definition": "95 % interval by profile likelihood"}
    return {
        "lithiated_fraction": ("sample", value, {"units": "1", "definition": definition}),
        "lithiated_fraction_low": ("sample", low, limits),
        "lithiated_fraction_high": ("sample", high, limits),
    }


def _fraction(
    fit: fitting.Fit, sample: int, lithium: int, acid: int, scale: float, intervals: bool
) -> tuple[float, float, float]:
    first, second = fit.problem.area_place(sample, lithium), fit.problem.area_place(sample, acid)
    total = fit.x[first] + fit.x[second]
    if not (total > 0 and np.isfinite(scale)):
        return float("nan"), 0.0, 1.0
    best = float(fit.x[first] / total)
    if not intervals:
        return best, float("nan"), float("nan")
    covariance = fit.covariance() * scale
    slope = np.array([1 - best, -best]) / total
    both = covariance[np.ix_([first, second], [first, second])]
    guess = float(np.sqrt(max(slope @ both @ slope, 0.0))) * np.sqrt(CHI_SQUARE_95)
    ends = [
        _limit(fit, (first, second), best, min(max(best + sign * max(guess, 0.01), 0.0), 1.0), scale, sign)
        for sign in (-1, 1)
    ]
    return best, ends[0], ends[1]


def _limit(fit: fitting.Fit, places: tuple[int, int], best: float, guess: float, scale: float, sign: int) -> float:
    """The share at which chi-square has risen by its quantile, on one side; 0 or 1 where it does not rise as much."""
    wall = 1.0 if sign > 0 else 0.0
    if best == wall:
        return wall
    lowest, target = float(fit.chi_square.sum()), CHI_SQUARE_95 * scale
    inner, inner_root, outer, outer_root = best, 0.0, wall, float("nan")
    at, start = guess, fit.x
    for _ in range(_TRIES):
        there = fitting.tied(fit, *places, at, start)
        start = there.x
        root = float(np.sqrt(max(there.chi_square.sum() - lowest, 0.0) / target))
        if abs(root - 1) < _ROOT:
            return at
        if root < 1:
            if at == wall:
                return wall
            inner, inner_root = at, root
        else:
            outer, outer_root = at, root
        if np.isfinite(outer_root):
            at = inner + (1 - inner_root) / (outer_root - inner_root) * (outer - inner)
        else:  # the root of chi-square rises about as a straight line
            further = best + (at - best) / max(root, 0.1)
            at = min(further, wall) if sign > 0 else max(further, wall)
    return at
