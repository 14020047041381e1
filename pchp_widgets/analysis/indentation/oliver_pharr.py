"""Modulus and hardness from unloading curves, of many indents in many samples at once."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import numpy.typing as npt
import xarray as xr

from .contact import BETAS, EPSILONS, POISSON_BAND, Settings, contact
from .cut import Cut, cut
from .flags import ATTRS, CREEP, DEEPEST, DRIFT, FLAGS, NOSE, REFUSED
from .holds import holds
from .power_law import PowerLaw, power_law
from .stated import drift_rates, known_drift, poisson_ratios, thickness, tips
from .turns import unloadings

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

DIMS = ("sample", "test", "unloading")
MILLION = 1e6  # mN/nm to N/m
_TOLD: dict[str, tuple[str, str]] = {
    "modulus": ("GPa", "E = (1 - nu^2) / (1/E_r - (1 - nu_i^2)/E_i)"),
    "hardness": ("GPa", "H = P_max / A(h_c)"),
    "reduced_modulus": ("GPa", "E_r = sqrt(pi) S / (2 beta sqrt(A))"),
    "stiffness": ("N m-1", "S = dP/dh of the fitted unloading at h_max, corrected as asked"),
    "exponent": ("1", "m of P = B (h - h_f)^m"),
    "final_depth": ("nm", "h_f of the fitted unloading"),
    "fitted_depth": ("nm", "depth of the fitted unloading at the peak load"),
    "depth": ("nm", "h_max: depth at the peak load when the unloading begins, the mean of up to five points"),
    "contact_depth": ("nm", "h_c = h_max - epsilon P_max / S"),
    "area": ("nm2", "projected contact area of the tip at the contact depth"),
    "load": ("mN", "P_max"),
    "residual": ("nm", "standard deviation of the depth from the fitted unloading"),
    "points": ("1", "points of the window"),
    "modulus_band_low": ("GPa", f"lowest E for epsilon {EPSILONS}, beta {BETAS}, nu +- {POISSON_BAND}"),
    "modulus_band_high": ("GPa", f"highest E for epsilon {EPSILONS}, beta {BETAS}, nu +- {POISSON_BAND}"),
    "creep_effect": ("1", "relative change of the stiffness by the correction for creep"),
}
_ERRORS = ("modulus", "hardness", "reduced_modulus", "stiffness", "exponent", "depth", "contact_depth")


def turning_points(data: xr.Dataset) -> xr.Dataset:
    """Where the tests unload, and what they do while the load is held: all that no setting changes.

    Parameters
    ----------
    data
        A measurement of the technique ``indentation``.

    Returns
    -------
    Dataset
        What :func:`~.turns.unloadings` and :func:`~.holds.holds` give.
    """
    turns = unloadings(data)
    return turns.merge(holds(data, turns))


def oliver_pharr(data: xr.Dataset, settings: Settings | None = None, turns: xr.Dataset | None = None) -> xr.Dataset:
    r"""Modulus and hardness of every indent by the method of Oliver and Pharr.

    Parameters
    ----------
    data
        A measurement of the technique ``indentation``: ``depth`` [nm] and ``load`` [mN] (sample, test, point), perhaps
        ``time`` [s], ``area_coefficients``, ``frame_compliance`` and ``drift_rate``; ``poisson_ratio`` and
        ``thickness`` [um] on ``sample``.
    settings
        Of the evaluation; the defaults of :class:`~.contact.Settings` when left out.
    turns
        As given by :func:`turning_points`, when known before.

    Returns
    -------
    Dataset
        (sample, test, unloading): ``modulus``, ``hardness``, ``reduced_modulus`` [GPa], ``stiffness`` [N m-1],
        ``exponent``, ``depth``, ``contact_depth`` and ``final_depth`` [nm], ``area`` [nm2], ``load`` [mN], with
        ``_stderr`` from the covariance of the fit alone; ``modulus_band_low`` and ``_high`` over epsilon, beta and
        Poisson's ratio; ``status``, bits of :data:`~.flags.FLAGS`, -1 where a test has no such unloading. What is
        refused is NaN.

    Notes
    -----
    W. C. Oliver and G. M. Pharr, J. Mater. Res. 7 (1992) 1564 and 19 (2004) 3; ISO 14577-1. The frame's compliance is
    subtracted once, as h - C_f P, and refused where it is not smaller than the total compliance.
    """
    settings = settings or Settings()
    turns = turning_points(data) if turns is None else turns
    if not turns.sizes["unloading"]:
        turns = turns.reindex(unloading=[1], fill_value=dict.fromkeys(("hold_start", "top", "onset", "end"), -1))
    where = np.nonzero(turns["onset"].values >= 0)
    shape = turns["onset"].shape
    columns = {name: np.full(shape, np.nan) for name in (*_TOLD, *(f"{name}_stderr" for name in _ERRORS))}
    status = np.full(shape, -1)
    there = np.isfinite(data["load"].values).any(axis=2)
    status[..., 0] = np.where(there, FLAGS["no_unloading"][0], -1)
    if where[0].size:
        values, bits = _evaluated(data, turns, where, settings)
        status[where] = bits
        for name, column in values.items():
            columns[name][where] = column
    return _dataset(columns, status, turns, settings)


def _evaluated(
    data: xr.Dataset, turns: xr.Dataset, where: tuple[IntArray, ...], settings: Settings
) -> tuple[dict[str, FloatArray], IntArray]:
    """Numbers and bits of every unloading, a row each."""
    rate, drift_unknown = drift_rates(data, turns, settings)
    rows = cut(data, turns, where, settings, rate[where])
    fit = power_law(rows.share, rows.depth, rows.inside)
    law, factor = _with_top(fit, rows)
    values = _numbers(law, rows, settings)
    spread = {name: np.zeros(len(law)) for name in _ERRORS}
    for column in range(factor.shape[2]):  # laws a little to either side, one per column of the covariance's factor
        step = 0.01 * factor[..., column]
        up, down = (_numbers(law + sign * step, rows, settings) for sign in (1, -1))
        for name in _ERRORS:
            spread[name] += ((up[name] - down[name]) / 0.02) ** 2
    values |= {f"{name}_stderr": np.sqrt(square) for name, square in spread.items()}
    low, high = _band(law, rows, settings)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = _stiffness(law, rows, creep=True) / _stiffness(law, rows, creep=False) - 1
    values |= {
        "modulus_band_low": low,
        "modulus_band_high": high,
        "creep_effect": np.where(np.isfinite(rows.creep), change, np.nan),
    }
    values |= {"residual": fit.residual, "points": fit.points.astype(float), "load": rows.peak}
    bits = _raised(
        {
            **_wrong(values, fit, rows, settings),
            **_doubtful(values, data, turns, where, settings),
            "nose": rows.nose > NOSE * np.abs(values["depth"]),
            "creep": (not settings.creep) & (np.abs(change) > CREEP),
            "creep_unknown": settings.creep & ~np.isfinite(rows.creep),
            "drift_unknown": drift_unknown[where],
        },
        len(law),
    )
    refused = (bits & REFUSED) > 0
    return {
        name: column if name in {"load", "points"} else np.where(refused, np.nan, column)
        for name, column in values.items()
    }, bits


def _with_top(fit: PowerLaw, rows: Cut) -> tuple[FloatArray, FloatArray]:
    """The law with a fourth number, how far the depth at the peak load lies above it, and the factor of all four."""
    final, recovered, exponent = fit.values.T[..., None]
    with np.errstate(invalid="ignore"):
        above = rows.top_depth - final - recovered * rows.top_share**exponent
        count = np.maximum(np.isfinite(above).sum(axis=1), 1)
        top = np.nan_to_num(above).sum(axis=1) / count
    factor = np.zeros((len(top), 4, 4))
    factor[:, :3, :3] = fit.factor
    factor[:, 3, :3] = -fit.factor[:, 0] - fit.factor[:, 1]  # the depth itself was measured, whatever the law is
    factor[:, 3, 3] = fit.residual / np.sqrt(count)
    return np.concatenate([fit.values, top[:, None]], axis=1), factor


def _stiffness(law: FloatArray, rows: Cut, *, creep: bool) -> FloatArray:
    """Stiffness [mN nm-1] at the depth at the peak load, which creep takes for larger than it is."""
    _, recovered, exponent, top = law.T
    with np.errstate(divide="ignore", invalid="ignore"):
        stiff: FloatArray = rows.peak / (recovered * exponent) * (1 + top / recovered) ** (1 / exponent - 1)
        return 1 / (1 / stiff + np.nan_to_num(rows.creep)) if creep else stiff


def _numbers(law: FloatArray, rows: Cut, settings: Settings) -> dict[str, FloatArray]:
    """Everything that follows from the power law."""
    final, recovered, exponent, top = law.T
    stiff = _stiffness(law, rows, creep=settings.creep)
    deepest = final + recovered + top
    found = contact(rows.peak, deepest, stiff, rows.coefficients, rows.poisson, settings)
    with np.errstate(divide="ignore", invalid="ignore"):
        m = 1 / exponent
    return {
        "modulus": found.modulus,
        "hardness": found.hardness,
        "reduced_modulus": found.reduced,
        "stiffness": MILLION * stiff,
        "exponent": m,
        "final_depth": final,
        "fitted_depth": final + recovered,
        "depth": deepest,
        "contact_depth": found.depth,
        "area": found.area,
    }


def _band(law: FloatArray, rows: Cut, settings: Settings) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest modulus over the corners of what epsilon, beta and Poisson's ratio may be."""
    corners = [
        _numbers(
            law,
            rows._replace(poisson=np.minimum(rows.poisson + shift, 0.5)),
            replace(settings, epsilon=epsilon, beta=beta),
        )["modulus"]
        for epsilon, beta, shift in product(
            {*EPSILONS, settings.epsilon}, {*BETAS, settings.beta}, (-POISSON_BAND, POISSON_BAND)
        )
    ]
    lowest: FloatArray = np.minimum.reduce(corners)
    highest: FloatArray = np.maximum.reduce(corners)
    return lowest, highest


def _wrong(values: dict[str, FloatArray], fit: PowerLaw, rows: Cut, settings: Settings) -> dict[str, BoolArray]:
    """Why there is no modulus, and what the exponent and the frame say."""
    subtracts = settings.frame_compliance > 0
    total = power_law(rows.share, rows.raw, rows.inside).values if subtracts else fit.values
    compliance = total[:, 1] * total[:, 2] / rows.peak  # of sample and frame
    with np.errstate(invalid="ignore"):
        stiff, m = values["stiffness"], values["exponent"]
        return {
            "no_fit": ~fit.converged,
            "frame": ~(compliance > settings.frame_compliance) & subtracts,
            "stiffness": fit.converged & ~(stiff > 0),
            "area": (stiff > 0) & ~(values["area"] > 0),
            "impossible": (values["reduced_modulus"] >= settings.limit) | (values["modulus"] <= 0),
            "exponent": (m <= 1) | (m >= 2),
            "frame_stated": (rows.frame >= compliance) & (not subtracts),
        }


def _doubtful(
    values: dict[str, FloatArray], data: xr.Dataset, turns: xr.Dataset, where: tuple[IntArray, ...], settings: Settings
) -> dict[str, BoolArray]:
    """What is assumed, and what the test itself shows."""
    sample, test = where[:2]
    with np.errstate(invalid="ignore"):
        return {
            "ideal_tip": tips(data, settings)[1][sample, test],
            "poisson_assumed": poisson_ratios(data)[1][sample] & (settings.poisson is None),
            "substrate": values["depth"] > DEEPEST * 1e3 * thickness(data)[sample],
            "drift": (np.abs(known_drift(data, turns))[where] > DRIFT) & (settings.drift == "none"),
        }


def _raised(raised: dict[str, BoolArray], count: int) -> IntArray:
    total = np.zeros(count, np.int64)
    for name, where in raised.items():
        total |= np.where(where, FLAGS[name][0], 0)
    return total


def _dataset(columns: dict[str, FloatArray], status: IntArray, turns: xr.Dataset, settings: Settings) -> xr.Dataset:
    variables: dict[str, tuple[tuple[str, ...], npt.NDArray[np.generic], dict[str, object]]] = {}
    for name, (units, definition) in _TOLD.items():
        attrs: dict[str, object] = {"units": units, "definition": definition}
        if name in _ERRORS:
            attrs["ancillary_variables"] = f"{name}_stderr"
            told = {"units": units, "definition": "standard error from the covariance of the fitted unloading alone"}
            variables[f"{name}_stderr"] = (DIMS, columns[f"{name}_stderr"], dict(told))
        variables[name] = (DIMS, columns[name], attrs)
    variables["status"] = (DIMS, status, {"units": "1", **ATTRS})
    for name in ("hold_time", "creep", "creep_rate", "drift"):
        variables[name] = (DIMS, turns[name].values, dict(turns[name].attrs))
    said = {
        "window": f"{settings.window[0]:g} to {settings.window[1]:g} of the peak load",
        "settings": repr(settings),
    }
    return xr.Dataset(variables, turns.coords, said)


def last_unloading(found: xr.Dataset) -> xr.Dataset:
    """The last unloading of each test, the one from the highest load where a test unloads many times.

    Parameters
    ----------
    found
        As given by :func:`oliver_pharr`.

    Returns
    -------
    Dataset
        The same variables along (sample, test), and ``unloading``, its number.
    """
    there = found["status"].values >= 0
    last = np.where(there.any(axis=2), there.shape[2] - 1 - there[:, :, ::-1].argmax(axis=2), 0)
    dims = ("sample", "test")
    columns = {
        name: (dims, np.take_along_axis(column.values, last[..., None], axis=2)[..., 0], column.attrs)
        for name, column in found.data_vars.items()
    }
    number = {"unloading": (dims, found["unloading"].values[last])}
    return xr.Dataset(columns, {"sample": found["sample"].values, **number}, found.attrs)
