"""Units a thousand times off (mA under A, mV under V), found by what a file holds twice.

The integral of the current stands beside the charge counter, that of the power beside the energy counter. Each
agrees with its counter within a factor of about two in any test, so that a factor of a thousand is a wrong unit. Which
of the units it is follows where only one of them explains both comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from . import counters

FloatArray = npt.NDArray[np.float64]

HIGHEST_VOLTAGE = 100.0
"""No cell and no stack of a few cells has more [V]."""

_FACTOR_OF_TWO = 0.31  # log10
_ENOUGH = 10_000


class Slip(NamedTuple):
    """A unit that is wrong: of which quantity, by which factor its numbers are too large, and what shows it.

    ``quantity`` is empty where several explain what is found; ``doubtful`` are then the ones in question.
    """

    quantity: str
    factor: float
    said: str
    doubtful: tuple[str, ...] = ()


def slip(
    time: FloatArray,
    voltage: FloatArray,
    current: FloatArray,
    charge: Sequence[FloatArray],
    energy: Sequence[FloatArray],
) -> Slip | None:
    """The unit that is wrong by a thousand, or None where the numbers agree or cannot be compared.

    Parameters
    ----------
    time, voltage, current
        [s], [V], [mA], each as the header says.
    charge, energy
        Readings of the counters [mA h], [mW h]: of charge and discharge apart, of both in one, or none.
    """
    typical = float(np.median(np.abs(voltage[:: max(1, len(voltage) // _ENOUGH)])))
    passed = _throughput(current, time) if charge else 0.0
    q = _thousands(passed, charge)
    e = _thousands(_throughput(current * voltage, time), energy) if energy else None
    of_charge = f"the integral of the current is {_ratio(passed, charge):.4g} times what the charge counter says"
    if q in {0, None} and e == 1 and typical > HIGHEST_VOLTAGE:
        energy_per_charge = f", and energy over charge is {typical / 1e3:.3g} V" if q == 0 else ""
        return Slip("voltage", 1e3, f"its typical value would be {typical:.4g} V{energy_per_charge}")
    if q and e == 0:
        said = f"{of_charge}, while that of the power agrees with the energy counter"
        return Slip("capacity", 1e3**-q, said)
    if q:
        alike = ", and the same holds for the power and the energy counter" if e == q else ""
        return Slip("", 1e3**q, of_charge + alike, ("current", "time", "capacity"))
    if e:
        said = "the integral of the power is a thousand times off what the energy counter says"
        return Slip("", 1e3**e, said, ("voltage", "energy"))
    if typical > HIGHEST_VOLTAGE:
        return Slip("", 1e3, f"the typical voltage would be {typical:.4g} V", ("voltage",))
    return None


def _throughput(rate: FloatArray, time: FloatArray) -> float:
    intervals = counters.passed(np.abs(rate), time)
    return float(np.sum(intervals[intervals > 0]))


def _counted(readings: Sequence[FloatArray]) -> float:
    """What counters ran up in all, restarts undone."""
    total = 0.0
    for one in readings:
        values = np.abs(one[np.isfinite(one)])
        change = np.diff(values)
        total += float(np.sum(np.where(values[1:] < 0.5 * values[:-1], values[1:], np.abs(change))))
    return total


def _ratio(passed: float, readings: Sequence[FloatArray]) -> float:
    counted = _counted(readings)
    return passed / counted if counted > 0 else float("nan")


def _thousands(passed: float, readings: Sequence[FloatArray]) -> int | None:
    """Power of a thousand by which the integral exceeds the counters; None where it is none, or there is nothing."""
    ratio = _ratio(passed, readings)
    if not (np.isfinite(ratio) and ratio > 0):
        return None
    power = np.log10(ratio)
    whole = round(power / 3)
    return whole if abs(whole) <= 1 and abs(power - 3 * whole) < _FACTOR_OF_TWO else None
