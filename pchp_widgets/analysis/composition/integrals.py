"""Integrals of regions of spectra, with what noise and base line make of them, and whether a group is seen at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import sample_coords
from .baselines import BASELINES
from .groups import GROUPS
from .noise import variance
from .spectra import base_powers

FloatArray = npt.NDArray[np.float64]

SIGNIFICANT = 3.0
"""Standard errors above which a group is seen."""
QUANTILE_95 = 1.959964
ONE_SIDED_95 = 1.644854
_ENDS = 0.02  # of a region at either end, whose levels a line joins
_FEWEST = 8
_DIPS = 6.0  # standard deviations that noise does not go below a base line
_LEAST = 0.2  # of the variance by noise, that a base line through the same points cannot take away
_NAMES = ("integral", "integral_stderr", "level_low", "level_high", "lowest")
_BAND = ("smooth", "none")  # base lines that stand beside the one chosen


class _Piece(NamedTuple):
    """One region of one spectrum: shifts, intensities, weights that integrate them, and levels at its ends."""

    x: FloatArray
    y: FloatArray
    weights: FloatArray


def integrals(
    found: xr.Dataset,
    regions: Mapping[str, tuple[float, float]],
    *,
    reference: str = "",
    baseline: str = "smooth",
    nuclei: Mapping[str, float] | None = None,
) -> xr.Dataset:
    r"""Integrals of regions, and how many nuclei of a repeat unit they stand for.

    .. math:: I = \int_a^b (s - s_0)\,\mathrm{d}\delta, \qquad n = n_\mathrm{ref}\, I / I_\mathrm{ref}

    The spectrum is taken to be straight between points, so an integral follows the ends of its region smoothly.

    Parameters
    ----------
    found
        As given by :func:`.spectra.spectra`.
    regions
        Ranges [ppm] by name.
    reference
        Region the others are compared with; the first when empty.
    baseline
        One of :data:`~.baselines.BASELINES`.
    nuclei
        Of a repeat unit, by region, where they are not those of :data:`~.groups.GROUPS` (1 for other names).

    Returns
    -------
    Dataset (sample, region)
        ``integral`` [ppm] with ``_stderr`` from the noise, correlated as it is, and from the base line. ``nuclei`` with
        ``_stderr``: of a repeat unit, by the reference; ``share`` with ``_stderr``: of those that could be there, and
        ``share_low``, ``share_high``: the band over the base lines "smooth", "none" and the one chosen.
        ``seen``: 1 where the integral is above three standard errors, 0 where it is not, -1 undecided; a group that is
        not seen is not said to be absent: ``share_limit`` is the upper end of a one-sided interval of 95 %,
        :math:`\max(n, 0) + 1.64\,u`, and ``detection_limit`` the share that would have been seen with 95 % confidence,
        (3 + 1.64) u (after Currie, Anal. Chem. 40 (1968) 586). ``level_low``, ``level_high``: base line at the ends,
        for drawing. NaN where a region is not in the spectrum.

    Raises
    ------
    ValueError
        When a region is empty, there is no such base line, or the reference is none of the regions.
    """
    reference = _checked(regions, reference, baseline)
    samples, names = found.sizes["sample"], list(regions)
    numbers = np.full((len(_NAMES) + len(_BAND), samples, len(names)), np.nan)
    for at in range(samples):
        shift, intensity = found["shift"].values[at], found["intensity"].values[at]
        count = int(np.isfinite(intensity).sum())
        for place, (low, high) in enumerate(regions.values()):
            piece = _piece(shift[:count], intensity[:count], low, high)
            if piece is not None:
                numbers[:, at, place] = _integral(found, at, piece, baseline)
    columns, counts = dict(zip(_NAMES, numbers, strict=False)), np.array([_nuclei(name, nuclei) for name in names])
    columns |= _relative(columns, numbers[len(_NAMES) :], counts, names.index(reference))
    return _dataset(found, columns, regions, counts, reference, baseline)


def _dataset(
    found: xr.Dataset,
    columns: Mapping[str, FloatArray],
    regions: Mapping[str, tuple[float, float]],
    counts: FloatArray,
    reference: str,
    baseline: str,
) -> xr.Dataset:
    """Numbers (sample, region) with their units and definitions."""
    variables = {
        name: (("sample", "region"), values, {"units": _UNITS.get(name, "1"), "definition": _ABOUT[name]})
        for name, values in columns.items()
    }
    for name in ("integral", "nuclei", "share"):
        variables[name][2]["ancillary_variables"] = f"{name}_stderr"
    bounds = np.array(list(regions.values()), float)
    about = {
        "region": list(regions),
        "low": ("region", bounds[:, 0], {"units": "1e-6"}),
        "high": ("region", bounds[:, 1], {"units": "1e-6"}),
        "expected": ("region", counts, {"units": "1", "definition": "nuclei of a repeat unit"}),
    }
    coords = {**sample_coords(found, variables), **about}
    return xr.Dataset(variables, coords, {**found.attrs, "reference": reference, "baseline": baseline})


_UNITS = {"integral": "1e-6", "integral_stderr": "1e-6"}
_ABOUT = {
    "integral": "area above the base line over the shift, in units of the intensity",
    "integral_stderr": "standard error from correlated noise and from the base line",
    "level_low": "base line at the lower end",
    "level_high": "base line at the upper end",
    "lowest": "lowest point over the base line, as a part of the highest of the spectrum; 0 where noise makes it so",
    "nuclei": "integral over that of the reference, times the nuclei of the reference",
    "nuclei_stderr": "standard error, both integrals being uncertain",
    "share": "nuclei over those of a repeat unit in which every such group is there",
    "share_stderr": "standard error, both integrals being uncertain",
    "share_low": "lowest over base lines",
    "share_high": "highest over base lines",
    "share_limit": "upper end of a one-sided interval of 95 % of the share",
    "detection_limit": "share that would have been seen with 95 % confidence",
    "seen": "1: the integral is above three standard errors; 0: it is not; -1: undecided",
}


def _checked(regions: Mapping[str, tuple[float, float]], reference: str, baseline: str) -> str:
    if baseline not in BASELINES:
        raise ValueError(f"baseline {baseline!r}: choose one of {', '.join(BASELINES)}")
    for name, (low, high) in regions.items():
        if not low < high:
            raise ValueError(f"region {name!r} from {low:g} to {high:g} ppm is empty: give (low, high)")
    if not regions:
        raise ValueError("there is no region: give one, such as {'acid': (12.0, 14.5)}")
    if reference and reference not in regions:
        raise ValueError(f"reference {reference!r}: choose one of {', '.join(regions)}")
    return reference or next(iter(regions))


def _nuclei(name: str, given: Mapping[str, float] | None) -> float:
    known = GROUPS[name].nuclei if name in GROUPS else 1
    return float((given or {}).get(name, known))


def _piece(shift: FloatArray, intensity: FloatArray, low: float, high: float) -> _Piece | None:
    """Points of a region and of the cells its ends lie in, with the weights of an integral of straight lines."""
    if len(shift) < _FEWEST or low < shift[0] or high > shift[-1]:
        return None
    first = max(int(np.searchsorted(shift, low, side="right")) - 1, 0)
    last = min(int(np.searchsorted(shift, high, side="left")), len(shift) - 1)
    x = shift[first : last + 1]
    if len(x) < _FEWEST:
        return None
    width = np.diff(x)
    begin, end = np.clip(low - x[:-1], 0, width), np.clip(high - x[:-1], 0, width)
    right = (end**2 - begin**2) / (2 * width)  # of a cell, what falls to its right end
    weights = np.zeros(len(x))
    weights[:-1] += end - begin - right
    weights[1:] += right
    return _Piece(x, intensity[first : last + 1], weights)


def _integral(found: xr.Dataset, at: int, piece: _Piece, baseline: str) -> tuple[float, ...]:
    """A number for each of :data:`_NAMES`, and the integral above each base line of :data:`_BAND`."""
    covariances = found["noise_covariance"].values[at]
    powers = base_powers(found, at, piece.x)
    smooth = powers @ found["base_coefficient"].values[at]
    of_base = piece.weights @ powers
    whole = float(piece.weights @ piece.y)
    areas = {"smooth": whole - float(piece.weights @ smooth), "none": whole}
    base, spread = {"none": np.zeros(len(piece.x)), "smooth": smooth}.get(baseline, smooth), 0.0
    weights = piece.weights
    if baseline == "smooth":
        # where the base line goes through points of the region itself, both err together
        shared = (piece.weights * _is_free(found, at, piece.x)) @ powers
        spread = float(of_base @ found["base_covariance"].values[at] @ (of_base - 2 * shared))
    if baseline == "line":
        levels, share = _end_levels(piece.x)
        at_ends = levels @ piece.y
        base = at_ends[0] + (at_ends[1] - at_ends[0]) * share
        weights = weights - (weights @ (1 - share)) * levels[0] - (weights @ share) * levels[1]
        areas["line"] = float(weights @ piece.y)
    of_noise = variance(weights, covariances) if np.isfinite(covariances).all() else np.nan
    error = float(np.sqrt(max(of_noise + spread, _LEAST * of_noise)))
    highest = float(np.nanmax(found["intensity"].values[at]))
    lowest = float((piece.y - base).min())
    lowest = lowest / highest if highest > 0 and lowest < -_DIPS * np.sqrt(covariances[0]) else 0.0
    return areas[baseline], error, float(base[0]), float(base[-1]), lowest, *(areas[name] for name in _BAND)


def _is_free(found: xr.Dataset, at: int, x: FloatArray) -> npt.NDArray[np.bool_]:
    """Which shifts the base line goes through."""
    lows, highs = found["free_low"].values[at], found["free_high"].values[at]
    place = np.searchsorted(lows[np.isfinite(lows)], x, side="right") - 1
    return np.asarray((place >= 0) & (x <= highs[np.maximum(place, 0)]), bool) if len(lows) else np.zeros(len(x), bool)


def _end_levels(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights (2, point) of the means at both ends of a region, and the share of the way from one to the other."""
    reach = _ENDS * (x[-1] - x[0])
    levels = np.stack([x - x[0] <= reach, x[-1] - x <= reach]).astype(float)
    levels /= levels.sum(1, keepdims=True)
    ends = levels @ x
    return levels, (x - ends[0]) / (ends[1] - ends[0])


def _relative(
    columns: Mapping[str, FloatArray], others: FloatArray, counts: FloatArray, reference: int
) -> dict[str, FloatArray]:
    """Nuclei, shares and limits from integrals, those above other base lines (base line, sample, region) among them."""
    area, error = columns["integral"], columns["integral_stderr"]
    base, base_error = area[:, [reference]], error[:, [reference]]
    with np.errstate(divide="ignore", invalid="ignore"):
        sound = base > SIGNIFICANT * base_error
        ratio = np.where(sound, area / base, np.nan)
        ratio_error = np.where(sound, np.hypot(error, ratio * base_error) / base, np.nan)
        ratio_error[:, reference] = np.where(sound[:, 0], 0.0, np.nan)  # a reference is what it is by definition
        seen = np.where(np.isfinite(area) & np.isfinite(error), (area > SIGNIFICANT * error).astype(float), -1.0)
        band = np.stack([ratio, *np.where(sound, others / others[..., [reference]], np.nan)])
    unit = counts[reference]
    share, share_error = ratio * unit / counts, ratio_error * unit / counts
    return {
        "nuclei": ratio * unit,
        "nuclei_stderr": ratio_error * unit,
        "share": share,
        "share_stderr": share_error,
        "share_low": band.min(0) * unit / counts,
        "share_high": band.max(0) * unit / counts,
        "share_limit": np.maximum(share, 0.0) + ONE_SIDED_95 * share_error,
        "detection_limit": (SIGNIFICANT + ONE_SIDED_95) * share_error,
        "seen": seen,
    }
