"""From an angle to a distance: Bragg's law, what it takes for radiation, and the conventions built on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]

SCHERRER = 0.9
"""Scherrer's constant."""

INTERCHAIN = 1.2295
"""Nearest neighbours over Bragg's d: the first maximum of sin(kr)/(kr) after 0 is at kr = 7.725, 7.725/(2 pi) = 1.23.
A convention (Klug and Alexander, X-Ray Diffraction Procedures, 2nd ed., Wiley 1974, chapter on amorphous materials)."""

RADIATION = {
    "alpha1": "K alpha 1, the convention of most papers",
    "mean": "mean of the doublet, weighted by its intensities: what makes a broad halo where K alpha 2 is not filtered",
}
"""Which wavelength Bragg's law takes."""

_RATIO = 0.5  # of the doublet, where the file has no other


def spacing(two_theta: npt.ArrayLike, wavelength: npt.ArrayLike) -> Any:
    """Distance [the unit of the wavelength] by Bragg's law, d = wavelength / (2 sin theta).

    Parameters
    ----------
    two_theta
        Scattering angle [degree].
    wavelength
        Of the radiation.
    """
    return np.asarray(wavelength) / (2 * np.sin(np.radians(np.asarray(two_theta, float)) / 2))


def angle(d: npt.ArrayLike, wavelength: npt.ArrayLike) -> Any:
    """Scattering angle [degree] of a distance, in the unit of the wavelength; NaN where the radiation is too long."""
    with np.errstate(invalid="ignore"):
        return 2 * np.degrees(np.arcsin(np.asarray(wavelength) / (2 * np.asarray(d, float))))


def correlation_length(two_theta: npt.ArrayLike, width: npt.ArrayLike, wavelength: npt.ArrayLike) -> Any:
    """Length [the unit of the wavelength] over which the order behind a halo persists: K wavelength / (B cos theta).

    Scherrer's formula with K = 0.9, for a full width at half maximum B as measured. There are no crystallites in an
    amorphous film: it is no size of anything.

    Parameters
    ----------
    two_theta, width
        Place and full width at half maximum [degree].
    wavelength
        Of the radiation.
    """
    half = np.radians(np.asarray(two_theta, float)) / 2
    return SCHERRER * np.asarray(wavelength) / (np.radians(np.asarray(width, float)) * np.cos(half))


def wavelength(data: xr.Dataset, radiation: str = "alpha1") -> xr.DataArray:
    """Wavelength of each sample [angstrom], from its metadata; NaN where nobody said.

    Parameters
    ----------
    data
        Measurement of ``diffraction`` (sample, ...).
    radiation
        One of :data:`RADIATION`. The mean is that of K alpha 1 and 2 in the ratio the file states, 1 : 0.5 where it
        states none; without a K alpha 2 it is the wavelength itself.

    Raises
    ------
    ValueError
        When there is no such radiation.
    """
    if radiation not in RADIATION:
        raise ValueError(f"radiation {radiation!r}: choose one of {', '.join(RADIATION)}")
    first = _known(data, "wavelength")
    found = first
    if radiation == "mean":
        second, ratio = _known(data, "wavelength_alpha2"), _known(data, "alpha2_ratio")
        share = np.where(np.isfinite(ratio), ratio, _RATIO)
        found = np.where(np.isfinite(second), (first + share * second) / (1 + share), first)
    attrs = {"units": "angstrom", "definition": RADIATION[radiation]}
    return xr.DataArray(found, dims="sample", attrs=attrs)


def _known(data: xr.Dataset, name: str) -> FloatArray:
    if name not in data.coords:
        return np.full(data.sizes["sample"], np.nan)
    return np.asarray(data[name].values, float)
