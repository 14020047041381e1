r"""Layers or states of a coating in one global fit: components, charging, and the share of lithiated acid.

The share of the carboxylic acid that has taken up lithium,

.. math:: f = \frac{A_{COOLi}}{A_{COOLi} + A_{COOH}},

is found for every sample in one fit in which all samples have the same chemical shifts and widths. Its interval is that
of the profile likelihood: all f for which the best fit with that f is not worse by more than 3.84 in
:math:`\chi^2` (S.S. Wilks, Ann. Math. Stat. 9 (1938) 60).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from . import fitting
from .backgrounds import BACKGROUNDS, FloatArray
from .components import COOH, COOLI, REFERENCE, Component, components_of, moved
from .shapes import Shape

CHI_SQUARE_95 = 3.841458820694124
"""Quantile of chi-square with one degree of freedom."""

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

_FARTHEST, _EVERY = 8.0, 0.25
_ENOUGH, _BIRGE = 4, 1.15
_ROOT, _TRIES = 0.02, 8


def global_fit(
    data: xr.Dataset,
    *,
    region: str = "C 1s",
    window: tuple[float, float] | tuple[()] = (),
    background: str = "shirley",
    active: bool = True,
    shape: Shape | None = None,
    components: Sequence[Component] | None = None,
    reference: float = REFERENCE,
    intervals: bool = True,
) -> xr.Dataset:
    """Components of a region in several samples, by one fit with the same chemical shifts and widths in all of them.

    Parameters
    ----------
    data
        Measurements of :data:`~pchp_widgets.model.measurements.TECHNIQUES` ``["photoemission"]``. A coordinate or
        variable ``charge_shift`` (sample) [eV] that is known is taken; else the reference component tells it.
    region
        Which region.
    window
        Binding energies [eV] on the scale of the file between which it is fitted; all of it when empty.
    background
        One of :data:`~.backgrounds.BACKGROUNDS`.
    active
        Fit the background with the peaks, or take it off before.
    shape
        Of the lines; the product GL(30) when None.
    components
        Their constraints, the reference first; :func:`~.components.components_of` the region when None.
    reference
        Binding energy of the reference component [eV], to which all others are shifted along.
    intervals
        Whether to make the profile likelihood of the lithiated fraction; without, its limits are NaN.

    Returns
    -------
    Dataset
        Over (sample, component) and (sample, point); see :data:`DEFINITIONS`.

    Raises
    ------
    ValueError
        When no sample has the region, the window holds too few points, there is no component or no such background.
    """
    if background not in BACKGROUNDS:
        raise ValueError(f"background {background!r}: choose one of {', '.join(BACKGROUNDS)}")
    chosen = components_of(region) if components is None else tuple(components)
    if not chosen:
        raise ValueError(f"nobody said what {region} consists of: give components as (name, binding energy, tolerance)")
    chosen = moved(chosen, reference - REFERENCE) if region.startswith("C 1s") else chosen
    part = region_of(data, region, window)
    problem, dwell = _problem(part, chosen, shape or Shape(), background, active)
    places = np.arange(problem.anchor[:, 0].min(), problem.anchor[:, 1].max() + _EVERY / 2, _EVERY)
    fit = fitting.solved(problem, fitting.started(problem, places))
    scale = noise_scale(fit, bool(np.isfinite(part["dwell_time"].values).all()))
    found = _dataset(fit, part, dwell, scale)
    found.attrs |= {"region": region, "background": background, "active": int(active), "reference": reference}
    names = [one.name for one in chosen]
    if {COOH, COOLI} <= set(names):
        found = found.assign(_lithiated(fit, names.index(COOLI), names.index(COOH), scale, part, intervals))
    return found


def region_of(data: xr.Dataset, region: str, window: Iterable[float] = ()) -> xr.Dataset:
    """One region of the samples that have it, cut to a window of the file's binding energy.

    Raises
    ------
    ValueError
        When no sample has it, or fewer points than :func:`global_fit` needs are left.
    """
    if region not in data["region"].values:
        there = ", ".join(str(name) for name in data["region"].values)
        raise ValueError(f"no sample has the region {region!r}; there are {there}")
    part = data.sel(region=region)
    energy, intensity = part["binding_energy"].values, part["intensity"].values
    inside = np.isfinite(energy) & np.isfinite(intensity)
    limits = tuple(window)
    if limits:
        inside &= (energy >= limits[0] - 1e-6) & (energy <= limits[1] + 1e-6)
    has = inside.any(axis=1)
    if not has.any():
        raise ValueError(f"{region}: no sample has a point between {limits[0]:g} and {limits[1]:g} eV")
    few = [str(name) for name, count in zip(part["sample"].values, inside.sum(1), strict=True) if 0 < count < 8]
    if few:
        raise ValueError(f"{region} of {few[0]}: fewer than 8 points in the window; make it wider")
    part, inside = part.isel(sample=np.flatnonzero(has)), inside[has]
    first = inside.argmax(axis=1)
    longest = int(inside.sum(1).max())
    at = first[:, None] + np.arange(longest)
    cut = {}
    for name in ("binding_energy", "intensity"):
        values = part[name].values
        taken = np.take_along_axis(values, np.minimum(at, values.shape[1] - 1), 1)
        keep = np.take_along_axis(inside, np.minimum(at, values.shape[1] - 1), 1) & (at < values.shape[1])
        cut[name] = (("sample", "point"), np.where(keep, taken, np.nan), part[name].attrs)
    return part.drop_dims("point").assign(cut)


def known_shift(data: xr.Dataset) -> FloatArray:
    """(sample,): charge shift that somebody stated [eV], NaN where nobody did."""
    if "charge_shift" not in data.variables:
        return np.full(data.sizes["sample"], np.nan)
    return np.asarray(data["charge_shift"].values, float)


def referenced(data: xr.Dataset, fit: xr.Dataset) -> xr.Dataset:
    """Measurements with the charge shift that a fit found, on all regions of each sample.

    Parameters
    ----------
    data
        As they were fitted.
    fit
        As given by :func:`global_fit` for the region of the reference.

    Returns
    -------
    Dataset
        With ``charge_shift`` (sample) [eV]; the binding energies stay as the file has them.
    """
    shift = fit["charge_shift"].reindex(sample=data["sample"].values)
    stated = known_shift(data)
    values = np.where(np.isfinite(stated), stated, shift.values)
    return data.drop_vars("charge_shift", errors="ignore").assign(charge_shift=("sample", values, shift.attrs))


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


def _problem(
    part: xr.Dataset, components: Sequence[Component], shape: Shape, background: str, active: bool
) -> tuple[fitting.Problem, FloatArray]:
    """The problem in counts, and the seconds by which they are counts."""
    energy, rate = part["binding_energy"].values, part["intensity"].values
    dwell = np.where(np.isfinite(part["dwell_time"].values), part["dwell_time"].values, 1.0)
    counts = rate * dwell[:, None]
    fixed = np.zeros_like(counts) if active else BACKGROUNDS[background](energy, counts, ends=5)
    lost = [str(name) for name, row in zip(part["sample"].values, fixed, strict=True) if not np.isfinite(row).any()]
    if lost:
        raise ValueError(f"{lost[0]}: has no peak above the background in this window; move the window")
    stated = known_shift(part)
    place = components[0].position
    guess = np.where(np.isfinite(stated), place - stated, place)
    far = np.where(np.isfinite(stated), components[0].tolerance, _FARTHEST)
    low = np.maximum(guess - far, np.nanmin(energy, axis=1))
    high = np.minimum(guess + far, np.nanmax(energy, axis=1))
    if (low >= high).any():
        name = part["sample"].values[np.argmax(low >= high)]
        raise ValueError(f"{name}: {components[0].name} at {place:g} eV is not in the window; move or widen it")
    anchor = np.stack([low, high], axis=1)
    fixed = np.where(np.isfinite(counts), fixed, 0.0)
    problem = fitting.Problem(energy, counts - fixed, fixed, components, shape, background if active else "", anchor)
    return problem, dwell


def _dataset(fit: fitting.Fit, part: xr.Dataset, dwell: FloatArray, scale: float) -> xr.Dataset:
    problem, covariance = fit.problem, fit.covariance() * scale
    count, samples = len(problem.components), len(problem.energy)
    end = samples * problem.own
    own, shared = fit.x[:end].reshape(samples, problem.own), fit.x[end:]
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    own_spread, shared_spread = spread[:end].reshape(samples, problem.own), spread[end:]
    areas = own[:, 1 : 1 + count]
    groups = [problem.groups.index(one.width_group) for one in problem.components]
    offsets = np.concatenate([[0.0], shared[: count - 1]])
    place = problem.components[0].position
    peaks, background = problem.model(fit.x)
    lines = problem.lines(fit.x)[0] * areas[:, :, None]
    known = problem.known
    seconds = dwell[:, None]
    rate = {"units": "count s-1"}
    over = problem.components
    whole = areas * np.array([1 + one.ratio for one in over])
    share, share_spread = _shares(problem, whole, covariance)
    stated = known_shift(part)
    shift = np.where(np.isfinite(stated), stated, place - own[:, 0])
    residual = np.where(known, (problem.counts - peaks - background) * np.sqrt(fit.weights / scale), np.nan)
    columns: dict[str, Any] = {
        "binding_energy": (("sample", "point"), problem.energy, part["binding_energy"].attrs),
        "intensity": (("sample", "point"), part["intensity"].values, rate),
        "background": (("sample", "point"), np.where(known, background + problem.fixed, np.nan) / seconds, rate),
        "envelope": (
            ("sample", "point"),
            np.where(known, peaks + background + problem.fixed, np.nan) / seconds,
            rate,
        ),
        "line": (("sample", "component", "point"), np.where(known[:, None], lines, np.nan) / seconds[:, :, None], rate),
        "residual": (("sample", "point"), residual, {"units": "1", "long_name": "residual in standard deviations"}),
        "area": (("sample", "component"), areas / seconds, {"units": "count s-1 eV"}),
        "area_stderr": (("sample", "component"), own_spread[:, 1 : 1 + count] / seconds, {"units": "count s-1 eV"}),
        "share": (("sample", "component"), share, {"units": "1"}),
        "share_stderr": (("sample", "component"), share_spread, {"units": "1"}),
        "position": (("component",), place + offsets, {"units": "eV"}),
        "position_stderr": (("component",), np.concatenate([[0.0], shared_spread[: count - 1]]), {"units": "eV"}),
        "width": (("component",), shared[count - 1 :][groups], {"units": "eV"}),
        "width_stderr": (("component",), shared_spread[count - 1 :][groups], {"units": "eV"}),
        "charge_shift": (("sample",), shift, {"units": "eV"}),
        "charge_shift_stderr": (("sample",), np.where(np.isfinite(stated), 0.0, own_spread[:, 0]), {"units": "eV"}),
        "chi_square": (("sample",), _reduced(fit), {"units": "1"}),
        "abbe": (("sample",), _abbe(residual), {"units": "1"}),
    }
    found = xr.Dataset(columns, {"sample": part["sample"], "component": [one.name for one in over]})
    for name, text in DEFINITIONS.items():
        if name in found:
            found[name].attrs["definition"] = text
        if f"{name}_stderr" in found:
            found[name].attrs["ancillary_variables"] = f"{name}_stderr"
    found["at_bound"] = ("component", _at_bound(fit), {"units": "1", "definition": "1: the position is at its limit"})
    counted = np.isfinite(part["dwell_time"].values)
    return found.assign(counted=("sample", counted.astype(np.int8), {"units": "1"})).assign_attrs(
        converged=int(fit.converged), noise_scale=scale, degrees=fit.degrees
    )


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


def _lithiated(
    fit: fitting.Fit, lithium: int, acid: int, scale: float, part: xr.Dataset, intervals: bool
) -> dict[str, Any]:
    """The share of lithiated acid of every sample with its interval."""
    found = [_fraction(fit, at, lithium, acid, scale, intervals) for at in range(part.sizes["sample"])]
    value, low, high = np.array(found).T
    definition = DEFINITIONS["lithiated_fraction"]
    limits = {"units": "1", "definition": "95 % interval by profile likelihood"}
    return {
        "lithiated_fraction": ("sample", value, {"units": "1", "definition": definition}),
        "lithiated_fraction_low": ("sample", low, limits),
        "lithiated_fraction_high": ("sample", high, limits),
    }


def _fraction(
    fit: fitting.Fit, sample: int, lithium: int, acid: int, scale: float, intervals: bool
) -> tuple[float, float, float]:
    first, second = fit.problem.area_place(sample, lithium), fit.problem.area_place(sample, acid)
    total = fit.x[first] + fit.x[second]
    if not (total > 0 and np.isfinite(scale)):
        return float("nan"), 0.0, 1.0
    best = float(fit.x[first] / total)
    if not intervals:
        return best, float("nan"), float("nan")
    covariance = fit.covariance() * scale
    slope = np.array([1 - best, -best]) / total
    both = covariance[np.ix_([first, second], [first, second])]
    guess = float(np.sqrt(max(slope @ both @ slope, 0.0))) * np.sqrt(CHI_SQUARE_95)
    ends = [
        _limit(fit, (first, second), best, min(max(best + sign * max(guess, 0.01), 0.0), 1.0), scale, sign)
        for sign in (-1, 1)
    ]
    return best, ends[0], ends[1]


def _limit(fit: fitting.Fit, places: tuple[int, int], best: float, guess: float, scale: float, sign: int) -> float:
    """The share at which chi-square has risen by its quantile, on one side; 0 or 1 where it does not rise as much."""
    wall = 1.0 if sign > 0 else 0.0
    if best == wall:
        return wall
    lowest, target = float(fit.chi_square.sum()), CHI_SQUARE_95 * scale
    inner, inner_root, outer, outer_root = best, 0.0, wall, float("nan")
    at, start = guess, fit.x
    for _ in range(_TRIES):
        there = fitting.tied(fit, *places, at, start)
        start = there.x
        root = float(np.sqrt(max(there.chi_square.sum() - lowest, 0.0) / target))
        if abs(root - 1) < _ROOT:
            return at
        if root < 1:
            if at == wall:
                return wall
            inner, inner_root = at, root
        else:
            outer, outer_root = at, root
        if np.isfinite(outer_root):
            at = inner + (1 - inner_root) / (outer_root - inner_root) * (outer - inner)
        else:  # the root of chi-square rises about as a straight line
            further = best + (at - best) / max(root, 0.1)
            at = min(further, wall) if sign > 0 else max(further, wall)
    return at
