"""The elements of equivalent circuits: what their parameters are, their impedance and its derivatives.

Definitions are those of impedance.py (Murbach et al., J. Open Source Softw. 5 (2020) 2349), so that its circuit strings
and its parameter values mean the same here. The derivative of a parameter that lives on a logarithmic scale is taken
to its logarithm, ``p dZ/dp``; that of an exponent is ``dZ/dn``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
Quantity = Literal["resistance", "capacitance", "inductance", "admittance", "exponent", "warburg", "time"]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a circuit.

    ``lower`` and ``upper`` bound what is physical for any cell, unless the text of the circuit stated limits of its
    own (``limited``). ``log`` says that it lives on a logarithmic scale. ``value`` is NaN, or what the text stated, and
    ``fixed`` is true where the text asked to keep it at that value.
    """

    name: str
    units: str
    kind: Quantity
    lower: float
    upper: float
    log: bool
    definition: str
    value: float = math.nan
    fixed: bool = False
    limited: bool = False


class Frequencies:
    """Functions of the frequency that elements share, computed once for all spectra; each (F,)."""

    def __init__(self, frequency: npt.ArrayLike) -> None:
        self.omega: FloatArray = 2 * np.pi * np.asarray(frequency, float)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.log_omega: FloatArray = np.log(self.omega)
            self.warburg: ComplexArray = (1 - 1j) / np.sqrt(self.omega)
        self.log_j_omega: ComplexArray = np.asarray(self.log_omega + 0.5j * np.pi)


# The values of the parameters, each (N, 1) for N spectra, and the frequencies; derivatives (parameter, N, F) go into
# the third argument unless it is None. The impedance comes back as (N, F), or (N, 1) where the frequency is irrelevant.
Evaluate = Callable[[FloatArray, Frequencies, ComplexArray | None], ComplexArray]


def _resistor(values: FloatArray, _: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
    impedance: ComplexArray = values[0].astype(complex)
    if slopes is not None:
        slopes[0] = impedance
    return impedance


def _capacitor(values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
    impedance: ComplexArray = -1j / (at.omega * values[0])
    if slopes is not None:
        np.negative(impedance, out=slopes[0])
    return impedance


def _inductor(values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
    impedance: ComplexArray = 1j * at.omega * values[0]
    if slopes is not None:
        slopes[0] = impedance
    return impedance


def _constant_phase(values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
    admittance, exponent = values
    impedance: ComplexArray = np.exp(-exponent * at.log_omega) * (np.exp(-0.5j * np.pi * exponent) / admittance)
    if slopes is not None:
        np.negative(impedance, out=slopes[0])
        np.multiply(slopes[0], at.log_j_omega, out=slopes[1])
    return impedance


def _warburg(values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
    impedance: ComplexArray = values[0] * at.warburg
    if slopes is not None:
        slopes[0] = impedance
    return impedance


def _open_warburg(values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
    resistance, time = values
    root, tangent = _root_and_tanh(time * at.omega)
    cotangent = 1 / tangent
    impedance: ComplexArray = resistance * cotangent / root
    if slopes is not None:
        slopes[0] = impedance
        slopes[1] = 0.5 * (resistance * (1 - cotangent * cotangent) - impedance)
    return impedance


def _short_warburg(values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
    resistance, time = values
    root, tangent = _root_and_tanh(time * at.omega)
    impedance: ComplexArray = resistance * tangent / root
    if slopes is not None:
        slopes[0] = impedance
        slopes[1] = 0.5 * (resistance * (1 - tangent * tangent) - impedance)
    return impedance


def _root_and_tanh(omega_tau: FloatArray) -> tuple[ComplexArray, ComplexArray]:
    """The root s = sqrt(j omega tau) and tanh(s), without overflow at large s or cancellation at small s."""
    a = np.sqrt(omega_tau / 2)
    shrink = np.exp(-2 * a)
    sine = np.sin(a)
    # tanh(a + ja) = (sinh 2a + j sin 2a)/(cosh 2a + cos 2a), both multiplied by 2 exp(-2a)
    below = (1 - shrink) ** 2 + 4 * shrink * (1 - sine * sine)
    return a * (1 + 1j), (-np.expm1(-4 * a) + 2j * shrink * np.sin(2 * a)) / below


def _gerischer(values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
    resistance, time = values
    reaction = 1 + 1j * (time * at.omega)
    impedance: ComplexArray = resistance / np.sqrt(reaction)
    if slopes is not None:
        slopes[0] = impedance
        slopes[1] = 0.5 * impedance * (1 / reaction - 1)
    return impedance


@dataclass(frozen=True)
class Kind:
    """A kind of element: its symbol, its parameters (``name`` holds the letter only), its impedance."""

    symbol: str
    says: str
    parameters: tuple[Parameter, ...]
    evaluate: Evaluate


def _r(letter: str, definition: str) -> Parameter:
    return Parameter(letter, "ohm", "resistance", 1e-6, 1e12, True, definition)


def _tau(definition: str) -> Parameter:
    return Parameter("tau", "s", "time", 1e-9, 1e9, True, definition)


_KINDS = (
    Kind("R", "resistor, Z = R", (_r("R", "resistance, Z = R"),), _resistor),
    Kind(
        "C",
        "capacitor, Z = 1/(j omega C)",
        (Parameter("C", "F", "capacitance", 1e-15, 1e6, True, "capacitance, Z = 1/(j omega C)"),),
        _capacitor,
    ),
    Kind(
        "L",
        "inductor, Z = j omega L",
        (Parameter("L", "H", "inductance", 1e-13, 1e3, True, "inductance, Z = j omega L"),),
        _inductor,
    ),
    Kind(
        "CPE",
        "constant phase element, Z = 1/(Q (j omega)^n)",
        (
            Parameter("Q", "ohm-1 s^n", "admittance", 1e-15, 1e6, True, "Q of Z = 1/(Q (j omega)^n)"),
            Parameter("n", "1", "exponent", 0.3, 1.0, False, "exponent n of Z = 1/(Q (j omega)^n); 1 is a capacitor"),
        ),
        _constant_phase,
    ),
    Kind(
        "W",
        "semi-infinite Warburg, Z = A_w (1 - j)/sqrt(omega)",
        (Parameter("W", "ohm s-0.5", "warburg", 1e-9, 1e12, True, "A_w of Z = A_w (1 - j)/sqrt(omega)"),),
        _warburg,
    ),
    Kind(
        "Wo",
        "Warburg of a closed space (blocked end), Z = R coth(sqrt(j omega tau))/sqrt(j omega tau)",
        (
            _r("R", "R of Z = R coth(s)/s, s = sqrt(j omega tau); a third of it is the resistance towards f = 0"),
            _tau("tau = L2/D of Z = R coth(s)/s, s = sqrt(j omega tau)"),
        ),
        _open_warburg,
    ),
    Kind(
        "Ws",
        "Warburg of a layer with an open end, Z = R tanh(sqrt(j omega tau))/sqrt(j omega tau)",
        (
            _r("R", "R of Z = R tanh(s)/s, s = sqrt(j omega tau); the resistance at f = 0"),
            _tau("tau = L2/D of Z = R tanh(s)/s, s = sqrt(j omega tau)"),
        ),
        _short_warburg,
    ),
    Kind(
        "G",
        "Gerischer element, Z = R/sqrt(1 + j omega tau)",
        (
            _r("R", "R of Z = R/sqrt(1 + j omega tau); the resistance at f = 0"),
            _tau("tau = 1/k of Z = R/sqrt(1 + j omega tau)"),
        ),
        _gerischer,
    ),
)

KINDS = {kind.symbol: kind for kind in _KINDS}
