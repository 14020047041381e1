"""What a reader of the numbers of a micrograph should know before believing them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .scale import AGREEMENT, SOURCES, written_length
from .thickness import FEWEST

_COARSE = 10.0  # pixels in a layer or a pore, below which the pixel is seen
_FOUND, _TILTED, _CONTRAST, _INDEPENDENT = 0.9, 2.0, 3.0, 30.0


def scale_doubts(data: xr.Dataset, sizes: xr.Dataset) -> dict[str, list[str]]:
    """Doubts about pixel sizes, by sample, from :func:`~.scale.pixel_sizes` of a measurement."""
    return {str(name): _of_scale(sizes.sel(sample=name), data.sel(sample=name)) for name in data["sample"].values}


def thickness_doubts(data: xr.Dataset, found: xr.Dataset) -> dict[str, list[str]]:
    """Doubts about thicknesses, by sample, from :func:`~.thickness.thickness` of a measurement."""
    return {str(name): _of_thickness(found.sel(sample=name), data.sel(sample=name)) for name in data["sample"].values}


def pore_doubts(found: xr.Dataset) -> dict[str, list[str]]:
    """Doubts about pore fractions, by sample, from :func:`~.pores.pores`."""
    return {str(name): _of_pores(found.sel(sample=name)) for name in found["sample"].values}


def _of_scale(one: xr.Dataset, own: xr.Dataset) -> list[str]:
    said = []
    pixel, chosen = float(one["pixel_size"]), str(one["chosen"].item())
    if not np.isfinite(pixel):
        return ["no pixel size: draw a line along the scale bar and type its length; lengths are unknown without"]
    sizes, errors = one["size"].values, one["size_stderr"].values
    for source, size, error in zip(SOURCES, sizes, errors, strict=True):
        allowed = max(AGREEMENT, 2 * float(np.nan_to_num(error)) / pixel)
        if abs(size / pixel - 1) > allowed:
            said.append(
                f"pixels of {size:.4g} µm by the {source} and of {pixel:.4g} µm by the {chosen} "
                f"({size / pixel - 1:+.1%}): one of them is wrong"
            )
    implied = float(one["bar_implied"])
    if not np.isfinite(one["bar_length"]) and np.isfinite(implied):
        nearest = written_length(implied)
        if abs(implied / nearest - 1) > 2 * AGREEMENT:
            said.append(
                f"the scale bar would stand for {implied:.4g} µm by the {chosen}, which no microscope writes: compare "
                "with what is written at it, open_measurement(..., scale_bar='5 um')"
            )
    stated = own["stated_pixel_size"].values if "stated_pixel_size" in own else np.zeros(0)
    stated = stated[np.isfinite(stated)]
    if len(stated) and np.ptp(stated) > AGREEMENT * stated[0]:
        low, high = stated.min(), stated.max()
        said.append(f"tags of the file imply pixels from {low:.4g} to {high:.4g} µm: the right one is taken")
    return said


def _of_thickness(one: xr.Dataset, own: xr.Dataset) -> list[str]:
    said = []
    mean, share, profiles = float(one["mean"]), float(one["found"]), float(one["profiles"])
    if not profiles > 0:
        return ["no layer was found: drag the line across it, from one side to the other"]
    if not np.isfinite(mean) and np.isfinite(share) and share > 0:
        said.append("no pixel size, so that the thickness is not known")
    if share * profiles < FEWEST:
        said.append(f"both faces were found in {share * profiles:.0f} profiles; fewer than {FEWEST} give no interval")
    elif share < _FOUND:
        said.append(f"both faces were found in {share:.0%} of the profiles: the others are left out")
    pixel = float(own["pixel_size"]) if "pixel_size" in own else np.nan
    if mean < _COARSE * pixel:
        said.append(f"the layer is {mean / pixel:.1f} pixels thick: magnify more")
    if not one["angle_known"]:
        tilt = float(own["stage_tilt"]) if "stage_tilt" in own.variables else np.nan
        tilted = f"; the stage was tilted by {tilt:.3g} degree" if abs(tilt) > _TILTED else ""
        said.append(f"the section is taken to be seen at a right angle{tilted}: section_angle='90 degree' says so")
    if float(one["independent"]) < 10:
        said.append(
            f"the profiles say as much as {float(one['independent']):.0f} independent ones: a wider picture says more"
        )
    return said


def _of_pores(one: xr.Dataset) -> list[str]:
    said = []
    share, contrast = float(one["pore_fraction"]), float(one["contrast"])
    if not np.isfinite(contrast):
        return ["the picture has but one grey: nothing can be said of pores"]
    if contrast < _CONTRAST:
        said.append(
            f"pores and the rest differ by {contrast:.1f} times their scatter: a threshold does not separate them"
        )
    if float(one["band_high"] - one["band_low"]) > 0.5 * share:
        low, high = float(one["band_low"]), float(one["band_high"])
        said.append(f"the fraction runs from {low:.1%} to {high:.1%} within the band of thresholds")
    if float(one["independent"]) < _INDEPENDENT:
        said.append(f"the picture holds {float(one['independent']):.0f} independent areas: take more, or magnify less")
    pixel, chord = float(one["pixel_size"]), float(one["chord"])
    if chord < 3 * pixel:
        said.append(f"pores are {chord / pixel:.1f} pixels wide: noise may be counted as pores")
    return said
