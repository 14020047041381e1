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
from .outcome import REFERENCE_REGION, known_shift, noise_scale, outcome
from .profile import lithiated
from .shapes import Shape
from .starts import started

_FARTHEST, _NEAR, _EVERY = 8.0, 1.0, 0.25


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
    shift: xr.DataArray | None = None,
    intervals: bool = True,
) -> xr.Dataset:
    """Components of a region in several samples, by one fit with the same chemical shifts and widths in all of them.

    Parameters
    ----------
    data
        Measurements of :data:`~pchp_widgets.model.measurements.TECHNIQUES` ``["photoemission"]``. A coordinate or
        variable ``charge_shift`` (sample) [eV] that is known is taken; else the reference component of C 1s tells it,
        and in other regions the binding energies are those of the file.
    region
        Which region.
    window
        Binding energies [eV] between which it is fitted; all of it when empty.
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
    shift
        Charge shifts (sample) [eV] that the window is meant with, and near which the reference is looked for; without,
        the window is on the scale of the file.
    intervals
        Whether to make the profile likelihood of the lithiated fraction; without, its limits are NaN.

    Returns
    -------
    Dataset
        Over (sample, component) and (sample, point); see :data:`~.outcome.DEFINITIONS`.

    Raises
    ------
    ValueError
        When no sample has the region, the window holds too few points, there is no component or no such background.
    """
    chosen = _chosen(region, components, reference, background)
    part = region_of(data, region, window, shift)
    fit, dwell = _solved(part, chosen, shape or Shape(), background, active, shift)
    scale = noise_scale(fit, bool(np.isfinite(part["dwell_time"].values).all()))
    said = {"region": region, "background": background, "active": int(active), "reference": reference}
    found = outcome(fit, part, dwell, scale).assign_attrs(said)
    names = [one.name for one in chosen]
    both = {COOH, COOLI} <= set(names)
    return found.assign(lithiated(fit, names.index(COOLI), names.index(COOH), scale, intervals)) if both else found


def _chosen(region: str, given: Sequence[Component] | None, reference: float, background: str) -> tuple[Component, ...]:
    """Components of a region; those of C 1s move with the reference."""
    if background not in BACKGROUNDS:
        raise ValueError(f"background {background!r}: choose one of {', '.join(BACKGROUNDS)}")
    chosen = components_of(region) if given is None else tuple(given)
    if not chosen:
        raise ValueError(f"nobody said what {region} consists of: give components as (name, binding energy, tolerance)")
    return moved(chosen, reference - REFERENCE) if region.startswith(REFERENCE_REGION) else chosen


def _solved(part: xr.Dataset, *said: Any) -> tuple[fitting.Fit, FloatArray]:
    """The fit in counts, and the seconds by which intensities were made counts."""
    problem, dwell = _problem(part, *said)
    places = np.arange(problem.anchor[:, 0].min(), problem.anchor[:, 1].max() + _EVERY / 2, _EVERY)
    return fitting.solved(problem, started(problem, places)), dwell


def region_of(
    data: xr.Dataset, region: str, window: Iterable[float] = (), shift: xr.DataArray | None = None
) -> xr.Dataset:
    """One region of the samples that have it, cut to a window of binding energy, as for :func:`global_fit`.

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
        moved_by = 0.0 if shift is None else shift.reindex(sample=part["sample"].values).fillna(0.0).values[:, None]
        inside &= (energy + moved_by >= limits[0] - 1e-6) & (energy + moved_by <= limits[1] + 1e-6)
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


def _problem(
    part: xr.Dataset,
    components: Sequence[Component],
    shape: Shape,
    background: str,
    active: bool,
    shift: xr.DataArray | None,
) -> tuple[fitting.Problem, FloatArray]:
    """The problem in counts, and the seconds by which they are counts."""
    energy, rate = part["binding_energy"].values, part["intensity"].values
    dwell = np.where(np.isfinite(part["dwell_time"].values), part["dwell_time"].values, 1.0)
    counts = rate * dwell[:, None]
    fixed = np.zeros_like(counts) if active else BACKGROUNDS[background](energy, counts, ends=5)
    lost = [str(name) for name, row in zip(part["sample"].values, fixed, strict=True) if not np.isfinite(row).any()]
    if lost:
        raise ValueError(f"{lost[0]}: has no peak above the background in this window; move the window")
    stated, place = known_shift(part), components[0].position
    free = ~np.isfinite(stated) & str(part["region"].item()).startswith(REFERENCE_REGION)
    unknown = np.full(len(stated), np.nan)
    hint = unknown if shift is None else shift.reindex(sample=part["sample"].values).values
    guess = place - np.where(np.isfinite(stated), stated, np.where(np.isfinite(hint), hint, 0.0))
    far = np.where(np.isfinite(hint), _NEAR, _FARTHEST)
    far = np.where(free, far, max(components[0].tolerance, _EVERY))
    low = np.maximum(guess - far, np.nanmin(energy, axis=1))
    high = np.minimum(guess + far, np.nanmax(energy, axis=1))
    if (low >= high).any():
        name = part["sample"].values[np.argmax(low >= high)]
        raise ValueError(f"{name}: {components[0].name} at {place:g} eV is not in the window; move or widen it")
    anchor = np.stack([low, high], axis=1)
    fixed = np.where(np.isfinite(counts), fixed, 0.0)
    problem = fitting.Problem(energy, counts - fixed, fixed, components, shape, background if active else "", anchor)
    return problem, dwell
