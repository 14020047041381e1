"""Resistances of all spectra of some cells: what transference and conductivity begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.spectra import has_spectra, merged_spectra
from .impedance import fit, resistances

FloatArray = npt.NDArray[np.float64]

TWO_ARCS = "R0-p(R1,CPE1)-p(R2,CPE2)"
"""Circuit where nobody says otherwise: electrolyte, SEI and charge transfer of a cell of lithium metal."""


def of_cells(
    trees: Sequence[xr.DataTree],
    circuit: str = TWO_ARCS,
    *,
    roles: Sequence[str] | Mapping[str, str] | None = None,
    **how: Any,
) -> xr.Dataset:
    """Resistances of every spectrum, with the temperature it was taken at.

    Parameters
    ----------
    trees
        Cells, of which those without ``spectra`` are left out.
    circuit
        As :func:`~pchp_widgets.analysis.circuits.circuit` reads it.
    roles
        What each arc stands for, as :func:`~pchp_widgets.analysis.impedance.resistances` takes it.
    **how
        For :func:`~pchp_widgets.analysis.impedance.fit`: ``weights``, ``fixed``, ``bounds``, ...

    Returns
    -------
    Dataset
        (cell, spectrum) as :func:`~pchp_widgets.analysis.impedance.resistances` gives it, with ``temperature`` [degC]
        and ``highest_frequency`` [Hz].

    Raises
    ------
    ValueError
        When no cell has a spectrum.
    """
    own = [tree for tree in trees if has_spectra(tree)]
    if not own:
        raise ValueError("spectra: none of the cells has one; open files of EIS, such as PEIS")
    spectra = merged_spectra(tree["spectra"].to_dataset().load() for tree in own)
    found = fit(spectra, circuit, **how)
    known = resistances(found, roles)
    warm = np.full((len(own), spectra.sizes["spectrum"]), np.nan)
    for place, tree in enumerate(own):
        warm[place] = _temperature(tree, spectra["time"].values[place])
    dims = ("cell", "spectrum")
    return known.assign(
        temperature=(dims, warm, {"units": "degC", "definition": "as recorded at its first point, else as stated"}),
        highest_frequency=(dims, found["frequency_highest"].values, {"units": "Hz", "definition": "of the spectrum"}),
    )


def _temperature(tree: xr.DataTree, time: FloatArray) -> FloatArray:
    """Temperature [degC] at some times: as recorded, else as stated for the cell, else NaN."""
    if "points" in tree.children and "temperature" in tree["points"]:
        points = tree["points"].to_dataset()
        at, degrees = points["time"].values, points["temperature"].values
        if len(at) and np.isfinite(degrees).any():
            known = np.isfinite(degrees)
            found = np.interp(time, at[known], degrees[known])
            return np.where(np.isfinite(time), found, np.nan)
    coords = tree["spectra"].coords
    stated = float(coords["temperature"].values.ravel()[0]) if "temperature" in coords else np.nan
    return np.where(np.isfinite(time), stated, np.nan)
