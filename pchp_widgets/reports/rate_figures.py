"""Figures of the report of rate tests: those of the panel, one for each family of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from ..plots import cycling_view
from ..plots import rate as plots
from ..plots import rate_view as view
from ..plots.cycling_profiles import voltage_profile
from ..plots.pieces import REPLICATES
from .cells import by_family, looks_of
from .display import Figure

_HEIGHT = 300
_NOWHERE = -1
_IN_A_ROW = 3


def chosen_basis(found: xr.Dataset, basis: str) -> str:
    """The basis asked for; without one, per mass where area and loading are known, else per area, else absolute.

    Raises
    ------
    ValueError
        When there is no such basis.
    """
    if basis and basis not in view.BASES:
        raise ValueError(f"basis {basis!r}: choose one of {', '.join(view.BASES)}")
    return basis or view.usual_basis(found)


def capacity(found: xr.Dataset, rates: xr.Dataset, basis: str, replicates: str) -> list[Figure]:
    """Capacity of every cycle, and of every rate step against the current density.

    Parameters
    ----------
    found, rates
        As given by :func:`~pchp_widgets.analysis.cycling.per_cycle` and
        :func:`~pchp_widgets.analysis.rate.rate_steps`.
    basis, replicates
        As for the panel.

    Raises
    ------
    ValueError
        When `replicates` is not what it may be.
    """
    if replicates not in REPLICATES:
        raise ValueError(f"replicates {replicates!r}: choose one of {', '.join(REPLICATES)}")
    figures = []
    for family, cells in by_family(found):
        of, steps = found.sel(cell=cells), rates.sel(cell=cells)
        unit, own = view.unit(of, steps, basis), looks_of(of)
        drawn = view.cycles(of, steps, unit, own, replicates), view.rate_steps(steps, unit, own, replicates)
        nowhere = view.selected(steps, _NOWHERE)
        over_cycles = plots.capacity(*drawn, nowhere, "cycle")
        over_currents = plots.capacity(*drawn, nowhere, "current density")
        spread = "cells" if replicates == "mean" else "the cycles of a step"
        figures += [
            Figure(
                (replace(over_cycles, title="", height=_HEIGHT),),
                f"{family}Discharge capacity of each cycle, with the current density and the cycles of each rate step.",
            ),
            Figure(
                (replace(over_currents, title="", height=_HEIGHT),),
                f"{family}Mean discharge capacity of each rate step; bars are the standard deviation of {spread}. Open "
                "markers are steps on the way back to a current that was there before.",
            ),
        ]
    return figures


def curves(cells: Sequence[xr.DataTree], found: xr.Dataset, rates: xr.Dataset, basis: str) -> list[Figure]:
    """Voltage curves at each current density, side by side for the first cell of each coating.

    Parameters
    ----------
    cells
        The cells.
    found, rates, basis
        As for :func:`capacity`.
    """
    trees = {str(tree.name): tree for tree in cells}
    unit, own = view.unit(found, rates, basis), looks_of(found)
    names = view.representatives(list(trees), own, cycling_view.families(found))
    pictures = []
    for name in names:
        last = [int(cycle) for cycle in rates["last_cycle"].sel(cell=name).values if cycle >= 0]
        halves = {(name, cycle): voltage_profile(trees[name], cycle) for cycle in last}
        picture = plots.profiles(view.profiles(halves, rates, unit, own))
        pictures.append(replace(picture, title=name, height=_HEIGHT))
    said = "Voltage in the last cycle of each rate step; charge solid, discharge dashed"
    if len(pictures) > 1:  # a legend has no room beside others
        flow = rates["current_density"].sel(cell=names).values
        slow, fast = (f"{edge:.3g} mA cm⁻²" for edge in (np.nanmin(flow), np.nanmax(flow)))
        said += f"; from dark at {slow} to bright at {fast}"
        pictures = [replace(picture, legend=()) for picture in pictures]
    said += ". The first cell of each coating is shown."
    return [Figure(tuple(pictures[start : start + _IN_A_ROW]), said) for start in range(0, len(pictures), _IN_A_ROW)]
