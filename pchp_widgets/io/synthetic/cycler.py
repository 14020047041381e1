"""What cyclers keep beside time, voltage and current: their counters, which start again somewhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]


def in_step(points: xr.Dataset) -> npt.NDArray[np.int64]:
    """Number of each point in its step, from 0 on."""
    step = points["instrument_step"].values
    first = _first(step)
    return np.arange(len(step)) - first


def step_time(points: xr.Dataset) -> FloatArray:
    """Time since the beginning of the step [s]; a step begins where the one before it ends."""
    time: FloatArray = points["time"].values
    first = _first(points["instrument_step"].values)
    return time - time[np.maximum(first - 1, 0)]


def counted(points: xr.Dataset, restart: npt.NDArray[np.int64]) -> dict[str, FloatArray]:
    """Counters of charge [mA h] and energy [mW h] by direction: the trapezoid inside each step.

    Parameters
    ----------
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA] and ``instrument_step``.
    restart
        Of each point: the counters start again where this changes (the number of the step, of the cycle, or one
        number for all).

    Returns
    -------
    dict
        ``charge``, ``discharge``, ``charge_energy``, ``discharge_energy``, all positive.
    """
    time, current = points["time"].values, points["current"].values
    step = points["instrument_step"].values
    inside = step[1:] == step[:-1]
    first = _first(restart)
    found = {}
    for name, rate in (("charge", current), ("charge_energy", current * points["voltage"].values)):
        for direction, sign in ((name, 1), (f"dis{name}", -1)):
            half = np.clip(sign * rate, 0, None)
            passed = np.zeros(len(time))
            passed[1:] = 0.5 * (half[1:] + half[:-1]) * np.diff(time) / 3600 * inside
            total = np.cumsum(passed)
            found[direction] = total - total[first]
    return found


def _first(number: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Index of the first point of the run of equal numbers that each point belongs to."""
    begins = np.ones(len(number), bool)
    begins[1:] = number[1:] != number[:-1]
    starts = np.flatnonzero(begins)
    return np.repeat(starts, np.diff(np.append(starts, len(number))))
