"""What is stated of each cell: metadata as they stand on a dataset, and what takes their place where nobody said."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import xarray as xr


def stated_numbers(of: xr.Dataset, field: str) -> npt.NDArray[np.float64]:
    """A quantity of each cell, in the units of :data:`~.metadata.UNITS`; NaN where nobody said.

    Parameters
    ----------
    of
        Dataset (cell, ...) with the metadata as coordinates, as far as they are known.
    field
        Name of the metadata.
    """
    values = of[field].values if field in of.coords else np.nan
    return np.broadcast_to(np.asarray(values, float), of.sizes["cell"]).copy()


def stated_texts(of: xr.Dataset, field: str) -> list[str]:
    """A text of each cell, ``""`` where nobody said; arguments as for :func:`stated_numbers`."""
    return [str(text) for text in of[field].values] if field in of.coords else [""] * of.sizes["cell"]


_ORDER = "order_in_study"
_FIELDS = ("coating", "material")


def order_in_study(of: xr.Dataset) -> tuple[str, ...]:
    """All coatings and materials of the study that a dataset is from, or a result of it; empty outside a study."""
    return next((tuple(of[field].attrs[_ORDER]) for field in _FIELDS if _is_ordered(of, field)), ())


def _is_ordered(of: xr.Dataset, field: str) -> bool:
    return field in of.coords and _ORDER in of[field].attrs


def set_order_in_study(of: xr.Dataset | xr.DataTree, names: Iterable[str]) -> None:
    """Let a dataset or a group of a tree say which coatings and materials its study has.

    It stands in the attributes of the coordinate, which analyses hand on with it.
    """
    for field in _FIELDS:
        if field in of.coords:
            of.coords[field].attrs[_ORDER] = list(names)
