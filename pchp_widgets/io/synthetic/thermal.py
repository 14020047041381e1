"""Calorimetry with known truth: a program, a glass transition, melting of PEG, noise that is correlated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import measurement, merged

FloatArray = npt.NDArray[np.float64]

_TO_SIGMA = 2.3548


@dataclass(frozen=True)
class ThermalTruth:
    """What a synthetic sample is.

    Attributes
    ----------
    mass
        [mg]
    peg_fraction
        Mass fraction of PEG.
    crystallinity
        Share of the PEG that melts.
    reference_enthalpy
        Heat of fusion of its perfect crystal [J g-1].
    melting_peak, melting_width
        Temperature [degC] and full width at half maximum [K] of the endotherm.
    glass_temperature, glass_width, heat_capacity_step
        Middle [degC] and width parameter [K] of a logistic step, and its height [J g-1 K-1].
    heat_capacity, slope
        Apparent heat capacity at 0 degC [J g-1 K-1], and its slope [J g-1 K-2].
    drying
        Heat of the water that leaves in the first heating [J g-1].
    noise, correlation
        Standard deviation of the heat flow [mW], correlation of neighbouring points.
    lowest, highest
        Temperatures of the program [degC].
    rate, interval, hold
        Of the program [K min-1], between points [s], at its turns [s].
    """

    mass: float = 5.2
    peg_fraction: float = 0.5
    crystallinity: float = 0.0
    reference_enthalpy: float = 196.4
    melting_peak: float = 58.0
    melting_width: float = 8.0
    glass_temperature: float = 95.0
    glass_width: float = 3.0
    heat_capacity_step: float = 0.25
    heat_capacity: float = 1.4
    slope: float = 0.0035
    drying: float = 0.0
    noise: float = 0.004
    correlation: float = 0.6
    lowest: float = -30.0
    highest: float = 180.0
    rate: float = 10.0
    interval: float = 0.6
    hold: float = 120.0

    @property
    def enthalpy(self) -> float:
        """Heat of melting per mass of the sample [J g-1]."""
        return self.crystallinity * self.peg_fraction * self.reference_enthalpy

    @property
    def glass_onset(self) -> float:
        """Where the steepest tangent of the logistic step meets the lower base line [degC]."""
        return self.glass_temperature - 2 * self.glass_width

    @property
    def melting_onset(self) -> float:
        """Where the steepest tangent of the Gaussian meets the base line: two standard deviations before the peak."""
        return self.melting_peak - 2 * self.melting_width / _TO_SIGMA


MATERIALS: Mapping[str, ThermalTruth] = MappingProxyType(
    {
        "PCH": ThermalTruth(peg_fraction=0.0, glass_temperature=150.0, heat_capacity_step=0.0, drying=22.0),
        "PCHP": ThermalTruth(peg_fraction=1 / 3, glass_temperature=112.0, heat_capacity_step=0.16, drying=14.0),
        "PCHP2": ThermalTruth(peg_fraction=1 / 2, glass_temperature=98.0, drying=9.0),
        "PCHP3": ThermalTruth(peg_fraction=2 / 3, glass_temperature=8.0, glass_width=3.6, heat_capacity_step=0.38),
        "PEO": ThermalTruth(
            peg_fraction=1.0, crystallinity=0.72, melting_peak=65.0, melting_width=6.0, heat_capacity_step=0.0
        ),
    }
)
"""Synthetic stand-ins for the materials of a study; their numbers are inventions."""


def thermal(
    truth: ThermalTruth | None = None, *, seed: int = 0, name: str = "synthetic", material: str = ""
) -> xr.Dataset:
    """One sample heated, cooled and heated again, as :func:`pchp_widgets.open_measurement` would give it.

    Parameters
    ----------
    truth
        What the sample is.
    seed
        Of the noise.
    name, material
        Of the sample.
    """
    truth = truth or ThermalTruth()
    time, temperature, segment, rate = _program(truth)
    flow = truth.mass * _heat_flow(truth, temperature, rate, segment) + _noise(truth, len(time), seed)
    coords = {
        "mass": ("sample", [truth.mass], {"units": "mg"}),
        "peg_fraction": ("sample", [truth.peg_fraction], {"units": "1"}),
        "material": ("sample", [material]),
    }
    columns = {"time": time, "temperature": temperature, "heat_flow": flow, "segment": segment}
    attrs = {
        "origin": "synthetic",
        **{f"truth_{key}": value for key, value in asdict(truth).items()},
    }
    return measurement("thermal", columns, sample=name, coords=coords, attrs=attrs)


def thermal_study(seed: int = 0, **changes: object) -> xr.Dataset:
    """All :data:`MATERIALS` side by side, heated, cooled and heated again.

    Parameters
    ----------
    seed
        Of the noise.
    **changes
        Fields of :class:`ThermalTruth` that hold for all of them.
    """
    return merged(
        thermal(replace(truth, **changes), seed=seed + place, name=material, material=material)  # type: ignore[arg-type]
        for place, (material, truth) in enumerate(MATERIALS.items())
    )


def _program(truth: ThermalTruth) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Time [s], temperature [degC], segment and rate [K s-1] of heating, cooling, heating with holds between them."""
    low, high = truth.lowest, truth.highest
    ramp = (high - low) / truth.rate * 60
    corners = np.cumsum([0.0, truth.hold, ramp, truth.hold, ramp, truth.hold, ramp])
    time = np.arange(0.0, corners[-1], truth.interval)
    temperature = np.interp(time, corners, [low, low, high, high, low, low, high])
    segment = np.searchsorted(corners[1:-1], time, side="right")
    rate = np.array([0, 1, 0, -1, 0, 1])[segment] * truth.rate / 60
    return time, temperature, segment.astype(float), rate


def _heat_flow(truth: ThermalTruth, temperature: FloatArray, rate: FloatArray, segment: FloatArray) -> FloatArray:
    """Heat flow per mass [W g-1] without noise."""
    with np.errstate(over="ignore"):
        liquid = 1 / (1 + np.exp(-(temperature - truth.glass_temperature) / truth.glass_width))
    capacity = truth.heat_capacity + truth.slope * temperature + truth.heat_capacity_step * liquid
    melt = truth.enthalpy * _bell(temperature, truth.melting_peak, truth.melting_width)
    frozen = truth.enthalpy * _bell(temperature, truth.melting_peak - 22.0, truth.melting_width)
    dried = truth.drying * _bell(temperature, 92.0, 45.0) * (segment == 1)
    events = np.where(rate > 0, melt + dried, frozen)
    return rate * (capacity + events)


def _bell(temperature: FloatArray, peak: float, width: float) -> FloatArray:
    """A Gaussian of area one along temperature [K-1]."""
    sigma = width / _TO_SIGMA
    return np.asarray(np.exp(-0.5 * ((temperature - peak) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi)))


def _noise(truth: ThermalTruth, count: int, seed: int) -> FloatArray:
    """Noise of first order [mW]."""
    from scipy.signal import lfilter

    normal = np.random.default_rng(seed).standard_normal(count)
    normal[1:] *= np.sqrt(1 - truth.correlation**2)
    return np.asarray(truth.noise * lfilter([1.0], [1.0, -truth.correlation], normal), float)
