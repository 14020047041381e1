"""Gases that are adsorbed: vapour pressure and density of their liquids, and the conventions of their molecules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

GAS_CONSTANT = 8.31446261815324e-3
"""kJ mol-1 K-1."""

ZERO_CELSIUS = 273.15
STP_VOLUME = 22.413969545014137
"""cm3 of an ideal gas at 0 degC and 1 atm, per mmol: the cm3(STP) of every adsorption instrument."""

_Terms = tuple[tuple[float, float], ...]  # (coefficient, exponent) of 1 - T/Tc


@dataclass(frozen=True)
class Gas:
    """An adsorptive.

    Attributes
    ----------
    name
        As in metadata.
    aliases
        What files call it, in lower case.
    molar_mass
        [g mol-1]
    critical_temperature, triple_temperature
        [K]; between them there is a liquid.
    critical_pressure
        [bar]
    critical_density
        [g cm-3]
    pressure_terms
        ln(p0/pc) = (Tc/T) sum of c (1 - T/Tc)^e.
    density_terms
        ln(rho/rhoc) = sum of c (1 - T/Tc)^e, of the saturated liquid.
    equation
        Where these equations are from.
    areas
        Cross-sectional area of a molecule [nm2] by who uses it; the first is used unless another is asked for.
    densities
        Density of the adsorbed phase [g cm-3] by convention, other than that of the saturated liquid.
    affinities
        Affinity coefficients beta of Dubinin, against benzene; more than one where the literature disagrees. They and
        the areas are conventions, here from memory of the field's common ones.
    """

    name: str
    aliases: tuple[str, ...]
    molar_mass: float
    critical_temperature: float
    triple_temperature: float
    critical_pressure: float
    critical_density: float
    pressure_terms: _Terms
    density_terms: _Terms
    equation: str
    areas: Mapping[str, float] = field(default_factory=dict)
    densities: Mapping[str, float] = field(default_factory=dict)
    affinities: tuple[float, ...] = ()

    @property
    def area(self) -> float:
        """Cross-sectional area of a molecule that is used unless another is asked for [nm2]."""
        return next(iter(self.areas.values()))

    def saturation_pressure(self, temperature: npt.ArrayLike) -> FloatArray:
        """Vapour pressure of the liquid [bar] at a temperature [K]; NaN where there is no liquid."""
        T, sum_of = self._liquid(temperature, self.pressure_terms)
        found: FloatArray = self.critical_pressure * np.exp(self.critical_temperature / T * sum_of)
        return found

    def liquid_density(self, temperature: npt.ArrayLike) -> FloatArray:
        """Density of the saturated liquid [g cm-3] at a temperature [K]; NaN where there is no liquid."""
        _, sum_of = self._liquid(temperature, self.density_terms)
        found: FloatArray = self.critical_density * np.exp(sum_of)
        return found

    def _liquid(self, temperature: npt.ArrayLike, terms: _Terms) -> tuple[FloatArray, FloatArray]:
        T = np.asarray(temperature, float)
        T = np.where((self.triple_temperature - 0.01 <= T) & (self.critical_temperature > T), T, np.nan)
        away = 1 - T / self.critical_temperature
        return T, np.sum([factor * away**power for factor, power in terms], axis=0)


GASES = {
    gas.name: gas
    for gas in (
        Gas(
            "CO2",
            ("co2", "carbon dioxide", "carbondioxide", "r744", "r-744"),
            44.0098,
            304.1282,
            216.592,
            73.773,
            0.4676,
            ((-7.0602087, 1.0), (1.9391218, 1.5), (-1.6463597, 2.0), (-3.2995634, 4.0)),
            ((1.9245108, 0.34), (-0.62385555, 0.5), (-0.32731127, 10 / 6), (0.39245142, 11 / 6)),
            "R. Span, W. Wagner, J. Phys. Chem. Ref. Data 25 (1996) 1509, equations 3.13 and 3.14",
            {"0.170 nm2": 0.170, "0.187 nm2": 0.187, "0.210 nm2": 0.210},
            {"1.023 g/cm3": 1.023},  # D. Cazorla-Amoros et al., Langmuir 12 (1996) 2820
            (0.35, 0.46),
        ),
        Gas(
            "N2",
            ("n2", "nitrogen", "stickstoff"),
            28.01348,
            126.192,
            63.151,
            33.958,
            0.3133,
            ((-6.12445284, 1.0), (1.26327220, 1.5), (-0.765910082, 2.5), (-1.77570564, 5.0)),
            ((1.48654237, 0.3294), (-0.280476066, 4 / 6), (0.0894143085, 16 / 6), (-0.119879866, 35 / 6)),
            "R. Span et al., J. Phys. Chem. Ref. Data 29 (2000) 1361, equations of the saturated liquid",
            {"0.162 nm2": 0.162},
            {},
            (0.33,),
        ),
        Gas(
            "Ar",
            ("ar", "argon"),
            39.948,
            150.687,
            83.8058,
            48.63,
            0.5356,
            ((-5.9409785, 1.0), (1.3553888, 1.5), (-0.46497607, 2.0), (-1.5399043, 4.5)),
            ((1.5004262, 0.334), (-0.31381290, 2 / 3), (0.086461622, 7 / 3), (-0.041477525, 4.0)),
            "C. Tegeler, R. Span, W. Wagner, J. Phys. Chem. Ref. Data 28 (1999) 779, equations of the saturated liquid",
            {"0.142 nm2": 0.142},
        ),
    )
}
"""Gases whose equations are here; of others an isotherm is shown, and evaluated as far as the file knows p0."""


def gas_named(name: str) -> Gas | None:
    """The gas a file or a person means; None when it is none of :data:`GASES`."""
    word = " ".join(name.strip().lower().replace("_", " ").split())
    return next((gas for gas in GASES.values() if word == gas.name.lower() or word in gas.aliases), None)


def called(name: str) -> str:
    """Name of a gas as in :data:`GASES`, or what it was called."""
    found = gas_named(name)
    return found.name if found else name.strip()
