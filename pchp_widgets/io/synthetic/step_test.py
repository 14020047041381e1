"""Li||Li cells whose current is stepped up until they short, or their polarization jumps, at a planted current."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr

from .cells import FloatArray, state
from .pulses import Pulses, Reading, cell_tree, pulse_voltage, recorded, shorted


def step_test(
    critical: float | None,
    *,
    first: float = 0.2,
    step: float = 0.2,
    top: float = 3.0,
    per_level: int = 1,
    constant: Literal["charge", "time"] = "charge",
    event: Literal["drop", "jump"] = "drop",
    begins: float = 0.4,
    area: float = 1.327,
    seed: int = 0,
    name: str = "cell",
) -> xr.DataTree:
    """One cell.

    Parameters
    ----------
    critical
        Current density above which the cell fails [mA cm-2]; None for a cell that survives.
    first, step, top
        Current densities of the test [mA cm-2].
    per_level
        Cycles at each.
    constant
        Whether every half-cycle has 0.5 mA h cm-2, or takes half an hour.
    event
        ``"drop"``: a metallic path carries four fifths of the current or more; ``"jump"``: |V| triples.
    begins
        Fraction of the stripping half-cycle of the first failing cycle after which it begins; plating comes first and
        is sound.
    area
        Of the electrode [cm2].
    seed
        Of cell and noise.
    name
        Of the cell.

    Returns
    -------
    DataTree
        ``steps`` and ``points``; ``attrs["critical_current_density"]`` is the first level [mA cm-2] above
        `critical`, NaN where the test does not reach it.
    """
    levels = np.repeat(np.arange(first, top + step / 2, step), per_level)
    row = np.repeat(np.arange(len(levels)), 2)
    capacity = np.full(len(levels), 0.5) if constant == "charge" else levels / 2
    pulses = Pulses(np.tile([-1, 1], len(levels)), row, levels[row], capacity[row])
    time, size, left = pulse_voltage(state("bare", len(levels), spread=0.05, seed=seed), pulses)
    failing = np.flatnonzero(levels > critical) if critical is not None else np.zeros(0, int)
    truth = float(levels[failing[0]]) if len(failing) else np.nan
    if len(failing):
        size = _failed(time, size, pulses, 2 * int(failing[0]) + 1, begins, event)
    points = recorded(pulses, time, size, left, area=area, reading=Reading(), seed=seed)
    return cell_tree(points, name, area=area, critical_current_density=truth)


def _failed(
    time: FloatArray, size: FloatArray, pulses: Pulses, since: int, begins: float, event: Literal["drop", "jump"]
) -> FloatArray:
    """|V| from some point of pulse `since` on with a metallic path a quarter as resistive as the cell, or tripled."""
    there = np.zeros(size.shape, bool)
    there[since] = time[since] >= begins * time[since, -1]
    there[since + 1 :] = True
    if event == "jump":
        return np.where(there, 3 * size, size)
    own = float(size[since, -1] / pulses.current_density[since] * 1e3)
    return shorted(size, pulses.current_density[:, None], np.where(there, own / 4, np.inf))
