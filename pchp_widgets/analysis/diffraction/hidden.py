"""What a halo that a fit did not ask for may amount to: the limit below which it would not be seen."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .models import FloatArray, Model, correction
from .prepared import Prepared, prepared

_GAUSS = float(np.sqrt(np.pi / np.log(2)) / 2)  # area over height times width


def hidden_halo(
    data: xr.Dataset, found: xr.Dataset, position: float, *, width: float = 5.0, background: str = "air"
) -> xr.Dataset:
    r"""Area of one more Gaussian halo of given place and width, with every part of the fit free to make room for it.

    The fit is linear near its solution: with the derivatives of the pattern by all of its parameters as columns and the
    halo as one more, its height and the standard error follow from

    .. math:: h = \frac{p_\perp^T r}{p_\perp^T p_\perp}, \qquad u_h = \frac{s}{|p_\perp|},

    r being the residuals and p the halo, both in standard errors of the bins, :math:`p_\perp` what of it no parameter
    can imitate, and s the root of ``misfit`` where that is above 1.

    Parameters
    ----------
    data, found
        Measurement, and what :func:`~.halos.halos` says of it.
    position, width
        Of the halo that is asked for [degree], its full width at half maximum.
    background
        Under which background.

    Returns
    -------
    Dataset
        (sample): ``height`` [count] and ``area`` [count degree], each with ``_stderr``; a height below zero is noise.

    Raises
    ------
    ValueError
        When the place is outside of the window that was fitted, or the width is not above zero.
    """
    low, high = found.attrs["window"]
    if not low <= position <= high:
        raise ValueError(f"position {position:g}: lies outside of the window from {low:g} to {high:g} degrees")
    if not width > 0:
        raise ValueError(f"width {width:g}: a width in degrees is above zero")
    of = prepared(data, (low, high), [(first, last) for first, last in found.attrs["exclude"]])
    times = correction(of.two_theta, found.attrs["factor"])
    times = times / times.mean(1, keepdims=True)
    fit = found.sel(background=background)
    pattern, rows = _linear(of, times, fit)
    probe = np.exp(-4 * np.log(2) * ((of.two_theta - position) / width) ** 2) * times * of.weights
    left = (of.intensity - pattern) * of.weights
    height, error = np.full((2, len(left)), np.nan)
    for sample, (own, shape, residual) in enumerate(zip(rows, probe, left, strict=True)):
        free = shape - own.T @ np.linalg.lstsq(own.T, shape, rcond=None)[0]
        size = float(free @ free)
        if size > 0 and np.isfinite(size):
            height[sample] = free @ residual / size
            error[sample] = np.sqrt(max(float(fit["misfit"].values[sample]), float(of.counted[sample])) / size)
    return _described(height, error, found, f"of a Gaussian halo of {width:g} degrees at {position:.2f} degrees", width)


def _linear(of: Prepared, times: FloatArray, fit: xr.Dataset) -> tuple[FloatArray, FloatArray]:
    """The fitted pattern (S, N), and its derivatives by all parameters in standard errors (S, P, N), of length 1."""
    said = fit.attrs["shape"], str(fit["background"].item()), of.window
    model = Model(of.two_theta, times, fit.sizes["halo"], *said)
    at = [fit["position"].values, np.log(fit["width"].values)]
    at += [fit["share"].values[:, None]] * model.voigt + [np.log(fit["decay"].values[:, None])] * model.of.decays
    columns, slopes = model.with_slopes(np.concatenate(at, 1))
    linear = np.concatenate([fit["height"].values, fit["coefficient"].values[:, : model.columns - model.count]], 1)
    rows = np.concatenate([columns, model.directions(slopes, linear)], 1) * of.weights[:, None]
    length = np.linalg.norm(rows, axis=2, keepdims=True)
    return (columns * linear[..., None]).sum(1), rows / np.where(length > 0, length, 1.0)


def _described(height: FloatArray, error: FloatArray, found: xr.Dataset, about: str, width: float) -> xr.Dataset:
    area = _GAUSS * width
    said = {
        "height": (height, "count", f"height {about} that the fit leaves out"),
        "height_stderr": (error, "count", "standard error from the noise, all other parameters free"),
        "area": (area * height, "count degree", f"area {about} that the fit leaves out"),
        "area_stderr": (area * error, "count degree", "standard error from the noise, all other parameters free"),
    }
    made = {
        name: ("sample", values, {"units": units, "definition": text}) for name, (values, units, text) in said.items()
    }
    for name in ("height", "area"):
        made[name][2]["ancillary_variables"] = f"{name}_stderr"
    return xr.Dataset(made, {"sample": found["sample"].values}, {"technique": "diffraction"})
