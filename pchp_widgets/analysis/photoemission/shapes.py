r"""Line shapes of photoemission, of unit area, with their derivatives.

All are functions of :math:`u = (E - E_0)/F` on the scale of binding energy. The product and the sum of a Gaussian and
a Lorentzian are different shapes with different areas and widths at the same m; programs call both "GL".

The shapes are those of CasaXPS: GL(m) and SGL(m) with m in percent, LA(a, b, w) with exponents of a Lorentzian.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import gamma, pi, sqrt

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_LN2 = float(np.log(2.0))
_NODES = 24
_TO_SIGMA = 1.0 / (2.0 * sqrt(2.0 * _LN2))

EXPLAINED = {
    "product": "GL(m): exp(-4 ln2 (1 - m) u²) / (1 + 4 m u²), the product of CasaXPS and XPSPEAK",
    "sum": "SGL(m): (1 - m) exp(-4 ln2 u²) + m / (1 + 4 u²), the pseudo-Voigt",
    "asymmetric": "LA(a, b, w): (1 + 4 u²)^-a at low, ^-b at high binding energy, folded with a Gaussian of w F",
}
"""Shapes in words."""


@dataclass(frozen=True)
class Shape:
    """A line shape.

    Attributes
    ----------
    kind
        One of :data:`EXPLAINED`.
    mixing
        m of the Gaussian-Lorentzian ones, from 0 (Gaussian) to 1 (Lorentzian).
    low, high
        Exponents of the asymmetric one at low and at high binding energy, above 0.5.
    gaussian
        Width of the Gaussian that the asymmetric one is folded with, in units of F.

    Raises
    ------
    ValueError
        When the kind is unknown or a number has no such shape.
    """

    kind: str = "product"
    mixing: float = 0.3
    low: float = 1.0
    high: float = 1.0
    gaussian: float = 0.5

    def __post_init__(self) -> None:
        if self.kind not in EXPLAINED:
            raise ValueError(f"shape {self.kind!r}: choose one of {', '.join(EXPLAINED)}")
        if not 0 <= self.mixing <= 1:
            raise ValueError(f"mixing {self.mixing}: a share from 0 (Gaussian) to 1 (Lorentzian)")
        if min(self.low, self.high) <= 0.5 or self.gaussian < 0:
            raise ValueError("the exponents of an asymmetric line are above 0.5, else its area is infinite")

    @property
    def area(self) -> float:
        """Of the line of height 1 and F = 1."""
        return _area(self)

    def __call__(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The line of unit area over u, and its derivative by u."""
        value, slope = _SHAPES[self.kind](self, u)
        return value / self.area, slope / self.area


def _product(shape: Shape, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    a, b = 4 * _LN2 * (1 - shape.mixing), 4 * shape.mixing
    square = u * u
    below = 1 + b * square
    value = np.exp(-a * square) / below
    return value, value * (-2 * u) * (a + b / below)


def _sum(shape: Shape, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    square = u * u
    bell = (1 - shape.mixing) * np.exp(-4 * _LN2 * square)
    tail = 1 / (1 + 4 * square)
    return bell + shape.mixing * tail, u * (-8 * _LN2 * bell - 8 * shape.mixing * tail * tail)


def _asymmetric(shape: Shape, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    nodes, heights = _gaussian_nodes()
    value, slope = np.zeros_like(u), np.zeros_like(u)
    for node, height in zip(nodes, heights, strict=True):
        moved = u - node * shape.gaussian * _TO_SIGMA
        power = np.where(moved < 0, shape.low, shape.high)
        base = 1 + 4 * moved * moved
        line = base**-power
        value += height * line
        slope += height * line * (-8 * power * moved / base)
    return value, slope


_SHAPES: dict[str, Callable[[Shape, FloatArray], tuple[FloatArray, FloatArray]]] = {
    "product": _product,
    "sum": _sum,
    "asymmetric": _asymmetric,
}


@lru_cache(maxsize=1)
def _gaussian_nodes() -> tuple[list[float], list[float]]:
    """Nodes in standard deviations and their weights, by Gauss and Hermite's rule."""
    nodes, heights = np.polynomial.hermite_e.hermegauss(_NODES)
    return nodes.tolist(), (heights / heights.sum()).tolist()


@lru_cache(maxsize=256)
def _area(shape: Shape) -> float:
    if shape.kind == "sum":
        return (1 - shape.mixing) * sqrt(pi / _LN2) / 2 + shape.mixing * pi / 2
    if shape.kind == "asymmetric":
        return sum(sqrt(pi) * gamma(power - 0.5) / (4 * gamma(power)) for power in (shape.low, shape.high))
    a, b = 4 * _LN2 * (1 - shape.mixing), 4 * shape.mixing
    if b == 0:
        return sqrt(pi / a)
    # the integral of exp(-a u²)/(1 + b u²) is pi/sqrt(b) exp(a/b) erfc(sqrt(a/b))
    return pi / sqrt(b) * _scaled_erfc(sqrt(a / b))


def _scaled_erfc(x: float) -> float:
    """Of x: exp(x²) erfc(x), for x above 0, where the product itself overflows for large x."""
    from math import erfc, exp

    if x < 5:
        return exp(x * x) * erfc(x)
    # the continued fraction of Laplace converges quickly there
    below = x
    for term in range(60, 0, -1):
        below = x + term / 2 / below
    return 1 / (sqrt(pi) * below)
