r"""Li||Li cells of known truth: one latent state per cycle drives everything that is measured on the cell.

The state holds what a cell is made of - resistances of electrolyte, coating, SEI and charge transfer, the thickness of
inactive lithium - and the voltage follows from it:

.. math::

    |V|(t) = j\,(R_{el} + R_{coat} + R_{SEI}) + \frac{4RT}{F}\,\mathrm{asinh}\frac{j}{2 i_0}
             + \frac{2RT}{F}(1 - t_+)\ln\frac{1 + x(t)}{1 - x(t)} + \eta_{nuc}\,e^{-t/\tau}

with :math:`i_0 = 2RT/(F R_{ct})` and x(t) the relative concentration difference over separator and inactive
lithium. The constants are chosen so that the cells behave as the reported ones do (bare lithium fails by a short at
344 h, coated lithium shows 26 mV after 1000 h at 1 mA cm-2 and 1 mA h cm-2). The data are synthetic; nothing here was
measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS, dataset

FloatArray = npt.NDArray[np.float64]

NOTICE = (
    "synthetic: generated to match the values reported in '3D Activated Microporous Protective Layer for High-Energy "
    "Lithium Metal Batteries' (J. Mater. Chem. A, manuscript TA-ART-11-2024-007861), not measured data"
)
_FARADAY, _GAS = 96485.33212, 8.314462618
_THERMAL_VOLTAGE = _GAS * 298.15 / _FARADAY
_OHM_CM2 = 1e-3  # mA cm-2 times ohm cm2 is mV


@dataclass(frozen=True)
class State:
    """What a cell is made of, cycle by cycle; resistances are those of the whole cell, both electrodes [ohm cm2]."""

    electrolyte: FloatArray
    coating: FloatArray
    sei: FloatArray
    charge_transfer: FloatArray
    nucleation: FloatArray
    """Height of the initial peak [V]."""
    inactive: FloatArray
    """Thickness of inactive lithium [cm]."""
    flutter: FloatArray
    """Scatter from point to point that grows before a short [V]."""
    transference: float = 0.28


@dataclass(frozen=True)
class Recipe:
    """How a cell is cycled and recorded."""

    current_density: float = 1.0
    """[mA cm-2]"""
    areal_capacity: float = 1.0
    """Per half-cycle [mA h cm-2]."""
    area: float = np.pi * 0.65**2
    """Disc of 13 mm [cm2]."""
    cycles: int = 500
    points: int = 31
    """Recorded in each half-cycle, closer together at its beginning."""
    rest_hours: float = 0.0
    """Before the first half-cycle."""
    noise: float = 1e-4
    """Of the voltage reading [V]."""
    decimals: int = 5
    """Of the voltage reading in V: 10 µV is the last digit a cycler writes."""
    short_at: int | None = None
    """First cycle with an internal short, counted from 0."""
    short_resistance: float = 3.0
    """[ohm cm2]"""


@dataclass(frozen=True)
class SyntheticCell:
    """A trace and the truth it was made from."""

    points: xr.Dataset
    state: State
    recipe: Recipe
    truth: dict[str, float] = field(default_factory=dict)


def state(coating: Literal["bare", "PCHP"], cycles: int, *, spread: float = 0.0, seed: int = 0) -> State:
    """State of a bare or a coated cell over its cycles.

    Parameters
    ----------
    coating
        ``"bare"`` grows SEI and inactive lithium; ``"PCHP"`` settles and stays.
    cycles
        How many.
    spread
        Relative scatter of the resistances between replicates.
    seed
        Of that scatter.
    """
    n = np.arange(cycles, dtype=float)
    factor = 1 + spread * np.random.default_rng(seed).standard_normal(4)
    aging = np.clip(n - 40, 0, None)
    if coating == "PCHP":
        return State(
            electrolyte=2.0 * factor[0] + 0 * n,
            coating=12.7 * factor[1] + 0 * n,
            sei=(1.3 + 7.0 * np.exp(-n / 30)) * factor[2],
            charge_transfer=(9.3 + 26.0 * np.exp(-n / 25)) * factor[3],
            nucleation=0.012 * np.exp(-n / 15) + 0.0006,
            inactive=0.8e-4 * n / 500,
            flutter=0 * n,
        )
    return State(
        electrolyte=2.0 * factor[0] + 0 * n,
        coating=0 * n,
        sei=(9 + 7 * np.exp(-n / 12) + 0.10 * aging) * factor[2],
        charge_transfer=(22 + 28 * np.exp(-n / 12) + 0.16 * aging) * factor[3],
        nucleation=0.05 * np.exp(-n / 20) + 0.012,
        inactive=0.22e-4 * n + 0.9e-4 * np.clip(n - 110, 0, None),
        flutter=np.clip(n - 120, 0, None) / 50 * 0.002,
    )


def half_cycle_voltage(of: State, recipe: Recipe, time: FloatArray) -> FloatArray:
    """|V| (cycle, time) without noise, `time` [s] counted from the beginning of the half-cycle."""
    j = recipe.current_density
    kinetic = 2 * _THERMAL_VOLTAGE / (of.charge_transfer * _OHM_CM2)
    ohmic = j * _OHM_CM2 * (of.electrolyte + of.coating + of.sei)
    activation = 4 * _THERMAL_VOLTAGE * np.arcsinh(j / (2 * kinetic))
    depleted = np.zeros((len(ohmic), len(time)))
    separator = np.full_like(of.inactive, 25e-4)
    for thickness, diffusivity in ((separator, 1.2e-6), (of.inactive, 1.4e-7)):
        length = thickness[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = 1 - np.exp(-time * np.pi**2 * diffusivity / length**2)
        gradient = (1 - of.transference) * j * 1e-3 * length / (_FARADAY * diffusivity) / (2 * 1e-3)
        depleted += gradient * np.nan_to_num(rise)
    depleted = np.clip(depleted, 0, 0.97)
    concentration = 2 * _THERMAL_VOLTAGE * (1 - of.transference) * np.log((1 + depleted) / (1 - depleted))
    peak = of.nucleation[:, None] * np.exp(-time / (0.04 * time[-1]))
    size: FloatArray = (ohmic + activation)[:, None] + concentration + peak
    return size


def symmetric_cell(of: State, recipe: Recipe, *, seed: int = 0) -> SyntheticCell:
    """Cycle a symmetric cell: a rest, then plating and stripping by turns.

    Parameters
    ----------
    of
        State over at least ``recipe.cycles`` cycles.
    recipe
        How it is cycled.
    seed
        Of the noise.

    Returns
    -------
    SyntheticCell
        Points with ``time``, ``voltage``, ``current``, ``charge_counter``, ``instrument_cycle``, ``instrument_step``
        and ``control``; the truth has ``polarization_mid_<n>`` [V], the noiseless voltage at half the charge of cycle n
        (from 1), and ``short_at_cycle``, ``short_at_hours`` where there is a short.
    """
    rng = np.random.default_rng(seed)
    length = recipe.areal_capacity / recipe.current_density * 3600
    time = length * np.linspace(0, 1, recipe.points) ** 2
    time[0] = 0.1
    size = half_cycle_voltage(of, recipe, time)[: recipe.cycles]
    noisy = np.repeat(size[:, None], 2, axis=1)
    walk = rng.standard_normal(noisy.shape).cumsum(-1)
    noisy += of.flutter[: recipe.cycles, None, None] * walk
    if recipe.short_at is not None:
        metallic = recipe.current_density * _OHM_CM2 * recipe.short_resistance
        noisy[recipe.short_at :] = metallic * (1 + 0.01 * rng.standard_normal(noisy[recipe.short_at :].shape))
    sign = np.array([-1.0, 1.0])[:, None]
    voltage = np.round(sign * noisy + recipe.noise * rng.standard_normal(noisy.shape), recipe.decimals)
    rest = _rest(recipe, rng)
    begin = recipe.rest_hours * 3600 + length * np.arange(2 * recipe.cycles)
    current = np.broadcast_to(sign * recipe.current_density * recipe.area, noisy.shape)
    passed = sign * recipe.current_density * recipe.area * time / 3600
    before = np.array([0.0, -recipe.areal_capacity * recipe.area])[:, None]
    number = np.arange(2 * recipe.cycles)
    columns = {
        "time": (begin[:, None] + time).ravel(),
        "voltage": voltage.ravel(),
        "current": current.ravel(),
        "charge_counter": np.broadcast_to(before + passed, noisy.shape).ravel(),
        "instrument_cycle": np.repeat(number // 2 + 1, recipe.points),
        "instrument_step": np.repeat(number + 1, recipe.points),
        "control": np.full(noisy.size, CONTROLS.index("cc"), np.int8),
    }
    points = dataset("points", {name: np.concatenate([rest[name], values]) for name, values in columns.items()})
    return SyntheticCell(points, of, recipe, _truth(size, time, recipe))


def _rest(recipe: Recipe, rng: np.random.Generator) -> dict[str, np.ndarray]:
    count = round(recipe.rest_hours * 6)
    return {
        "time": np.arange(count) * 600.0,
        "voltage": recipe.noise * rng.standard_normal(count),
        "current": np.zeros(count),
        "charge_counter": np.zeros(count),
        "instrument_cycle": np.ones(count, np.int64),
        "instrument_step": np.zeros(count, np.int64),
        "control": np.full(count, CONTROLS.index("rest"), np.int8),
    }


def _truth(size: FloatArray, time: FloatArray, recipe: Recipe) -> dict[str, float]:
    half = np.array([np.interp(time[-1] / 2, time, trace) for trace in size])
    last = recipe.cycles if recipe.short_at is None else recipe.short_at
    found = {f"polarization_mid_{n}": float(half[n - 1]) for n in (1, 20, 100, last) if n <= last}
    if recipe.short_at is not None:
        found["short_at_cycle"] = float(recipe.short_at + 1)
        found["short_at_hours"] = recipe.short_at * 2 * recipe.areal_capacity / recipe.current_density
    return found
