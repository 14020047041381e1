"""Isotherms with known truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.gases import GAS_CONSTANT, GASES, ZERO_CELSIUS
from ...model.measurements import measurement

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Porous:
    """A sample as Dubinin and Astakhov have it, with what dissolves beside.

    Attributes
    ----------
    volume, energy, exponent
        W0 [cm3 g-1], E [kJ mol-1] and n; the density is that of the saturated liquid.
    henry
        What dissolves [mmol g-1 bar-1].
    gas, temperature
        [K]
    """

    volume: float = 0.25
    energy: float = 12.0
    exponent: float = 2.0
    henry: float = 0.0
    gas: str = "CO2"
    temperature: float = 277.0

    def uptake(self, pressure: FloatArray) -> FloatArray:
        """Uptake [mmol g-1] at pressures [bar]."""
        gas = GASES[self.gas]
        p0 = gas.saturation_pressure(self.temperature)
        potential = GAS_CONSTANT * self.temperature * np.log(p0 / pressure)
        filled = self.volume * np.exp(-((potential / self.energy) ** self.exponent))
        found: FloatArray = filled * gas.liquid_density(self.temperature) / gas.molar_mass * 1e3 + self.henry * pressure
        return found


@dataclass(frozen=True)
class Layered:
    """A sample as Brunauer, Emmett and Teller have it: monolayer [mmol g-1] and C."""

    monolayer: float = 4.0
    constant: float = 120.0
    gas: str = "N2"
    temperature: float = 77.355

    def uptake(self, pressure: FloatArray) -> FloatArray:
        """Uptake [mmol g-1] at pressures [bar]."""
        x = pressure / GASES[self.gas].saturation_pressure(self.temperature)
        found: FloatArray = self.monolayer * self.constant * x / ((1 - x) * (1 + (self.constant - 1) * x))
        return found


@dataclass(frozen=True)
class Glassy:
    """A glassy polymer in dual mode, by default like PIM-1: k_D [mmol g-1 bar-1], C' [mmol g-1] and b [bar-1]."""

    henry: float = 0.12
    capacity: float = 4.6
    affinity: float = 0.55
    gas: str = "CO2"
    temperature: float = 298.15

    def uptake(self, pressure: FloatArray) -> FloatArray:
        """Uptake [mmol g-1] at pressures [bar]."""
        found: FloatArray = self.henry * pressure + self.capacity * self.affinity * pressure / (
            1 + self.affinity * pressure
        )
        return found


Truth = Porous | Layered | Glassy


@dataclass(frozen=True)
class Run:
    """How an isotherm is measured.

    Attributes
    ----------
    pressures
        [bar], ascending.
    relative_error, error
        Standard errors of each uptake: relative, and [mmol g-1].
    desorption
        Whether the same pressures are measured on the way down too.
    """

    pressures: FloatArray = field(default_factory=lambda: np.geomspace(0.005, 1.0, 40))
    relative_error: float = 0.0
    error: float = 0.0
    desorption: bool = False


def isotherm(
    truth: Truth, run: Run | None = None, *, name: str = "sample", seed: int = 0, **metadata: object
) -> xr.Dataset:
    """A measured isotherm, as :func:`pchp_widgets.open_measurement` would give it.

    Parameters
    ----------
    truth
        The sample; kept in ``attrs["truth"]``.
    run
        How it is measured; without errors when left out.
    name
        Of the sample.
    seed
        Of the errors.
    **metadata
        Further coordinates of the sample, such as ``material``, in stored units.
    """
    run = run or Run()
    noise = np.random.default_rng(seed)
    p = np.concatenate([run.pressures, run.pressures[-2::-1]]) if run.desorption else run.pressures
    uptake = truth.uptake(p) * (1 + run.relative_error * noise.standard_normal(len(p)))
    uptake = uptake + run.error * noise.standard_normal(len(p))
    known = {"material": "", "gas": truth.gas, "temperature": truth.temperature - ZERO_CELSIUS} | metadata
    down = (np.arange(len(p)) >= len(run.pressures)).astype(float)
    return measurement(
        "sorption",
        {"uptake": uptake, "desorption": down, "pressure": p},
        sample=name,
        coords={key: ("sample", [value]) for key, value in known.items()},
        attrs={"truth": asdict(truth)},
    )


def cross_linked(seed: int = 0, relative_error: float = 0.001) -> list[xr.Dataset]:
    """CO2 isotherms at 277 K of a porous polymer and what cross-linking leaves of it, like PCH and PCHP; a dense PEO.

    Parameters
    ----------
    seed
        Of the errors.
    relative_error
        Of each uptake.
    """
    run = Run(np.linspace(0.02, 1.0, 40), relative_error, 0.0005)
    samples = {
        "PCH": Porous(0.22, 12.0),
        "PCHP": Porous(0.12, 11.2, henry=0.05),
        "PCHP2": Porous(0.06, 10.4, henry=0.1),
        "PEO": Porous(0.0, 12.0, henry=0.12),
    }
    degassed = {"degas_temperature": 80.0, "degas_time": 12.0, "mass": 60.0}
    return [
        isotherm(truth, run, name=name, seed=seed + at, material=name, **degassed)
        for at, (name, truth) in enumerate(samples.items())
    ]
