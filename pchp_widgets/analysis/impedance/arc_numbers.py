"""The arcs of fitted circuits as numbers: resistance, time constant, capacitance, and whether they are resolved."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..circuits import Circuit, circuit

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

APART = 1.0
"""Decades between the time constants of two arcs that are resolved."""

DETERMINED = 0.5
"""Largest standard error of the resistance of a resolved arc, relative to the resistance."""

_TEXTS = {
    "resistance": ("ohm", "resistance R of the arc"),
    "time_constant": ("s", "tau = (R Q)^(1/n), R C of a capacitor; the top of the arc is at 1/(2 pi tau)"),
    "capacitance": ("F", "effective capacitance tau / R (Hsu and Mansfeld, Corrosion 57 (2001) 747)"),
    "exponent": ("1", "exponent n of the constant phase element, 1 for a capacitor"),
}


class ArcArrays(NamedTuple):
    """Arcs of a circuit, (..., arc) each; standard errors are conditional on parameters at a bound."""

    value: dict[str, FloatArray]
    error: dict[str, FloatArray]
    apart: BoolArray
    """Whether the next time constant is a decade away or more."""
    determined: BoolArray
    """Whether the error of the resistance is at most half of it."""
    inside: BoolArray
    """Whether 1/(2 pi tau) lies within the frequencies."""


def arc_arrays(
    of: Circuit, values: FloatArray, covariance: FloatArray, lowest: FloatArray, highest: FloatArray
) -> ArcArrays:
    """Numbers of the arcs of parameters (..., parameter) with covariance (..., parameter, parameter).

    `lowest` and `highest` are the frequencies (...) between which the spectra lie [Hz].
    """
    found: dict[str, list[FloatArray]] = {name: [] for name in _TEXTS}
    errors: dict[str, list[FloatArray]] = {name: [] for name in _TEXTS}
    for arc in of.arcs():
        r, q, *n = (of.index(name) for name in (arc.resistance, *arc.capacitor))
        own, slopes = _arc(values, r, q, n[0] if n else -1)
        for name, numbers in own.items():
            found[name].append(numbers)
            errors[name].append(_propagated(slopes[name], covariance))
    shape = (*values.shape[:-1], len(of.arcs()))
    value: dict[str, FloatArray] = {}
    error: dict[str, FloatArray] = {}
    for name in _TEXTS:
        value[name] = np.stack(found[name], -1) if found[name] else np.zeros(shape)
        error[name] = np.stack(errors[name], -1) if found[name] else np.zeros(shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        place = np.log10(value["time_constant"])
        gap = np.abs(place[..., :, None] - place[..., None, :])
        gap[..., np.arange(shape[-1]), np.arange(shape[-1])] = np.inf
        apart = (gap >= APART).all(-1)
        determined = error["resistance"] <= DETERMINED * value["resistance"]
        top = 1 / (2 * np.pi * value["time_constant"])
        inside = (top >= lowest[..., None]) & (top <= highest[..., None])
    return ArcArrays(value, error, apart, determined, inside)


def _arc(values: FloatArray, r: int, q: int, n: int) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Numbers of one arc, and their derivatives by all parameters."""
    resistance, admittance = values[..., r], values[..., q]
    exponent = values[..., n] if n >= 0 else np.ones_like(resistance)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_tau = np.log(resistance * admittance) / exponent
        tau = np.exp(log_tau)
        own = {"resistance": resistance, "time_constant": tau, "capacitance": tau / resistance, "exponent": exponent}
        slopes = {name: np.zeros(values.shape) for name in own}
        slopes["resistance"][..., r] = 1.0
        slopes["time_constant"][..., r] = tau / (exponent * resistance)
        slopes["time_constant"][..., q] = tau / (exponent * admittance)
        slopes["capacitance"][..., r] = tau / resistance**2 * (1 / exponent - 1)
        slopes["capacitance"][..., q] = tau / (resistance * exponent * admittance)
        if n >= 0:
            slopes["time_constant"][..., n] = -tau * log_tau / exponent
            slopes["capacitance"][..., n] = -tau * log_tau / (exponent * resistance)
            slopes["exponent"][..., n] = 1.0
    return own, slopes


def _propagated(slope: FloatArray, covariance: FloatArray) -> FloatArray:
    """Standard error of a number with this derivative; NaN where nothing it depends on has an error that is known."""
    own = np.einsum("...ii->...i", covariance)
    known = ((slope != 0) & ~np.isnan(own)).any(-1)
    variance = np.einsum("...i,...ij,...j->...", slope, np.nan_to_num(covariance), slope)
    with np.errstate(invalid="ignore"):
        return np.where(known & np.isfinite(variance), np.sqrt(np.maximum(variance, 0.0)), np.nan)


def covariance_of(found: xr.Dataset) -> FloatArray:
    """Covariance (cell, spectrum, parameter, parameter) of fitted parameters; NaN where an error is not known."""
    error, correlation = found["value_stderr"].values, found["correlation"].values
    product = error[..., :, None] * error[..., None, :]
    kept = np.where(product == 0, 0.0, product * correlation)  # a fixed parameter has no error, and no correlation
    return np.asarray(kept)


def arcs(found: xr.Dataset) -> xr.Dataset:
    """Resistance, time constant, capacitance and exponent of every arc.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.impedance.fit`.

    Returns
    -------
    Dataset
        (cell, spectrum, arc): ``resistance`` [ohm], ``time_constant`` [s], ``capacitance`` [F], ``exponent`` with
        ``_stderr`` (from the whole covariance, to first order), and ``resolved``: the time constant lies within the
        frequencies and a decade or more from any other, and the resistance is known to better than half of it. The
        coordinate ``arc`` is the name of the resistance; ``branch`` its text.
    """
    of = circuit(str(found.attrs["circuit"]))
    window = (found["frequency_lowest"].values, found["frequency_highest"].values)
    numbers = arc_arrays(of, found["value"].values, covariance_of(found), *window)
    dims = ("cell", "spectrum", "arc")
    variables: dict[str, Any] = {}
    for name, (units, definition) in _TEXTS.items():
        linked = {"ancillary_variables": f"{name}_stderr"}
        variables[name] = (dims, numbers.value[name], {"units": units, "definition": definition, **linked})
        said = {"units": units, "definition": f"standard error of {name}, from the covariance of the fit"}
        variables[f"{name}_stderr"] = (dims, numbers.error[name], said)
    text = (
        f"1/(2 pi tau) within the frequencies, {APART:g} decade or more from any other tau, and the standard error of "
        f"R at most {DETERMINED:.0%} of R"
    )
    resolved = numbers.apart & numbers.determined & numbers.inside
    variables["resolved"] = (dims, resolved, {"definition": text})
    own = found[["value"]].isel(parameter=0, drop=True)
    branch = [f"{arc.resistance} || {arc.capacitor[0].partition('_')[0]}" for arc in of.arcs()]
    names = {"arc": [arc.resistance for arc in of.arcs()], "branch": ("arc", branch)}
    kept = {name: coord for name, coord in own.coords.items() if set(coord.dims) <= {"cell", "spectrum"}}
    return xr.Dataset(variables, coords={**kept, **names}, attrs=dict(found.attrs))
