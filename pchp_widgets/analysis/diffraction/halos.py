"""Halos of amorphous films, fitted together with the background that lies under them, under several backgrounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import sample_coords
from .models import BACKGROUNDS, SHAPES, FloatArray, Model, correction
from .prepared import Prepared, Ranges, prepared
from .projection import Fit, projected
from .spacing import INTERCHAIN, correlation_length, spacing, wavelength
from .starts import MOST, NARROWEST, criterion, grown, widest

TOLERANCE = 1.2
"""A background describes a pattern when its reduced chi-square is at most this times that of the best one."""

LEVEL = 1.959964
"""Standard errors on each side of an interval of 95 %."""

DEFINITIONS = {
    "position": (
        "degree",
        "centre of a halo that is fitted together with the background; never the place of a maximum",
    ),
    "width": ("degree", "full width at half maximum of a halo, as measured"),
    "height": ("count", "height of a halo over the background, in the unit of the intensity"),
    "area": ("count degree", "integral of a halo"),
    "spacing": ("angstrom", "Bragg's d = wavelength / (2 sin theta) at the position; NaN where no halo is decided"),
    "correlation_length": ("angstrom", "Scherrer's 0.9 wavelength / (width cos theta): reach of the order, no size"),
    "interchain": ("angstrom", "1.23 d, by the first maximum of sin(kr)/(kr): a convention for nearest neighbours"),
}
"""Units and definition of what is said of a halo."""

_SEEN = 3.0  # standard errors by which a halo must rise
_WIDTH = 5.0
_GAUSS, _LORENTZ = np.sqrt(np.pi / np.log(2)) / 2, np.pi / 2  # area over height times width
_DIMS = ("sample", "background", "halo")


def halos(
    data: xr.Dataset,
    *,
    window: tuple[float, float] | None = None,
    starts: Sequence[float] = (),
    count: int = 0,
    shape: str = "gaussian",
    factor: str = "none",
    backgrounds: Sequence[str] = tuple(BACKGROUNDS),
    exclude: Ranges = (),
    radiation: str = "alpha1",
) -> xr.Dataset:
    r"""Positions and widths of halos, and their distances by Bragg's law, under each of several backgrounds.

    .. math:: I(2\theta) = F(2\theta) \sum_k h_k f\!\left(\frac{2\theta - c_k}{w_k}\right) + \sum_j b_j B_j(2\theta)

    is fitted to the bins of :func:`~.prepared.prepared` by least squares, with variable projection.

    Parameters
    ----------
    data
        Measurement of ``diffraction`` (sample, point), with ``wavelength`` [angstrom] on ``sample``.
    window
        First and last angle that count [degree]; what all samples have in common when left out.
    starts
        Positions to begin with [degree], one per halo; found in the patterns when left out.
    count
        Number of halos where there are no `starts`; 0 for as many as Schwarz's criterion asks for.
    shape, factor, backgrounds
        Of :data:`~.models.SHAPES`; F, of :data:`~.models.CORRECTIONS`; some of :data:`~.models.BACKGROUNDS`.
    exclude
        Ranges of angles that do not count [degree], such as those of sharp reflections.
    radiation
        One of :data:`~.spacing.RADIATION`.

    Returns
    -------
    Dataset
        (sample, background, halo): all of :data:`DEFINITIONS`, with ``_stderr``, and ``spacing_low``,
        ``spacing_high``, the interval of 95 % *given that background*, and ``decided``. (sample, background):
        ``reduced_chi_square``, ``misfit``, ``criterion``, ``share``, ``decay``, ``converged``, each with its
        definition. Errors are scaled by the root of ``misfit``, of counts only where that is above 1. Halo k is the
        one that began at the k-th start, under each background.

    Raises
    ------
    ValueError
        When a parameter is not what it may be, a sample has too few points in the window, or halos are too many.
    """
    _check(shape, backgrounds, starts, count)
    of = prepared(data, window, exclude)
    times = correction(of.two_theta, factor)
    times = times / times.mean(1, keepdims=True)
    centres, widths = _starts(of, factor, starts, count)
    parts = [_fitted(of, times, centres, widths, shape, name) for name in backgrounds]
    said = {"shape": shape, "factor": factor, "radiation": radiation, "exclude": [*map(list, exclude)]}
    found = _joined(parts, data, list(backgrounds), {"window": of.window, **said})
    return _described(_with_distances(found, wavelength(data, radiation)))


def _joined(
    parts: Sequence[dict[str, FloatArray]], data: xr.Dataset, backgrounds: list[str], attrs: dict[str, object]
) -> xr.Dataset:
    """What was found under each background, along a dimension of its own."""
    merged = {name: np.stack([part[name] for part in parts], 1) for name in parts[0]}
    terms = merged.pop("coefficient")
    numbers = np.arange(1, merged["position"].shape[-1] + 1)
    coords = {**sample_coords(data, results=merged), "background": backgrounds, "halo": numbers}
    found = xr.Dataset({name: (_DIMS[: one.ndim], one) for name, one in merged.items()}, coords, attrs)
    return found.assign(coefficient=(("sample", "background", "term"), terms))


def _check(shape: str, backgrounds: Sequence[str], starts: Sequence[float], count: int) -> None:
    if shape not in SHAPES:
        raise ValueError(f"shape {shape!r}: choose one of {', '.join(SHAPES)}")
    unknown = [name for name in backgrounds if name not in BACKGROUNDS]
    if unknown or not backgrounds:
        raise ValueError(f"backgrounds {', '.join(unknown) or '()'}: choose some of {', '.join(BACKGROUNDS)}")
    if not 0 <= (len(starts) or count) <= MOST:
        raise ValueError(f"{len(starts) or count} halos: at most {MOST} can be told apart in one pattern")


def _starts(of: Prepared, factor: str, starts: Sequence[float], count: int) -> tuple[FloatArray, FloatArray]:
    if not len(starts):
        return grown(of, factor, count)
    low, high = of.window
    outside = [start for start in starts if not low <= start <= high]
    if outside:
        raise ValueError(f"start {outside[0]:g}: lies outside of the window from {low:g} to {high:g} degrees")
    centres = np.tile(np.sort(np.asarray(starts, float)), (len(of.two_theta), 1))
    return centres, np.full_like(centres, min(_WIDTH, widest(of.window)))


def _fitted(
    of: Prepared, factor: FloatArray, centres: FloatArray, widths: FloatArray, shape: str, background: str
) -> dict[str, FloatArray]:
    """What is found under one background: (S,), (S, halo), and the coefficients (S, term) of the background."""
    count = centres.shape[1]
    model = Model(of.two_theta, factor, count, shape, background, of.window)
    limits = model.limits(NARROWEST, widest(of.window))
    fit = projected(model, of.intensity, of.weights, model.start(centres, widths), limits)
    parameters = model.coordinates + model.columns
    bins = (of.weights > 0).sum(1)
    misfit = fit.cost / np.maximum(bins - parameters, 1)
    scale = np.where(of.counted, np.maximum(misfit, 1.0), misfit)
    error = np.sqrt(np.maximum(np.einsum("sii->si", fit.covariance), 0.0) * scale[:, None])
    at, linear, first = fit.coordinates, fit.linear, model.coordinates
    width = np.exp(at[:, count : 2 * count])
    height, height_error = linear[:, :count], error[:, first : first + count]
    share = at[:, 2 * count] if model.voigt else np.zeros(len(at))
    held = fit.held[:, :count] | fit.held[:, count : 2 * count]
    with np.errstate(invalid="ignore"):
        decided = fit.converged[:, None] & ~held & (height > _SEEN * height_error)
    shape_area = ((1 - share) * _GAUSS + share * _LORENTZ)[:, None]
    terms = np.full((len(at), max(len(one.terms) for one in BACKGROUNDS.values())), np.nan)
    terms[:, : model.columns - count] = linear[:, count:]
    points = np.maximum(of.points - parameters, 1)
    return {
        "position": at[:, :count],
        "position_stderr": error[:, :count],
        "width": width,
        "width_stderr": width * error[:, count : 2 * count],
        "height": height,
        "height_stderr": height_error,
        "area": height * width * shape_area,
        "area_stderr": _area_error(fit, scale, height, width, count, first, model.voigt),
        "decided": decided.astype(float),
        "share": share,
        "decay": np.exp(at[:, -1]) if model.of.decays else np.full(len(at), np.nan),
        "reduced_chi_square": (of.within + fit.cost) / points,
        "misfit": misfit,
        "criterion": criterion(of, fit, parameters),
        "converged": fit.converged.astype(float),
        "coefficient": terms,
    }


def _area_error(
    fit: Fit, scale: FloatArray, height: FloatArray, width: FloatArray, count: int, first: int, voigt: bool
) -> FloatArray:
    """Standard error of an area: height, width and shape are correlated. A share that is held counts as known."""
    at = np.arange(count)
    places = [first + at, count + at] + [np.full(count, 2 * count)] * voigt
    share = fit.coordinates[:, 2 * count, None] if voigt else np.zeros((len(height), 1))
    form = (1 - share) * _GAUSS + share * _LORENTZ
    slopes = [width * form, height * width * form] + [height * width * (_LORENTZ - _GAUSS)] * voigt
    variance = np.zeros_like(height)
    for one, slope in zip(places, slopes, strict=True):
        for other, steep in zip(places, slopes, strict=True):
            part = fit.covariance[:, one, other] * slope * steep
            held = (one >= 2 * count) & (one < first) | (other >= 2 * count) & (other < first)
            variance += np.where(held & ~np.isfinite(part), 0.0, part)
    found: FloatArray = np.sqrt(np.maximum(variance, 0.0) * scale[:, None])
    return found


def _with_distances(found: xr.Dataset, length: xr.DataArray) -> xr.Dataset:
    """Bragg's law with its interval, and the two conventions."""
    decided = found["decided"].values == 1
    waves = length.values[:, None, None]
    place, error = (found[name].values for name in ("position", "position_stderr"))
    width, width_error = (found[name].values for name in ("width", "width_stderr"))

    def said(values: Any) -> tuple[tuple[str, ...], npt.NDArray[Any]]:
        return _DIMS, np.where(decided, values, np.nan)

    d = spacing(place, waves)
    reach = correlation_length(place, width, waves)
    slope = np.radians(1) / 2 / np.tan(np.radians(place) / 2)  # relative change of d per degree
    return found.assign(
        spacing=said(d),
        spacing_stderr=said(d * slope * error),
        spacing_low=said(spacing(place + LEVEL * error, waves)),
        spacing_high=said(spacing(np.maximum(place - LEVEL * error, 1e-3), waves)),
        correlation_length=said(reach),
        correlation_length_stderr=said(reach * width_error / width),
        interchain=said(INTERCHAIN * d),
        wavelength=length,
    )


def _described(found: xr.Dataset) -> xr.Dataset:
    for name, (units, text) in DEFINITIONS.items():
        found[name].attrs = {"units": units, "definition": text, "long_name": name.replace("_", " ")}
        if f"{name}_stderr" in found:
            found[name].attrs["ancillary_variables"] = f"{name}_stderr"
            found[f"{name}_stderr"].attrs = {"units": units, "definition": f"standard error of {name}, the model given"}
    for side in ("low", "high"):
        text = f"{side} end of the interval of 95 % of the statistics alone, that background given"
        found[f"spacing_{side}"].attrs = {"units": "angstrom", "definition": text}
    others = {
        "decided": ("1", "1: converged, within its bounds, and higher than 3 standard errors"),
        "share": ("1", "share of a Lorentzian in all halos"),
        "decay": ("degree", "length over which scattering by air falls to 1/e"),
        "reduced_chi_square": ("1", "squares of residuals in standard errors over degrees of freedom, over all points"),
        "misfit": ("1", "the same over bins, which sees what the noise of single points hides"),
        "criterion": ("1", "Schwarz's n ln(cost / n) + p ln(n) over the bins; the lowest background is the likeliest"),
        "converged": ("1", "1: no step lowers the sum of squares any more"),
        "coefficient": ("count", "heights of the terms of the background"),
    }
    for name, (units, text) in others.items():
        found[name].attrs = {"units": units, "definition": text}
    return found
