"""Internal shorts in a report: what each cell is said to have, since when, and on which evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis.shorts import ALARM, PRESENT, WEIGHTS
from ..model.stated import order_in_study
from ..plots import shorts as plots
from ..plots.theme import looks
from .display import Figure
from .tables import Column, Table

_SCORE = (
    "The score is a convention, not a probability: 1 - product of (1 - worth) over the evidence present, where worth "
    f"grows with the strength of a piece between the two limits given; from {ALARM:g} on a cell counts as shorted. A "
    "soft short that carries little of the current is not seen."
)


def shorts_table(found: xr.Dataset) -> Table:
    """Kind, score, beginning and evidence of a short: one row per cell.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.shorts.shorts`. The csv has the columns ``cell``, ``kind``, ``score``,
        ``start_cycle``, ``start_time_h`` and ``evidence``.
    """
    each = [found.isel(cell=at) for at in range(found.sizes["cell"])]
    unknown: dict[str, list[str]] = {}
    for one in each:
        unknown.setdefault(", ".join(plots.undecided(one)), []).append(str(one["cell"].item()))
    lacking = [
        f"No data for {what}" + ("." if len(cells) == len(each) else f": {', '.join(cells)}.")
        for what, cells in unknown.items()
        if what
    ]
    definitions = [
        (f"{name.replace('_', ' ')} (worth {WEIGHTS[name][0]:g} to {WEIGHTS[name][1]:g})", str(text))
        for name, text in zip(map(str, found["evidence"].values), found["definition"].values, strict=True)
    ]
    cycle = [int(value) if np.isfinite(value) else None for value in found["start_cycle"].values]
    hours = (found["start_time"].values / 3600).tolist()
    columns = [
        Column("cell", [str(name) for name in found["cell"].values]),
        Column("kind", [str(kind) for kind in found["kind"].values]),
        Column("score", found["score"].values.tolist(), digits=2),
        Column("start_cycle", cycle),
        Column("start_time_h", hours),
        Column("evidence", [plots.evidence_in_words(one) for one in each]),
    ]
    return Table(
        "shorts",
        "Internal shorts: hard, soft, none, or undecided where there is too little data.",
        columns,
        definitions=definitions,
        notes=[_SCORE, *lacking],
        view=[*columns[:4], Column("start_time", hours, "h", digits=1), columns[-1]],
    )


def evidence(cells: Sequence[xr.DataTree], found: xr.Dataset) -> list[Figure]:
    """The score of each cell over its cycles, and where each piece of evidence begins, if there is any.

    Parameters
    ----------
    cells
        The cells.
    found
        As given by :func:`~pchp_widgets.analysis.shorts.shorts`.
    """
    steps = {str(tree.name): tree["steps"].to_dataset() for tree in cells}
    coatings = {name: str(own["coating"].item()) if "coating" in own else "" for name, own in steps.items()}
    drawn = looks(coatings, next(map(order_in_study, steps.values()), ()))
    scores = Figure(
        (plots.scores(found, drawn, np.nan),),
        "Score of the evidence for a short against the number of the cycle; a cross where a short begins.",
    )
    if not bool((found["present"] == PRESENT).any()):
        return [scores]
    pieces = Figure(
        (plots.evidence(found, drawn, np.nan),),
        "The cycle in which each piece of evidence begins, strongest on top; colours and order of the cells as above.",
    )
    return [scores, pieces]
