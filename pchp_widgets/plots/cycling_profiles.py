"""Single cycles of full and half cells as curves: voltage against capacity, and its derivatives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis import differential
from ..analysis.symmetric import half_cycle_trace
from ..model.cycles import DIRECTIONS
from .cycling_view import Looks, colored
from .decimate import envelope
from .traces import joined

FloatArray = npt.NDArray[np.float64]

KINDS: dict[str, str] = {
    "profiles": "voltage against the charge passed in each half-cycle, constant-voltage steps included",
    "dq_dv": "dQ/dV of each half-cycle against voltage; peaks are phase transitions",
    "dv_dq": "dV/dQ of each half-cycle against capacity; for flat plateaus, where dQ/dV has no limit",
}
"""What can be shown of single cycles."""

_POINTS = 600
"""Points drawn of a half-cycle at most: twice what a figure has pixels for."""


class Half(NamedTuple):
    """A half-cycle as a curve."""

    x: FloatArray
    y: FloatArray


class Cycle(NamedTuple):
    """A cycle as curves, one per direction, and why one of them is not there, in words."""

    halves: tuple[Half, ...]
    missing: str = ""


_NONE = Half(np.zeros(0), np.zeros(0))


def voltage_profile(tree: xr.DataTree, cycle: int) -> Cycle:
    """Voltage [V] of one cycle of one cell against the charge passed in the half-cycle [mA h].

    Parameters
    ----------
    tree
        The cell.
    cycle
        Its number; a cell that does not have it has no points.
    """
    steps = tree["steps"].to_dataset()
    if cycle not in steps["cycle"].values:
        return Cycle((_NONE,) * len(DIRECTIONS))
    trace = half_cycle_trace(tree, cycle)
    area = float(steps["area"].item()) if trace["capacity"].attrs["units"] == "mA h cm-2" else 1.0
    charge, voltage, direction = trace["capacity"].values * area, trace["voltage"].values, trace["direction"].values
    return Cycle(tuple(_thinned(charge[direction == at], voltage[direction == at]) for at in range(len(DIRECTIONS))))


def derivative(kind: Literal["dq_dv", "dv_dq"], tree: xr.DataTree, cycle: int) -> Cycle:
    """dQ/dV [mA h V-1] against voltage, or dV/dQ [V mA-1 h-1] against charge [mA h]; parameters as above."""
    if cycle not in tree["steps"].to_dataset()["cycle"].values:
        return Cycle((_NONE,) * len(DIRECTIONS))
    directions: tuple[differential.Direction, ...] = ("charge", "discharge")
    halves, missing = [], []
    for direction in directions:
        try:
            if kind == "dq_dv":
                found = differential.dq_dv(tree, cycle, direction)
                x, y = found["voltage"].values, found["dq_dv"].values
            else:
                found = differential.dv_dq(tree, cycle, direction)
                x, y = found["capacity"].values, found["dv_dq"].values
        except ValueError as reason:  # too few points, or a half-cycle that is not there
            missing.append(str(reason))
            halves.append(_NONE)
        else:
            order = np.argsort(x)
            halves.append(_thinned(x[order], y[order]))
    return Cycle(tuple(halves), "; ".join(missing))


def is_flat(tree: xr.DataTree, cycle: int) -> bool:
    """Whether more than half of a charge passes on a plateau, where dQ/dV has no limit and dV/dQ is to be read."""
    try:
        return bool(differential.dq_dv(tree, cycle).attrs["advice"])
    except ValueError:
        return False


def _thinned(x: FloatArray, y: FloatArray) -> Half:
    drawn = envelope(x, y, _POINTS)
    return Half(x[drawn], y[drawn])


def typical_cycles(steps: xr.Dataset, count: int) -> list[int]:
    """Cycles spread over the lives of cells, each the best recorded one near its place.

    Cyclers are often told to keep every point of some cycles only; those show most.

    Parameters
    ----------
    steps
        Dataset (cell, cycle, step).
    count
        How many cycles at most.

    Returns
    -------
    list of int
        Numbers of cycles that as many cells have as any cycle near, in rising order.
    """
    recorded = steps["point_count"].where(steps["charge"].notnull(), 0).sum("step").transpose("cell", "cycle").values
    numbers = steps["cycle"].values
    known = np.flatnonzero((recorded > 0).any(0) & (numbers > 0))
    near = len(known) // (2 * count)
    found = []
    for place in np.linspace(0, len(known) - 1, min(count, len(known))).round().astype(int):
        around = known[max(place - near, 0) : place + near + 1]
        shared, points = (recorded[:, around] > 0).sum(0), recorded[:, around].sum(0)
        distance = np.abs(around - known[place])
        found.append(int(numbers[around[np.lexsort((distance, -points, -shared))[0]]]))
    return sorted(set(found))


def profiles(found: Mapping[tuple[str, int], Cycle], kind: str, unit: xr.DataArray, looks: Looks) -> xr.Dataset:
    """Curves of some cycles of some cells, end to end.

    Parameters
    ----------
    found
        By name of the cell and number of the cycle, as the functions of :data:`CURVES` give them.
    kind
        One of :data:`KINDS`.
    unit
        As given by :func:`~.cycling_view.capacity_unit` for these cells.
    looks
        By name of the cell.

    Returns
    -------
    Dataset
        ``x`` and ``y`` (point), with ``point_start`` and ``point_count`` (profile, direction) and the coordinates
        ``cell``, ``cycle``, ``coating`` and ``color`` of a ``profile``; attributes ``asked``, the cycles, and
        ``missing``, why curves are not there. Cells whose capacity has no unit of that basis,
        and cycles a cell does not have, have no points.
    """
    worth = {str(name): float(value) for name, value in zip(unit["cell"].values, unit.values, strict=True)}
    present = {key: one.halves for key, one in found.items() if any(len(half.x) for half in one.halves)}
    pieces = []
    for (cell, _), halves in present.items():
        scale_x, scale_y = _scales(kind, worth[cell])
        pieces += [(half.x * scale_x, half.y * scale_y) if np.isfinite(worth[cell]) else _EMPTY for half in halves]
    keys = list(present)
    drawn = joined(pieces, ("x", "y"), profile=[f"{cell}, cycle {cycle}" for cell, cycle in keys], direction=DIRECTIONS)
    drawn = drawn.assign_coords(
        cell=("profile", np.array([cell for cell, _ in keys], object)),
        cycle=("profile", np.array([cycle for _, cycle in keys], np.int64)),
        coating=("profile", np.array([looks[cell].coating for cell, _ in keys], object)),
    )
    for name, attrs in zip("xy", _axes(kind, str(unit.attrs["units"])), strict=True):
        drawn[name].attrs = attrs
    return drawn.assign_coords(color=("profile", np.array(colored(drawn, looks), object))).assign_attrs(
        kind=kind,
        missing=[one.missing for one in found.values() if one.missing],
        asked=sorted({cycle for _, cycle in found}),
    )


def nearest(profiles: xr.Dataset, x: float, y: float, span: Sequence[float]) -> int | None:
    """Cycle of the curve nearest to a place in the figure; None where there is no curve.

    Parameters
    ----------
    profiles
        As given by :func:`profiles`.
    x, y
        The place.
    span
        Width and height of the figure, in the units of `x` and `y`.
    """
    away = ((profiles["x"].values - x) / span[0]) ** 2 + ((profiles["y"].values - y) / span[1]) ** 2
    if not np.isfinite(away).any():
        return None
    starts = profiles["point_start"].values.ravel()
    half = int(np.flatnonzero(starts <= int(np.nanargmin(away)))[-1])
    return int(profiles["cycle"].values[half // len(DIRECTIONS)])


def _scales(kind: str, worth: float) -> tuple[float, float]:
    """Factors of x and y from mA h."""
    return {"profiles": (worth, 1.0), "dq_dv": (1.0, worth), "dv_dq": (worth, 1.0 / worth)}[kind]


def _inverse(units: str) -> str:
    """Units to the power of -1."""
    powers = [re.fullmatch(r"([A-Za-z]+)(-?\d+)?", part) for part in units.split()]
    flipped = [(found[1], -int(found[2] or 1)) for found in powers if found]
    return " ".join(f"{name}{power if power != 1 else ''}" for name, power in flipped)


def _axes(kind: str, units: str) -> tuple[dict[str, str], dict[str, str]]:
    capacity = {"long_name": "relative capacity" if units == "1" else "capacity", "units": units}
    if kind == "profiles":
        return capacity, {"long_name": "cell voltage", "units": "V"}
    if kind == "dq_dv":
        return {"long_name": "cell voltage", "units": "V"}, {"long_name": "dQ/dV", "units": f"{units} V-1"}
    return capacity, {"long_name": "dV/dQ", "units": "V" if units == "1" else f"V {_inverse(units)}"}


_EMPTY = (np.zeros(0), np.zeros(0))

CURVES: dict[str, Callable[[xr.DataTree, int], Cycle]] = {
    "profiles": voltage_profile,
    "dq_dv": partial(derivative, "dq_dv"),
    "dv_dq": partial(derivative, "dv_dq"),
}
"""What makes the curves of each of :data:`KINDS`, in mA h and V."""
