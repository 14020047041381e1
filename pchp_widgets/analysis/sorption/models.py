r"""Isotherms as functions of the pressure: Langmuir's, and the dual mode of glassy polymers.

Langmuir: n = n_m K p/(1 + K p) (J. Am. Chem. Soc. 40 (1918) 1361). Dual mode: what dissolves, as Henry has it, and what
fills the unrelaxed free volume of a glass, n = k_D p + C' b p/(1 + b p) (W. R. Vieth, J. M. Howell, J. H. Hsieh,
J. Membr. Sci. 1 (1976) 177). Pressures are absolute.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr

from ...model.measurements import sample_coords
from .fitting import Fit, positive_fit
from .isotherms import Window
from .regression import BoolArray, FloatArray, quantile

MODELS = {
    "langmuir": ("capacity", "affinity"),
    "dual_mode": ("henry", "capacity", "affinity"),
}
"""Parameters of each model."""

_DEFINITIONS = {
    "capacity": ("mmol g-1", "uptake of the sites at high pressure: n_m, or C' of the dual mode"),
    "affinity": ("bar-1", "K, or b of the dual mode"),
    "henry": ("mmol g-1 bar-1", "k_D: what dissolves per pressure"),
}
_STARTS = np.geomspace(1e-3, 1e3, 25)  # of the affinity times the highest pressure
_UNDETERMINED = 1.0  # standard error of a logarithm: the parameter may be anything

Weights = Literal["relative", "absolute"]


def langmuir(isotherms: xr.Dataset, window: Window = None, **options: object) -> xr.Dataset:
    """Langmuir's isotherm, for which see :func:`model_fit`."""
    return model_fit(isotherms, "langmuir", window, **options)  # type: ignore[arg-type]


def dual_mode(isotherms: xr.Dataset, window: Window = None, **options: object) -> xr.Dataset:
    """Dual-mode sorption, for which see :func:`model_fit`."""
    return model_fit(isotherms, "dual_mode", window, **options)  # type: ignore[arg-type]


def model_fit(
    isotherms: xr.Dataset,
    model: str,
    window: Window = None,
    *,
    weights: Weights = "relative",
    confidence: float = 0.95,
) -> xr.Dataset:
    """Parameters of one model for each sample.

    Parameters
    ----------
    isotherms
        As given by :func:`.isotherms.isotherms`.
    model
        One of :data:`MODELS`.
    window
        Range of absolute pressure [bar] (low, high); all points when left out.
    weights
        ``"relative"``: uptakes have equal relative errors; ``"absolute"``: equal errors.
    confidence
        Of the intervals, which are those of logarithms: a parameter that the data do not determine has none above.

    Returns
    -------
    Dataset
        (sample): the parameters with ``_low`` and ``_high``, ``points``, ``relative_residual`` (root mean square of
        the residuals over the uptake), ``determined``: 1 where each parameter is known within a factor of e, 0 where
        not, -1 without a fit.

    Raises
    ------
    ValueError
        When there is no such model, or the window or the weights are none.
    """
    if model not in MODELS:
        raise ValueError(f"model {model!r}: choose one of {', '.join(MODELS)}")
    if weights not in {"relative", "absolute"}:
        raise ValueError(f"weights {weights!r}: choose relative or absolute")
    p, n = isotherms["pressure"].values, isotherms["uptake"].values
    low, high = (0.0, np.inf) if window is None else np.asarray(window, float).reshape(2)
    if not low < high:
        raise ValueError(f"window {window!r}: write (low, high) of the pressure in bar")
    with np.errstate(invalid="ignore"):
        used = (p > 0) & (p >= low) & (p <= high) & (n > 0)
    names = MODELS[model]
    used &= (used.sum(-1) >= len(names))[:, None]
    weight = 1 / np.where(used, n, 1.0) if weights == "relative" else np.ones_like(n)
    fit = positive_fit(_VALUES[model], p, n, used, _start(model, p, n, used, weight), weight)
    return _dataset(isotherms, model, names, fit, used, confidence)


def modelled(found: xr.Dataset, pressure: FloatArray) -> FloatArray:
    """Uptakes (sample, point) [mmol g-1] that fitted models have at pressures (sample, point) [bar].

    Parameters
    ----------
    found
        As given by :func:`model_fit`.
    pressure
        Where.
    """
    model = str(found.attrs["model"])
    with np.errstate(divide="ignore"):
        logs = np.log(np.stack([found[name].values for name in MODELS[model]], -1))
    return _VALUES[model](pressure, logs)[0]


def model_remarks(found: xr.Dataset) -> dict[str, list[str]]:
    """What to know about the fits, by name of the sample; `found` as given by :func:`model_fit`."""
    said = {}
    for at, sample in enumerate(found["sample"].values):
        state = int(found["determined"].values[at])
        open_ones = "the data do not determine all parameters of this model: take one with fewer, or higher pressures"
        said[str(sample)] = {0: [open_ones], -1: ["too few points for this model"]}.get(state, [])
    return said


def _langmuir(p: FloatArray, logs: FloatArray) -> tuple[FloatArray, FloatArray]:
    capacity, affinity = (np.exp(logs[:, at, None]) for at in range(2))
    share = affinity * p / (1 + affinity * p)
    value = capacity * share
    return value, np.stack([value, value * (1 - share)], -1)


def _dual_mode(p: FloatArray, logs: FloatArray) -> tuple[FloatArray, FloatArray]:
    dissolved = np.exp(logs[:, :1]) * p
    held, slope = _langmuir(p, logs[:, 1:])
    return dissolved + held, np.concatenate([dissolved[..., None], slope], -1)


_VALUES = {"langmuir": _langmuir, "dual_mode": _dual_mode}


def _start(model: str, p: FloatArray, n: FloatArray, used: BoolArray, weight: FloatArray) -> FloatArray:
    """The best of a grid of affinities, with the other parameters by linear least squares as far as positive."""
    at, target = np.where(used, p, 0.0), np.where(used, n * weight, 0.0)
    scale = np.maximum(at.max(-1, initial=0.0), 1e-12)
    best, lowest = np.ones((len(p), len(MODELS[model]))), np.full(len(p), np.inf)
    for affinity in _STARTS:
        K = affinity / scale
        share = K[:, None] * at / (1 + K[:, None] * at)
        shapes = [share] if model == "langmuir" else [at, share]
        columns = np.stack([np.where(used, shape * weight, 0.0) for shape in shapes], -1)
        normal = np.einsum("spa,spb->sab", columns, columns)
        normal += np.eye(len(shapes)) * 1e-12 * np.maximum(np.einsum("saa->sa", normal), 1e-12)[:, None, :]
        factors = np.linalg.solve(normal, np.einsum("spa,sp->sa", columns, target)[..., None])[..., 0]
        floor = 1e-4 * (np.abs(target).max(-1, initial=0.0) + 1e-12)
        factors = np.maximum(factors, floor[:, None] / np.maximum(np.abs(columns).max(1), 1e-12))
        cost = ((target - np.einsum("spa,sa->sp", columns, factors)) ** 2).sum(-1)
        better = cost < lowest
        best = np.where(better[:, None], np.concatenate([factors, K[:, None]], -1), best)
        lowest = np.where(better, cost, lowest)
    return best


def _dataset(
    isotherms: xr.Dataset, model: str, names: tuple[str, ...], fit: Fit, used: BoolArray, confidence: float
) -> xr.Dataset:
    fitted = used.any(-1)
    found = {}
    spread = np.sqrt(np.einsum("saa->sa", fit.covariance))
    t = quantile(confidence, fit.degrees)
    for at, name in enumerate(names):
        units, text = _DEFINITIONS[name]
        with np.errstate(over="ignore", invalid="ignore"):
            reach = t * spread[:, at]
            columns = {"": fit.logs[:, at], "_low": fit.logs[:, at] - reach, "_high": fit.logs[:, at] + reach}
            for end, logs in columns.items():
                said = {"": text, "_low": f"lower confidence limit: {text}", "_high": f"upper confidence limit: {text}"}
                value = np.where(fitted, np.exp(logs), np.nan)
                found[name + end] = ("sample", value, {"units": units, "definition": said[end]})
    value = _VALUES[model](np.where(used, isotherms["pressure"].values, 0.0), fit.logs)[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.where(used, value / isotherms["uptake"].values - 1, 0.0)
        residual = np.sqrt((off**2).sum(-1) / used.sum(-1))
    known = (spread < _UNDETERMINED).all(-1)
    for name, column, definition in (
        ("points", used.sum(-1), "points fitted"),
        ("relative_residual", residual, "root mean square of residual over uptake"),
        ("determined", np.where(fitted, known.astype(int), -1), "1 each parameter known within a factor of e, 0 not"),
    ):
        found[name] = ("sample", column, {"units": "1", "definition": definition})
    return xr.Dataset(found, sample_coords(isotherms), {"model": model, "confidence": confidence})
