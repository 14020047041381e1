"""What is known of samples, tips and tests beside their curves, and what is assumed where nothing is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .contact import POISSON, Settings, ideal

FloatArray = npt.NDArray[np.float64]


def drift_rates(data: xr.Dataset, turns: xr.Dataset, settings: Settings) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Drift to subtract [nm s-1] (sample, test, unloading), and where one is asked for but not known."""
    shape = turns["onset"].shape
    if settings.drift == "none":
        return np.zeros(shape), np.zeros(shape, bool)
    if settings.drift == "stated":
        rate = np.broadcast_to(stated(data, "drift_rate")[..., None], shape)
    else:
        rate = last_drift(turns, shape)
    unknown = ~np.isfinite(rate) | ("time" not in data)
    return np.where(unknown, 0.0, rate), unknown


def last_drift(turns: xr.Dataset, shape: tuple[int, ...]) -> FloatArray:
    """The drift found after any unloading of a test holds for all of them (sample, test, unloading)."""
    known = np.isfinite(turns["drift"].values)
    total = np.where(known, turns["drift"].values, 0.0).sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / known.sum(axis=2)
    found: FloatArray = np.broadcast_to(mean[..., None], shape)
    return found


def known_drift(data: xr.Dataset, turns: xr.Dataset) -> FloatArray:
    """What the instrument states of the drift, else what the hold shows [nm s-1] (sample, test, unloading)."""
    shape = turns["onset"].shape
    said = np.broadcast_to(stated(data, "drift_rate")[..., None], shape)
    return np.where(np.isfinite(said), said, last_drift(turns, shape))


def stated(data: xr.Dataset, name: str) -> FloatArray:
    """What the file says of each test (sample, test); NaN where it says nothing."""
    if name in data:
        return np.asarray(data[name].values, float)
    return np.full(data["load"].shape[:2], np.nan)


def poisson_ratios(data: xr.Dataset) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Poisson's ratio of each sample, and where it is assumed."""
    count = data.sizes["sample"]
    known = np.asarray(data["poisson_ratio"].values, float) if "poisson_ratio" in data else np.full(count, np.nan)
    return np.where(np.isfinite(known), known, POISSON), ~np.isfinite(known)


def thickness(data: xr.Dataset) -> FloatArray:
    """Thickness of the film of each sample [um]; NaN where nobody said."""
    if "thickness" in data:
        return np.asarray(data["thickness"].values, float)
    return np.full(data.sizes["sample"], np.nan)


def tips(data: xr.Dataset, settings: Settings) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Coefficients of the tip (sample, test, coefficient), and where an ideal one is assumed."""
    shape = data["load"].shape[:2]
    if settings.area or "area_coefficients" not in data:
        chosen = ideal(settings.area)
        return np.broadcast_to(chosen, (*shape, len(chosen))), np.full(shape, not settings.area)
    own = np.asarray(data["area_coefficients"].values, float)
    known = np.isfinite(own[..., 0])
    assumed = np.zeros(own.shape[-1])
    assumed[0] = ideal()[0]
    return np.where(known[..., None], own, assumed), ~known
