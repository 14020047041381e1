"""Shape of the trace over the life of symmetric cells: maps of some of them, and when peaks give way to arcs."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
import xarray as xr

from ..analysis.shape_map import NEVER_PEAKING, NOT_SEEN, SEEN, SHAPES, shape_map
from ..plots import shape_map as plots
from .display import Figure
from .tables import Column, Table

MAPS = 4
"""Cells whose shape is mapped at most where nobody chose."""

_INDICES = (
    "The peaking index is the largest |V| of the first 5 % of the charge over |V| at half of it, the arc index |V| at "
    "95 % over the smallest between 5 % and 95 %; mean of the two half-cycles."
)
_OUTCOMES = {SEEN: "seen", NOT_SEEN: "not seen", NEVER_PEAKING: "undecided"}


def maps(cells: Sequence[xr.DataTree], turn: xr.Dataset, mapped: Sequence[str] = ()) -> list[Figure]:
    """A map of both half-cycles for each of some cells.

    Parameters
    ----------
    cells
        The cells.
    turn
        As given by :func:`~pchp_widgets.analysis.shape_map.transition`.
    mapped
        Names of the cells to map; when empty the first of each coating, up to :data:`MAPS`.

    Raises
    ------
    ValueError
        When there is no cell of such a name.
    """
    trees = {str(tree.name): tree for tree in cells}
    for name in mapped:
        if name not in trees:
            raise ValueError(f"mapped: there is no cell {name!r}; there are {', '.join(trees)}")
    return [_map(trees[name], turn.sel(cell=[name])) for name in mapped or _one_of_each(turn)]


def _map(tree: xr.DataTree, turn: xr.Dataset) -> Figure:
    found = shape_map(tree)
    drawn = plots.on_capacity(found)
    halves = [plots.half_cycle_map(drawn, direction) for direction in ("discharge", "charge")]
    pictures = tuple(plots.shape_map(half, turn, nan) for half in halves)
    left_out = found.attrs["left_out"]
    out = f" {left_out} interrupted half-cycle{'s are' if left_out > 1 else ' is'} left out." if left_out else ""
    return Figure(
        pictures,
        f"|V| of {tree.name} over cycle and charge passed, by linear interpolation between the points of each "
        "half-cycle; the outermost 1 % of values have the first and the last colour. "
        f"{_sentence(plots.in_words(turn.isel(cell=0)))}{out}",
    )


def transition_table(turn: xr.Dataset) -> Table:
    """When peaks gave way to arcs in each cell.

    Parameters
    ----------
    turn
        As given by :func:`~pchp_widgets.analysis.shape_map.transition`.
    """
    names = [str(name) for name in turn["cell"].values]
    numbers = {
        name: [int(value) if np.isfinite(value) else None for value in turn[name].values]
        for name in ("transition_cycle", "peaking_until", "last_cycle")
    }
    margin, hours = turn.attrs["margin"], (turn["transition_time"].values / 3600).tolist()
    columns = [
        Column("cell", names),
        Column("transition", [_OUTCOMES[int(one)] for one in turn["observed"].values]),
        Column("transition_cycle", numbers["transition_cycle"]),
        Column("transition_time_h", hours),
        Column("peaking_until", numbers["peaking_until"]),
        Column("last_cycle", numbers["last_cycle"]),
    ]
    return Table(
        "transition",
        "The cycle in which the trace stops starting with a peak and begins to arc.",
        columns,
        definitions=[
            ("transition", str(turn["transition_cycle"].attrs["definition"])),
            *((name, text.format(margin=margin)) for name, text in SHAPES.items() if name != "unknown"),
            ("peaking until", "last peaking cycle, before the transition where there is one"),
            ("last cycle", "last one that counts: up to a hard short"),
        ],
        notes=[_INDICES, "Undecided: the cell was never seen peaking for long enough."],
        view=[*columns[:3], Column("transition_time", hours, "h", digits=1), *columns[4:]],
    )


def _one_of_each(turn: xr.Dataset) -> list[str]:
    """The first cell of each coating."""
    names = [str(name) for name in turn["cell"].values]
    coatings = [str(one) for one in turn["coating"].values] if "coating" in turn.coords else [""] * len(names)
    first = dict(zip(reversed(coatings), reversed(names), strict=True))
    return [name for name in names if name in first.values()][:MAPS]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
