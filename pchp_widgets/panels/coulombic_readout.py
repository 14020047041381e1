"""What the panel of Li||Cu cells says in words about the cells it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr

from ..analysis import coulombic
from ..analysis.nucleation import FOUND, OUTCOMES, PLATEAU
from ..analysis.replicates import spread
from ..model.cycles import consecutive
from ..plots.theme import Look
from .cells import Cell
from .readout import GROUPED_ABOVE, Line, group_label

_PERCENT, _MILLI = 100.0, 1e3
_OUT = ("", "left out", "short plating", "cut stripping", "soft short", "dead", "not of the test")
"""Why a cycle does not count, in the words of :data:`~pchp_widgets.analysis.coulombic.USES`, but shorter."""

HEADS = ("Coulombic efficiency", "95 % interval", "CE, cycle {cycle}", "nucleation, cycle {cycle}", "how")
"""What stands above the columns; ``{cycle}`` is the selected one."""

EXPLAINED: dict[str, str] = {
    **coulombic.DEFINITIONS,
    "recognised protocol": "a reservoir is a first plating of more than 1.5 Q_c; a cut-off is a stripping that ends "
    "above 0.2 V; with conditioning, or with more left at the end than Q_c, it is the modified protocol",
    "95 % interval": "from independent relative errors of the charges Q_plate and Q_strip, or Q_T, Q_c and Q_s (one "
    "they have in common cancels); galvanostatic also from the scatter of the cycles",
    "charge balance": "all that was stripped over all that was plated; the formula of the reservoir protocol lies "
    "below it, because it counts the whole reservoir as lost",
    "soft short": "more than 100.2 % in two cycles; these and all later cycles are left out of the mean",
    "dead": "at least two last cycles below 80 % of the cell's 90th percentile; they are left out of the mean",
    "nucleation overpotential": "|V_min| of the dip minus |V| of the plateau, the median between "
    f"{PLATEAU[0] * 100:.0f} and {PLATEAU[1] * 100:.0f} % of the charge plated below 0 V",
    "mean of replicates": "cells of one coating and one protocol, with their standard deviation; a cycle has a mean "
    "where all of them use it",
}
"""What the numbers of the panel mean."""


def lines(
    found: xr.Dataset, nucleation: xr.Dataset, cycle: int, cells: Mapping[str, Cell], looks: Mapping[str, Look]
) -> list[Line]:
    """One line per cell, or per coating and protocol where there are many.

    Parameters
    ----------
    found, nucleation
        Of the cells shown.
    cycle
        The selected cycle.
    cells, looks
        The same cells, by name.
    """
    if len(cells) > GROUPED_ABOVE:
        return _groups(found, looks)
    here, dips = (data.reindex(cycle=[cycle]).isel(cycle=0) for data in (found, nucleation))
    said = coulombic.remarks(found)
    return [
        Line(
            looks[name].color,
            name,
            (
                efficiency(one := found.isel(cell=at)),
                interval(one),
                _of_cycle(here.isel(cell=at), cycle),
                _dip(dips.isel(cell=at)),
                how(one),
            ),
            (*said[name], *_remarks(found, name, cell)),
        )
        for at, (name, cell) in enumerate(cells.items())
    ]


def efficiency(one: xr.Dataset) -> str:
    """The efficiency of one cell, or its lower bound."""
    value, low = float(one["coulombic_efficiency"]), float(one["coulombic_efficiency_low"])
    if np.isfinite(value):
        return f"{value * _PERCENT:.2f} %"
    return f"at least {low * _PERCENT:.2f} %" if np.isfinite(low) else "undecided"


def interval(one: xr.Dataset) -> str:
    """Its 95 % interval."""
    low, high = coulombic.interval(float(one["coulombic_efficiency"]), float(one["coulombic_efficiency_stderr"]))
    return f"{low * _PERCENT:.2f} to {high * _PERCENT:.2f} %" if np.isfinite(low) else ""


def how(one: xr.Dataset) -> str:
    """Protocol of one cell with its numbers."""
    procedure, count = str(one["procedure"].item()), float(one["cycles_used"])
    if procedure == "galvanostatic":
        sd, median = float(one["sd"]) * _PERCENT, float(one["median"]) * _PERCENT
        return f"galvanostatic: mean of {count:.0f} cycles, median {median:.2f} %, sd {sd:.2f} %"
    if procedure == "undecided":
        return "protocol undecided"
    area = float(one["area"]) if "area" in one.coords else np.nan
    units, share = ("mA h cm⁻²", area) if np.isfinite(area) else ("mA h", 1.0)
    charges = ", ".join(
        f"{sign} {float(one[name]) / share:.3g}"
        for sign, name in (("Q_T", "reservoir"), ("Q_c", "cycled"), ("Q_s", "left"))
        if np.isfinite(float(one[name])) and not (name == "left" and np.isfinite(float(one["exhausted_cycle"])))
    )
    if np.isfinite(float(one["exhausted_cycle"])):
        balance = f", charge balance {float(one['balance']) * _PERCENT:.2f} %"
        return f"{procedure}: N {count:.1f}, {charges} {units}{balance}"
    return f"{procedure}: n {count:.0f}, {charges} {units}"


def _of_cycle(one: xr.Dataset, cycle: int) -> str:
    value, use = float(one["cycle_efficiency"]), float(one["use"])
    if not np.isfinite(value):
        return f"no whole cycle {cycle}"
    if use == coulombic.USED and one["procedure"] != "galvanostatic":
        return "set by the protocol"
    out = f" ({_OUT[int(use)]})" if use > coulombic.USED else ""
    return f"{value * _PERCENT:.2f} ± {float(one['cycle_efficiency_stderr']) * _PERCENT:.2f} %{out}"


def _dip(one: xr.Dataset) -> str:
    outcome = float(one["outcome"])
    if outcome == FOUND:
        return f"{float(one['nucleation']) * _MILLI:.1f} ± {float(one['nucleation_stderr']) * _MILLI:.1f} mV"
    return OUTCOMES[int(outcome)].partition(":")[0] if outcome > FOUND else ""


def _remarks(found: xr.Dataset, name: str, cell: Cell) -> list[str]:
    """Cycles left out of the mean, and what is missing, derived or assumed."""
    said = []
    if found["procedure"].sel(cell=name) == "galvanostatic":
        out = coulombic.left_out(found, name)
        said += [f"not in the mean: cycle {runs_in_words(cycles)} ({why})" for why, cycles in out.items()]
    if "area" in cell.missing:
        said.append("area unknown: capacity in mA h")
    if "coating" in cell.missing:
        said.append("coating unknown")
    return [*said, *([f"current {cell.current_origin}"] if cell.current_origin else [])]


def runs_in_words(cycles: Iterable[int]) -> str:
    """Numbers of cycles, those that follow each other as a run: ``"1, 3 to 5"``."""
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in consecutive(cycles))


def _groups(found: xr.Dataset, looks: Mapping[str, Look]) -> list[Line]:
    names = [str(name) for name in found["cell"].values]
    value = found["coulombic_efficiency"].values * _PERCENT
    keys = [(looks[name].coating, str(kind)) for name, kind in zip(names, found["procedure"].values, strict=True)]
    said = coulombic.remarks(found)
    made = []
    for coating, procedure in dict.fromkeys(keys):
        members = [at for at, key in enumerate(keys) if key == (coating, procedure)]
        mean, sd, count = spread(value[members])
        text = f"{mean:.2f} ± {sd:.2f} % (mean and sd of {count})" if count > 1 else f"{mean:.2f} %"
        doubtful = sum(bool(said[names[at]]) for at in members)
        notes = (f"{doubtful} of {len(members)} cells have a flag; show fewer cells to read it",) if doubtful else ()
        label = group_label(coating, len(members))
        made.append(
            Line(looks[names[members[0]]].color, label, (text if count else "undecided", "", "", "", procedure), notes)
        )
    return made
