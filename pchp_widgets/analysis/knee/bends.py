"""Search for the bends of a curve: every position tried, no start values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .hinges import Curves, FloatArray, IntArray, effective_count, fitted, floor, one_bend, two_bends

WIDTHS = (0.0, 0.02, 0.06, 0.2)
"""Widths of the transition that are tried, as parts of half the range; 0 is a sharp bend."""

_DEVIATIONS = 1.96  # of a normal distribution, 95 %


@dataclass(frozen=True)
class Bend:
    """Best single bend of every curve, in the curves' own units; ``rss`` and ``independent`` are columns."""

    place: FloatArray
    low: FloatArray
    high: FloatArray
    width: FloatArray
    before: FloatArray
    after: FloatArray
    rss: FloatArray
    independent: FloatArray


def best_bend(of: Curves, candidates: int) -> Bend:
    """Single bend of least squares, over a grid of positions and a few widths; all curves at once."""
    columns = len(of.x)
    place = np.unique(np.linspace(0, columns - 1, min(candidates, columns)).round().astype(int))
    centre = of.x[place]
    rss = np.stack([one_bend(of, _bends(of.x, centre, width)) for width in WIDTHS], axis=1)
    rss = np.where(_inside(of, place)[:, None, :], rss, np.inf)
    rows, best_width = np.arange(len(rss)), rss.min(2).argmin(1)
    profile = rss.min(1)
    best = profile.argmin(1)
    width = np.array(WIDTHS)[best_width]
    at = centre[best] + _vertex(profile, centre, best)
    cycle = float(np.diff(of.x).min(initial=np.inf))
    apart_by = float(np.diff(centre).max(initial=0.0))
    while apart_by > cycle:
        apart_by /= 5
        nearby = apart_by * np.array([-1.0, 0.0, 1.0])
        squares = [(fitted(of, _bends_of_each(of.x, at + shift, width))[2] ** 2).sum(1) for shift in nearby]
        at = at + _vertex(np.stack(squares, axis=1), nearby, np.ones(len(at), np.int64))
    a1, a2, residual = fitted(of, _bends_of_each(of.x, at, width))
    count = effective_count(of, residual)
    least = np.maximum(np.minimum((residual**2).sum(1, keepdims=True), profile[rows, best][:, None]), floor(of))
    with np.errstate(invalid="ignore"):
        apart = np.sqrt(np.maximum(count * np.log(profile / least), 0.0))
    low, high = _interval(apart, centre, at)
    low, high = np.minimum(low, at - cycle / 2), np.maximum(high, at + cycle / 2)  # cycles are whole
    return Bend(at, low, high, width, (a1 - a2)[:, 0], (a1 + a2)[:, 0], least, count)


def _bends(x: FloatArray, centre: FloatArray, width: float) -> FloatArray:
    away: FloatArray = x[:, None] - centre
    return away * np.tanh(away / width) if width else np.abs(away)


def _bends_of_each(x: FloatArray, centre: FloatArray, width: FloatArray) -> FloatArray:
    """Bend of each curve at its own place, (curve, x)."""
    away = x - centre[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        soft = away * np.tanh(away / width[:, None])
    return np.where(width[:, None] > 0, soft, np.abs(away))


def _inside(of: Curves, place: IntArray) -> npt.NDArray[np.bool_]:
    """Which candidate columns leave cycles enough on either side."""
    before = np.cumsum(of.known, axis=1)[:, place]
    return (before > _margin(of)) & (of.n - before >= _margin(of))


def _margin(of: Curves) -> FloatArray:
    found: FloatArray = np.maximum(4.0, 0.02 * of.n)
    return found


def _vertex(profile: FloatArray, centre: FloatArray, best: IntArray) -> FloatArray:
    """Where the parabola through the least of each row and its two neighbours has its vertex, relative to the least."""
    if len(centre) < 3:
        return np.zeros(len(best))
    rows, mid = np.arange(len(best)), np.clip(best, 1, len(centre) - 2)
    early, here, late = (profile[rows, mid + shift] for shift in (-1, 0, 1))
    before, after = centre[mid] - centre[mid - 1], centre[mid + 1] - centre[mid]
    with np.errstate(divide="ignore", invalid="ignore"):
        rise, fall = (late - here) / after, (early - here) / before
        shift = (fall * after - rise * before) / (2 * (rise + fall))
    usable = (mid == best) & np.isfinite(shift)
    return np.where(usable, np.clip(np.nan_to_num(shift), -before, after), 0.0)


def _interval(apart: FloatArray, centre: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where the deviation crosses 1.96 below and above the best place, at which it is 0, linearly between candidates.

    The deviation is the root of twice the logarithm of the likelihood ratio: a straight line on either side where the
    profile is a parabola.
    """
    rows, columns, end = np.arange(len(at)), np.arange(len(centre)), len(centre) - 1
    ends = []
    for step, beyond in ((-1, centre < at[:, None]), (1, centre > at[:, None])):
        far = ~(apart <= _DEVIATIONS) & beyond
        out = end - far[:, ::-1].argmax(1) if step < 0 else far.argmax(1)
        nearer = np.clip(out - step, 0, end)
        between = beyond[rows, nearer]
        place = np.where(between, centre[nearer], at)
        value = np.where(between, apart[rows, nearer], 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (_DEVIATIONS - value) / (apart[rows, out] - value)
        share = np.where(np.isfinite(apart[rows, out]), np.clip(share, 0.0, 1.0), 0.0)
        utmost = np.where(beyond, step * columns, -end - 1).argmax(1)
        crossed = place + share * (centre[out] - place)
        ends.append(np.where(far.any(1), crossed, np.where(beyond.any(1), centre[utmost], at)))
    return ends[0], ends[1]


def best_two(of: Curves, single: FloatArray) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Columns of the two bends of least squares, and whether both bend down and their BIC beats a single bend."""
    order = np.argsort(of.known == 0, axis=1, kind="stable")  # the columns of each curve that have a value come first
    margin = _margin(of)
    low, high = margin, of.n - 1 - margin
    grid = np.linspace(0.0, 1.0, 32)
    first, second = (low + grid[side] * (high - low) for side in np.triu_indices(len(grid), 1))
    span = (high - low) / (len(grid) - 1)
    rows = np.arange(len(order))
    pick = np.zeros((len(order), 2), np.int64)
    fine = np.linspace(-1.0, 1.0, 9)
    around = [side.ravel() for side in np.meshgrid(fine, fine)]
    while True:
        ranks = [np.clip(rank, low, high).round().astype(np.int64) for rank in (first, second)]
        at = [np.take_along_axis(order, rank, 1) for rank in ranks]
        rss, a2, a3 = two_bends(of, at[0], at[1])
        rss = np.where(ranks[1] - ranks[0] >= margin, rss, np.inf)
        best = rss.argmin(1)
        pick = np.stack([side[rows, best] for side in at], axis=1)
        if (span <= 1).all():
            break
        first, second = (rank[rows, best][:, None] + span * side for rank, side in zip(ranks, around, strict=True))
        span = span / 4
    down = (a2[rows, best] < 0) & (a3[rows, best] < 0)
    bent = sum(
        coefficient[rows, best][:, None] * np.abs(of.x - of.x[place][:, None])
        for coefficient, place in ((a2, pick[:, 0]), (a3, pick[:, 1]))
    )
    independent = effective_count(of, fitted(of, np.asarray(bent))[2])
    gain = independent * np.log(single / rss[rows, best][:, None]) - 2 * np.log(independent)  # a3 and x2
    return pick, down & (gain[:, 0] > 0)
