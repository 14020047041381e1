"""What the panel of diffraction patterns says in words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.diffraction import BACKGROUNDS
from ..plots.pieces import Looks
from .readout import Line

FloatArray = npt.NDArray[np.float64]

EXPLAINED = {
    "d": (
        "Bragg's d = λ / (2 sin θ) at the centre of a halo that is fitted together with the background, never at a "
        "maximum: in a sum of halos the maxima lie elsewhere"
    ),
    "interval": "95 % by the noise of counting, as if the background were known; errors grow with the misfit",
    "over backgrounds": (
        "lowest and highest d under all backgrounds that describe the pattern: whose reduced chi-square is at most 1.2 "
        "times the lowest. It is a systematic error, and mostly the larger one"
    ),
    "reach of the order": (
        "Scherrer's 0.9 λ / (width cos θ). In an amorphous film this is a correlation length, no size of crystallites"
    ),
    "1.23 d": "distance of chains by the first maximum of sin(kr)/(kr): another convention, not to be mixed with d",
    "χ²": "squares of the residuals in standard errors over degrees of freedom; 1 where the model leaves only noise",
    "LP factor": "by what the scattering of the sample, not the background, is multiplied in the pattern; usually none",
    "sharp line": "rises by 8 standard errors in a filter that no halo passes; named where a known phase has a line",
}
"""What the words of the panel mean."""

_EDGE = 1.0  # widths of a halo from the end of the window, within which the background decides its place


def heads(summary: xr.Dataset) -> tuple[str, ...]:
    """What stands above the columns: one per halo, then what holds for all."""
    return (
        *(f"d, halo {number} (over backgrounds)" for number in summary["halo"].values),
        "reach of the order",
        "1.23 d",
        "χ²",
    )


def lines(data: xr.Dataset, found: xr.Dataset, summary: xr.Dataset, sharp: xr.Dataset, looks: Looks) -> list[Line]:
    """A line per sample.

    Parameters
    ----------
    data
        The samples.
    found, summary, sharp
        As the functions ``halos``, ``distances`` and ``reflections`` of :mod:`pchp_widgets.analysis.diffraction`
        give it.
    looks
        By name of the sample.
    """
    names = [str(name) for name in summary["sample"].values]
    return [
        Line(
            looks[name].color,
            name,
            (
                *(distance_in_words(one.isel(halo=at)) for at in range(one.sizes["halo"])),
                _list(one["correlation_length"].values, one["correlation_length_stderr"].values),
                _list(one["interchain"].values),
                f"{float(one['reduced_chi_square']):.2f}",
            ),
            tuple(remarks(data.isel(sample=at), found.isel(sample=at), one, sharp.isel(sample=at))),
        )
        for at, name in enumerate(names)
        for one in [summary.isel(sample=at)]
    ]


def distance_in_words(of: xr.Dataset) -> str:
    """Distance of one halo of one sample with both of its errors, or why there is none."""
    d = float(of["spacing"])
    if not np.isfinite(d):
        place = f"at {float(of['position']):.2f}°"
        return f"undecided, {place}" if float(of["decided"]) != 1 else f"{place}, wavelength not known"
    half = (float(of["spacing_high"]) - float(of["spacing_low"])) / 2
    low, high = float(of["spacing_background_low"]), float(of["spacing_background_high"])
    return f"{d:.3f} ± {half:.3f} Å ({low:.2f}–{high:.2f})"


def remarks(data: xr.Dataset, found: xr.Dataset, one: xr.Dataset, sharp: xr.Dataset) -> list[str]:
    """What to know about the fit of one sample."""
    said = []
    background = one.attrs["background"]
    best = str(found["background"].values[int(found["criterion"].values.argmin())])
    lead = float(found["criterion"].sel(background=background) - found["criterion"].min())
    if float(one["accepted"]) != 1:
        said.append(f"the background '{BACKGROUNDS[background].text}' does not describe the pattern: take another one")
    elif best != background and lead > 10:
        said.append(
            f"the background '{BACKGROUNDS[best].text}' describes the pattern better, "
            f"by {lead:.0f} in Schwarz's criterion"
        )
    spread = one["spacing_background_high"].values - one["spacing_background_low"].values
    noise = one["spacing_high"].values - one["spacing_low"].values
    wide = np.flatnonzero(spread > noise)
    if wide.size:
        which = ", ".join(str(at + 1) for at in wide)
        said.append(f"the choice of the background moves d of halo {which} by more than the noise does")
    low, high = one.attrs["window"]
    place, width = one["position"].values, one["width"].values
    near = np.flatnonzero((place - low < _EDGE * width) | (high - place < _EDGE * width))
    if near.size:
        which = ", ".join(str(at + 1) for at in near)
        said.append(f"halo {which} begins outside of the window: its place rests on the background")
    undecided = np.flatnonzero(one["decided"].values != 1)
    if undecided.size:
        which = ", ".join(str(at + 1) for at in undecided)
        said.append(f"halo {which} is undecided: not converged, at a bound, or lower than 3 standard errors")
    if str(data["intensity_kind"].item() if "intensity_kind" in data.coords else "") not in {"counts", "rate"}:
        said.append(
            "the intensities are no counts: their noise is taken from the scatter, and χ² cannot judge the model"
        )
    said += sharp_in_words(sharp)
    return said


def sharp_in_words(sharp: xr.Dataset) -> list[str]:
    """Sharp lines of one sample."""
    places, names = sharp["position"].values, sharp["phase"].values
    known = [
        f"{place:.2f}°{f' ({name})' if name else ''}"
        for place, name in zip(places, names, strict=True)
        if np.isfinite(place)
    ]
    if not known:
        return []
    more = f" and {len(known) - 6} more" if len(known) > 6 else ""
    return [f"sharp lines at {', '.join(known[:6])}{more}: the sample is not amorphous alone, or its substrate shows"]


def _list(values: FloatArray, errors: FloatArray | None = None) -> str:
    shown = []
    for at, value in enumerate(values):
        if not np.isfinite(value):
            shown.append("?")
        elif errors is None:
            shown.append(f"{value:.2f}")
        else:
            shown.append(f"{value:.1f} ± {1.96 * errors[at]:.1f}")
    return f"{', '.join(shown)} Å"
