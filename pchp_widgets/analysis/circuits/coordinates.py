r"""What a fit varies: logarithms, and the time constant of an arc instead of the Q of its constant phase element.

Of an arc with a constant phase element Q and n are strongly correlated. The time constant :math:`\tau = (RQ)^{1/n}` is
nearly independent of R and n, hence :math:`(\ln R, \ln\tau, n)` are varied and :math:`Q = \tau^n/R` follows. Where Q
itself is fixed, tied or bounded by the user, :math:`\ln Q` is varied.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from .circuit import Circuit
from .elements import FloatArray

Tie = str | tuple[str, float]
Bounds = Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]]
IntArray = npt.NDArray[np.intp]

_AMPLITUDE = (1e-8, 1e4)  # resistances are looked for within these multiples of the largest |Z|
_SMALLEST = 1e-250
_MAY_BE_NOUGHT = {"resistance", "inductance", "warburg"}
_BEYOND = 1e3  # and time constants within this factor of what the frequencies cover


class Coordinates:
    """Free coordinates of the parameters of a circuit, and the way back.

    Parameters
    ----------
    circuit
        The circuit. Parameters that its text asks to keep are fixed at the value stated there.
    fixed
        Value by name of parameters that are not varied; a number, or one per spectrum.
    bounds
        (lower, upper) by name; each a number, or one per spectrum. They replace the bounds of the circuit.
    tied
        By name, the parameter it follows, or that and a factor: ``{"CPE2_n": "CPE1_n", "R2": ("R1", 2.0)}``.

    Raises
    ------
    ValueError
        An unknown name, an impossible bound, fixed value or tie, or nothing left to vary.
    """

    def __init__(
        self,
        circuit: Circuit,
        fixed: Mapping[str, npt.ArrayLike] | None = None,
        bounds: Bounds | None = None,
        tied: Mapping[str, Tie] | None = None,
    ) -> None:
        self.circuit = circuit
        kept = {parameter.name: parameter.value for parameter in circuit.parameters if parameter.fixed}
        self._fixed = {
            self._place(name, "fixed"): self._fixed_value(name, value)
            for name, value in (kept | dict(fixed or {})).items()
        }
        self._bounds = {self._place(k, "bounds"): _ordered(k, *pair) for k, pair in (bounds or {}).items()}
        self._ties = dict(self._tie(name, tie) for name, tie in (tied or {}).items())
        self._check_ties()
        count = len(circuit.parameters)
        self.free: IntArray = np.array([k for k in range(count) if k not in self._fixed and k not in self._ties], int)
        if not self.free.size:
            raise ValueError(f"fixed: no parameter of {circuit} is left to vary")
        self._tau: list[tuple[int, int, int]] = self._tau_arcs()
        self._offset, self._spread = np.zeros(count), np.zeros((count, self.free.size))
        self._spread[self.free, np.arange(self.free.size)] = 1.0
        for k, (to, factor) in self._ties.items():
            log = circuit.parameters[k].log
            self._spread[k] = self._spread[to] * (1.0 if log else factor)
            self._offset[k] = np.log(factor) if log else 0.0
        self._all_free = self.free.size == count

    def _place(self, name: str, argument: str) -> int:
        try:
            return self.circuit.index(name)
        except ValueError as error:
            raise ValueError(f"{argument}: {error}") from None

    def _fixed_value(self, name: str, value: npt.ArrayLike) -> FloatArray:
        known = np.asarray(value, float)
        kind = self.circuit.parameters[self._place(name, "fixed")].kind
        nought = kind in _MAY_BE_NOUGHT
        if kind == "exponent" and not np.all((known > 0) & (known <= 1)):
            raise ValueError(f"fixed: {name} is an exponent, above 0 and not above 1; it cannot be {known}")
        if known.ndim > 1 or not np.all(np.isfinite(known) & ((known > 0) | (nought & (known == 0)))):
            raise ValueError(f"fixed: {name} must be kept at a positive number (or one per spectrum), not at {known}")
        return known

    def _tie(self, name: str, tie: Tie) -> tuple[int, tuple[int, float]]:
        other, factor = (tie, 1.0) if isinstance(tie, str) else tie
        k, to = self._place(name, "tied"), self._place(other, "tied")
        own, its = self.circuit.parameters[k], self.circuit.parameters[to]
        if own.kind != its.kind:
            raise ValueError(f"tied: {own.name} is of kind {own.kind}, {its.name} of kind {its.kind}")
        if not (factor > 0 and np.isfinite(factor)):
            raise ValueError(f"tied: the factor between {name} and {other} must be positive, it is {factor}")
        return k, (to, float(factor))

    def _per_spectrum(self, value: FloatArray, count: int, k: int, argument: str) -> FloatArray:
        if value.ndim and value.shape != (count,):
            name = self.circuit.names[k]
            raise ValueError(f"{argument}: {name} has values of shape {value.shape} for {count} spectra")
        return value

    def _check_ties(self) -> None:
        names = self.circuit.names
        for k, (to, _) in self._ties.items():
            if k == to or to in self._ties:
                raise ValueError(f"tied: {names[k]} must follow a parameter that follows no other, not {names[to]}")
            if k in self._fixed or to in self._fixed:
                raise ValueError(
                    f"tied: {names[k]} and {names[to]} are tied, so neither can be fixed; fix both instead"
                )
            if k in self._bounds:
                raise ValueError(f"bounds: {names[k]} follows {names[to]}; give the bounds of that")

    def _tau_arcs(self) -> list[tuple[int, int, int]]:
        """Places of R, Q (or C) and n (-1: none) of the arcs whose time constant is varied."""
        involved = {*self._ties, *(to for to, _ in self._ties.values()), *self._fixed, *self._bounds}
        found: list[tuple[int, int, int]] = []
        for arc in self.circuit.arcs():
            r, q, *n = (self.circuit.index(name) for name in (arc.resistance, *arc.capacitor))
            shorted = r in self._fixed and bool(np.any(self._fixed[r] == 0))
            if q not in involved and not (self.circuit.parameters[q].limited or shorted):
                found.append((r, q, n[0] if n else -1))
        return found

    def inner(self, values: FloatArray) -> FloatArray:
        """Free coordinates (N, free) of parameters (N, P)."""
        values = values.copy()
        for k, kept in self._fixed.items():
            values[:, k] = self._per_spectrum(kept, len(values), k, "fixed")
        with np.errstate(divide="ignore", invalid="ignore"):
            full = np.where(self.circuit.logarithmic, np.log(np.maximum(values, _SMALLEST)), values)
            for r, q, n in self._tau:
                full[:, q] = (full[:, r] + full[:, q]) / (full[:, n] if n >= 0 else 1.0)
        found: FloatArray = full[:, self.free]
        return found

    def values(self, x: FloatArray, rows: IntArray | slice = slice(None)) -> tuple[FloatArray, FloatArray]:
        """Parameters (N, P) of free coordinates (N, free), and the latter spread over all parameters (N, P).

        `rows` says which spectra these are, where a fixed value differs between spectra.
        """
        full = x.copy() if self._all_free else x @ self._spread.T + self._offset
        kept = {k: value[rows] if value.ndim else value for k, value in self._fixed.items()}
        for k, known in kept.items():
            full[:, k] = np.log(np.maximum(known, _SMALLEST)) if self.circuit.parameters[k].log else known
        found: FloatArray = full.copy()
        for r, q, n in self._tau:
            found[:, q] = full[:, q] * (full[:, n] if n >= 0 else 1.0) - full[:, r]
        log = self.circuit.logarithmic
        found[:, log] = np.exp(np.clip(found[:, log], -600, 600))
        for k, known in kept.items():
            found[:, k] = known
        return found, full

    def chain(self, full: FloatArray) -> FloatArray:
        """Derivative (N, P, free) of the scaled parameters (ln p, or p itself) by the free coordinates."""
        count = full.shape[1]
        found = np.zeros((len(full), count, count))
        found[:, np.arange(count), np.arange(count)] = 1.0
        for r, q, n in self._tau:
            found[:, q, r] = -1.0
            if n >= 0:
                found[:, q, q], found[:, q, n] = full[:, n], full[:, q]
        spread: FloatArray = found if self._all_free else found @ self._spread
        return spread

    def limits(self, frequency: FloatArray, size: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lower and upper limit of the free coordinates, each (N, free).

        Bounds of the user hold as they are. Otherwise resistances are kept between 1e-8 and 1e4 of the largest |Z|
        `size` (N,) of their spectrum, time constants of arcs within three decades of the range of frequencies.
        """
        count = len(self.circuit.parameters)
        low, high = np.empty((len(size), count)), np.empty((len(size), count))
        low[:], high[:] = self.circuit.lower, self.circuit.upper
        for k, parameter in enumerate(self.circuit.parameters):
            if k in self._bounds:
                low[:, k], high[:, k] = (self._per_spectrum(end, len(size), k, "bounds") for end in self._bounds[k])
            elif parameter.kind == "resistance" and not parameter.limited:
                low[:, k] = np.maximum(low[:, k], size * _AMPLITUDE[0])
                high[:, k] = np.maximum(np.minimum(high[:, k], size * _AMPLITUDE[1]), low[:, k])
        log = self.circuit.logarithmic
        low[:, log] = np.log(np.maximum(low[:, log], _SMALLEST))
        high[:, log] = np.log(np.minimum(high[:, log], 1 / _SMALLEST))
        for _, q, _ in self._tau:
            low[:, q] = -np.log(2 * np.pi * frequency.max() * _BEYOND)
            high[:, q] = -np.log(2 * np.pi * frequency.min() / _BEYOND)
        for k, (to, factor) in self._ties.items():
            shift, scale = (np.log(factor), 1.0) if log[k] else (0.0, factor)
            low[:, to] = np.maximum(low[:, to], (low[:, k] - shift) / scale)
            high[:, to] = np.minimum(high[:, to], (high[:, k] - shift) / scale)
            if (low[:, to] > high[:, to]).any():
                name, other = self.circuit.names[k], self.circuit.names[to]
                raise ValueError(f"tied: no value of {other} keeps both it and {name} inside their bounds")
        return low[:, self.free], high[:, self.free]

    def longest_step(self) -> FloatArray:
        """(free,) how far a coordinate may go in one step: a factor of exp(2), or 0.25 of an exponent."""
        found: FloatArray = np.where(self.circuit.logarithmic, 2.0, 0.25)[self.free]
        return found

    def spread(self, of_free: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """What is true of free coordinates (N, free), said of all parameters (N, P): a tied one is like its leader."""
        found: npt.NDArray[np.bool_] = np.asarray(of_free @ (self._spread.T != 0))
        return found


def _ordered(name: str, low: npt.ArrayLike, high: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    lower, upper = np.asarray(low, float), np.asarray(high, float)
    if not np.all(lower < upper) or not np.all(upper > 0):
        raise ValueError(
            f"bounds: of {name} the lower must be below the upper, and that positive; got {lower}, {upper}"
        )
    return lower, upper
