"""The pieces of a test that can be compared with one another: half-cycles, pulses, or parts of a long half-cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.reductions import active_steps
from ...model.schema import MODES
from .. import _halves
from .falls import AFTER, FEWEST_BEFORE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_FEWEST_CYCLES = 10
_PARTS = 20
_POINTS_OF_A_PART = 5
_SAME_CURRENT = 0.05
_LEAST_CHARGE = 0.85


@dataclass(frozen=True)
class Units:
    """One value per unit, cells one after the other and in each the units as they came.

    Units of one ``series`` - same cell, direction, current (within 5 %) and charge (within 15 %) - are compared with
    one another.
    """

    cell: IntArray
    cycle: IntArray
    direction: IntArray
    series: IntArray
    time: FloatArray
    """Beginning [s]."""
    current: FloatArray
    """Mean size [mA]."""
    resistance: FloatArray
    """Mean |V| between 20 and 90 % of the charge over |I| [kohm], instrument offset removed."""
    shape: FloatArray
    """How far the trace departs from a rectangle, as a fraction of that mean: initial peak and rise to the end."""
    noise: FloatArray
    """Scatter from point to point [V]."""
    relaxation: FloatArray
    """Fall of |V| during the rest that follows, as a fraction of that mean; NaN without a rest."""
    left_out: IntArray
    """Per cell: units not used because they were interrupted."""


def units(trees: Sequence[xr.DataTree]) -> Units:
    """Units of several cells, each with ``steps`` and ``points``."""
    parts = [_of_one(tree, number) for number, tree in enumerate(trees)]
    first = np.cumsum([0] + [int(part.series.max(initial=-1)) + 1 for part in parts])
    joined = {f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Units)}
    joined["series"] += np.repeat(first[:-1], [len(part.series) for part in parts])
    return Units(**joined)


def _of_one(tree: xr.DataTree, number: int) -> Units:
    steps = tree["steps"].to_dataset().isel(cell=0)
    addressed, parts = _addresses(steps)
    of = _halves.halves(tree["points"].to_dataset(), addressed)
    cycle = addressed["number"].values[of.row]
    with np.errstate(divide="ignore", invalid="ignore"):
        hours = _spans(of) / 3600.0
        current = of.charge / hours
    facing = np.where(of.column == 0, 1.0, -1.0)
    mean = _halves.weighted_mean(of, of.voltage, 0.2, 0.9)
    signed, offset = _upright(mean, facing)
    size = (of.voltage - offset) * np.sign(signed)[of.half]
    inner = np.abs(signed)
    if parts:
        level, usual = addressed["number_of_step"].values[of.row], np.ones(len(inner), bool)
    else:
        level, usual = _programme(current, of.charge, of.column)
    whole = np.isfinite(inner) & (inner > 0) & usual
    order = np.flatnonzero(whole)[np.argsort(of.time[of.first][whole], kind="stable")]
    series = np.unique(2 * level[order] + of.column[order], return_inverse=True)[1]
    columns: dict[str, npt.NDArray[Any]] = {
        "cycle": cycle,
        "direction": of.column,
        "time": of.time[of.first],
        "current": current,
        "resistance": inner / current,
        "shape": np.full(len(inner), np.nan) if parts else _shape(of, size) / inner,
        "noise": _halves.scatter(of, size, 0.2, 0.9)[0],
        "relaxation": np.full(len(inner), np.nan) if parts else _relaxation(steps, of, np.sign(signed)) / inner,
    }
    return Units(
        cell=np.full(len(order), number),
        series=series,
        left_out=np.array([int((~whole).sum())]),
        **{name: values[order] for name, values in columns.items()},
    )


def _addresses(steps: xr.Dataset) -> tuple[xr.Dataset, bool]:
    """Steps laid out so that each unit is a half-cycle, and whether the units are parts of half-cycles.

    Where there are fewer than ten cycles it is every active step for itself, and where there are fewer than ten of
    those too, each is divided into twenty parts: then a short is looked for within the half-cycle.
    """
    charging, discharging = active_steps(steps)
    numbers = steps["cycle"].values
    kept = steps[["mode", "charge", "point_start", "point_count"]]
    both = (charging.any(1) & discharging.any(1)).sum()
    if both >= _FEWEST_CYCLES:
        return kept.drop_vars("cycle").assign(number=("cycle", numbers)), False
    row, column = np.nonzero(charging | discharging)
    alone = {str(name): kept[name].values[row, column] for name in kept.data_vars} | {"number": numbers[row]}
    alone["number_of_step"] = np.arange(len(row))
    parts = 0 < len(row) < _FEWEST_CYCLES
    if parts:
        count = np.clip(alone["point_count"] // _POINTS_OF_A_PART, 1, _PARTS)
        place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        alone = {name: np.repeat(values, count) for name, values in alone.items()} | {"of": np.repeat(count, count)}
        edge = [alone["point_count"] * at // alone["of"] for at in (place, place + 1)]
        alone |= {"point_start": alone["point_start"] + edge[0], "point_count": edge[1] - edge[0]}
    flat = ("number", "number_of_step", "of")
    laid = {name: ("cycle", v) if name in flat else (("cycle", "step"), v[:, None]) for name, v in alone.items()}
    return xr.Dataset(laid), parts


def _spans(of: _halves.Halves) -> FloatArray:
    """Time in which the charge of each unit was passed [s]."""
    if not len(of.half):
        return np.zeros(0)
    inside = np.append(np.diff(of.time), 0.0) * (of.passed > 0)
    span: FloatArray = np.add.reduceat(inside, of.first)
    return span


def _upright(mean: FloatArray, facing: FloatArray) -> tuple[FloatArray, float]:
    """Mean voltage of each unit less the instrument's offset, and that offset.

    The offset is half the sum of the typical voltages of the two directions; with one direction only it stays in.
    """
    sides = [mean[(facing == side) & np.isfinite(mean)] for side in (1.0, -1.0)]
    offset = float(np.median(sides[0]) + np.median(sides[1])) / 2 if all(len(side) for side in sides) else 0.0
    return mean - offset, offset


def _programme(current: FloatArray, charge: FloatArray, column: IntArray) -> tuple[IntArray, BoolArray]:
    """Number of each combination of current and charge, and whether a unit is one of its kind.

    It is not where less than 85 % of the usual charge at that current passed and too few others are like it to be
    compared: then it was interrupted. A capacity that was changed on purpose makes a combination of its own.
    """
    of_current = _levels(current, _SAME_CURRENT)
    level = np.unique(np.stack([of_current, _levels(charge, 1 - _LEAST_CHARGE)]), axis=1, return_inverse=True)[1]
    usual = np.zeros(len(charge))
    for value in np.unique(of_current):
        usual[of_current == value] = np.median(charge[of_current == value])
    kind = 2 * level + column
    alike = np.bincount(kind, minlength=1)[kind]
    return level, (charge >= _LEAST_CHARGE * usual) | (alike >= FEWEST_BEFORE + AFTER)


def _levels(values: FloatArray, apart: float) -> IntArray:
    """Number of each value among those that lie apart by more than a fraction."""
    order = np.sort(values[values > 0])
    edges = order[1:][np.diff(order) > apart * order[:-1]]
    return np.searchsorted(edges, values, side="right").astype(np.int64)


def _shape(of: _halves.Halves, size: FloatArray) -> FloatArray:
    """Initial peak over the mean, and rise from the first third to the end, added as squares [V]."""
    early, late = _halves.weighted_mean(of, size, 0.0, 0.05), _halves.weighted_mean(of, size, 0.8, 1.0)
    middle = _halves.weighted_mean(of, size, 0.2, 0.5)
    return np.hypot(early - middle, late - middle)


def _relaxation(steps: xr.Dataset, of: _halves.Halves, side: FloatArray) -> FloatArray:
    """Fall of |V| in the last rest after each unit's points [V]."""
    mode, count = steps["mode"].values, steps["point_count"].values
    found = np.full(len(of.first), np.nan)
    rest = (mode == MODES.index("rest")) & (count > 1)
    if not rest.any() or not len(found):
        return found
    begin, fall = steps["time_start"].values[rest], (steps["voltage_start"] - steps["voltage_end"]).values[rest]
    order = np.argsort(of.time[of.first], kind="stable")
    place = np.searchsorted(of.time[of.first][order], begin, side="right") - 1
    behind = place >= 0
    owner = order[place[behind]]
    found[owner] = fall[behind] * side[owner]
    return found
