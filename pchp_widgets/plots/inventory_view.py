"""What the figures of the lithium ledger and of the energy of a stack show, as datasets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ..analysis import energy, inventory, ledger
from .theme import Look

_LONGEST, _SHORTEST = 5000, 50
_SIDES = ("low", "middle", "high")
_GRID = 61


def model(
    reservoir: tuple[float, float, float],
    capacity: float,
    efficiency: tuple[float, float, float],
    level: float,
    last: int = 0,
) -> xr.Dataset:
    """The ledger of a cell that nothing but lost lithium ages, as a band.

    Parameters
    ----------
    reservoir
        Lowest, assumed and highest [mA h cm-2].
    capacity
        Plated in each cycle while lithium is in excess [mA h cm-2].
    efficiency
        Lowest, assumed and highest, of lithium.
    level
        Share of the capacity at which life ends.
    last
        Cycles to show at least.

    Returns
    -------
    Dataset
        (side, cycle): ``capacity``, ``excess`` [mA h cm-2]; (side): ``exhausted``, ``end`` [1], infinite without any
        loss. Side is low, middle and high, in this order.
    """
    end = ledger.end_of_life(reservoir, capacity, efficiency, level)
    known = end.total[np.isfinite(end.total)]
    wanted = max(1.15 * float(known.max(initial=0.0)), last, _SHORTEST)
    if len(known) < len(end.total):
        wanted = max(wanted, 2 * float(known.max(initial=0.0)))
    found = ledger.course(reservoir, capacity, efficiency, int(min(wanted, max(_LONGEST, last))))
    units = {"units": "mA h cm-2"}
    return xr.Dataset(
        {
            "capacity": (("side", "cycle"), found.capacity, units | {"long_name": "discharge capacity"}),
            "excess": (("side", "cycle"), found.excess, units | {"long_name": "excess lithium"}),
            "exhausted": ("side", end.exhausted, {"units": "1"}),
            "end": ("side", end.total, {"units": "1"}),
        },
        {"side": list(_SIDES), "cycle": found.cycle},
        {"level": level, "nominal": capacity, "efficiency": efficiency[1]},
    )


def measured(
    found: xr.Dataset, reservoir: tuple[float, float, float], efficiency: float, looks: Mapping[str, Look]
) -> xr.Dataset:
    """Measured cells in the ledger of an assumed reservoir and efficiency.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.cycling.per_cycle`.
    reservoir
        Lowest, assumed and highest [mA h cm-2], for all of them.
    efficiency
        Of lithium.
    looks
        By name of the cell.

    Returns
    -------
    Dataset
        (cell, cycle): ``capacity`` as measured, ``plated``, and what follows: ``excess`` (``_low``, ``_high``)
        = reservoir - (1 - CE) plated [mA h cm-2], and ``lowest_efficiency`` (``_low``, ``_high``, ``_strict``). (cell):
        ``color``, ``coating``.
    """
    low, middle, high = reservoir
    sides = {"reservoir": middle, "reservoir_low": low, "reservoir_high": high}
    course = inventory.ledger(
        found, xr.Dataset({name: ("cell", np.full(found.sizes["cell"], value)) for name, value in sides.items()})
    )
    lost = (1 - efficiency) * course["plated"]
    units = {"units": "mA h cm-2"}
    names = [str(name) for name in found["cell"].values]
    bounds = {name: course[name] for name in course if str(name).startswith("lowest_efficiency")}
    excess = {f"excess{side.removeprefix('reservoir')}": n0 - lost for side, n0 in sides.items()}
    shown = xr.Dataset(
        {
            "capacity": found["discharge_areal_capacity"].transpose("cell", "cycle"),
            "plated": course["plated"],
            **{name: values.assign_attrs(units) for name, values in excess.items()},
            **bounds,
            "exhausted": course["exhausted"],
            "exhausted_cycle": course["exhausted_cycle"],
        },
    )
    of_cell = {name: ("cell", [getattr(looks[cell], name) for cell in names]) for name in ("color", "coating")}
    return shown.reset_coords(drop=True).assign(of_cell)


def against_coating(
    capacity: float,
    voltage: float,
    loading: float,
    lithium_thickness: float,
    coating_thickness: float,
    of: energy.Assumptions,
) -> xr.Dataset:
    """Energy of a stack for coatings from none to more than is meant.

    Parameters
    ----------
    capacity, voltage, loading, lithium_thickness, coating_thickness, of
        As for :func:`~pchp_widgets.analysis.energy.stack_energy`, one number each.

    Returns
    -------
    Dataset
        (stack): as :func:`~pchp_widgets.analysis.energy.stack_energy` gives it, with ``coating_thickness`` [um], and
        the one that is meant in ``attrs``; its numbers stand at ``stack`` = ``attrs["chosen"]``.
    """
    thickest = max(20.0, 2 * coating_thickness)
    thickness = np.append(np.linspace(0, thickest, _GRID), coating_thickness)
    found = energy.stack_energy(capacity, voltage, loading, lithium_thickness, thickness, of=of)
    found["coating_thickness"] = ("stack", thickness, {"units": "um"})
    return found.assign_attrs(chosen=_GRID)
