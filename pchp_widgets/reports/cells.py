"""The cells of a report: how they are drawn, and which of them stand in one figure."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from ..model.stated import order_in_study, stated_texts
from ..plots.cycling_view import families
from ..plots.theme import Look, looks
from ..plots.traces import Trace, thinned

_POINTS_IN_ALL, _POINTS_PER_CELL = 36_000, 6_000  # the latter at least


def looks_of(found: xr.Dataset) -> dict[str, Look]:
    """How cells are drawn, by name, from a dataset (cell, ...) with the coordinate ``coating`` where it is known."""
    coatings = dict(zip(found["cell"].values.astype(str).tolist(), stated_texts(found, "coating"), strict=True))
    return looks(coatings, order_in_study(found))


def by_family(found: xr.Dataset) -> list[tuple[str, list[str]]]:
    """Names of the cells of each family, in order of appearance, and how a caption begins that speaks of them.

    Parameters
    ----------
    found
        As for :func:`~pchp_widgets.plots.cycling_view.families`.
    """
    labels, names = families(found), [str(name) for name in found["cell"].values]
    several = len(set(labels)) > 1
    return [
        (
            f"{label or 'Cathode unknown'}. " if several else "",
            [name for name, own in zip(names, labels, strict=True) if own == label],
        )
        for label in dict.fromkeys(labels)
    ]


def whole_traces(cells: Sequence[xr.DataTree]) -> tuple[xr.Dataset, str]:
    """Traces of the whole tests, with more points than on a screen, as no zoom refines them; and how they are drawn."""
    traces = {str(tree.name): Trace.of(tree["points"].to_dataset()) for tree in cells}
    points = max(_POINTS_PER_CELL, _POINTS_IN_ALL // len(traces))
    thinner = max(len(trace.hours) for trace in traces.values()) > points
    said = f"drawn by the extremes of {points // 2} equal spans of time" if thinner else "every point drawn"
    return thinned(traces, points=points), said
