"""Where the sharp lines lie of what a coating on lithium may stand on or turn into: Li, Li2CO3, LiF, LiOH, Cu.

Positions follow from the cell by Bragg's law. Intensities are not given: a film is rarely a powder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .models import FloatArray
from .spacing import angle

Indices = tuple[int, int, int]


@dataclass(frozen=True)
class Phase:
    """A crystalline phase: its cell [angstrom, degree], the stronger of its lines, and where the cell is from."""

    a: float
    b: float
    c: float
    beta: float
    lines: tuple[Indices, ...]
    source: str

    def spacings(self) -> FloatArray:
        """Distances of the lattice planes [angstrom], in the order of :attr:`lines`.

        1/d² = (h²/a² + k² sin²β / b² + l²/c² - 2 h l cos β / (a c)) / sin²β, which holds for cells with two right
        angles and for all with three.
        """
        h, k, l = np.array(self.lines, float).T  # noqa: E741
        cosine, square = np.cos(np.radians(self.beta)), np.sin(np.radians(self.beta)) ** 2
        inverse = (h / self.a) ** 2 + (k / self.b) ** 2 * square + (l / self.c) ** 2
        found: FloatArray = np.sqrt(square / (inverse - 2 * h * l * cosine / (self.a * self.c)))
        return found

    def positions(self, wavelength: float) -> FloatArray:
        """Scattering angles [degree] of the lines; NaN beyond back scattering."""
        return np.asarray(angle(self.spacings(), wavelength))


def _cubic(a: float, lines: tuple[Indices, ...], source: str) -> Phase:
    return Phase(a, a, a, 90.0, lines, source)


_BODY: tuple[Indices, ...] = ((1, 1, 0), (2, 0, 0), (2, 1, 1), (2, 2, 0))
_FACES: tuple[Indices, ...] = ((1, 1, 1), (2, 0, 0), (2, 2, 0), (3, 1, 1), (2, 2, 2))

PHASES = {
    "Li": _cubic(3.5101, _BODY, "Nadler and Kempter, Anal. Chem. 31 (1959) 2109; Im-3m"),
    "Li2CO3": Phase(
        8.3593,
        4.9725,
        6.1975,
        114.83,
        (
            (1, 1, 0),
            (2, 0, 0),
            (1, 1, 1),
            (2, 0, -2),
            (0, 0, 2),
            (1, 1, -2),
            (0, 2, 0),
            (3, 1, -1),
            (0, 2, 1),
            (1, 1, 2),
        ),
        "Effenberger and Zemann, Z. Kristallogr. 150 (1979) 133; C2/c",
    ),
    "LiF": _cubic(4.0270, _FACES, "Swanson and Tatge, NBS Circular 539, vol. 1 (1953); Fm-3m"),
    "LiOH": Phase(
        3.549,
        3.549,
        4.334,
        90.0,
        ((0, 0, 1), (1, 0, 1), (1, 1, 0), (1, 1, 1), (1, 0, 2), (2, 0, 0), (1, 1, 2), (2, 1, 1)),
        "Mair, Acta Crystallogr. A 34 (1978) 542; P4/nmm",
    ),
    "Cu": _cubic(3.6150, _FACES, "Swanson and Tatge, NBS Circular 539, vol. 1 (1953); Fm-3m"),
}
"""Phases by formula, with cells at room temperature."""


def label(phase: str, indices: Indices) -> str:
    """What a line is called: ``Cu 111``, a minus before an index being an overbar."""
    return f"{phase} {''.join(str(index) for index in indices)}"
