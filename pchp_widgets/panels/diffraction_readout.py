"""What the panel of diffraction patterns says in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

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


_DECISIVE = 10.0  # in Schwarz's criterion


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
    every, chi = plain(summary), found["criterion"].values
    names = [str(name) for name in found["background"].values]
    kinds = data["intensity_kind"].values if "intensity_kind" in data.coords else [""] * len(every)
    return [
        Line(
            looks[one.name].color,
            one.name,
            (
                *(distance_in_words(one, halo) for halo in range(len(one.position))),
                _list(one.correlation_length, one.correlation_length_stderr),
                _list(one.interchain),
                f"{one.reduced_chi_square:.2f}",
            ),
            (
                *_background(one, summary.attrs["background"], dict(zip(names, chi[at].tolist(), strict=True))),
                *_halos(one, summary.attrs["window"]),
                *_noise(str(kinds[at])),
                *sharp_in_words(sharp["position"].values[at], sharp["phase"].values[at]),
            ),
        )
        for at, one in enumerate(every)
    ]


class Fitted(NamedTuple):
    """What is said of one sample, in plain numbers: an array has a value for each halo."""

    name: str
    accepted: float
    reduced_chi_square: float
    position: FloatArray
    width: FloatArray
    decided: FloatArray
    spacing: FloatArray
    spacing_low: FloatArray
    spacing_high: FloatArray
    spacing_background_low: FloatArray
    spacing_background_high: FloatArray
    correlation_length: FloatArray
    correlation_length_stderr: FloatArray
    interchain: FloatArray


def plain(summary: xr.Dataset) -> list[Fitted]:
    """What :func:`~pchp_widgets.analysis.diffraction.distances` says, sample by sample."""
    columns = [summary[name].values for name in Fitted._fields[1:]]
    rows = zip(summary["sample"].values, *columns, strict=True)
    return [Fitted(str(name), float(taken), float(chi), *rest) for name, taken, chi, *rest in rows]


def distance_in_words(of: Fitted, halo: int) -> str:
    """Distance of one halo (counted from 0) with both of its errors, or why there is none."""
    d = of.spacing[halo]
    if not np.isfinite(d):
        place = f"at {of.position[halo]:.2f}°"
        return f"undecided, {place}" if of.decided[halo] != 1 else f"{place}, wavelength not known"
    half = (of.spacing_high[halo] - of.spacing_low[halo]) / 2
    low, high = of.spacing_background_low[halo], of.spacing_background_high[halo]
    return f"{d:.3f} ± {half:.3f} Å ({low:.2f}–{high:.2f})"


def _background(of: Fitted, background: str, criterion: Mapping[str, float]) -> list[str]:
    """What to know about the background chosen."""
    said = []
    best = min(criterion, key=lambda name: criterion[name])
    lead = criterion[background] - criterion[best]
    if of.accepted != 1:
        said.append(f"the background '{BACKGROUNDS[background].text}' does not describe the pattern: take another one")
    elif lead > _DECISIVE:
        said.append(
            f"the background '{BACKGROUNDS[best].text}' describes the pattern better, by {lead:.0f} in "
            "Schwarz's criterion"
        )
    wide = of.spacing_background_high - of.spacing_background_low > of.spacing_high - of.spacing_low
    if wide.any():
        said.append(f"the choice of the background moves d of halo {_which(wide)} by more than the noise does")
    return said


def _halos(of: Fitted, window: tuple[float, float]) -> list[str]:
    """What to know about single halos."""
    low, high = window
    near = (of.position - low < _EDGE * of.width) | (high - of.position < _EDGE * of.width)
    said = []
    if near.any():
        said.append(f"halo {_which(near)} begins outside of the window: its place rests on the background")
    lost = of.decided != 1
    if lost.any():
        said.append(f"halo {_which(lost)} is undecided: not converged, at a bound, or lower than 3 standard errors")
    return said


def _noise(kind: str) -> list[str]:
    if kind in {"counts", "rate"}:
        return []
    return ["the intensities are no counts: their noise is taken from the scatter, and χ² cannot judge the model"]


def _which(halos: npt.NDArray[np.bool_]) -> str:
    return ", ".join(str(at + 1) for at in np.flatnonzero(halos))


def sharp_in_words(places: FloatArray, names: Sequence[str]) -> list[str]:
    """Sharp lines of one sample, with the phases they may be of."""
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
