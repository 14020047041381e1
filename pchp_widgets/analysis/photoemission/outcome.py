"""What a fit of photoemission found, as a dataset: areas, shares, positions, widths, charging, residuals."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import fitting
from .backgrounds import FloatArray

DEFINITIONS = {
    "area": "area of a component above the background, of the stronger line of a doublet",
    "share": "area of a component over that of all components of the region",
    "position": "binding energy of a component, with the reference component where it was said to be",
    "width": "F of the line shape, nearly its full width at half maximum; the same in all samples",
    "charge_shift": "what is added to the binding energies of the file, in all regions of the sample",
    "lithiated_fraction": "COOLi over COOLi and COOH, from one fit of all samples with the same shifts and widths",
    "chi_square": "reduced chi-square of a sample: mean square of the residuals in standard deviations of counting",
    "abbe": "half the mean square of the difference of neighbouring residuals over their mean square: 1 where they are "
    "noise, well below where the model misses something",
    "noise": "counting statistics where the file says how long a point was counted; else taken from the residuals",
}
"""What the numbers of a fit are."""

REFERENCE_REGION = "C 1s"
"""Region whose first component tells the charging."""

_BIRGE = 1.15


def known_shift(data: xr.Dataset) -> FloatArray:
    """(sample,): charge shift that somebody stated [eV], NaN where nobody did."""
    if "charge_shift" not in data.variables:
        return np.full(data.sizes["sample"], np.nan)
    return np.asarray(data["charge_shift"].values, float)


def noise_scale(fit: fitting.Fit, counted: bool) -> float:
    """By how much variances from counting are too small: 1, unless the residuals say otherwise.

    Where the counting time is not known the intensities are no counts, and the residuals alone tell the noise. Where it
    is known, they do when the reduced chi-square exceeds what chance allows: the model misses something then, and
    the intervals are widened by its root (R.T. Birge, Phys. Rev. 40 (1932) 207).
    """
    if fit.degrees <= 0:
        return float("nan")
    reduced = float(fit.chi_square.sum()) / fit.degrees
    beyond = 1 + 3 * float(np.sqrt(2 / fit.degrees))
    return reduced if not counted or reduced > max(beyond, _BIRGE) else 1.0


def outcome(fit: fitting.Fit, part: xr.Dataset, dwell: FloatArray, scale: float) -> xr.Dataset:
    """What was found, in counts per second; see :func:`~.layers.global_fit`.

    Parameters
    ----------
    fit
        In counts.
    part
        The region of the samples that was fitted.
    dwell
        (sample,): by how many seconds intensities were made counts.
    scale
        As given by :func:`noise_scale`.
    """
    problem, covariance = fit.problem, fit.covariance() * scale
    found = xr.Dataset(
        {**_curves(fit, part, dwell, scale), **_numbers(fit, part, dwell, covariance)},
        {"sample": part["sample"].values, "component": [one.name for one in problem.components]},
    )
    found["chi_square"] = ("sample", _reduced(fit), {"units": "1"})
    found["abbe"] = ("sample", _abbe(found["residual"].values), {"units": "1"})
    for name, text in DEFINITIONS.items():
        if name in found:
            found[name].attrs["definition"] = text
        if f"{name}_stderr" in found:
            found[name].attrs["ancillary_variables"] = f"{name}_stderr"
    found["at_bound"] = ("component", _at_bound(fit), {"units": "1", "definition": "1: the position is at its limit"})
    counted = np.isfinite(part["dwell_time"].values).astype(np.int8)
    found["counted"] = (
        "sample",
        counted,
        {"units": "1", "definition": "1: counting time known"},
    )
    return found.assign_attrs(converged=int(fit.converged), noise_scale=scale, degrees=fit.degrees)


def _curves(fit: fitting.Fit, part: xr.Dataset, dwell: FloatArray, scale: float) -> dict[str, Any]:
    """What is drawn over the binding energy."""
    problem, seconds = fit.problem, dwell[:, None]
    peaks, background = problem.model(fit.x)
    own = fit.x[: len(problem.energy) * problem.own].reshape(-1, problem.own)
    lines = problem.lines(fit.x)[0] * own[:, 1 : 1 + len(problem.components), None]
    known, below = problem.known, background + problem.fixed
    residual = np.where(known, (problem.counts - peaks - background) * np.sqrt(fit.weights / scale), np.nan)
    over, rate = ("sample", "point"), {"units": "count s-1"}
    return {
        "binding_energy": (over, problem.energy, part["binding_energy"].attrs),
        "intensity": (over, part["intensity"].values, rate),
        "background": (over, np.where(known, below, np.nan) / seconds, rate),
        "envelope": (over, np.where(known, peaks + below, np.nan) / seconds, rate),
        "line": (
            ("sample", "component", "point"),
            np.where(known[:, None], lines, np.nan) / seconds[:, :, None],
            rate,
        ),
        "residual": (over, residual, {"units": "1", "long_name": "residual in standard deviations"}),
    }


def _numbers(fit: fitting.Fit, part: xr.Dataset, dwell: FloatArray, covariance: FloatArray) -> dict[str, Any]:
    """Areas, shares, positions, widths and charging with their standard errors."""
    problem, seconds = fit.problem, dwell[:, None]
    count, samples = len(problem.components), len(problem.energy)
    end = samples * problem.own
    own, shared = fit.x[:end].reshape(samples, problem.own), fit.x[end:]
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    own_spread, wide_spread = spread[:end].reshape(samples, problem.own), spread[end + count - 1 :]
    groups = [problem.groups.index(one.width_group) for one in problem.components]
    offsets = np.concatenate([[0.0], shared[: count - 1]])
    areas = own[:, 1 : 1 + count]
    share, share_spread = _shares(problem, areas * np.array([1 + one.ratio for one in problem.components]), covariance)
    shift, shift_spread = _shifts(part, problem.components[0].position, own[:, 0], own_spread[:, 0])
    each, area, energy = ("sample", "component"), {"units": "count s-1 eV"}, {"units": "eV"}
    return {
        "area": (each, areas / seconds, area),
        "area_stderr": (each, own_spread[:, 1 : 1 + count] / seconds, dict(area)),
        "share": (each, share, {"units": "1"}),
        "share_stderr": (each, share_spread, {"units": "1"}),
        "position": (each, (own[:, 0] + shift)[:, None] + offsets, energy),
        "position_stderr": (each, _place_spread(problem, covariance, shift_spread > 0), dict(energy)),
        "width": ("component", shared[count - 1 :][groups], dict(energy)),
        "width_stderr": ("component", wide_spread[groups], dict(energy)),
        "charge_shift": ("sample", shift, dict(energy)),
        "charge_shift_stderr": ("sample", shift_spread, dict(energy)),
    }


def _shifts(part: xr.Dataset, place: float, found: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Charge shifts with their standard errors: stated, from the reference of C 1s, or none."""
    stated = known_shift(part)
    if str(part["region"].item()).startswith(REFERENCE_REGION):
        known = np.isfinite(stated)
        return np.where(known, stated, place - found), np.where(known, 0.0, spread)
    return np.nan_to_num(stated), np.zeros(len(stated))


def _place_spread(problem: fitting.Problem, covariance: FloatArray, relative: npt.NDArray[np.bool_]) -> FloatArray:
    """(sample, component): standard errors of positions; those of offsets alone where the reference has none."""
    samples, count = len(problem.energy), len(problem.components)
    own = np.arange(samples) * problem.own
    offsets = samples * problem.own + np.arange(count - 1)
    by_offset = np.concatenate([[0.0], np.diag(covariance)[offsets]])
    by_place = np.where(relative, 0.0, np.diag(covariance)[own])[:, None]
    both = np.concatenate([np.zeros((samples, 1)), covariance[own[:, None], offsets]], axis=1)
    both = np.where(relative[:, None], 0.0, both)
    found: FloatArray = np.sqrt(np.maximum(by_place + by_offset + 2 * both, 0.0))
    return found


def _shares(problem: fitting.Problem, whole: FloatArray, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Share of each component in the area of its sample, with the standard error that goes with the covariance."""
    samples, count = whole.shape
    at = problem.places[:, 1 : 1 + count]
    per_area = np.array([1 + one.ratio for one in problem.components])
    of_areas = covariance[at[:, :, None], at[:, None, :]] * per_area[:, None] * per_area
    total = whole.sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total[:, None] > 0, whole / total[:, None], np.nan)
        by_area = (np.eye(count) - share[:, :, None]) / total[:, None, None]
        variance = np.einsum("lij,ljk,lik->li", by_area, of_areas, by_area)
    return share, np.sqrt(np.maximum(variance, 0.0)).reshape(samples, count)


def _reduced(fit: fitting.Fit) -> FloatArray:
    known = fit.problem.known.sum(1)
    degrees = known * (fit.degrees / max(int(known.sum()), 1))
    return np.where(degrees > 0, fit.chi_square / np.maximum(degrees, 1e-9), np.nan)


def _abbe(residual: FloatArray) -> FloatArray:
    """Abbe's criterion of each sample, which von Neumann tabulated."""
    square = np.nanmean(residual**2, axis=1)
    difference = np.nanmean(np.diff(residual, axis=1) ** 2, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(square > 0, difference / (2 * square), np.nan)


def _at_bound(fit: fitting.Fit) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    count, end = len(fit.problem.components), len(fit.problem.energy) * fit.problem.own
    tolerance = np.array([one.tolerance for one in fit.problem.components])
    held = np.concatenate([[False], fit.held[end : end + count - 1]])
    return (held & (tolerance > 0)).astype(np.int8)
