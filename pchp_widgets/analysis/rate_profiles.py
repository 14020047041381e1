"""Curves of a rate test: voltage at each current density over the charge in the cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.cycles import DIRECTIONS, half_cycles
from ..model.schema import MODES
from ._cycling import ratio
from ._halves import halves

FloatArray = npt.NDArray[np.float64]

DEPTH = np.linspace(0, 1, 201)
"""Share of the half-cycle's charge at constant current at which the curves are given."""


def rate_profiles(points: xr.Dataset, steps: xr.Dataset, rates: xr.Dataset) -> xr.Dataset:
    """Voltage at constant current of one cell, one cycle per rate step, over the charge in the cell.

    The cycle is the last of the step that has both half-cycles and was not interrupted. The charge in the cell is
    counted through the test; charges are multiplied by the ratio of discharge to charge in that last cycle of the step,
    in which the cell comes back to where it was, so that parasitic charge does not add up.

    Parameters
    ----------
    points
        Dataset (point) of the cell.
    steps
        Dataset (cell, cycle, step) with this cell only.
    rates
        As given by :func:`~.rate.rate_steps`, with this cell only or among others.

    Returns
    -------
    Dataset
        (rate_step, direction, depth): ``voltage`` [V], ``passed`` [mA h cm-2] since the half-cycle began and
        ``position`` [mA h cm-2], the charge in the cell, 0 at the end of the discharge of the slowest step; NaN where
        the area is not known. (rate_step): ``cycle`` (-1 for none) and the currents and capacities of `rates`, which
        the functions below need.
    """
    name = str(steps["cell"].values[0])
    rates = rates.sel(cell=name)
    found = half_cycles(steps).isel(cell=0)
    cycles, place = steps["cycle"].values, _chosen(found, rates)
    area = float(np.asarray(steps["area"].values).ravel()[0]) if "area" in steps.coords else np.nan
    start = _positions(found, rates, place)
    reference = int(rates["reference_step"])
    shape = (len(place), 2, len(DEPTH))
    table = {key: np.full(shape, np.nan) for key in ("voltage", "passed", "position")}
    steady = steps.isel(cell=0, cycle=np.unique(place[place >= 0]))
    held = np.isin(steady["mode"].values, [MODES.index("cv_charge"), MODES.index("cv_discharge")])
    steady = steady.assign(mode=steady["mode"].where(~held, MODES.index("rest")))
    of = halves(points, steady)
    numbers = steady["cycle"].values
    share = _gain(found, place)
    for half, (row, column) in enumerate(zip(of.row, of.column, strict=True)):
        mine = of.half == half
        step = int(np.flatnonzero((place >= 0) & (cycles[place] == numbers[row]))[0])
        passed = of.charge[half] * DEPTH / area
        table["voltage"][step, column] = np.interp(DEPTH, of.depth[mine], of.voltage[mine])
        table["passed"][step, column] = passed
        table["position"][step, column] = (
            start[place[step], column] / area + (share[step] if not column else -1) * passed
        )
    if reference >= 0:
        table["position"] -= table["position"][reference, 1, -1]
    return _profiles(name, table, rates, np.where(place >= 0, cycles[place], -1))


def _chosen(found: xr.Dataset, rates: xr.Dataset) -> npt.NDArray[np.int64]:
    """Place of the last whole cycle of each rate step, -1 where there is none."""
    whole = found["charge"].notnull().all("direction").values & ~found["interrupted"].any("direction").values
    step = np.where(whole, rates["step_of_cycle"].values[: len(whole)], -1)
    last = np.full(rates.sizes["rate_step"], -1)
    known = step >= 0
    np.maximum.at(last, step[known], np.flatnonzero(known))
    return last


def _gain(found: xr.Dataset, place: npt.NDArray[np.int64]) -> FloatArray:
    """Discharge over charge in the chosen cycle of each rate step."""
    passed = np.abs(found["charge"].values)
    return np.where(place >= 0, ratio(passed[place, 1], passed[place, 0]), np.nan)


def _positions(found: xr.Dataset, rates: xr.Dataset, place: npt.NDArray[np.int64]) -> FloatArray:
    """Charge in the cell at the beginning of each half-cycle (cycle, direction) [mA h]."""
    step = rates["step_of_cycle"].values[: found.sizes["cycle"]]
    gain = np.where(step >= 0, _gain(found, place)[step], 1.0)
    passed = found["charge"].values * np.stack([np.nan_to_num(gain, nan=1.0), np.ones(len(gain))], axis=1)
    begin = found["time_start"].values.ravel()
    order = np.argsort(np.where(np.isfinite(begin), begin, np.inf), kind="stable")
    flow = np.nan_to_num(passed.ravel()[order])
    start = np.empty(len(flow))
    start[order] = np.cumsum(flow) - flow
    return start.reshape(passed.shape)


def _profiles(name: str, table: dict[str, FloatArray], rates: xr.Dataset, cycle: npt.NDArray[np.int64]) -> xr.Dataset:
    dims = ("rate_step", "direction", "depth")
    said = {
        "voltage": {"units": "V", "definition": "voltage at constant current, interpolated in the charge passed"},
        "passed": {"units": "mA h cm-2", "definition": "charge passed at constant current since the half-cycle began"},
        "position": {
            "units": "mA h cm-2",
            "definition": "charge in the cell, 0 where the slowest discharge ended; charges times discharge/charge",
        },
    }
    variables: dict[str, Any] = {key: (dims, values, said[key]) for key, values in table.items()}
    variables["cycle"] = ("rate_step", cycle, {"long_name": "cycle shown; -1 where there is none"})
    kept = ("current_density", "other_current_density", "areal_capacity", "areal_capacity_sd", "cv_share", "n")
    variables |= {key: ("rate_step", rates[key].values, dict(rates[key].attrs)) for key in kept}
    coords = {"rate_step": rates["rate_step"], "direction": list(DIRECTIONS), "depth": DEPTH}
    facts = {key: rates[key].item() for key in ("reference_step", "charge_protocol")}
    return xr.Dataset(variables, coords, {"cell": name, **facts, "tested": rates.attrs["direction"]})
