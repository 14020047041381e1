"""Starts for circuits that are like no sum of terms: many at random, scaled to each spectrum in closed form."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..circuits import Circuit

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]

_TRIED = 1024
_RANGES = {"resistance": (-2.5, 0.3), "inductance": (-3.0, 0.0), "warburg": (-2.0, 0.3)}
"""Powers of ten of an amplitude, against the largest |Z| at the frequency where the element counts."""


def scattered(
    circuit: Circuit, frequency: FloatArray, z: ComplexArray, weight: ComplexArray, top: int
) -> list[FloatArray]:
    """The `top` best of many sets of parameters for each spectrum, each (spectrum, parameter).

    The sets are drawn once for impedances of about 1 ohm, evenly over each logarithm (Latin hypercube); the factor that
    brings each of them nearest to a spectrum follows in closed form. A set near a better one is passed over.
    """
    values = _sets(circuit, float(frequency.min()), float(frequency.max()))
    shape = circuit.impedance(values, frequency)
    shape = np.where(np.isfinite(shape), shape, 0.0)
    squares = weight.real**2, weight.imag**2
    onto = (squares[0] * z.real) @ shape.real.T + (squares[1] * z.imag) @ shape.imag.T
    own = squares[0] @ (shape.real**2).T + squares[1] @ (shape.imag**2).T
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = onto / own
        fall = np.where(factor > 0, onto * factor, -np.inf)
    fall = np.where(np.isfinite(fall), fall, -np.inf)
    row, found = np.arange(len(z)), []
    for _ in range(top):
        pick = fall.argmax(1)
        scale = np.where(np.isfinite(fall[row, pick]), factor[row, pick], np.abs(z).max(1))
        found.append(values[pick] * scale[:, None] ** _powers(circuit))
        fall[row, pick] = -np.inf
    return found


def _powers(circuit: Circuit) -> FloatArray:
    """How a parameter changes when the impedance is multiplied."""
    kinds = {"capacitance": -1, "admittance": -1, "exponent": 0, "time": 0}
    return np.array([float(kinds.get(parameter.kind, 1)) for parameter in circuit.parameters])


@lru_cache(maxsize=16)
def _sets(circuit: Circuit, lowest: float, highest: float) -> FloatArray:
    """(set, parameter) for impedances of about 1 ohm."""
    rng = np.random.default_rng(0)
    strata = rng.permuted(np.tile(np.arange(_TRIED), (len(circuit.parameters), 1)), axis=1).T
    drawn: FloatArray = (strata + rng.random(strata.shape)) / _TRIED
    times = -np.log10(2 * np.pi * highest), -np.log10(2 * np.pi * lowest)
    found = np.empty_like(drawn)
    for k, parameter in enumerate(circuit.parameters):
        low, high = _RANGES.get(parameter.kind, times)
        if parameter.kind == "exponent":
            found[:, k] = 0.55 + 0.45 * drawn[:, k]
            continue
        if parameter.kind == "inductance":
            low, high = low + times[0], high + times[0]
        if parameter.kind == "warburg":
            low, high = low - times[1] / 2, high - times[0] / 2
        if parameter.kind in {"capacitance", "admittance"}:
            high += 1.0  # beside a resistance below 1 ohm
        found[:, k] = 10 ** (low + (high - low) * drawn[:, k])
    return found
