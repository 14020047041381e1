"""Spectra and elemental analyses with known truth: a ladder polymer from nitrile to acid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import measurement, merged
from ...model.samples import SAMPLE_UNITS

FloatArray = npt.NDArray[np.float64]

Line = tuple[float, float, float]  # shift [ppm], full width at half height [ppm], nuclei


@dataclass(frozen=True)
class CompositionTruth:
    """What a synthetic polymer is, and how it is measured.

    Attributes
    ----------
    conversion, amide
        Shares of the nitriles that became acids, and that stopped at the amide.
    exchanged
        Part of the COOH protons that are lost to water.
    ether, epoxide
        Units of PEG, and molecules of PEGDE with closed rings, per repeat unit.
    water, dmso
        Protons of the solvent's lines per repeat unit.
    noise
        Standard deviation of a point, as a part of the highest aromatic line.
    broadening
        Points over which noise is correlated.
    offset, slope, bend
        Of the base line, as parts of the highest aromatic line.
    points
        Of the spectrum.
    wet
        Mass fraction of water in the sample for elemental analysis.
    runs, element_error
        Of elemental analysis, and standard error of a run (mass fraction).
    """

    conversion: float = 0.92
    amide: float = 0.0
    exchanged: float = 0.0
    ether: float = 0.0
    epoxide: float = 0.0
    water: float = 0.6
    dmso: float = 3.0
    noise: float = 0.004
    broadening: float = 3.0
    offset: float = 0.004
    slope: float = 0.002
    bend: float = 0.002
    points: int = 16384
    wet: float = 0.0
    runs: int = 2
    element_error: float = 0.001


MATERIALS: Mapping[str, CompositionTruth] = MappingProxyType(
    {
        "PIM-1": CompositionTruth(conversion=0.0, water=0.2),
        "PCH-50": CompositionTruth(conversion=0.5, amide=0.2),
        "PCH": CompositionTruth(conversion=0.92),
    }
)
"""Synthetic stand-ins for what is dissolved: before, during and after the conversion."""

FILMS: Mapping[str, CompositionTruth] = MappingProxyType(
    {
        "PCH": CompositionTruth(conversion=0.92),
        "PCHP": CompositionTruth(conversion=0.92, ether=8.0),
        "PCHP2": CompositionTruth(conversion=0.92, ether=16.0, epoxide=0.1),
        "PCHP3": CompositionTruth(conversion=0.92, ether=32.0, epoxide=0.6),
    }
)
"""Synthetic stand-ins for films that do not dissolve, and are seen by 13C in the solid only."""

SPAN: Mapping[str, tuple[float, float]] = MappingProxyType({"1H": (-3.0, 17.0), "13C": (-25.0, 235.0)})
"""Where spectra begin and end [ppm]."""

_MASS = {"C": 12.011, "H": 1.008, "N": 14.007, "O": 15.999}
_UNIT = {"nitrile": (29, 20, 2, 4), "amide": (29, 24, 2, 6), "acid": (29, 22, 0, 8)}
_TO_WIDTH = 2 * np.sqrt(2 * np.log(2))
_UNKNOWN = {
    "material": "", "nucleus": "", "solvent": "", "excitation": "",
    "relaxation_delay": np.nan, "relaxation_time": np.nan, "element_error": np.nan,
}  # fmt: skip
_FREQUENCY = {"1H": 500.0, "13C": 125.7}


def lines(truth: CompositionTruth, nucleus: str = "1H") -> list[Line]:
    """Lines of a repeat unit with what goes with it: shift [ppm], full width at half height [ppm], nuclei.

    All are of Gaussian form, so that none reaches beyond its region.
    """
    c, a, rest = truth.conversion, truth.amide, 1 - truth.conversion - truth.amide
    if nucleus == "13C":
        return [
            (168.0, 4.0, 2 * (c + a)), (147.5, 4.0, 6.0), (140.0, 4.0, 2.0), (112.5, 2.0, 2 * rest),
            (128.0, 5.0, 4.0), (116.0 + 4.0, 3.0, 4.0), (70.5, 1.6, 2 * truth.ether),
            (44.2, 1.5, 2 * truth.epoxide), (50.8, 1.5, 2 * truth.epoxide), (31.0, 4.0, 6.0),
        ]  # fmt: skip
    return [
        (13.2, 0.55, 2 * c * (1 - truth.exchanged)), (6.72, 0.2, 2.0), (6.35, 0.2, 2.0),
        (7.45, 0.14, 2 * a), (7.65, 0.14, 2 * a), (1.28, 0.16, 6.0), (1.42, 0.16, 6.0), (2.05, 0.18, 4.0),
        (3.52, 0.05, 4 * truth.ether), (3.33, 0.03, truth.water), (2.5, 0.02, truth.dmso),
    ]  # fmt: skip


def spectrum(
    truth: CompositionTruth | None = None,
    *,
    nucleus: str = "1H",
    seed: int = 0,
    name: str = "synthetic",
    material: str = "",
) -> xr.Dataset:
    """A spectrum, as :func:`pchp_widgets.open_measurement` would give it: in DMSO, or of the solid for 13C.

    Parameters
    ----------
    truth
        What the polymer is.
    nucleus
        ``"1H"`` or ``"13C"``.
    seed
        Of the noise.
    name, material
        Of the sample.
    """
    truth = truth or CompositionTruth()
    rng = np.random.default_rng(seed)
    low, high = SPAN[nucleus]
    shift = np.linspace(high, low, truth.points)
    pure = np.zeros(truth.points)
    for centre, width, nuclei in lines(truth, nucleus):
        sigma = width / _TO_WIDTH
        pure += nuclei * np.exp(-0.5 * ((shift - centre) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    scale = 1e6 / 10.0
    u = np.linspace(-1, 1, truth.points)
    base = 10.0 * (truth.offset + truth.slope * u + truth.bend * u**2)
    kernel = np.exp(-0.5 * (np.arange(-64, 65) / max(truth.broadening, 1e-3)) ** 2)
    noise = np.convolve(rng.standard_normal(truth.points + 128), kernel / np.sqrt((kernel**2).sum()), "valid")
    solid = nucleus != "1H"
    coords = _coords(
        material=material,
        nucleus=nucleus,
        solvent="" if solid else "DMSO",
        excitation="cross_polarization" if solid else "direct",
        relaxation_delay=5.0 if solid else 25.0,
        relaxation_time=np.nan if solid else 3.0,
    )
    attrs = {"origin": "synthetic", "frequency": _FREQUENCY[nucleus], "true_conversion": truth.conversion}
    columns = {"shift": shift, "intensity": scale * (pure + base + 10.0 * truth.noise * noise)}
    return measurement("composition", columns, sample=name, coords=coords, attrs=attrs)


def elemental(
    truth: CompositionTruth | None = None, *, seed: int = 0, name: str = "synthetic", material: str = ""
) -> xr.Dataset:
    """Elemental analysis of a polymer without PEG, as :func:`pchp_widgets.open_measurement` would give it.

    Parameters
    ----------
    truth
        What the polymer is.
    seed
        Of its errors.
    name, material
        Of the sample.
    """
    truth = truth or CompositionTruth()
    rng = np.random.default_rng(seed)
    found = np.array(list(fractions(truth).values()))[:, None] + truth.element_error * rng.standard_normal(
        (3, truth.runs)
    )
    coords = {"element": list(fractions(truth)), **_coords(material=material, element_error=truth.element_error)}
    attrs = {"origin": "synthetic", "true_conversion": truth.conversion}
    return measurement("composition", {"mass_fraction": found}, sample=name, coords=coords, attrs=attrs)


def _coords(**known: object) -> dict[str, object]:
    """What is known of a sample; of a spectrum and of an elemental analysis the same fields."""
    return {
        name: ("sample", [known.get(name, unknown)], {"units": SAMPLE_UNITS[name]} if name in SAMPLE_UNITS else {})
        for name, unknown in _UNKNOWN.items()
    }


def fractions(truth: CompositionTruth) -> dict[str, float]:
    """Mass fractions of C, H and N in a polymer without PEG, its water included."""
    c, a = truth.conversion, truth.amide
    atoms = (1 - c - a) * np.array(_UNIT["nitrile"]) + a * np.array(_UNIT["amide"]) + c * np.array(_UNIT["acid"])
    masses = atoms * np.array(list(_MASS.values()))
    dry = masses / masses.sum() * (1 - truth.wet)
    of_water = 2 * _MASS["H"] / (2 * _MASS["H"] + _MASS["O"])
    return {"C": float(dry[0]), "H": float(dry[1] + truth.wet * of_water), "N": float(dry[2])}


def composition_study(seed: int = 0, **changes: object) -> xr.Dataset:
    """1H spectra and elemental analyses of :data:`MATERIALS`, and 13C spectra of :data:`FILMS`, side by side.

    Parameters
    ----------
    seed
        Of what is random.
    **changes
        Fields of :class:`CompositionTruth` that hold for all of them.
    """
    parts = []
    for at, (name, truth) in enumerate(MATERIALS.items()):
        known = replace(truth, **changes)  # type: ignore[arg-type]
        parts.append(spectrum(known, seed=seed + at, name=name, material=name))
        parts.append(elemental(known, seed=seed + 50 + at, name=f"{name} EA", material=name))
    for at, (name, truth) in enumerate(FILMS.items()):
        known = replace(truth, **{"points": 4096, "noise": 0.01, **changes})  # type: ignore[arg-type]
        parts.append(spectrum(known, nucleus="13C", seed=seed + 100 + at, name=f"{name} 13C", material=name))
    return merged(parts)
