r"""Levenberg and Marquardt's method for a circuit and very many spectra at once.

Every spectrum has its own damping. Of all spectra a working set that fits the cache is iterated; one that has
converged makes room for the next. In one step for spectrum b, with weighted residuals r and their derivatives J by the
coordinates,

.. math:: (J^T J + \lambda_b D)\,\delta = -J^T r, \qquad D = \mathrm{diag}(J^T J),

(Marquardt, J. Soc. Ind. Appl. Math. 11 (1963) 431); a coordinate on a bound that the gradient pushes it against is left
out, and the step is cut at the bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .circuits import Circuit
from .circuits.coordinates import Bounds, Coordinates, Tie
from .circuits.elements import ComplexArray, FloatArray, Frequencies

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

_WORKING_SET = 256
_FIRST_DAMPING, _EASED, _RAISED, _LARGEST_DAMPING = 0.03, 0.3, 8.0, 1e9
_SMALLEST_SCALE = 1e-9
_NEAR, _UNDAMPED = 0.9, 1e-12
_NOTHING = 1e-300
_EXACT = 1e-24  # a sum of squares this small beside that of the data is rounding


class Solution(NamedTuple):
    """Fits of N spectra; P is the number of parameters of the circuit.

    ``covariance`` is that of the parameters, scaled by ``cost / degrees``: the noise is taken from the residuals.
    Divide by this ratio where the weights are 1/sigma known beforehand. It is 0 for a fixed parameter, NaN for one at a
    bound. ``cost`` is the weighted sum of squares, over real and imaginary parts; ``degrees`` the number of these less
    that of free parameters. ``at_bound`` says where a bound holds a parameter back; of an arc whose time constant is
    varied, the flag of Q (or C) says that the time constant is at its limit. A row that could not be fitted is NaN, not
    converged.
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
    tolerance: float = 1e-6,
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
        A fit has converged when an undamped step would lower the sum of squares by less than this fraction of it.

    Raises
    ------
    ValueError
        Shapes that do not fit, or impossible `fixed`, `bounds` or `tied`.
    """
    hertz, data, factor = _points(frequency, z, weights)
    known = np.asarray(start, float)
    if known.shape not in {(len(circuit.names),), (len(data), len(circuit.names))}:
        raise ValueError(f"start: {(len(data), len(circuit.names))} parameters are needed, got shape {known.shape}")
    task = _Task(circuit, hertz, data, factor, Coordinates(circuit, fixed, bounds, tied))
    return task.solution(np.broadcast_to(known, (len(data), len(circuit.names))), iterations, tolerance)


def _points(
    frequency: npt.ArrayLike, z: npt.ArrayLike, weights: npt.ArrayLike | None
) -> tuple[FloatArray, ComplexArray, FloatArray]:
    """Frequencies (F,), impedances (N, F), and the weights (N, F, 2) of their real and imaginary parts, 0 if unused."""
    hertz, data = np.asarray(frequency, float), np.asarray(z, complex)
    if data.ndim != 2 or hertz.shape != data.shape[1:] or not hertz.size:
        raise ValueError(f"z: spectra (N, F) over frequency (F,) are needed, got {data.shape} over {hertz.shape}")
    if not ((hertz > 0) & np.isfinite(hertz)).all():
        raise ValueError("frequency: must be positive and finite")
    with np.errstate(divide="ignore", invalid="ignore"):
        given = np.asarray(1 / np.abs(data) if weights is None else weights)
    parts = [given.real, given.imag] if np.iscomplexobj(given) else [given, given]
    both = np.stack([np.broadcast_to(part, data.shape) for part in parts], -1)
    used = np.isfinite(data)[:, :, None] & np.isfinite(both) & (both > 0)
    return hertz, data, np.where(used, both, 0.0)


class _Task:
    """Data and state of one call: everything (N, ...) over all spectra."""

    def __init__(
        self, circuit: Circuit, frequency: FloatArray, z: ComplexArray, both: FloatArray, coordinates: Coordinates
    ) -> None:
        self.circuit, self.coordinates, self.at = circuit, coordinates, Frequencies(frequency)
        used = both > 0
        self.data: ComplexArray = np.ascontiguousarray(np.where(used.any(2), z, 0))
        self.factor: FloatArray = both.reshape(len(z), 2 * frequency.size)
        self.degrees: IntArray = used.sum((1, 2)) - coordinates.free.size
        self.exact: FloatArray = _EXACT * ((self.data.view(float) * self.factor) ** 2).sum(1)
        self.low, self.high = coordinates.limits(frequency, np.abs(self.data).max(1, initial=0) + _NOTHING)
        self.longest = coordinates.longest_step()
        count, free = self.low.shape
        self.x: FloatArray = np.full((count, free), np.nan)
        self.cost = np.full(count, np.inf)
        self.normal, self.gradient = np.empty((count, free, free)), np.zeros((count, free))
        self.normal[:] = np.eye(free)
        self.damping = np.full(count, _FIRST_DAMPING)
        self.steps, self.converged = np.zeros(count, int), np.zeros(count, bool)
        block = min(count, _WORKING_SET)
        self._buffer: ComplexArray = np.empty((len(circuit.parameters) + 1, block, frequency.size), complex)

    def solution(self, start: FloatArray, iterations: int, tolerance: float) -> Solution:
        """Iterate every spectrum that can be fitted."""
        self.x = np.clip(self.coordinates.inner(start), self.low, self.high)
        waiting = np.flatnonzero(np.isfinite(self.x).all(1) & (self.degrees >= 0))
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
        """(rows, free + 1, free + 1): products of all pairs of derivatives; last come those with the residual."""
        values, full = self.coordinates.values(x, rows)
        buffer = self._buffer[:, : len(rows)]
        modelled = self.circuit.evaluate(values.T[:, :, None].copy(), self.at, buffer[:-1])
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
        x, cost, damping = self.x[rows], self.cost[rows], self.damping[rows]
        begun = np.isfinite(cost)
        step = self._direction(rows, damping)
        trial = np.clip(x + np.clip(step, -self.longest, self.longest), self.low[rows], self.high[rows])
        found = self._normal(trial, rows)
        better = found[:, -1, -1] < cost
        kept = rows[better]
        self.x[kept], self.cost[kept] = trial[better], found[better, -1, -1]
        self.normal[kept], self.gradient[kept] = found[better, :-1, :-1], found[better, :-1, -1]
        self.damping[rows] = np.where(better, np.where(begun, damping * _EASED, damping), damping * _RAISED)
        self.steps[rows] += begun
        near = kept[self.cost[kept] >= _NEAR * cost[better]]
        self.converged[near] = self._left(near) <= tolerance * self.cost[near]
        self.converged[kept] |= self.cost[kept] <= self.exact[kept]
        worn = (self.damping[rows] > _LARGEST_DAMPING) | (self.steps[rows] >= iterations)
        ended: BoolArray = self.converged[rows] | worn | ~np.isfinite(self.cost[rows])
        return ended

    def _left(self, rows: IntArray) -> FloatArray:
        """What an undamped step would still gain: it says how far the minimum is, however flat the valley."""
        step = self._direction(rows, np.full(rows.size, _UNDAMPED))
        found: FloatArray = -np.einsum("bi,bi->b", step, self.gradient[rows])
        return found

    def _held(self, rows: IntArray) -> BoolArray:
        """(rows, free): coordinates on a bound that the gradient pushes them against."""
        x, gradient = self.x[rows], self.gradient[rows]
        return ((x <= self.low[rows]) & (gradient > 0)) | ((x >= self.high[rows]) & (gradient < 0))

    def _direction(self, rows: IntArray, damping: FloatArray) -> FloatArray:
        """The step that the equations give, 0 in a coordinate that is held."""
        normal, gradient, held = self.normal[rows], self.gradient[rows], self._held(rows)
        diagonal = np.einsum("bii->bi", normal)
        added = damping[:, None] * np.maximum(diagonal, _SMALLEST_SCALE * diagonal.max(1, keepdims=True) + _NOTHING)
        if held.any():
            normal[held[:, :, None] | held[:, None, :]] = 0.0
            gradient[held], added[held] = 0.0, 1.0
        diagonal += added
        try:
            step = np.linalg.solve(normal, -gradient[..., None])[..., 0]
        except np.linalg.LinAlgError:  # two coordinates do the same to the last digit: the shortest of all such steps
            step = (np.linalg.pinv(np.nan_to_num(normal), hermitian=True) @ -gradient[..., None])[..., 0]
        return np.where(np.isfinite(step), step, 0.0).astype(float, copy=False)

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
        lost = ~np.isfinite(self.cost)
        values[lost], covariance[lost], self.cost[lost] = np.nan, np.nan, np.nan
        return Solution(
            values, covariance, self.cost, self.degrees, self.steps, at_bound & ~lost[:, None], self.converged & ~lost
        )
