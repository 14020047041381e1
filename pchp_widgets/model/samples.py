"""What a person knows about a sample of material and the file does not say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .metadata import checked, quantity, units_of


class SampleMetadata(BaseModel):
    """Metadata of one measured sample; quantities are typed with units (``mass="5.2 mg"``), the rest is unknown.

    Numbers are kept in the units of :data:`SAMPLE_UNITS`. Missing text is ``""``, a missing quantity NaN; what an
    analysis cannot do without, it asks for by name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    material: str = Field("", description="what the sample is made of: PCH, PCHP, PEO, ...; its hue in every figure")
    replicate: str = ""
    state: str = Field("", description="original, activated, cycled 50 times, ...: the same material in time or depth")
    substrate: str = Field("", description="what a film lies on: glass, copper, lithium, ...")
    mass: quantity("mg") = Field(math.nan, gt=0, description="dry mass of the sample")  # type: ignore[valid-type]
    thickness: quantity("um") = Field(math.nan, gt=0, description="of the film")  # type: ignore[valid-type]
    poisson_ratio: quantity("1") = Field(math.nan, gt=-1, lt=0.5, description="for the modulus")  # type: ignore[valid-type]
    peg_fraction: quantity("1") = Field(  # type: ignore[valid-type]
        math.nan, ge=0, le=1, description="mass fraction of PEG, for crystallinity"
    )
    temperature: quantity("degC") = Field(math.nan, description="of the measurement")  # type: ignore[valid-type]
    gas: str = Field("", description="adsorptive: CO2, N2, Ar, ...")
    degas_temperature: quantity("degC") = Field(math.nan, description="at which a sample was outgassed")  # type: ignore[valid-type]
    degas_time: quantity("h") = Field(math.nan, gt=0, description="for which a sample was outgassed")  # type: ignore[valid-type]
    wavelength: quantity("angstrom") = Field(  # type: ignore[valid-type]
        math.nan, gt=0, description="of the radiation; K alpha 1 where there are two"
    )
    wavelength_alpha2: quantity("angstrom") = Field(  # type: ignore[valid-type]
        math.nan, gt=0, description="K alpha 2, where it is not filtered out"
    )
    alpha2_ratio: quantity("1") = Field(  # type: ignore[valid-type]
        math.nan, ge=0, le=1, description="intensity of K alpha 2 over that of K alpha 1"
    )
    intensity_kind: Literal["", "counts", "rate", "arbitrary"] = Field(
        "", description="of a diffraction pattern: counts of a step, counts per second, or something made of them"
    )
    step_time: quantity("s") = Field(math.nan, gt=0, description="time each step of a pattern was counted")  # type: ignore[valid-type]
    width: quantity("mm") = Field(math.nan, gt=0, description="of a peeled strip")  # type: ignore[valid-type]
    peel_angle: quantity("degree") = Field(math.nan, gt=0, description="between the strip and the substrate")  # type: ignore[valid-type]
    failure_mode: Literal["", "adhesive", "cohesive", "mixed"] = Field("", description="how a peeled strip failed")
    charge_shift: quantity("eV") = Field(  # type: ignore[valid-type]
        math.nan, description="added to binding energies, where it is not to be found from a reference line"
    )
    nucleus: str = Field("", description="whose resonance a spectrum shows: 1H, 13C")
    solvent: str = Field("", description="a sample was dissolved in for a spectrum: DMSO, CDCl3")
    excitation: Literal["", "direct", "cross_polarization"] = Field(
        "", description="of the nuclei: intensities after cross polarization do not count them"
    )
    relaxation_delay: quantity("s") = Field(  # type: ignore[valid-type]
        math.nan, gt=0, description="from pulse to pulse, the acquisition included"
    )
    relaxation_time: quantity("s") = Field(  # type: ignore[valid-type]
        math.nan, gt=0, description="longest T1 of the lines that are integrated"
    )
    carbon: quantity("1") = Field(math.nan, ge=0, le=1, description="mass fraction by elemental analysis")  # type: ignore[valid-type]
    hydrogen: quantity("1") = Field(math.nan, ge=0, le=1, description="mass fraction by elemental analysis")  # type: ignore[valid-type]
    nitrogen: quantity("1") = Field(math.nan, ge=0, le=1, description="mass fraction by elemental analysis")  # type: ignore[valid-type]
    element_error: quantity("1") = Field(  # type: ignore[valid-type]
        math.nan, gt=0, description="standard error of a mass fraction determined once"
    )
    known_pixel_size: quantity("um") = Field(  # type: ignore[valid-type]
        math.nan, gt=0, description="of a micrograph, from a calibration: it wins over that of the file"
    )
    scale_bar: quantity("um") = Field(  # type: ignore[valid-type]
        math.nan, gt=0, description="what is written at the scale bar of a micrograph"
    )
    imaged: Literal["", "section", "surface"] = Field(
        "", description="what a micrograph shows: a section for thickness, a surface for pores"
    )
    section_angle: quantity("degree") = Field(  # type: ignore[valid-type]
        math.nan,
        gt=0,
        le=90,
        description="between the line of sight and the plane of a cross section; 90: none is lost",
    )
    notes: str = ""


SAMPLE_UNITS = units_of(SampleMetadata)
"""Stored unit of each metadata quantity of a sample."""

_CONCERN = {
    "thermal": ("peg_fraction",),
    "diffraction": ("wavelength", "wavelength_alpha2", "alpha2_ratio", "intensity_kind", "step_time"),
    "sorption": ("gas", "degas_temperature", "degas_time"),
    "indentation": ("poisson_ratio",),
    "adhesion": ("width", "peel_angle", "failure_mode"),
    "photoemission": ("charge_shift",),
    "composition": (
        *("nucleus", "solvent", "excitation", "relaxation_delay", "relaxation_time"),
        *("carbon", "hydrogen", "nitrogen", "element_error"),
    ),
    "micrograph": ("known_pixel_size", "scale_bar", "imaged", "section_angle"),
}
CONCERNED = {field: technique for technique, fields in _CONCERN.items() for field in fields}
"""Technique that a metadata field concerns; the others are of the sample, however it is measured."""


def sample_metadata(values: Mapping[str, object]) -> SampleMetadata:
    """Metadata of a sample from keywords; raises as :func:`.metadata.checked` does."""
    return checked(SampleMetadata, values)


def misplaced(fields: Iterable[str], technique: str) -> str:
    """What is wrong with metadata that concern another technique; empty when nothing is."""
    others = [
        f"{field} concerns {CONCERNED[field]}" for field in fields if CONCERNED.get(field, technique) != technique
    ]
    return f"{', '.join(others)}, and not {technique}: leave it out" if others else ""


def metadata_coords(
    known: SampleMetadata, technique: str, count: int = 1
) -> dict[str, tuple[str, list[object], dict[str, str]]]:
    """Coordinates of samples of which the same is known, for a dataset.

    Parameters
    ----------
    known
        Metadata.
    technique
        With which they were measured: what concerns another one is left out.
    count
        Number of samples.
    """
    return {
        field: ("sample", [value] * count, {"units": SAMPLE_UNITS[field]} if field in SAMPLE_UNITS else {})
        for field, value in known
        if CONCERNED.get(field, technique) == technique
    }
