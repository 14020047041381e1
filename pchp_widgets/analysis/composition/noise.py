"""Noise of a spectrum, correlated from point to point by zero filling and line broadening."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

LAGS = 256
"""Most points over which noise is taken to be correlated."""

_RUN = 5
_FEWEST = 16


def autocovariance(values: FloatArray, free: npt.NDArray[np.bool_], lags: int = LAGS) -> FloatArray:
    """Covariance of points so many points apart, from stretches without lines.

    Covariances are followed to twice the lag from which on they cannot be told from none, and tapered from half of that
    on (the flat-top window of Politis and White, Econometric Reviews 23 (2004) 53), so that their sum, which decides
    how uncertain an integral is, stays near its truth.

    Parameters
    ----------
    values
        Points over their base line.
    free
        Which of them are free of lines.
    lags
        Number of covariances that are given; all NaN when fewer than 16 points are free.
    """
    count = int(free.sum())
    if count < _FEWEST or not np.isfinite(values[free]).all():
        return np.full(lags, np.nan)
    first, last = np.flatnonzero(free)[[0, -1]]
    inside = free[first : last + 1].astype(float)
    away = np.where(free, values - values[free].mean(), 0.0)[first : last + 1]
    size = 1 << (2 * len(away) - 1).bit_length()
    both = np.fft.irfft(np.abs(np.fft.rfft(np.stack([away, inside]), size)) ** 2, size)[:, :lags]
    pairs = np.maximum(np.rint(both[1]), 1.0)
    found = np.zeros(lags)
    most = int(np.argmax(np.append(pairs < count / 4, True)))  # beyond, too few pairs are left
    found[:most] = both[0, :most] / np.maximum(pairs[:most] - 1, 1.0)
    if not found[0] > 0:
        return found
    small = np.abs(found[:most] / found[0]) < 2 * np.sqrt(np.log10(count) / count)
    runs = np.flatnonzero(np.convolve(small, np.ones(_RUN), "valid") == _RUN)
    reach = 2 * max(int(runs[0]) if len(runs) else most // 2, 1)
    found *= np.clip(2 * (1 - np.arange(lags) / reach), 0.0, 1.0)
    return found


def variance(weights: FloatArray, covariances: FloatArray) -> float:
    r"""Variance of a weighted sum of neighbouring points, :math:`\sum_{ij} w_i \gamma_{|i-j|} w_j`.

    Parameters
    ----------
    weights
        (point), of the points that are summed.
    covariances
        As given by :func:`autocovariance`.
    """
    reach = int(np.max(np.flatnonzero(covariances), initial=0)) + 1
    reach = min(reach, len(weights))
    if not reach:
        return 0.0
    size = 1 << (len(weights) + reach).bit_length()
    power = np.abs(np.fft.rfft(weights, size)) ** 2
    together = np.fft.irfft(power, size)[:reach]
    total = covariances[0] * together[0] + 2 * float(covariances[1:reach] @ together[1:])
    # a tapered sum may fall below zero by chance; no integral is surer than one of a single point
    return max(float(total), float(covariances[0] * np.square(weights).max(initial=0.0)))
