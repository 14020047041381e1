"""What the figures of a rate test show: results of the analysis, reduced to the curves and marks that are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.stated import stated_numbers
from . import cycling_profiles as single
from . import cycling_view
from .theme import Look, among, lighter

FloatArray = npt.NDArray[np.float64]
Looks = Mapping[str, Look]

BASES: dict[str, str] = {
    **{name: cycling_view.BASES[name] for name in ("areal", "specific", "absolute")},
    "relative": "capacity over the mean of the slowest rate step of the same cell",
}
"""What a capacity can be related to."""

PROFILES: dict[str, str] = {
    "all rates": "voltage at every current density: the last cycle of each rate step, of the first cell of a coating",
    "selected rate": "voltage at the current density of the selected cycle: last cycle of its rate step, of every cell",
}
"""Which curves stand beside the capacities."""

_PALEST = 0.7


def usual_basis(found: xr.Dataset) -> str:
    """As :func:`.cycling_view.usual_basis`, but the active mass where area and loading are known of all cells."""
    usual = cycling_view.usual_basis(found)
    return "specific" if usual == "areal" and np.isfinite(stated_numbers(found, "loading")).all() else usual


def unit(found: xr.Dataset, rates: xr.Dataset, basis: str) -> xr.DataArray:
    """What one mA h of each cell is worth in the units of a basis, one of :data:`BASES`."""
    rows = np.arange(rates.sizes["cell"])
    place = rates["reference_step"].values
    slowest = np.full(len(rows), np.nan)
    if rates.sizes["rate_step"]:
        slowest = np.where(place >= 0, rates["capacity"].values[rows, place], np.nan)
    return cycling_view.capacity_unit(found, basis, xr.DataArray(slowest, dims="cell"))


def cycles(
    found: xr.Dataset, rates: xr.Dataset, of: xr.DataArray, looks: Looks, replicates: str = "each"
) -> xr.Dataset:
    """Capacity of every cycle as curves: one per cell, or the mean of each coating.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.cycling.per_cycle`.
    rates
        As given by :func:`~pchp_widgets.analysis.rate.rate_steps`.
    of
        As given by :func:`unit`.
    looks
        By name of the cell.
    replicates
        ``"each"`` or ``"mean"``.

    Returns
    -------
    Dataset
        As :func:`.cycling_view.curves` gives them, with ``capacity`` and ``interrupted`` (curve, cycle); coordinates
        ``current_density`` (curve, cycle) [mA cm-2, or mA where an area is not known].
    """
    way = str(rates.attrs["direction"])
    kept = [name for name in ("cathode", "nominal_capacity", "loading") if name in found.coords]
    drawn = found[["time_start", "interrupted"]].reset_coords(drop=True)
    drawn = drawn.assign_coords({name: found[name].reset_coords(drop=True) for name in kept})
    drawn["capacity"] = (found[f"{way}_capacity"].reset_coords(drop=True) * of).assign_attrs(of.attrs)
    flow, units = _flow(found, f"{way}_current")
    drawn["current_density"] = (("cell", "cycle"), flow, {"units": units})
    return cycling_view.curves(drawn, looks, "cycle", replicates)


def rate_steps(rates: xr.Dataset, of: xr.DataArray, looks: Looks, replicates: str = "each") -> xr.Dataset:
    """Capacity of every rate step: one row per cell, or the mean of each coating.

    Parameters
    ----------
    rates
        As given by :func:`~pchp_widgets.analysis.rate.rate_steps`.
    of, looks, replicates
        As for :func:`cycles`.

    Returns
    -------
    Dataset
        (curve, rate_step): ``current_density`` [mA cm-2, or mA], ``capacity`` and ``sd`` (of the cycles of a step, or
        of the replicates) in the units of the basis, ``n``, ``first_cycle``, ``last_cycle`` and ``back``, whether this
        step returns to a current that was there before; coordinates ``coating``, ``color``, ``marker`` and ``count``
        of a ``curve``.
    """
    names = [str(name) for name in rates["cell"].values]
    flow, units = _flow(rates, "current_mean")
    worth = of.values[:, None]
    table: dict[str, FloatArray] = {
        "current_density": flow,
        "capacity": rates["capacity"].values * worth,
        "sd": rates["capacity_sd"].values * worth,
        "n": rates["n"].values.astype(float),
        **{name: rates[name].values.astype(float) for name in ("first_cycle", "last_cycle")},
        "back": _returns(rates["current_mean"].values).astype(float),
    }
    members = {name: [name] for name in names}
    if replicates == "mean":
        members = cycling_view.groups(names, looks, cycling_view.families(rates))
        table = _means(table, [np.flatnonzero(np.isin(names, of_group)) for of_group in members.values()])
    first = {name: looks[of_group[0]] for name, of_group in members.items()}
    drawn = among(first, list(first)) if replicates == "mean" else first
    attrs = {"current_density": {"units": units}, "capacity": dict(of.attrs)}
    return xr.Dataset(
        {name: (("curve", "rate_step"), values, attrs.get(name, {})) for name, values in table.items()},
        {
            "curve": list(members),
            "rate_step": rates["rate_step"].values,
            **{
                key: ("curve", [getattr(drawn[name], key) for name in members])
                for key in ("coating", "color", "marker")
            },
            "count": ("curve", [len(of_group) for of_group in members.values()]),
        },
        {"replicates": replicates},
    )


def _means(table: dict[str, FloatArray], members: Sequence[npt.NDArray[np.int64]]) -> dict[str, FloatArray]:
    """Mean over the cells of a group whose current in a step is the same within 5 %; the spread is that of cells."""
    shape = (len(members), table["capacity"].shape[1])
    found = {name: np.full(shape, np.nan) for name in table}
    for row, group in enumerate(members):
        part = {name: values[group] for name, values in table.items()}
        usual = np.full(shape[1], np.nan)
        some = np.isfinite(part["current_density"]).any(0)
        usual[some] = np.nanmedian(part["current_density"][:, some], axis=0)
        with np.errstate(invalid="ignore"):
            near = np.abs(part["current_density"] - usual) <= 0.05 * usual
        alike: npt.NDArray[np.bool_] = np.logical_and(near, np.isfinite(part["capacity"]))
        count = alike.sum(0)
        for name, values in part.items():
            with np.errstate(invalid="ignore", divide="ignore"):
                found[name][row] = np.where(alike, values, 0.0).sum(0) / np.where(count, count, np.nan)
        away = np.where(alike, part["capacity"] - found["capacity"][row], 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            found["sd"][row] = np.sqrt((away**2).sum(0) / np.where(count > 1, count - 1, np.nan))
        found["n"][row] = count
        found["back"][row] = found["back"][row] > 0.5
    return found


def _flow(found: xr.Dataset, name: str) -> tuple[FloatArray, str]:
    """Currents per area where that is known of every cell, else as they are."""
    density = "current_density" if name == "current_mean" else name.replace("_current", "_current_density")
    values: FloatArray = found[density].transpose("cell", ...).values
    absolute: FloatArray = found[name].transpose("cell", ...).values
    if (np.isfinite(values) == np.isfinite(absolute)).all():
        return values, "mA cm-2"
    return absolute, "mA"


def _returns(current: FloatArray) -> npt.NDArray[np.bool_]:
    """Steps at a current that an earlier step of the same cell had, within 5 %."""
    with np.errstate(invalid="ignore"):
        alike = np.abs(current[:, :, None] - current[:, None, :]) <= 0.05 * current[:, None, :]
    return np.asarray(np.tril(alike, -1).any(-1), bool)


def representatives(names: Sequence[str], looks: Looks, family: Sequence[str]) -> list[str]:
    """The first cell of each coating, of each family where there are several."""
    return [members[0] for members in cycling_view.groups(names, looks, family).values()]


def step_of(rates: xr.Dataset, cycle: int) -> dict[str, int]:
    """Rate step of a cycle in each cell that has it."""
    if cycle not in rates["cycle"].values:
        return {}
    steps = rates["step_of_cycle"].sel(cycle=cycle).values
    return {str(name): int(step) for name, step in zip(rates["cell"].values, steps, strict=True) if step >= 0}


def profiles(
    found: Mapping[tuple[str, int], single.Cycle], rates: xr.Dataset, of: xr.DataArray, looks: Looks
) -> xr.Dataset:
    """Voltage curves of some cycles, coloured by current density where all are of one cell, else by cell and current.

    Parameters
    ----------
    found
        By name of the cell and number of the cycle, as :func:`.cycling_profiles.voltage_profile` gives them.
    rates, of, looks
        As for :func:`cycles`.

    Returns
    -------
    Dataset
        As given by :func:`.cycling_profiles.profiles`, with a coordinate ``current_density`` of each ``profile``.
    """
    drawn = single.profiles(found, "profiles", of, looks)
    flow, units = _flow(rates, "current_mean")
    rows = {str(name): row for row, name in enumerate(rates["cell"].values)}
    column = {int(cycle): at for at, cycle in enumerate(rates["cycle"].values)}
    pairs = list(zip(drawn["cell"].values.tolist(), drawn["cycle"].values.tolist(), strict=True))
    step = rates["step_of_cycle"].values
    at = np.array([flow[rows[cell], step[rows[cell], column[cycle]]] for cell, cycle in pairs], float)
    drawn = drawn.assign_coords(current_density=("profile", at, {"units": units}))
    return drawn.assign_coords(color=("profile", np.array(_shades([cell for cell, _ in pairs], at, looks), object)))


def _shades(cells: Sequence[str], flow: FloatArray, looks: Looks) -> list[str]:
    order = np.unique(np.round(flow, 6))
    rank = np.searchsorted(order, np.round(flow, 6)) / max(len(order) - 1, 1)
    if len(set(cells)) == 1 and len(order) > 1:
        from bokeh.palettes import viridis

        shades = viridis(256)
        return [shades[round(215 * share)] for share in rank]  # its yellow end is too pale for lines
    paler = _PALEST if len(order) > 1 else 0.0
    return [lighter(looks[cell].color, paler * (1 - share)) for cell, share in zip(cells, rank, strict=True)]


def selected(rates: xr.Dataset, cycle: int) -> xr.Dataset:
    """What is selected: ``start`` and ``stop`` of the cycle, and the ``current_density`` of its rate step."""
    flow, units = _flow(rates, "current_mean")
    steps = step_of(rates, cycle)
    rows = {str(name): row for row, name in enumerate(rates["cell"].values)}
    at: list[Any] = sorted({round(float(flow[rows[name], step]), 6) for name, step in steps.items()})
    here = [cycle] if steps else []
    return xr.Dataset(
        {
            "start": ("span", np.array(here, float) - 0.5),
            "stop": ("span", np.array(here, float) + 0.5),
            "current_density": ("level", np.array(at, float), {"units": units}),
        }
    )
