"""Points to steps: where a step begins, and what it amounts to, in one pass over the trace.

The trace is walked in blocks that fit the processor's cache. In each block the integrals are formed interval by
interval (trapezoid rule), an interval that crosses the edge of a step counts for nothing, and ``reduceat`` sums what
lies between two edges. Ten million points take about 0.1 s and a few megabytes beyond the trace itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from .schema import CONTROLS, MODES

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_BLOCK = 1 << 15
_REST_FRACTION = 1e-3
_SAMPLE = 8192
_CONSTANT = 0.02
_SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class Reduction:
    """Per step, in the order of the trace: integrals, extremes and times (see :data:`~.schema.STEPS`)."""

    start: IntArray
    count: IntArray
    time_start: FloatArray
    duration: FloatArray
    charge: FloatArray
    energy: FloatArray
    voltage_mean: FloatArray
    voltage_min: FloatArray
    voltage_max: FloatArray
    current_min: FloatArray
    current_max: FloatArray
    backwards: IntArray


def rest_current(current: npt.NDArray[np.floating]) -> float:
    """Current below which a cell counts as resting [mA]: a thousandth of the median current that flows.

    Used only where the instrument does not say itself what is a rest.
    """
    sample = np.abs(current[:: max(1, len(current) // _SAMPLE)])
    top = float(np.max(sample, initial=0.0))
    flowing = sample[sample > _REST_FRACTION * top]
    return _REST_FRACTION * float(np.median(flowing)) if len(flowing) else 0.0


def step_starts(points: xr.Dataset, threshold: float | None = None) -> IntArray:
    """Index of the first point of each step.

    A step begins where the instrument's step or cycle counter or its control changes, and where the current reverses
    its sign outright. Without any of these counters it begins where the current changes between charge, rest and
    discharge, rest being a current below `threshold`. The points of another file begin another step: nothing is known
    of the time between.

    Parameters
    ----------
    points
        Dataset (point) with ``current`` and, where the instrument has them, ``instrument_step``,
        ``instrument_cycle``, ``control`` and ``file_number``.
    threshold
        Largest current of a rest [mA]; :func:`rest_current` when left out.
    """
    current = points.variables["current"].values
    n = len(current)
    if n == 0:
        return np.zeros(0, np.int64)
    limit = rest_current(current) if threshold is None else threshold
    known = points.variables
    counters = [known[name].values for name in ("instrument_step", "control") if name in known]
    if "instrument_step" in known and "instrument_cycle" in known:
        counters.append(known["instrument_cycle"].values)
    files = known["file_number"].values if "file_number" in known else None
    found = [np.zeros(1, np.int64)]
    for low in range(0, n - 1, _BLOCK):
        high = min(low + _BLOCK, n - 1)
        before, after = current[low:high], current[low + 1 : high + 1]
        if counters:
            changed = np.signbit(before) != np.signbit(after)
            turns = np.flatnonzero(changed)
            changed[turns] = np.minimum(np.abs(before[turns]), np.abs(after[turns])) > limit
            for counter in counters:
                changed |= counter[low + 1 : high + 1] != counter[low:high]
        else:
            changed = (before > limit) != (after > limit)
            changed |= (before < -limit) != (after < -limit)
        if files is not None:
            changed |= files[low + 1 : high + 1] != files[low:high]
        found.append(np.flatnonzero(changed) + (low + 1))
    return np.concatenate(found)


def reduce_steps(points: xr.Dataset, starts: IntArray) -> Reduction:
    r"""Integrate and bound each step.

    Charge is :math:`\int I\,dt` and energy :math:`\int V I\,dt` by the trapezoid rule between the points of one
    step; nothing is integrated from the last point of a step to the first of the next.

    Parameters
    ----------
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V] and ``current`` [mA].
    starts
        Increasing indices, the first of them 0, as given by :func:`step_starts`.
    """
    time, voltage, current = (points.variables[name].values for name in ("time", "voltage", "current"))
    n = len(time)
    if n == 0:
        none, empty = np.zeros(0, np.int64), np.zeros(0)
        return Reduction(none, none, empty, empty, empty, empty, empty, empty, empty, empty, empty, none)
    cuts = np.union1d(starts, np.arange(0, n, _BLOCK))
    sums = np.empty((5, len(cuts)))
    bounds = np.empty((4, len(cuts)))
    buffers = np.empty((5, _BLOCK))
    last = np.append(starts[1:], n) - 1
    for low in range(0, n, _BLOCK):
        high = min(low + _BLOCK, n)
        span = slice(*np.searchsorted(cuts, (low, high)))
        edges = last[slice(*np.searchsorted(last, (low, high)))] - low
        _reduce_block(
            time, voltage, current, low, high, edges, cuts[span] - low, sums[:, span], bounds[:, span], buffers
        )
    groups = np.searchsorted(cuts, starts)
    dt, charge, energy, volt_seconds, backwards = np.add.reduceat(sums, groups, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(dt > 0, volt_seconds / dt, voltage[starts])
    return Reduction(
        start=starts,
        count=np.diff(starts, append=n),
        time_start=time[starts].astype(float),
        duration=dt,
        charge=charge / _SECONDS_PER_HOUR,
        energy=energy / _SECONDS_PER_HOUR,
        voltage_mean=mean,
        voltage_min=np.minimum.reduceat(bounds[0], groups),
        voltage_max=np.maximum.reduceat(bounds[1], groups),
        current_min=np.minimum.reduceat(bounds[2], groups),
        current_max=np.maximum.reduceat(bounds[3], groups),
        backwards=backwards.astype(np.int64),
    )


def _reduce_block(
    time: FloatArray,
    voltage: FloatArray,
    current: FloatArray,
    low: int,
    high: int,
    edges: IntArray,
    cuts: IntArray,
    sums: FloatArray,
    bounds: FloatArray,
    buffers: FloatArray,
) -> None:
    """Fill `sums` and `bounds` for the points low..high; interval k runs from point k to point k + 1."""
    n = high - low
    dt, area, v, i, power = buffers[:, :n]
    v[:], i[:] = voltage[low:high], current[low:high]
    more = high < len(time)
    inner = slice(0, n if more else n - 1)
    np.subtract(time[low + 1 : high + 1], time[low : high if more else high - 1], out=dt[inner])
    if not more:
        dt[n - 1] = 0.0
    dt[edges] = 0.0
    bounds[0], bounds[1] = np.minimum.reduceat(v, cuts), np.maximum.reduceat(v, cuts)
    bounds[2], bounds[3] = np.minimum.reduceat(i, cuts), np.maximum.reduceat(i, cuts)
    sums[0] = np.add.reduceat(dt, cuts)
    sums[4] = np.add.reduceat(dt < 0, cuts, dtype=float) if dt.min() < 0 else 0.0
    np.multiply(v, i, out=power)
    for row, values, following in ((1, i, current), (2, power, None), (3, v, voltage)):
        np.add(values[:-1], values[1:], out=area[:-1])
        nxt = 0.0
        if more:
            nxt = float(voltage[high]) * float(current[high]) if following is None else float(following[high])
        area[-1] = values[-1] + nxt
        np.multiply(area, dt, out=area)
        sums[row] = np.add.reduceat(area, cuts)
        sums[row] *= 0.5


def modes(reduction: Reduction, control: npt.NDArray[np.integer] | None, threshold: float) -> npt.NDArray[np.int8]:
    """Kind of each step, as indices of :data:`~.schema.MODES`.

    The instrument's word on what it controlled decides; where it says nothing, a step whose current stays within 2 %
    of its mean is ``cc``, one whose voltage does ``cv``, any other just ``charge`` or ``discharge``.

    Parameters
    ----------
    reduction
        Steps as given by :func:`reduce_steps`.
    control
        ``control`` of the first point of each step, or None.
    threshold
        Largest current of a rest [mA].
    """
    code = {name: index for index, name in enumerate(MODES)}
    known = np.full(len(reduction.start), CONTROLS.index("unknown")) if control is None else np.asarray(control)
    sign = signs(reduction, threshold)
    charging = np.where(sign == 0, np.sign(reduction.charge), sign) >= 0
    steady = _within(reduction.current_min, reduction.current_max)
    level = _within(reduction.voltage_min, reduction.voltage_max)
    unknown = known == CONTROLS.index("unknown")
    cc = (known == CONTROLS.index("cc")) | (unknown & steady)
    cv = (known == CONTROLS.index("cv")) | (unknown & ~steady & level)
    found = np.where(charging, code["charge"], code["discharge"])
    found = np.where(cc, np.where(charging, code["cc_charge"], code["cc_discharge"]), found)
    found = np.where(cv, np.where(charging, code["cv_charge"], code["cv_discharge"]), found)
    found = np.where((known == CONTROLS.index("rest")) | (unknown & (sign == 0)), code["rest"], found)
    found = np.where(known == CONTROLS.index("eis"), code["eis"], found)
    return found.astype(np.int8)


def signs(reduction: Reduction, threshold: float) -> IntArray:
    """+1 for a step that charges, -1 for one that discharges, 0 where the mean current is below `threshold`.

    A step of one point, which has no duration, is judged by that point's current.
    """
    hours = reduction.duration / _SECONDS_PER_HOUR
    single = (reduction.current_min + reduction.current_max) / 2
    mean = np.divide(reduction.charge, hours, out=single, where=hours > 0)
    return np.where(np.abs(mean) > threshold, np.sign(mean), 0).astype(np.int64)


def _within(low: FloatArray, high: FloatArray) -> npt.NDArray[np.bool_]:
    return (high - low) <= _CONSTANT * np.abs(high + low) / 2
