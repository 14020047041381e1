"""The cells of a report: how they are drawn, and which of them stand in one figure."""

from __future__ import annotations

import xarray as xr

from ..model.stated import stated_texts
from ..plots.cycling_view import families
from ..plots.theme import Look, looks


def looks_of(found: xr.Dataset) -> dict[str, Look]:
    """How cells are drawn, by name, from a dataset (cell, ...) with the coordinate ``coating`` where it is known."""
    return looks(dict(zip(found["cell"].values.astype(str).tolist(), stated_texts(found, "coating"), strict=True)))


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
            f"{label or 'Cathode unknown'}: " if several else "",
            [name for name, own in zip(names, labels, strict=True) if own == label],
        )
        for label in dict.fromkeys(labels)
    ]
