"""Patterns made ready for a fit: what counts of them, gathered in bins much narrower than a halo, with their noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import TECHNIQUES

FloatArray = npt.NDArray[np.float64]
Ranges = Sequence[tuple[float, float]]

BINS = 400
"""Most bins of a pattern: over 60 degrees they are 0.15 degrees wide, and a halo of 4 degrees is 0.1 % wider for it."""

_SMOOTH = 4  # bins on both sides, over which the counts are averaged that the noise is taken from
_FEWEST = 24


@dataclass(frozen=True)
class Prepared:
    """S patterns in N bins each.

    Attributes
    ----------
    two_theta
        (S, N) mean angle of the points in a bin [degree].
    intensity
        (S, N) mean of a point.
    weights
        (S, N) 1 / standard error of `intensity`; 0 where nothing counts. Of a pattern that is no counts they are
        right but for a factor.
    points
        (S,) how many points count.
    within
        (S,) scatter of the points about the slope within their bins, in squares of their standard error.
    counted
        (S,) whether the intensities are counts, so that their noise is known beforehand.
    window
        First and last angle that count [degree].
    """

    two_theta: FloatArray
    intensity: FloatArray
    weights: FloatArray
    points: npt.NDArray[np.intp]
    within: FloatArray
    counted: npt.NDArray[np.bool_]
    window: tuple[float, float]

    def coarser(self, group: int) -> Prepared:
        """The same with so many bins in one; `within` is not known of it."""
        spare = -self.two_theta.shape[1] % group
        square = np.pad(self.weights**2, ((0, 0), (0, spare))).reshape(len(self.weights), -1, group)
        total = square.sum(2)
        angle, values = (
            (np.pad(one, ((0, 0), (0, spare))).reshape(square.shape) * square).sum(2) / np.where(total > 0, total, 1.0)
            for one in (self.two_theta, self.intensity)
        )
        angle = np.where(total > 0, angle, sum(self.window) / 2)
        return replace(self, two_theta=angle, intensity=values, weights=np.sqrt(total))


def prepared(data: xr.Dataset, window: tuple[float, float] | None = None, exclude: Ranges = ()) -> Prepared:
    """Bins of patterns.

    Parameters
    ----------
    data
        Measurement of ``diffraction`` (sample, point).
    window
        First and last angle that count [degree]; all that all samples have in common when left out.
    exclude
        Ranges of angles that do not count, such as those of sharp reflections.

    Raises
    ------
    ValueError
        When it is another measurement, or a range holds too few points.
    """
    if data.attrs.get("technique") != "diffraction":
        raise ValueError(f"data: a measurement of {TECHNIQUES['diffraction'].title} is expected")
    angle, counts, known = counted(data)
    low, high = window or common(data)
    if not low < high:
        raise ValueError(f"window {low:g} to {high:g}: write (low, high) in degrees")
    inside = np.isfinite(angle) & np.isfinite(counts) & (angle >= low) & (angle <= high)
    order = np.argsort(np.where(inside, angle, np.inf), axis=1, kind="stable")[:, : max(int(inside.sum(1).max()), 1)]
    angle, counts = (np.take_along_axis(one, order, 1) for one in (angle, counts))
    used = np.take_along_axis(inside, order, 1)
    for start, stop in exclude:
        used &= ~((angle >= start) & (angle <= stop))
    few = used.sum(1) < _FEWEST
    if few.any():
        name = str(data["sample"].values[few.argmax()])
        raise ValueError(
            f"{name}: {used.sum(1)[few.argmax()]} points from {low:g} to {high:g} degrees are too few; "
            "widen the window or exclude less"
        )
    group = max(-(-angle.shape[1] // BINS), 1)
    spare = -angle.shape[1] % group
    shape = (len(angle), -1, group)
    angle, counts = (np.pad(np.where(used, one, 0.0), ((0, 0), (0, spare))).reshape(shape) for one in (angle, counts))
    used = np.pad(used, ((0, 0), (0, spare))).reshape(shape)
    number = used.sum(2)
    middle, mean = (one.sum(2) / np.maximum(number, 1) for one in (angle, counts))
    level = _level(mean, number, known)
    slope = _slope(middle, mean, number)
    scatter = np.where(used, counts - mean[..., None] - slope[..., None] * (angle - middle[..., None]), 0.0)
    within = (scatter**2 / level[..., None]).sum((1, 2))
    weights = np.sqrt(number / level)
    middle = np.where(number > 0, middle, (low + high) / 2)
    return Prepared(middle, mean, weights, used.sum((1, 2)), within, known, (float(low), float(high)))


def common(data: xr.Dataset) -> tuple[float, float]:
    """The range of angles [degree] that all samples were measured in.

    Raises
    ------
    ValueError
        When they have none in common.
    """
    angle = data["two_theta"].values
    known = np.isfinite(angle) & np.isfinite(data["intensity"].values)
    low = float(np.where(known, angle, np.inf).min(1, initial=np.inf).max())
    high = float(np.where(known, angle, -np.inf).max(1, initial=-np.inf).min())
    if not low < high:
        raise ValueError("the samples were measured in ranges that do not overlap: give a window, or take fewer")
    return low, high


def counted(data: xr.Dataset) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Angles [degree] and intensities (sample, point), in counts where that is possible, and whether they are (sample).

    What ``intensity_kind`` calls a rate is multiplied by ``count_time`` or ``step_time``.
    """
    angle, values = (np.asarray(data[name].values, float) for name in ("two_theta", "intensity"))
    samples = data.sizes["sample"]
    kind = np.asarray(data["intensity_kind"].values, str) if "intensity_kind" in data.coords else np.full(samples, "")
    seconds = np.full(samples, np.nan)
    if "step_time" in data.coords:
        seconds = np.asarray(data["step_time"].values, float)
    each = np.broadcast_to(seconds[:, None], values.shape)
    if "count_time" in data:
        each = np.where(np.isfinite(data["count_time"].values), data["count_time"].values, each)
    rate = (kind == "rate") & np.isfinite(each).any(1)
    values = np.where(rate[:, None], values * each, values)
    return angle, values, (kind == "counts") | rate


def _level(mean: FloatArray, number: npt.NDArray[np.intp], counted: npt.NDArray[np.bool_]) -> FloatArray:
    """Variance of one point, which for counts is what is to be expected there: the mean of the neighbourhood."""
    total, count = (_gathered(one) for one in (mean * number, number.astype(float)))
    smooth = total / np.maximum(count, 1.0)
    largest = np.abs(smooth).max(1, keepdims=True, initial=0.0)
    least = np.where(counted[:, None], 1.0, np.where(largest > 0, 1e-3 * largest, 1.0))
    found: FloatArray = np.maximum(smooth, least)
    return found


def _gathered(values: FloatArray) -> FloatArray:
    """Sums over a bin and its neighbours."""
    total = np.pad(np.cumsum(values, 1), ((0, 0), (1, 0)))
    at = np.arange(values.shape[1])
    last = np.minimum(at + _SMOOTH + 1, values.shape[1])
    found: FloatArray = total[:, last] - total[:, np.maximum(at - _SMOOTH, 0)]
    return found


def _slope(angle: FloatArray, mean: FloatArray, number: npt.NDArray[np.intp]) -> FloatArray:
    """Slope in a bin by the line through the bins around it."""
    sums = [_gathered(number * one) for one in (np.ones_like(mean), angle, mean, angle * angle, angle * mean)]
    count, x, y, xx, xy = sums
    below = count * xx - x * x
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below > 1e-9 * count * xx, (count * xy - x * y) / below, 0.0)
