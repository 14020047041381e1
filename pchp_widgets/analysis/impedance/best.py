"""The best fit of a circuit to spectra of one grid: one start for all, more where the residuals exceed the noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .._levenberg import Solution, levenberg
from ..circuits import Circuit
from ..circuits.coordinates import Bounds, Tie
from ..validity.noise_level import grid_noise, local_noise
from .scatter import scattered
from .starts import FIRST, MORE, Search, starts
from .terms import as_values, exchanged, flattened, layout

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
BoolArray = npt.NDArray[np.bool_]

DOUBTFUL = 1.35
"""A sum of squares above this multiple of what the noise explains asks for more starts."""

MISFIT = 2.0
"""Above this multiple the circuit does not describe the spectrum; the noise itself is known to about a quarter."""

_SCATTERED = 3
_ITERATIONS = 60


@dataclass(frozen=True)
class Task:
    """What is fitted and what is not varied; values by name, each a number or one per spectrum."""

    circuit: Circuit
    fixed: Mapping[str, FloatArray] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=dict)
    tied: Mapping[str, Tie] = field(default_factory=dict)
    start: FloatArray | None = None
    """(spectrum, parameter); NaN where the start is to be found."""

    def of(self, rows: npt.NDArray[np.intp]) -> Task:
        """The same for some of the spectra."""
        fixed = {name: value[rows] if np.ndim(value) else value for name, value in self.fixed.items()}
        return Task(self.circuit, fixed, self.bounds, self.tied, None if self.start is None else self.start[rows])


class Best(NamedTuple):
    """The best fits, the noise of the spectra, and where the residuals exceed it."""

    solution: Solution
    noise: FloatArray
    """(spectrum) relative to the modulus."""
    misfit: BoolArray
    """(spectrum) whether the sum of squares is above :data:`MISFIT` times what the noise explains."""


def best(task: Task, frequency: FloatArray, z: ComplexArray, weight: ComplexArray) -> Best:
    """Fits of all spectra.

    A start that the user gave for all parameters is the only one that is tried.

    Parameters
    ----------
    task
        Circuit, fixed, bounds, ties, starts.
    frequency
        (frequency) [Hz].
    z
        (spectrum, frequency) [ohm].
    weight
        (spectrum, frequency): its real part is that of the real, its imaginary part that of the imaginary residual.
    """
    noise, _, order = grid_noise(frequency, z)
    share = np.abs(weight * z) ** 2 / 2
    explained = noise**2 * share.mean(1)
    found = _tried(task, frequency, z, weight, _first_starts(task, frequency, z, weight))
    doubtful = np.flatnonzero(_above(DOUBTFUL, found, explained))
    if doubtful.size:  # before more is tried: is the noise larger at some frequencies than at others?
        there = local_noise(frequency, z[doubtful], order[doubtful])
        explained[doubtful] = np.maximum(explained[doubtful], (there**2 * share[doubtful]).mean(1))
    if task.start is None or not np.isfinite(task.start).all():
        _improve(found, task, frequency, z, weight, np.flatnonzero(_above(DOUBTFUL, found, explained)))
        _go_on(found, task, frequency, z, weight)
    return Best(found, noise, _above(MISFIT, found, explained))


def _improve(
    found: Solution,
    task: Task,
    frequency: FloatArray,
    z: ComplexArray,
    weight: ComplexArray,
    rows: npt.NDArray[np.intp],
) -> None:
    """Try more starts for some of the spectra; what is better takes its place in `found`."""
    if not rows.size:
        return
    own = task.of(rows)
    candidates = _more_starts(own, frequency, z[rows], weight[rows])
    again = np.tile(np.arange(rows.size), len(candidates))
    more = _tried(own.of(again), frequency, z[rows][again], weight[rows][again], np.concatenate(candidates))
    cost = np.where(np.isfinite(more.cost), more.cost, np.inf).reshape(len(candidates), -1)
    _keep(found, rows, more, cost.argmin(0) * rows.size + np.arange(rows.size))


def _go_on(found: Solution, task: Task, frequency: FloatArray, z: ComplexArray, weight: ComplexArray) -> None:
    """Take up the fits that had not converged where they stopped."""
    rows = np.flatnonzero(~found.converged & np.isfinite(found.cost))
    if rows.size:
        begin = found.values[rows]
        _keep(found, rows, _tried(task.of(rows), frequency, z[rows], weight[rows], begin), np.arange(rows.size))


def _keep(found: Solution, rows: npt.NDArray[np.intp], other: Solution, pick: npt.NDArray[np.intp]) -> None:
    """Put row pick[k] of the other fits in the place of row rows[k] where it is better, or as good and converged."""
    now, then = found.cost[rows], other.cost[pick]
    lower = ~(now <= then) & np.isfinite(then)
    settled = ~found.converged[rows] & other.converged[pick] & (then <= now * (1 + 1e-6))
    better = lower | settled
    for old, new in zip(found, other, strict=True):
        old[rows[better]] = new[pick[better]]


def _above(multiple: float, found: Solution, explained: FloatArray) -> BoolArray:
    """Where the sum of squares is larger than a multiple of what the noise explains for each degree of freedom."""
    return np.asarray(found.cost > multiple * explained * np.maximum(found.degrees, 1))


def _tried(
    task: Task,
    frequency: FloatArray,
    z: ComplexArray,
    weight: ComplexArray,
    start: FloatArray,
) -> Solution:
    return levenberg(
        task.circuit,
        frequency,
        z,
        start,
        weights=weight,
        fixed=task.fixed,
        bounds=task.bounds,
        tied=task.tied,
        iterations=_ITERATIONS,
    )


def _first_starts(task: Task, frequency: FloatArray, z: ComplexArray, weight: ComplexArray) -> FloatArray:
    """From the grid, with what the user or the text of the circuit gave of it."""
    if task.start is not None and np.isfinite(task.start).all():
        return task.start
    found = _grid_starts(task, frequency, z, weight, [FIRST])
    start = _with_fixed(task, (found or scattered(task.circuit, frequency, z, weight, 1))[0])
    stated = np.array([parameter.value for parameter in task.circuit.parameters])
    start = np.where(np.isfinite(stated), stated, start)
    return start if task.start is None else np.where(np.isfinite(task.start), task.start, start)


def _more_starts(task: Task, frequency: FloatArray, z: ComplexArray, weight: ComplexArray) -> list[FloatArray]:
    """From the data alone: what was given has been tried."""
    found = _grid_starts(task, frequency, z, weight, MORE)
    if task.fixed or task.bounds or task.tied:  # then it matters which arc is which
        found = [other for start in found for other in exchanged(task.circuit, start)]
    exact = all(arc.pure for arc in task.circuit.arcs())
    if not found or not exact or any(parameter.kind == "time" for parameter in task.circuit.parameters):
        found = [*found, *scattered(task.circuit, frequency, z, weight, _SCATTERED)]
    return [_with_fixed(task, start) for start in found]


def _with_fixed(task: Task, start: FloatArray) -> FloatArray:
    for name, value in task.fixed.items():
        start[:, task.circuit.index(name)] = value
    return start


def _grid_starts(
    task: Task,
    frequency: FloatArray,
    z: ComplexArray,
    weight: ComplexArray,
    searches: Sequence[Search],
) -> list[FloatArray]:
    """Starts from the grid; none where the circuit is like no sum of terms."""
    placed = flattened(task.circuit)
    if placed is None:
        return []
    fixed = {task.circuit.index(name): np.asarray(value, float) for name, value in task.fixed.items()}
    common = {place: float(value) for place, value in fixed.items() if value.ndim == 0}
    of = layout(placed, common, frequency)
    if not of.terms:
        return []
    parts = (weight.real, weight.imag)
    tried = [start for search in searches for start in starts(of.terms, frequency, z - of.known, parts, search)]
    values = [as_values(of.placed, start, len(task.circuit.parameters)) for start in tried]
    for value in values:
        for place, number in common.items():
            value[:, place] = number
    return values
