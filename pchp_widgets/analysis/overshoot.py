"""Soft shorts of full cells: charge that goes into no electrode, a charge plateau that flickers, CE that comes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.reductions import row_median
from ..model.schema import CV_MODES
from . import _halves
from ._cycling import SAME_CURRENT, BoolArray, FloatArray, last_before, ratio

ABSENT, PRESENT, UNKNOWN = 0, 1, -1

DEFINITIONS: dict[str, str] = {
    "overshoot": "charge capacity over the discharge capacity of the cycle before, more than 1 % and five robust "
    "standard deviations above the median of the cell",
    "noisy_charge": "point-to-point noise of the voltage on charge above three times the median of the cell, in "
    "that cycle and the next one known; needs points",
    "recovery": "Coulombic efficiency more than 1 % and five robust standard deviations below the median of the cell, "
    "and back above that in a later cycle",
}
"""Pieces of evidence of a soft short in a full cell."""

_LEAST = 0.01
_DEVIATIONS = 5 * 1.4826  # of the median absolute deviation
_NOISY = 3.0
_FEWEST = 6


class _Seen(NamedTuple):
    """Where one piece of evidence is seen, how far it goes and how far it had to go, (cell, cycle); where it could."""

    fired: BoolArray
    size: FloatArray
    limit: FloatArray
    known: BoolArray


def charge_overshoot(found: xr.Dataset, noise: xr.DataArray | None = None, *, first: int = 3) -> xr.Dataset:
    """Evidence that part of the charge current passed through metallic lithium.

    A charge can only bring back what the discharge before took out; more is parasitic, and much more at once is a
    current past the electrodes. Where the dendrite burns out or dissolves, the efficiency comes back, which that of a
    cell without lithium does not. Cycles are compared with the same cell only, and only where the currents are those
    of the cycle before (5 %) and neither cycle is interrupted.

    Parameters
    ----------
    found
        As given by :func:`~.cycling.per_cycle`.
    noise
        As given by :func:`charge_noise` for the same cells; without it ``noisy_charge`` is unknown.
    first
        First cycle that is judged: formation has losses of its own.

    Returns
    -------
    Dataset
        (cell, evidence): ``present`` (1, 0, -1 unknown: fewer than six cycles to compare), ``strength`` 0 to 1 (1 -
        limit / largest excess), ``evidence_cycle`` and ``evidence_time`` [s], where it is first seen (NaN where it
        is not); coordinate ``definition``. (cell): ``start_cycle`` and ``start_time`` [s] of the earliest. (cell,
        cycle): ``excess``, the charge over the discharge before, less 1.

    Raises
    ------
    ValueError
        When the cells begin their cycles with a discharge: those are half cells.
    """
    others = found["cell"].values[found["opens"].values == "discharge"]
    if len(others):
        raise ValueError(f"charge_overshoot: {', '.join(map(str, others))} begin with a discharge; give full cells")
    excess, comparable = _excess(found, first)
    efficiency = found["coulombic_efficiency"].values
    seen = [
        _unusual(excess, comparable & np.isfinite(excess)),
        _noisy(found, noise, first),
        _coming_back(_unusual(-efficiency, comparable & np.isfinite(efficiency))),
    ]
    return _table(found, excess, seen)


def charge_noise(cells: xr.DataTree | Iterable[xr.DataTree]) -> xr.DataArray:
    """Noise of the voltage on charge, from point to point.

    Parameters
    ----------
    cells
        One cell or several, each with ``steps`` and ``points``.

    Returns
    -------
    DataArray
        (cell, cycle) [V]: standard deviation of the differences between neighbouring points over √2, between 20 % and
        90 % of the charge, constant voltage left out. NaN where there are fewer than three points.
    """
    parts = []
    for tree in [cells] if isinstance(cells, xr.DataTree) else list(cells):
        steps = tree["steps"].to_dataset()[["mode", "charge", "point_start", "point_count"]].load()
        steps["mode"] = steps["mode"].where(~steps["mode"].isin(CV_MODES), -1)
        of = _halves.halves(tree["points"].to_dataset(), steps.isel(cell=0))
        noise, _ = _halves.scatter(of, of.voltage, 0.2, 0.9)
        table = _halves.cube(of, noise, steps.sizes["cycle"])[None, :, 0]
        parts.append(xr.DataArray(table, {"cell": steps["cell"].values, "cycle": steps["cycle"].values}))
    if not parts:
        raise ValueError("charge_noise: no cell was given")
    whole = parts[0] if len(parts) == 1 else xr.concat(parts, "cell", join="outer")
    text = "sd of the point-to-point differences of V on charge over √2, between 20 % and 90 % of the charge, no CV"
    return whole.rename("charge_noise").assign_attrs(units="V", definition=text)


def _excess(found: xr.Dataset, first: int) -> tuple[FloatArray, BoolArray]:
    """Charge over the discharge before, less 1, and the cycles that can be compared with the one before."""
    charge, discharge = found["charge_capacity"].values, found["discharge_capacity"].values
    excess = np.full(charge.shape, np.nan)
    excess[:, 1:] = ratio(charge[:, 1:], discharge[:, :-1]) - 1
    whole = ~found["interrupted"].values.astype(bool)
    cycles = found["cycle"].values
    alike = np.zeros(charge.shape, bool)
    alike[:, 1:] = whole[:, 1:] & whole[:, :-1] & (np.diff(cycles) == 1) & (cycles[1:] >= first)
    for name in ("charge_current", "discharge_current"):
        current = found[name].values
        with np.errstate(invalid="ignore"):
            alike[:, 1:] &= np.abs(np.diff(current, axis=1)) <= SAME_CURRENT * current[:, :-1]
    return excess, alike


def _unusual(values: FloatArray, known: BoolArray) -> _Seen:
    """Values above the median of their row by 1 % and five robust standard deviations."""
    kept = np.where(known, values, np.nan)
    above = kept - row_median(kept)[:, None]
    spread = row_median(np.abs(above))[:, None]
    limit = np.broadcast_to(np.maximum(_LEAST, _DEVIATIONS * spread), values.shape)
    with np.errstate(invalid="ignore"):
        return _Seen(above > limit, above, limit, known)


def _coming_back(dropped: _Seen) -> _Seen:
    """Of the cycles with a drop, those after which a comparable cycle has none."""
    sound = dropped.known & ~dropped.fired
    later = np.flip(np.logical_or.accumulate(np.flip(sound, 1), axis=1), 1)
    return dropped._replace(fired=dropped.fired & later)


def _noisy(found: xr.Dataset, noise: xr.DataArray | None, first: int) -> _Seen:
    shape = found["charge_capacity"].shape
    if noise is None:
        return _Seen(np.zeros(shape, bool), np.zeros(shape), np.ones(shape), np.zeros(shape, bool))
    values = noise.reindex(cell=found["cell"].values, cycle=found["cycle"].values).transpose("cell", "cycle").values
    known = np.isfinite(values) & (found["cycle"].values >= first)
    kept = np.where(known, values, np.nan)
    limit = np.broadcast_to(_NOISY * row_median(kept)[:, None], shape)
    with np.errstate(invalid="ignore"):
        above = kept > limit
    following = above.shape[1] - 1 - np.flip(last_before(np.flip(known, 1)), 1)  # beyond the last column where none
    again = np.take_along_axis(np.pad(above, ((0, 0), (0, 1)), constant_values=True), following, 1)
    return _Seen(above & again, kept, limit, known)


def _table(found: xr.Dataset, excess: FloatArray, seen: list[_Seen]) -> xr.Dataset:
    """Evidence side by side, and where the first of it begins."""
    cycles, start = found["cycle"].values.astype(float), found["time_start"].values
    rows = np.arange(len(start))
    columns: dict[str, list[npt.NDArray[np.float64]]] = {
        name: [] for name in ("present", "strength", "evidence_cycle", "evidence_time")
    }
    for one in seen:
        ever, place = one.fired.any(1), one.fired.argmax(1)
        decidable = one.known.sum(1) >= _FEWEST
        shown = ever & decidable
        with np.errstate(invalid="ignore", divide="ignore"):
            reach = np.where(one.fired, 1 - one.limit / one.size, 0.0).max(1, initial=0.0)
        columns["present"].append(np.where(decidable, np.where(ever, PRESENT, ABSENT), UNKNOWN))
        columns["strength"].append(np.where(shown, reach, np.nan))
        columns["evidence_cycle"].append(np.where(shown, cycles[place], np.nan))
        columns["evidence_time"].append(np.where(shown, start[rows, place], np.nan))
    stacked = {name: np.stack(column, axis=1) for name, column in columns.items()}
    earliest = {name: np.fmin.reduce(stacked[f"evidence_{name}"], axis=1) for name in ("cycle", "time")}
    dims = ("cell", "evidence")
    flags = {"flag_values": [-1, 0, 1], "flag_meanings": "unknown absent present"}
    coords = {name: value for name, value in found.coords.items() if value.dims in {("cell",), ("cycle",)}}
    return xr.Dataset(
        {
            "present": (dims, stacked["present"].astype(np.int8), flags),
            "strength": (dims, stacked["strength"], {"units": "1", "definition": "1 - limit / largest excess"}),
            "evidence_cycle": (dims, stacked["evidence_cycle"], {"units": "1", "long_name": "first cycle with it"}),
            "evidence_time": (dims, stacked["evidence_time"], {"units": "s", "long_name": "when that cycle began"}),
            "start_cycle": ("cell", earliest["cycle"], {"units": "1", "long_name": "first cycle with any evidence"}),
            "start_time": ("cell", earliest["time"], {"units": "s", "long_name": "when that cycle began"}),
            "excess": (
                ("cell", "cycle"),
                excess,
                {"units": "1", "definition": "charge capacity / discharge capacity of the cycle before - 1"},
            ),
        },
        {**coords, "evidence": list(DEFINITIONS), "definition": ("evidence", list(DEFINITIONS.values()))},
    )


__all__ = ["ABSENT", "DEFINITIONS", "PRESENT", "UNKNOWN", "charge_noise", "charge_overshoot"]
