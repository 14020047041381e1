"""Straight lines through the points of many samples at once, and what the scatter about them allows to be said."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


class Line(NamedTuple):
    """y = intercept + slope x by ordinary least squares, a value per sample; NaN with fewer than two points.

    The covariance of (slope, intercept) is that of errors proportional to `scale`, their size taken from the residuals;
    NaN with fewer than three points.
    """

    slope: FloatArray
    intercept: FloatArray
    slope_variance: FloatArray
    intercept_variance: FloatArray
    covariance: FloatArray
    r_squared: FloatArray
    degrees: FloatArray
    """Number of points less two."""


def line(x: FloatArray, y: FloatArray, used: BoolArray, scale: FloatArray | None = None) -> Line:
    """A line through the points used.

    Parameters
    ----------
    x, y, used
        (sample, point)
    scale
        Standard errors of y up to a common factor of each sample; all the same when left out. The estimate does not
        depend on it, its uncertainty does.
    """
    x, y = np.where(used, x, 0.0), np.where(used, y, 0.0)
    count = used.sum(-1).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = x.sum(-1) / count
        away = np.where(used, x - middle[..., None], 0.0)
        height = y.sum(-1) / count
        rise = np.where(used, y - height[..., None], 0.0)
        spread = (away**2).sum(-1)
        slope = np.where(count > 1, (away * rise).sum(-1) / spread, np.nan)
        intercept = height - slope * middle
        residual = rise - slope[..., None] * away
        degrees = count - 2
        unit = np.where(used, 1.0 if scale is None else scale, 1.0)
        size = np.where(used, (residual / unit) ** 2, 0.0).sum(-1) / degrees  # of the errors, against `scale`
        size = np.where(degrees > 0, size, np.nan)
        own = size[..., None] * np.where(used, unit**2, 0.0)
        of_slope = away / spread[..., None]
        of_intercept = np.where(used, 1 / count[..., None], 0.0) - of_slope * middle[..., None]
        determined = 1 - (residual**2).sum(-1) / (rise**2).sum(-1)
    of_s, of_i, of_both = (
        (own * one * two).sum(-1)
        for one, two in ((of_slope, of_slope), (of_intercept, of_intercept), (of_slope, of_intercept))
    )
    return Line(slope, intercept, of_s, of_i, of_both, determined, degrees)


def quantile(confidence: float, degrees: FloatArray) -> FloatArray:
    """Two-sided quantile of Student's t; NaN without a degree of freedom."""
    from scipy.special import stdtrit

    found: FloatArray = np.where(degrees > 0, stdtrit(np.maximum(degrees, 1), (1 + confidence) / 2), np.nan)
    return found


def reciprocal(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Interval of 1/q for a positive q in (low, high): unbounded above where q may be 0, NaN where q is negative."""
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.where(high > 0, 1 / high, np.nan)
        most = np.where(low > 0, 1 / low, np.where(high > 0, np.inf, np.nan))
    return least, most
