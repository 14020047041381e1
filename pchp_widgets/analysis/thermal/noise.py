"""Noise of a curve that is correlated from point to point, and what it does to numbers made of the curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_STRONGEST = 0.995


class Noise(NamedTuple):
    """Noise of first order: variance, and correlation of neighbours."""

    variance: float
    correlation: float


def noise_of(residuals: Sequence[FloatArray], parameters: int) -> Noise:
    r"""Noise of stretches of residuals.

    The correlation of neighbours is corrected for its bias towards zero, :math:`(1+4\varphi)/n` of a stretch from which
    a line was taken, and the variance for the parameters fitted.

    Parameters
    ----------
    residuals
        Stretches of neighbouring points.
    parameters
        Fitted to all of them together.
    """
    count = sum(len(part) for part in residuals)
    total = sum(float(part @ part) for part in residuals)
    if count <= parameters + 2 or total <= 0:
        return Noise(0.0 if count else np.nan, 0.0)
    lagged = sum(float(part[1:] @ part[:-1]) for part in residuals)
    raw = lagged / total
    found = float(np.clip(raw + (1 + 4 * max(raw, 0)) * len(residuals) / count, 0, _STRONGEST))
    # of strongly correlated noise the line takes away more than its parameters' share
    free = max(count - parameters * (1 + found) / (1 - found), count / 4)
    return Noise(total / free, found)


def covariance(weights: FloatArray, noise: Noise) -> FloatArray:
    r"""Covariance of numbers that are linear in the curve, :math:`W C W^T` with :math:`C_{ij}=\sigma^2\varphi^{|i-j|}`.

    Parameters
    ----------
    weights
        (number, point)
    noise
        Of the curve.
    """
    count = weights.shape[1]
    size = 1 << (2 * count - 1).bit_length()
    lags = np.arange(size)
    kernel = noise.correlation ** np.minimum(lags, size - lags)  # around a circle twice as long as the curve
    spread = np.fft.irfft(np.fft.rfft(weights, size) * np.fft.rfft(kernel), size)[:, :count]
    return np.asarray(noise.variance * spread @ weights.T, float)


def propagated(numbers: Callable[[FloatArray], FloatArray], at: FloatArray, spread: FloatArray) -> FloatArray:
    """Standard errors of what `numbers` makes of parameters, by central differences.

    Parameters
    ----------
    numbers
        (case, parameter) to (case, number).
    at
        The parameters.
    spread
        Their covariance.
    """
    step = 1e-3 * np.sqrt(np.maximum(np.diag(spread), 0))
    step = np.where(step > 0, step, 1e-9)
    shifted = at + np.concatenate([np.diag(step), -np.diag(step)])
    values = numbers(shifted)
    slope = (values[: len(at)] - values[len(at) :]) / (2 * step)[:, None]
    return np.asarray(np.sqrt(np.maximum(np.einsum("pi,pq,qi->i", slope, spread, slope), 0)))


def line_weights(x: FloatArray, order: int = 1) -> FloatArray:
    """Weights (coefficient, point) of a polynomial fitted to points at `x`, lowest order first."""
    scale = max(float(np.abs(x).max()), 1e-300)
    q, r = np.linalg.qr(np.vander(x / scale, order + 1, increasing=True))
    return np.asarray(np.linalg.solve(r, q.T) / scale ** np.arange(order + 1)[:, None])
