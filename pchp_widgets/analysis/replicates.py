"""Replicates: what a few cells of each kind allow to be said, also where some have not failed yet."""

from __future__ import annotations

from math import comb, inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class Spread(NamedTuple):
    """Mean, standard deviation (NaN for a single one) and number of replicates."""

    mean: float
    sd: float
    n: int


class Ratio(NamedTuple):
    """Ratio, or difference, of two groups of replicates.

    Attributes
    ----------
    low, high
        Bounds of the estimate: the same number where it is known, else ``high`` infinite or ``low`` 0 or both (minus
        infinite for a difference); NaN where a group is empty.
    interval_low, interval_high
        Confidence interval; NaN where there are too few replicates for any.
    confidence
        Its level; what each side of it leaves out is half of the rest, so that a one-sided statement has the level
        ``(1 + confidence) / 2``.
    """

    low: float
    high: float
    interval_low: float
    interval_high: float
    confidence: float


def spread(values: npt.ArrayLike) -> Spread:
    """Mean, standard deviation and number of the values that are not NaN."""
    known = _known(values)
    mean = float(known.mean()) if len(known) else np.nan
    return Spread(mean, float(known.std(ddof=1)) if len(known) > 1 else np.nan, len(known))


def ratio(
    of: npt.ArrayLike,
    to: npt.ArrayLike,
    *,
    of_censored: npt.ArrayLike | None = None,
    to_censored: npt.ArrayLike | None = None,
    confidence: float = 0.9,
) -> Ratio:
    """How many times larger one group of positive values is than another.

    The estimate is the median of all pairwise ratios of one replicate of each group (Hodges and Lehmann, Ann. Math.
    Stat. 34 (1963) 598, of the logarithms), and the interval is the one that inverts the test of Mann and Whitney: it
    holds for any distribution, provided that the two differ only by a factor. A censored value is a lower bound, which
    makes the bounds of a ratio that contains it one-sided.

    Parameters
    ----------
    of, to
        Values of the replicates of each group; NaN is left out.
    of_censored, to_censored
        Which of them are only lower bounds; none when left out.
    confidence
        Level wanted. With few replicates the widest interval has less: 0.9 with three and three, 0.67 with two and
        two; the level reached is in the result.
    """
    above, below = _bounds(of, of_censored), _bounds(to, to_censored)
    pairs = above.shape[1] * below.shape[1]
    if not pairs:
        return Ratio(np.nan, np.nan, np.nan, np.nan, np.nan)
    low = np.sort((above[0][:, None] / below[1]).ravel())
    high = np.sort((above[1][:, None] / below[0]).ravel())
    depth, reached = _depth(above.shape[1], below.shape[1], confidence)
    middle = [(pairs - 1) // 2, pairs // 2]
    least, most = (float(np.sqrt(np.prod(side[middle]))) for side in (low, high))
    if reached <= 0:
        return Ratio(least, most, np.nan, np.nan, np.nan)
    return Ratio(least, most, float(low[depth]), float(high[pairs - 1 - depth]), reached)


def difference(of: npt.ArrayLike, to: npt.ArrayLike, *, confidence: float = 0.9) -> Ratio:
    """How much larger one group of values is than another.

    The estimate is the median of all pairwise differences; the interval inverts the test of Mann and Whitney, all as
    for :func:`ratio`: it holds for any distribution, provided that the two differ only by a shift.

    Parameters
    ----------
    of, to
        Values of the replicates of each group, of whatever sign; NaN is left out.
    confidence
        As for :func:`ratio`.
    """
    above, below = np.asarray(of, float), np.asarray(to, float)
    largest = np.abs(np.concatenate([_known(above), _known(below), [0.0]])).max()
    scale = largest or 1.0  # the exponential of a number up to 1 neither overflows nor loses digits
    found = ratio(np.exp(above / scale), np.exp(below / scale), confidence=confidence)
    low, high, interval_low, interval_high = (scale * float(np.log(number)) for number in found[:4])
    return Ratio(low, high, interval_low, interval_high, found.confidence)


def _known(values: npt.ArrayLike) -> FloatArray:
    array: FloatArray = np.asarray(values, float).ravel()
    return array[np.isfinite(array)]


def _bounds(values: npt.ArrayLike, censored: npt.ArrayLike | None) -> FloatArray:
    """Lower and upper bound of each value that is known."""
    array = np.asarray(values, float).ravel()
    beyond = np.zeros(len(array), bool) if censored is None else np.asarray(censored, bool).ravel()
    bounds: FloatArray = np.stack([array, np.where(beyond, inf, array)])
    return bounds[:, np.isfinite(array)]


def _depth(n: int, m: int, confidence: float) -> tuple[int, float]:
    """How many of the pairwise ratios to leave out at each end, and the level of the interval that remains.

    The chance that at most k of the pairs lie on the wrong side is that of a Mann-Whitney U of at most k.
    """
    if min(n, m) < 2:
        return 0, 0.0
    counts = _arrangements(n, m)
    tails = np.cumsum(counts) / comb(n + m, n)
    depth = int(np.searchsorted(tails, (1 - confidence) / 2 + 1e-12, side="right")) - 1
    depth = max(depth, 0)
    return depth, float(1 - 2 * tails[depth])


def _arrangements(n: int, m: int) -> FloatArray:
    """Number of orders of n and m values in which U = 0, 1, 2, ... pairs are the wrong way round."""
    table: FloatArray = np.zeros((n + 1, n * m + 1))
    table[0, 0] = 1.0
    for position in range(1, n + m + 1):  # subsets of n ranks by their sum, less the smallest sum
        for taken in range(min(position, n), 0, -1):
            shift = position - taken
            if shift <= m:
                table[taken, shift:] += table[taken - 1, : n * m + 1 - shift]
    counts: FloatArray = table[n]
    return counts
