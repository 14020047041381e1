"""When the lithium of a cell will be used up, against what happened."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import ledger as formulas
from .cycling import cycle_at, retention

FloatArray = npt.NDArray[np.float64]

GIVEN, OWN, BOUND, NOTHING = "given", "from this cell", "lower bound", ""
"""Where the efficiency of lithium of a prediction comes from."""

EFFICIENCY_TOLERANCE = 5e-4
"""Absolute tolerance of an efficiency that somebody states, taken for granted unless something else is said."""


def predicted_life(
    found: xr.Dataset,
    of: xr.Dataset,
    *,
    efficiency: xr.DataArray | float = np.nan,
    tolerance: float = EFFICIENCY_TOLERANCE,
    level: float = formulas.END_OF_LIFE,
    reference_cycle: int = 3,
) -> xr.Dataset:
    """Cycle at which lost lithium ends each cell, as a band, and the cycle at which its retention fell to that level.

    Parameters
    ----------
    found
        As given by :func:`.cycling.per_cycle`.
    of
        As given by :func:`.inventory.balance`.
    efficiency
        Efficiency of lithium, one for all cells or one each (cell), from a measurement of its own, such as Li||Cu
        cells. Where it is NaN that of the cell itself is taken if it ran out of lithium, else its lower bound.
    tolerance
        Absolute tolerance of a given efficiency.
    level
        Retention at which life ends.
    reference_cycle
        Cycle that the retention refers to.

    Returns
    -------
    Dataset
        (cell): ``efficiency`` (``_low``, ``_high``), ``basis`` (where it comes from), ``cycle`` (``_low``, ``_high``),
        ``exhausted_cycle`` at which the excess is used up, and ``observed_cycle`` with ``observed``, as
        :func:`.cycling.cycle_at` says. With a lower bound for a basis the life is one too: ``cycle_high`` is infinite.
        The band takes the reservoir, the efficiency and the capacity (mean over the life to that of the reference
        cycle) at the ends of their intervals.

    Raises
    ------
    ValueError
        When an efficiency is not above 0 and at most 1, or the tolerance is negative.
    """
    basis, used = _efficiencies(of, np.broadcast_to(np.asarray(efficiency, float), found.sizes["cell"]), tolerance)
    mean, reference = of["mean_capacity"].values, of["measured_capacity"].values
    # a bound holds for the largest reservoir, which is then what it goes with
    n0 = np.where(basis == BOUND, of["reservoir_high"].values, of["reservoir"].values)
    middle = formulas.end_of_life(n0, mean, used[""], level)
    smallest = np.where(basis == BOUND, n0, of["reservoir_low"].values)
    reservoir, capacity = (smallest, of["reservoir_high"].values), (np.fmin(mean, reference), np.fmax(mean, reference))
    low, high = formulas.end_of_life_band(reservoir, capacity, (used["_low"], used["_high"]), level)
    cycles = {"cycle": middle.total, "cycle_low": low.total, "cycle_high": high.total}
    table = {**{f"efficiency{suffix}": values for suffix, values in used.items()}, "basis": basis, **cycles}
    table["exhausted_cycle"] = middle.exhausted
    happened = cycle_at(retention(found, reference_cycle, "discharge_areal_capacity"), level)
    coords = {name: value for name, value in found.coords.items() if value.dims == ("cell",)}
    result = xr.Dataset({name: ("cell", values, _attrs(name, level)) for name, values in table.items()}, coords)
    return _with_what_happened(result, happened).assign_attrs(level=level, tolerance=tolerance)


def _with_what_happened(result: xr.Dataset, happened: xr.Dataset) -> xr.Dataset:
    observed = {"observed_cycle": happened["cycle"], "observed": happened["observed"]}
    return result.assign({name: values.reset_coords(drop=True) for name, values in observed.items()})


def _efficiencies(
    of: xr.Dataset, stated: FloatArray, tolerance: float
) -> tuple[npt.NDArray[np.str_], dict[str, FloatArray]]:
    """Where the efficiency of each cell comes from, and its value with its interval."""
    if not tolerance >= 0:
        raise ValueError(f"tolerance {tolerance}: of an efficiency, such as 5e-4")
    if bool(((stated <= 0) | (stated > 1)).any()):
        raise ValueError("efficiency: above 0 and at most 1, such as 0.995; not in percent")
    own, bound = of["lithium_efficiency"].values, of["lowest_efficiency_low"].values
    bound = np.where(bound > 0, bound, np.nan)  # below that it bounds nothing
    basis = np.select([np.isfinite(stated), np.isfinite(own), np.isfinite(bound)], [GIVEN, OWN, BOUND], NOTHING)
    sides = {
        "": (stated, own, bound),
        "_low": (stated - tolerance, of["lithium_efficiency_low"].values, bound),
        "_high": (np.minimum(stated + tolerance, 1.0), of["lithium_efficiency_high"].values, np.ones(len(stated))),
    }
    used = {suffix: np.select([basis == GIVEN, basis == OWN, basis == BOUND], of_) for suffix, of_ in sides.items()}
    used = {suffix: np.where(basis == NOTHING, np.nan, values) for suffix, values in used.items()}
    return basis, used


def _attrs(name: str, level: float) -> dict[str, str]:
    formula = f"reservoir / (P (1 - CE)) + ln {level:g} / ln CE"
    texts = {
        "basis": "where the efficiency comes from",
        "cycle": f"{formula}, with P the mean capacity",
        "cycle_low": f"{formula}, intervals at their worst",
        "cycle_high": f"{formula}, intervals at their best",
        "exhausted_cycle": "reservoir / (P (1 - CE))",
    }
    units = {} if name == "basis" else {"units": "1"}
    return units | {"definition": texts.get(name, "of lithium, see basis")}


__all__ = ["BOUND", "EFFICIENCY_TOLERANCE", "GIVEN", "NOTHING", "OWN", "predicted_life"]
