r"""Levenberg and Marquardt's method for a circuit and very many spectra at once.

Every spectrum has its own damping. Of all spectra a working set that fits the cache is iterated; one that has converged
makes room for the next. In one step for spectrum b, with weighted residuals r and their derivatives J by the coordinates,

.. math:: (J^T J + \lambda_b D)\,\delta = -J^T r, \qquad D = \mathrm{diag}(J^T J),

(Marquardt, J. Soc. Ind. Appl. Math. 11 (1963) 431); a coordinate on a bound towards which the gradient pushes is left out,
and the step is cut at the bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .circuits import Circuit
from .circuits.coordinates import Bounds, Coordinates, Tie
from .circuits.elements import ComplexArray, FloatArray, Grid

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

_WORKING_SET = 192
_FIRST_DAMPING, _EASED, _RAISED, _LARGEST_DAMPING = 1e-2, 0.2, 6.0, 1e8
_SMALLEST_SCALE = 1e-9
_REJECTIONS = 8


class Solution(NamedTuple):
    """Fits of N spectra; P is the number of parameters of the circuit.

    ``covariance`` is that of the parameters, scaled by ``cost / degrees``: the noise is taken from the residuals. Divide by
    this ratio where the weights are 1/sigma known beforehand. It is 0 for a fixed parameter and NaN for one at a bound.
    ``cost`` is the weighted sum of squares, over real and imaginary parts; ``degrees`` the number of these less that of free
    parameters. ``at_bound`` says where a bound holds the parameter back; of an arc whose time constant is varied, the flag
    of Q (or C) says that the time constant is at its limit. A row that could not be fitted is NaN, not converged.
    """

    values: FloatArray
    """(N, P)"""
    covariance: FloatArray
    """(N, P, P)"""
    cost: FloatArray
    """(N,)"""
    degrees: IntArray
    """(N,)"""
    iterations: IntArray
    """(N,)"""
    at_bound: BoolArray
    """(N, P)"""
    converged: BoolArray
    """(N,)"""


def levenberg(
    circuit: Circuit,
    frequency: npt.ArrayLike,
    z: npt.ArrayLike,
    start: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    fixed: Mapping[str, npt.ArrayLike] | None = None,
    bounds: Bounds | None = None,
    tied: Mapping[str, Tie] | None = None,
    iterations: int = 100,
    tolerance: float = 1e-7,
) -> Solution:
    """Least-squares fits of one circuit to N spectra.

    Parameters
    ----------
    circuit
        The circuit.
    frequency
        (F,) [Hz], positive; shared by all spectra.
    z
        (N, F) complex [ohm]. A NaN point is left out.
    start
        (N, P) or (P,) parameters to begin with; they are moved inside the bounds.
    weights
        (N, F), (F,) or a number; residuals are multiplied by it. By default 1/abs(z). NaN or 0 leaves a point out. The
        imaginary part of complex weights is that of the imaginary part of the residuals.
    fixed, bounds, tied
        By name of the parameter: a value that is kept (a number or one per spectrum), (lower, upper), and the parameter
        that is followed or that and a factor. See `circuits.coordinates.Coordinates`.
    iterations
        Most steps tried for one spectrum.
    tolerance
        Relative decrease of the sum of squares that counts as none.

    Raises
    ------
    ValueError
        Shapes that do not fit, or impossible `fixed`, `bounds` or `tied`.
    """
    task = _Task(circuit, frequency, z, weights, start, Coordinates(circuit, fixed, bounds, tied))
    return task.solution(iterations, tolerance)


class _Task:
    """Data and state of one call: everything (N, ...) over all spectra."""

    def __init__(
        self,
        circuit: Circuit,
        frequency: npt.ArrayLike,
        z: npt.ArrayLike,
        weights: npt.ArrayLike | None,
        start: npt.ArrayLike,
        coordinates: Coordinates,
    ) -> None:
        hertz, data = np.asarray(frequency, float), np.asarray(z, complex)
        if data.ndim != 2 or hertz.shape != data.shape[1:]:
            raise ValueError(f"z: spectra (N, F) over frequency (F,) are needed, got {data.shape} over {hertz.shape}")
        if not (hertz > 0).all():
            raise ValueError("frequency: must be positive")
        self.circuit, self.coordinates, self.grid = circuit, coordinates, Grid(hertz)
        size = np.abs(data)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.broadcast_to(1 / size if weights is None else np.asarray(weights), data.shape)
            of_imaginary = factor.imag if np.iscomplexobj(factor) else factor
            used = np.isfinite(data) & np.isfinite(factor) & (factor.real > 0) & (of_imaginary > 0)
        self.data: ComplexArray = np.where(used, data, 0)
        both = np.stack([np.where(used, part, 0.0) for part in (factor.real, of_imaginary)], -1)
        self.factor: FloatArray = both.reshape(len(data), -1)
        self.degrees: IntArray = 2 * used.sum(1) - coordinates.free.size
        known = np.broadcast_to(np.asarray(start, float), (len(data), len(circuit.parameters)))
        self.low, self.high = coordinates.limits(hertz, np.where(used, size, 0).max(1, initial=0) + 1e-300)
        self.x: FloatArray = np.clip(coordinates.inner(known), self.low, self.high)
        self.possible: BoolArray = np.isfinite(self.x).all(1) & (self.degrees >= 0)
        count, free = self.x.shape
        self.cost = np.full(count, np.inf)
        self.normal, self.gradient = np.empty((count, free, free)), np.zeros((count, free))
        self.normal[:] = np.eye(free)
        self.damping, self.rejected = np.full(count, _FIRST_DAMPING), np.zeros(count, int)
        self.steps, self.converged = np.zeros(count, int), np.zeros(count, bool)
        block = min(count, _WORKING_SET)
        self._buffer: ComplexArray = np.empty((len(circuit.parameters) + 1, block, hertz.size), complex)

    def solution(self, iterations: int, tolerance: float) -> Solution:
        """Iterate every spectrum that can be fitted."""
        waiting = np.nonzero(self.possible)[0]
        active, waiting = waiting[:_WORKING_SET], waiting[_WORKING_SET:]
        with np.errstate(all="ignore"):
            while active.size:
                done = self._step(active, iterations, tolerance)
                if done.any():
                    going = active[~done]
                    room = _WORKING_SET - going.size
                    active, waiting = np.concatenate([going, waiting[:room]]), waiting[room:]
            return self._found()

    def _normal(self, x: FloatArray, rows: IntArray) -> FloatArray:
        """(rows, free + 1, free + 1): products of all pairs of derivatives; the last row and column are the residual."""
        values, full = self.coordinates.values(x, rows)
        buffer = self._buffer[:, : len(rows)]
        modelled = self.circuit.evaluate(values.T[:, :, None].copy(), self.grid, buffer[:-1])
        np.subtract(modelled, self.data[rows], out=buffer[-1])
        parts = buffer.view(float)
        parts *= self.factor[rows]
        products = parts.transpose(1, 0, 2) @ parts.transpose(1, 2, 0)
        chain = np.zeros((len(rows), buffer.shape[0], x.shape[1] + 1))
        chain[:, :-1, :-1] = self.coordinates.chain(full)
        chain[:, -1, -1] = 1.0
        found: FloatArray = chain.transpose(0, 2, 1) @ products @ chain
        return found

    def _step(self, rows: IntArray, iterations: int, tolerance: float) -> BoolArray:
        """One step of some spectra; which of them need no more. A spectrum's first step only evaluates its start."""
        x, low, high = self.x[rows], self.low[rows], self.high[rows]
        normal, gradient, cost, damping = self.normal[rows], self.gradient[rows], self.cost[rows], self.damping[rows]
        step = self._direction(normal, gradient, damping, self._held(rows))
        trial = np.clip(x + step, low, high)
        step = trial - x
        curved = (normal @ step[..., None])[..., 0]
        expected = -np.einsum("bi,bi->b", step, 2 * gradient + curved)
        found = self._normal(trial, rows)
        reached = found[:, -1, -1]
        better = reached < cost
        kept = rows[better]
        self.x[kept], self.cost[kept] = trial[better], reached[better]
        self.normal[kept], self.gradient[kept] = found[better, :-1, :-1], found[better, :-1, -1]
        gain = np.where(np.isfinite(cost), cost - reached, np.inf)
        self.damping[rows] = np.where(better, damping * np.where(np.isfinite(cost), _EASED, 1.0), damping * _RAISED)
        self.rejected[rows] = np.where(better, 0, self.rejected[rows] + 1)
        self.steps[rows] += np.isfinite(cost)
        small = tolerance * np.maximum(cost, np.finfo(float).tiny)
        still = np.isfinite(cost) & (np.abs(expected) <= small) & (better | (np.abs(gain) <= small))
        flat = (self.damping[rows] > _LARGEST_DAMPING) | (self.rejected[rows] >= _REJECTIONS)
        exact = self.cost[rows] <= np.finfo(float).tiny
        self.converged[rows] = still | exact
        return still | flat | exact | (self.steps[rows] >= iterations) | ~np.isfinite(self.cost[rows])

    def _held(self, rows: IntArray) -> BoolArray:
        """(rows, free): coordinates on a bound that the gradient pushes them against."""
        x, gradient = self.x[rows], self.gradient[rows]
        return ((x <= self.low[rows]) & (gradient > 0)) | ((x >= self.high[rows]) & (gradient < 0))

    def _direction(self, normal: FloatArray, gradient: FloatArray, damping: FloatArray, held: BoolArray) -> FloatArray:
        diagonal = np.einsum("bii->bi", normal)
        scale = np.maximum(diagonal, _SMALLEST_SCALE * diagonal.max(1, keepdims=True) + 1e-300)
        damped = normal.copy()
        if held.any():
            damped[held[:, :, None] | held[:, None, :]] = 0.0
            gradient = np.where(held, 0.0, gradient)
        np.einsum("bii->bi", damped)[:] += damping[:, None] * scale
        if held.any():
            np.einsum("bii->bi", damped)[held] = 1.0
        step: FloatArray = -np.linalg.solve(damped, gradient[..., None])[..., 0]
        longest = self.coordinates.longest_step()
        return np.clip(np.nan_to_num(step), -longest, longest)

    def _found(self) -> Solution:
        """Parameters and their covariance at the end."""
        rows = np.arange(len(self.x))
        values, full = self.coordinates.values(self.x, rows)
        held = self._held(rows)
        diagonal = np.einsum("bii->bi", self.normal)
        scale = np.sqrt(np.where(diagonal > 0, diagonal, np.inf))
        unit = self.normal / scale[:, :, None] / scale[:, None, :]
        unit[held[:, :, None] | held[:, None, :]] = 0.0
        np.einsum("bii->bi", unit)[:] = 1 + 1e-14
        inverse = np.linalg.inv(unit) / scale[:, :, None] / scale[:, None, :]
        inverse[held[:, :, None] | held[:, None, :]] = 0.0
        noise = np.where(self.degrees > 0, self.cost / np.maximum(self.degrees, 1), np.nan)
        outer = self.coordinates.chain(full) * np.where(self.circuit.logarithmic, values, 1.0)[:, :, None]
        covariance = outer @ inverse @ outer.transpose(0, 2, 1) * noise[:, None, None]
        at_bound = self.coordinates.spread(held)
        unknown = self.coordinates.spread(held | ~(diagonal > 0))
        covariance[unknown[:, :, None] | unknown[:, None, :]] = np.nan
        lost = ~self.possible | ~np.isfinite(self.cost)
        values[lost], covariance[lost], self.cost[lost] = np.nan, np.nan, np.nan
        return Solution(
            values, covariance, self.cost, self.degrees, self.steps, at_bound & ~lost[:, None], self.converged & ~lost
        )
