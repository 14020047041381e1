"""Figures of the report of Li||Cu cells: those of the panel, drawn with more points, as no zoom refines them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import xarray as xr

from ..model.cycles import half_cycles, merged_steps
from ..plots import coulombic as plots
from ..plots import coulombic_view as view
from ..plots.legends import cell_entries
from ..plots.pieces import REPLICATES
from ..plots.symmetric_view import cycle_span
from ..plots.theme import Look, among
from .cells import looks_of, whole_traces
from .display import Figure

_SINGLE = (
    "Plating (solid) and stripping (dashed) against the charge passed{colours}. A triangle marks the nucleation "
    "dip, black the plateau from which its depth is counted. Stripping goes on to the cut-off, beyond the figure."
)


def whole_test(cells: Sequence[xr.DataTree], found: xr.Dataset) -> list[Figure]:
    """Voltage over the whole test, of the cells of each protocol.

    Parameters
    ----------
    cells
        The cells.
    found
        As given by :func:`~pchp_widgets.analysis.coulombic.efficiency`.
    """
    figures = []
    for of, own in _by_protocol(cells, found):
        trace, drawn = whole_traces(own)
        steps = merged_steps(tree["steps"].to_dataset() for tree in own)
        nowhere = cycle_span(half_cycles(steps), int(steps["cycle"].max()) + 1)
        picture = plots.whole_test(trace, nowhere, view.limits(steps), _looks(own, found))
        figures.append(Figure((picture,), f"{of}Voltage over the whole test, {drawn}."))
    return figures


def single_cycles(
    cells: Sequence[xr.DataTree], found: xr.Dataset, dips: xr.Dataset, cycles: Sequence[int]
) -> list[Figure]:
    """Plating and stripping in some cycles, side by side, of the cells of each protocol.

    Parameters
    ----------
    cells, found
        As for :func:`whole_test`.
    dips
        As given by :func:`~pchp_widgets.analysis.nucleation.nucleation`.
    cycles
        Their numbers; when empty the first, the second and the middle one of those all cells of a protocol have.

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
    figures = []
    for of, own in _by_protocol(cells, found):
        trees = {str(tree.name): tree for tree in own}
        dip = dips.sel(cell=list(trees))
        had = (dip["outcome"].transpose("cell", "cycle").values >= 0).all(0)
        shared = dip["cycle"].values[had] if had.any() else known
        typical = [int(shared[place]) for place in sorted({0, min(1, len(shared) - 1), len(shared) // 2})]
        looks = _looks(own, found)
        drawn = [plots.one_cycle(view.one_cycle(trees, dip, cycle), looks) for cycle in list(cycles) or typical]
        pictures = tuple(replace(picture, legend=()) for picture in drawn)  # side by side there is no room for it
        figures.append(Figure(pictures, f"{of}{_SINGLE.format(colours='; colours as above' * (len(own) > 1))}"))
    return figures


def efficiency(found: xr.Dataset) -> tuple[Figure, Figure]:
    """Coulombic efficiency of every cycle of every cell, and the mean of the replicates.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.coulombic.efficiency`.
    """
    looks = looks_of(found)
    each, mean = (view.curves(found, looks, of) for of in REPLICATES)
    outside = int(found["cycle"].max()) + 10
    figures = [plots.efficiency(of, outside) for of in (each, mean)]
    named = [*cell_entries([str(name) for name in found["cell"].values], looks), *figures[0].legend]
    figures[0] = replace(figures[0], legend=named)
    said = (
        "Coulombic efficiency of every cycle; dashed: the efficiency of the test, over the cycles it rests on. Cycles "
        "left out are hollow. A diamond is a test with a reservoir, which has one efficiency, with its 95 % interval."
    )
    of_mean = (
        "The same by coating and protocol: mean of the cells, with the standard deviation between them. A cycle is "
        "shown where all cells of the group use it."
    )
    return Figure((figures[0],), said), Figure((figures[1],), of_mean)


def _by_protocol(cells: Sequence[xr.DataTree], found: xr.Dataset) -> list[tuple[str, list[xr.DataTree]]]:
    """Cells of each protocol, in order of appearance, and how a caption begins that speaks of them."""
    of = dict(zip(found["cell"].values.astype(str).tolist(), found["procedure"].values.astype(str), strict=True))
    names = list(dict.fromkeys(of[str(tree.name)] for tree in cells))
    return [
        (f"Protocol {name}. " if len(names) > 1 else "", [tree for tree in cells if of[str(tree.name)] == name])
        for name in names
    ]


def _looks(cells: Sequence[xr.DataTree], found: xr.Dataset) -> dict[str, Look]:
    """How some of the cells are drawn: the hues are those of all, the shades tell these apart."""
    return among(looks_of(found), [str(tree.name) for tree in cells])
