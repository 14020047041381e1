"""Figures of the report of Li||Cu cells: those of the panel, drawn with more points, as no zoom refines them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import xarray as xr

from ..model.cycles import half_cycles, merged_steps
from ..plots import coulombic as plots
from ..plots import coulombic_view as view
from ..plots.pieces import REPLICATES
from ..plots.symmetric_view import cycle_span
from .cells import looks_of, whole_traces
from .display import Figure


def whole_test(cells: Sequence[xr.DataTree], found: xr.Dataset) -> Figure:
    """Voltage over the whole test.

    Parameters
    ----------
    cells
        The cells.
    found
        As given by :func:`~pchp_widgets.analysis.coulombic.efficiency`.
    """
    trace, drawn = whole_traces(cells)
    steps = merged_steps(tree["steps"].to_dataset() for tree in cells)
    nowhere = cycle_span(half_cycles(steps), int(steps["cycle"].max()) + 1)
    picture = plots.whole_test(trace, nowhere, view.limits(steps), looks_of(found))
    return Figure((picture,), f"Voltage over the whole test, {drawn}.")


def single_cycles(cells: Sequence[xr.DataTree], dips: xr.Dataset, cycles: Sequence[int]) -> Figure:
    """Plating and stripping in some cycles, side by side.

    Parameters
    ----------
    cells
        The cells.
    dips
        As given by :func:`~pchp_widgets.analysis.nucleation.nucleation`.
    cycles
        Their numbers; when empty the first, the second and the middle one of those all cells have.

    Raises
    ------
    ValueError
        When no cell has one of the cycles.
    """
    there = dips["outcome"].transpose("cell", "cycle").values >= 0
    known = dips["cycle"].values[there.any(0)]
    for cycle in cycles:
        if cycle not in known:
            raise ValueError(f"cycles: no cell has a cycle {cycle}; there are {known.min()} to {known.max()}")
    shared = dips["cycle"].values[there.all(0)] if there.all(0).any() else known
    chosen = list(cycles) or [int(shared[place]) for place in sorted({0, min(1, len(shared) - 1), len(shared) // 2})]
    trees = {str(tree.name): tree for tree in cells}
    drawn = [plots.one_cycle(view.one_cycle(trees, dips, cycle), looks_of(dips)) for cycle in chosen]
    pictures = tuple(replace(picture, legend=()) for picture in drawn)  # side by side there is no room for it
    colours = "; colours as above" if len(trees) > 1 else ""
    return Figure(
        pictures,
        f"Plating (solid) and stripping (dashed) against the charge passed{colours}. A triangle marks the nucleation "
        "dip, black the plateau from which its depth is counted. Stripping goes on to the cut-off, beyond the figure.",
    )


def efficiency(found: xr.Dataset) -> tuple[Figure, Figure]:
    """Coulombic efficiency of every cycle of every cell, and the mean of the replicates.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.coulombic.efficiency`.
    """
    each, mean = (view.curves(found, looks_of(found), of) for of in REPLICATES)
    outside = int(found["cycle"].max()) + 10
    figures = [plots.efficiency(of, outside) for of in (each, mean)]
    said = (
        "Coulombic efficiency of every cycle; dashed: the efficiency of the test, over the cycles it rests on. Cycles "
        "left out are hollow. A diamond is a test with a reservoir, which has one efficiency, with its 95 % interval."
    )
    of_mean = (
        "The same by coating and protocol: mean of the cells, with the standard deviation between them. A cycle is "
        "shown where all cells of the group use it."
    )
    return Figure((figures[0],), said), Figure((figures[1],), of_mean)
