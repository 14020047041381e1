"""The part of each unloading that is fitted, cut out of the tests, a row each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from .contact import Settings
from .stated import drift_rates, poisson_ratios, stated, tips

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_TOP = 5


class Cut(NamedTuple):
    """Unloadings, a row each.

    Attributes
    ----------
    peak
        Load it begins at [mN].
    share, depth, raw, inside
        (row, point): load over the peak load, depth with and without the frame's compliance subtracted [nm], and
        which points are in the window.
    top_share, top_depth
        The same of the last points at the peak load; NaN where there are fewer.
    nose
        How far the depth grows after the unloading has begun [nm].
    creep
        Rate of the depth at the end of the hold over the rate of the unloading [nm mN-1]; NaN where it is not known.
    coefficients, poisson, frame
        Of the tip, of the sample, and the frame's compliance that the file states [nm mN-1].
    """

    peak: FloatArray
    share: FloatArray
    depth: FloatArray
    raw: FloatArray
    inside: BoolArray
    top_share: FloatArray
    top_depth: FloatArray
    nose: FloatArray
    creep: FloatArray
    coefficients: FloatArray
    poisson: FloatArray
    frame: FloatArray


def cut(data: xr.Dataset, turns: xr.Dataset, where: tuple[IntArray, ...], settings: Settings, rate: FloatArray) -> Cut:
    """The points of each unloading that are in the window.

    Parameters
    ----------
    data, turns
        As for :func:`~.oliver_pharr.oliver_pharr`.
    where
        Sample, test and unloading of each row.
    settings
        Of the evaluation.
    rate
        Drift to subtract from each [nm s-1].
    """
    sample, test = where[:2]
    load, depth = (np.asarray(data[name].values, float) for name in ("load", "depth"))
    time = np.asarray(data["time"].values, float) if np.any(rate) else None
    peak = turns["peak_load"].values[where]
    top, onset, end = (turns[name].values[where] for name in ("top", "onset", "end"))

    def columns(index: IntArray, there: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        of = (sample[:, None], test[:, None], np.clip(index, 0, load.shape[2] - 1))
        found = np.where(there, depth[of], np.nan)
        if time is not None:
            found = found - rate[:, None] * (time[of] - time[sample, test, 0][:, None])
        return load[of] / peak[:, None], found - settings.frame_compliance * load[of], found

    index = onset[:, None] + np.arange(int((end - onset).max()) + 1)
    share, less, raw = columns(index, index <= end[:, None])
    low, high = settings.window
    with np.errstate(invalid="ignore"):
        inside = (share >= low) & (share <= high) & np.isfinite(raw)
        steep = (share >= low) & np.isfinite(raw)
    nose = np.where(steep, raw, -np.inf).max(axis=1) - raw[:, 0]
    used: BoolArray = np.asarray(inside.any(axis=0))
    part = slice(int(used.argmax()), int(len(used) - used[::-1].argmax()) if used.any() else 1)
    at_top = onset[:, None] + np.arange(1 - _TOP, 1)
    top_share, top_depth, _ = columns(at_top, at_top >= top[:, None])
    tip, _ = tips(data, settings)
    own, _ = poisson_ratios(data)
    with np.errstate(divide="ignore", invalid="ignore"):
        creep = (turns["creep_rate"].values[where] - rate) / turns["unloading_rate"].values[where]
    return Cut(
        peak,
        share[:, part],
        less[:, part],
        raw[:, part],
        inside[:, part],
        top_share,
        top_depth,
        nose,
        creep,
        tip[sample, test],
        own[sample] if settings.poisson is None else np.full(len(sample), settings.poisson),
        stated(data, "frame_compliance")[sample, test],
    )


def corrected(data: xr.Dataset, turns: xr.Dataset, settings: Settings) -> xr.Dataset:
    """The measurement with the depth that is evaluated: less the drift and the frame's compliance, as asked for.

    Parameters
    ----------
    data, turns, settings
        As for :func:`~.oliver_pharr.oliver_pharr`.
    """
    rates, _ = drift_rates(data, turns, settings)
    rate = rates[..., 0] if rates.shape[2] else np.zeros(rates.shape[:2])  # one for all unloadings of a test
    if not np.any(rate) and not settings.frame_compliance:
        return data
    depth, load = (np.asarray(data[name].values, float) for name in ("depth", "load"))
    depth = depth - settings.frame_compliance * load
    if np.any(rate):
        time = np.asarray(data["time"].values, float)
        depth = depth - rate[..., None] * (time - time[..., :1])
    return data.assign(depth=(data["depth"].dims, depth, data["depth"].attrs))
