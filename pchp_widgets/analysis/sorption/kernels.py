"""Pore widths by a kernel of the user's, and the refusal of one that is not for this gas.

No kernel comes with the package. A kernel is a Dataset (width, relative_pressure) with the uptake of pores of each
width per pore volume, ``uptake`` [mmol cm-3], and the attributes ``gas`` and ``temperature`` [K] for which it was
computed: one for N2 at 77 K gives a pore width for CO2 too, and the number means nothing.
"""

from __future__ import annotations

import warnings

import numpy as np
import xarray as xr

from ...model.gases import called
from ...model.measurements import sample_coords
from .isotherms import gases

CLOSE = 1.0
"""Difference of temperatures [K] that is not worth mentioning."""

FAR = 10.0
"""Difference of temperatures [K] from which on a kernel is refused."""


def check_kernel(isotherms: xr.Dataset, kernel: xr.Dataset) -> None:
    """Refuse a kernel that is not for these isotherms.

    Parameters
    ----------
    isotherms
        As given by :func:`.isotherms.isotherms`.
    kernel
        Its attributes ``gas`` and ``temperature`` [K] are looked at.

    Raises
    ------
    ValueError
        When the kernel does not say what it is for, or it is for another gas, or for a temperature more than
        :data:`FAR` away. Up to that, and beyond :data:`CLOSE`, there is a warning.
    """
    gas, T = called(str(kernel.attrs.get("gas", ""))), float(kernel.attrs.get("temperature", np.nan))
    if not gas or not np.isfinite(T):
        raise ValueError("kernel: its attributes must say for which gas and temperature [K] it was computed")
    for sample, own, kelvin in zip(
        isotherms["sample"].values, gases(isotherms), isotherms["bath_temperature"].values, strict=True
    ):
        name = own.name if own else "a gas that is not known"
        if name != gas:
            raise ValueError(f"{sample}: was measured with {name}, and the kernel is for {gas} at {T:g} K")
        if not abs(kelvin - T) <= FAR:
            raise ValueError(f"{sample}: was measured at {kelvin:g} K, and the kernel is for {gas} at {T:g} K")
        if abs(kelvin - T) > CLOSE:
            warnings.warn(
                f"{sample}: was measured at {kelvin:g} K, and the kernel is for {T:g} K: its pore widths are shifted",
                stacklevel=2,
            )


def pore_widths(isotherms: xr.Dataset, kernel: xr.Dataset, *, smoothing: float = 1e-3) -> xr.Dataset:
    """Pore volumes by width: the mixture of the kernel's isotherms that comes closest, none of them negative.

    Parameters
    ----------
    isotherms
        As given by :func:`.isotherms.isotherms`.
    kernel
        (width, relative_pressure): ``uptake`` [mmol cm-3]; coordinate ``width`` [nm]; attributes as for
        :func:`check_kernel`.
    smoothing
        Weight of the second differences of the volumes, against the largest uptake of the kernel.

    Returns
    -------
    Dataset
        (sample, width): ``pore_volume`` [cm3 g-1] of each width; (sample): ``relative_residual``.

    Raises
    ------
    ValueError
        As :func:`check_kernel`, or when no point lies in the pressures of the kernel.
    """
    from scipy.optimize import nnls

    check_kernel(isotherms, kernel)
    table = kernel["uptake"].transpose("relative_pressure", "width").values
    at = np.log(kernel["relative_pressure"].values)
    penalty = smoothing * np.abs(table).max() * np.diff(np.eye(table.shape[1]), 2, axis=0)
    volumes, residuals = [], []
    for sample, x, n in zip(
        isotherms["sample"].values, isotherms["relative_pressure"].values, isotherms["uptake"].values, strict=True
    ):
        with np.errstate(invalid="ignore", divide="ignore"):
            place = np.log(x)
            inside = (place >= at[0]) & (place <= at[-1]) & np.isfinite(n)
        if not inside.any():
            raise ValueError(
                f"{sample}: no point lies in the range of the kernel, p/p0 {np.exp(at[0]):.2g} to {np.exp(at[-1]):.2g}"
            )
        shapes = np.stack([np.interp(place[inside], at, column) for column in table.T], -1)
        found, _ = nnls(np.concatenate([shapes, penalty]), np.concatenate([n[inside], np.zeros(len(penalty))]))
        volumes.append(found)
        residuals.append(np.linalg.norm(shapes @ found - n[inside]) / np.linalg.norm(n[inside]))
    return xr.Dataset(
        {
            "pore_volume": (
                ("sample", "width"),
                np.array(volumes),
                {"units": "cm3 g-1", "definition": "volume of pores of each width, non-negative least squares"},
            ),
            "relative_residual": (
                "sample",
                np.array(residuals),
                {"units": "1", "definition": "norm of residual over uptake"},
            ),
        },
        {**sample_coords(isotherms), "width": kernel["width"]},
        {"kernel_gas": str(kernel.attrs["gas"]), "kernel_temperature": float(kernel.attrs["temperature"])},
    )
