"""What an indentation does while its load is held: creep at the peak, and thermal drift after the unloading."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

HOLD_SECONDS, DRIFT_SECONDS = 1.0, 8.0
"""Shortest hold that tells a rate of creep, and one that tells a drift."""

_POINTS = 10
_LOW, _HIGH, _LEVEL = 0.03, 0.25, 0.015  # shares of the peak load: where a hold for the drift may be, and its width
_STEEP = (0.8, 0.98)  # shares of the peak load between which the unloading rate is taken

_TOLD = {
    "hold_time": ("s", "time between the first and the last point at the peak load"),
    "creep": ("nm", "growth of the depth in that time"),
    "creep_rate": ("nm s-1", f"slope of the depth over the second half of a hold of {HOLD_SECONDS:g} s or more"),
    "unloading_rate": ("mN s-1", "fall of the load per time, between 98 and 80 % of its peak"),
    "drift": (
        "nm s-1",
        f"slope of the depth over the last two thirds of a hold of {DRIFT_SECONDS:g} s or more after the unloading",
    ),
}


def holds(data: xr.Dataset, turns: xr.Dataset) -> xr.Dataset:
    """Creep and drift of each unloading.

    Parameters
    ----------
    data
        A measurement of the technique ``indentation``, with ``time`` [s].
    turns
        As given by :func:`~.turns.unloadings` for it.

    Returns
    -------
    Dataset
        (sample, test, unloading): ``hold_time`` [s], ``creep`` [nm], ``creep_rate`` and ``drift`` [nm s-1],
        ``unloading_rate`` [mN s-1]; NaN where there is no such hold, or no time.
    """
    shape = turns["onset"].shape
    columns = {name: np.full(shape, np.nan) for name in _TOLD}
    where = np.nonzero(turns["onset"].values >= 0)
    if "time" in data and where[0].size:
        for name, values in _rows(data, turns, where).items():
            columns[name][where] = values
    dims = turns["onset"].dims
    return xr.Dataset(
        {
            name: (dims, values, dict(zip(("units", "definition"), _TOLD[name], strict=True)))
            for name, values in columns.items()
        },
        turns.coords,
    )


def _rows(data: xr.Dataset, turns: xr.Dataset, where: tuple[npt.NDArray[np.int64], ...]) -> dict[str, FloatArray]:
    time, depth, load = (np.asarray(data[name].values, float)[where[0], where[1]] for name in ("time", "depth", "load"))
    first, last, end = (turns[name].values[where][:, None] for name in ("hold_start", "onset", "end"))
    peak = turns["peak_load"].values[where]
    index, rows = np.arange(time.shape[1]), np.arange(len(time))
    span = time[rows, last[:, 0]] - time[rows, first[:, 0]]
    half = (index >= first) & (index <= last) & (time >= (time[rows, last[:, 0]] - span / 2)[:, None])
    share = load / peak[:, None]
    steep = (index >= last) & (index <= end) & (share >= _STEEP[0]) & (share <= _STEEP[1])
    held = span >= HOLD_SECONDS
    return {
        "hold_time": span,
        "creep": depth[rows, last[:, 0]] - depth[rows, first[:, 0]],
        "creep_rate": np.where(held, slope(time, depth, half), np.nan),
        "unloading_rate": -slope(time, load, steep, least=3),
        "drift": _drift(time, depth, share, index > last),
    }


def _drift(time: FloatArray, depth: FloatArray, share: FloatArray, after: BoolArray) -> FloatArray:
    low = after & (share > _LOW) & (share < _HIGH) & np.isfinite(time)
    count = low.sum(axis=1)
    ordered = np.sort(np.where(low, share, np.inf), axis=1)
    middle = ordered[np.arange(len(share)), np.minimum(count // 2, share.shape[1] - 1)]
    with np.errstate(invalid="ignore"):
        held = low & (np.abs(share - middle[:, None]) < _LEVEL)
    begin = np.where(held, time, np.inf).min(axis=1)
    stop = np.where(held, time, -np.inf).max(axis=1)
    with np.errstate(invalid="ignore"):
        late = held & (time >= (begin + (stop - begin) / 3)[:, None])
        long = (stop - begin >= DRIFT_SECONDS) & (held.sum(axis=1) > count / 2)
    return np.where(long, slope(time, depth, late), np.nan)


def slope(x: FloatArray, y: FloatArray, used: BoolArray, least: int = _POINTS) -> FloatArray:
    """Slope of the straight line through some points of each row; NaN where there are fewer than `least`."""
    used = used & np.isfinite(x) & np.isfinite(y)
    count = used.sum(axis=1)
    n = np.maximum(count, 1)
    first = np.where(used, x, 0.0).sum(axis=1) / n
    level = np.where(used, y, 0.0).sum(axis=1) / n
    dx = np.where(used, x - first[:, None], 0.0)
    dy = np.where(used, y - level[:, None], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = np.where(count >= least, (dx * dy).sum(axis=1) / (dx**2).sum(axis=1), np.nan)
    return found
