"""Cathodes, and the full cells that behave as the reported ones do. Nothing here was measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cathode:
    """A cathode: what it holds and at which voltage.

    ``transitions`` are (weight, voltage [V], width [V]): the charge taken out is a sum of logistic steps in the
    voltage, so that dQ/dV has a peak of known place and height at each.
    """

    name: str
    loading: float
    """Active mass [mg cm-2]."""
    capacity: float
    """Between the cut-offs at no current [mA h cm-2]."""
    cut_offs: tuple[float, float]
    """[V]"""
    transitions: tuple[tuple[float, float, float], ...]

    @cached_property
    def curve(self) -> tuple[FloatArray, FloatArray]:
        """Fraction taken out, 0 and 1 at the cut-offs, and open-circuit voltage [V], both rising."""
        low, high = self.cut_offs
        voltage = np.linspace(low - 0.5, high + 0.5, 8001)
        steps = [w / (1 + np.exp(np.clip((at - voltage) / width, -700, 700))) for w, at, width in self.transitions]
        out = np.sum(steps, axis=0)
        bottom, top = np.interp([low, high], voltage, out)
        return (out - bottom) / (top - bottom), voltage

    def voltage(self, fraction: FloatArray) -> FloatArray:
        """Open-circuit voltage [V] at a fraction taken out."""
        return np.interp(fraction, *self.curve)

    def fraction(self, voltage: float) -> float:
        """Fraction taken out at an open-circuit voltage [V]."""
        out, volts = self.curve
        return float(np.interp(voltage, volts, out))


def _nickel_rich(capacity: float, loading: float) -> Cathode:
    steps = (
        (0.05, 3.35, 0.060), (0.22, 3.66, 0.030), (0.34, 3.79, 0.055), (0.22, 4.01, 0.050), (0.17, 4.19, 0.016),
        (0.04, 4.28, 0.040),
    )  # fmt: skip
    return Cathode("NCM83", loading, capacity, (3.0, 4.3), steps)


_LFP_STEPS = ((0.94, 3.425, 0.003), (0.03, 3.36, 0.05), (0.015, 3.47, 0.08), (0.015, 3.1, 0.16))


def _iron_phosphate(capacity: float, loading: float) -> Cathode:
    return Cathode("LFP", loading, capacity, (2.5, 4.0), _LFP_STEPS)


@dataclass(frozen=True)
class Design:
    """A cathode against coated or bare lithium, and how the cell ages; all values are those of the whole cell."""

    cathode: Cathode
    resistance: tuple[float, float]
    """At the beginning, and what is added over ``life`` cycles [ohm cm2]."""
    fade: float
    """Share of the cathode's capacity lost over ``life`` cycles."""
    life: int
    lithium_efficiency: float
    parasitic: float
    """Share of the charge passed on charging that neither electrode gives back."""
    first_loss: float
    """The same in the first charge."""
    diffusion: float
    """How far the surface is ahead of the inside, per current density [cm2 mA-1]."""
    short_at: int | None = None
    """Cycle, counted from 1, in whose charge an internal short ends the test."""


_NCM, _LFP, _THICK_LFP = _nickel_rich(3.0, 15.0), _iron_phosphate(2.8, 16.3), _iron_phosphate(3.9, 23.1)

DESIGNS = {
    "NCM-PCHP": Design(_NCM, (46.3, 30), 0.2377, 400, 0.9946, 0.00137, 0.09, 0.030),
    "NCM-bare": Design(_NCM, (92.3, 30), 0.06, 200, 0.9840, 0.0030, 0.09, 0.030),
    "LFP-PCHP": Design(_LFP, (30, 10), 0.0700, 500, 0.9956, 0.00046, 0.02, 0.012),
    "LFP-bare": Design(_LFP, (60, 60), 0.2132, 200, 0.9905, 0.0015, 0.02, 0.012, short_at=275),
    "LFP3.9-PCHP": Design(_THICK_LFP, (30, 15), 0.160, 300, 0.9936, 0.0012, 0.02, 0.021),
    "rate-PCHP": Design(_NCM, (45.8, 0.5), 0.004, 40, 0.9946, 0.00137, 0.09, 0.030),
    "rate-bare": Design(_NCM, (90.4, 2), 0.015, 40, 0.9840, 0.0030, 0.09, 0.030),
}
"""Reported: NCM83 of 3.0 mA h cm-2 at 2 mA cm-2 keeps 76 % of its 3rd cycle after 400 cycles with a mean CE of
99.85 %, on bare lithium it fails within 200 by loss of lithium; LFP of 2.8 mA h cm-2 at 2 mA cm-2 keeps 93 % after 500
(99.95 %), on bare lithium 78.6 % after 200, and a short ends it at 275; LFP of 3.9 mA h cm-2 at 3 mA cm-2 gives
124 mA h g-1 = 84 % after 300; NCM83 gives 90.2 and, on bare lithium, 32.4 mA h g-1 at 5 mA cm-2. What ages the cells,
their resistances and the efficiencies of lithium are assumed."""
