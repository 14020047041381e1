"""Spectra of a whole study as rows, and the rows that share their frequencies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_DIMS = ("cell", "spectrum", "frequency")


class Grid(NamedTuple):
    """Spectra measured at the same frequencies."""

    row: IntArray
    """Which spectra, counted over (cell, spectrum)."""
    column: IntArray
    """Which frequencies of the dataset, in the order of the dataset."""
    frequency: FloatArray
    """(frequency) [Hz]"""
    z: ComplexArray
    """(row, frequency) [ohm], finite"""


def impedance(spectra: xr.Dataset) -> ComplexArray:
    """Impedance (row, frequency) [ohm]: NaN where a part of it is missing or the whole is zero.

    Raises
    ------
    ValueError
        When a variable, a dimension or the frequencies are missing.
    """
    for name in ("z_real", "z_imag"):
        if name not in spectra:
            raise ValueError(f"{name}: not in these spectra; give z_real and z_imag [ohm] along {_DIMS}")
        if set(spectra[name].dims) != set(_DIMS):
            raise ValueError(f"{name}: has dimensions {spectra[name].dims}; spectra go along {_DIMS}")
    if "frequency" not in spectra.coords:
        raise ValueError("frequency: the spectra have no such coordinate [Hz]; assign it along frequency")
    real, imaginary = (in_order(spectra[name]).astype(float) for name in ("z_real", "z_imag"))
    known = np.isfinite(real) & np.isfinite(imaginary) & ((real != 0) | (imaginary != 0))
    z = np.where(known, real, np.nan) + 1j * np.where(known, imaginary, np.nan)
    found: ComplexArray = z.reshape(-1, spectra.sizes["frequency"])
    return found


def in_order(values: xr.DataArray) -> npt.NDArray[Any]:
    """Values along (cell, spectrum) or (cell, spectrum, frequency), as far as the array has these dimensions."""
    dims = tuple(name for name in _DIMS if name in values.dims)
    found: npt.NDArray[Any] = (values if values.dims == dims else values.transpose(*dims)).values
    return found


def grids(frequency: npt.ArrayLike, z: ComplexArray, rows: BoolArray | None = None) -> list[Grid]:
    """Rows gathered by the frequencies they have, those of most rows first.

    Parameters
    ----------
    frequency
        (frequency) [Hz].
    z
        (row, frequency) [ohm], as :func:`impedance` gives it.
    rows
        Which rows to take; all of them when left out.
    """
    at = np.asarray(frequency, float)
    chosen = np.arange(len(z)) if rows is None else np.flatnonzero(rows)
    if not chosen.size or not at.size:
        return []
    known = np.isfinite(z[chosen])
    _, first, of, count = np.unique(
        np.packbits(known, axis=1), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(of.ravel(), kind="stable")
    found = []
    for members, start in zip(np.split(chosen[order], np.cumsum(count)[:-1]), first, strict=True):
        column = np.flatnonzero(known[start])
        found.append(Grid(members, column, at[column], z[np.ix_(members, column)]))
    return sorted(found, key=lambda grid: -len(grid.row))


def by_spectrum(
    spectra: xr.Dataset, columns: Mapping[str, npt.NDArray[Any]], attrs: Mapping[str, Mapping[str, object]]
) -> xr.Dataset:
    """Results of each row as a dataset along (cell, spectrum), with what the spectra say of themselves.

    Parameters
    ----------
    spectra
        Where the rows come from; its coordinates, ``cycle``, ``time`` and ``voltage`` come along as coordinates.
    columns
        (row) or (row, frequency) by name.
    attrs
        Attributes by name.
    """
    shape = (spectra.sizes["cell"], spectra.sizes["spectrum"])
    variables = {
        name: (_DIMS[: values.ndim + 1], values.reshape(shape + values.shape[1:]), dict(attrs[name]))
        for name, values in columns.items()
    }
    wide = any(values.ndim > 1 for values in columns.values())
    own = spectra if wide else spectra.drop_dims("frequency")
    kept = {name: own[name] for name in ("cycle", "time", "voltage") if name in own}
    return xr.Dataset(variables, coords=dict(own.coords) | kept)
