"""Where a test unloads: indentations may unload once, or many times at growing loads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FALL = 0.3
"""An unloading is a fall of the load by this part of its peak; it ends where the load has risen by as much again."""

_LEAST = 0.005  # of the highest load of the test: below, a fall is noise before the contact
_ABOVE_NOISE = 40.0  # an unloading from less is noise of the load
_MOST = 200  # unloadings of one test
_AROUND = 32  # points to either side of a peak that tell the noise of the load
_SAME = 0.002  # of the peak: loads that are held
_SIGMAS = 6.0
_TOP = 5  # points of the depth at the peak


def unloadings(data: xr.Dataset) -> xr.Dataset:
    r"""Where each test unloads, and the load it unloads from.

    Parameters
    ----------
    data
        A measurement of the technique ``indentation``: ``load`` [mN] (sample, test, point).

    Returns
    -------
    Dataset
        (sample, test, unloading): ``peak_load`` [mN], the mean of the loads within the noise of the highest one;
        ``hold_start`` and ``onset``, the first and the last point at the peak (within 0.2 % or the noise of it),
        ``top``, the first of its last five points, and ``end``, the lowest point before the load rises again; -1 where
        a test has no such unloading.

    Notes
    -----
    An unloading is a fall of the load by 30 % of its peak. It ends at the lowest load before the load has risen by as
    much again, or with the test.
    """
    shape = data["load"].shape[:2]
    load = np.asarray(data["load"].values, float).reshape(-1, data.sizes["point"])
    peaks, ends, before = _turns(load)
    found = {name: values.reshape(*shape, peaks.shape[1]) for name, values in _held(load, peaks, ends, before).items()}
    dims = ("sample", "test", "unloading")
    told = {
        "peak_load": {"units": "mN", "definition": "mean of the loads within the noise of the highest one"},
        "hold_start": {"units": "1", "definition": "first point at the peak load"},
        "top": {"units": "1", "definition": f"first of the last {_TOP} points of those, not before the highest load"},
        "onset": {"units": "1", "definition": "last point at the peak load: the unloading begins"},
        "end": {"units": "1", "definition": "lowest load before the load rises again"},
    }
    coords = {"sample": data["sample"].values, "unloading": np.arange(1, peaks.shape[1] + 1)}
    return xr.Dataset({name: (dims, values, told[name]) for name, values in found.items()}, coords)


def _turns(load: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Peak and lowest point of each unloading, and where it may begin: (row, unloading), -1 where there is none.

    The loop is over the unloadings of a test; the tests go side by side.
    """
    rows, count = load.shape
    finite = np.isfinite(load)
    up, down = np.where(finite, load, -np.inf), np.where(finite, load, np.inf)
    highest = up.argmax(axis=1)
    noise = _noise(load, np.arange(rows), highest)
    least = np.maximum(_LEAST * up[np.arange(rows), highest], _ABOVE_NOISE * noise)
    place, live = np.zeros(rows, np.int64), np.arange(rows)
    found: list[tuple[IntArray, IntArray, IntArray, IntArray]] = []
    index = np.arange(count)
    while live.size and len(found) < _MOST:
        rising = np.where(index >= place[live, None], up[live], -np.inf)
        top = np.maximum.accumulate(rising, axis=1)
        fell = (down[live] < (1 - FALL) * top) & (top > least[live, None])
        has = fell.any(axis=1)
        live, rising, fell = live[has], rising[has], fell[has]
        if not live.size:
            break
        peak = np.where(index <= fell.argmax(axis=1)[:, None], rising, -np.inf).argmax(axis=1)
        falling = np.where(index >= peak[:, None], down[live], np.inf)
        low = np.minimum.accumulate(falling, axis=1)
        rose = (up[live] > low + FALL * up[live, peak][:, None]) & (index >= peak[:, None]) & np.isfinite(low)
        turned = rose.any(axis=1)
        stop = np.where(turned, rose.argmax(axis=1), count - 1)
        valley = np.where(index <= stop[:, None], falling, np.inf).argmin(axis=1)
        found.append((live, peak, valley, place[live].copy()))
        place[live] = valley
        live = live[turned]
    made = [np.full((rows, len(found)), -1) for _ in range(3)]
    for at, (which, *columns) in enumerate(found):
        for target, values in zip(made, columns, strict=True):
            target[which, at] = values
    return made[0], made[1], made[2]


def _held(load: FloatArray, peaks: IntArray, ends: IntArray, before: IntArray) -> dict[str, npt.NDArray[np.generic]]:
    """The peak load, and the first and last point at it."""
    where = np.nonzero(peaks >= 0)
    row, peak, end, start = where[0], peaks[where], ends[where], before[where]
    sigma = _noise(load, row, peak)
    index = np.arange(load.shape[1])
    these, highest = load[row], load[row, peak]
    inside = (index >= start[:, None]) & (index <= end[:, None])
    close = inside & (these >= (highest - _SIGMAS * sigma - 1e-12 * highest)[:, None])
    level = np.where(close, these, 0.0).sum(axis=1) / np.maximum(close.sum(axis=1), 1)
    same = inside & (these >= (level - np.maximum(_SIGMAS * sigma, _SAME * level))[:, None])
    onset = load.shape[1] - 1 - same[:, ::-1].argmax(axis=1)
    columns = {
        "peak_load": (level, np.nan),
        "hold_start": (same.argmax(axis=1), -1),
        "top": (np.maximum(np.minimum(peak, onset), onset - _TOP + 1), -1),
        "onset": (onset, -1),
        "end": (end, -1),
    }
    found: dict[str, npt.NDArray[np.generic]] = {}
    for name, (values, nothing) in columns.items():
        found[name] = np.full(peaks.shape, nothing)
        found[name][where] = values
    return found


def _noise(load: FloatArray, row: IntArray, peak: IntArray) -> FloatArray:
    """Standard deviation of the load around each peak, from second differences: a smooth curve has none."""
    around = np.clip(peak[:, None] + np.arange(-_AROUND, _AROUND + 1), 0, load.shape[1] - 1)
    pieces = load[row[:, None], around]
    second = np.abs(np.diff(np.where(np.isfinite(pieces), pieces, 0.0), 2, axis=1))
    sigma: FloatArray = np.median(second, axis=1) / (0.6745 * np.sqrt(6.0))
    return sigma
