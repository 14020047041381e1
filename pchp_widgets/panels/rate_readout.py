"""What the panel of rate tests says in words about the cells it shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.rate import charge_in_words
from ..analysis.replicates import spread
from ..model.units import pretty
from ..plots.cycling_view import families, groups
from ..plots.rate_view import BASES, step_of
from ..plots.theme import Look, among
from .readout import GROUPED_ABOVE, Line

FloatArray = npt.NDArray[np.float64]

_PERCENT = 100.0

HEADS = ("current density, cycle {cycle}", "capacity of its rate step", "of the slowest", "recovered", "ASR, discharge")
"""What stands above the columns of the table."""

EXPLAINED: dict[str, str] = {
    "rate step": "consecutive cycles whose discharge current is the same within 5 %. Its capacity is the mean over its "
    "whole cycles, ± their standard deviation.",
    "capacity": "charge passed on discharge. " + "; ".join(f"{name}: {text}" for name, text in BASES.items()),
    "of the slowest": "mean capacity of a rate step over that of the (first) step of lowest current of the same cell.",
    "recovered": "mean capacity of the last step at the first current over that of the first step: what is missing is "
    "lost for good, not by the rate.",
    "charge": "how the cell was charged decides what a rate test shows: charged slowly, or at constant voltage, a cell "
    "gives more than charged as fast as it is discharged.",
    "C-rate": "nominal: current density over nominal capacity; measured: current over capacity of the slowest step.",
    "ASR": "area-specific resistance from the shift of the discharge curves between current densities, at equal charge "
    "in the cell: slope of voltage against current density by least squares, median over the charge, with its 95 % "
    "interval. Diffusion in the cathode is in it.",
    "replicates": "mean: mean and standard deviation over the cells of a coating.",
}
"""What the numbers of the panel mean."""


def lines(
    rates: xr.Dataset,
    unit: xr.DataArray,
    asr: Mapping[str, xr.Dataset],
    cycle: int,
    looks: Mapping[str, Look],
    *,
    grouped: bool,
) -> list[Line]:
    """One line per cell, or per coating where there are many or means are drawn.

    Parameters
    ----------
    rates
        As given by :func:`~pchp_widgets.analysis.rate.rate_steps` for the cells shown.
    unit
        As given by :func:`~pchp_widgets.plots.rate_view.unit`.
    asr
        As given by :func:`~pchp_widgets.analysis.rate_resistance.shift_resistance`, by name of the cell.
    cycle
        The selected cycle.
    looks
        By name of the cell.
    grouped
        Whether there is a line per coating, however few the cells are.
    """
    names = [str(name) for name in rates["cell"].values]
    steps = step_of(rates, cycle)
    scale = _PERCENT if unit.attrs["units"] == "1" else 1.0
    units = "%" if unit.attrs["units"] == "1" else pretty(str(unit.attrs["units"]))
    if grouped or len(names) > GROUPED_ABOVE:
        members = groups(names, looks, families(rates))
        drawn = among({label: looks[of[0]] for label, of in members.items()}, list(members))
        return [_group(label, of, rates, unit, asr, steps, drawn[label].color, units) for label, of in members.items()]
    charged = charge_in_words(rates)
    found = []
    for row, name in enumerate(names):
        values = ("–", "–", "–")
        if name in steps:
            at = rates.isel(cell=row, rate_step=steps[name])
            worth = float(unit.values[row]) * scale
            values = (
                current_in_words(at),
                _with_sd(float(at["capacity"]) * worth, float(at["capacity_sd"]) * worth, units),
                _with_sd(float(at["retention"]) * _PERCENT, np.nan, "%"),
            )
        recovered = _with_sd(float(rates["recovered"][row]) * _PERCENT, np.nan, "%")
        own = asr[name].sel(direction="discharge")
        remarks = (f"charge: {charged[row]}", *([f"ASR {own['remark'].item()}"] if np.isnan(own["overall"]) else []))
        found.append(Line(looks[name].color, name, (*values, recovered, resistance_in_words(own)), remarks))
    return found


def current_in_words(at: xr.Dataset) -> str:
    """Current of one rate step, per area where that is known, with its C-rates."""
    density, current = float(at["current_density"]), float(at["current_mean"])
    said = f"{density:.3g} mA cm⁻²" if np.isfinite(density) else f"{current:.3g} mA"
    nominal, measured = float(at["c_rate_nominal"]), float(at["c_rate_measured"])
    rates = [
        f"{value:.2g} C {word}" for value, word in ((nominal, "nominal"), (measured, "measured")) if np.isfinite(value)
    ]
    return f"{said} ({', '.join(rates)})" if rates else said


def resistance_in_words(of: xr.Dataset) -> str:
    """ASR of one direction with its interval."""
    value, low, high = (float(of[name]) for name in ("overall", "overall_low", "overall_high"))
    if not np.isfinite(value):
        return "undecided"
    interval = f" ({low:.0f} to {high:.0f})" if np.isfinite(low) else ""
    return f"{value:.0f}{interval} Ω cm²"


def _with_sd(value: float, sd: float, units: str) -> str:
    if not np.isfinite(value):
        return "–"
    if not np.isfinite(sd):
        return f"{value:.4g} {units}"
    digits = int(np.clip(1 - np.floor(np.log10(sd)), 0, 2)) if sd > 0 else 1
    return f"{value:.{digits}f} ± {sd:.{digits}f} {units}"


def _group(
    label: str,
    members: list[str],
    rates: xr.Dataset,
    unit: xr.DataArray,
    asr: Mapping[str, xr.Dataset],
    steps: Mapping[str, int],
    color: str,
    units: str,
) -> Line:
    scale = _PERCENT if units == "%" else 1.0
    rows = [name for name in members if name in steps]
    at = [rates.sel(cell=name).isel(rate_step=steps[name]) for name in rows]
    worth = {str(name): float(value) * scale for name, value in zip(unit["cell"].values, unit.values, strict=True)}
    capacity = [float(one["capacity"]) * worth[name] for name, one in zip(rows, at, strict=True)]
    resistance = [float(asr[name]["overall"].sel(direction="discharge")) for name in members]
    recovered = rates["recovered"].sel(cell=members).values * _PERCENT
    size = len(members)
    return Line(
        color,
        f"{label} ({size} cells)" if size > 1 else label,
        (
            current_in_words(at[0]) if at else "–",
            _mean(capacity, units),
            _mean([float(one["retention"]) * _PERCENT for one in at], "%"),
            _mean(recovered, "%"),
            _mean(resistance, "Ω cm²"),
        ),
        tuple(f"charge: {text}" for text in dict.fromkeys(charge_in_words(rates.sel(cell=members)))),
    )


def _mean(values: FloatArray | list[float], units: str) -> str:
    mean, sd, count = spread(values)
    if not count:
        return "–"
    return f"{_with_sd(mean, sd, units)} (n = {count})" if count > 1 else _with_sd(mean, np.nan, units)
