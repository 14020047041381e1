"""Peel tests with known truth: a starting peak, then stick-slip about a level, in which neighbours belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import measurement, merged

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PeelTruth:
    """What a synthetic material is, and how it is peeled.

    Attributes
    ----------
    strength
        Force per width on the plateau [N m-1].
    spread
        Standard deviation between strips, as a part of it.
    start_peak
        Highest force per width at the start [N m-1].
    slip, slip_spread
        Mean travel from slip to slip [mm], and its standard deviation as a part of it.
    amplitude
        Half of the height of a tooth [N m-1].
    wander
        Standard deviation of the level from tooth to tooth [N m-1].
    noise
        Of the load cell, as force per width [N m-1].
    width
        Of a strip [mm].
    angle
        Of peeling [degree].
    travel, spacing
        Of the grips until the strip comes off, and between points [mm].
    speed
        Of the grips [mm min-1].
    failure_mode
        How the bond fails.
    """

    strength: float = 60.0
    spread: float = 0.0
    start_peak: float = 83.5
    slip: float = 1.0
    slip_spread: float = 0.4
    amplitude: float = 3.0
    wander: float = 0.9
    noise: float = 0.5
    width: float = 25.0
    angle: float = 180.0
    travel: float = 280.0
    spacing: float = 0.2
    speed: float = 300.0
    failure_mode: str = "adhesive"

    @property
    def energy(self) -> float:
        """Energy of release [J m-2]."""
        return float((1 - np.cos(np.radians(self.angle))) * self.strength)


MATERIALS: Mapping[str, PeelTruth] = MappingProxyType(
    {
        "PCH": PeelTruth(strength=30.0, spread=0.05, start_peak=41.0, amplitude=1.6, wander=0.6),
        "PCHP": PeelTruth(strength=60.0, spread=0.05),
        "PCHP2": PeelTruth(strength=71.0, spread=0.06, start_peak=98.0, failure_mode="mixed"),
        "PCHP3": PeelTruth(strength=52.0, spread=0.07, start_peak=70.0, slip=2.5, failure_mode="cohesive"),
    }
)
"""Synthetic stand-ins for the materials of a study; their numbers are inventions."""

_RISE, _DECAY, _TAIL = 1.5, 2.5, 4.0  # mm: up to the starting peak, from it to the plateau, and after the strip is off


def peel(
    truth: PeelTruth | None = None, *, strips: int = 1, seed: int = 0, name: str = "synthetic", material: str = ""
) -> xr.Dataset:
    """Strips of one sample, as :func:`pchp_widgets.open_measurement` would give them.

    Parameters
    ----------
    truth
        What the material is.
    strips
        How many are peeled.
    seed
        Of what is random.
    name, material
        Of the sample.
    """
    truth = truth or PeelTruth()
    rng = np.random.default_rng(seed)
    travel = np.arange(0.0, truth.travel + _TAIL, truth.spacing)
    levels = truth.strength * (1 + truth.spread * rng.standard_normal(strips))
    force = np.stack([per_width(truth, level, travel, rng) for level in levels]) * truth.width * 1e-3
    displacement = np.tile(travel, (strips, 1))
    columns = {"displacement": displacement, "force": force, "time": displacement / truth.speed * 60}
    coords = {
        "material": ("sample", [material]),
        "width": ("sample", [truth.width], {"units": "mm"}),
        "peel_angle": ("sample", [truth.angle], {"units": "degree"}),
        "failure_mode": ("sample", [truth.failure_mode]),
    }
    attrs = {"origin": "synthetic"}
    return measurement("adhesion", columns, sample=name, coords=coords, attrs=attrs)


def peel_study(strips: int = 5, seed: int = 0, **changes: object) -> xr.Dataset:
    """All :data:`MATERIALS` side by side.

    Parameters
    ----------
    strips
        Of each.
    seed
        Of what is random.
    **changes
        Fields of :class:`PeelTruth` that hold for all of them.
    """
    return merged(
        peel(replace(truth, **changes), strips=strips, seed=seed + at, name=material, material=material)  # type: ignore[arg-type]
        for at, (material, truth) in enumerate(MATERIALS.items())
    )


def per_width(truth: PeelTruth, level: float, travel: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Force per width [N m-1] along the travel [mm] of one strip whose plateau is at `level`."""
    peak = level * truth.start_peak / truth.strength
    rise = np.clip(travel / _RISE, 0.0, 1.0) * peak
    plateau = level + (peak - level) * np.exp(-np.maximum(travel - _RISE, 0.0) / _DECAY) + _teeth(truth, travel, rng)
    whole = np.where(travel < _RISE, rise, plateau) * (travel < truth.travel)
    return np.asarray(whole + truth.noise * rng.standard_normal(len(travel)), float)


def _teeth(truth: PeelTruth, travel: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Slow rises and sudden falls about zero; each tooth has a length and a level of its own."""
    shape = truth.slip_spread**-2
    count = int(2 * travel[-1] / truth.slip) + 20
    ends = np.cumsum(rng.gamma(shape, truth.slip / shape, count)) - truth.slip * rng.uniform()
    level = truth.wander * rng.standard_normal(count)
    tooth = np.searchsorted(ends, travel)
    begin = np.concatenate([[ends[0] - truth.slip], ends])[tooth]
    along = np.clip((travel - begin) / (ends[tooth] - begin), 0.0, 1.0)
    return np.asarray(level[tooth] + truth.amplitude * (2 * along - 1), float)
