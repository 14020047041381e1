r"""The linear problem of a distribution of relaxation times on one grid of frequencies, and its penalty.

.. math:: Z(\omega) = R_\infty + j\omega L + \frac{1}{j\omega C} + \int\frac{\gamma(\ln\tau) d\ln\tau}{1 + j\omega\tau},
   \quad \min_{\gamma, R_\infty \ge 0} \|w(\omega)(Z - \hat Z)\|^2 + \lambda \|\gamma''\|^2

The weights w are of a few families only, so that one decomposition serves all spectra of a family.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh

from .._spectra import BoolArray, ComplexArray, FloatArray, Grid, IntArray

PENALTIES: FloatArray = 10.0 ** np.arange(-12.0, 2.01, 0.25)
"""Values of λ that are tried, relative to the largest eigenvalue of the problem without a penalty."""

INFLATION = 2.0
"""Values each parameter counts for: real and imaginary part tell the same. With 1, cross-validation would leave much of
the noise in the distribution (as for smoothing splines, where C. Gu takes 1.4; from memory)."""


class Family(NamedTuple):
    """What spectra of one grid must share to be solved together."""

    tail: bool
    """Whether a series capacitance belongs to the model."""
    corner: int
    r"""Twice the log10 of the angular frequency :math:`\omega_c` below which \|Z\| grows without end."""
    slope: int
    """Four times the exponent p of that growth; weights are 1/(1 + (corner/ω)^p), 1 without a tail."""


class Problem(NamedTuple):
    """Everything that depends on frequencies and family only; matrices act on real parts followed by imaginary ones."""

    place: IntArray
    """(time_constant) where they stand: log10 of the time constant [s] times the number per decade."""
    weight: FloatArray
    """(frequency)"""
    kernel: FloatArray
    """(part, unknown): responses to 1 ohm in series and to 1 ohm at each time constant."""
    loose: FloatArray
    """(part, element): responses of L and perhaps 1/C, which have neither penalty nor sign."""
    loose_scale: FloatArray
    """(element): what a coefficient has to be multiplied with to be H, F-1."""
    reduced: FloatArray
    """`kernel` without what `loose` can explain."""
    gram: FloatArray
    """(unknown, unknown): of `reduced`."""
    roughness: FloatArray
    """(unknown, unknown): the quadratic form of the penalty, scaled so that λ is a pure number."""
    free: FloatArray
    """(part, element): orthonormal responses of all that bears no penalty."""
    response: FloatArray
    """(part, mode): of the modes, in which both forms are diagonal, without what `free` explains."""
    values: FloatArray
    """(mode): generalised eigenvalues."""
    modes: FloatArray
    """(time_constant, mode)"""


def families(grid: Grid, has_tail: BoolArray) -> list[tuple[Family, Grid]]:
    """Spectra of a grid by the family of weights they need."""
    corner, slope = _growth(grid)
    key = np.where(has_tail[:, None], np.stack([np.ones(len(corner), int), corner, slope], axis=1), 0)
    different, of = np.unique(key, axis=0, return_inverse=True)
    found = []
    for number, (tail, *own) in enumerate(different.tolist()):
        member = of.ravel() == number
        found.append((Family(bool(tail), *own), Grid(grid.row[member], grid.column, grid.frequency, grid.z[member])))
    return found


def _growth(grid: Grid) -> tuple[IntArray, IntArray]:
    """Corner and slope of :class:`Family` for each row, rounded to half decades and quarters."""
    order = np.argsort(grid.frequency)
    omega = 2 * np.pi * grid.frequency[order]
    size = np.abs(grid.z[:, order])
    logarithm = np.log10(omega)
    second = max(int(np.searchsorted(logarithm, logarithm[0] + 0.5)), 1)
    steepness = (np.log10(size[:, 0]) - np.log10(size[:, second])) / (logarithm[second] - logarithm[0])
    slope = np.clip(np.rint(4 * steepness), 1, 4)
    # the corner: where the line of that slope through the lowest frequency comes down to the smallest |Z|
    fall = np.log10(size[:, 0] / size.min(1))
    corner = np.minimum(logarithm[0] + 4 * fall / slope, logarithm[-1])
    return np.rint(2 * corner).astype(int), slope.astype(int)


def problem(frequency: FloatArray, family: Family, *, per_decade: int, margin: float) -> Problem:
    """The problem of one family of one grid.

    Parameters
    ----------
    frequency
        (frequency) [Hz].
    family
        Model and weights.
    per_decade
        Time constants per decade; they are the same for all grids, as far as these reach.
    margin
        Decades by which they go beyond the reciprocals of the angular frequencies, at both ends.
    """
    return _problem(np.ascontiguousarray(frequency, float).tobytes(), family, per_decade, margin)


@lru_cache(maxsize=32)
def _problem(frequencies: bytes, family: Family, per_decade: int, margin: float) -> Problem:
    """The same, remembered: a panel asks for one grid again and again."""
    frequency = np.frombuffer(frequencies)
    omega = 2 * np.pi * frequency
    place = np.arange(*_ends(omega, per_decade, margin))
    weight = np.ones(len(omega))
    if family.tail:
        weight = 1 / (1 + (10 ** (family.corner / 2) / omega) ** (family.slope / 4))
    tau = 10 ** (place / per_decade)
    series = np.ones((len(omega), 1), complex)
    kernel = _parts(np.concatenate([series, 1 / (1 + 1j * omega[:, None] * tau)], axis=1), weight)
    columns, scale = [1j * omega / omega.max()], [1 / omega.max()]
    if family.tail:
        columns.append(omega.min() / (1j * omega))
        scale.append(omega.min())
    loose = _parts(np.stack(columns, axis=1), weight)
    reduced = _without(kernel, np.linalg.qr(loose)[0])
    free = np.linalg.qr(np.concatenate([loose, kernel[:, :1]], axis=1))[0]
    penalized = _without(kernel[:, 1:], free)
    bend = _bend(len(place))
    top = eigh(penalized.T @ penalized, bend, eigvals_only=True, subset_by_index=[len(place) - 1] * 2)[0]
    values, modes = eigh(penalized.T @ penalized, bend * top)
    roughness = np.zeros((len(place) + 1,) * 2)
    roughness[1:, 1:] = bend * top
    gram = reduced.T @ reduced
    return Problem(
        place,
        weight,
        kernel,
        loose,
        np.array(scale),
        reduced,
        gram,
        roughness,
        free,
        penalized @ modes,
        np.maximum(values, 0.0),
        modes,
    )


def scaled(of: Problem, z: ComplexArray) -> tuple[FloatArray, FloatArray]:
    """Weighted parts (row, part) of impedances, each row over its largest modulus, and these (row)."""
    scale = np.abs(z).max(1)
    weighted = z * of.weight / scale[:, None]
    return np.concatenate([weighted.real, weighted.imag], axis=1), scale


def _ends(omega: FloatArray, per_decade: int, margin: float) -> tuple[int, int]:
    low, high = -np.log10(omega.max()) - margin, -np.log10(omega.min()) + margin
    return int(np.floor(low * per_decade + 1e-9)), int(np.ceil(high * per_decade - 1e-9)) + 1


def _parts(columns: ComplexArray, weight: FloatArray) -> FloatArray:
    return np.concatenate([columns.real * weight[:, None], columns.imag * weight[:, None]], axis=0)


def _without(columns: FloatArray, orthogonal: FloatArray) -> FloatArray:
    return columns - orthogonal @ (orthogonal.T @ columns)


def _bend(size: int) -> FloatArray:
    """Sum of the squared second differences as a matrix; zeros beyond both ends keep it positive definite."""
    second = np.zeros((size + 2, size))
    for offset, weight in enumerate((1.0, -2.0, 1.0)):
        second[np.arange(size) + offset, np.arange(size)] = weight
    return second.T @ second


def path(of: Problem, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Residual and roughness (row, penalty) of the solutions without the constraint, and the parameters they use."""
    rest = y - (y @ of.free) @ of.free.T
    square = (rest @ of.response) ** 2
    damped = 1 / (of.values[:, None] + PENALTIES)  # (mode, penalty)
    total = (rest**2).sum(1, keepdims=True)
    explained = square @ (2 * damped - of.values[:, None] * damped**2)
    parameters = of.free.shape[1] + (of.values[:, None] * damped).sum(0)
    return np.maximum(total - explained, 1e-24 * total), square @ damped**2, parameters


def by_gcv(of: Problem, y: FloatArray) -> IntArray:
    """Index into :data:`PENALTIES` (row) with the least generalised cross-validation, RSS / (n - 2 parameters)²."""
    residual, _, parameters = path(of, y)
    free = 1 - INFLATION * parameters / y.shape[1]
    found: IntArray = np.where(free > 0, residual / np.maximum(free, 1e-9) ** 2, np.inf).argmin(1)
    return found


def by_l_curve(of: Problem, y: FloatArray) -> IntArray:
    """Index (row) at the corner of the L-curve: the largest curvature of ln roughness against ln residual.

    The curve has a second corner where nothing is fitted any more; what has ten times the least residual is left out.
    """
    residual, roughness, _ = path(of, y)
    x, v = np.log(residual) / 2, np.log(np.maximum(roughness, 1e-300)) / 2
    first = [np.gradient(values, axis=1) for values in (x, v)]
    second = [np.gradient(values, axis=1) for values in first]
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = (first[0] * second[1] - second[0] * first[1]) / (first[0] ** 2 + first[1] ** 2) ** 1.5
    sound = np.isfinite(bend) & (x < x.min(1, keepdims=True) + np.log(10))
    found: IntArray = np.where(sound, bend, -np.inf)[:, 1:-1].argmax(1) + 1
    return found
