"""What the panel of photoemission says in words about the samples it shows."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ..analysis.photoemission.backgrounds import EXPLAINED as BACKGROUNDS
from ..analysis.photoemission.outcome import DEFINITIONS
from ..analysis.photoemission.stoichiometry import remarks
from ..plots.theme import Look
from .readout import Line

_PERCENT = 100.0
_SIGMA = 1.96

EXPLAINED: dict[str, str] = {
    "COOLi of acid": DEFINITIONS["lithiated_fraction"],
    "95 % interval": "all shares for which the best fit is not worse by more than 3.84 in chi-square (profile "
    "likelihood); it holds the noise and what the other parameters leave open, not the choice of components, line "
    "shape and background",
    "charging": DEFINITIONS["charge_shift"],
    "share of carbon": "area of a component over that of all; the repeat unit is C29H22O8 at the conversion given",
    "Li per COOLi": "Li 1s over COOLi carbon, by Scofield's cross-sections, without the transmission of the analyser",
    "χ², reduced": DEFINITIONS["chi_square"],
    "Abbe": DEFINITIONS["abbe"],
    "noise": DEFINITIONS["noise"],
    "GL, product": "exp(-4 ln2 (1 - m) u²) / (1 + 4 m u²), the GL of CasaXPS and XPSPEAK; m is the Lorentzian share",
    "GL, sum": "(1 - m) exp(-4 ln2 u²) + m / (1 + 4 u²), the pseudo-Voigt: other areas and widths at the same m",
    **{f"{name} background": text for name, text in BACKGROUNDS.items()},
}
"""What the numbers of the panel mean."""


def heads(fit: xr.Dataset) -> tuple[str, ...]:
    """What stands above the columns."""
    if not fit.sizes["component"]:
        return ("net area", "charging")
    acid = ("COOLi of acid", "Li per COOLi") if "lithiated_fraction" in fit else ()
    return (*acid, *(str(name) for name in fit["component"].values), "charging", "χ², reduced")


def lines(
    data: xr.Dataset,
    fit: xr.Dataset,
    shares: xr.Dataset | None,
    lithium: xr.Dataset | None,
    looks: dict[str, Look],
) -> list[Line]:
    """A line per sample.

    Parameters
    ----------
    data
        The measurements.
    fit
        As given by :func:`~pchp_widgets.analysis.photoemission.layers.global_fit`, or without components.
    shares, lithium
        Carbon by component, and lithium per acid, for C 1s.
    looks
        By name of the sample.
    """
    if not fit.sizes["component"]:
        return [
            Line(looks[name].color, name, (area_in_words(fit.isel(sample=at)), _charging(fit.isel(sample=at))))
            for at, name in enumerate(str(one) for one in fit["sample"].values)
        ]
    said = remarks(data, fit, shares)
    made = []
    for at, name in enumerate(str(one) for one in fit["sample"].values):
        one = fit.isel(sample=at)
        values: list[str] = []
        if "lithiated_fraction" in one:
            values = [fraction(one), _lithium(lithium, at)]
        values += [share_in_words(one, place) for place in range(one.sizes["component"])]
        values += [_charging(one), f"{float(one['chi_square']):.2f}"]
        made.append(Line(looks[name].color, name, tuple(values), tuple(said[name])))
    return made


def fraction(one: xr.Dataset) -> str:
    """The lithiated fraction of one sample with its interval, in per cent."""
    value, low, high = (float(one[f"lithiated_fraction{end}"]) * _PERCENT for end in ("", "_low", "_high"))
    if not np.isfinite(value) or (low <= 0 and high >= _PERCENT):
        return "undecided"
    if low <= 0:
        return f"below {high:.0f} %"
    if high >= _PERCENT:
        return f"above {low:.0f} %"
    return f"{value:.0f} %, {low:.0f} to {high:.0f} %"


def share_in_words(one: xr.Dataset, place: int) -> str:
    """Share of one component (counted from 0) in the area of all."""
    share, spread = (float(one[name].values[place]) * _PERCENT for name in ("share", "share_stderr"))
    return f"{share:.1f} ± {_SIGMA * spread:.1f} %" if np.isfinite(share) else "undecided"


def _charging(one: xr.Dataset) -> str:
    return f"{float(one['charge_shift']):+.2f} eV"


def area_in_words(one: xr.Dataset) -> str:
    """Net area of the region of one sample, or that of its only component."""
    area, spread = (one[f"{'net_area' if 'net_area' in one else 'area'}{end}"].item() for end in ("", "_stderr"))
    if not np.isfinite(area):
        return "no area above this background"
    return f"{area:.4g} ± {_SIGMA * spread:.2g} counts s⁻¹ eV" if np.isfinite(spread) else f"{area:.4g} counts s⁻¹ eV"


def _lithium(found: xr.Dataset | None, at: int) -> str:
    if found is None:
        return ""
    value, spread = (float(found[name].values[at]) for name in ("lithium_per_acid", "lithium_per_acid_stderr"))
    return f"{value:.2f} ± {_SIGMA * spread:.2f}" if np.isfinite(value) else "undecided"
