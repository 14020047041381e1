"""What the panel of micrographs says in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from ..analysis import micrograph as analysis
from ..plots import theme
from ..plots.micrograph import BAR, FACE
from ..plots.picture import Entry
from .readout import Line

BAR_LEGEND = (Entry("scale bar found", BAR), Entry("line", theme.ON_MAP))
FACE_LEGEND = (Entry("faces found", FACE), Entry("line", theme.ON_MAP))
PORE_LEGEND = (Entry("darker than the middle of the band", theme.BARE),)
"""Legends of the pictures."""

HEADS: Mapping[str, Sequence[str]] = {
    "scale": ("pixel", "taken from", "file", "scale bar", "line", "agree within 2 %"),
    "thickness": ("mean thickness", "from profile to profile", "least to most", "profiles", "as independent", "angle"),
    "pores": ("pore fraction", "over the band", "chord", "anisotropy", "direction", "pixel", "less the reference"),
}
"""What stands above the columns, by view."""

EXPLAINED = {
    "pixel": (
        "width of a pixel in the object. A calibration is believed first, then the tag of the file that is about the "
        "stored picture, the scale bar, and the line that was drawn; all of them are compared"
    ),
    "scale bar": (
        "what is written at it (scale_bar='5 um', or the file) over its pixels. Bars are drawn and read in whole "
        "pixels: whiskers are two standard errors"
    ),
    "mean thickness": (
        "distance of both faces along the normal of the smoother one, a polynomial of second degree, where the grey "
        "changes most, over the sine of the section angle. The 95 % interval is of blocks of neighbouring profiles, "
        "as roughness belongs together; it does not hold the error of the pixel size"
    ),
    "section angle": (
        "between the line of sight and the plane of the section: 90° is from straight ahead. The tilt axis is taken to "
        "lie along the coating"
    ),
    "as independent": "profiles that would say as much about the mean if each was independent of its neighbours",
    "pore fraction": (
        "part of the area darker than the middle of the band of thresholds, after the shading is taken off. Thresholds "
        "run from the mean grey of the pores (0) to that of the rest (1); Otsu's is 0.5. The 95 % interval is for the "
        "area that was seen, by the integral range of the pores"
    ),
    "over the band": "pore fraction at the lowest and the highest threshold of the band: what the choice makes of it",
    "chord": "mean length of horizontal and vertical lines within pores",
    "anisotropy": (
        "coherence of the structure tensor: 0 alike in all directions, 1 all along one; 95 % interval over tiles of "
        "the picture. Its direction is that of the rods, from the horizontal anticlockwise"
    ),
    "less the reference": (
        "pore fraction less that of the reference, between the outermost ends of both intervals, thresholds included; "
        "at equal magnification only. The grey of secondary electrons is no height: nothing is said of depth"
    ),
}
"""What the words of the panel mean."""


def ruler_title(name: str, line: Sequence[float], length: float | None, ratio: float) -> str:
    """What stands above a picture with a ruler."""
    pixels = float(np.hypot(line[2] - line[0], (line[3] - line[1]) * ratio))
    known = f" = {length:g} µm: {length / pixels:.5g} µm per pixel" if length and pixels > 0 else ""
    return f"{theme.elided(name, 28)}: line of {pixels:.1f} pixels{known}"


def thickness_title(name: str, found: xr.Dataset) -> str:
    """What stands above a cross section."""
    return f"{theme.elided(name, 28)}: {thickness_in_words(found)}"


def pore_title(name: str, found: xr.Dataset) -> str:
    """What stands above a surface."""
    return f"{theme.elided(name, 28)}: {pores_in_words(found)}"


def thickness_in_words(found: xr.Dataset) -> str:
    """Mean thickness with its interval, or why there is none."""
    mean, low, high = (float(found[of].values.item()) for of in ("mean", "mean_low", "mean_high"))
    if not np.isfinite(mean):
        return "no thickness"
    return f"{mean:.2f} µm" + (f" ({low:.2f} to {high:.2f})" if np.isfinite(low) else ", no interval")


def fraction_in_words(found: xr.Dataset) -> str:
    """Pore fraction with its interval for the area seen."""
    value, low, high = (
        100 * float(found[of].values.item()) for of in ("pore_fraction", "pore_fraction_low", "pore_fraction_high")
    )
    if not np.isfinite(value):
        return "undecided"
    return f"{value:.1f} %" + (f" ({low:.1f} to {high:.1f})" if np.isfinite(low) else "")


def pores_in_words(found: xr.Dataset) -> str:
    """The same as a part of a sentence."""
    text = fraction_in_words(found)
    return "pores undecided" if text == "undecided" else f"{text} pores"


def scale_lines(data: Mapping[str, xr.Dataset], sizes: xr.Dataset, colors: Mapping[str, str]) -> list[Line]:
    """A line per sample on how wide its pixels are."""
    made = []
    for name, one in data.items():
        own = sizes.sel(sample=name)
        by = dict(zip(map(str, sizes["source"].values), own["size"].values.tolist(), strict=True))
        agree = {1: "yes", 0: "no", -1: "nothing to compare"}[int(own["agree"])]
        values = (
            _pixel(float(own["pixel_size"])),
            str(own["chosen"].item()) or "nothing",
            *(_pixel(by[source]) if np.isfinite(by[source]) else "" for source in ("file", "scale bar", "line")),
            agree,
        )
        made.append(Line(colors[name], name, values, tuple(_scale_doubts(one, sizes, name))))
    return made


def thickness_lines(
    data: Mapping[str, xr.Dataset], found: Mapping[str, xr.Dataset], sizes: xr.Dataset, colors: Mapping[str, str]
) -> list[Line]:
    """A line per sample on the thickness of its coating."""
    made = []
    for name, one in found.items():
        own = {of: float(one[of].values.item()) for of in ("sd", "least", "most", "profiles", "found", "independent")}
        known = "" if int(one["angle_known"].item()) else " (taken)"
        values = (
            thickness_in_words(one),
            _known(own["sd"], "± {:.2f} µm"),
            f"{own['least']:.2f} to {own['most']:.2f} µm" if np.isfinite(own["least"]) else "?",
            _known(own["profiles"] * own["found"], "{:.0f}"),
            _known(own["independent"], "{:.0f}"),
            f"{float(one['section_angle_used'].item()):g}°{known}",
        )
        doubts = [*analysis.thickness_doubts(data[name], one)[name], *_scale_doubts(data[name], sizes, name)]
        made.append(Line(colors[name], name, values, tuple(dict.fromkeys(doubts))))
    return made


def pore_lines(
    data: Mapping[str, xr.Dataset],
    found: xr.Dataset,
    compared: xr.Dataset,
    sizes: xr.Dataset,
    colors: Mapping[str, str],
) -> list[Line]:
    """A line per sample on its pores."""
    doubts = analysis.pore_doubts(found)
    made = []
    for name in data:
        one = found.sel(sample=name)
        difference, doubt = difference_in_words(compared, name)
        value, low, high = (float(one[of]) for of in ("anisotropy", "anisotropy_low", "anisotropy_high"))
        values = (
            fraction_in_words(one),
            f"{100 * float(one['band_low']):.1f} to {100 * float(one['band_high']):.1f} %" if low >= 0 else "?",
            _known(float(one["chord"]), "{:.3g} µm"),
            f"{value:.2f} ({low:.2f} to {high:.2f})" if np.isfinite(low) else "?",
            _known(float(one["direction"]), "{:.0f}°") if low > 0 else "none",
            _pixel(float(one["pixel_size"])),
            difference,
        )
        about = [*doubts[name], *([doubt] if doubt else []), *_scale_doubts(data[name], sizes, name)]
        made.append(Line(colors[name], name, values, tuple(dict.fromkeys(about))))
    return made


def difference_in_words(compared: xr.Dataset, name: str) -> tuple[str, str]:
    """Pore fraction less that of the reference in points, and why not."""
    if name not in compared["sample"].values:
        return ("reference" if compared.sizes["sample"] else ""), ""
    one = compared.sel(sample=name)
    if int(one["differs"]) < 0:
        return "not compared", str(one["doubt"].item())
    value, low, high = (100 * float(one[of]) for of in ("difference", "low", "high"))
    verdict = "" if int(one["differs"]) else ", no difference shown"
    return f"{value:+.1f} points ({low:+.1f} to {high:+.1f}){verdict}", ""


def _scale_doubts(one: xr.Dataset, sizes: xr.Dataset, name: str) -> list[str]:
    return analysis.scale_doubts(one, sizes)[name]


def _pixel(size: float) -> str:
    if not np.isfinite(size):
        return "not known"
    return f"{size:.5g} µm" if size >= 0.1 else f"{1e3 * size:.5g} nm"


def _known(value: float, text: str) -> str:
    return text.format(value) if np.isfinite(value) else "?"
