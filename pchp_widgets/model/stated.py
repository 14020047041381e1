"""What is stated of each cell: metadata as they stand on a dataset, and what takes their place where nobody said."""

from __future__ import annotations

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
