"""Figures of the report of symmetric cells: those of the panel, drawn with more points, as no zoom refines them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from ..analysis.symmetric import DEFINITIONS, Definition
from ..plots import symmetric as plots
from ..plots import symmetric_view as view
from ..plots.legends import cell_entries
from .cells import looks_of, whole_traces
from .display import Figure
from .stages import sound

_END_MARKS = (
    "At the end a cross where a cell failed, by the criterion that fired first, and an open triangle where it was last "
    "seen alive."
)


def whole_test(cells: Sequence[xr.DataTree], found: xr.Dataset, life: xr.Dataset) -> Figure:
    """Voltage over the whole test, with a mark where each cell ended.

    Parameters
    ----------
    cells
        The cells.
    found, life
        As given by :func:`~pchp_widgets.analysis.symmetric.polarization` and
        :func:`~pchp_widgets.analysis.symmetric.life`.
    """
    trace, drawn = whole_traces(cells)
    ends, span = view.ends(found, life), _no_cycle(found)
    picture = plots.whole_trace(trace, ends, span, looks_of(found))
    return Figure((replace(picture, title=""),), f"Voltage over the whole test, {drawn}. {_END_MARKS}")


def single_cycles(cells: Sequence[xr.DataTree], found: xr.Dataset, life: xr.Dataset, cycles: Sequence[int]) -> Figure:
    """Voltage against capacity in some cycles, side by side.

    Parameters
    ----------
    cells, found, life
        As for :func:`whole_test`.
    cycles
        Their numbers; when empty the first, middle and last one that all cells have before any hard short.

    Raises
    ------
    ValueError
        When no cell has one of the cycles.
    """
    known = found["cycle"].values[found["mid"].notnull().any(("cell", "direction")).values]
    for cycle in cycles:
        if cycle not in known:
            raise ValueError(f"cycles: no cell has a cycle {cycle}; there are {known.min()} to {known.max()}")
    trees = {str(tree.name): tree for tree in cells}
    chosen = list(cycles) or _typical_cycles(found, life)
    pictures = tuple(plots.one_cycle(view.halves(trees, cycle), looks_of(found)) for cycle in chosen)
    reached = found["mid"].notnull().any("direction")
    lacking = [name for name in trees if not bool(reached.sel(cell=name, cycle=chosen).all())]
    left_out = f" {', '.join(lacking)} did not reach all of these cycles." if lacking else ""
    colours = "; colours as above" if len(trees) > 1 else ""
    numbers = " and ".join(filter(None, (", ".join(map(str, chosen[:-1])), str(chosen[-1]))))
    return Figure(pictures, f"|V| against the charge passed in both half-cycles of cycle {numbers}{colours}.{left_out}")


def polarization(found: xr.Dataset, life: xr.Dataset, definition: Definition) -> Figure:
    """Polarization against the number of the cycle.

    Parameters
    ----------
    found, life
        As for :func:`whole_test`.
    definition
        Which polarization.
    """
    by_cycle, ends = view.by_cycle(found, definition), view.ends(found, life)
    looks = looks_of(found)
    picture = plots.polarization(by_cycle, ends, _no_cycle(found), looks, "cycle")
    legend = [*cell_entries([str(name) for name in by_cycle["cell"].values], looks), *picture.legend]
    return Figure(
        (replace(picture, title="", legend=legend),),
        f"Polarization ({definition}: {DEFINITIONS[definition]}) of each cycle. {_END_MARKS}",
    )


def _typical_cycles(found: xr.Dataset, life: xr.Dataset) -> list[int]:
    counts = sound(found, life)
    shared = found["cycle"].values[counts.all("cell").values]
    if not len(shared):
        shared = found["cycle"].values[found["mid"].notnull().any(("cell", "direction")).values]
    return list(dict.fromkeys(int(shared[place]) for place in (0, (len(shared) - 1) // 2, -1)))


def _no_cycle(found: xr.Dataset) -> xr.Dataset:
    """Where the selected cycle lies: nowhere, because a report selects none."""
    return view.cycle_span(found, int(found["cycle"].max()) + 1).assign_attrs(cycle=np.nan)
