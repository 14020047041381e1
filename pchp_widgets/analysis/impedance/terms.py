"""A circuit as a sum of terms in series: exact for arcs in series, a start for nested elements."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..circuits import Circuit
from ..circuits.tree import Element, Node, Parallel, Series
from .starts import Start, Term, shape

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]


_MOST_ORDERS = 6


class Placed(NamedTuple):
    """A term and the places of its parameters in the circuit: amplitude first (of an arc its R), then the others."""

    kind: str
    places: tuple[int, ...]


def flattened(circuit: Circuit) -> list[Placed] | None:
    """Terms of the circuit in series, or None where it has a part that is like no such sum.

    A capacitor beside a resistor with a diffusion element behind it counts as the arc of the two and the diffusion
    element in series: the same at high frequency and at low frequency, and similar between.
    """
    return _terms(circuit.root)


def _terms(node: Node) -> list[Placed] | None:
    if isinstance(node, Element):
        return [Placed(node.symbol, tuple(range(node.first, node.last)))]
    if isinstance(node, Series):
        parts = [_terms(part) for part in node.parts]
        known = [terms for terms in parts if terms is not None]
        return [term for terms in known for term in terms] if len(known) == len(parts) else None
    return _nested(node)


def _nested(node: Parallel) -> list[Placed] | None:
    capacitors = [part for part in node.parts if isinstance(part, Element) and part.symbol in {"C", "CPE"}]
    if len(node.parts) != 2 or len(capacitors) != 1:
        return None
    capacitor = capacitors[0]
    branch = _terms(next(part for part in node.parts if part is not capacitor))
    resistors = [term for term in branch or () if term.kind == "R"]
    if branch is None or len(resistors) != 1:
        return None
    places = resistors[0].places + tuple(range(capacitor.first, capacitor.last))
    arc = Placed("RC" if capacitor.symbol == "C" else "ZARC", places)
    return [arc, *(term for term in branch if term is not resistors[0])]


class Layout(NamedTuple):
    """Terms whose amplitude is to be found, and what the fixed ones add at every frequency."""

    placed: list[Placed]
    terms: list[Term]
    known: ComplexArray


def layout(placed: list[Placed], fixed: Mapping[int, float], frequency: FloatArray) -> Layout:
    """The terms that are free at least in part, and the impedance (frequency) of those that are fixed as a whole."""
    free, terms, known = [], [], np.zeros(len(frequency), complex)
    for term in placed:
        if term.kind in {"R", "L", "W", "C", "CPE"} and all(place in fixed for place in term.places):
            amplitude, *rest = (fixed[place] for place in term.places)
            amplitude = 1 / amplitude if term.kind in {"C", "CPE"} else amplitude
            known += amplitude * shape(term.kind, frequency, 1.0, rest[0] if rest else 1.0)
            continue
        exponent = fixed.get(term.places[-1]) if term.kind in {"ZARC", "CPE"} else None
        free.append(term)
        terms.append(Term(term.kind, exponent))
    return Layout(free, terms, known)


def exchanged(circuit: Circuit, start: FloatArray) -> list[FloatArray]:
    """The start (spectrum, parameter), and what becomes of it when arcs of one kind change places."""
    kinds: dict[str, list[tuple[int, ...]]] = {}
    for term in flattened(circuit) or []:
        if term.kind in {"ZARC", "RC"}:
            kinds.setdefault(term.kind, []).append(term.places)
    found = [start]
    for places in kinds.values():
        for order in list(permutations(places))[1:_MOST_ORDERS]:
            other = start.copy()
            for to, of in zip(places, order, strict=True):
                other[:, to] = start[:, of]
            found.append(other)
    return found


def as_values(placed: list[Placed], start: Start, count: int) -> FloatArray:
    """Parameters of the circuit (spectrum, parameter); NaN for those that no term has."""
    found = np.full((len(start.amplitude), count), np.nan)
    for k, term in enumerate(placed):
        amplitude, tau, n = (values[:, k] for values in start[:3])
        if term.kind in {"C", "CPE"}:
            own = [1 / amplitude, n]
        elif term.kind == "ZARC":
            own = [amplitude, tau**n / amplitude, n]
        elif term.kind == "RC":
            own = [amplitude, tau / amplitude]
        else:
            own = [amplitude, tau]
        for place, values in zip(term.places, own, strict=False):
            found[:, place] = values
    return found
