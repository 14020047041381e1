"""Photoemission of a coating in several layers or states, of known truth: original, intermediate, activated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import measurement, merged

FloatArray = npt.NDArray[np.float64]

STATES = ("original", "intermediate", "activated")
_LN2 = float(np.log(2.0))
_PHOTON, _PASS, _STEP = 1486.68, 20.0, 0.1
_ACID_OXYGENS = 2.0


@dataclass(frozen=True)
class Coating:
    """What a coating consists of, as photoemission sees it.

    Attributes
    ----------
    carbon
        Area of all of C 1s [count s-1 eV].
    acid
        Share of carbon that is acid or its lithium salt: 2 in 29 of the hydrolysed polymer, times the conversion.
    ether
        Share of carbon that is bound to an ether oxygen.
    lithiated
        Share of the acid that has taken up lithium, of each state.
    charging
        By how much the states' peaks lie too low [eV].
    dwell
        Seconds per point, all scans together.
    width
        F of all lines [eV].
    mixing
        m of the product of Gaussian and Lorentzian.
    positions
        Of C–C, C–O, COOLi and COOH [eV], without charging.
    lithium
        Of Li 1s [eV], without charging.
    background, step
        Counts per second below the peaks, and its rise per eV of area passed.
    weak
        How much longer Li 1s was counted, and by how much lower its background is: nobody sees it otherwise.
    """

    carbon: float = 4000.0
    acid: float = 0.92 * 2 / 29
    ether: float = 8 / 29
    lithiated: Sequence[float] = (0.0, 0.45, 0.9)
    charging: Sequence[float] = (0.6, -0.3, 1.1)
    dwell: float = 5.0
    width: float = 1.35
    mixing: float = 0.3
    positions: Sequence[float] = (284.5, 285.95, 288.85, 290.15)
    lithium: float = 55.7
    background: float = 300.0
    step: float = 0.02
    weak: float = 10.0
    names: Sequence[str] = STATES
    sensitivity: Mapping[str, float] = field(default_factory=lambda: {"Li 1s": 0.0568, "O 1s": 2.93})


def layers(coating: Coating | None = None, seed: int = 0, material: str = "PCHP") -> xr.Dataset:
    """C 1s, O 1s and Li 1s of every state, with Poisson noise.

    Parameters
    ----------
    coating
        What it consists of.
    seed
        Of the noise.
    material
        Metadata of the samples.

    Returns
    -------
    Dataset
        As :func:`pchp_widgets.open_measurement` gives it, merged; ``true_fraction`` (sample) and the other truths are
        in its attributes.
    """
    of = coating or Coating()
    random = np.random.default_rng(seed)
    states = [
        _state(of, name, float(fraction), float(shift), random)
        for name, fraction, shift in zip(of.names, of.lithiated, of.charging, strict=True)
    ]
    found = merged(states)
    count = len(of.names)
    truth = {
        "true_fraction": [float(one) for one in of.lithiated],
        "true_shift": [float(one) for one in of.charging],
        "true_acid": of.acid,
        "true_width": of.width,
    }
    return found.assign_coords(material=("sample", [material] * count), state=("sample", list(of.names))).assign_attrs(
        truth
    )


def _state(of: Coating, name: str, fraction: float, shift: float, random: np.random.Generator) -> xr.Dataset:
    acid = of.acid * of.carbon
    hydrocarbon = of.carbon - acid - of.ether * of.carbon
    oxygen = of.sensitivity["O 1s"] * of.carbon
    spectra = {
        "C 1s": (
            280.0,
            296.0,
            of.positions,
            (hydrocarbon, of.ether * of.carbon, acid * fraction, acid * (1 - fraction)),
        ),
        "O 1s": (526.0, 540.0, (531.8, 533.2), (oxygen * of.acid * _ACID_OXYGENS, oxygen * of.ether / 2)),
        "Li 1s": (50.0, 62.0, (of.lithium,), (of.sensitivity["Li 1s"] * acid * fraction,)),
    }
    longest = max(round((high - low) / _STEP) + 1 for low, high, _, _ in spectra.values())
    energy, intensity = np.full((2, len(spectra), longest), np.nan)
    longer = np.array([of.weak if region == "Li 1s" else 1.0 for region in spectra])
    dwell = of.dwell * longer
    for row, (low, high, places, areas) in enumerate(spectra.values()):
        count = round((high - low) / _STEP) + 1
        energy[row, :count] = low + _STEP * np.arange(count)
        at = np.asarray(places) - shift
        expected = _spectrum(of, energy[row, :count], at, np.asarray(areas), of.background / longer[row])
        intensity[row, :count] = random.poisson(expected * dwell[row]) / dwell[row]
    columns = {
        "binding_energy": energy,
        "intensity": intensity,
        "dwell_time": dwell,
        "photon_energy": np.full(len(spectra), _PHOTON),
        "pass_energy": np.full(len(spectra), _PASS),
    }
    return measurement("photoemission", columns, sample=name, coords={"region": list(spectra)})


def _spectrum(of: Coating, energy: FloatArray, places: FloatArray, areas: FloatArray, background: float) -> FloatArray:
    """Expected counts per second: lines, and a step below each of them."""
    square = ((energy - places[:, None]) / of.width) ** 2
    lines = np.exp(-4 * _LN2 * (1 - of.mixing) * square) / (1 + 4 * of.mixing * square)
    peaks = areas @ lines / (_line_area(of.mixing) * of.width)
    running = np.concatenate([[0.0], np.cumsum((peaks[1:] + peaks[:-1]) / 2 * np.diff(energy))])
    found: FloatArray = background + of.step * running + peaks
    return found


@lru_cache
def _line_area(mixing: float) -> float:
    """Area of a line of height and width 1, by summing it up finely."""
    u = np.linspace(-60.0, 60.0, 240_001)
    return float(np.trapezoid(np.exp(-4 * _LN2 * (1 - mixing) * u**2) / (1 + 4 * mixing * u**2), u))
