"""Inner loops over half-cycles: every half-cycle of a cell at once, on flat arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.cycles import DIRECTIONS
from ..model.reductions import active_steps

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Halves(NamedTuple):
    """The points of all half-cycles of one cell, one half-cycle after the other.

    ``half`` counts 0, 1, 2, ... over those present; ``row`` and ``column`` place each in (cycle, direction).
    ``depth`` is the fraction of the half-cycle's charge passed, 0 to 1; ``passed`` the charge [mA h]
    between a point and the next.
    """

    half: IntArray
    first: IntArray
    row: IntArray
    column: IntArray
    time: FloatArray
    voltage: FloatArray
    depth: FloatArray
    passed: FloatArray
    charge: FloatArray


def each_cell(
    cells: xr.DataTree | Iterable[xr.DataTree], of: Callable[[xr.DataTree], xr.Dataset], name: str
) -> xr.Dataset:
    """What a function gives for one cell, for all cells along ``cell``; `name` is said where there is none."""
    trees = [cells] if isinstance(cells, xr.DataTree) else list(cells)
    if not trees:
        raise ValueError(f"{name}: no cell was given")
    parts = [of(tree) for tree in trees]
    return parts[0] if len(parts) == 1 else xr.concat(parts, "cell", join="outer", combine_attrs="drop_conflicts")


def halves(points: xr.Dataset, steps: xr.Dataset) -> Halves:
    """Gather the active points of one cell, half-cycle by half-cycle.

    Parameters
    ----------
    points
        Dataset (point) of one cell.
    steps
        Dataset (cycle, step) of the same cell: its rests are left out.
    """
    charging, discharging = active_steps(steps)
    cycle, step = np.nonzero(charging | discharging)
    start, count = steps["point_start"].values[cycle, step], steps["point_count"].values[cycle, step]
    key = 2 * cycle + discharging[cycle, step]
    order = np.lexsort((start, key))
    key, start, count = key[order], start[order], count[order]
    present, of_step = np.unique(key, return_inverse=True)
    total = int(count.sum())
    ends = np.cumsum(count)
    index = np.arange(total) + np.repeat(start - (ends - count), count)
    half = np.repeat(of_step, count)
    time = points["time"].values[index].astype(float)
    voltage = points["voltage"].values[index].astype(float)
    current = points["current"].values[index].astype(float)
    passed = np.zeros(total)
    if total > 1:
        passed[:-1] = np.abs(current[:-1] + current[1:]) / 2 * np.diff(time) / 3600.0
    passed[ends - 1] = 0.0
    first = np.searchsorted(half, np.arange(len(present)))
    done = np.append(0.0, np.cumsum(passed))[:total]
    done -= done[first][half] if total else 0.0
    full = np.add.reduceat(passed, first) if total else np.zeros(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.minimum(done / full[half], 1.0)
    return Halves(half, first, present // 2, present % 2, time, voltage, depth, passed, full)


def at_depth(of: Halves, values: FloatArray, depth: float) -> FloatArray:
    """`values` where each half-cycle has passed the given fraction of its charge, linearly between two points."""
    return at_depths(of, values, np.array([depth]))[:, 0]


def at_depths(of: Halves, values: FloatArray, depths: FloatArray) -> FloatArray:
    """(half, depth): `values` at several depths of each half-cycle, as :func:`at_depth`; NaN where it has one point."""
    if len(of.half) < 2:
        return np.full((len(of.first), len(depths)), np.nan)
    number = np.arange(len(of.first))[:, None]
    last = np.append(of.first[1:], len(of.half))[:, None] - 1
    # two half-cycles meet where the depth of one is 1 and that of the next is 0: each stays among its own points
    right = np.clip(np.searchsorted(of.half + of.depth, number + depths), of.first[:, None] + 1, last)
    left = np.maximum(right - 1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = (depths - of.depth[left]) / (of.depth[right] - of.depth[left])
        found: FloatArray = values[left] + weight * (values[right] - values[left])
    return np.where(left >= of.first[:, None], found, np.nan)


def weighted_mean(of: Halves, values: FloatArray, low: float = 0.0, high: float = 1.0) -> FloatArray:
    """Charge-weighted mean (1/Q) ∫ values dq of each half-cycle between two depths (trapezoid rule)."""
    weight = np.where((of.depth >= low) & (of.depth <= high), of.passed, 0.0)
    following = np.append(values[1:], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _sum(of, weight * (values + following) / 2) / _sum(of, weight)


def extreme(of: Halves, values: FloatArray, low: float, high: float, *, largest: bool) -> FloatArray:
    """Largest or smallest value of each half-cycle between two depths."""
    inside = (of.depth >= low) & (of.depth <= high)
    if largest:
        found = np.maximum.reduceat(np.where(inside, values, -np.inf), of.first) if len(of.half) else np.zeros(0)
    else:
        found = np.minimum.reduceat(np.where(inside, values, np.inf), of.first) if len(of.half) else np.zeros(0)
    return np.where(np.isfinite(found), found, np.nan)


def scatter(of: Halves, values: FloatArray, low: float, high: float) -> tuple[FloatArray, FloatArray]:
    """Point-to-point noise sd(diff)/√2 between two depths, and the number of points it rests on."""
    inside = (of.depth[:-1] >= low) & (of.depth[1:] <= high) & (of.half[:-1] == of.half[1:])
    inside = np.append(inside, False)
    step = np.append(np.diff(values), 0.0) * inside
    count = _sum(of, inside.astype(float))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _sum(of, step) / count
        variance = (_sum(of, step**2) - count * mean**2) / (count - 1)
    return np.where(count > 2, np.sqrt(np.maximum(variance, 0.0) / 2), np.nan), count


def cube(of: Halves, values: FloatArray, cycles: int) -> FloatArray:
    """Lay one value per half-cycle out as (cycle, direction), NaN where there is none."""
    table = np.full((cycles, len(DIRECTIONS)), np.nan)
    table[of.row, of.column] = values
    return table


def _sum(of: Halves, values: FloatArray) -> FloatArray:
    return np.add.reduceat(values, of.first) if len(of.half) else np.zeros(0)
