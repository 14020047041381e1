"""From stiffness, load and depth to modulus and hardness: the equations of Oliver and Pharr, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

IDEAL = 24.494
"""A / h_c^2 of an ideal Berkovich tip: 3 sqrt(3) tan^2(65.27 degrees), rounded."""

POISSON = 0.35
"""Poisson's ratio where nobody says one: that of many glassy polymers. It is flagged as assumed."""

EPSILONS, BETAS, POISSON_BAND = (0.72, 0.78), (1.0, 1.05), 0.05
"""Over which the band of E runs: epsilon, beta, and to either side of Poisson's ratio."""

Drift = Literal["none", "stated", "hold"]
DRIFTS = {
    "none": "the depth as the file has it",
    "stated": "less the drift that the instrument measured, times the time",
    "hold": "less the drift found in the hold at low load after the unloading, times the time",
}
"""What may be done about thermal drift."""


@dataclass(frozen=True)
class Settings:
    r"""How modulus and hardness follow from an unloading.

    Attributes
    ----------
    window
        Part of the unloading that is fitted, as shares of the peak load.
    epsilon
        In h_c = h_max - epsilon P_max / S: 0.75 for a paraboloid (ISO 14577-1).
    beta
        In E_r = sqrt(pi) S / (2 beta sqrt(A)): 1 in ISO 14577-1; 1.034 for a Berkovich tip is in use too.
    poisson
        Of the sample; None for its ``poisson_ratio``, or :data:`POISSON` where that is not known.
    indenter_modulus, indenter_poisson
        Of the indenter: 1141 GPa and 0.07 for diamond (W. C. Oliver and G. M. Pharr, J. Mater. Res. 7 (1992) 1564).
    area
        Coefficients of the tip: A = C0 h_c^2 + C1 h_c + C2 h_c^(1/2) + C3 h_c^(1/4) + ... [nm]; empty for those of the
        file, or an ideal Berkovich tip (flagged) where there are none.
    frame_compliance
        [nm mN-1], subtracted once: h - C_f P. Zero when the depth was corrected before, as most instruments do.
    drift
        One of :data:`DRIFTS`.
    creep
        Whether the stiffness is corrected for creep: 1/S_e = 1/S - (dh/dt at the end of the hold) / (dP/dt at the
        start of the unloading) (G. Feng and A. H. W. Ngan, J. Mater. Res. 17 (2002) 660).

    Raises
    ------
    ValueError
        When one of them is not what it may be.
    """

    window: tuple[float, float] = (0.5, 0.98)
    epsilon: float = 0.75
    beta: float = 1.0
    poisson: float | None = None
    indenter_modulus: float = 1141.0
    indenter_poisson: float = 0.07
    area: tuple[float, ...] = ()
    frame_compliance: float = 0.0
    drift: Drift = "none"
    creep: bool = False

    def __post_init__(self) -> None:
        low, high = self.window
        limits = {
            "window: shares of the peak load are expected, 0 < low < high <= 1": 0 < low < high <= 1,
            "epsilon: between 0.5 and 1": 0.5 <= self.epsilon <= 1,
            "beta: between 0.9 and 1.2": 0.9 <= self.beta <= 1.2,
            "poisson: between -1 and 0.5": self.poisson is None or -1 < self.poisson < 0.5,
            "indenter_modulus: above 0 GPa": self.indenter_modulus > 0,
            "indenter_poisson: between -1 and 0.5": -1 < self.indenter_poisson < 0.5,
            "frame_compliance: 0 nm mN-1 or more": self.frame_compliance >= 0,
            f"drift: one of {', '.join(DRIFTS)}": self.drift in get_args(Drift),
        }
        wrong = [text for text, holds in limits.items() if not holds]
        if wrong:
            raise ValueError("; ".join(wrong))

    @property
    def limit(self) -> float:
        """The reduced modulus of a rigid sample [GPa]: none can be above."""
        return self.indenter_modulus / (1 - self.indenter_poisson**2)


class Contact(NamedTuple):
    """Contact depth [nm], projected area [nm2], hardness, reduced modulus and modulus [GPa]."""

    depth: FloatArray
    area: FloatArray
    hardness: FloatArray
    reduced: FloatArray
    modulus: FloatArray


def area(depth: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Projected contact area [nm2].

    Parameters
    ----------
    depth
        Contact depth [nm].
    coefficients
        C0, C1, ... along the last axis; the others are those of `depth`. NaN counts as none.
    """
    with np.errstate(invalid="ignore"):
        positive = np.where(depth > 0, depth, np.nan)
    total: FloatArray = np.nan_to_num(coefficients[..., 0]) * positive**2
    for order in range(1, coefficients.shape[-1]):
        total = total + np.nan_to_num(coefficients[..., order]) * positive ** (2.0 ** (1 - order))
    return total


def contact(
    load: FloatArray,
    depth: FloatArray,
    stiffness: FloatArray,
    coefficients: FloatArray,
    poisson: FloatArray,
    of: Settings,
) -> Contact:
    """Modulus and hardness of contacts; NaN where the area or the stiffness is not above zero.

    Parameters
    ----------
    load, depth, stiffness
        [mN], [nm] and [mN nm-1], of the same shape.
    coefficients
        Of the tip, along one more axis.
    poisson
        Of the sample.
    of
        Settings.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        stiff = np.where(stiffness > 0, stiffness, np.nan)
        deep = depth - of.epsilon * load / stiff
        under = area(deep, coefficients)
        under = np.where(under > 0, under, np.nan)
        hardness = 1e6 * load / under
        reduced = 1e6 * np.sqrt(np.pi) / (2 * of.beta) * stiff / np.sqrt(under)
        modulus = (1 - poisson**2) / (1 / reduced - 1 / of.limit)
    return Contact(deep, under, hardness, reduced, modulus)


def ideal(coefficients: Sequence[float] = ()) -> FloatArray:
    """Coefficients of a tip, of an ideal Berkovich one when none are given."""
    return np.array(coefficients or (IDEAL,), float)
