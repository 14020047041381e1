"""Weibull lives with right censoring: maximum likelihood with one shape for all groups, and levels true for few cells.

Everything works on logarithms of life, y = ln t, along the last axis; further axes are samples of a simulation. With
r failures in all, r_g in group g, and A_g = sum of exp(k y) over group g, the likelihood of the shape k, every scale at
its best, is ln L(k) = r ln k + k sum of the failed y - sum over g of r_g ln(A_g / r_g) - r.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import exp, inf, log

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Root = Callable[[float], float]

_SAMPLES = 4000  # of a simulation: the level of an interval is exact within 0.004
_HALVINGS = 48
_SMALLEST, _LARGEST = -7.0, 12.0  # ln(shape * sd of ln life); a Weibull distribution has 0.25
_FURTHEST = 60.0


def estimable(y: FloatArray, failed: BoolArray, group: IntArray) -> bool:
    """Whether the likelihood has a maximum, and its level can be simulated.

    There must be two failures in one group, one of them before the last observation of its group: otherwise the
    likelihood grows without bound as the shape does.
    """
    counts = np.bincount(group[failed])
    if counts.max(initial=0) < 2 or not np.isfinite(y).all():
        return False
    ends = np.array([y[group == one].max() for one in range(group.max() + 1)])
    return bool((y[failed] < ends[group[failed]]).any())


def fitted(y: FloatArray, failed: BoolArray, group: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Shape (...), ln scale (..., group) and ln L (...) at the maximum; the scale of a group without failure is inf."""
    members = [group == one for one in range(int(group.max()) + 1)]
    counts = [int((failed & member).sum()) for member in members]
    spans = np.max(np.ptp(y, axis=-1), initial=1e-12)
    top = y[..., failed].sum(-1)

    def slope(k: FloatArray) -> FloatArray:
        means = [r * _tilted_mean(y[..., member], k) for member, r in zip(members, counts, strict=True) if r]
        found: FloatArray = failed.sum() / k + top - np.sum(means, axis=0)
        return found

    k = _decreasing_root(slope, y.shape[:-1], spans)
    scale = np.stack([_log_scale(y[..., m], k, r) for m, r in zip(members, counts, strict=True)], axis=-1)
    paid: FloatArray = np.sum([r * k * scale[..., one] for one, r in enumerate(counts) if r], axis=0)
    best: FloatArray = failed.sum() * (np.log(k) - 1) + k * top - paid
    return k, scale, best


def likelihood_of_shape(y: FloatArray, failed: BoolArray, k: float) -> FloatArray:
    """Likelihood ln L of one group with the shape k and the best scale."""
    r = int(failed.sum())
    shape = np.full(y.shape[:-1], k)
    found: FloatArray = r * (log(k) - 1) + k * y[..., failed].sum(-1) - r * k * _log_scale(y, shape, r)
    return found


def likelihood_of_scale(y: FloatArray, failed: BoolArray, log_scale: float) -> FloatArray:
    """Likelihood ln L of one group with this scale and the best shape."""
    z, r = y - log_scale, int(failed.sum())
    top = z[..., failed].sum(-1)

    def slope(k: FloatArray) -> FloatArray:
        found: FloatArray = r / k + top - (z * np.exp(np.minimum(k[..., None] * z, 600.0))).sum(-1)
        return found

    k = _decreasing_root(slope, y.shape[:-1], np.max(np.abs(z), initial=1e-12))
    found: FloatArray = r * np.log(k) + k * top - np.exp(np.minimum(k[..., None] * z, 600.0)).sum(-1)
    return found


def shape_interval(y: FloatArray, failed: BoolArray, confidence: float) -> tuple[float, float]:
    """Limits of the shape of one group."""
    k, _, best = (float(np.squeeze(part)) for part in fitted(y, failed, np.zeros(len(y), int)))
    ends = _ends("shape", (len(y),), (int(failed.sum()),), confidence)
    low, high = _inverted(lambda at: best - float(likelihood_of_shape(y, failed, exp(at))), log(k), ends, 0.5)
    return exp(low), exp(high)


def scale_interval(y: FloatArray, failed: BoolArray, confidence: float) -> tuple[float, float]:
    """Limits of ln scale of one group."""
    k, scale, best = (float(np.squeeze(part)) for part in fitted(y, failed, np.zeros(len(y), int)))
    ends = _ends("scale", (len(y),), (int(failed.sum()),), confidence)
    return _inverted(lambda at: best - float(likelihood_of_scale(y, failed, at)), scale, ends, 1 / k)


def ratio_interval(y: FloatArray, failed: BoolArray, group: IntArray, confidence: float) -> tuple[float, float]:
    """Limits of ln(scale of group 1 / scale of group 0), both with the same shape and at least one failure."""
    k, scale, best = fitted(y, failed, group)
    sizes, counts = np.bincount(group, minlength=2), np.bincount(group[failed], minlength=2)
    ends = _ends("ratio", tuple(sizes.tolist()), tuple(counts.tolist()), confidence)
    one = np.zeros(len(y), int)

    def drop(at: float) -> float:
        return float(best - fitted(y - at * group, failed, one)[2])

    return _inverted(drop, float(scale[1] - scale[0]), ends, 1 / float(k))


def _tilted_mean(y: FloatArray, k: FloatArray) -> FloatArray:
    """Mean of y with the weights exp(k y)."""
    weight = np.exp(k[..., None] * (y - y.max(-1, keepdims=True)))
    found: FloatArray = (weight * y).sum(-1) / weight.sum(-1)
    return found


def _log_scale(y: FloatArray, k: FloatArray, r: int) -> FloatArray:
    """The ln scale that suits the shape k best: ln(A / r) / k."""
    if not r:
        return np.full(k.shape, inf)
    highest = y.max(-1)
    found: FloatArray = highest + np.log(np.exp(k[..., None] * (y - highest[..., None])).sum(-1) / r) / k
    return found


def _decreasing_root(slope: Callable[[FloatArray], FloatArray], shape: tuple[int, ...], span: float) -> FloatArray:
    """Where a decreasing function of k is 0, by halving: every sample of a simulation at once."""
    low, high = np.full(shape, _SMALLEST - log(span)), np.full(shape, _LARGEST - log(span))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        left = slope(np.exp(middle)) > 0
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    root: FloatArray = np.exp((low + high) / 2)
    return root


def _inverted(drop: Root, best: float, ends: tuple[float, float], width: float) -> tuple[float, float]:
    """Values at which the signed root of the likelihood ratio, which falls from left to right, meets its two ends.

    Where it never does, the limit is infinite.
    """
    from scipy.optimize import brentq

    def signed(at: float) -> float:
        return float(np.sign(best - at) * np.sqrt(max(2 * drop(at), 0.0)))

    limits = []
    for end in reversed(ends):  # the lower limit is where the root is as high as it may be
        step = width if signed(best) > end else -width
        while abs(step) < _FURTHEST * max(width, 1.0) and (signed(best + step) > end) == (step > 0):
            step *= 2
        reached = abs(step) < _FURTHEST * max(width, 1.0)
        limits.append(brentq(lambda at: signed(at) - end, best, best + step) if reached else inf * step)  # noqa: B023
    return limits[0], limits[1]


@lru_cache(maxsize=256)
def _ends(of: str, sizes: tuple[int, ...], failures: tuple[int, ...], confidence: float) -> tuple[float, float]:
    """Quantiles of the signed root of the likelihood ratio at the truth, for groups of these sizes.

    It has the same distribution whatever the truth is, for complete samples and for those that end with a failure
    (Lawless, Statistical Models and Methods for Lifetime Data, 2003, ch. 5), so one simulation holds for all. The
    normal distribution, its limit for many cells, would make the intervals of three cells far too short.
    """
    rng = np.random.default_rng(20_240_229)
    parts, marks = [], []
    for size, count in zip(sizes, failures, strict=True):
        ordered = np.sort(np.log(rng.standard_exponential((_SAMPLES, size))), axis=-1)
        parts.append(np.minimum(ordered, ordered[:, [count - 1]]))
        marks.append(np.arange(size) < count)
    y, failed = np.concatenate(parts, axis=-1), np.concatenate(marks)
    group = np.repeat(np.arange(len(sizes)), sizes)
    k, scale, best = fitted(y, failed, group)
    if of == "shape":
        estimate, other = np.log(k), likelihood_of_shape(y, failed, 1.0)
    elif of == "scale":
        estimate, other = scale[:, 0], likelihood_of_scale(y, failed, 0.0)
    else:
        estimate, other = scale[:, 1] - scale[:, 0], fitted(y, failed, np.zeros_like(group))[2]
    root = np.sign(estimate) * np.sqrt(np.maximum(2 * (best - other), 0.0))
    tail = (1 - confidence) / 2
    low, high = np.quantile(root, [tail, 1 - tail])
    return float(low), float(high)
