"""A circuit as a tree of elements in series and in parallel, evaluated for many spectra at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .elements import KINDS, ComplexArray, FloatArray, Frequencies, Kind

# exp() of more than this would overflow when squared; an arc is a short circuit there to the last digit.
_LARGEST_POWER = 300.0


@dataclass(frozen=True)
class Element:
    """One element; ``first`` is the place of its first parameter among those of the circuit."""

    symbol: str
    number: int
    first: int

    @property
    def kind(self) -> Kind:
        """What the element is."""
        return KINDS[self.symbol]

    @property
    def last(self) -> int:
        """One past the place of its last parameter."""
        return self.first + len(self.kind.parameters)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters: ``R0`` of a resistor, ``CPE1_Q`` and ``CPE1_n`` of a constant phase element."""
        own = f"{self.symbol}{self.number}"
        letters = [parameter.name for parameter in self.kind.parameters]
        return (own,) if len(letters) == 1 else tuple(f"{own}_{letter}" for letter in letters)

    def __str__(self) -> str:
        return f"{self.symbol}{self.number}"

    def evaluate(self, values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
        """Impedance (N, F) or (N, 1); derivatives go to the element's own rows of `slopes` (P, N, F)."""
        own = slice(self.first, self.last)
        return self.kind.evaluate(values[own], at, None if slopes is None else slopes[own])


@dataclass(frozen=True)
class Series:
    """Parts one after the other: impedances add."""

    parts: tuple[Node, ...]

    @property
    def first(self) -> int:
        """The place of the first parameter inside."""
        return self.parts[0].first

    @property
    def last(self) -> int:
        """One past the place of the last parameter inside."""
        return self.parts[-1].last

    def __str__(self) -> str:
        return "-".join(map(str, self.parts))

    def evaluate(self, values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
        """Impedance; see `Element.evaluate`."""
        total = self.parts[0].evaluate(values, at, slopes)
        for part in self.parts[1:]:
            total = total + part.evaluate(values, at, slopes)
        return total


@dataclass(frozen=True)
class Parallel:
    """Parts side by side: admittances add."""

    parts: tuple[Node, ...]

    @property
    def first(self) -> int:
        """The place of the first parameter inside."""
        return self.parts[0].first

    @property
    def last(self) -> int:
        """One past the place of the last parameter inside."""
        return self.parts[-1].last

    @cached_property
    def arc(self) -> tuple[Element, Element] | None:
        """The resistor and the capacitor (or constant phase element), where the branch is just these two."""
        if len(self.parts) != 2 or not all(isinstance(part, Element) for part in self.parts):
            return None
        by_symbol = {part.symbol: part for part in self.parts if isinstance(part, Element)}
        capacitor = by_symbol.get("CPE") or by_symbol.get("C")
        return (by_symbol["R"], capacitor) if capacitor and "R" in by_symbol else None

    def __str__(self) -> str:
        return f"p({','.join(map(str, self.parts))})"

    def evaluate(self, values: FloatArray, at: Frequencies, slopes: ComplexArray | None) -> ComplexArray:
        """Impedance; see `Element.evaluate`."""
        if self.arc:
            return _arc(*self.arc, values, at, slopes)
        total = self.parts[0].evaluate(values, at, slopes)
        for part in self.parts[1:]:
            other = part.evaluate(values, at, slopes)
            # Z = Z1 Z2/(Z1 + Z2), dZ/dZ1 = (Z2/(Z1 + Z2))^2: finite even where one of the two is a short
            both = total + other
            share, rest = other / both, total / both
            if slopes is not None:
                slopes[self.first : part.first] *= share * share
                slopes[part.first : part.last] *= rest * rest
            total = total * share
        return total


def _arc(
    resistor: Element, capacitor: Element, values: FloatArray, at: Frequencies, slopes: ComplexArray | None
) -> ComplexArray:
    """Z = R/(1 + x), x = R Q (j omega)^n: a resistor beside a capacitor (n = 1) or a constant phase element.

    With g = 1/(1 + x): dZ/dlnR = R g^2, dZ/dlnQ = -R g (1 - g), dZ/dn = dZ/dlnQ ln(j omega).
    """
    resistance, admittance = values[resistor.first], values[capacitor.first]
    exponent = values[capacitor.first + 1] if capacitor.symbol == "CPE" else np.ones_like(resistance)
    power = exponent * at.log_omega
    power += np.log(resistance * admittance)
    np.minimum(power, _LARGEST_POWER, out=power)
    size = np.exp(power, out=power)
    share = np.empty(size.shape, complex)
    real = size * np.cos(0.5 * np.pi * exponent)
    real += 1
    imag = size
    imag *= np.sin(0.5 * np.pi * exponent)
    squared = real * real
    squared += imag * imag
    np.divide(real, squared, out=share.real)
    np.divide(imag, squared, out=share.imag)
    np.negative(share.imag, out=share.imag)
    impedance: ComplexArray = resistance * share
    if slopes is not None:
        of_resistance, of_admittance = slopes[resistor.first], slopes[capacitor.first]
        np.multiply(impedance, share, out=of_resistance)
        np.subtract(of_resistance, impedance, out=of_admittance)
        if capacitor.symbol == "CPE":
            np.multiply(of_admittance, at.log_j_omega, out=slopes[capacitor.first + 1])
    return impedance


Node = Element | Series | Parallel
