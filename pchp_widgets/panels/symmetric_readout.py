"""What the panel of symmetric cells says in words about the cells it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.life import CRITERIA, FAILED, UNDECIDED
from ..analysis.replicates import spread
from ..analysis.symmetric import DEFINITIONS
from ..plots.theme import Look
from .cells import Cell
from .readout import GROUPED_ABOVE, Line, group_label
from .symmetric_words import SHAPES_AND_SHORTS

FloatArray = npt.NDArray[np.float64]

_MILLI = 1e3

EXPLAINED: dict[str, str] = {
    "polarization": "mean over the two half-cycles of a cycle, by the definition chosen; ± is what the noise of the "
    "trace leaves uncertain. Half-cycles that ended before 98 % of the usual charge are left out.",
    **DEFINITIONS,
    "life": "the failure criterion that fired first, or that none did when the test ended (censored)",
    **{name: text.format(voltage_limit=0.5) for name, text in CRITERIA.items()},
    **SHAPES_AND_SHORTS,
}
"""What the numbers of the panel mean."""


def lines(
    by_cycle: xr.Dataset,
    ends: xr.Dataset,
    cycle: int,
    cells: Mapping[str, Cell],
    looks: Mapping[str, Look],
    *,
    grouped: bool = False,
) -> list[Line]:
    """One line per cell, or per coating where there are many.

    Parameters
    ----------
    by_cycle, ends
        What is shown; see :mod:`pchp_widgets.plots.symmetric_view`.
    cycle
        The selected cycle.
    cells, looks
        The same cells, by name.
    grouped
        Whether to say it per coating however few cells there are.
    """
    here = by_cycle.reindex(cycle=[cycle]).isel(cycle=0)
    value, error = (here[name].values * _MILLI for name in ("polarization", "polarization_stderr"))
    if grouped or len(cells) > GROUPED_ABOVE:
        return _groups(value, ends, cells, looks)
    return [
        Line(
            looks[name].color,
            name,
            (
                _value(value[at], error[at]) if cycle in cell.polarization["cycle"].values else f"no cycle {cycle}",
                life(ends.isel(cell=at)),
            ),
            tuple(remarks(cell)),
        )
        for at, (name, cell) in enumerate(cells.items())
    ]


def life(end: xr.Dataset) -> str:
    """How one cell ended, from one cell of :func:`~pchp_widgets.plots.symmetric_view.ends`."""
    when = f"cycle {end['end_cycle'].item()} ({end['end_time'].item():.0f} h)"
    if end["observed"] == FAILED:
        return f"failed at {when}: {end['criterion'].item()}"
    if end["observed"] == UNDECIDED:
        return f"no failure up to {when}; the last half-cycle is cut short, and nobody knows if the test had ended"
    return f"no failure: censored at {when}"


def remarks(cell: Cell) -> list[str]:
    """What is missing, derived or assumed."""
    found = []
    if "area" in cell.missing:
        found.append("area unknown: capacity in mA h")
    if "coating" in cell.missing:
        found.append("coating unknown")
    if cell.current_origin:
        found.append(f"current {cell.current_origin}")
    return found


def _groups(value: FloatArray, ends: xr.Dataset, cells: Mapping[str, Cell], looks: Mapping[str, Look]) -> list[Line]:
    names = np.array(list(cells))
    coatings = np.array([looks[name].coating for name in cells])
    failed = ends["observed"].values == FAILED
    found = []
    for coating in dict.fromkeys(coatings.tolist()):
        of = coatings == coating
        size, lost = int(of.sum()), int((of & failed).sum())
        first = ends["end_cycle"].values[of & failed]
        fate = f"{lost} of {size} failed" + (f", the first at cycle {first.min()}" if lost else "")
        known = Counter(remark.split(":")[0] for name in names[of] for remark in remarks(cells[name]))
        notes = tuple(f"{remark} for {count} of {size}" for remark, count in known.items())
        label = group_label(coating, size)
        found.append(Line(looks[names[of][0]].color, label, (_average(value[of]), fate), notes))
    return found


def _average(values: FloatArray) -> str:
    mean, sd, count = spread(values)
    return f"{mean:.2f} ± {sd:.2f} mV (mean and sd of {count})" if count > 1 else _value(mean, np.nan)


def _value(value: float, error: float) -> str:
    if not np.isfinite(value):
        return "no whole half-cycle"
    return f"{value:.2f} mV" + (f" ± {error:.2f}" if np.isfinite(error) else "")
