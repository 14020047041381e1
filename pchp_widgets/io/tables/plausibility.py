"""Doubts about the numbers of a file, as sentences: said, never acted on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .counters import passed

FloatArray = npt.NDArray[np.float64]
_YEAR = 365.25 * 86400.0
_LONGEST_TEST = 10 * _YEAR
_MISMATCH = 0.05


def time_doubts(time: FloatArray) -> list[str]:
    """Time that runs backwards, stands still, or lasts longer than any test."""
    found = []
    back = np.flatnonzero(np.diff(time) < 0)
    if len(back):
        first = int(back[0])
        found.append(
            f"time runs backwards {len(back)} times, first from {time[first]:.10g} s to {time[first + 1]:.10g} s"
            f" (point {first + 1})"
        )
    span = float(np.ptp(time)) if len(time) else 0.0
    if span > _LONGEST_TEST:
        years = span / _YEAR
        found.append(f"the test would have lasted {years:.0f} years: the time is hardly in the unit its header says")
    elif len(time) > 1 and not span:
        found.append("the time is the same in all points")
    return found


def counter_doubts(time: FloatArray, current: FloatArray, charge: FloatArray, discharge: FloatArray) -> list[str]:
    """Counters that do not agree with the current.

    Parameters
    ----------
    time, current
        [s], [mA]
    charge, discharge
        The instrument's counters of both directions without their restarts [mA h].
    """
    integral = passed(current, time)
    counted = np.diff(charge), np.diff(discharge)
    flowing = 0.5 * (current[1:] + current[:-1])
    wrong_way = np.sum(counted[0][flowing < 0]) + np.sum(counted[1][flowing > 0])
    all_counted = float(np.sum(np.abs(counted[0])) + np.sum(np.abs(counted[1])))
    if not all_counted or not np.any(integral):
        return []
    found = []
    if wrong_way > 0.9 * all_counted:
        found.append(
            "the charge counter runs while the current is negative and the discharge counter while it is positive:"
            " the two are swapped, or the sign of the current is"
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
