"""Inner steps of the analysis of full and half cells: on plain arrays, all cells and cycles at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.reductions import any_step, over_steps, row_median
from ..model.schema import CV_MODES, MODES

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SAME_CURRENT = 0.05
SAME_VOLTAGE = 0.02
LESS_CHARGE = 0.98

_UNKNOWN_MODES = (MODES.index("charge"), MODES.index("discharge"))


def began(steps: xr.Dataset, member: BoolArray) -> FloatArray:
    """Time at which each half-cycle began, (cell, cycle) [s]."""
    found = over_steps(np.fmin, steps["time_start"].values, member, np.inf)
    return np.where(np.isfinite(found), found, np.nan)


def one_way(steps: xr.Dataset, member: BoolArray, *, accuracy: float, counter: bool) -> dict[str, FloatArray]:
    """Numbers of all half-cycles of one direction, (cell, cycle) each.

    Parameters
    ----------
    steps
        Dataset (cell, cycle, step), in this order.
    member
        Which steps belong to this direction.
    accuracy
        Relative error of one charge.
    counter
        Whether capacities are those of the instrument's counter.
    """
    held = np.isin(steps["mode"].values, CV_MODES)
    passed, energy = (_total(steps, name, member) for name in ("charge", "energy"))
    steady = member & ~held if (member & held).any() else member
    flow = 3600 * np.abs(_total(steps, "charge", steady))
    current = ratio(flow, _total(steps, "duration", steady))
    charge = np.abs(_total(steps, "charge_counter", member) if counter else passed)
    error = accuracy * charge
    if "charge_difference" in steps:
        error = np.fmax(error, np.abs(_total(steps, "charge_difference", member)))  # NaN where there is no counter
    area, loading, thickness, nominal = (
        _of_cell(steps, name) for name in ("area", "loading", "cathode_thickness", "nominal_capacity")
    )
    areal = charge / area
    return {
        "capacity": charge,
        "capacity_stderr": error,
        "areal_capacity": areal,
        "specific_capacity": 1000 * areal / loading,  # per mg to per g
        "volumetric_capacity": areal / (1e-4 * thickness),  # um to cm
        "voltage": ratio(energy, passed),
        "current": current,
        "current_density": current / area,
        "rate": current / area / nominal,
    }


def cv_share(steps: xr.Dataset, charging: BoolArray) -> FloatArray:
    """Part of the charge capacity passed at constant voltage; NaN where a step does not say what was held."""
    mode = steps["mode"].values
    held = over_steps(np.add, steps["charge"].values, charging & np.isin(mode, CV_MODES), 0.0)
    share = ratio(held, _total(steps, "charge", charging))
    unsaid = charging & np.isin(mode, _UNKNOWN_MODES)
    return np.where(unsaid.any(-1), np.nan, share) if unsaid.any() else share


def ended_early(
    steps: xr.Dataset, charging: BoolArray, discharging: BoolArray, charge: FloatArray, discharge: FloatArray
) -> BoolArray:
    """Cycles with a half-cycle that ended at a voltage of its own, and with less charge than a neighbour.

    A cell that fades passes less charge from cycle to cycle and yet ends each half-cycle at the same voltage, so the
    charge alone does not tell. The neighbours are the same half-cycles of the cycles before and after.
    """
    early = np.zeros(charge.shape, bool)
    if not {"voltage_max", "voltage_min"} <= set(steps.variables):
        return early
    top = over_steps(np.fmax, steps["voltage_max"].values, charging, -np.inf)
    bottom = over_steps(np.fmin, steps["voltage_min"].values, discharging, np.inf)
    window = SAME_VOLTAGE * row_median(np.where(np.isfinite(top - bottom), top - bottom, np.nan))[:, None]
    for end, passed in ((top, charge), (bottom, discharge)):
        alike, less = np.zeros(end.shape, bool), np.zeros(end.shape, bool)
        for here, there in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :-1], np.s_[:, 1:])):
            with np.errstate(invalid="ignore"):
                alike[here] |= np.abs(end[here] - end[there]) <= window
                less[here] |= passed[here] < LESS_CHARGE * passed[there]
        early |= ~alike & less & np.isfinite(window)
    return early


def at_ageing_rate(found: xr.Dataset) -> tuple[FloatArray, BoolArray]:
    """The current most cycles of a cell were discharged at, and the cycles at this current within 5 %.

    Currents are of one level where no gap of more than 5 % lies between them; of two levels with as many cycles the
    faster one is meant. Cells whose current is not known have all their cycles at the ageing rate.
    """
    current = found["discharge_current"].values
    flow = np.where(current > 0, current, np.nan)
    order = np.sort(flow, axis=1)  # NaN comes last
    with np.errstate(invalid="ignore"):
        level = np.zeros(flow.shape, np.int64)
        level[:, 1:] = np.cumsum(np.diff(order, axis=1) > SAME_CURRENT * order[:, :-1], axis=1)
    rows, width = np.arange(len(flow)), flow.shape[1]
    count = np.zeros(flow.shape, np.int64)
    known = np.isfinite(order)
    flat = (rows[:, None] * width + level)[known]
    count.ravel()[:] = np.bincount(flat, minlength=flow.size)[: flow.size]
    most = width - 1 - count[:, ::-1].argmax(1)
    chosen = known & (level == most[:, None])
    low = np.where(chosen, order, np.inf).min(1, initial=np.inf)
    high = np.where(chosen, order, -np.inf).max(1, initial=-np.inf)
    unknown = ~known.any(1)
    with np.errstate(invalid="ignore"):
        rate = np.where(unknown, np.nan, (low + high) / 2)
        member = (flow >= low[:, None]) & (flow <= high[:, None])
    return rate, member | unknown[:, None]


def last_before(condition: BoolArray) -> IntArray:
    """Column of the last True before each column of a row, -1 where there is none."""
    place = np.where(condition, np.arange(condition.shape[1]), -1)
    latest = np.maximum.accumulate(place, axis=1)
    return np.concatenate([np.full((len(place), 1), -1), latest[:, :-1]], axis=1)


def ratio(of: FloatArray, to: FloatArray) -> FloatArray:
    """`of` / `to`, NaN where `to` is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(to != 0, of / to, np.nan)


def _total(steps: xr.Dataset, name: str, member: BoolArray) -> FloatArray:
    """Sum over the steps that are members, NaN where there is none."""
    found = over_steps(np.add, steps[name].values, member, 0.0)
    found[~any_step(member)] = np.nan
    return found


def _of_cell(steps: xr.Dataset, name: str) -> FloatArray:
    """A quantity of each cell as a column, NaN where nobody said."""
    values = steps[name].values if name in steps.coords else np.nan
    return np.broadcast_to(np.asarray(values, float), steps.sizes["cell"])[:, None]
