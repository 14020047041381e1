"""The power law of an unloading curve, fitted to many unloadings at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LEAST_POINTS = 5
_STEPS, _CLOSE, _CONVERGED = 40, 1e-11, 1e-6
_FIRST, _LOWEST, _HIGHEST = 0.72, 0.05, 3.0  # of the exponent 1/m


class PowerLaw(NamedTuple):
    """h = final depth + recovered (P / P_max)^exponent, a row each: the inverse of P = B (h - h_f)^m, m = 1/exponent.

    Attributes
    ----------
    values
        (row, 3): final depth [nm], recovered depth [nm], exponent; NaN where there is no fit.
    factor
        (row, 3, 3): columns whose outer products add up to the covariance.
    residual
        (row): standard deviation of the residuals [nm].
    points
        (row): how many were used.
    converged
        (row)
    """

    values: FloatArray
    factor: FloatArray
    residual: FloatArray
    points: IntArray
    converged: BoolArray


def power_law(share: FloatArray, depth: FloatArray, used: BoolArray) -> PowerLaw:
    r"""Least squares of the depth over the load, many unloadings at once.

    Parameters
    ----------
    share
        P / P_max (row, point).
    depth
        [nm] (row, point).
    used
        Which points count (row, point).

    Notes
    -----
    The depth is fitted over the load because an instrument that controls the load has its noise in the depth. For a
    given exponent the law is linear in the other two; so one Gauss-Newton step in the exponent alone follows another
    (variable projection: G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10 (1973) 413), and no start is needed.
    Residuals that follow each other, as of every real curve, count for fewer points: the variance is multiplied by
    (1 + r) / (1 - r), r being the correlation of neighbours where it is significant.
    """
    count = used.sum(axis=1)
    n = np.maximum(count, 1)
    log = np.log(np.where(used & (share > 0), share, 1.0))
    weight = used.astype(float)
    h = np.where(used, depth, 0.0)
    exponent = np.full(len(share), _FIRST)
    done = np.zeros(len(share), bool)
    for _ in range(_STEPS):
        parts = _linear(exponent, log, h, weight, n)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (weight * parts.across * parts.left).sum(axis=1) / parts.bent
        step = np.clip(np.nan_to_num(step), -0.3, 0.3)
        exponent = np.clip(exponent + step, _LOWEST, _HIGHEST)
        done = np.abs(step) < _CONVERGED
        if (np.abs(step) < _CLOSE).all():
            break
    parts = _linear(exponent, log, h, weight, n)
    inside = (exponent > _LOWEST) & (exponent < _HIGHEST)
    sound = done & inside & (count >= LEAST_POINTS)
    return _outcome(exponent, parts, weight * parts.left, count, sound)


class _Linear(NamedTuple):
    final: FloatArray
    recovered: FloatArray
    left: FloatArray  # residuals
    across: FloatArray  # what a change of the exponent does that the other two cannot
    bent: FloatArray  # its square
    mean: FloatArray
    spread: FloatArray
    slopes: FloatArray  # change of the other two with the exponent


def _linear(exponent: FloatArray, log: FloatArray, h: FloatArray, weight: FloatArray, n: IntArray) -> _Linear:
    """The best law for given exponents."""
    u = np.exp(exponent[:, None] * log)
    mean, level = (weight * u).sum(axis=1) / n, (weight * h).sum(axis=1) / n
    v = u - mean[:, None]
    weighted = weight * v
    spread = np.maximum((weighted * v).sum(axis=1), 1e-300)
    recovered = (weighted * h).sum(axis=1) / spread
    left = h - level[:, None] - recovered[:, None] * v
    bend = recovered[:, None] * u * log
    middle = (weight * bend).sum(axis=1) / n
    along = (weighted * bend).sum(axis=1) / spread
    across = bend - middle[:, None] - along[:, None] * v
    # to keep the curve best while the exponent grows, the other two take back what they can of its effect
    slopes = np.stack([-(middle - along * mean), -along], axis=1)
    bent = (weight * across**2).sum(axis=1)
    return _Linear(level - recovered * mean, recovered, left, across, bent, mean, spread, slopes)


def _outcome(exponent: FloatArray, parts: _Linear, left: FloatArray, count: IntArray, sound: BoolArray) -> PowerLaw:
    squares = (left**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(count > 3, squares / np.maximum(count - 3, 1), np.nan)
        r = np.nan_to_num((left[:, 1:] * left[:, :-1]).sum(axis=1) / squares)
        r = np.where(r > 2 / np.sqrt(np.maximum(count, 1)), np.minimum(r, 0.95), 0.0)
        variance = variance * (1 + r) / (1 - r)
        of_exponent = np.sqrt(variance / parts.bent)
        of_slope, of_level = np.sqrt(variance / parts.spread), np.sqrt(variance / np.maximum(count, 1))
    factor = np.zeros((len(exponent), 3, 3))
    factor[:, :2, 0], factor[:, 2, 0] = parts.slopes * of_exponent[:, None], of_exponent
    factor[:, 0, 1], factor[:, 1, 1] = -parts.mean * of_slope, of_slope
    factor[:, 0, 2] = of_level
    values = np.stack([parts.final, parts.recovered, exponent], axis=1)
    values[~sound], factor[~sound] = np.nan, np.nan
    residual = np.where(sound, np.sqrt(squares / np.maximum(count - 3, 1)), np.nan)
    return PowerLaw(values, factor, residual, count, sound)
