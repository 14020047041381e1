"""The polarization in the trace of a cell: its voltage, its first and its last current, and whether that is steady."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS, CV_MODES, MODES
from .._halves import each_cell
from .words import DRIFT_LIMIT

FloatArray = npt.NDArray[np.float64]

HIGHEST_VOLTAGE = 0.1
"""A voltage held above this is no polarization of a Li||Li cell [V]."""
SHORTEST = 300.0
"""A voltage held for less is no polarization [s]."""

_LEVEL = 0.05  # largest scatter of a held voltage, relative
_TAIL = 0.2  # of the polarization, taken for its end
_FEWEST = 6  # points of a fit
_SPIKES = 8  # samples that may be left out at the beginning
_EIS = CONTROLS.index("eis")
_UNKNOWN_CONTROL = (MODES.index("charge"), MODES.index("discharge"))

_ATTRS: dict[str, tuple[str, str]] = {
    "voltage": ("V", "ΔV: median voltage of the polarization less that of the rest before it, its size"),
    "voltage_stderr": ("V", "from the scatter of the points of both"),
    "rest_voltage": (
        "V",
        "median voltage at rest before the polarization; NaN where there is none, then ΔV counts from 0",
    ),
    "first_current": ("mA", "first sample of the polarization, its size; the capacitive spike is in it"),
    "first_time": ("s", "of that sample, since the polarization began"),
    "extrapolated_current": (
        "mA",
        (
            "current at t = 0 by a parabola in √t through the first half of the relaxation; samples at the beginning "
            "that lie above it, as a capacitive spike does, are left out"
        ),
    ),
    "extrapolated_current_stderr": ("mA", "of that fit"),
    "steady_current": ("mA", "straight line through the last fifth of the polarization, at its end"),
    "steady_current_stderr": ("mA", "of that fit"),
    "limiting_current": (
        "mA",
        "where an exponential through the last half of the polarization ends, by the means of its thirds",
    ),
    "drift": ("1/h", "relative change of the current per hour over the last fifth"),
    "drift_stderr": ("1/h", "of that fit"),
    "current_rise": ("1", "steady current over the lowest median of eleven samples, less 1"),
    "steady": (
        "",
        f"1: the drift is below {DRIFT_LIMIT:.0%} per hour by two standard errors, 0: above by as much, -1: undecided",
    ),
    "time_start": ("s", "when the polarization began"),
    "duration": ("s", "of the polarization"),
    "point_start": ("1", "its first point; -1 where the cell has no polarization"),
    "point_stop": ("1", "after its last point"),
}


class Held(NamedTuple):
    """A stretch of the trace at constant voltage: its points, and the voltage at rest before."""

    start: int
    stop: int
    rest: FloatArray


def polarizations(cells: xr.DataTree | Iterable[xr.DataTree]) -> xr.Dataset:
    """Voltage, currents and steadiness of the polarization of each cell.

    The polarization is the longest stretch at constant voltage of at most 100 mV against the rest before it; a spectrum
    taken in its middle does not end it.

    Parameters
    ----------
    cells
        One cell or several, each with ``steps`` and ``points``.

    Returns
    -------
    Dataset
        (cell): ``voltage`` [V], ``first_current``, ``extrapolated_current``, ``steady_current``, ``limiting_current``
        [mA], ``drift`` [1/h], ``steady`` (1, 0, -1) and when it was; NaN where a cell has no polarization.
    """
    return each_cell(cells, _one_cell, "transference")


def trace_of(tree: xr.DataTree, found: xr.Dataset) -> xr.Dataset:
    """Current of one cell during its polarization, since it began.

    Parameters
    ----------
    tree
        The cell.
    found
        What :func:`polarizations` gave for it, alone or among other cells by its name.

    Returns
    -------
    Dataset
        (point): ``time`` [s] since the beginning, ``current`` [mA], its size; empty where there is no polarization.
    """
    own = found.isel(cell=0) if found.sizes.get("cell") == 1 else found.sel(cell=_name(tree))
    start, stop = int(own["point_start"]), int(own["point_stop"])
    time, current, _ = _columns(tree, slice(max(start, 0), stop))
    return xr.Dataset(
        {
            "time": ("point", time - float(own["time_start"]), {"units": "s", "long_name": "time since the step"}),
            "current": ("point", current, {"units": "mA", "long_name": "current"}),
        }
    )


def _one_cell(tree: xr.DataTree) -> xr.Dataset:
    steps = tree["steps"].to_dataset().load() if "steps" in tree.children else None
    held = None if steps is None or "points" not in tree.children else _longest(tree, steps)
    numbers = dict.fromkeys(_ATTRS, np.nan) | {"steady": -1, "point_start": -1, "point_stop": 0}
    if held is not None:
        numbers |= _numbers(tree, held)
    whole = steps if steps is not None else tree["spectra"].to_dataset()
    coords = {name: value for name, value in whole.coords.items() if set(value.dims) <= {"cell"}}
    of_file = "" if steps is None or held is None else steps["cell"].item()
    return xr.Dataset(
        {name: ("cell", [value], _attributes(name)) for name, value in numbers.items()},
        {**coords, "cell": [_name(tree) or of_file]},
    )


def _attributes(name: str) -> dict[str, str]:
    units, definition = _ATTRS[name]
    linked = {"ancillary_variables": f"{name}_stderr"} if f"{name}_stderr" in _ATTRS else {}
    return {"definition": definition, **({"units": units} if units else {}), **linked}


def _name(tree: xr.DataTree) -> str:
    return str(tree.attrs.get("cell") or tree.name or "")


def _columns(tree: xr.DataTree, where: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Time, size of the current and voltage of the points at direct current of a stretch."""
    points = tree["points"].to_dataset()
    time, current, voltage = (points[name].values[where].astype(float) for name in ("time", "current", "voltage"))
    if "control" in points:
        direct = points["control"].values[where] != _EIS
        time, current, voltage = time[direct], current[direct], voltage[direct]
    return time, np.abs(current), voltage


def _longest(tree: xr.DataTree, steps: xr.Dataset) -> Held | None:
    """The longest stretch at a small constant voltage; spectra in its middle are skipped."""
    mode, start, count = (steps[name].values.ravel() for name in ("mode", "point_start", "point_count"))
    there = np.flatnonzero((count > 0) & (mode != MODES.index("eis")))
    order = there[np.argsort(start[there], kind="stable")]
    if not np.isin(mode[order], (*CV_MODES, *_UNKNOWN_CONTROL)).any():
        return None
    points = tree["points"].to_dataset()
    time, voltage, current = (points[name].values for name in ("time", "voltage", "current"))
    levels = [
        _level(
            voltage[start[step] : start[step] + count[step]],
            current[start[step] : start[step] + count[step]],
            mode[step],
        )
        for step in order.tolist()
    ]
    best, longest, begin = None, SHORTEST, 0
    for place, level in enumerate(levels):
        if np.isnan(level) or not place or not abs(levels[place - 1] - level) <= _LEVEL * abs(level):
            begin = place  # another voltage, or none: the stretch begins here
        first, last = start[order[begin]], start[order[place]] + count[order[place]]
        duration = float(time[last - 1] - time[first])
        rest = _rest_before(points, order[begin - 1 : begin] if begin else order[:0], mode, start, count)
        offset = float(np.median(rest)) if len(rest) else 0.0
        if duration >= longest and abs(level - offset) <= HIGHEST_VOLTAGE:
            best, longest = Held(int(first), int(last), rest), duration
    return best


def _level(voltage: FloatArray, current: FloatArray, mode: int) -> float:
    """The voltage a step holds; NaN where it holds none."""
    if mode not in (*CV_MODES, *_UNKNOWN_CONTROL):
        return np.nan
    level, scatter = float(np.median(voltage)), float(np.median(np.abs(voltage - np.median(voltage))))
    if not scatter <= _LEVEL * abs(level):
        return np.nan
    if mode in CV_MODES:
        return level
    wander = float(np.median(np.abs(current - np.median(current))))
    return level if wander * abs(level) > scatter * abs(float(np.median(current))) else np.nan


def _rest_before(
    points: xr.Dataset,
    before: npt.NDArray[np.int64],
    mode: npt.NDArray[np.int8],
    start: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
) -> FloatArray:
    """Voltages of the rest right before, if there is one."""
    if not len(before) or MODES[mode[before[0]]] != "rest":
        return np.zeros(0)
    first = int(start[before[0]])
    values: FloatArray = points["voltage"].values[first : first + int(count[before[0]])].astype(float)
    return values


def _numbers(tree: xr.DataTree, held: Held) -> dict[str, float]:
    """What the stretch says."""
    time, current, voltage = _columns(tree, slice(held.start, held.stop))
    elapsed = time - time[0]
    last, drift = _tail(elapsed, current)
    early, early_error = _beginning(elapsed, current, last[0])
    rest, rest_error = (float(np.median(held.rest)), _error_of_median(held.rest)) if len(held.rest) else (np.nan, 0.0)
    level = float(np.median(voltage))
    flowing = np.flatnonzero(current > 0)
    first = int(flowing[0]) if len(flowing) else 0
    smooth = _running_median(current)
    # between two samples the step began: the first one is taken at most one interval late
    return {
        "voltage": abs(level - (0.0 if np.isnan(rest) else rest)),
        "voltage_stderr": float(np.hypot(_error_of_median(voltage), rest_error)),
        "rest_voltage": rest,
        "first_current": float(current[first]),
        "first_time": float(elapsed[first]),
        "extrapolated_current": early,
        "extrapolated_current_stderr": early_error,
        "steady_current": last[0],
        "steady_current_stderr": last[1],
        "limiting_current": _limit(elapsed, current, last[0]),
        "drift": drift[0],
        "drift_stderr": drift[1],
        "current_rise": last[0] / float(smooth.min()) - 1 if smooth.min() > 0 else np.nan,
        "steady": _steady(*drift),
        "time_start": float(time[0]),
        "duration": float(elapsed[-1]),
        "point_start": held.start,
        "point_stop": held.stop,
    }


def _steady(drift: float, error: float) -> int:
    if not np.isfinite(drift + error):
        return -1
    if abs(drift) + 2 * error <= DRIFT_LIMIT:
        return 1
    return 0 if abs(drift) - 2 * error > DRIFT_LIMIT else -1


def _tail(elapsed: FloatArray, current: FloatArray) -> tuple[tuple[float, float], tuple[float, float]]:
    """Current at the end and its relative slope per hour, each with its standard error."""
    part = elapsed >= (1 - _TAIL) * elapsed[-1]
    if np.count_nonzero(part) < _FEWEST:
        part = np.arange(len(elapsed)) >= len(elapsed) - _FEWEST
    hours = (elapsed[part] - elapsed[-1]) / 3600.0
    if len(hours) < 3:
        return (float(current[-1]), np.nan), (np.nan, np.nan)
    value, error = _least_squares(np.stack([np.ones_like(hours), hours], axis=1), current[part])
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = value[1] / value[0], error[1] / abs(value[0])
    return (float(value[0]), float(error[0])), (float(relative[0]), float(relative[1]))


def _beginning(elapsed: FloatArray, current: FloatArray, last: float) -> tuple[float, float]:
    """Current at t = 0 by a parabola in √t, without the spike of the double layers, and its standard error."""
    drop = current[: len(current) // 2]
    above = np.flatnonzero(drop - last < 0.5 * (np.median(drop[:_FEWEST]) - last))
    end = max(int(above[0]) if len(above) else len(drop), 2 * _FEWEST)
    root, values = np.sqrt(elapsed[:end]), current[:end]
    for begin in range(_SPIKES + 1):
        if len(values) - begin < _FEWEST + 1:
            break
        rest = slice(begin + 1, None)
        design = np.stack([np.ones_like(root), root, root**2], axis=1)
        value, error = _least_squares(design[rest], values[rest])
        scatter = float(np.std(values[rest] - design[rest] @ value, ddof=min(3, len(values) - begin - 2)))
        if values[begin] - float(design[begin] @ value) <= 4 * scatter:
            value, error = _least_squares(design[begin:], values[begin:])
            return float(value[0]), float(error[0])
    return np.nan, np.nan


def _limit(elapsed: FloatArray, current: FloatArray, last: float) -> float:
    """Where an exponential through the last half ends: from the means m of its thirds, m3 - d2² / (d2 - d1)."""
    edges = np.linspace(elapsed[-1] / 2, elapsed[-1], 4)
    parts = [current[(elapsed >= low) & (elapsed <= high)] for low, high in itertools.pairwise(edges)]
    if min(map(len, parts)) < 2:
        return np.nan
    one, two, three = (float(part.mean()) for part in parts)
    noise = 2 * float(np.std(np.diff(parts[2]))) / np.sqrt(len(parts[2]))
    before, after = two - one, three - two
    if abs(after) <= noise or not 0 < after / before < 1:
        return last  # no fall is left that an exponential could be put through
    return three - after**2 / (after - before)


def _running_median(values: FloatArray) -> FloatArray:
    width = min(11, len(values))
    found: FloatArray = np.median(np.lib.stride_tricks.sliding_window_view(values, width), axis=1)
    return found


def _error_of_median(values: FloatArray) -> float:
    # the last digit of a converter hides the scatter: the standard deviation, not that of the ranks
    return 1.2533 * float(np.std(values)) / float(np.sqrt(len(values)))


def _least_squares(design: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coefficients and their standard errors from the residuals."""
    value, *_ = np.linalg.lstsq(design, values, rcond=None)
    left = len(values) - design.shape[1]
    variance = float(np.sum((values - design @ value) ** 2)) / left if left > 0 else np.nan
    error: FloatArray = np.sqrt(variance * np.diag(np.linalg.pinv(design.T @ design)))
    return np.asarray(value, np.float64), error
