"""What the panel of full and half cells says in words about the cells it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.life import CENSORED, FAILED
from ..analysis.replicates import spread
from ..model.units import pretty
from ..plots.cycling_view import BASES, families, groups
from ..plots.theme import Look
from .readout import GROUPED_ABOVE, Line

if TYPE_CHECKING:
    from .cycling import Analysed

FloatArray = npt.NDArray[np.float64]

_NEEDED = ("area", "loading")
_PERCENT = 100.0

HEADS = (
    "discharge capacity, cycle {cycle}",
    "retention against cycle {reference}",
    "mean CE from cycle {first}",
    "cycle at {level:g} %",
    "knee",
)
"""What stands above the columns of the table."""

EXPLAINED: dict[str, str] = {
    "capacity": "charge passed in a half-cycle, constant-voltage steps included. "
    + "; ".join(f"{name}: {text}" for name, text in BASES.items()),
    "retention": "discharge capacity over that of the reference cycle of the same cell. Only whole cycles at the "
    "current most cycles were discharged at count; where the reference is none of them, the first that is takes its "
    "place, and the table says so.",
    "cycle at 80 %": "first cycle at that retention, interpolated between two cycles; > marks a cell that had not "
    "fallen so far at its last cycle (censored).",
    "knee": "bend of the capacity by the fit of Bacon and Watts, with its 95 % interval, where the Bayesian "
    "information criterion prefers it to a straight line; 'none' where it does not.",
    "CE": "Coulombic efficiency: charge of the closing half-cycle of a cycle over that of the opening one, so "
    "discharge/charge of a full cell, and charge/discharge of a half cell, which is lithiated first. The mean is "
    "arithmetic, ± its standard error; the band along a curve is what the charge counter leaves uncertain. With "
    "lithium in excess it does not measure the efficiency of lithium.",
    "mean voltage": "energy over charge of a half-cycle; the gap is that on charge minus that on discharge.",
    "replicates": "mean: mean and standard deviation over the cells of a coating, as far as all of them go. Single "
    "cycles are always those of single cells.",
}
"""What the numbers of the panel mean."""


def lines(of: Analysed, unit: xr.DataArray, cycle: int, looks: Mapping[str, Look], *, grouped: bool) -> list[Line]:
    """One line per cell, or per coating where there are many or means are drawn.

    Parameters
    ----------
    of
        Results for the cells shown.
    unit
        As given by :func:`~pchp_widgets.plots.cycling_view.capacity_unit`.
    cycle
        The selected cycle.
    looks
        By name of the cell.
    grouped
        Whether there is a line per coating, however few the cells are.
    """
    names = [str(name) for name in of.found["cell"].values]
    here = [data.reindex(cycle=[cycle]).isel(cycle=0) for data in (of.found, of.kept)]
    capacity = here[0]["discharge_capacity"].values * unit.values
    retention = here[1]["retention"].values * _PERCENT
    units = "%" if unit.attrs["units"] == "1" else pretty(unit.attrs["units"])
    if units == "%":
        capacity = capacity * _PERCENT
    if grouped or len(names) > GROUPED_ABOVE:
        return [
            _group(
                label, np.flatnonzero(np.isin(names, members)), looks[members[0]].color, of, capacity, units, retention
            )
            for label, members in groups(names, looks, families(of.found)).items()
        ]
    return [
        Line(
            looks[name].color,
            name,
            (
                _capacity(capacity[at], units, cycle, present=cycle in _cycles_of(of.found, at)),
                _retention(retention[at], excluded=bool(here[1]["excluded"].values[at] == 1)),
                _efficiency(of.means.isel(cell=at)),
                end_in_words(of.life.isel(cell=at)),
                knee_in_words(of.knees.isel(cell=at)),
            ),
            tuple(_remarks(of, at)),
        )
        for at, name in enumerate(names)
    ]


def end_in_words(life: xr.Dataset) -> str:
    """Cycle at a level of one cell, from :func:`~pchp_widgets.analysis.cycling.cycle_at`."""
    observed, cycle = int(life["observed"]), float(life["cycle"])
    if observed == FAILED:
        return f"{cycle:.0f}"
    return f"> {cycle:.0f}" if observed == CENSORED else "unknown"


def knee_in_words(knee: xr.Dataset) -> str:
    """Knee of one cell with its interval, from :func:`~pchp_widgets.analysis.knee.knees`."""
    if int(knee["observed"]) < 0:
        return "too few cycles"
    if int(knee["observed"]) == 0:
        return "none"
    return f"{float(knee['knee']):.0f} ({float(knee['knee_low']):.0f} to {float(knee['knee_high']):.0f})"


def _capacity(value: float, units: str, cycle: int, *, present: bool) -> str:
    if np.isfinite(value):
        return f"{value:.4g} {units}"
    return "unknown" if present else f"no cycle {cycle}"


def _retention(value: float, *, excluded: bool) -> str:
    if np.isfinite(value):
        return f"{value:.1f} %"
    return "another rate, or cut short" if excluded else "unknown"


def _efficiency(mean: xr.Dataset) -> str:
    count = int(mean["n"])
    if not count:
        return "no whole cycle"
    error = float(mean["stderr"]) * _PERCENT
    digits = 3 if error < 0.05 else 2
    said = f"{float(mean['arithmetic']) * _PERCENT:.{digits}f}"
    return f"{said} ± {error:.{digits}f} % (n = {count})" if np.isfinite(error) else f"{said} % (n = {count})"


def _cycles_of(found: xr.Dataset, at: int) -> list[int]:
    there = np.isfinite(found["time_start"].values[at])
    return [int(cycle) for cycle in found["cycle"].values[there]]


def _remarks(of: Analysed, at: int) -> list[str]:
    """What is missing or other than asked for."""
    said = []
    taken, declared = int(of.kept["reference_cycle"].values[at]), of.kept.attrs["reference"].split(";")[0]
    if taken >= 0 and declared != f"cycle {taken}":
        said.append(f"retention against cycle {taken}: {declared} is absent, interrupted or at another rate")
    known = [field in of.found.coords and np.isfinite(of.found[field].values[at]) for field in _NEEDED]
    return said + [f"{field} unknown" for field, there in zip(_NEEDED, known, strict=True) if not there]


def _group(
    label: str,
    members: npt.NDArray[np.int64],
    color: str,
    of: Analysed,
    capacity: FloatArray,
    units: str,
    retention: FloatArray,
) -> Line:
    outcome, cycles = of.life["observed"].values[members], of.life["cycle"].values[members]
    reached = outcome == FAILED
    first = f", the first at cycle {cycles[reached].min():.0f}" if reached.any() else ""
    bent = (of.knees["observed"].values[members] == 1).sum()
    size = len(members)
    return Line(
        color,
        f"{label} ({size} cells)" if size > 1 else label,
        (
            _mean(capacity[members], units, 4),
            _mean(retention[members], "%", 3),
            _mean(of.means["arithmetic"].values[members] * _PERCENT, "%", 5),
            f"{int(reached.sum())} of {size}{first}",
            f"{int(bent)} of {size}",
        ),
    )


def _mean(values: Sequence[float] | FloatArray, units: str, figures: int) -> str:
    mean, sd, count = spread(values)
    if not count:
        return "unknown"
    digits = max(0, figures - 1 - int(np.floor(np.log10(abs(mean))))) if mean else figures
    said = f"{mean:.{digits}f}"
    return f"{said} ± {sd:.{digits}f} {units} (n = {count})" if count > 1 else f"{said} {units}"
