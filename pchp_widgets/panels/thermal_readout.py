"""What the panel of calorimetry says in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from ..plots.theme import Look
from .readout import Line

HEADS = ("Tg (half step)", "onset to end", "ΔCp", "T_m onset / peak", "ΔH", "ΔH, base lines", "PEG crystallinity")

EXPLAINED: Mapping[str, str] = {
    "Tg (half step)": "The curve crosses the line midway between the base lines of the glass and of the liquid, which "
    "are fitted to the ends of the window. ± is the standard error from the noise; calibration adds about 0.3 K.",
    "onset to end": "Where the steepest tangent of the step meets the two base lines.",
    "ΔCp": "Distance of the base lines at the half-step temperature.",
    "T_m onset / peak": "Where the steepest tangent of the flank meets the base line; the largest distance from it.",
    "ΔH": "Heat flow above the base line, integrated over time, per mass of the sample; endothermic is positive.",
    "ΔH, base lines": "Lowest and highest heat with a straight and a sigmoidal base line and windows 10 % shorter or "
    "longer at either end: how much the choice matters. Calibration adds 3 to 5 %.",
    "PEG crystallinity": "ΔH over the mass fraction of PEG and the heat of fusion of the perfect crystal. Where "
    "nothing melts: the crystallinity whose melting would have been seen with 95 % confidence, wherever in the window, "
    "by a test that sees melting in 5 % of curves without any; in brackets for endotherms 0.6 to 1.6 times as wide.",
}


def lines(
    glass: xr.Dataset,
    melted: xr.Dataset,
    found: xr.Dataset,
    limits: xr.Dataset,
    doubts: Sequence[str],
    looks: Mapping[str, Look],
) -> list[Line]:
    """A line per sample; what holds for all of them stands below once."""
    made = []
    for row, name in enumerate(glass["sample"].values.tolist()):
        one = [part.isel(sample=row) for part in (glass, melted, found, limits)]
        remarks = [text for text in doubts if not text.startswith(f"{name}: ")] + _remarks(*one)
        own = [text.removeprefix(f"{name}: ") for text in doubts if text.startswith(f"{name}: ")]
        made.append(Line(looks[name].color, name, _values(*one), (*own, *remarks)))
    return made


def _values(glass: xr.Dataset, melted: xr.Dataset, found: xr.Dataset, limits: xr.Dataset) -> tuple[str, ...]:
    step = str(glass["glass_outcome"].item()) == "step"
    peak = str(melted["melting_outcome"].item()) == "peak"
    ends = f"{float(glass['glass_onset']):.1f} to {float(glass['glass_end']):.1f} °C" if step else ""
    low, high = float(melted["melting_enthalpy_low"]), float(melted["melting_enthalpy_high"])
    band = f"{low:.2f} to {high:.2f}" if peak else ""
    places = f"{float(melted['melting_onset']):.1f} / {float(melted['melting_peak']):.1f} °C" if peak else "none"
    return (
        with_error(glass, "glass_temperature", "°C") if step else "none",
        ends,
        with_error(glass, "heat_capacity_step", "J g⁻¹ K⁻¹") if step else "",
        places,
        with_error(melted, "melting_enthalpy", "J g⁻¹"),
        band,
        crystallinity_in_words(found, limits),
    )


def crystallinity_in_words(found: xr.Dataset, limits: xr.Dataset) -> str:
    """Crystallinity with its band, or its upper limit."""
    if str(limits["limit_outcome"].item()) == "melting":
        value, low, high = (100 * float(found[f"crystallinity{end}"]) for end in ("", "_low", "_high"))
        return f"{value:.1f} % ({low:.1f} to {high:.1f})" if np.isfinite(value) else "unknown"
    bound, low, high = (100 * float(limits[f"crystallinity_limit{end}"]) for end in ("", "_low", "_high"))
    return f"below {bound:.2g} % ({low:.2g} to {high:.2g})" if np.isfinite(bound) else ""


def with_error(found: xr.Dataset, name: str, units: str) -> str:
    """A value with as many decimals as its standard error has two figures of."""
    value, error = float(found[name]), float(found[f"{name}_stderr"])
    if not np.isfinite(value):
        return ""
    if not np.isfinite(error) or error <= 0:
        return f"{value:.4g} {units}"
    places = int(np.clip(1 - np.floor(np.log10(error)), 0, 4))
    return f"{value:.{places}f} ± {error:.{places}f} {units}"


def _remarks(glass: xr.Dataset, melted: xr.Dataset, found: xr.Dataset, limits: xr.Dataset) -> list[str]:
    """Why a number is missing."""
    said = []
    step, peak = str(glass["glass_outcome"].item()), str(melted["melting_outcome"].item())
    if step != "step":
        said.append(f"glass transition: {step}")
    melts = str(limits["limit_outcome"].item())
    if melts == "melting" and peak != "peak":
        said.append(f"the test sees an endotherm near {float(limits['seen_at']):.0f} °C, the integral does not: {peak}")
    if melts == "melting" and str(found["crystallinity_outcome"].item()) not in {"", peak}:
        said.append(f"crystallinity: {found['crystallinity_outcome'].item()}")
    if melts not in {"melting", "no melting"}:
        said.append(f"limit on crystallinity: {melts}")
    return said
