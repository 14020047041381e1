"""How long cells live when some had not failed yet: survival curves, Weibull life, and how many times longer."""

from __future__ import annotations

import warnings
from itertools import combinations
from math import comb, inf, nan

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..replicates import Ratio, ratio
from .lives import Lives, Quantity, counts, lives
from .weibull_life import weibull, weibull_ratio

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_ORDERS = 20_000  # more divisions of the cells into two groups than this are not enumerated
_BAND = (
    "log-log band of Greenwood's variance; where the curve is still 1, or fell to 0 without a censored cell, the exact "
    "binomial limit (Clopper and Pearson)"
)


def kaplan_meier(
    life: xr.Dataset, *, of: Quantity = "cycle", by: str = "coating", confidence: float = 0.9
) -> xr.Dataset:
    """Share of the cells of each group that is still alive, by Kaplan and Meier.

    S(t) is the product of 1 - d_i / n_i over the lives t_i up to t, with d_i failures among n_i cells at risk (Kaplan
    and Meier, J. Am. Stat. Assoc. 53 (1958) 457). The median is the first life at which S is one half or less, its
    limits those at which the limits of S are (Brookmeyer and Crowley, Biometrics 38 (1982) 29); infinite where they
    never are: not reached.

    Parameters
    ----------
    life, of, by
        As for :func:`lives`.
    confidence
        Level of the band and of the interval of the median.

    Returns
    -------
    Dataset
        (group, event): ``at`` (the lives of the group in order, the first 0; units of `of`), ``survival`` from there on
        with ``survival_low`` and ``survival_high``, ``at_risk``, ``failed``, ``censored``. (group): ``n``,
        ``failures``, ``undecided`` and ``unknown`` cells; ``median``, ``median_low``, ``median_high``.
    """
    of_group = lives(life, of=of, by=by)
    curves = [_curve(one, confidence) for one in of_group.values()]
    length = max((len(curve["at"]) for curve in curves), default=1)
    units = str(life[of].attrs.get("units", "1"))
    about = {
        "at": (units, f"{of} of failure or of censoring"),
        "survival": ("1", "Kaplan-Meier estimate of the share of cells alive, from here on"),
        "survival_low": ("1", f"lower limit, {_BAND}"),
        "survival_high": ("1", f"upper limit, {_BAND}"),
        "at_risk": ("1", "cells alive and under test until here"),
        "failed": ("1", "cells that failed here"),
        "censored": ("1", "cells last seen alive here"),
    }
    found = xr.Dataset(coords={"group": list(of_group)}, attrs={"by": by, "of": of, "confidence": confidence})
    for name, (unit, text) in about.items():
        table = np.full((len(curves), length), nan)
        for row, curve in enumerate(curves):
            table[row, : len(curve[name])] = curve[name]
        found[name] = (("group", "event"), table, {"units": unit, "definition": text})
    found["survival"].attrs["ancillary_variables"] = "survival_low survival_high"
    return found.assign(counts(of_group)).assign(_medians(curves, units))


def log_rank(of: Lives, to: Lives) -> tuple[float, float, float]:
    """Log-rank test of two groups: chi-squared, its p, and the exact p of the permutations.

    The p of the chi-squared distribution (Mantel, Cancer Chemother. Rep. 50 (1966) 163) wants many failures. With few
    cells it is far too small, so all divisions of the cells into groups of these sizes are counted besides: three and
    three cells cannot give less than 0.1. That is exact where both groups were censored alike.

    Returns
    -------
    tuple of float
        NaN where no cell failed or a group is empty; the exact p is NaN too where there are more than 20 000 divisions.
    """
    value, failed = np.concatenate([of.value, to.value]), np.concatenate([of.failed, to.failed])
    if not (len(of.value) and len(to.value) and failed.any()):
        return nan, nan, nan
    from scipy.stats import CensoredData, logrank

    member = np.arange(len(value)) < len(of.value)
    if not _chi_squared(value, failed, member[None])[1][0]:
        return nan, nan, nan
    pair = [CensoredData(uncensored=one.value[one.failed], right=one.value[~one.failed]) for one in (of, to)]
    tested = logrank(*pair)
    statistic = float(tested.statistic) ** 2
    if comb(len(value), len(of.value)) > _ORDERS:
        return statistic, float(tested.pvalue), nan
    chosen = np.array(list(combinations(range(len(value)), len(of.value))))
    members = np.zeros((len(chosen), len(value)), bool)
    np.put_along_axis(members, chosen, values=True, axis=1)
    each, _ = _chi_squared(value, failed, members)
    return statistic, float(tested.pvalue), float(np.mean(each >= statistic * (1 - 1e-9)))


def rank_ratio(of: Lives, to: Lives, confidence: float = 0.9) -> Ratio:
    """How many times longer one group lives, whatever the distribution: :func:`~.replicates.ratio` of the lives.

    Not known where a life is 0.
    """
    if min(of.value.min(initial=inf), to.value.min(initial=inf)) <= 0:
        return Ratio(0.0, inf, nan, nan, nan)
    return ratio(of.value, to.value, of_censored=~of.failed, to_censored=~to.failed, confidence=confidence)


def _curve(of: Lives, confidence: float) -> dict[str, FloatArray]:
    """Survival of one group; a row per distinct life, and one for the beginning."""
    at, failed = np.unique(of.value), of.failed
    at = at[at > 0]
    counted = [(of.value[which][:, None] == at).sum(0) for which in (failed, ~failed)]
    at_risk = (of.value[:, None] >= at).sum(0)
    survival, low, high = (np.ones(len(at) + 1) for _ in range(3))
    if len(of.value):
        from scipy.stats import CensoredData, ecdf

        found = ecdf(CensoredData(uncensored=of.value[failed], right=of.value[~failed])).sf
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # where it says nothing, the exact limit stands below
            band = found.confidence_interval(confidence, method="log-log")
        survival[1:], low[1:], high[1:] = (one.evaluate(at) for one in (found, band.low, band.high))
        survival[0], low[0], high[0] = (one.evaluate(0.0) for one in (found, band.low, band.high))
    return _exact_ends(
        {
            "at": np.append(0.0, at),
            "survival": survival,
            "survival_low": low,
            "survival_high": high,
            "at_risk": np.append(len(of.value), at_risk),
            "failed": np.append((of.value[failed] <= 0).sum(), counted[0]),
            "censored": np.append((of.value[~failed] <= 0).sum(), counted[1]),
        },
        confidence,
    )


def _exact_ends(curve: dict[str, FloatArray], confidence: float) -> dict[str, FloatArray]:
    """Replace the band where Greenwood's variance says nothing: where all live still, and where none does."""
    survival, at_risk = curve["survival"], curve["at_risk"]
    if not at_risk[0]:
        return curve | {name: np.full(1, nan) for name in ("survival", "survival_low", "survival_high")}
    tail = (1 - confidence) / 2
    following = np.append(at_risk[1:], at_risk[-1])  # those seen alive between this life and the next
    whole, gone = survival == 1, survival == 0
    complete = not np.any(curve["censored"])
    low = np.where(whole, tail ** (1 / following), np.where(gone, 0.0, curve["survival_low"]))
    high = np.where(
        whole, 1.0, np.where(gone, 1 - tail ** (1 / at_risk[0]) if complete else nan, curve["survival_high"])
    )
    return curve | {"survival_low": low, "survival_high": high}


def _medians(curves: list[dict[str, FloatArray]], units: str) -> dict[str, xr.Variable]:
    """First life at which each curve is one half or less."""
    found = {}
    for name, curve_name, text in (
        ("median", "survival", "first life at which the survival is one half or less; inf: not reached"),
        ("median_low", "survival_low", "lower limit: where that of the survival falls to one half, or the last life"),
        ("median_high", "survival_high", "upper limit: where that of the survival falls to one half; inf: not reached"),
    ):
        values = []
        for curve in curves:
            below = curve[curve_name] <= 0.5 + 1e-12
            beyond = curve["at"][-1] if name == "median_low" else inf  # at least as long as anybody was watched
            values.append(nan if not curve["at_risk"][0] else curve["at"][below][0] if below.any() else beyond)
        found[name] = xr.Variable("group", np.array(values, float), {"units": units, "definition": text})
    found["median"].attrs["ancillary_variables"] = "median_low median_high"
    return found


def _chi_squared(value: FloatArray, failed: BoolArray, members: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Log-rank statistic of many divisions (division, cell) at once, and whether it has a variance."""
    times = np.unique(value[failed])
    at_risk, fails = value[:, None] >= times, failed[:, None] & (value[:, None] == times)
    n, d = at_risk.sum(0), fails.sum(0)
    inside = members.astype(float)
    n_in, d_in = inside @ at_risk, inside @ fails
    share = n_in / n
    variance = (share * (1 - share) * d * (n - d) / np.maximum(n - 1, 1)).sum(1)
    excess = (d_in - d * share).sum(1)
    known = variance > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, excess**2 / variance, 0.0), known


__all__ = ["Lives", "Quantity", "kaplan_meier", "lives", "log_rank", "rank_ratio", "weibull", "weibull_ratio"]
