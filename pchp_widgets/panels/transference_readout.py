"""What the panel of polarized cells says in words about the cells it shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ..analysis import transference as analysis
from ..analysis.transference import words
from ..plots.theme import INK, Look
from .readout import GROUPED_ABOVE, Line, group_label

HEADS = (
    "ρ₊",
    "{confidence} interval",
    "judgement",
    "ΔV",
    "I₀ → Iₛₛ",
    "R_b",
    "R_int, before → end",
    "R_int/R_b",
    "ΔV/(ΔV − I₀R₀)",
    "Iₛₛ/I₀",
)
"""What stands above the columns."""

EXPLAINED: dict[str, str] = {
    "current fraction ρ₊": f"{words.MEANING}. J. Evans, C. A. Vincent, P. G. Bruce, Polymer 28 (1987) 2324",
    "I₀": "; ".join(f"{name}: {text}" for name, text in analysis.INITIAL.items()),
    "Iₛₛ": f"{words.ATTRS['steady_current'][1]}; steady where it changes by less than {words.DRIFT_LIMIT:.0%} per hour",
    "interval": "Monte Carlo, independent normal errors of voltage, currents and resistances: scatter of the trace, "
    "error of the fit, and what the instrument is taken for",
    "ΔV/(ΔV − I₀R₀)": words.ATTRS["amplification"][1],
    "R_int and R_b": "arcs that count as interface, of both electrodes; all else is bulk. Whether a coating counts as "
    "bulk changes the fraction",
    "judgement": "not usable: " + "; ".join(analysis.FLAGS[name][1] for name in words.DISQUALIFYING),
    "mean of a coating": "of the cells that are usable; its interval is Student's t of their scatter",
    "coating alone": "ρ_c = R_c / ((R_s + R_c)/ρ − R_s/ρ_s), separator and coating in series; R_s and ρ_s of bare "
    "cells, R_c what coated cells have more",
}
"""What the numbers of the panel mean."""

_OF_A_CELL = (
    "current_fraction",
    "current_fraction_low",
    "current_fraction_high",
    "usable",
    "voltage",
    "initial_current",
    "steady_current",
    "bulk_resistance",
    "initial_resistance",
    "steady_resistance",
    "resistance_ratio",
    "amplification",
    "current_ratio",
)
_JUDGED = {1: "usable", 0: "not usable", -1: "undecided"}


def lines(found: xr.Dataset, groups: xr.Dataset, looks: Mapping[str, Look]) -> list[Line]:
    """One line per cell, as far as there are few, and one per coating.

    Parameters
    ----------
    found, groups
        Of the cells shown.
    looks
        By name of the cell.
    """
    said = analysis.remarks(found)
    names = [str(name) for name in found["cell"].values]
    own = {name: found[name].values.tolist() for name in _OF_A_CELL}  # a dataset per cell would cost milliseconds
    cells = [
        _cell({key: values[at] for key, values in own.items()}, name, looks[name], said[name])
        for at, name in enumerate(names)
    ]
    return (cells if len(cells) <= GROUPED_ABOVE else []) + [
        _group(groups.isel(coating=at), looks) for at in range(groups.sizes["coating"])
    ]


def fraction(value: float, digits: int = 3) -> str:
    """A fraction as a person reads it."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "none"


def interval(low: float, high: float) -> str:
    """Its interval."""
    if not np.isfinite(low):
        return ""
    return f"{low:.3f} to {high:.3f}" if np.isfinite(high) else f"above {low:.3f}"


def _cell(one: Mapping[str, float], name: str, look: Look, said: list[str]) -> Line:
    def number(of: str, form: str = "{:.3g}") -> str:
        return form.format(one[of]) if np.isfinite(one[of]) else "?"

    values = (
        fraction(one["current_fraction"]),
        interval(one["current_fraction_low"], one["current_fraction_high"]),
        _JUDGED[int(one["usable"])],
        f"{one['voltage'] * 1e3:.2f} mV",
        f"{number('initial_current', '{:.4g}')} → {number('steady_current', '{:.4g}')} mA",
        f"{number('bulk_resistance', '{:.4g}')} Ω",
        f"{number('initial_resistance', '{:.4g}')} → {number('steady_resistance', '{:.4g}')} Ω",
        number("resistance_ratio"),
        number("amplification"),
        number("current_ratio"),
    )
    return Line(look.color, name, values, tuple(said))


def _group(one: xr.Dataset, looks: Mapping[str, Look]) -> Line:
    coating = str(one["coating"].item())
    color = next((look.color for look in looks.values() if look.coating == coating), INK)
    count, out = int(one["cells"]), int(one["left_out"])
    mean, sd = float(one["mean"]), float(one["sd"])
    value = f"{mean:.3f} ± {sd:.3f} (sd)" if np.isfinite(sd) else fraction(mean)
    reach = interval(float(one["mean_low"]), float(one["mean_high"]))
    label = f"mean of {group_label(coating, count)}"
    remarks = [f"{coating}: {out} of {count + out} cells not usable, and not in the mean"] if out else []
    remarks += coating_alone(one)
    bulk = f"{float(one['bulk']):.4g} Ω" if count else ""
    return Line(color, label, (value if count else "none", reach, "", "", "", bulk, "", "", "", ""), tuple(remarks))


def coating_alone(one: xr.Dataset) -> list[str]:
    """What the mean of coated cells says of the coating, against bare ones; nothing where it cannot be told."""
    if "coating_fraction" not in one or int(one["consistent"]) == -1:
        return []
    coating = str(one["coating"].item())
    share, least = float(one["coating_share"]), float(one["least_share"])
    text = (
        f"{coating}: the coating has {share:.0%} of the ohmic resistance; ρ₊ asks for {least:.0%} or more "
        f"({float(one['required_resistance']):.3g} Ω)"
    )
    low, high = float(one["coating_fraction_low"]), float(one["coating_fraction_high"])
    if not int(one["consistent"]):
        return [
            f"{text}. Its resistance does not explain the rise: the coating alone would need ρ_c above 1 ({low:.2f})"
        ]
    reach = f"{low:.2f} to {high:.2f}" if np.isfinite(high) else f"above {low:.2f}"
    value = float(one["coating_fraction"])
    return [f"{text}. Coating alone: ρ_c {value:.2f} ({reach})" if np.isfinite(value) else f"{text}. ρ_c {reach}"]
