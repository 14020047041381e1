"""Noise of a spectrum, correlated from point to point by zero filling and line broadening."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

LAGS = 256
"""Most points over which noise is taken to be correlated."""

_ORDER = 2  # of the polynomial taken away before noise is measured
_RUN = 5


def autocovariance(values: FloatArray, lags: int = LAGS) -> FloatArray:
    """Covariance of points so many points apart, from a stretch without lines.

    A parabola is taken away first. Covariances are followed to twice the lag from which on they cannot be told from
    none, and tapered from half of that on (the flat-top window of Politis and White, Econometric Reviews 23 (2004)
    53), so that their sum, which decides how uncertain an integral is, stays near its truth.

    Parameters
    ----------
    values
        Neighbouring points.
    lags
        Number of covariances that are given; NaN when the stretch is shorter than eight points.
    """
    count = len(values)
    if count < 8 or not np.isfinite(values).all():
        return np.full(lags, np.nan)
    x = np.linspace(-1, 1, count)
    design = np.vander(x, _ORDER + 1)
    away = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    size = 1 << (2 * count - 1).bit_length()
    power = np.abs(np.fft.rfft(away, size)) ** 2
    found = np.zeros(lags)
    most = min(lags, count // 4)
    # every lag is divided by its number of pairs, less what the parabola took away
    pairs = count - np.arange(most) - (_ORDER + 1)
    found[:most] = np.fft.irfft(power, size)[:most] / pairs
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
