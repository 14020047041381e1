"""Equivalent circuits: from text to impedance, with analytic derivatives, for many spectra at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .elements import ComplexArray, FloatArray, Frequencies, Parameter
from .grammar import parsed
from .stated import Stated
from .tree import Element, Node, Parallel, Series

# A parameter of exactly nought is taken as this, so that logarithms and ratios stay finite.
_TINY = 1e-150


class Arc(NamedTuple):
    """A resistance beside a capacitance: one depressed semicircle of the Nyquist plot.

    ``capacitor`` is ("C1",) or ("CPE1_Q", "CPE1_n"). ``nested`` names the parameters of what stands in series with the
    resistance inside the branch: ("W1",) in ``p(CPE1,R1-W1)``. ``pure`` is true where there is nothing but the two.
    """

    resistance: str
    capacitor: tuple[str, ...]
    nested: tuple[str, ...] = ()

    @property
    def pure(self) -> bool:
        """Whether the branch is a resistor and a capacitor or constant phase element alone."""
        return not self.nested


@dataclass(frozen=True, eq=False)
class Circuit:
    """An equivalent circuit. Made by `circuit`; immutable, and may serve as a key.

    Two circuits are equal when their canonical texts are, and what they state of their parameters.
    """

    text: str
    parameters: tuple[Parameter, ...]
    root: Node

    def __str__(self) -> str:
        return self.text

    @cached_property
    def _key(self) -> tuple[str, str]:
        # parameters are compared as text, where what nobody stated (NaN) is equal
        return self.text, repr(self.parameters)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Circuit) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in the order of ``values``."""
        return tuple(parameter.name for parameter in self.parameters)

    @cached_property
    def _places(self) -> dict[str, int]:
        places = {name: place for place, name in enumerate(self.names)}
        for element in elements(self.root):
            # impedance.py counts the parameters of an element: CPE1_0, CPE1_1
            if len(element.names) > 1:
                places |= {f"{element}_{count}": element.first + count for count in range(len(element.names))}
        return places

    def index(self, name: str) -> int:
        """Place of a parameter among ``values``; impedance.py's names (``CPE1_0``) are understood.

        Raises
        ------
        ValueError
            The circuit has no such parameter.
        """
        if name not in self._places:
            raise ValueError(f"{self.text} has no parameter {name!r}; its parameters are {', '.join(self.names)}")
        return self._places[name]

    @cached_property
    def logarithmic(self) -> npt.NDArray[np.bool_]:
        """(P,) which parameters live on a logarithmic scale."""
        return np.array([parameter.log for parameter in self.parameters])

    @cached_property
    def lower(self) -> FloatArray:
        """(P,) lower bounds."""
        return np.array([parameter.lower for parameter in self.parameters])

    @cached_property
    def upper(self) -> FloatArray:
        """(P,) upper bounds."""
        return np.array([parameter.upper for parameter in self.parameters])

    def arcs(self) -> tuple[Arc, ...]:
        """The arcs, in the order of the text: ``p(R1,CPE1)`` and nested ones, ``p(CPE1,R1-W1)``."""
        return tuple(_arcs(self.root))

    def impedance(self, values: npt.ArrayLike, frequency: npt.ArrayLike) -> ComplexArray:
        """Impedance [ohm] of the circuit.

        Parameters
        ----------
        values
            (..., P) parameters, none negative, in the order of `names`.
        frequency
            (F,) [Hz], positive.

        Returns
        -------
        ComplexArray
            (..., F).
        """
        rows, at, lead = self._rows(values, frequency)
        total = np.empty((rows.shape[1], at.omega.size), complex)
        with np.errstate(all="ignore"):
            total[...] = self.root.evaluate(rows, at, None)
        return total.reshape(*lead, at.omega.size)

    def jacobian(self, values: npt.ArrayLike, frequency: npt.ArrayLike) -> tuple[ComplexArray, ComplexArray]:
        """Impedance (..., F) and its derivatives dZ/dvalue (..., P, F), analytic.

        Parameters are those of `impedance`.
        """
        rows, at, lead = self._rows(values, frequency)
        slopes = np.empty((*rows.shape[:2], at.omega.size), complex)
        with np.errstate(all="ignore"):
            total = self.evaluate(rows, at, slopes)
            slopes /= np.where(self.logarithmic[:, None, None], rows, 1.0)
        return total.reshape(*lead, at.omega.size), np.moveaxis(slopes, 0, 1).reshape(*lead, *slopes.shape[::2])

    def evaluate(self, rows: FloatArray, at: Frequencies, slopes: ComplexArray) -> ComplexArray:
        """Impedance (N, F) of `rows` (P, N, 1); scaled derivatives are written into `slopes` (P, N, F).

        The form for inner loops: a derivative is ``p dZ/dp`` for a parameter on a logarithmic scale, else ``dZ/dp``.
        """
        total = self.root.evaluate(rows, at, slopes)
        return total if total.shape == slopes.shape[1:] else np.broadcast_to(total, slopes.shape[1:])

    def _rows(self, values: npt.ArrayLike, frequency: npt.ArrayLike) -> tuple[FloatArray, Frequencies, tuple[int, ...]]:
        table, hertz = np.asarray(values, float), np.asarray(frequency, float)
        if table.ndim == 0 or table.shape[-1] != len(self.parameters):
            raise ValueError(
                f"values: the last axis must have the {len(self.parameters)} parameters of {self.text} "
                f"({', '.join(self.names)}); got shape {table.shape}"
            )
        if hertz.ndim != 1:
            raise ValueError(f"frequency: one dimension is needed, got shape {hertz.shape}")
        lead = table.shape[:-1]
        rows = np.ascontiguousarray(table.reshape(-1, len(self.parameters)).T)[:, :, None]
        return np.where(rows == 0, _TINY, rows), Frequencies(hertz), lead


def elements(node: Node) -> Iterable[Element]:
    """The elements of a tree, in the order of the text."""
    if isinstance(node, Element):
        yield node
    else:
        for part in node.parts:
            yield from elements(part)


def _arcs(node: Node) -> Iterable[Arc]:
    if isinstance(node, Series):
        for part in node.parts:
            yield from _arcs(part)
    if not isinstance(node, Parallel):
        return
    capacitors = [part for part in node.parts if isinstance(part, Element) and part.symbol in {"C", "CPE"}]
    others = [part for part in node.parts if part not in capacitors]
    if len(capacitors) == 1 and len(others) == 1:
        inside = others[0].parts if isinstance(others[0], Series) else others
        resistors = [part for part in inside if isinstance(part, Element) and part.symbol == "R"]
        if len(resistors) == 1:
            nested = tuple(name for part in inside if part not in resistors for e in elements(part) for name in e.names)
            yield Arc(str(resistors[0]), capacitors[0].names, nested)
    for part in others:
        yield from _arcs(part)


@lru_cache(maxsize=256)
def circuit(text: str) -> Circuit:
    """Circuit that a text describes.

    Parameters
    ----------
    text
        A string of impedance.py, ``R0-p(R1,CPE1)-p(R2-Wo1,C2)``, or a circuit description code, ``R(RQ)([RW]Q)``, where
        values, limits and ``F`` (keep) may be stated: ``R{R=10}(R{R=50/1/100}Q{Y=1e-5,n=0.8F})``. Elements are R, C, L,
        CPE (Q in a code), W, Wo, Ws and G. An element without a number gets the first free one.

    Raises
    ------
    ValueError
        The text is no circuit; the message shows the place.
    """
    root, stated = parsed(text)
    parameters = tuple(
        _restated(replace(of_kind, name=name), stated.get(name, Stated()))
        for element in elements(root)
        for name, of_kind in zip(element.names, element.kind.parameters, strict=True)
    )
    return Circuit(str(root), parameters, root)


def _restated(parameter: Parameter, stated: Stated) -> Parameter:
    return replace(
        parameter,
        value=stated.value,
        fixed=stated.fixed,
        limited=stated.lower is not None or stated.upper is not None,
        lower=parameter.lower if stated.lower is None else max(stated.lower, 0.0 if not parameter.log else 1e-30),
        upper=parameter.upper if stated.upper is None else stated.upper,
    )
