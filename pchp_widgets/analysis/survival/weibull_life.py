"""Weibull life of groups of cells, and how many times longer one group lives, with few cells and survivors."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import xarray as xr

from ..replicates import Ratio
from . import weibull_likelihood as likelihood
from .lives import Lives, Quantity, counts, lives

_CALIBRATED = "profile likelihood; its quantiles are simulated for this number of cells and failures"
_TOO_FEW = "it takes two failures, at different lives"


def weibull(life: xr.Dataset, *, of: Quantity = "cycle", by: str = "coating", confidence: float = 0.9) -> xr.Dataset:
    """Weibull life of each group: S(t) = exp(-(t / scale)^shape), by maximum likelihood with right censoring.

    The limits come from the profile likelihood. With few cells the usual chi-squared level makes them far too narrow,
    so the quantiles of the signed root are simulated for just this number of cells and failures (Lawless, Statistical
    Models and Methods for Lifetime Data, 2003, ch. 5): exact where all failed, or the test ended with a failure, and
    close where it ended at a time.

    Parameters
    ----------
    life, of, by, confidence
        As for :func:`kaplan_meier`.

    Returns
    -------
    Dataset
        (group): ``shape`` (above 1 cells wear out, below 1 they fail early), ``scale`` (63 % have failed by then;
        units of `of`), each with ``_low`` and ``_high``, ``n``, ``failures``, ``undecided``, ``unknown``, and ``why``:
        what is lacking where they are NaN.
    """
    of_group = lives(life, of=of, by=by)
    fits = [_weibull_fit(one, confidence) for one in of_group.values()]
    units = str(life[of].attrs.get("units", "1"))
    found = xr.Dataset(coords={"group": list(of_group)}, attrs={"by": by, "of": of, "confidence": confidence})
    for place, (name, unit, text) in enumerate(
        [
            ("shape", "1", "Weibull shape by maximum likelihood"),
            ("shape_low", "1", f"lower limit, {_CALIBRATED}"),
            ("shape_high", "1", f"upper limit, {_CALIBRATED}"),
            ("scale", units, "Weibull scale by maximum likelihood: 63.2 % have failed by then"),
            ("scale_low", units, f"lower limit, {_CALIBRATED}"),
            ("scale_high", units, f"upper limit, {_CALIBRATED}"),
        ]
    ):
        found[name] = ("group", np.array([fit[place] for fit in fits]), {"units": unit, "definition": text})
    for name in ("shape", "scale"):
        found[name].attrs["ancillary_variables"] = f"{name}_low {name}_high"
    why = ["" if np.isfinite(fit[0]) else _TOO_FEW for fit in fits]
    return found.assign(counts(of_group)).assign(why=("group", np.array(why, object)))


def weibull_ratio(of: Lives, to: Lives, confidence: float = 0.9) -> Ratio:
    """How many times longer one group lives, if both follow Weibull's distribution with the same shape.

    This is the accelerated-failure-time model: every life is multiplied by the ratio of the scales. Maximum likelihood
    with right censoring, limits as for :func:`weibull`. Where no cell of a group failed, the ratio has one limit only,
    and that is the one it would have had if the longest-lived of these cells had failed at the very end of its test:
    as it lived on, the limit holds with at least its level.

    Returns
    -------
    Ratio
        ``low`` 0 and ``high`` infinite where there is no estimate; no interval where too few cells failed.
    """
    value = np.concatenate([to.value, of.value])
    failed = np.concatenate([to.failed, of.failed])
    group = np.repeat([0, 1], [len(to.value), len(of.value)])
    none = [not len(one.value) or not one.failed.any() for one in (to, of)]
    unknown = Ratio(0.0, inf, nan, nan, nan)
    if min(len(of.value), len(to.value)) == 0:
        return Ratio(nan, nan, nan, nan, nan)
    if all(none) or value.min() <= 0:
        return unknown
    for one in (0, 1):
        if none[one]:
            last = np.flatnonzero(group == one)[np.argmax(value[group == one])]
            failed[last] = True
    y = np.log(value)
    if not likelihood.estimable(y, failed, group):
        return unknown
    low, high = np.exp(likelihood.ratio_interval(y, failed, group, confidence))
    if any(none):
        return Ratio(0.0, inf, float(low) if none[1] else 0.0, float(high) if none[0] else inf, confidence)
    scale = likelihood.fitted(y, failed, group)[1]
    middle = float(np.exp(scale[1] - scale[0]))
    return Ratio(middle, middle, float(low), float(high), confidence)


def _weibull_fit(of: Lives, confidence: float) -> tuple[float, ...]:
    """Shape and scale, each with its limits."""
    group = np.zeros(len(of.value), np.int64)
    if not len(of.value) or of.value.min() <= 0:
        return (nan,) * 6
    y = np.log(of.value)
    if not likelihood.estimable(y, of.failed, group):
        return (nan,) * 6
    shape, scale, _ = likelihood.fitted(y, of.failed, group)
    scales = np.exp([scale[0], *likelihood.scale_interval(y, of.failed, confidence)])
    return (float(shape), *likelihood.shape_interval(y, of.failed, confidence), *scales.tolist())
