"""Micrographs with known truth: cross sections of a coating, and lithium with pores, as a random field has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import measurement, merged

FloatArray = npt.NDArray[np.float64]

BAR_ROWS = 56
"""Rows of a drawn data bar."""

_PAPER, _INK = 0, 255
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Camera:
    """How a picture is taken.

    Attributes
    ----------
    rows, columns
        Of the picture, without its data bar.
    pixel_size
        [um].
    blur
        Standard deviation of the beam, in pixels.
    noise
        Standard deviation of a grey value.
    shading
        Grey by which one corner is brighter than the opposite one.
    bar
        Length of the scale bar in a data bar below [um]; 0 for none.
    """

    rows: int = 320
    columns: int = 480
    pixel_size: float = 0.05
    blur: float = 1.2
    noise: float = 8.0
    shading: float = 0.0
    bar: float = 0.0


@dataclass(frozen=True)
class CoatingTruth:
    """A cross section: substrate, coating, and what lies above it.

    Attributes
    ----------
    thickness
        Mean along the normal of the substrate [um].
    outer_roughness, inner_roughness
        Standard deviations of both faces [um].
    correlation
        Length over which a face forgets its height [um].
    tilt
        Of the substrate in the picture, clockwise [degree].
    bow
        Height of the middle of the substrate over its ends [um].
    section_angle
        Between the line of sight and the section [degree]: at less than 90 the coating looks thinner.
    substrate, coating, above
        Grey values.
    """

    thickness: float = 8.0
    outer_roughness: float = 0.25
    inner_roughness: float = 0.08
    correlation: float = 0.6
    tilt: float = 0.0
    bow: float = 0.0
    section_angle: float = 90.0
    substrate: float = 190.0
    coating: float = 115.0
    above: float = 35.0


@dataclass(frozen=True)
class LithiumTruth:
    """A surface with dark pores: where a random field with a Gaussian correlation lies below a level.

    Attributes
    ----------
    pore_fraction
        Part of the area that is pores, in the mean over many pictures.
    correlation
        Length of the field [um], along the shorter direction.
    stretch
        How many times longer it is along `direction`.
    direction
        Of the rods, from the horizontal anticlockwise [degree].
    pore, metal
        Grey values.
    """

    pore_fraction: float = 0.3
    correlation: float = 0.35
    stretch: float = 1.0
    direction: float = 0.0
    pore: float = 45.0
    metal: float = 165.0


SECTIONS: Mapping[str, CoatingTruth] = MappingProxyType(
    {
        "PCH": CoatingTruth(thickness=6.0, outer_roughness=0.45, tilt=-3.0),
        "PCHP": CoatingTruth(thickness=8.0, tilt=2.0, bow=0.3),
        "PCHP2": CoatingTruth(thickness=8.6, outer_roughness=0.15),
    }
)
"""Synthetic stand-ins for the coatings of a study; their numbers are inventions."""

SURFACES: Mapping[tuple[str, str], LithiumTruth] = MappingProxyType(
    {
        ("bare", "50 cycles"): LithiumTruth(0.34, 0.25, 3.0, 30.0),
        ("bare", "100 cycles"): LithiumTruth(0.45, 0.25, 3.5, 100.0),
        ("PCHP", "50 cycles"): LithiumTruth(0.12, 0.5, 1.2),
        ("PCHP", "100 cycles"): LithiumTruth(0.16, 0.5, 1.2),
    }
)
"""Cycled lithium, bare and coated, by material and state; inventions too."""


def cross_section(
    truth: CoatingTruth | None = None,
    camera: Camera | None = None,
    *,
    seed: int = 0,
    name: str = "synthetic",
    material: str = "",
    **known: float,
) -> xr.Dataset:
    """A cross section as :func:`pchp_widgets.open_measurement` would give it.

    Parameters
    ----------
    truth, camera
        What is seen, and how.
    seed
        Of what is random.
    name, material
        Of the sample.
    **known
        Further variables of the sample, such as ``stage_tilt``.
    """
    truth, camera = truth or CoatingTruth(), camera or Camera()
    rng = np.random.default_rng(seed)
    seen = math.sin(math.radians(truth.section_angle)) / camera.pixel_size  # pixels for a micrometre of thickness
    along, across = _coordinates(camera, truth.tilt)
    length = 2 * max(camera.rows, camera.columns)
    places = np.arange(-length, length)
    step = truth.correlation / camera.pixel_size
    inner = seen * truth.inner_roughness * _profile(rng, len(places), step)
    outer = seen * truth.outer_roughness * _profile(rng, len(places), step)
    arch = seen * truth.bow * (1 - (2 * along / camera.columns) ** 2)
    half = seen * truth.thickness / 2
    low = across + half - arch - np.interp(along, places, inner)  # above zero: beyond the inner face
    high = across - half - arch - np.interp(along, places, outer)
    grey = (
        truth.substrate
        + (truth.coating - truth.substrate) * _smooth_step(low / camera.blur)
        + (truth.above - truth.coating) * _smooth_step(high / camera.blur)
    )
    coords = {"state": ("sample", [""]), "imaged": ("sample", ["section"]), **_angle(truth.section_angle)}
    attrs = {"truth_thickness": truth.thickness}
    return _taken(grey, camera, rng, name, material, coords, attrs, known)


def surface(
    truth: LithiumTruth | None = None,
    camera: Camera | None = None,
    *,
    seed: int = 0,
    name: str = "synthetic",
    material: str = "",
    state: str = "",
    **known: float,
) -> xr.Dataset:
    """A surface with pores, as :func:`pchp_widgets.open_measurement` would give it; see :func:`cross_section`."""
    truth, camera = truth or LithiumTruth(), camera or Camera()
    rng = np.random.default_rng(seed)
    field = random_field(truth, camera, rng)
    level = _NORMAL.inv_cdf(truth.pore_fraction)
    # the beam blurs the edge of a pore, which is as wide as the field is flat there
    slope = 1.0 / max(truth.correlation / camera.pixel_size, 1.0)
    share = _smooth_step((field - level) / (slope * camera.blur))
    grey = truth.pore + (truth.metal - truth.pore) * share
    coords = {"state": ("sample", [state]), "imaged": ("sample", ["surface"]), **_angle(np.nan)}
    attrs = {"truth_pore_fraction": truth.pore_fraction}
    return _taken(grey, camera, rng, name, material, coords, attrs, known)


def random_field(truth: LithiumTruth, camera: Camera, rng: np.random.Generator) -> FloatArray:
    """A random field (row, column) of mean 0 and deviation 1, with a Gaussian correlation ``exp(-r2 / 2 l2)``.

    It is cut from one twice as large, so that its sides do not know of each other.
    """
    rows, columns = _good(2 * camera.rows), _good(2 * camera.columns)
    short = truth.correlation / camera.pixel_size
    up, right = np.meshgrid(np.fft.fftfreq(rows), np.fft.rfftfreq(columns), indexing="ij")
    turn = math.radians(truth.direction)
    along = math.cos(turn) * right - math.sin(turn) * up  # rows go down
    across = math.sin(turn) * right + math.cos(turn) * up
    power = (2 * np.pi) ** 2 * ((truth.stretch * short * along) ** 2 + (short * across) ** 2)
    white = np.fft.rfft2(rng.standard_normal((rows, columns)))
    field = np.fft.irfft2(white * np.exp(-power / 4), s=(rows, columns))
    unit = short * math.sqrt(2 * np.pi * truth.stretch)  # makes up for what the filter takes
    return np.asarray(field[: camera.rows, : camera.columns] * unit, float)


def micrograph_study(seed: int = 0, *, pictures: int = 1, bar: float = 5.0) -> xr.Dataset:
    """All :data:`SECTIONS` and :data:`SURFACES` side by side.

    Parameters
    ----------
    seed
        Of what is random.
    pictures
        Of each.
    bar
        Length of their scale bars [um].
    """
    camera = Camera(bar=bar)
    shaded = replace(camera, shading=20.0)
    parts = []
    for at in range(pictures):
        end = f" {at + 1}" if pictures > 1 else ""
        parts += [
            cross_section(truth, camera, seed=seed + 50 * at + place, name=f"{material}{end}", material=material)
            for place, (material, truth) in enumerate(SECTIONS.items())
        ]
        parts += [
            surface(
                truth, shaded, seed=seed + 50 * at + 20 + place, name=f"{material}, {state}{end}", material=material,
                state=state,
            )
            for place, ((material, state), truth) in enumerate(SURFACES.items())
        ]  # fmt: skip
    return merged(parts)


def _taken(
    grey: FloatArray,
    camera: Camera,
    rng: np.random.Generator,
    name: str,
    material: str,
    coords: Mapping[str, object],
    attrs: Mapping[str, object],
    known: Mapping[str, float],
) -> xr.Dataset:
    """A picture with shading, noise and data bar, as eight bits hold it."""
    slant = np.linspace(-0.5, 0.5, camera.rows)[:, None] + np.linspace(-0.5, 0.5, camera.columns)
    noisy = grey + 0.5 * camera.shading * slant + camera.noise * rng.standard_normal(grey.shape)
    picture = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    columns = {"pixel_size": camera.pixel_size, "pixel_height": camera.pixel_size, "picture_rows": np.nan, **known}
    if camera.bar > 0:
        picture = np.concatenate([picture, data_bar(camera)])
        columns["bar_length"] = camera.bar
    return measurement(
        "micrograph",
        {"intensity": picture, **columns},
        sample=name,
        coords={**coords, "material": ("sample", [material])},
        attrs={"origin": "synthetic", **attrs},
    )


def _angle(degrees: float) -> dict[str, object]:
    return {"section_angle": ("sample", [degrees], {"units": "degree"})}


def data_bar(camera: Camera) -> npt.NDArray[np.uint8]:
    """The strip below a picture: a scale bar between two strokes, and blocks where words would be."""
    strip = np.full((BAR_ROWS, camera.columns), _PAPER, np.uint8)
    strip[:2] = _INK
    pixels = round(camera.bar / camera.pixel_size)
    first, row = 12, BAR_ROWS // 2 + 8
    strip[row - 1 : row + 2, first : first + pixels + 1] = _INK
    for end in (first, first + pixels):
        strip[row - 7 : row + 8, end] = _INK
    for place in range(first + pixels + 40, camera.columns - 20, 12):
        strip[row - 6 : row + 4, place : place + 7] = _INK
    return strip


def _coordinates(camera: Camera, tilt: float) -> tuple[FloatArray, FloatArray]:
    """Along the substrate and away from it, from the middle of the picture, in pixels."""
    down, right = np.meshgrid(
        np.arange(camera.rows) - (camera.rows - 1) / 2, np.arange(camera.columns) - (camera.columns - 1) / 2,
        indexing="ij",
    )  # fmt: skip
    turn = math.radians(tilt)
    return right * math.cos(turn) + down * math.sin(turn), right * math.sin(turn) - down * math.cos(turn)


def _profile(rng: np.random.Generator, points: int, length: float) -> FloatArray:
    """Heights of mean 0 and deviation 1 whose correlation is Gaussian, ``exp(-x2 / 2 l2)``."""
    power = (2 * np.pi * length * np.fft.rfftfreq(points)) ** 2
    heights = np.fft.irfft(np.fft.rfft(rng.standard_normal(points)) * np.exp(-power / 4), points)
    return np.asarray(heights * math.sqrt(length * math.sqrt(2 * np.pi)), float)


def _smooth_step(x: FloatArray) -> FloatArray:
    """From 0 to 1 about zero; the integral of a Gaussian within 0.0001 (logistic series of Bowling et al., 2009)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(0.07056 * x**3 + 1.5976 * x, -60, 60))), float)


def _good(size: int) -> int:
    """The next even size whose transform is quick."""
    while any(size % prime == 0 for prime in (7, 11, 13)) or _rest(size) > 5:
        size += 1
    return size


def _rest(size: int) -> int:
    for prime in (2, 3, 5):
        while size % prime == 0:
            size //= prime
    return max(size, 1)
