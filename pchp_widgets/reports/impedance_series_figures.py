"""Figures of the report of impedance spectra: those of the panel, side by side or over the cycles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from ..analysis import impedance as analysis
from ..analysis.circuits import circuit as parsed
from ..analysis.relaxation import peaks, relaxation_times
from ..panels.with_spectra import without
from ..plots import impedance as plots
from ..plots import impedance_series as series
from ..plots import impedance_view as view
from ..plots.impedance_values import PER, PREFIXES, ROLES, values
from ..plots.picture import Picture
from ..plots.pieces import REPLICATES
from .display import Figure
from .impedance_series import ImpedanceSeries, resistance_names, variable

_SHOWN = 3


def chosen_cycles(of: ImpedanceSeries, cycles: Sequence[int]) -> list[int]:
    """Cycles whose spectra are shown: those asked for, else the first, the middle and the last.

    Raises
    ------
    ValueError
        When no cell has a spectrum of one of them.
    """
    known = np.unique(of.numbers[of.numbers >= 0])
    for cycle in cycles:
        if cycle not in known:
            there = ", ".join(map(str, known[:20]))
            raise ValueError(f"cycles: no cell has a spectrum of {of.cells.counted} {cycle}; there are {there}")
    places = sorted({0, len(known) // 2, len(known) - 1})
    return list(cycles) or [int(known[place]) for place in places[:_SHOWN]]


def nyquist(of: ImpedanceSeries, cycles: Sequence[int], per: str) -> list[Figure]:
    """Nyquist plots of some cycles, with the fits."""
    made = []
    for cycle in chosen_cycles(of, cycles):
        points, curves = _drawn(of, cycle, per != "cell")
        picture = plots.nyquist(points, curves, of.cells.looks)
        said = f"Nyquist plot of {of.cells.counted} {cycle}, equal axes: measured points and the fit."
        more = " Points left out are hollow." if not points["kept"].values.all() else ""
        made.append(Figure((replace(picture, height=330),), f"{said}{more}"))
    return made


def bode(of: ImpedanceSeries, cycles: Sequence[int], per: str) -> list[Figure]:
    """Bode plots of the last of the cycles."""
    cycle = chosen_cycles(of, cycles)[-1]
    points, curves = _drawn(of, cycle, per != "cell")
    return [
        Figure((draw(points, curves, of.cells.looks),), f"{word} of {of.cells.counted} {cycle}; colours as above.")
        for draw, word in ((plots.modulus, "|Z|"), (plots.phase, "Phase"))
    ]


def residuals(of: ImpedanceSeries, cycles: Sequence[int]) -> tuple[Figure, Figure]:
    """Residuals of the Kramers-Kronig test and of the fit, for the last of the cycles."""
    cycle = chosen_cycles(of, cycles)[-1]
    points, _ = _drawn(of, cycle, areal=False)
    pictures = [plots.residuals(points, kind) for kind in ("kk", "residual")]
    said = f"of {of.cells.counted} {cycle}: (measured - model) / |Z|, real and imaginary part; colours as above."
    return (
        Figure((pictures[0],), f"Residuals of the Kramers-Kronig test {said}"),
        Figure((pictures[1],), f"Residuals of the fit {said}"),
    )


def over_cycles(of: ImpedanceSeries, per: str) -> list[Figure]:
    """Every resistance over the cycles, of each cell and as mean of the replicates."""
    outside = int(of.numbers.max()) + 1000
    made = []
    for role in resistance_names(of):
        drawn = [
            series.against_cycle(
                series.curves(values(of.found, role, per), of.numbers, of.cells.looks, replicates),
                outside,
                of.cells.counted,
            )
            for replicates in REPLICATES
        ]
        given = per if variable(of, role, per).startswith(PREFIXES[per]) else "area"
        said = f"{_capital(ROLES[role])}, {PER[given]}. Left each cell with its 95 % interval, right mean ± sd."
        made.append(Figure((replace(drawn[0], height=280), replace(drawn[1], height=280)), said))
    return made


def relaxation(of: ImpedanceSeries, cycles: Sequence[int], per: str) -> Figure:
    """Distributions of relaxation times of the first and the last of the cycles."""
    shown = chosen_cycles(of, cycles)
    drawn: list[Picture] = []
    for cycle in dict.fromkeys((shown[0], shown[-1])):
        one = view.chosen(without(of.spectra, of.keep), of.numbers, cycle)
        found = relaxation_times(one)
        relaxed = view.relaxation(found, peaks(found), of.cells.looks, areal=per != "cell")
        picture = replace(plots.relaxation(relaxed, of.cells.looks), title=f"{of.cells.counted} {cycle}", height=300)
        drawn.append(replace(picture, legend=[entry for entry in picture.legend if not entry.shape and not drawn]))
    return Figure(
        tuple(drawn),
        "Distributions of relaxation times, λ by generalised cross-validation. A filled peak stays for half of the λ "
        "that were tried or more; a hollow one does not.",
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _drawn(of: ImpedanceSeries, cycle: int, areal: bool) -> tuple[xr.Dataset, xr.Dataset]:
    """Points and fitted curves of the spectra of one cycle."""
    one, found, tested = (view.chosen(data, of.numbers, cycle) for data in (of.spectra, of.found, of.tested))
    kept = of.keep.to_dataset(name="keep").assign_coords(spectrum=of.spectra["spectrum"])
    keep = view.chosen(kept, of.numbers, cycle)["keep"]
    fitted = analysis.model(found, one["frequency"].values)
    points = view.points(one, keep, of.cells.looks, areal=areal, fitted=fitted, checked=tested)
    circuit = parsed(str(of.found.attrs["circuit"]))
    return points, view.curves(one, circuit, found["value"].values[:, 0], areal=areal)
