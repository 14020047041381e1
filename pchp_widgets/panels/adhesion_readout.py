"""What the panel of peel tests says in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ..analysis.adhesion import doubts, materials
from .readout import Line

HEADS = ("peel strength", "per 25 mm", "strips", "between strips", "within a strip", "energy of release", "ratio")
"""What stands above the columns."""

EXPLAINED = {
    "peel strength": (
        "force over the width of the strip on the plateau: mean over the travel (the area below the curve over its "
        "length), its median, or the mean of its peaks; of a material the mean over strips with Student's 95 % interval"
    ),
    "rule": (
        "which part of the travel counts. Lengths of standards are those of the bond: at 180° the grips travel 2 mm "
        "for each, at 90° 1 mm. One range holds for all strips shown"
    ),
    "between strips": "standard deviation between strips: what another strip may differ by",
    "within a strip": (
        "standard error of the mean of one strip, by a bootstrap of blocks that keeps neighbouring points together, "
        "and how many points count as one: taken for independent they would seem to say more by the root of that"
    ),
    "energy of release": "G = (1 − cos θ) P/b: 2P/b at 180°, P/b at 90°, for a strip that does not stretch",
    "ratio": (
        "of the means over strips; the 95 % interval after Fieller, as both means are uncertain. In the figure that "
        "of a bootstrap over strips stands beside it. Undecided without a failure mode, or where it differs"
    ),
    "failure mode": (
        "adhesive: the bond failed; cohesive: the film did, and the bond is at least as strong; mixed: both. "
        "Without it a force is no strength of anything"
    ),
}
"""What the words of the panel mean."""


def lines(found: xr.Dataset, grouped: xr.Dataset, compared: xr.Dataset, colors: Mapping[str, str]) -> list[Line]:
    """A line per material.

    Parameters
    ----------
    found, grouped, compared
        As the functions ``peel_strength``, ``by_material`` and ``ratios`` of :mod:`pchp_widgets.analysis.adhesion`
        give it.
    colors
        By name of the material.
    """
    of, said = materials(found), doubts(found)
    made = []
    for name in map(str, grouped["material"].values):
        own = [at for at, material in enumerate(of) if material == name]
        about = [text for at in own for text in said[str(found["sample"].values[at])]]
        one, strips = grouped.sel(material=name), found.isel(sample=own)
        quotient, doubt = _ratio(compared, name)
        about += [doubt] if doubt and "failure mode of" not in doubt else []
        values = (
            interval_in_words(one),
            _known(0.025 * float(one["mean"]), "{:.3g} N"),
            f"{int(one['count'])}",
            _known(float(one["sd"]), "{:.2g} N m⁻¹"),
            _within(strips, str(grouped.attrs["statistic"])),
            _energy(strips),
            quotient,
        )
        made.append(Line(colors.get(name, ""), name, values, tuple(dict.fromkeys(about))))
    return made


def interval_in_words(one: xr.Dataset, units: str = " N m⁻¹") -> str:
    """Mean with its interval, or why there is none."""
    mean, low, high = (float(one[name]) for name in ("mean", "low", "high"))
    if not np.isfinite(mean):
        return "undecided"
    if not np.isfinite(low):
        return f"{mean:.1f}{units}, one strip"
    return f"{mean:.1f} ± {(high - low) / 2:.1f}{units}"


def _within(strips: xr.Dataset, statistic: str) -> str:
    error, points = strips[f"{statistic}_stderr"].values, strips["correlated_points"].values
    if not np.isfinite(error).any():
        return "?"
    together = f", {max(np.nanmedian(points), 1.0):.1f} points as one" if statistic == "strength" else ""
    return f"± {np.nanmedian(error):.2g} N m⁻¹{together}"


def _energy(strips: xr.Dataset) -> str:
    values = strips["energy"].values
    return _known(float(np.nanmean(values)) if np.isfinite(values).any() else np.nan, "{:.1f} J m⁻²")


def _ratio(compared: xr.Dataset, name: str) -> tuple[str, str]:
    if name not in compared["material"].values:
        return "reference" if name == compared.attrs["reference"] and compared.sizes["material"] else "", ""
    one = compared.sel(material=name)
    number, low, high = (float(one[part]) for part in ("ratio", "fieller_low", "fieller_high"))
    if not np.isfinite(number):
        return "undecided", str(one["doubt"].item())
    reach = f" ({low:.2f} to {high:.2f})" if np.isfinite(low) else ""
    verdict = {1: "", 0: ", no difference shown", -1: ", undecided"}[int(one["differs"])]
    return f"{number:.2f}{reach}{verdict}", str(one["doubt"].item())


def _known(value: float, text: str) -> str:
    return text.format(value) if np.isfinite(value) else "?"
