"""Impedance of fitted circuits at any frequencies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..circuits import circuit


def model(found: xr.Dataset, frequency: npt.ArrayLike) -> xr.Dataset:
    """Impedance of the fitted circuit of every spectrum.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.impedance.fit`.
    frequency
        (frequency) [Hz], positive; not only those that were measured.

    Returns
    -------
    Dataset
        (cell, spectrum, frequency): ``z_real``, ``z_imag`` [ohm], NaN where nothing was fitted.

    Raises
    ------
    ValueError
        When a frequency is not positive.
    """
    hertz = np.asarray(frequency, float)
    if hertz.ndim != 1 or not (hertz > 0).all():
        raise ValueError("frequency: positive numbers along one dimension are needed [Hz]")
    values = found["value"].transpose("cell", "spectrum", "parameter").values
    z = circuit(str(found.attrs["circuit"])).impedance(values, hertz)
    z = np.where(np.isfinite(values).all(-1)[..., None], z, np.nan)
    dims = ("cell", "spectrum", "frequency")
    text = "of the fitted circuit"
    variables = {
        "z_real": (dims, z.real, {"units": "ohm", "definition": f"real part of the impedance {text}"}),
        "z_imag": (dims, z.imag, {"units": "ohm", "definition": f"imaginary part of the impedance {text}"}),
    }
    kept = {name: coord for name, coord in found.coords.items() if set(coord.dims) <= {"cell", "spectrum"}}
    at = {"frequency": ("frequency", hertz, {"units": "Hz", "long_name": "frequency"})}
    return xr.Dataset(variables, coords={**kept, **at}, attrs={"circuit": found.attrs["circuit"]})
