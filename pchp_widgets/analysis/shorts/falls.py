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
_BLOCK = 1 << 14


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


def falls(values: FloatArray, series: IntArray) -> Falls:
    """Falls of a quantity in every series at once.

    A straight line is fitted to the up to twelve values before each one (at least five), single outliers among them
    smoothed by a median of three, and carried on by one and a half values. A scatter of less than 1 % is taken as 1 %.

    Parameters
    ----------
    values
        Of all series, each series in one piece and in order of time.
    series
        Which series each belongs to.
    """
    if not len(values):
        return Falls(*(np.zeros(0) for _ in Falls._fields))
    ends = np.flatnonzero(np.append(series[1:] != series[:-1], True)) + 1
    # blocks of whole series that fit the processor's cache
    cuts = ends[np.unique(np.append(np.searchsorted(ends, np.arange(_BLOCK, len(series), _BLOCK)), len(ends) - 1))]
    parts = [
        _in_block(values[low:high], series[low:high]) for low, high in zip(np.append(0, cuts[:-1]), cuts, strict=True)
    ]
    return Falls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _in_block(values: FloatArray, series: IntArray) -> Falls:
    with np.errstate(divide="ignore", invalid="ignore"):
        expected, ahead, error = _line_before(_smoothed(values, series), series)
        after = _middle(values, _shifted(values, series, -1), _shifted(values, series, -2))
        fall = np.where(ahead > 0, 1 - after / ahead, np.nan)
        own = np.where(expected > 0, 1 - values / expected, np.nan)
        return Falls(expected, fall, (ahead - after) / error, own, _unusual(values, after, series))


def _line_before(values: FloatArray, series: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Line through the values before, carried on to each and to one later, and the error of the median of three."""
    count, s_l, s_ll, s_v, s_lv, s_vv = (np.zeros(len(values)) for _ in range(6))
    for lag in range(1, BEFORE + 1):
        past = _shifted(values, series, lag)
        there = np.isfinite(past)
        past[~there] = 0.0
        count += there
        s_l -= lag * there
        s_ll += lag**2 * there
        s_v += past
        s_lv -= lag * past
        s_vv += past**2
    middle, mean = s_l / count, s_v / count
    spread = s_ll - count * middle**2
    slope = (s_lv - count * middle * mean) / spread
    residual = np.maximum(s_vv - count * mean**2 - slope**2 * spread, 0.0) / (count - 2)
    scatter = np.hypot(np.sqrt(residual), RESOLUTION * np.abs(mean))
    here = np.where(count >= FEWEST_BEFORE, mean - slope * middle, np.nan)
    return here, here + slope, scatter * np.sqrt(1 / count + (1 - middle) ** 2 / spread + 0.5)


def _unusual(values: FloatArray, after: FloatArray, series: IntArray) -> FloatArray:
    change = 1 - after / _middle(*(_shifted(values, series, lag) for lag in range(1, AFTER + 1)))
    largest = np.fmax(np.abs(_shifted(change, series, AFTER)), RESOLUTION)
    for lag in (1, 2, 4, 8, _MEMORY - AFTER - 16):  # each doubles the span, the last fills up the rest
        largest = np.fmax(largest, _shifted(largest, series, lag))
    unusual: FloatArray = change / largest
    return unusual


def _shifted(values: FloatArray, series: IntArray, lag: int) -> FloatArray:
    """Value `lag` places before each one, NaN beyond the ends of its series."""
    found = np.full(len(values), np.nan)
    here, there = (slice(lag, None), slice(None, -lag)) if lag > 0 else (slice(None, lag), slice(-lag, None))
    same = series[here] == series[there]
    found[here][same] = values[there][same]
    return found


def _smoothed(values: FloatArray, series: IntArray) -> FloatArray:
    """Median of each value and its two neighbours; as it is at the ends of a series."""
    middle = _middle(_shifted(values, series, 1), values, _shifted(values, series, -1))
    return np.where(np.isfinite(middle), middle, values)


def _middle(one: FloatArray, two: FloatArray, three: FloatArray) -> FloatArray:
    """Median of three; NaN where one of them is."""
    found: FloatArray = np.maximum(np.minimum(one, two), np.minimum(np.maximum(one, two), three))
    return found
