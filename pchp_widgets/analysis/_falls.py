"""Sudden and lasting falls of a quantity, against its own past: drift is carried on, scatter is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

BEFORE, FEWEST_BEFORE, AFTER = 12, 5, 3
RESOLUTION = 0.01
_MEMORY = 24


class Falls(NamedTuple):
    """For each value, as if something had happened just before it.

    Attributes
    ----------
    expected
        What the straight line through the values before would give here.
    fall
        1 - (median of this value and the two that follow) / expected; NaN where there are too few on either side.
    certainty
        The same in standard errors of the difference.
    own
        1 - this value / expected.
    unusual
        Change from the median of the three values before to that of this one and the two that follow, over the largest
        such change, up or down, that ended within the twenty-four values before: a swing that comes back every day is
        not unusual.
    """

    expected: FloatArray
    fall: FloatArray
    certainty: FloatArray
    own: FloatArray
    unusual: FloatArray


def falls(values: FloatArray, series: IntArray, *, resolution: float = RESOLUTION) -> Falls:
    """Falls of a quantity in every series at once.

    A straight line is fitted to the up to twelve values before each one (at least five), single outliers among them
    smoothed by a median of three, and carried on by one and a half values.

    Parameters
    ----------
    values
        Of all series, each series in one piece and in order of time.
    series
        Which series each belongs to.
    resolution
        Least relative scatter to reckon with.
    """
    smooth = _median_of_three(values, series)
    count, s_l, s_ll, s_v, s_lv, s_vv = (np.zeros(len(values)) for _ in range(6))
    for lag in range(1, BEFORE + 1):
        past = _shifted(smooth, series, lag)
        there = np.isfinite(past)
        past = np.where(there, past, 0.0)
        count += there
        s_l -= lag * there
        s_ll += lag**2 * there
        s_v += past
        s_lv -= lag * past
        s_vv += past**2
    with np.errstate(divide="ignore", invalid="ignore"):
        middle, mean = s_l / count, s_v / count
        spread = s_ll - count * middle**2
        slope = (s_lv - count * middle * mean) / spread
        residual = np.maximum(s_vv - count * mean**2 - slope**2 * spread, 0.0) / (count - 2)
        scatter = np.hypot(np.sqrt(residual), resolution * np.abs(mean))
        here = np.where(count >= FEWEST_BEFORE, mean - slope * middle, np.nan)
        ahead = here + slope
        error = scatter * np.sqrt(1 / count + (1 - middle) ** 2 / spread + 0.5)
        later = np.stack([_shifted(values, series, -lag) for lag in range(AFTER)])
        after = np.median(later, axis=0)
        fall = np.where(ahead > 0, 1 - after / ahead, np.nan)
        own = np.where(here > 0, 1 - values / here, np.nan)
        return Falls(here, fall, (ahead - after) / error, own, _unusual(values, after, series))


def _unusual(values: FloatArray, after: FloatArray, series: IntArray) -> FloatArray:
    before = np.median(np.stack([_shifted(values, series, lag) for lag in range(1, AFTER + 1)]), axis=0)
    change = 1 - after / before
    largest = np.full(len(values), RESOLUTION)
    for lag in range(AFTER, _MEMORY):
        largest = np.fmax(largest, np.abs(_shifted(change, series, lag)))
    return change / largest


def _shifted(values: FloatArray, series: IntArray, lag: int) -> FloatArray:
    """Value `lag` places before each one, NaN beyond the ends of its series."""
    found = np.full(len(values), np.nan)
    if lag == 0:
        return values
    here, there = (slice(lag, None), slice(None, -lag)) if lag > 0 else (slice(None, lag), slice(-lag, None))
    same = series[here] == series[there]
    found[here] = np.where(same, values[there], np.nan)
    return found


def _median_of_three(values: FloatArray, series: IntArray) -> FloatArray:
    """Median of each value and its two neighbours; as it is at the ends of a series."""
    before, after = _shifted(values, series, 1), _shifted(values, series, -1)
    middle = np.maximum(np.minimum(before, after), np.minimum(np.maximum(before, after), values))
    return np.where(np.isfinite(middle), middle, values)
