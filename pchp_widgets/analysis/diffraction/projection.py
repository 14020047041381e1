r"""Variable projection: fits of patterns whose heights and background are linear, of very many samples at once.

For given positions and widths the linear part is solved exactly, so that only few coordinates are searched. With
columns :math:`\Phi` of the model, the derivatives :math:`D` of the pattern by the coordinates at the linear part that
was found, and the residuals r, all of them weighted, a step is

.. math:: (D D^T - D \Phi^T (\Phi \Phi^T)^{-1} \Phi D^T + \lambda\,\mathrm{diag})\,\delta = D r

(Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973) 413, in the form of Kaufman, BIT 15 (1975) 49; damped as by
Marquardt). The matrix in brackets is at the minimum the inverse of the covariance of the coordinates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .models import FloatArray, Model

BoolArray = npt.NDArray[np.bool_]

_FIRST_DAMPING, _EASED, _RAISED, _LARGEST_DAMPING = 1e-2, 0.2, 8.0, 1e8
_LONGEST = (2.0, 0.4, 0.3, 0.5)  # of one step: centre in degrees, logarithm of a width, share, logarithm of the decay
_RIDGE = 1e-12
_FLAT = 1e-7  # of the largest curvature: what is flatter, such as the decay of no scattering by air, is nowhere
_EXACT = 1e-10  # a sum of squares this small beside that of the data is none
_TINY = 1e-300


class Fit(NamedTuple):
    """Fits of S samples; ``cost`` is the weighted sum of squares, ``covariance`` holds for weights 1/sigma."""

    coordinates: FloatArray
    linear: FloatArray
    covariance: FloatArray
    """(S, coordinates + columns, the same), of the coordinates first. NaN for what is held at a bound."""
    cost: FloatArray
    converged: BoolArray
    held: BoolArray
    """(S, coordinates): held at a bound."""


def projected(
    model: Model,
    values: FloatArray,
    weights: FloatArray,
    start: FloatArray,
    limits: tuple[FloatArray, FloatArray],
    *,
    iterations: int = 60,
    tolerance: float = 1e-4,
) -> Fit:
    """Least-squares fits.

    Parameters
    ----------
    model
        The model, of S samples.
    values, weights
        (S, N) what is measured, and by what its residuals are multiplied; 0 leaves a point out.
    start
        (S, coordinates) to begin with.
    limits
        Lowest and highest coordinates.
    iterations
        Most steps tried.
    tolerance
        A fit has converged when a step would lower the sum of squares by less than this, in units of its mean.
    """
    low, high = limits
    longest = _longest(model)
    at = np.clip(start, low, high)
    state = _state(model, at, values, weights)
    damping = np.full(len(at), _FIRST_DAMPING)
    scale = np.maximum((weights > 0).sum(1) - model.columns - model.coordinates, 1)
    exact = _EXACT * ((values * weights) ** 2).sum(1) + _TINY
    going = np.ones(len(at), bool)
    converged = ~going
    for _ in range(iterations):
        held = ((at <= low) & (state.gradient < 0)) | ((at >= high) & (state.gradient > 0))
        step = _solved(state.normal, state.gradient, held, damping)
        free = _solved(state.normal, state.gradient, held, np.full(len(at), 1e-10), _FLAT)
        gain = np.einsum("sp,sp->s", free, np.where(held, 0.0, state.gradient))
        converged |= going & (gain <= tolerance * np.maximum(state.cost, exact) / scale)
        going &= ~converged & (damping < _LARGEST_DAMPING)
        if not going.any():
            break
        trial = np.where(going[:, None], np.clip(at + np.clip(step, -longest, longest), low, high), at)
        found = _state(model, trial, values, weights)
        better = going & (found.cost < state.cost)
        at = np.where(better[:, None], trial, at)
        state = _State(*(_chosen(better, new, old) for new, old in zip(found, state, strict=True)))
        damping = np.where(better, damping * _EASED, damping * _RAISED)
    held = ((at <= low) & (state.gradient < 0)) | ((at >= high) & (state.gradient > 0))
    return Fit(at, state.linear, _covariance(state, held), state.cost, converged, held)


class _State(NamedTuple):
    """What is known at some coordinates; the gradient points downhill."""

    cost: FloatArray
    linear: FloatArray
    normal: FloatArray
    gradient: FloatArray
    inner: FloatArray
    cross: FloatArray


def _state(model: Model, at: FloatArray, values: FloatArray, weights: FloatArray) -> _State:
    columns, slopes = model.with_slopes(at)
    columns = columns * weights[:, None]
    data = values * weights
    inner = columns @ columns.transpose(0, 2, 1)
    diagonal = np.einsum("sii->si", inner)
    diagonal *= 1 + _RIDGE
    diagonal += _TINY
    linear = np.asarray(np.linalg.solve(inner, columns @ data[..., None])[..., 0], float)
    residuals: FloatArray = np.subtract(data, (linear[:, None] @ columns)[:, 0])
    along = model.directions(slopes, linear) * weights[:, None]
    cross = along @ columns.transpose(0, 2, 1)
    whole = along @ along.transpose(0, 2, 1)
    normal = whole - cross @ np.linalg.solve(inner, cross.transpose(0, 2, 1))
    gradient = (along @ residuals[..., None])[..., 0]
    return _State((residuals**2).sum(1), linear, normal, gradient, inner, cross)


def _chosen(which: BoolArray, new: FloatArray, old: FloatArray) -> FloatArray:
    found: FloatArray = np.where(which.reshape(-1, *[1] * (new.ndim - 1)), new, old)
    return found


def _solved(
    normal: FloatArray, gradient: FloatArray, held: BoolArray, damping: FloatArray, flat: float = 1e-12
) -> FloatArray:
    """The step, 0 in a coordinate that is held."""
    size = np.arange(normal.shape[-1])
    matrix = np.where(held[:, :, None] | held[:, None, :], 0.0, normal)
    diagonal = np.maximum(matrix[:, size, size], 0.0)
    most = diagonal.max(1, keepdims=True, initial=0.0)
    matrix[:, size, size] = diagonal + damping[:, None] * np.maximum(diagonal, 1e-9 * most) + flat * most + _TINY
    matrix[:, size, size] += held
    found: FloatArray = np.linalg.solve(matrix, np.where(held, 0.0, gradient)[..., None])[..., 0]
    return found


def _longest(model: Model) -> FloatArray:
    centre, width, share, decay = _LONGEST
    parts = [[centre] * model.count, [width] * model.count, [share] * model.voigt, [decay] * model.of.decays]
    return np.array([one for part in parts for one in part], float)


def _covariance(state: _State, held: BoolArray) -> FloatArray:
    """Of coordinates and linear parts together; what is held counts as known."""
    cross = np.where(held[:, :, None], 0.0, state.cross)
    normal = np.where(held[:, :, None] | held[:, None, :], 0.0, state.normal)
    size = np.arange(normal.shape[-1])
    normal[:, size, size] += held
    unit = np.sqrt(np.maximum(normal[:, size, size], _TINY))
    own = np.linalg.pinv(normal / unit[:, :, None] / unit[:, None, :], hermitian=True)
    own = own / unit[:, :, None] / unit[:, None, :]
    own[:, size, size] -= held
    ties = np.linalg.solve(state.inner, cross.transpose(0, 2, 1))  # how the linear part follows a coordinate
    linear = np.linalg.inv(state.inner) + ties @ own @ ties.transpose(0, 2, 1)
    both = -own @ ties.transpose(0, 2, 1)
    found = np.concatenate([np.concatenate([own, both], 2), np.concatenate([both.transpose(0, 2, 1), linear], 2)], 1)
    unknown = np.concatenate([held, np.zeros((len(held), linear.shape[1]), bool)], 1)
    found[unknown[:, :, None] | unknown[:, None, :]] = np.nan
    return found
