"""Where a fit of photoemission begins: positions of the reference line, and areas that go with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .backgrounds import FloatArray
from .fitting import LEAST_COUNTS, Problem, minimum, smoothed

_FIRST_WIDTH = 1.3
_BASINS, _ALIKE, _FEW = 3, 25.0, 8
_PER_SAMPLE = ("energy", "counts", "fixed", "anchor")


def started(problem: Problem, places: FloatArray) -> FloatArray:
    """A start: of some positions of the reference [eV] the ones from which the components fit each sample best.

    Two lines as far apart as two others may be taken for these. So where several positions are about as good at first
    sight, the sample is fitted by itself from each of them.

    Parameters
    ----------
    problem
        What is to be fitted.
    places
        Positions to try, rising.
    """
    low, high = problem.bounds()
    count, samples = len(problem.components), len(problem.energy)
    end = samples * problem.own
    middle = (low[end:] + high[end:]) / 2
    middle[count - 1 :] = _FIRST_WIDTH
    weight = np.where(problem.known, 1.0 / np.maximum(smoothed(problem), LEAST_COUNTS), 0.0)
    own = np.zeros((len(places), samples, problem.own))
    cost = np.full((len(places), samples), np.inf)
    for at, place in enumerate(places):
        inside = (place >= problem.anchor[:, 0] - 1e-9) & (place <= problem.anchor[:, 1] + 1e-9)
        if inside.any():
            own[at], squares = _at(problem, weight, float(place), middle)
            cost[at] = np.where(inside, squares, np.inf)
    best = np.array([own[cost[:, one].argmin(), one] for one in range(samples)])
    for one in range(samples):
        basins = _basins(cost[:, one])
        if len(basins) > 1:
            alone = replace(problem, **{name: getattr(problem, name)[[one]] for name in _PER_SAMPLE})
            fits = [
                minimum(alone, weight[[one]], np.concatenate([own[at, one], middle]), iterations=_FEW) for at in basins
            ]
            best[one] = min(fits, key=lambda fit: float(fit.chi_square[0])).x[: problem.own]
    return np.concatenate([best.ravel(), middle])


def _at(problem: Problem, weight: FloatArray, place: float, middle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Parameters of every sample with the reference at one place, and what is left then."""
    count, samples = len(problem.components), len(problem.energy)
    x = np.concatenate([np.tile([place, *np.zeros(problem.own - 1)], samples), middle])
    columns = problem.lines(x)[0]
    if problem.background:
        last = problem.from_middle() if problem.background == "linear" else problem.scattered(columns.sum(1))
        columns = np.concatenate([columns, np.ones_like(columns[:, :1]), last[:, None]], axis=1)
    found, squares = _not_negative(columns, weight, np.where(problem.known, problem.counts, 0.0), count)
    if problem.background and problem.background != "linear":
        # the column was that of lines of unit area: what it takes is per area here
        areas = found[:, :count].sum(1)
        found[:, -1] = np.clip(found[:, -1] * count / np.maximum(areas, 1e-12), 0.0, 10.0)
    return np.concatenate([np.full((samples, 1), place), found], axis=1), squares


def _basins(cost: FloatArray) -> list[int]:
    """Places of the lowest minima of a cost, the lowest first, as far as they are about as low."""
    around = np.concatenate([[np.inf], cost, [np.inf]])
    lowest = np.flatnonzero((cost <= around[:-2]) & (cost <= around[2:]) & (cost <= _ALIKE * cost.min()))
    found: list[int] = lowest[np.argsort(cost[lowest])][:_BASINS].tolist()
    return found


def _not_negative(
    columns: FloatArray, weight: FloatArray, counts: FloatArray, areas: int
) -> tuple[FloatArray, FloatArray]:
    """Amplitudes of columns (sample, column, point), the first `areas` of them not below zero, and sums of squares."""
    weighted = columns * weight[:, None, :]
    normal, right = weighted @ columns.transpose(0, 2, 1), np.einsum("lcn,ln->lc", weighted, counts)
    scale = np.sqrt(np.maximum(np.einsum("lcc->lc", normal), 1e-300))
    normal, right = normal / scale[:, :, None] / scale[:, None, :], right / scale
    out = np.zeros(right.shape, bool)
    found = np.zeros_like(right)
    for _ in range(areas + 1):
        reduced = np.where(out[:, :, None] | out[:, None, :], 0.0, normal) + 1e-9 * np.eye(right.shape[1])
        reduced += out[:, :, None] * np.eye(right.shape[1])
        found = np.linalg.solve(reduced, np.where(out, 0.0, right)[:, :, None])[:, :, 0]
        below = found < 0
        below[:, areas:] = False
        if not below.any():
            break
        out |= below
    found = np.where(out, 0.0, found / scale)
    residual = counts - np.einsum("lc,lcn->ln", found, columns)
    return found, (weight * residual**2).sum(1)
