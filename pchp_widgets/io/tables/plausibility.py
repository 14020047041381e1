"""Doubts about the numbers of a file, as sentences: said, never acted on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .counters import passed

FloatArray = npt.NDArray[np.float64]
_YEAR = 365.25 * 86400.0
_LONGEST_TEST = 10 * _YEAR
_MISMATCH = 0.05
_DAY = 86400.0
_LONGER = (
    (3600.0, "s2 h-1", "hours were probably turned into seconds twice"),
    (1000.0, "ms", "it is probably in milliseconds"),
    (1e6, "us", "it is probably in microseconds"),
)
"""How many times too long a time may be, the unit it then is in (s2 h-1 is 1/3600 s), and how that comes about."""
_USUAL_INTERVALS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600)
_SHARP = 1e-3
_FEWEST_TURNS = 4


def time_doubts(time: FloatArray, header: str = "") -> list[str]:
    """Time that runs backwards, stands still, or lasts longer than any test.

    Parameters
    ----------
    time
        [s]
    header
        Of the column of the time, where it has one: what to write to read it in another unit names it.
    """
    found = []
    back = np.flatnonzero(time[1:] < time[:-1])
    if len(back):
        first = int(back[0])
        found.append(
            f"time runs backwards {len(back)} times, first from {time[first]:.10g} s to {time[first + 1]:.10g} s"
            f" (point {first + 1})"
        )
    span = float(np.ptp(time)) if len(time) else 0.0
    if span > _LONGEST_TEST:
        years = span / _YEAR
        found.append(
            f"the test would have lasted {years:.0f} years: the time is hardly in the unit its header says"
            f"{_likely_unit(time, header)}. Durations, capacities and energies are as wrong as the time"
        )
    elif len(time) > 1 and not span:
        found.append("the time is the same in all points")
    return found


def _likely_unit(time: FloatArray, header: str) -> str:
    """The unit in which the records would be a round number of seconds apart, and how to have it read in that."""
    apart, span = float(np.median(np.diff(time))), float(np.ptp(time))
    for factor, units, cause in _LONGER:
        seconds = apart / factor
        if span / factor < _LONGEST_TEST and any(abs(seconds / usual - 1) < _SHARP for usual in _USUAL_INTERVALS):
            remedy = f'; columns={{"time": "{header} [{units}]"}} reads it so' if header else ""
            return (
                f". Its records are {apart:.6g} s apart, {factor:g} times {seconds:.4g} s: {cause}, and the test"
                f" lasted {span / factor / _DAY:.4g} days; nothing else in the file proves it{remedy}"
            )
    return ""


def counter_doubts(time: FloatArray, current: FloatArray, charge: FloatArray, discharge: FloatArray) -> list[str]:
    """Counters that do not agree with the current.

    Parameters
    ----------
    time, current
        [s], [mA]
    charge, discharge
        What the instrument counted of either in each interval between points [mA h].
    """
    integral = passed(current, time)
    flowing = 0.5 * (current[1:] + current[:-1])
    wrong_way = np.sum(charge[flowing < 0]) + np.sum(discharge[flowing > 0])
    all_counted = float(np.sum(np.abs(charge)) + np.sum(np.abs(discharge)))
    if not all_counted or not np.any(integral):
        return []
    found = []
    if wrong_way > 0.9 * all_counted:
        found.append(
            "charge is counted while the current is negative and discharge while it is positive: the two are swapped,"
            " or the sign of the current is"
        )
    ratio = float(np.sum(np.abs(integral))) / all_counted
    if abs(ratio - 1) > _MISMATCH:
        cause = ""
        if 500 < ratio < 2000:
            cause = ": the time is probably in milliseconds under a header that says seconds"
        elif 500 < 1 / ratio < 2000:
            cause = ": the time or the current is probably a thousand times too small"
        found.append(f"the integral of the current is {ratio:.4g} times what the instrument's own counters say{cause}")
    return found


def cycle_doubts(cycle: npt.NDArray[np.int64], current: FloatArray, header: str) -> list[str]:
    """A cycle number that stays the same though the current turns at least twice to and fro.

    Parameters
    ----------
    cycle, current
        As the instrument counts; [mA]
    header
        Of the column of cycle numbers.
    """
    if cycle[0] != cycle[-1] or np.ptp(cycle):
        return []
    directions = np.sign(current[current != 0])
    turns = int(np.count_nonzero(directions[1:] != directions[:-1]))
    if turns < _FEWEST_TURNS:
        return []
    constant = f"{header!r} is {cycle[0]} in every row though the current changes its direction {turns} times"
    return [f"{constant}: the instrument counted no cycles"]
