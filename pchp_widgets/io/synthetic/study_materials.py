"""Measurements of materials of the bundled demo study: each technique, in files of several formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import xarray as xr

from . import adhesion_files, photoemission_files, powder_files, sorption_files, thermal_files
from . import indentation as indents
from .adhesion import MATERIALS, peel
from .diffraction import patterns
from .photoemission import layers
from .sorption import cross_linked
from .thermal import thermal_study

Write = Callable[[xr.Dataset, Path], object]

_SAID = (
    "material", "state", "peg_fraction", "mass", "poisson_ratio", "width", "peel_angle", "failure_mode",
)  # fmt: skip
"""What study.toml says of a sample, where its generator knows it."""

_UNITS = {"mass": " mg", "peg_fraction": "", "poisson_ratio": "", "width": " mm", "peel_angle": " degree"}
_WITHOUT_WAVELENGTH = ".xy"
_SECONDS = 3.0
"""Between two points of calorimetry, so that its files stay small."""
_MILLIMETRES, _PER_SECOND = 0.4, 6.0
"""Between two points of a peel test, and points per second of an indent, for the same reason."""
_STRIPS, _INDENTS = 3, 3
_STIFF = {"PCH": (3.4, 0.21), "PCHP": (1.9, 0.11), "PCHP2": (1.1, 0.06)}
"""Modulus and hardness [GPa]; inventions."""


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


def demo_measurements() -> Iterator[Measured]:
    """Every measurement of the demo study, in its order."""
    calorimetry = (
        (".txt", thermal_files.universal_analysis),
        (".trios.txt", thermal_files.trios_text),
        (".json", thermal_files.trios_json),
        (".ngb.txt", thermal_files.netzsch),
        (".txt", thermal_files.universal_analysis),
    )
    yield from _with_files("thermal", _samples(thermal_study(interval=_SECONDS)), calorimetry)
    powder: tuple[tuple[str, Write], ...] = (
        (_WITHOUT_WAVELENGTH, _powder(powder_files.write_xy)),
        (".xrdml", _powder(powder_files.write_xrdml)),
        (".ras", _powder(powder_files.write_ras)),
    )
    yield from _with_files("diffraction", patterns(), powder)
    isotherms = (
        (".aif", sorption_files.aif),
        (".json", sorption_files.pygaps_json),
        (".csv", sorption_files.pygaps_csv),
        (".aif", sorption_files.aif),
    )
    yield from _with_files("sorption", cross_linked(), isotherms)
    yield from _with_files("photoemission", _samples(layers()), ((".vms", _vamas),))
    yield from _with_files("indentation", [_indented(name) for name in _STIFF], ((".csv", indents.write_table),))
    strips: tuple[tuple[str, Write], ...] = (
        (".bluehill.csv", _text(adhesion_files.bluehill_csv)),
        (".zwick.txt", _text(adhesion_files.zwick_txt)),
        (".csv", _text(adhesion_files.table_csv)),
    )
    yield from _with_files("adhesion", [_peeled(name) for name in _STIFF], strips)


def _indented(material: str) -> xr.Dataset:
    """Indents by a tip without a flaw, so that nothing is to be known of it."""
    modulus, hardness = _STIFF[material]
    of = indents.Indent(
        modulus, hardness, spread=0.04, tests=_INDENTS, tip=(24.5,), rate=_PER_SECOND, depth_noise=0.2, load_noise=5e-4
    )
    made = indents.indented(of, seed=list(_STIFF).index(material), name=material, material=material)
    return made.assign_attrs(true_modulus=modulus, true_hardness=hardness)


def _peeled(material: str) -> xr.Dataset:
    truth = replace(MATERIALS[material], spacing=_MILLIMETRES)
    made = peel(truth, strips=_STRIPS, seed=list(_STIFF).index(material), name=material, material=material)
    return made.assign_attrs(true_peel_strength=truth.strength)


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
