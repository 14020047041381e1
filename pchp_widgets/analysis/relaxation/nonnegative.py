"""Least squares under x >= 0 for many right-hand sides, each with its own weight of the penalty."""

from __future__ import annotations

import numpy as np

from .._spectra import BoolArray, FloatArray

_PATIENCE = 3
_MOST_ROUNDS = 200
_BLOCK = 256
"""Rows at a time: their matrices fit the cache better than those of a whole study."""


def nonnegative(
    gram: FloatArray, roughness: FloatArray, penalty: FloatArray, right: FloatArray, start: BoolArray
) -> FloatArray:
    r"""The x >= 0 (row, unknown) with the least :math:`x^T (G + \lambda B) x / 2 - b^T x`.

    Block principal pivoting: the unknowns that are free are solved for, then all of them that came out negative and
    all fixed ones whose gradient is negative change sides, until none is left. When their number does not fall for some
    rounds only the last of them changes sides, which cannot cycle.

    Parameters
    ----------
    gram, roughness
        G and B (unknown, unknown); their sum is positive definite.
    penalty
        λ (row).
    right
        b (row, unknown).
    start
        (row, unknown): which unknowns are free at first.

    References
    ----------
    L. F. Portugal, J. J. Júdice, L. N. Vicente, Math. Comput. 63 (1994) 625-643.
    """
    found = np.empty(right.shape)
    for first in range(0, len(right), _BLOCK):
        rows = slice(first, first + _BLOCK)
        found[rows] = _block(gram, roughness, penalty[rows], right[rows], start[rows])
    return found


def _block(
    gram: FloatArray, roughness: FloatArray, penalty: FloatArray, right: FloatArray, start: BoolArray
) -> FloatArray:
    count, size = right.shape
    free, fewest, patience = start.copy(), np.full(count, size + 1), np.full(count, _PATIENCE)
    found = np.zeros((count, size))
    active = np.arange(count)
    slack = 1e-10 * np.abs(right).max(1, keepdims=True)
    for _ in range(_MOST_ROUNDS):
        own = penalty[active, None]
        x = _solved(gram, roughness, own, right[active], free[active])
        gradient = x @ gram + own * (x @ roughness) - right[active]
        wrong = np.where(free[active], x < 0, gradient < -slack[active])
        number = wrong.sum(1)
        done = number == 0
        found[active[done]] = x[done]
        active, wrong, number = active[~done], wrong[~done], number[~done]
        if not active.size:
            return found
        better = number < fewest[active]
        fewest[active] = np.where(better, number, fewest[active])
        patience[active] = np.where(better, _PATIENCE, patience[active] - 1)
        last = np.arange(size) == (size - 1 - wrong[:, ::-1].argmax(1))[:, None]
        free[active] ^= np.where((patience[active] < 0)[:, None], last, wrong)
    found[active] = np.nan
    return found


def _solved(
    gram: FloatArray, roughness: FloatArray, penalty: FloatArray, right: FloatArray, free: BoolArray
) -> FloatArray:
    """Solutions with the unknowns that are not free at zero."""
    matrix: FloatArray = penalty[..., None] * roughness
    matrix += gram
    number = free.astype(float)
    matrix *= number[:, :, None]
    matrix *= number[:, None, :]
    place = np.arange(right.shape[1])
    matrix[:, place, place] += 1 - number
    found: FloatArray = np.linalg.solve(matrix, (right * number)[..., None])[..., 0]
    return found
