r"""Lin-KK: the chain of RC elements of fixed time constants, which obeys Kramers and Kronig, nearest to a spectrum.

.. math:: \hat Z(\omega) = R_0 + \sum_{k=1}^{M} \frac{R_k}{1 + j\omega\tau_k} + \frac{1}{j\omega C} + j\omega L,
   \qquad \mu = 1 - \frac{\sum_{R_k < 0} |R_k|}{\sum_{R_k \ge 0} |R_k|}

M. Schönleber, D. Klotz, E. Ivers-Tiffée, Electrochim. Acta 131 (2014) 20-27, doi 10.1016/j.electacta.2014.01.034.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .._spectra import BoolArray, ComplexArray, FloatArray, Grid, IntArray

FEWEST_ELEMENTS = 3
_BLOCK = 256
_EARLY = 3.0
"""RC elements per decade below which a small mu may come from too few of them."""
_DENSE = 3.5
"""RC elements per decade from which the normal equations are no longer exact enough."""


class Chain(NamedTuple):
    """What is found for the spectra of one grid."""

    elements: IntArray
    """(row) number M of RC elements."""
    mu: FloatArray
    """(row)"""
    residual: ComplexArray
    """(row, frequency): (Z - fit) / |Z|"""


def chains(
    grid: Grid,
    *,
    limit: float,
    largest: int,
    capacitance: bool,
    inductance: bool,
    adequate: Callable[[IntArray, ComplexArray], BoolArray] | None,
) -> Chain:
    """Fit M = 3, 4, ... elements to all spectra of a grid, until mu of each is at most `limit`.

    Too few elements can make mu small as well as too many. Below three elements per decade a stop is therefore taken
    only where the residual is adequate; otherwise the next stop from three elements per decade on is.

    Parameters
    ----------
    grid
        Spectra of the same frequencies.
    limit
        Of mu; the paper's c.
    largest
        Largest M tried.
    capacitance, inductance
        Whether the chain ends in a series capacitance and a series inductance.
    adequate
        Which rows of the grid have a residual that may be left; None takes every stop.
    """
    count, size = grid.z.shape
    found = Chain(np.zeros(count, np.int64), np.full(count, np.nan), np.full(grid.z.shape, np.nan + 0j))
    omega = 2 * np.pi * grid.frequency
    decades = np.log10(omega.max() / omega.min())
    active = np.arange(count)
    last = max(FEWEST_ELEMENTS, min(largest, size - 3))
    for elements in range(FEWEST_ELEMENTS, last + 1):
        basis = _basis(omega, elements, capacitance=capacitance, inductance=inductance)
        solve = _by_orthogonal if elements > _DENSE * decades else _by_normal_equations
        mu = _mu(_in_blocks(solve, basis, grid.z[active])[:, 1 : elements + 1])
        first = found.elements[active] == 0
        early = adequate is not None and elements < _EARLY * decades
        stop = ((mu <= limit) & (first | (not early))) | (elements == last)
        row = active[stop]
        if not row.size:
            continue
        residual = (grid.z[row] - _in_blocks(_by_orthogonal, basis, grid.z[row]) @ basis) / np.abs(grid.z[row])
        found.elements[row], found.mu[row], found.residual[row] = elements, mu[stop], residual
        over = adequate(row, residual) if early and adequate else np.ones(len(row), bool)
        active = np.setdiff1d(active, row[over], assume_unique=True)
        if not active.size:
            break
    return found


def _basis(omega: FloatArray, elements: int, *, capacitance: bool, inductance: bool) -> ComplexArray:
    """(parameter, frequency): a resistance, the RC elements, and what stands at the ends; each about 1 in size."""
    tau = np.geomspace(1 / omega.max(), 1 / omega.min(), elements)
    rows = [np.ones((1, len(omega)), complex), 1 / (1 + 1j * omega * tau[:, None])]
    if capacitance:
        rows.append(omega.min() / (1j * omega[None]))
    if inductance:
        rows.append(1j * omega[None] / omega.max())
    return np.concatenate(rows)


def _mu(resistance: FloatArray) -> FloatArray:
    negative = np.where(resistance < 0, -resistance, 0.0).sum(1)
    positive = np.where(resistance >= 0, resistance, 0.0).sum(1)
    with np.errstate(divide="ignore"):
        found: FloatArray = 1 - negative / positive
    return found


def _in_blocks(
    solve: Callable[[ComplexArray, ComplexArray], FloatArray], basis: ComplexArray, z: ComplexArray
) -> FloatArray:
    """Coefficients (row, parameter) of all rows, some at a time: the matrices of all would not fit a cache."""
    return np.concatenate([solve(basis, z[first : first + _BLOCK]) for first in range(0, len(z), _BLOCK)])


def _by_normal_equations(basis: ComplexArray, z: ComplexArray) -> FloatArray:
    """Least squares with weights 1/|Z|: one product with all weights makes the matrices of all spectra."""
    size = len(basis)
    upper = np.triu_indices(size)
    product = basis.real[upper[0]] * basis.real[upper[1]] + basis.imag[upper[0]] * basis.imag[upper[1]]
    weight = 1 / (z.real**2 + z.imag**2)
    matrix = np.empty((len(z), size, size))
    matrix[:, upper[0], upper[1]] = matrix[:, upper[1], upper[0]] = weight @ product.T
    right = (weight * z.real) @ basis.real.T + (weight * z.imag) @ basis.imag.T
    scale = 1 / np.sqrt(np.einsum("bii->bi", matrix))
    scaled = matrix * scale[:, :, None] * scale[:, None, :]
    found: FloatArray = np.linalg.solve(scaled, (right * scale)[..., None])[..., 0] * scale
    return found


def _by_orthogonal(basis: ComplexArray, z: ComplexArray) -> FloatArray:
    """The same by orthogonal factors: exact where elements stand so close that they hardly differ."""
    size = np.abs(z)[:, None, :]
    matrix = np.concatenate([basis.real / size, basis.imag / size], axis=2).transpose(0, 2, 1)
    right = np.concatenate([z.real, z.imag], axis=1) / np.concatenate([size[:, 0]] * 2, axis=1)
    scale = np.sqrt((matrix**2).sum(1))
    q, r = np.linalg.qr(matrix / scale[:, None, :])
    projected = np.einsum("bkp,bk->bp", q, right)
    found: FloatArray = np.linalg.solve(r, projected[..., None])[..., 0] / scale
    return found
