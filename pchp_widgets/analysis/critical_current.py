"""Critical current density from a step test: the first current at which the cell shorts or its polarization jumps."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.reductions import row_median
from ..model.stated import stated_numbers
from .life import CENSORED, FAILED, UNDECIDED

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

EVENTS: dict[str, str] = {
    "drop": "|V| at 95 % of the charge falls below {drop:g} of that of the cycle before, although the current is not "
    "lower, and stays there (a short)",
    "jump": "|V|/|I| at 95 % of the charge rises above {jump:g} times that of the two cycles before, and stays there",
    "cutoff": "a half-cycle passes less than 90 % of the charge (or lasts less than 90 % of the time) that the test "
    "keeps constant: it ran into a voltage limit",
}
"""What ends a step test; looked for in each direction, the earliest of them counts."""

_SAME = 0.05
_SAME_CURRENT = 0.01
_FEWEST_LEVELS = 3
_WHOLE = 0.9


def critical_current(found: xr.Dataset, *, drop: float = 0.7, jump: float = 2.0) -> xr.Dataset:
    """Critical current density of cells whose current was stepped up cycle by cycle.

    The step test is the run of cycles, from the first one, in which the current never falls; whether its half-cycles
    have the same charge or the same time is found from the data, because the two give different critical currents.
    What is given is the current at which the event was seen: the true value lies between the step before and this one.

    Parameters
    ----------
    found
        As given by :func:`~.symmetric.polarization`.
    drop
        Fraction of its former value below which |V| has dropped; a cell's |V| does not fall while its current rises.
    jump
        Multiple of its former value above which |V|/|I| has jumped.

    Returns
    -------
    Dataset
        (cell): ``critical_current_density`` [mA cm-2] (NaN without the area) and ``critical_current`` [mA]: of the
        event, or the highest reached where there was none; ``highest_safe`` [mA], the step before; ``resolution``
        [mA], their difference; ``observed``: 1 an event, 0 censored at the highest current, -1 undecided (no step
        test: fewer than three rising currents); ``event``, ``cycle``, ``time`` [s] at which that cycle began,
        ``levels`` in the test, and ``constant``: ``"charge"``, ``"time"`` or ``"undecided"``.

    Raises
    ------
    ValueError
        When a limit is out of range.
    """
    if not (0 < drop < 1 < jump):
        raise ValueError("critical_current: drop must lie between 0 and 1, jump above 1")
    last, flow, charge, duration = (_cube(found, name) for name in ("last", "current_mean", "charge", "duration"))
    current = _mean(np.abs(flow))
    inside, level = _rising(current)
    share, constant = _constant(np.abs(charge), duration, inside, level)
    fired = {
        "drop": _dropped(last, np.abs(flow), inside, drop),
        "jump": _jumped(last, np.abs(flow), inside, jump),
        "cutoff": inside & (share < _WHOLE).any(-1),
    }
    levels = level.max(1, initial=-1) + 1
    ever = np.stack([mask.any(1) for mask in fired.values()], axis=1)
    first = np.where(ever, np.stack([mask.argmax(1) for mask in fired.values()], axis=1), current.shape[1])
    is_test = levels >= _FEWEST_LEVELS
    observed = np.where(~is_test, UNDECIDED, np.where(ever.any(1), FAILED, CENSORED))
    event = np.where(observed == FAILED, np.array(list(EVENTS))[first.argmin(1)], "")
    final = inside.shape[1] - 1 - np.argmax(inside[:, ::-1], axis=1)
    at = np.where(observed == FAILED, np.minimum(first.min(1), final), final)
    columns = _columns(found, current, level, at, observed == FAILED)
    return _dataset(found, columns, observed, event, levels, constant, {"drop": drop, "jump": jump})


def _columns(
    found: xr.Dataset, current: FloatArray, level: IntArray, at: IntArray, failed: BoolArray
) -> dict[str, FloatArray]:
    """Numbers of each cell, given the cycle of its event or its last one."""
    rows = np.arange(len(at))
    lower = (level >= 0) & (level < level[rows, at][:, None]) & np.isfinite(current)
    before = np.max(np.where(lower, current, -np.inf), axis=1)
    before = np.where(np.isfinite(before), before, np.nan)
    reached = current[rows, at]
    begin = _cube(found, "time_start")
    begin = np.where(np.isfinite(begin), begin, np.inf).min(-1)
    return {
        "critical_current": reached,
        "highest_safe": np.where(failed, before, reached),
        "resolution": reached - before,
        "cycle": found["cycle"].values[at].astype(float),
        "time": begin[rows, at],
    }


def _dataset(
    found: xr.Dataset,
    columns: dict[str, FloatArray],
    observed: IntArray,
    event: npt.NDArray[np.str_],
    levels: IntArray,
    constant: npt.NDArray[np.str_],
    limits: dict[str, float],
) -> xr.Dataset:
    is_test = observed != UNDECIDED
    area = stated_numbers(found, "area")
    said = {
        "critical_current": ("mA", "first current with an event; the highest reached where observed is 0"),
        "highest_safe": ("mA", "highest current without an event"),
        "resolution": ("mA", "from the step before to critical_current: it is known no better"),
        "cycle": ("1", "cycle of the event, or last cycle of the step test"),
        "time": ("s", "beginning of that cycle"),
    }
    data: dict[str, Any] = {
        name: ("cell", np.where(is_test, values, np.nan), {"units": said[name][0], "definition": said[name][1]})
        for name, values in columns.items()
    }
    for name, of in (("critical_current_density", "critical_current"), ("resolution_density", "resolution")):
        density = np.where(is_test, columns[of], np.nan) / area
        data[name] = ("cell", density, {"units": "mA cm-2", "definition": f"{of} over the area of the electrode"})
    flags = {"flag_values": [-1, 0, 1], "flag_meanings": "undecided censored failed"}
    definitions = {name: text.format(**limits) for name, text in EVENTS.items()}
    data |= {
        "observed": ("cell", observed.astype(np.int8), flags),
        "event": ("cell", event, definitions),
        "levels": ("cell", levels, {"units": "1", "long_name": "currents that differ by more than 1 %"}),
        "constant": ("cell", constant, {"definition": "what all half-cycles of the test have in common within 5 %"}),
    }
    return xr.Dataset(data, {"cell": found["cell"]})


def _cube(found: xr.Dataset, name: str) -> FloatArray:
    values: FloatArray = found[name].transpose("cell", "cycle", "direction").values
    return values


def _mean(values: FloatArray) -> FloatArray:
    """Mean over the directions that there are."""
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        mean: FloatArray = np.where(there, values, 0.0).sum(-1) / there.sum(-1)
    return mean


def _rising(current: FloatArray) -> tuple[BoolArray, IntArray]:
    """Cycles of the step test, and the number of each one's current level, -1 outside."""
    known = np.isfinite(current)
    highest = np.maximum.accumulate(np.where(known, current, 0.0), axis=1)
    lower = known & (current < (1 - _SAME_CURRENT) * highest)
    inside = known & ~np.logical_or.accumulate(lower, axis=1)
    former = np.concatenate([np.zeros((len(current), 1)), highest[:, :-1]], axis=1)
    up = inside & (current > (1 + _SAME_CURRENT) * former)
    return inside, np.where(inside, np.cumsum(up, axis=1) - 1, -1)


def _constant(
    charge: FloatArray, duration: FloatArray, inside: BoolArray, level: IntArray
) -> tuple[FloatArray, npt.NDArray[np.str_]]:
    """Share of the constant charge or time that each half-cycle has, and which of the two is constant.

    Judged by the highest of each level, so that half-cycles cut short do not decide.
    """
    spread, share = [], []
    for values in (charge, duration):
        table = np.where(inside[..., None], values, np.nan)
        most = _running_highest_per_level(table, level)
        middle = row_median(most)
        spread.append(row_median(np.abs(most / middle[:, None] - 1)))
        share.append(table / middle[:, None, None])
    by_charge, by_time = (values <= _SAME for values in spread)
    undecided = by_charge == by_time
    name = np.where(undecided, "undecided", np.where(by_charge, "charge", "time"))
    chosen = np.where(by_charge[:, None, None], share[0], share[1])
    return np.where(undecided[:, None, None] | ~np.isfinite(chosen), 1.0, chosen), name


def _running_highest_per_level(table: FloatArray, level: IntArray) -> FloatArray:
    """Highest value of each level, (cell, level)."""
    count = max(int(level.max(initial=-1)) + 1, 1)
    most = np.full((len(table), count + 1), -np.inf)
    rows = np.broadcast_to(np.arange(len(table))[:, None], level.shape)
    highest = np.where(np.isfinite(table), table, -np.inf).max(-1)
    np.maximum.at(most, (rows, np.where(level < 0, count, level)), highest)
    return np.where(np.isfinite(most[:, :count]), most[:, :count], np.nan)


def _dropped(size: FloatArray, flow: FloatArray, inside: BoolArray, drop: float) -> BoolArray:
    """Cycles in which |V| falls in either direction, and has not recovered in the cycle after.

    A cycle that was high by itself is no measure: the cycle before counts with the lower |V|/|I| of itself and the
    one before it.
    """
    resistance = size / flow
    former = np.fmin(_earlier(resistance, 1), _earlier(resistance, 2)) * _earlier(flow, 1)
    with np.errstate(invalid="ignore"):
        return inside & ((size < drop * former) & ~(_earlier(size, -1) >= drop * former)).any(-1)


def _jumped(size: FloatArray, flow: FloatArray, inside: BoolArray, jump: float) -> BoolArray:
    """Cycles in which |V|/|I| rises in either direction, and is still up in the cycle after.

    A cycle that was low by itself is no measure: the higher of the two before counts.
    """
    resistance = size / flow
    former = np.fmax(_earlier(resistance, 1), _earlier(resistance, 2))
    with np.errstate(invalid="ignore"):
        return inside & ((resistance > jump * former) & ~(_earlier(resistance, -1) <= jump * former)).any(-1)


def _earlier(values: FloatArray, cycles: int) -> FloatArray:
    """Values of so many cycles before (after, where negative), NaN where there is none."""
    found = np.full_like(values, np.nan)
    if abs(cycles) < values.shape[1]:
        here, there = (
            (slice(cycles, None), slice(None, -cycles)) if cycles > 0 else (slice(None, cycles), slice(-cycles, None))
        )
        found[:, here] = values[:, there]
    return found
