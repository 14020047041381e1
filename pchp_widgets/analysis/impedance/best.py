"""The best fit of a circuit to spectra of one grid: one start for all, more where the residuals exceed the noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .._levenberg import Solution, levenberg
from ..circuits import Circuit
from ..circuits.coordinates import Bounds, Tie
from .scatter import scattered
from .starts import FIRST_EXPONENTS, MORE_EXPONENTS, starts
from .terms import as_values, flattened, layout

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
BoolArray = npt.NDArray[np.bool_]

DOUBTFUL = 1.35
"""A sum of squares above this multiple of what the noise explains asks for more starts."""

MISFIT = 2.0
"""Above this multiple the circuit does not describe the spectrum; the noise itself is known to about a quarter."""

_MORE = 3
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


def best(task: Task, frequency: FloatArray, z: ComplexArray, weight: ComplexArray, expected: FloatArray) -> Solution:
    """Fits of all spectra.

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
    expected
        (spectrum) sum of squares per degree of freedom that the noise explains; NaN where that is not known.
    """
    first = _tried(task, frequency, z, weight, _first_starts(task, frequency, z, weight))
    doubtful = np.flatnonzero(above(DOUBTFUL, first, expected) | ~first.converged)
    if not doubtful.size:
        return first
    own = task.of(doubtful)
    candidates = _more_starts(own, frequency, z[doubtful], weight[doubtful])
    count = len(candidates)
    again = np.tile(np.arange(doubtful.size), count)
    second = _tried(own.of(again), frequency, z[doubtful][again], weight[doubtful][again], np.concatenate(candidates))
    cost = np.where(np.isfinite(second.cost), second.cost, np.inf).reshape(count, -1)
    pick = cost.argmin(0) * doubtful.size + np.arange(doubtful.size)
    better = ~(first.cost[doubtful] <= second.cost[pick]) | (~first.converged[doubtful] & second.converged[pick])
    better &= np.isfinite(second.cost[pick]) & ~(second.cost[pick] > first.cost[doubtful] * (1 + 1e-6))
    for old, new in zip(first, second, strict=True):
        old[doubtful[better]] = new[pick[better]]
    return first


def above(multiple: float, found: Solution, expected: FloatArray) -> BoolArray:
    """Where the sum of squares is larger than a multiple of what the noise explains."""
    return np.asarray(found.cost > multiple * expected * np.maximum(found.degrees, 1))


def _tried(task: Task, frequency: FloatArray, z: ComplexArray, weight: ComplexArray, start: FloatArray) -> Solution:
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
    if task.start is not None and np.isfinite(task.start).all():
        return task.start
    found = _grid_starts(task, frequency, z, weight, FIRST_EXPONENTS, 1) or scattered(
        task.circuit, frequency, z, weight, 1
    )
    return _with_known(task, found[0])


def _more_starts(task: Task, frequency: FloatArray, z: ComplexArray, weight: ComplexArray) -> list[FloatArray]:
    found = _grid_starts(task, frequency, z, weight, MORE_EXPONENTS, _MORE)
    exact = all(arc.pure for arc in task.circuit.arcs())
    if not found or not exact:
        found = [*found, *scattered(task.circuit, frequency, z, weight, _MORE)]
    return [_with_known(task, start) for start in found]


def _with_known(task: Task, start: FloatArray) -> FloatArray:
    """The start with what the user gave of it, and what the circuit's own text states."""
    stated = np.array([parameter.value for parameter in task.circuit.parameters])
    found = np.where(np.isfinite(stated), stated, start)
    for name, value in task.fixed.items():
        found[:, task.circuit.index(name)] = value
    return found if task.start is None else np.where(np.isfinite(task.start), task.start, found)


def _grid_starts(
    task: Task,
    frequency: FloatArray,
    z: ComplexArray,
    weight: ComplexArray,
    exponents: tuple[float, ...],
    top: int,
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
    tried = starts(of.terms, frequency, z - of.known, (weight.real, weight.imag), exponents=exponents, top=top)
    values = [as_values(of.placed, start, len(task.circuit.parameters)) for start in tried]
    for value in values:
        for place, number in common.items():
            value[:, place] = number
    return values
