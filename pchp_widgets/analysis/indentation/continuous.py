"""Modulus and hardness at every depth, from a stiffness measured continuously."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .contact import Settings, contact
from .flags import DEEPEST
from .stated import poisson_ratios, thickness, tips

FloatArray = npt.NDArray[np.float64]

SHALLOWEST = 100.0
"""Least depth [nm] to average from unless asked for: the tip is blunt, and its oscillation is no small one."""


def over_depth(
    data: xr.Dataset,
    turns: xr.Dataset,
    settings: Settings | None = None,
    *,
    depths: tuple[float, float] | None = None,
) -> xr.Dataset:
    r"""Modulus and hardness along the loading of tests with a dynamic stiffness, and their means over some depths.

    Parameters
    ----------
    data
        A measurement of the technique ``indentation`` with ``stiffness`` [N m-1].
    turns
        As given by :func:`~.oliver_pharr.turning_points`.
    settings
        As for :func:`~.oliver_pharr.oliver_pharr`; the frame's compliance is subtracted from depth and compliance.
    depths
        Contact depths [nm] to average over; from 100 nm to the deepest, or to 10 % of the film where its thickness
        is known, when left out.

    Returns
    -------
    Dataset
        (sample, test, point): ``contact_depth`` [nm], ``modulus`` and ``hardness`` [GPa] up to the first peak of the
        load; NaN where the stiffness is not above zero, or E would be negative or that of more than a rigid sample.
        (sample, test): ``mean_modulus``, ``mean_hardness`` with ``_sd`` over the depths and ``points``, their number.

    Notes
    -----
    W. C. Oliver and G. M. Pharr, J. Mater. Res. 19 (2004) 3: h_c = h - epsilon P / S at every point. The points of a
    test are no independent measurements: their standard deviation says how even E is along the depth, not how well it
    is known.
    """
    settings = settings or Settings()
    load, depth = (np.asarray(data[name].values, float) for name in ("load", "depth"))
    shape = load.shape
    total = np.asarray(data["stiffness"].values, float) / 1e6 if "stiffness" in data else np.full(shape, np.nan)
    peak = turns["onset"].values[..., 0] if turns.sizes["unloading"] else np.full(shape[:2], shape[2])
    loading = np.arange(shape[2]) < np.where(peak < 0, shape[2], peak)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        stiff = np.where(loading & (total > 0), 1 / (1 / total - settings.frame_compliance), np.nan)
    own, _ = poisson_ratios(data)
    nu = own[:, None, None] if settings.poisson is None else np.full((1, 1, 1), settings.poisson)
    tip, _ = tips(data, settings)
    found = contact(load, depth - settings.frame_compliance * load, stiff, tip[:, :, None, :], nu, settings)
    with np.errstate(invalid="ignore"):
        sound = (found.reduced < settings.limit) & (found.modulus > 0)
    deep, modulus, hardness = (np.where(sound, one, np.nan) for one in (found.depth, found.modulus, found.hardness))
    low, high = _depths(data, deep, depths)
    known = np.isfinite(deep).any(axis=(1, 2), keepdims=True)
    known = np.asarray(known if known.any() else ~known)
    with np.errstate(invalid="ignore"):
        inside = sound & (deep >= low) & (deep <= high)
    variables = _variables(deep, modulus, hardness, inside)
    return xr.Dataset(variables, {"sample": data["sample"].values}, {"depths": _hull(low, high, known)})


def _variables(
    deep: FloatArray, modulus: FloatArray, hardness: FloatArray, inside: npt.NDArray[np.bool_]
) -> dict[str, tuple[tuple[str, ...], npt.NDArray[np.generic], dict[str, str]]]:
    """Values of every point, and their means over the range of depths."""
    dims, each = ("sample", "test", "point"), ("sample", "test")
    said = {"units": "GPa"}
    variables: dict[str, tuple[tuple[str, ...], npt.NDArray[np.generic], dict[str, str]]] = {
        "contact_depth": (dims, deep, {"units": "nm", "definition": "h_c = h - epsilon P / S"}),
        "modulus": (dims, modulus, said | {"definition": "E from the dynamic stiffness at that depth"}),
        "hardness": (dims, hardness, said | {"definition": "P / A(h_c) at that depth"}),
        "points": (each, inside.sum(axis=2), {"units": "1", "definition": "points in the range of depths"}),
    }
    for name, values in (("modulus", modulus), ("hardness", hardness)):
        mean, sd = _spread(values, inside)
        told = {"definition": f"mean of the {name} over the range of depths", "ancillary_variables": f"mean_{name}_sd"}
        variables[f"mean_{name}"] = (each, mean, said | told)
        variables[f"mean_{name}_sd"] = (each, sd, said | {"definition": "standard deviation over the depths"})
    return variables


def _hull(low: FloatArray, high: FloatArray, known: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """The range that holds those of all samples."""
    if not known.size:
        return SHALLOWEST, SHALLOWEST + 1
    return float(np.where(known, low, np.inf).min()), float(np.where(known, high, -np.inf).max())


def _depths(data: xr.Dataset, deep: FloatArray, given: tuple[float, float] | None) -> tuple[FloatArray, FloatArray]:
    """Range of depths of each sample [nm]."""
    if given is not None:
        low, high = given
        if not low < high:
            raise ValueError(f"depths {given}: write (low, high) in nm")
        return np.full((1, 1, 1), float(low)), np.full((1, 1, 1), float(high))
    film = DEEPEST * 1e3 * thickness(data)
    deepest = np.nanmax(np.where(np.isfinite(deep), deep, 0.0), axis=(1, 2), initial=SHALLOWEST + 1)
    high = np.fmin(film, deepest)[:, None, None]
    return np.minimum(SHALLOWEST, 0.5 * high), high


def _spread(values: FloatArray, inside: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of some points of each test."""
    count = inside.sum(axis=2)
    total = np.where(inside, values, 0.0).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
        square = np.where(inside, (values - mean[..., None]) ** 2, 0.0).sum(axis=2)
        return mean, np.where(count > 1, np.sqrt(square / (count - 1)), np.nan)
