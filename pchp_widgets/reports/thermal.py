"""What a report says about calorimetry; the numbers come from :mod:`pchp_widgets.analysis.thermal`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis import thermal as analysis
from ..model.stated import order_in_study
from ..plots import thermal as plots
from ..plots.theme import Look, looks
from .display import Figure
from .intervals import interval_in_words
from .sections import Section, finding
from .tables import Column, Table

_METHOD = (
    "Heats are integrals over time above a {baseline} base line. ± is the standard error from the noise of the curve; "
    "calibration comes on top: about 0.3 K, and 3 to 5 % of a heat."
)
_LIMIT = (
    "Where nothing melts, the limit is the crystallinity whose melting would have been found with {level:.0%} "
    "confidence, wherever in the range it lies, by a test with {alarm:.0%} false alarms; the band is over endotherms "
    "of other widths."
)


_CAPTIONS = {
    "curves": "Heat flow per mass in {run}, endothermic up, with base lines and transitions.",
    "heat": "Heat flow above the base line in the range of melting.",
    "step": "Heat capacity above that of the glass, with tangents.",
    "crystallinity": "Crystallinity of the PEG, or its upper limit.",
}


def section(
    found: xr.Dataset,
    *,
    run: str = "",
    window: Sequence[float] = (),
    glass: Sequence[float] = (),
    base: float = 0.25,
    baseline: analysis.Baseline = "linear",
    width: float = 8.0,
    reference_enthalpy: float = analysis.PEO_ENTHALPIES[0],
) -> Section:
    """Glass transition, melting and crystallinity of samples.

    Parameters
    ----------
    found
        Measurement of ``thermal``.
    run
        ``"heating 2"`` and the like; the last heating when empty.
    window, glass
        Ranges of melting and of the glass transition [degC]. When empty, where PEG melts, and a range around the
        clearest step of each sample.
    base, baseline, width, reference_enthalpy
        As the functions of :mod:`pchp_widgets.analysis.thermal` take them.

    Raises
    ------
    ValueError
        When the temperature never changes, or no sample has the run.
    """
    program = analysis.segments(found)
    run = run or analysis.last_heating(program)
    if not run:
        raise ValueError("the temperature is the same all the time: there is no run to evaluate")
    curves = analysis.scans(found, run, program)
    melts = _range(window, analysis.melting_range(curves))
    turns = _range(glass, (0.0, 1.0)) if glass else _steps(curves)
    transition = analysis.glass_transition(curves, turns, base=base)
    melted = analysis.melting(curves, melts, baseline=baseline)
    share = analysis.crystallinity(melted, reference_enthalpy=reference_enthalpy)
    width = min(width, (melts[1] - melts[0]) / 3)
    limits = analysis.crystallinity_limit(curves, melts, width=width, reference_enthalpy=reference_enthalpy)
    shown, span = _looks(found), analysis.hull(turns)
    findings = _findings(transition, share, limits)
    pictures = {
        "curves": plots.curves(curves, transition, melted, shown, melts, span),
        "heat": plots.heat(curves, melted, shown, melts),
        "step": plots.step(curves, transition, shown, span),
        "crystallinity": plots.crystallinity(share, limits, shown),
    }
    tables = (_glass_table(transition), _melting_table(melted), _crystallinity_table(share, limits, reference_enthalpy))
    return Section(
        "Calorimetry",
        [_evaluated(run, melts, span if glass else None), _METHOD.format(baseline=baseline), *findings],
        {name: Figure((picture,), _CAPTIONS[name].format(run=run)) for name, picture in pictures.items()},
        {table.name: table for table in tables},
        analysis.doubts(curves, melts),
        findings,
    )


def _evaluated(run: str, melts: tuple[float, float], glass: tuple[float, float] | None) -> str:
    """Where transitions were looked for."""
    where = f"{glass[0]:.0f} to {glass[1]:.0f} °C" if glass else "around the clearest step of each sample"
    return f"Evaluated: {run}; melting {melts[0]:.0f} to {melts[1]:.0f} °C, glass transition {where}."


def _looks(found: xr.Dataset) -> dict[str, Look]:
    names = [str(name) for name in found["sample"].values]
    materials = found["material"].values.tolist() if "material" in found.coords else [""] * len(names)
    return looks(dict(zip(names, materials, strict=True)), order_in_study(found))


def _steps(curves: xr.Dataset) -> dict[str, tuple[float, float]]:
    """A range for each sample, the one for all where it has no step."""
    return dict.fromkeys(curves["sample"].values.tolist(), analysis.glass_range(curves)) | analysis.glass_ranges(curves)


def _range(given: Sequence[float], suggested: tuple[float, float]) -> tuple[float, float]:
    if not given:
        return suggested
    low, high = given
    return float(low), float(high)


def _findings(transition: xr.Dataset, share: xr.Dataset, limits: xr.Dataset) -> list[str]:
    names = [str(name) for name in share["sample"].values]
    columns = [transition[f"glass_temperature{end}"].values.tolist() for end in ("", "_low", "_high")]
    why = [str(outcome).replace(": ", ", ") for outcome in transition["glass_outcome"].values]
    steps = [
        interval_in_words((value, low, high), "degC") or reason
        for value, low, high, reason in zip(*columns, why, strict=True)
    ]
    level = f"limits of {100 * float(limits['crystallinity_limit'].attrs['level']):g} %"
    crystals = [_crystalline(share.isel(sample=at), limits.isel(sample=at)) for at in range(len(names))]
    return [
        finding("Glass transition (half step; in brackets over base lines)", zip(names, steps, strict=True)),
        finding(
            f"Crystallinity of the PEG ({level}; in brackets over base lines and reference enthalpies)",
            zip(names, crystals, strict=True),
            "in",
        ),
    ]


def _crystalline(share: xr.Dataset, limit: xr.Dataset) -> str:
    """What became of the PEG of one sample."""
    value, low, high = (100 * float(share[f"crystallinity{end}"]) for end in ("", "_low", "_high"))
    bound, outcome = limit["crystallinity_limit"], str(limit["limit_outcome"].item())
    if outcome == "melting":
        melted = f"{value:.1f} % ({low:.1f} to {high:.1f} %)"
        return melted if np.isfinite(value) else str(share["crystallinity_outcome"].item())
    if np.isfinite(bound):
        return f"no melting, less than {100 * float(bound):.2g} %"
    return outcome.replace("; ", ", ")


def _column(found: xr.Dataset, name: str, title: str, units: str, scale: float = 1.0) -> Column:
    stderr = f"{name}_stderr"
    errors = (scale * found[stderr].values).tolist() if stderr in found else None
    return Column(title, (scale * found[name].values).tolist(), units, errors)


def _samples(found: xr.Dataset) -> list[Column]:
    columns = [Column("sample", found["sample"].values.tolist())]
    if "material" in found.coords and (found["material"].values != found["sample"].values).any():
        columns.append(Column("material", found["material"].values.tolist()))
    return columns


def _glass_table(found: xr.Dataset) -> Table:
    columns = [
        *_samples(found),
        _column(found, "glass_temperature", "half_step", "degC"),
        *(_column(found, f"glass_temperature_{end}", f"half_step_{end}", "degC") for end in ("low", "high")),
        _column(found, "glass_onset", "onset", "degC"),
        _column(found, "glass_end", "end", "degC"),
        _column(found, "heat_capacity_step", "heat_capacity_step", "J g-1 K-1"),
        Column("outcome", found["glass_outcome"].values.tolist()),
    ]
    terms = _terms(found, {"half step": "glass_temperature", "onset": "glass_onset", "end": "glass_end"})
    band = ("half step low, high", "over base lines fitted to 15 to 30 % of the range")
    return Table("glass_transitions", "Glass transitions.", columns, [*terms, band])


def _melting_table(found: xr.Dataset) -> Table:
    columns = [
        *_samples(found),
        _column(found, "melting_onset", "onset", "degC"),
        _column(found, "melting_peak", "peak", "degC"),
        _column(found, "melting_end", "end", "degC"),
        _column(found, "melting_enthalpy", "heat", "J g-1"),
        *(_column(found, f"melting_enthalpy_{end}", f"heat_{end}", "J g-1") for end in ("low", "high")),
        Column("outcome", found["melting_outcome"].values.tolist()),
    ]
    words = {"onset": "melting_onset", "peak": "melting_peak", "end": "melting_end", "heat": "melting_enthalpy"}
    band = ("heat low, high", "over straight and sigmoidal base lines and ranges 10 % shorter or longer at either end")
    return Table("melting", "Melting.", columns, [*_terms(found, words), band])


def _crystallinity_table(share: xr.Dataset, limits: xr.Dataset, reference_enthalpy: float) -> Table:
    fraction = (
        share["peg_fraction"].values if "peg_fraction" in share.coords else np.full(share.sizes["sample"], np.nan)
    )
    columns = [
        *_samples(share),
        Column("PEG_fraction", (100 * np.asarray(fraction, float)).tolist(), "percent", digits=1),
        _column(share, "crystallinity", "crystallinity", "percent", 100),
        *(_column(share, f"crystallinity_{end}", f"crystallinity_{end}", "percent", 100) for end in ("low", "high")),
        _column(limits, "crystallinity_limit", "upper_limit", "percent", 100),
        *(_column(limits, f"crystallinity_limit_{end}", f"limit_{end}", "percent", 100) for end in ("low", "high")),
        _column(limits, "melting_p", "p_of_no_melting", ""),
        Column("outcome", limits["limit_outcome"].values.tolist()),
    ]
    others = ", ".join(f"{value:g}" for value in analysis.PEO_ENTHALPIES)
    level = float(limits["crystallinity_limit"].attrs["level"])
    terms = [
        (
            "crystallinity",
            f"heat of melting over PEG fraction and {reference_enthalpy:g} J g⁻¹; band over {others} J g⁻¹ too",
        ),
        ("p of no melting", str(limits["melting_p"].attrs["definition"])),
    ]
    notes = [_LIMIT.format(level=level, alarm=1 - level)]
    view = [column for column in columns if not column.name.startswith(("limit_", "p_of"))]
    return Table("crystallinity", "Crystallinity of the PEG, or its upper limit.", columns, terms, notes, view)


def _terms(found: xr.Dataset, words: dict[str, str]) -> list[tuple[str, str]]:
    return [(word, str(found[name].attrs["definition"])) for word, name in words.items()]
