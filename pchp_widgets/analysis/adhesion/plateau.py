"""Peel strength of every strip: mean, median and peaks over the plateau, with intervals that know of stick-slip."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .._blocks import REPLICATES, block_means, block_stderr
from .rules import factors, known_rule, plateau_window
from .strips import strips

FloatArray = npt.NDArray[np.float64]

STATISTICS = {
    "strength": "mean of the force per width over the travel, the area below the curve over its length",
    "strength_median": "median of the force per width at evenly spaced places",
    "strength_peaks": "mean of the peaks that rise above both neighbouring valleys by a quarter of the 5 to 95 % range",
}
"""Numbers for the height of a plateau, each with a sibling ``<name>_stderr``."""

COVERED = 0.5
"""A strip that was peeled over less of the window than this part has no strength."""

_FINEST, _COARSEST, _PROMINENCE = 512, 16, 0.25
_PARTS = {
    "strength_stderr": ("N m-1", "standard error of strength, by a circular bootstrap of blocks"),
    "strength_low": ("N m-1", "95 % interval of strength within the strip, expanded percentile"),
    "strength_high": ("N m-1", "95 % interval of strength within the strip, expanded percentile"),
    "naive_stderr": ("N m-1", "standard deviation over the root of the number of points, as if they were independent"),
    "correlated_points": ("1", "points that count as one: squared ratio of the two standard errors"),
    "block_length": ("mm", "travel that is kept together in the bootstrap (Politis, White 2004)"),
    "strength_median_stderr": (
        "N m-1",
        "standard error of strength_median: that of the share of places above it, by blocks, over the density",
    ),
    "strength_peaks_stderr": ("N m-1", "standard deviation of the peaks over the root of their number"),
    "peak_count": ("1", "peaks on the plateau"),
    "highest": ("N m-1", "highest force per width of the whole record: the starting peak, mostly; no peel strength"),
    "peeled": ("mm", "length of bond that was peeled within the window: travel over 1 - cos(angle)"),
    "covered": ("1", "part of the window over which the strip was peeled"),
    "energy": ("J m-2", "G = (1 - cos(angle)) P / b with the mean, for a strip that does not stretch"),
    "energy_stderr": ("J m-2", "standard error of energy, that of the force alone"),
    "strength_25_mm": ("N/(25 mm)", "strength per 25 mm of width"),
}


def peel_strength(
    data: xr.Dataset,
    *,
    window: tuple[float, float] | tuple[()] = (),
    rule: str = "ISO 8510-2",
    replicates: int = REPLICATES,
) -> xr.Dataset:
    """Height of the plateau of every strip, with its error, and the energy of release.

    Parameters
    ----------
    data
        Measurement of ``adhesion`` (sample, test, point).
    window
        Range of travel [mm] that counts for all strips; empty for that of the rule.
    rule
        One of :data:`~.rules.RULES`, for the window and for the length that should be in it.
    replicates
        Resampled curves for an interval.

    Returns
    -------
    Dataset
        (sample, test): the numbers of :data:`STATISTICS` [N m-1] and their errors, ``energy`` [J m-2] after Rivlin
        (Paint Technology 9 (1944) 215) and Kendall (J. Phys. D 4 (1971) 1186) without the term of stretching,
        ``peeled``, ``covered``, ... NaN where the strip was peeled over less than half of the window, or its angle is
        not known. Attributes ``window``, ``rule``.

    Raises
    ------
    ValueError
        When a width is missing, the window holds nothing, or there is no such rule.
    """
    of = strips(data)
    known_rule(rule)
    low, high = window or plateau_window(of, rule)
    if not low < high:
        raise ValueError(f"window ({low}, {high}): write (low, high) in mm of travel")
    travel, force = (of[name].values.reshape(-1, of.sizes["point"]) for name in ("travel", "force_per_width"))
    edges = [of[name].values.ravel() for name in ("peel_start", "peel_end")]
    if np.isinf(known_rule(rule).parts[0]) and not window:  # what lies before and behind counts too
        edges = [np.full(len(travel), end) for end in (-np.inf, np.inf)]
    start, stop = np.maximum(low, edges[0]), np.minimum(high, edges[1])
    stop = np.minimum(stop, np.max(np.where(np.isfinite(travel), travel, -np.inf), -1, initial=-np.inf))
    covered = np.clip((stop - start) / (high - low), 0.0, 1.0)
    covered = np.where(np.isfinite(covered), covered, 0.0)
    found = _each(travel, force, start, stop, covered >= COVERED, replicates)
    highest = np.max(np.where(np.isfinite(force), force, -np.inf), -1, initial=-np.inf)
    found |= {"covered": covered, "highest": np.where(np.isfinite(highest), highest, np.nan)}
    return _named(found, of, (low, high), rule, stop - start)


def _each(
    travel: FloatArray,
    force: FloatArray,
    start: FloatArray,
    stop: FloatArray,
    covering: npt.NDArray[np.bool_],
    replicates: int,
) -> dict[str, FloatArray]:
    """Numbers of all strips; NaN for those that do not cover the window, or have too few points in it."""
    found = {name: np.full(len(travel), np.nan) for name in (*STATISTICS, *_PARTS)}
    count = ((travel >= start[:, None]) & (travel <= stop[:, None])).sum(1)
    sound = covering & (count >= _COARSEST)
    bins = np.where(sound, 2 ** np.floor(np.log2(np.maximum(count, 1))).astype(int), 0)
    bins = np.minimum(bins, _FINEST)
    for number in np.unique(bins[sound]):  # of strips alike in length, all at once
        rows = np.flatnonzero(bins == number)
        numbers = _plateaus(travel[rows], force[rows], start[rows], stop[rows], int(number), replicates)
        for name, values in numbers.items():
            found[name][rows] = values
    return found


def binned(travel: FloatArray, force: FloatArray, start: FloatArray, stop: FloatArray, count: int) -> FloatArray:
    """Mean force in evenly wide ranges of travel (strip, range): differences of the area below the curve."""
    places = start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, count + 1)
    areas = np.empty_like(places)
    for row, known in enumerate(np.isfinite(travel) & np.isfinite(force)):
        x, y = travel[row, known], force[row, known]
        area = np.concatenate([[0.0], np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2)])
        at = np.clip(np.searchsorted(x, places[row], side="right") - 1, 0, len(x) - 2)
        ahead = places[row] - x[at]
        gap = x[at + 1] - x[at]
        slope = np.divide(y[at + 1] - y[at], gap, out=np.zeros_like(ahead), where=gap > 0)
        areas[row] = area[at] + ahead * (y[at] + slope * ahead / 2)
    found: FloatArray = np.diff(areas, axis=1) / np.diff(places, axis=1)
    return found


def _plateaus(
    travel: FloatArray, force: FloatArray, start: FloatArray, stop: FloatArray, count: int, replicates: int
) -> dict[str, FloatArray]:
    """Numbers of strips that are resolved alike."""
    values = binned(travel, force, start, stop, count)
    resampled = block_means(values, replicates=replicates)
    inside = (travel >= start[:, None]) & (travel <= stop[:, None]) & np.isfinite(force)
    within = np.where(inside, force, np.nan)
    naive = np.nanstd(within, axis=1, ddof=1) / np.sqrt(inside.sum(1))
    median, median_stderr = _medians(values, resampled.block)
    peaks = np.array([_peaks(row[used]) for row, used in zip(force, inside, strict=True)])
    return {
        "strength": values.mean(1),
        "strength_stderr": resampled.stderr,
        "strength_low": resampled.low,
        "strength_high": resampled.high,
        "naive_stderr": naive,
        "correlated_points": np.divide(resampled.stderr, naive, out=np.ones_like(naive), where=naive > 0) ** 2,
        "block_length": resampled.block * (stop - start) / count,
        "strength_median": median,
        "strength_median_stderr": median_stderr,
        "strength_peaks": peaks[:, 0],
        "strength_peaks_stderr": peaks[:, 1],
        "peak_count": peaks[:, 2],
    }


def _medians(values: FloatArray, block: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Median of each curve, and its standard error: that of the share of places above it, over the density there."""
    low, median, high = np.quantile(values, [0.4, 0.5, 0.6], axis=1)
    above = block_stderr((values > median[:, None]).astype(float), block)
    return median, above * (high - low) / 0.2


def _peaks(force: FloatArray) -> tuple[float, float, float]:
    """Mean of the peaks of one plateau, its standard error and their number."""
    from scipy.signal import find_peaks

    low, high = np.quantile(force, [0.05, 0.95])
    at, _ = find_peaks(force, prominence=max(_PROMINENCE * (high - low), np.finfo(float).tiny))
    count = len(at)
    mean = float(force[at].mean()) if count else np.nan
    return mean, float(force[at].std(ddof=1) / np.sqrt(count)) if count > 1 else np.nan, float(count)


def _named(
    found: dict[str, FloatArray], of: xr.Dataset, window: tuple[float, float], rule: str, length: FloatArray
) -> xr.Dataset:
    """The numbers with their units and definitions, and what follows from them."""
    shape = of["peel_start"].shape
    angle = of["peel_angle"].values if "peel_angle" in of.coords else np.full(shape[0], np.nan)
    factor = np.broadcast_to(factors(of)[:, None], shape)
    energy = np.where(np.isfinite(angle), 1 - np.cos(np.radians(angle)), np.nan)[:, None]
    grids = {name: values.reshape(shape) for name, values in found.items()}
    length = np.where(np.isfinite(length), np.maximum(length, 0.0), np.nan)
    grids["peeled"] = length.reshape(shape) / factor
    grids["energy"], grids["energy_stderr"] = energy * grids["strength"], energy * grids["strength_stderr"]
    grids["strength_25_mm"] = 0.025 * grids["strength"]
    said = {**{name: ("N m-1", text) for name, text in STATISTICS.items()}, **_PARTS}
    variables = {
        name: (("sample", "test"), values, {"units": said[name][0], "definition": said[name][1]})
        for name, values in grids.items()
    }
    for name in (*STATISTICS, "energy"):
        variables[name][2]["ancillary_variables"] = f"{name}_stderr"
    labels = {name: coord for name, coord in of.coords.items() if "point" not in coord.dims}
    attrs = {"window": [float(end) for end in window], "rule": rule}
    return xr.Dataset(variables, labels, attrs).assign({name: of[name] for name in ("width", "peel_start", "peel_end")})
