"""What several indents say of a sample, and whether two samples differ."""

from __future__ import annotations

from itertools import combinations
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Kind = TypeVar("Kind", bound=np.generic)

Outliers = Literal["none", "median"]
OUTLIERS = {
    "none": "every indent that was not refused counts",
    "median": "of five indents or more, those beyond 3.5 x 1.4826 median absolute deviations of the median are out",
}
"""Which indents count. The median rule is that of B. Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers
(1993)."""

_SCALED, _FAR, _LEAST = 1.4826, 3.5, 5
_LEVEL = 0.95


def of_samples(values: xr.DataArray, *, outliers: Outliers = "none") -> xr.Dataset:
    """Mean of the indents of each sample with its 95 % interval.

    Parameters
    ----------
    values
        Any result of each indent, ``sample`` and further dimensions; NaN is left out.
    outliers
        One of :data:`OUTLIERS`.

    Returns
    -------
    Dataset
        (sample): ``mean``, ``sd``, ``n``, ``median``, ``mean_low`` and ``mean_high`` (Student's t), ``out``, how many
        are outliers; and ``used`` along the dimensions of `values`. With one indent there is no interval.

    Notes
    -----
    The indents of a sample are repeats of that sample: the interval says nothing about others of the same material.
    """
    rest = [dim for dim in values.dims if dim != "sample"]
    array = np.asarray(values.transpose("sample", *rest).values, float)
    used = np.isfinite(array) if outliers == "none" else _inliers(array)
    flat, chosen = _flat(array), _flat(used)
    n = chosen.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, np.where(chosen, flat, 0.0).sum(axis=1) / n, np.nan)
        sd = np.sqrt(np.where(chosen, (flat - mean[:, None]) ** 2, 0.0).sum(axis=1) / np.where(n > 1, n - 1, np.nan))
        half = special.stdtrit(np.maximum(n - 1, 1), (1 + _LEVEL) / 2) * sd / np.sqrt(n)
    units = {"units": str(values.attrs.get("units", ""))}
    said = {
        "mean": (mean, {**units, "definition": "mean of the indents", "ancillary_variables": "mean_low mean_high"}),
        "mean_low": (mean - half, {**units, "definition": "95 % interval of the mean, Student's t"}),
        "mean_high": (mean + half, {**units, "definition": "95 % interval of the mean, Student's t"}),
        "sd": (sd, {**units, "definition": "standard deviation of the indents"}),
        "median": (_median(flat, chosen), {**units, "definition": "median of the indents"}),
        "n": (n, {"units": "1", "definition": "indents that count"}),
        "out": (np.isfinite(flat).sum(axis=1) - n, {"units": "1", "definition": f"left out: {OUTLIERS[outliers]}"}),
    }
    columns = {name: ("sample", array, attrs) for name, (array, attrs) in said.items()}
    found = xr.Dataset(columns, {"sample": values["sample"].values}, {"outliers": OUTLIERS[outliers]})
    return found.assign(used=(("sample", *rest), used, {"units": "1", "definition": "1 where the indent counts"}))


def differences(found: xr.Dataset) -> xr.Dataset:
    r"""By how much samples differ, each pair with an interval that does not assume equal scatter.

    Parameters
    ----------
    found
        As given by :func:`of_samples`.

    Returns
    -------
    Dataset
        (pair): ``difference`` of the means (first less second) with ``difference_low`` and ``_high``, 95 % each pair
        for itself; ``ratio`` of the means; ``freedom``; ``p``, two-sided, and ``p_adjusted`` for all pairs together;
        coordinates ``first`` and ``second``. NaN where a sample has less than two indents.

    Notes
    -----
    B. L. Welch, Biometrika 34 (1947) 28, with the degrees of freedom of Satterthwaite; the adjustment is that of
    S. Holm, Scand. J. Statist. 6 (1979) 65.
    """
    names = [str(name) for name in found["sample"].values]
    pairs = np.array(list(combinations(range(len(names)), 2)), np.int64).reshape(-1, 2)
    mean, sd, n = (np.asarray(found[name].values, float) for name in ("mean", "sd", "n"))
    with np.errstate(divide="ignore", invalid="ignore"):
        square = sd**2 / n
        first, second = pairs.T
        total = square[first] + square[second]
        freedom = total**2 / (square[first] ** 2 / (n[first] - 1) + square[second] ** 2 / (n[second] - 1))
        apart = mean[first] - mean[second]
        half = special.stdtrit(freedom, (1 + _LEVEL) / 2) * np.sqrt(total)
        p = 2 * special.stdtr(freedom, -np.abs(apart) / np.sqrt(total))
        ratio = mean[first] / mean[second]
    units = {"units": str(found["mean"].attrs.get("units", ""))}
    welch = "95 % interval of Welch, for this pair alone"
    columns = {
        "difference": (apart, {**units, "definition": "mean of the first less mean of the second"}),
        "difference_low": (apart - half, {**units, "definition": welch}),
        "difference_high": (apart + half, {**units, "definition": welch}),
        "ratio": (ratio, {"units": "1", "definition": "mean of the first over mean of the second"}),
        "freedom": (freedom, {"units": "1", "definition": "degrees of freedom of Satterthwaite"}),
        "p": (p, {"units": "1", "definition": "two-sided, of Welch's test"}),
        "p_adjusted": (_holm(p), {"units": "1", "definition": "adjusted by Holm for all pairs"}),
    }
    return xr.Dataset(
        {name: ("pair", values, attrs) for name, (values, attrs) in columns.items()},
        {"first": ("pair", [names[at] for at in first]), "second": ("pair", [names[at] for at in second])},
    )


def _flat(array: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    """A row per sample, also of none."""
    return array.reshape(len(array), int(np.prod(array.shape[1:])))


def _median(flat: FloatArray, chosen: BoolArray) -> FloatArray:
    """Median of some values of each row."""
    ordered = np.sort(np.where(chosen, flat, np.inf), axis=1)
    n = chosen.sum(axis=1)
    row = np.arange(len(flat))
    low, high = (np.clip(at, 0, flat.shape[1] - 1) for at in ((n - 1) // 2, n // 2))
    middle: FloatArray = np.where(n > 0, (ordered[row, low] + ordered[row, high]) / 2, np.nan)
    return middle


def _inliers(array: FloatArray) -> BoolArray:
    flat = _flat(array)
    known = np.isfinite(flat)
    middle = _median(flat, known)
    away = np.abs(flat - middle[:, None])
    scale = _SCALED * _median(away, known)
    with np.errstate(invalid="ignore"):
        far = (away > _FAR * scale[:, None]) & (known.sum(axis=1) >= _LEAST)[:, None]
    inside: BoolArray = (known & ~far).reshape(array.shape)
    return inside


def _holm(p: FloatArray) -> FloatArray:
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known])]
    found = np.full(len(p), np.nan)
    found[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1.0)
    return found
