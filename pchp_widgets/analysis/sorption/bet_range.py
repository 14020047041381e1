"""The range of relative pressure in which the BET equation may be applied, found from the criteria alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .regression import BoolArray, FloatArray

LINEAR = 0.995
"""Least coefficient of determination of a line that passes for straight."""

FEWEST = 5
"""Points in a suggested range, at least."""

_BLOCK = 2_000_000  # ranges of points considered at once
_HIGHEST = 0.5  # relative pressure, beyond any knee that is a monolayer


def suggested_ranges(isotherms: xr.Dataset, *, tolerance: float = 0.2, fewest: int = FEWEST) -> FloatArray:
    """A range of relative pressure for the BET plot of each sample, (sample, 2).

    Of all ranges of consecutive points that meet Rouquerol's four criteria with a straight line, those that end at the
    highest pressure are taken, and of them the one whose monolayer lies best where the BET equation has it (the
    fourth criterion), as J. W. M. Osterrieth et al. do (Adv. Mater. 34 (2022) 2201502). Where no range meets them, it
    is that from a tenth of the pressure at which n(1 - x) is highest up to that pressure, and the criteria will say so;
    of an isotherm without relative pressures (0.05, 0.3).

    Parameters
    ----------
    isotherms
        As given by :func:`.isotherms.isotherms`.
    tolerance
        Of the fourth criterion.
    fewest
        Points in a range, at least.
    """
    x, n = isotherms["relative_pressure"].values, isotherms["uptake"].values
    points = max(x.shape[1], 1)
    size = max(_BLOCK // points**2, 1)
    blocks = [_ranges(x[at : at + size], n[at : at + size], tolerance, fewest) for at in range(0, len(x), size)]
    return np.concatenate([*blocks, np.zeros((0, 2))])


def _ranges(x: FloatArray, n: FloatArray, tolerance: float, fewest: int) -> FloatArray:
    found = _fallback(x, n)
    sample, first, last, off = _valid(x, n, tolerance, fewest)
    if len(sample):
        order = np.lexsort((off, -last, sample))
        best = order[np.append(True, np.diff(sample[order]) > 0)]
        rows = sample[best]
        found[rows] = np.stack([x[rows, first[best]], x[rows, last[best]]], -1)
    return found


def _valid(
    x: FloatArray, n: FloatArray, tolerance: float, fewest: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp], FloatArray]:
    """Ranges that meet all criteria: their sample, first and last point, and how far off the fourth criterion is."""
    with np.errstate(invalid="ignore", divide="ignore"):
        usable = (x > 0) & (x < _HIGHEST) & (n > 0)
        y = np.where(usable, x / (n * (1 - x)), 0.0)
        free = n * (1 - x)
    at = np.where(usable, x, 0.0)
    first, last = np.triu_indices(x.shape[1], fewest - 1)
    total = [_between(column, first, last) for column in (usable, at, y, at * at, at * y, y * y)]
    count = last - first + 1
    falling = np.concatenate([np.zeros((len(x), 1)), ~(np.diff(free, axis=-1) > 0)], -1)
    whole = (total[0] == count) & (_between(falling, np.minimum(first + 1, last), last) == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        xx, xy, yy = (
            total[place] - total[one] * total[two] / count for place, one, two in ((3, 1, 1), (4, 1, 2), (5, 2, 2))
        )
        slope = xy / xx
        intercept = (total[2] - slope * total[1]) / count
        monolayer, constant = 1 / (slope + intercept), 1 + slope / intercept
        straight = xy**2 / (xx * yy) >= LINEAR
        inside = (monolayer >= n[:, first]) & (monolayer <= n[:, last])
        sample, place = np.nonzero(whole & straight & inside & (constant > 0) & (monolayer > 0))
    reached = _reached(x, n, sample, monolayer[sample, place])
    off = np.abs(1 / (np.sqrt(constant[sample, place]) + 1) / reached - 1)
    near = off <= tolerance
    return sample[near], first[place[near]], last[place[near]], off[near]


def _between(values: FloatArray | BoolArray, first: npt.NDArray[np.intp], last: npt.NDArray[np.intp]) -> FloatArray:
    """Sums from `first` to `last`, both included."""
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=-1, dtype=float)], -1)
    found: FloatArray = sums[:, last + 1] - sums[:, first]
    return found


def _reached(x: FloatArray, n: FloatArray, sample: npt.NDArray[np.intp], wanted: FloatArray) -> FloatArray:
    """Relative pressure at which an isotherm first reaches an uptake; `wanted` lies among its uptakes."""
    heights = np.maximum.accumulate(np.where(np.isfinite(n), n, -np.inf), -1)
    top = float(np.nanmax(n, initial=1.0)) + 1.0
    tall = np.maximum(heights, 0.0) + top * np.arange(len(n))[:, None]  # one ascending list of all isotherms
    after = np.searchsorted(tall.ravel(), wanted + top * sample) - x.shape[1] * sample
    after = np.clip(after, 1, x.shape[1] - 1)
    low, high = n[sample, after - 1], n[sample, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(high > low, (wanted - low) / (high - low), 0.0)
    found: FloatArray = x[sample, after - 1] + share * (x[sample, after] - x[sample, after - 1])
    return found


def _fallback(x: FloatArray, n: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        free = np.where((x > 0) & (x < _HIGHEST) & (n > 0), n * (1 - x), -np.inf)
    high = x[np.arange(len(x)), free.argmax(-1)] if x.shape[1] else np.full(len(x), np.nan)
    high = np.where(np.isfinite(free.max(-1, initial=-np.inf)), high, np.nan)
    return np.where(np.isfinite(high)[:, None], np.stack([high / 10, high], -1), np.array([0.05, 0.3]))
