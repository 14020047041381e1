"""What the panel of coating conductivity says in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ..analysis import conductivity as analysis
from ..plots.theme import INK
from .readout import Line

HEADS = (
    "cells, bare + coated",
    "ΔRₛ",
    "σ",
    "{confidence} interval",
    "per face",
    "1/(ΔRₛ A), as printed",
)
"""What stands above the columns."""

EXPLAINED: dict[str, str] = {
    "ΔRₛ": "mean series resistance of coated cells less that of bare ones at the same temperature, ± its standard "
    "error: √(s_c²/n_c + s_b²/n_b), the scatter between cells, which is larger than the error of a fit",
    "σ": "n l / (ΔRₛ A): n coated faces, l thickness of one coating as it is in the cell (swollen), A area",
    "interval": "that of ΔRₛ (Student's t, degrees of freedom after Welch) with the errors of l and A, turned over",
    "lower bound": f"where ΔRₛ is less than {analysis.RESOLVED_AT:g} of its standard errors there is no value: σ is "
    "above what the upper end of ΔRₛ gives",
    "1/(ΔRₛ A)": analysis.PRINTED,
    "measurable": "2 π f ε₀ ε_r at the highest frequency: a film that conducts less is a capacitor there, and the "
    "series resistance does not hold all of it",
    "E_a": "slope of ln σ, or of ln (σ T), against 1/T; the two differ by about k_B T (26 meV), so the form is said",
    "curved": "a term in 1/T² is significant: Arrhenius' law does not hold, Vogel's may",
    "Vogel": "ln σ = ln A − B/(T − T₀); B k_B is no activation energy",
}
"""What the numbers of the panel mean."""


def lines(found: xr.Dataset, arrhenius: xr.Dataset, vogel: xr.Dataset, colors: Mapping[str, str]) -> list[Line]:
    """One line per coating and temperature, and one per coating for its law.

    Parameters
    ----------
    found, arrhenius, vogel
        As the analysis gives them.
    colors
        Of each coating.
    """
    said = analysis.remarks(found)
    made = []
    for row, coating in enumerate(found["coating"].values.tolist()):
        color = colors.get(coating, INK)
        for column, degrees in enumerate(found["temperature"].values.tolist()):
            one = found.isel(coating=row, temperature=column)
            where = f"{coating}, {degrees:g} °C" if np.isfinite(degrees) else f"{coating}, temperature unknown"
            made.append(Line(color, where, _values(one), tuple(said[coating][column])))
        if int(arrhenius["temperatures"].values[row]) > 1:
            remarks = (law(arrhenius.isel(coating=row), vogel.isel(coating=row)),)
            energy, reach = energy_in_words(arrhenius.isel(coating=row))
            made.append(
                Line(
                    color,
                    f"{coating}: E_a ({arrhenius.attrs['form_meaning']})",
                    ("", "", energy, reach, "", ""),
                    remarks,
                )
            )
    return made  # fmt: skip


def _values(one: xr.Dataset) -> tuple[str, ...]:
    counts = f"{int(one['bare_cells'])} + {int(one['coated_cells'])}"
    added, error = float(one["added_resistance"]), float(one["added_resistance_stderr"])
    if not np.isfinite(added):
        return (counts, "", "none", "", "", "")
    spread = f" ± {error:.2g}" if np.isfinite(error) else " ± ?"
    face, printed = float(one["resistance_per_face"]), float(one["areal_conductance"])
    return (
        counts,
        f"{added:.3g}{spread} Ω",
        value(one),
        interval(one),
        f"{face:.3g} Ω cm²",
        f"{printed * 1e3:.3g} mS cm⁻²" if np.isfinite(printed) else "",
    )


def value(one: xr.Dataset) -> str:
    """The conductivity, or its bound."""
    sigma, low = float(one["conductivity"]), float(one["conductivity_low"])
    if np.isfinite(sigma):
        return f"{sigma * 1e3:.3g} mS cm⁻¹"
    return f"above {low * 1e3:.2g} mS cm⁻¹" if np.isfinite(low) else "none"


def interval(one: xr.Dataset) -> str:
    """Its interval; nothing where there is none, or only a bound."""
    sigma, low, high = (float(one[f"conductivity{end}"]) for end in ("", "_low", "_high"))
    if not np.isfinite(sigma + low):
        return ""
    return f"{low * 1e3:.3g} to {high * 1e3:.3g}" if np.isfinite(high) else f"above {low * 1e3:.3g}"


def energy_in_words(one: xr.Dataset) -> tuple[str, str]:
    """Activation energy of one coating, and its interval."""
    energy, error = float(one["activation_energy"]), float(one["activation_energy_stderr"])
    low, high = float(one["activation_energy_low"]), float(one["activation_energy_high"])
    spread = f" ± {error:.3f}" if np.isfinite(error) else ""
    return f"{energy:.3f}{spread} eV", f"{low:.3f} to {high:.3f}" if np.isfinite(low + high) else ""


def law(arrhenius: xr.Dataset, vogel: xr.Dataset) -> str:
    """Whether the points bend, and what Vogel's law makes of them."""
    coating, curved = str(arrhenius["coating"].item()), int(arrhenius["curved"])
    if curved < 0:
        return f"{coating}: fewer than four temperatures, whether the points bend cannot be told"
    p = float(arrhenius["curvature_p"])
    if not curved:
        return f"{coating}: no curvature found (p = {p:.2g}): Arrhenius' law is enough"
    origin, low, high = (float(vogel[f"vogel_temperature{end}"]) for end in ("", "_low", "_high"))
    reach = f"{low:.0f} to {high:.0f}" if np.isfinite(low) else f"below {high:.0f}"
    bend = float(arrhenius["curvature"])
    way = f"T₀ {origin:.0f} °C ({reach})" if bend < 0 else "bent upwards, which Vogel's law does not describe"
    return f"{coating}: the points bend (p = {p:.1g}): {way}"
