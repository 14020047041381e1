"""The report of symmetric cells in one paragraph: what was tested, the polarization, the failures, the comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis.life import CENSORED, FAILED
from ..analysis.replicates import spread
from ..analysis.symmetric import Definition
from ..model.units import pretty
from .comparison import interval, millivolts, times
from .display import Text
from .ratios import REFERENCE, kinds, life_ratios, polarization_ratios
from .stages import each_cycle, each_cycle_stderr, sound
from .tables import readable


def summary(cells: Sequence[xr.DataTree], found: xr.Dataset, life: xr.Dataset, definition: Definition) -> Text:
    """The findings in sentences.

    Parameters
    ----------
    cells
        The cells.
    found, life
        As given by :func:`~pchp_widgets.analysis.symmetric.polarization`, with families as
        :func:`~.alike.with_families` gives them, and :func:`~pchp_widgets.analysis.symmetric.life`.
    definition
        Which polarization the sentences speak of.
    """
    members = kinds(found)
    alone = [str(tree.name) for tree in cells if not any(str(tree.name) in names for names in members.values())]
    members |= {name: [name] for name in alone}
    polarizations = [_polarization(label, names, found, life, definition) for label, names in members.items()]
    failures = [_failures(label, names, life) for label, names in members.items()]
    return Text(_tested(cells, found), " ".join(polarizations), " ".join(failures), _compared(found, life, definition))


def _tested(cells: Sequence[xr.DataTree], found: xr.Dataset) -> str:
    count = found["charge"].notnull()
    cycles = [int(number) for number in count.any("direction").sum("cycle").values]
    hours = [float(end) / 3600 for end in (found["time_start"] + found["duration"]).max(("cycle", "direction")).values]
    points = sum(tree["points"].sizes["point"] for tree in cells)
    who = f"Cell {cells[0].name}" if len(cells) == 1 else f"{len(cells)} cells"
    return (
        f"{who}: {readable(points)} points, {_span(cycles)} cycles ({readable(int(count.sum()))} half-cycles) in "
        f"{_span(hours, 1)} h, at {_typical(found, 'current_density', 'current_mean')} and "
        f"{_typical(found, 'areal_capacity', 'charge')} per half-cycle."
    )


def _typical(found: xr.Dataset, per_area: str, plain: str) -> str:
    """Median size of a quantity, per area where the area of every cell is known."""
    name = per_area if bool(found[per_area].notnull().any(("cycle", "direction")).all()) else plain
    medians = abs(found[name]).median(("cycle", "direction")).values
    units = pretty(str(found[name].attrs["units"]))
    if medians.max() - medians.min() < 0.005 * medians.max():
        return f"{medians.mean():.4g} {units}"
    return f"{medians.min():.4g} to {medians.max():.4g} {units}"


def _polarization(label: str, names: Sequence[str], found: xr.Dataset, life: xr.Dataset, definition: Definition) -> str:
    counts = sound(found, life).sel(cell=list(names)).all("cell").values
    shared = found["cycle"].values[counts]
    if not len(shared):
        return f"{label}: no whole cycle."
    values = each_cycle(found, definition).sel(cell=list(names))
    errors = each_cycle_stderr(found, definition).sel(cell=list(names))
    said = []
    for cycle in dict.fromkeys((shared[0], shared[(len(shared) - 1) // 2], shared[-1])):
        of = spread(values.sel(cycle=cycle).values)
        uncertain = of.sd if len(names) > 1 else float(errors.sel(cycle=cycle).values[0])
        said.append(f"{millivolts(of.mean, uncertain)} in cycle {cycle}")
    basis = f"mean ± standard deviation of {len(names)} cells" if len(names) > 1 else "± from the noise of the trace"
    return f"Polarization ({definition}) of {label}: {', '.join(said)} ({basis})."


def _failures(label: str, names: Sequence[str], life: xr.Dataset) -> str:
    of = life.sel(cell=list(names))
    said = []
    for criterion in of["criterion"].values:
        one = of.sel(criterion=criterion)
        failed = one["observed"].values == FAILED
        if failed.any():
            cycles, hours = one["cycle"].values[failed], one["time"].values[failed] / 3600
            many = f" in {int(failed.sum())} of {len(names)} cells" if len(names) > 1 else ""
            said.append(f"{criterion}{many}, cycle {_span(cycles)} ({_span(hours)} h)")
    undecided = bool(((of["observed"].values != FAILED) & (of["observed"].values != CENSORED)).any())
    doubt = " The file does not say whether an unfinished last half-cycle ended the test." if undecided else ""
    if said:
        return f"Failure of {label} by criterion: {'; '.join(said)}.{doubt}"
    last, end = of["cycle"].max("criterion").values, of["time"].max("criterion").values / 3600
    censored = f"up to cycle {_span(last)} ({_span(end)} h), where its life is censored"
    return f"No failure of {label} by any criterion {censored}.{doubt}"


def _compared(found: xr.Dataset, life: xr.Dataset, definition: Definition) -> str:
    said = []
    lives = [row for row in life_ratios(life) if row.ratio.low > 0 or np.isfinite(row.ratio.high)]
    overall = {row.coating: row for row in polarization_ratios(found, life, definition)}  # the last is over all cycles
    for coating, row in overall.items():
        said.append(
            f"{coating} against {REFERENCE}: the polarization is {times(row.found)} times as large "
            f"({interval(row.found)}; {row.where})."
        )
        said += [
            f"By the criterion {one.criterion} the life is {times(one.ratio)} times as long ({interval(one.ratio)})."
            for one in lives
            if one.coating == coating
        ]
    return " ".join(said)


def _span(values: Sequence[float] | np.ndarray, digits: int = 0) -> str:
    low, high = (readable(float(value), digits) for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"
