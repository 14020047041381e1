"""What a region is thought to consist of: components with their constraints, and the assignments of the polymers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from .shapes import Shape

C_C, C_O, COOLI, COOH, SHAKE_UP = "C–C", "C–O", "COOLi", "COOH", "π–π*"
"""Names of the components of C 1s."""

TOLERANCE = 0.2
"""How far a component may lie from where the assignment says [eV]."""

WIDTHS = (0.5, 3.0)
"""Between these limits [eV] a width is sought."""


@dataclass(frozen=True)
class Component:
    """One line of a region.

    Attributes
    ----------
    name
        What it is assigned to.
    position
        Binding energy [eV] on the scale on which the reference component has its own.
    tolerance
        How far it may lie from there [eV], in all samples alike; 0 keeps the distance to the reference.
    width_group
        Components of one group have the same width in all samples.
    shape
        Of the line; of all of a region when None.
    splitting, ratio
        Of a doublet: distance of the weaker line towards high binding energy [eV], and its area over that of the other.
        The area of the component is that of the stronger line.
    """

    name: str
    position: float
    tolerance: float = TOLERANCE
    width_group: int = 0
    shape: Shape | None = None
    splitting: float = 0.0
    ratio: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.position) and self.tolerance >= 0):
            raise ValueError(f"component {self.name!r}: a binding energy in eV and a tolerance are expected")
        if self.ratio < 0 or (self.ratio > 0 and not self.splitting > 0):
            raise ValueError(f"component {self.name!r}: a doublet has a splitting in eV and a ratio, both above 0")


ASSIGNMENTS: dict[str, tuple[Component, ...]] = {
    "C 1s": (
        Component(C_C, 284.5),
        Component(C_O, 285.9),
        Component(COOLI, 288.9),
        Component(COOH, 290.2),
    ),
    "Li 1s": (Component("C–O–Li", 55.7, 0.4),),
    "O 1s": (Component("C=O, COOLi", 531.8, 0.4), Component("C–O, O–H", 533.2, 0.4)),
    "N 1s": (Component("C≡N, amide", 399.8, 0.5),),
    "F 1s": (Component("LiF", 685.0, 0.5), Component("C–F", 688.0, 0.8)),
    "S 2p": (Component("S 2p", 168.8, 0.8, splitting=1.18, ratio=0.5),),
    "P 2p": (Component("P 2p", 134.0, 0.8, splitting=0.86, ratio=0.5),),
    "Pt 4f": (Component("Pt", 71.2, 0.4, splitting=3.33, ratio=0.75),),
    "Au 4f": (Component("Au", 84.0, 0.4, splitting=3.67, ratio=0.75),),
    "Ag 3d": (Component("Ag", 368.2, 0.5, splitting=6.0, ratio=2 / 3),),
}
"""Components by region, with C–C at 284.5 eV. Those of C 1s and Li 1s are the assignments of the PCHP coatings; the
others are usual values (J.F. Moulder et al., Handbook of X-ray Photoelectron Spectroscopy, Perkin-Elmer 1992; from
memory), to be replaced by what a sample holds."""

WITH_SHAKE_UP = Component(SHAKE_UP, 291.6, 0.6, width_group=1)
"""Satellite of aromatic rings, some 7 eV above C–C and broader."""

REFERENCE = 284.5
"""Binding energy of the reference component [eV] that the assignments are written for."""


def components_of(
    region: str, given: Iterable[Sequence[object]] = (), *, shake_up: bool = False
) -> tuple[Component, ...]:
    """Components of a region.

    Parameters
    ----------
    region
        A key of :data:`ASSIGNMENTS`, or another, for which there are none.
    given
        Others instead, as (name, binding energy in eV, tolerance in eV), the reference first.
    shake_up
        Add the satellite of aromatic rings to C 1s.

    Raises
    ------
    ValueError
        When a component is not three such things, or two have the same name.
    """
    found = tuple(_given(one) for one in given) or ASSIGNMENTS.get(region.partition(" (")[0], ())
    names = [one.name for one in found]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"two components are called {twice[0]!r}: name them apart")
    if shake_up and region.startswith("C 1s") and SHAKE_UP not in names:
        found = (*found, WITH_SHAKE_UP)
    return found


def moved(components: Iterable[Component], by: float) -> tuple[Component, ...]:
    """The same components on a scale on which all binding energies are higher `by` so much."""
    return tuple(replace(one, position=one.position + by) for one in components)


def _given(one: Sequence[object]) -> Component:
    try:
        name, position, *rest = one
        return Component(str(name), float(str(position)), float(str(rest[0])) if rest else TOLERANCE)
    except (TypeError, ValueError) as error:
        raise ValueError(f"component {one!r}: write (name, binding energy in eV, tolerance in eV); {error}") from None


class Overlap(NamedTuple):
    """A line of something else that may lie under a component."""

    line: str
    low: float
    high: float
    region: str
    support: str


OVERLAPS = (
    Overlap("Li2CO3 (carbonate)", 289.5, 290.2, "C 1s", "O 1s at 531.5–532 and Li 1s at 55.3–55.5 eV"),
    Overlap("the π–π* satellite of aromatic rings", 290.5, 292.0, "C 1s", "a region measured up to 295 eV"),
    Overlap("nitrile carbon", 286.3, 286.7, "C 1s", "N 1s"),
    Overlap("LiF", 55.6, 56.0, "Li 1s", "F 1s at 685 eV"),
    Overlap("Li2CO3", 55.3, 55.5, "Li 1s", "C 1s at 290 eV"),
    Overlap("LiOH", 54.9, 54.9, "Li 1s", "O 1s at 531 eV"),
    Overlap("Fe 3p of LiFePO4", 55.5, 56.5, "Li 1s", "Fe 2p"),
    Overlap("metallic lithium", 52.3, 52.5, "Li 1s", "a plasmon 7.5 eV above"),
)
"""Lines of other species near those of the coatings [eV]: from memory (Moulder et al., 1992; K.N. Wood and G. Teeter,
ACS Appl. Energy Mater. 1 (2018) 4493)."""

SENSITIVITY: Mapping[str, float] = {
    "Li 1s": 0.0568,
    "C 1s": 1.0,
    "N 1s": 1.80,
    "O 1s": 2.93,
    "F 1s": 4.43,
    "Na 1s": 8.52,
    "Si 2p": 0.817,
    "P 2p": 1.192,
    "S 2p": 1.677,
    "Cl 2p": 2.285,
}
"""Photoionisation cross-sections for Al Kα over that of C 1s: J.H. Scofield, J. Electron Spectrosc. Relat. Phenom.
8 (1976) 129."""
