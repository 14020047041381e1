"""Steps to cycles: which half-cycle opens a cycle is a stated rule, never an accident of the file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from .metadata import CycleRule
from .reductions import active_steps, any_step, over_steps, row_median
from .schema import CV_MODES, FLAGS, IDLE_MODES, STEPS, dataset, variable
from .segments import FloatArray, IntArray, Reduction, modes, reduce_steps, rest_current, signs, step_starts

DIRECTIONS = ("charge", "discharge")
"""Directions of a half-cycle: the current is positive on ``charge``."""

RULES: dict[str, str] = {
    "charge_first": "a cycle begins with a charge (positive current)",
    "discharge_first": "a cycle begins with a discharge (negative current)",
    "plating_first": "a cycle begins with plating on the working electrode (negative current)",
    "instrument": "the cycle number the instrument wrote",
}
"""What each cycle rule means."""

_INTERRUPTED_BELOW = 0.98
_SAME_CURRENT = 0.05


def cycle_numbers(direction: IntArray, rule: CycleRule) -> IntArray:
    """Number the cycles of a sequence of steps.

    A half-cycle is all that lies between two reversals of the current; rests belong to the half-cycle before them,
    those at the very beginning to the first one. Cycle 1 begins with the first half-cycle of the rule's direction. What
    precedes it - a half-cycle without its partner - is cycle 0, so nothing is dropped and no pair is shifted.

    Parameters
    ----------
    direction
        +1, -1 or 0 (rest, impedance) per step.
    rule
        Any rule of :data:`RULES` but ``"instrument"``.

    Returns
    -------
    ndarray
        Cycle number per step, 0, 1, 2, ...
    """
    opening = 1 if rule == "charge_first" else -1
    active = np.flatnonzero(direction)
    if len(active) == 0:
        return np.ones(len(direction), np.int64)
    held = direction[active][np.maximum(np.cumsum(direction != 0) - 1, 0)]
    opens = (held == opening) & (np.append(0, held[:-1]) != opening)
    return np.cumsum(opens).astype(np.int64)


def steps(
    points: xr.Dataset,
    *,
    rule: CycleRule,
    cell: str = "cell",
    area: float = math.nan,
    threshold: float | None = None,
    coords: Mapping[str, object] | None = None,
    attrs: Mapping[str, object] | None = None,
) -> xr.Dataset:
    """Reduce points to one value per step of each cycle.

    Parameters
    ----------
    points
        Dataset (point) as a reader gives it.
    rule
        How cycles are counted, see :data:`RULES`; it is stored with the result.
    cell
        Name of the cell.
    area
        Electrode area [cm2]; without it the quantities per area are NaN.
    threshold
        Largest current of a rest [mA], where the instrument does not say what a rest is.
    coords, attrs
        Whatever else is known of the cell, to be kept with its steps.

    Returns
    -------
    Dataset
        The variables of :data:`~.schema.STEPS` (cell, cycle, step), padded with NaN, -1 or 0.

    Raises
    ------
    ValueError
        When the rule is ``"instrument"`` and the file has no cycle counter.
    """
    current = points.variables["current"].values
    limit = rest_current(current) if threshold is None else threshold
    columns, cycle = _numbered(points, rule, limit, area)
    numbers, laid_out = _cube(columns, cycle)
    place = {"cell": [cell], "cycle": numbers, "step": np.arange(1, laid_out["mode"].shape[2] + 1)}
    said = {
        "cycle_rule": rule,
        "cycle_rule_meaning": RULES[rule],
        "rest_current": limit,
        "integration": "trapezoid rule inside a step, nothing across its edges",
    }
    return dataset("steps", laid_out, coords={**place, **(coords or {})}, attrs={**said, **(attrs or {})})


def _numbered(
    points: xr.Dataset, rule: CycleRule, limit: float, area: float
) -> tuple[dict[str, npt.NDArray[Any]], IntArray]:
    """Variables of every step in the order of the trace, and the cycle each belongs to."""
    known = points.variables
    if rule == "instrument" and "instrument_cycle" not in known:
        raise ValueError(f"cycle_rule 'instrument': the file has no cycle counter; choose one of {', '.join(RULES)}")
    reduction = reduce_steps(points, step_starts(points, limit))
    first = reduction.start
    mode = modes(reduction, known["control"].values[first] if "control" in known else None, limit)
    columns = _step_columns(points, reduction, mode, area)
    direction = np.where(np.isin(mode, IDLE_MODES), 0, signs(reduction, limit))
    columns["flags"] = _flags(reduction, str(known["current"].attrs.get("origin", "")))
    if "file_number" in known:
        columns["flags"] |= _cut_by_a_file(known["file_number"].values[first], direction)
    if rule == "instrument":
        return columns, known["instrument_cycle"].values[first]
    return columns, cycle_numbers(direction, rule)


def _cut_by_a_file(file: npt.NDArray[np.int16], direction: IntArray) -> npt.NDArray[np.int16]:
    """The flag of steps that go on in the next file: the test was interrupted there."""
    cut = np.zeros(len(file), bool)
    cut[:-1] = (file[1:] != file[:-1]) & (direction[1:] == direction[:-1]) & (direction[1:] != 0)
    return np.where(cut, FLAGS["interrupted"], 0).astype(np.int16)


def _step_columns(
    points: xr.Dataset, reduction: Reduction, mode: npt.NDArray[np.int8], area: float
) -> dict[str, npt.NDArray[Any]]:
    first, last = reduction.start, reduction.start + reduction.count - 1
    hours = reduction.duration / 3600.0
    known = points.variables
    voltage = known["voltage"].values
    unknown = np.full(len(first), -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        current_mean = np.where(hours > 0, reduction.charge / hours, known["current"].values[first])
    columns: dict[str, npt.NDArray[Any]] = {
        "mode": mode,
        "time_start": reduction.time_start,
        "duration": reduction.duration,
        "charge": reduction.charge,
        "energy": reduction.energy,
        "current_mean": current_mean,
        "current_density": current_mean / area,
        "areal_capacity": reduction.charge / area,
        "voltage_mean": reduction.voltage_mean,
        "voltage_start": voltage[first].astype(float),
        "voltage_end": voltage[last].astype(float),
        "voltage_min": reduction.voltage_min,
        "voltage_max": reduction.voltage_max,
        "point_start": reduction.start,
        "point_count": reduction.count,
    }
    for name in ("instrument_cycle", "instrument_step"):
        columns[name] = known[name].values[first] if name in known else unknown
    if "charge_counter" in known:
        counter = known["charge_counter"].values
        # from the last reading before the step: the counter's first reading in a step already holds its first sample
        before = counter[np.maximum(first - 1, 0)]
        columns["charge_counter"] = counter[last] - before
        columns["charge_difference"] = reduction.charge - columns["charge_counter"]
    return columns


def _flags(reduction: Reduction, origin: str) -> npt.NDArray[np.int16]:
    found = np.where(reduction.backwards > 0, FLAGS["time_reversed"], 0)
    for word, bit in (("derived", "current_derived"), ("assumed", "current_assumed")):
        if origin.startswith(word):
            found |= FLAGS[bit]
    return found.astype(np.int16)


def _cube(columns: dict[str, npt.NDArray[Any]], cycle: IntArray) -> tuple[IntArray, dict[str, npt.NDArray[Any]]]:
    """Cycle numbers, and steps laid out as (cell, cycle, step) in the order of the trace."""
    numbers, row = np.unique(cycle, return_inverse=True)
    order = np.argsort(row, kind="stable")
    sizes = np.bincount(row, minlength=len(numbers))
    column = np.empty(len(row), np.int64)
    column[order] = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    shape = (1, len(numbers), int(sizes.max(initial=0)))
    _refuse_unbounded(shape, len(row))
    laid = {}
    for entry in STEPS:
        if entry.name in columns:
            padded = np.full(shape, padding(entry.name), np.dtype(entry.dtype))
            padded[0, row, column] = columns[entry.name]
            laid[entry.name] = padded
    return numbers, laid


def _refuse_unbounded(shape: tuple[int, ...], found: int) -> None:
    if math.prod(shape) > 2_000_000 and math.prod(shape) > 50 * found:
        raise ValueError(
            f"{shape[1]} cycles of up to {shape[2]} steps would need {math.prod(shape):,} places for {found:,} steps; "
            "the cycles are very unequal: choose another cycle_rule"
        )


def padding(name: str) -> float:
    """What a step variable holds where there is no step."""
    if name in {"point_count", "flags"}:
        return 0
    return -1 if name in {"mode", "point_start", "instrument_cycle", "instrument_step"} else math.nan


def merged_steps(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """Steps of several cells along ``cell``, padded where a cell has fewer cycles or steps."""
    fill = {entry.name: padding(entry.name) for entry in STEPS}
    whole = [_with_every_variable(part) for part in parts]
    return xr.concat(
        whole, "cell", join="outer", fill_value=fill, data_vars="all", coords="minimal", combine_attrs="drop_conflicts"
    )


def _with_every_variable(steps: xr.Dataset) -> xr.Dataset:
    """A cell without a charge counter still lines up with one that has it."""
    absent = {
        entry.name: xr.full_like(steps["charge"], padding(entry.name)).assign_attrs(entry.attrs)
        for entry in STEPS
        if entry.name not in steps
    }
    return steps.assign(absent)


def half_cycles(steps: xr.Dataset) -> xr.Dataset:
    """Reduce steps to half-cycles: all that flows one way in a cycle.

    Parameters
    ----------
    steps
        Dataset (cell, cycle, step).

    Returns
    -------
    Dataset
        (cell, cycle, direction): ``charge`` [mA h], ``energy`` [mW h], ``areal_capacity`` [mA h cm-2] and ``duration``
        [s] of the active steps, ``charge_cv`` [mA h], the part of the charge that was passed at constant voltage,
        ``time_start`` [s], ``current_mean`` [mA], ``current_density`` [mA cm-2],
        ``point_start`` and ``point_stop`` (its points, rests between its steps included), ``charge_usual`` [mA h], the
        median charge over the half-cycles of that cell whose current is the same within 5 %, and ``interrupted``:
        whether less than 98 % of the usual charge was passed.
    """
    members = active_steps(steps)
    there = np.stack([any_step(member) for member in members], axis=-1)

    def each(ufunc: np.ufunc, values: npt.NDArray[Any], idle: float, empty: float) -> FloatArray:
        found = [over_steps(ufunc, values, member, idle) for member in members]
        return np.where(there, np.stack(found, axis=-1), empty)

    start, count = steps["point_start"].values, steps["point_count"].values
    found = {
        name: each(np.add, steps[name].values, 0.0, math.nan)
        for name in ("charge", "energy", "areal_capacity", "duration")
    }
    found["charge_cv"] = each(
        np.add, np.where(np.isin(steps["mode"].values, CV_MODES), steps["charge"].values, 0.0), 0.0, math.nan
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        hours = found["duration"] / 3600.0
        found["current_mean"], found["current_density"] = found["charge"] / hours, found["areal_capacity"] / hours
    found["time_start"] = each(np.minimum, steps["time_start"].values, math.inf, math.nan)
    found["charge_usual"] = _usual_charge(np.abs(found["charge"]), np.abs(found["current_mean"]))
    dims = ("cell", "cycle", "direction")
    variables: dict[str, Any] = {name: (dims, values, _half_cycle_attrs(name)) for name, values in found.items()}
    variables["point_start"] = (dims, each(np.minimum, start, math.inf, -1).astype(np.int64))
    variables["point_stop"] = (dims, each(np.maximum, start + count, 0, 0).astype(np.int64))
    short = np.abs(found["charge"]) < _INTERRUPTED_BELOW * found["charge_usual"]
    variables["interrupted"] = (
        dims,
        short,
        {"long_name": "ended before 98 % of the usual charge", "definition": "|charge| < 0.98 charge_usual"},
    )
    coords = {name: value for name, value in steps.coords.items() if "step" not in value.dims}
    return xr.Dataset(variables, {**coords, "direction": list(DIRECTIONS)}, steps.attrs)


def _half_cycle_attrs(name: str) -> dict[str, object]:
    own = {
        "charge_cv": {"units": "mA h", "long_name": "charge passed at constant voltage, signed"},
        "charge_usual": {"units": "mA h", "long_name": "median charge of the half-cycles at the same current"},
    }
    return dict(own[name]) if name in own else dict(variable("steps", name).attrs)


def _usual_charge(charge: FloatArray, current: FloatArray) -> FloatArray:
    """Median charge over the half-cycles of the same cell (first axis) whose current agrees within 5 %."""
    shape = charge.shape
    charge, current = (values.reshape(shape[0], -1) for values in (charge, current))
    flow = np.where(current > 0, current, np.nan)
    order = np.sort(flow, axis=1)  # NaN comes last
    with np.errstate(invalid="ignore"):
        gaps = np.diff(order, axis=1) > _SAME_CURRENT * order[:, :-1]
    usual = np.broadcast_to(row_median(np.where(np.isfinite(flow), charge, np.nan))[:, None], charge.shape).copy()
    for cell in np.flatnonzero(gaps.any(1)):  # those that saw several currents
        level = np.searchsorted(order[cell, 1:][gaps[cell]], flow[cell], side="right")
        for value in np.unique(level[np.isfinite(flow[cell])]):
            chosen = (level == value) & np.isfinite(flow[cell])
            usual[cell, chosen] = np.median(charge[cell, chosen])
    return np.where(np.isfinite(flow), usual, np.nan).reshape(shape)


def consecutive(numbers: Iterable[int]) -> list[list[int]]:
    """Numbers of cycles in order, those that follow each other together."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
