"""Measurements of materials of the bundled demo study: each technique, in files of several formats."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

from . import adhesion_files, composition_files, photoemission_files, powder_files, sorption_files, thermal_files
from . import indentation as indents
from .adhesion import MATERIALS, peel
from .composition import CompositionTruth, elemental, spectrum
from .diffraction import FILMS, Film, pattern
from .micrograph import Camera, CoatingTruth, cross_section
from .micrograph_files import zeiss_tif
from .photoemission import Coating, layers
from .sorption import Porous, Run, isotherm
from .thermal import MATERIALS as THERMAL
from .thermal import ThermalTruth, thermal

Write = Callable[[xr.Dataset, Path], object]

_SAID = (
    "material", "state", "peg_fraction", "mass", "poisson_ratio", "width", "peel_angle", "failure_mode",
    "relaxation_delay", "relaxation_time", "element_error", "imaged", "section_angle",
)  # fmt: skip
"""What study.toml says of a sample, where its generator knows it."""

_UNITS = {
    "mass": " mg", "peg_fraction": "", "poisson_ratio": "", "width": " mm", "peel_angle": " degree",
    "relaxation_delay": " s", "relaxation_time": " s", "element_error": "", "section_angle": " degree",
}  # fmt: skip
_WITHOUT_WAVELENGTH = ".xy"
_SECONDS = 3.0
"""Between two points of calorimetry, so that its files stay small."""
_MILLIMETRES, _PER_SECOND = 0.4, 6.0
"""Between two points of a peel test, and points per second of an indent, for the same reason."""
_STRIPS, _INDENTS = 5, 5

# ---- what the samples are; reported values where there are any, the rest is invented ----

MODULI = {"PCH": (3.46, 0.21), "PCHP": (3.85, 0.24), "PCHP2": (3.26, 0.19), "PCHP3": (3.08, 0.17)}
"""Modulus, as reported, and hardness [GPa]."""
PEELED = {name: replace(MATERIALS[name], spacing=_MILLIMETRES, spread=0.03) for name in ("PCH", "PCHP", "PCHP2")}
"""PCHP holds twice as strongly as PCH, as reported."""
CONVERSION = 0.92
"""Of nitriles to acids, as reported."""
POLYMERS = {"PIM-1": CompositionTruth(conversion=0.0), "PCH": CompositionTruth(conversion=CONVERSION, points=8192)}
SECTION = CoatingTruth(thickness=8.0, tilt=2.0, bow=0.2)
"""A coating of 8 um, as reported."""
LAYERS = Coating(positions=(284.5, 285.9, 288.9, 290.2))
"""Binding energies as reported."""
HALOS = {
    **FILMS,
    "PCH": Film(),  # 6.92 and 4.87 angstrom, as reported
    "PCHP2": replace(FILMS["PCHP2"], halos=FILMS["PCHP2"].halos[1:]),  # no band at 6 to 7 angstrom, as reported
    "PCHP3": replace(FILMS["PCHP3"], halos=FILMS["PCHP3"].halos[1:]),
}
HEATED: dict[str, ThermalTruth] = {name: replace(truth, interval=_SECONDS) for name, truth in THERMAL.items()}
"""PEO melts, and no coating does, as reported."""
PORES = {
    "PCH": Porous(0.22, 12.0),
    "PCHP": Porous(0.038, 11.2, henry=0.05),
    "PCHP2": Porous(0.0, henry=0.10),
    "PCHP3": Porous(0.0, henry=0.11),
    "PEO": Porous(0.0, henry=0.12),
}
"""Cross-linking takes the micropores away, as reported; by how much is invented."""


class Measured(NamedTuple):
    """One file about a material."""

    technique: str
    sample: str
    suffix: str
    data: xr.Dataset
    write: Write

    @property
    def file(self) -> str:
        """Where it lies, relative to study.toml."""
        return f"raw/{self.technique}-{self.sample}{self.suffix}"

    @property
    def truth(self) -> dict[str, object]:
        """What the sample was made from, as its generator says."""
        return {name: value for name, value in self.data.attrs.items() if name.startswith("tru")}

    @property
    def said(self) -> dict[str, object]:
        """What study.toml says of it."""
        known = {name: self.data[name].item() for name in _SAID if name in self.data.coords}
        stated = {
            name: f"{value:.4g}{_UNITS[name]}" if name in _UNITS else value
            for name, value in known.items()
            if value not in {"", None} and value == value  # noqa: PLR0124  NaN is not known
        }
        if self.suffix == _WITHOUT_WAVELENGTH:
            stated["wavelength"] = f"{self.data['wavelength'].item():g} angstrom"
        return {"name": self.sample, "technique": self.technique, "file": self.file, **stated}


def demo_measurements(techniques: Collection[str] = ()) -> Iterator[Measured]:
    """Every measurement of the demo study, in its order; of some techniques alone, for tests."""
    for technique, (samples, formats) in _MEASURED.items():
        if not techniques or technique in techniques:
            yield from _with_files(technique, samples(), formats)


def _indented(material: str) -> xr.Dataset:
    """Indents by a tip without a flaw, so that nothing is to be known of it."""
    modulus, hardness = MODULI[material]
    of = indents.Indent(
        modulus, hardness, spread=0.04, tests=_INDENTS, tip=(24.5,), rate=_PER_SECOND, depth_noise=0.2, load_noise=5e-4
    )
    made = indents.indented(of, seed=list(MODULI).index(material), name=material, material=material)
    return made.assign_attrs(true_modulus=modulus, true_hardness=hardness)


def _peeled(material: str) -> xr.Dataset:
    truth = PEELED[material]
    made = peel(truth, strips=_STRIPS, seed=list(PEELED).index(material), name=material, material=material)
    return made.assign_attrs(true_peel_strength=truth.strength)


def _analysed() -> list[xr.Dataset]:
    """A proton spectrum of the acid, and elemental analyses before and after the conversion."""
    before, after = POLYMERS.items()
    return [
        spectrum(after[1], name=after[0], material=after[0]),
        *(
            elemental(truth, seed=at, name=f"{name}-EA", material=name)
            for at, (name, truth) in enumerate([after, before])
        ),
    ]


def _pictured() -> xr.Dataset:
    made = cross_section(SECTION, Camera(rows=240, columns=360, bar=5.0), name="PCHP", material="PCHP")
    return made.assign_attrs(true_thickness=SECTION.thickness)


def _diffracted(material: str) -> xr.Dataset:
    made = pattern(HALOS[material], name=material, seed=list(HALOS).index(material))
    return made.assign_coords(material=("sample", [material]))


def _sorbed(material: str) -> xr.Dataset:
    run = Run(np.linspace(0.02, 1.0, 40), 0.001, 0.0005)
    known = {"degas_temperature": 80.0, "degas_time": 12.0, "mass": 60.0}
    return isotherm(PORES[material], run, name=material, seed=list(PORES).index(material), material=material, **known)


def _heated(material: str) -> xr.Dataset:
    return thermal(HEATED[material], seed=list(HEATED).index(material), name=material, material=material)


def _text(made: Callable[[xr.Dataset], str]) -> Write:
    return lambda data, path: path.write_text(made(data), "utf-8", newline="\n")


def _samples(data: xr.Dataset) -> list[xr.Dataset]:
    return [data.isel(sample=[at]) for at in range(data.sizes["sample"])]


def _with_files(
    technique: str, samples: list[xr.Dataset], formats: tuple[tuple[str, Write], ...]
) -> Iterator[Measured]:
    """Samples with the formats by turns."""
    for at, data in enumerate(samples):
        suffix, write = formats[at % len(formats)]
        state = str(data["state"].item()) if "state" in data.coords else ""
        name = f"{data['material'].item()}-{state}" if state else str(data["sample"].item())
        yield Measured(technique, name, suffix, data, write)


def _powder(write: Callable[..., None]) -> Write:
    return lambda data, path: write(path, data["two_theta"].values[0], data["intensity"].values[0])


def _vamas(data: xr.Dataset, path: Path) -> None:
    photoemission_files.write_vamas(path, data)


_MEASURED: Mapping[str, tuple[Callable[[], list[xr.Dataset]], tuple[tuple[str, Write], ...]]] = {
    "thermal": (
        lambda: [_heated(name) for name in HEATED],
        (
            (".txt", thermal_files.universal_analysis),
            (".trios.txt", thermal_files.trios_text),
            (".json", thermal_files.trios_json),
            (".ngb.txt", thermal_files.netzsch),
            (".txt", thermal_files.universal_analysis),
        ),
    ),
    "diffraction": (
        lambda: [_diffracted(name) for name in HALOS],
        (
            (_WITHOUT_WAVELENGTH, _powder(powder_files.write_xy)),
            (".xrdml", _powder(powder_files.write_xrdml)),
            (".ras", _powder(powder_files.write_ras)),
        ),
    ),
    "sorption": (
        lambda: [_sorbed(name) for name in PORES],
        (
            (".aif", sorption_files.aif),
            (".json", sorption_files.pygaps_json),
            (".csv", sorption_files.pygaps_csv),
            (".aif", sorption_files.aif),
        ),
    ),
    "photoemission": (lambda: _samples(layers(LAYERS)), ((".vms", _vamas),)),
    "indentation": (lambda: [_indented(name) for name in MODULI], ((".csv", indents.write_table),)),
    "adhesion": (
        lambda: [_peeled(name) for name in PEELED],
        (
            (".bluehill.csv", _text(adhesion_files.bluehill_csv)),
            (".zwick.txt", _text(adhesion_files.zwick_txt)),
            (".csv", _text(adhesion_files.table_csv)),
        ),
    ),
    "composition": (
        _analysed,
        (
            (".dx", composition_files.jcamp),
            (".csv", composition_files.elemental_csv),
            (".csv", composition_files.elemental_csv),
        ),
    ),
    "micrograph": (lambda: [_pictured()], ((".tif", zeiss_tif),)),
}
"""Samples of every technique, and their formats by turns."""
