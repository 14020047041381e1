"""Least squares of positive parameters, of many samples at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .regression import BoolArray, FloatArray

_STEPS, _TOLERANCE = 60, 1e-12
_LARGEST_STEP = 2.0  # of a logarithm

Model = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
"""Values (sample, point) and their derivatives by the logarithms (sample, point, parameter), of pressures and of the
logarithms of the parameters (sample, parameter)."""


class Fit(NamedTuple):
    """Logarithms of the parameters with their covariance, (sample, parameter) and (sample, parameter, parameter)."""

    logs: FloatArray
    covariance: FloatArray
    degrees: FloatArray
    cost: FloatArray
    """Sum of squares."""


def positive_fit(
    model: Model, p: FloatArray, n: FloatArray, used: BoolArray, start: FloatArray, weight: FloatArray
) -> Fit:
    """Levenberg and Marquardt's method in the logarithms of the parameters; each sample has its own damping.

    Parameters
    ----------
    model
        What is fitted.
    p, n, used
        (sample, point): pressures, uptakes, and which of them count.
    start
        Parameters to begin with, (sample, parameter), positive.
    weight
        Factor of the residuals, (sample, point).
    """
    at = np.where(used, p, 0.0)
    factor = np.where(used, weight, 0.0)
    target = np.where(used, n, 0.0)
    logs = np.log(start)
    damping = np.full(len(p), 1e-3)

    def residuals(where: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        value, slope = model(at, where)
        left = factor * (target - value)
        return left, factor[..., None] * slope, (left**2).sum(-1)

    left, slope, cost = residuals(logs)
    for _ in range(_STEPS):
        normal = np.einsum("spa,spb->sab", slope, slope)
        size = np.einsum("saa->sa", normal)
        damped = normal + np.eye(logs.shape[1]) * (damping[:, None] * size + 1e-30)[:, None, :]
        step = np.linalg.solve(damped, np.einsum("spa,sp->sa", slope, left)[..., None])[..., 0]
        step = np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
        tried = residuals(logs + step)
        better = tried[2] < cost
        gained = np.where(better, cost - tried[2], 0.0)
        logs = np.where(better[:, None], logs + step, logs)
        left, slope = np.where(better[:, None], tried[0], left), np.where(better[:, None, None], tried[1], slope)
        cost = np.where(better, tried[2], cost)
        damping = np.clip(np.where(better, damping * 0.2, damping * 6), 1e-12, 1e12)
        if (np.where(better, gained <= _TOLERANCE * cost, damping > 1e8)).all():
            break
    degrees = used.sum(-1).astype(float) - logs.shape[1]
    return Fit(logs, _covariance(slope, cost, degrees), degrees, cost)


def _covariance(slope: FloatArray, cost: FloatArray, degrees: FloatArray) -> FloatArray:
    normal = np.einsum("spa,spb->sab", slope, slope)
    size = np.sqrt(np.einsum("saa->sa", normal))
    flat = size <= 0
    size = np.where(flat, 1.0, size)
    scaled = normal / size[:, :, None] / size[:, None, :] + np.eye(size.shape[1]) * flat[:, None, :]
    regular = np.linalg.det(scaled) > 1e-13
    inverse = np.linalg.inv(np.where(regular[:, None, None], scaled, np.eye(size.shape[1])))
    noise = np.where(degrees > 0, cost / np.maximum(degrees, 1), np.nan)
    found = inverse / size[:, :, None] / size[:, None, :] * noise[:, None, None]
    return np.where(regular[:, None, None] & ~(flat[:, :, None] | flat[:, None, :]), found, np.inf)
