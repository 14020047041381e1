"""Series resistances of cells, one sample for each cell and temperature."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.stated import stated_numbers, stated_texts

FloatArray = npt.NDArray[np.float64]

BARE = "bare"
"""Coating of cells without one."""

SAME_TEMPERATURE = 1.0
"""Temperatures within this many degrees are one [K]."""


def samples(resistances: xr.Dataset, *, cycle: int | None = None) -> xr.Dataset:
    """One series resistance for each cell and temperature: that of its first spectrum there.

    Later spectra of the same cell are no replicates; they are left out and counted.

    Parameters
    ----------
    resistances
        (cell, spectrum): ``series_resistance`` [ohm], ``time`` [s] and, where they are known, ``temperature`` [degC],
        ``cycle`` and ``highest_frequency`` [Hz]. Metadata are coordinates on ``cell``; a ``temperature`` there holds
        for all spectra of the cell.
    cycle
        Only spectra of this cycle; of all when left out.

    Returns
    -------
    Dataset
        (sample): ``series_resistance`` [ohm] and its ``_stderr`` from the fit, ``cell``, ``coating``, ``temperature``
        [degC; the mean of those within 1 K, NaN where nobody said], ``area`` [cm2], ``coating_thickness`` [um],
        ``coated_faces``, ``highest_frequency`` [Hz], ``spectrum``, the place of the one used, and ``spectra``, how many
        there were.
    """
    own = resistances.transpose("cell", "spectrum", ...)
    resistance = own["series_resistance"].values.astype(float)
    shape = resistance.shape
    if "temperature" in own and own["temperature"].dims == ("cell", "spectrum"):
        degrees = own["temperature"].values.astype(float)
    else:
        degrees = np.broadcast_to(stated_numbers(own, "temperature")[:, None], shape)
    there = np.isfinite(resistance)
    if cycle is not None:
        there &= own["cycle"].values == cycle
    row, column = np.nonzero(there)
    group, level = _levels(degrees[row, column])
    order = np.lexsort((_spectrum(own, "time", 0.0)[row, column], group, row))
    row, column, group = row[order], column[order], group[order]
    first = np.ones(len(row), bool)
    first[1:] = (row[1:] != row[:-1]) | (group[1:] != group[:-1])
    begins = np.flatnonzero(first)
    counts = np.diff(begins, append=len(row))
    row, column, group = row[begins], column[begins], group[begins]
    names = np.asarray(own["cell"].values, str)
    texts = np.asarray(stated_texts(own, "coating"), str)
    columns: dict[str, tuple[npt.NDArray[Any], dict[str, str]]] = {
        "series_resistance": (resistance[row, column], {"units": "ohm", "definition": "R_s of the fit"}),
        "series_resistance_stderr": (_spectrum(own, "series_resistance_stderr", np.nan)[row, column], {"units": "ohm"}),
        "cell": (names[row], {}),
        "coating": (texts[row], {}),
        "temperature": (level[group], {"units": "degC"}),
        "area": (stated_numbers(own, "area")[row], {"units": "cm2"}),
        "coating_thickness": (stated_numbers(own, "coating_thickness")[row], {"units": "um"}),
        "coated_faces": (stated_numbers(own, "coated_faces")[row], {}),
        "highest_frequency": (_spectrum(own, "highest_frequency", np.nan)[row, column], {"units": "Hz"}),
        "spectrum": (column, {"definition": "place of the spectrum that is used"}),
        "spectra": (counts, {"definition": "spectra of this cell at this temperature; the first one is used"}),
    }
    return xr.Dataset({name: ("sample", values, attrs) for name, (values, attrs) in columns.items()})


def from_cells(cells: xr.DataTree | Iterable[xr.DataTree], *, cycle: int | None = None, **fit: Any) -> xr.Dataset:
    """:func:`samples` of cells as they were opened.

    Parameters
    ----------
    cells
        One cell or several, each with ``spectra``.
    cycle
        As for :func:`samples`.
    **fit
        For the fit, as :func:`~pchp_widgets.analysis.spectra_resistances.of_cells` takes it.
    """
    from ..spectra_resistances import of_cells

    return samples(of_cells([cells] if isinstance(cells, xr.DataTree) else list(cells), **fit), cycle=cycle)


def _spectrum(own: xr.Dataset, name: str, missing: float) -> FloatArray:
    shape = own["series_resistance"].shape
    found: FloatArray = own[name].values.astype(float) if name in own else np.full(shape, missing)
    return np.broadcast_to(found, shape)


def _levels(degrees: FloatArray) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Group of each temperature, and the mean of each group; temperatures nobody stated are a group of their own."""
    order = np.argsort(degrees, kind="stable")  # NaN comes last
    ordered = degrees[order]
    with np.errstate(invalid="ignore"):
        apart = ~(np.diff(ordered) <= SAME_TEMPERATURE)
    apart &= ~(np.isnan(ordered[1:]) & np.isnan(ordered[:-1]))
    number = np.append(0, np.cumsum(apart))[: len(degrees)]
    group = np.empty(len(degrees), np.int64)
    group[order] = number
    count = np.bincount(group) if len(group) else np.zeros(0)
    total = np.bincount(group, weights=degrees) if len(group) else np.zeros(0)
    return group, np.round(total / count, 1)
