r"""The ledger of lithium on an anode: how much there is, what is lost by cycling it, and how long it lasts.

Formulas only, on numbers and arrays, element by element; :mod:`.inventory` applies them to measured cells.
Areal capacities are in mA h cm-2, thicknesses in um. With the excess :math:`X_k` of lithium and the capacity
:math:`Q_k` passed in cycle k, of which a share :math:`1 - CE` is lost,

.. math::

    X_{k+1} = X_k - Q_k (1 - CE), \quad Q_{k+1} = P \quad (X > 0); \qquad
    Q_{k+1} = Q_k \, CE \quad (X = 0).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Interval = tuple[npt.ArrayLike, npt.ArrayLike]

FARADAY = 96485.33212
"""C mol-1, exact to ten figures (SI 2019)."""
MOLAR_MASS = 6.94
"""Of lithium, g mol-1 (IUPAC conventional value)."""
DENSITY = 0.534
"""Of lithium at 20 degC, g cm-3 (CRC Handbook)."""
SPECIFIC_CAPACITY = FARADAY / 3.6 / MOLAR_MASS
"""Of lithium, mA h g-1: F / M."""
CAPACITY_PER_UM = SPECIFIC_CAPACITY * DENSITY * 1e-4
"""Of lithium, mA h cm-2 um-1: F density / M."""

END_OF_LIFE = 0.8
"""Share of the capacity at which a cell is at its end, unless something else is said."""


class EndOfLife(NamedTuple):
    """Cycles until the excess is used up, cycles from there to the end of life, and their sum."""

    exhausted: FloatArray
    afterwards: FloatArray
    total: FloatArray


class Course(NamedTuple):
    """Excess lithium and capacity [mA h cm-2] along a last axis of cycles 1, 2, 3, ..."""

    cycle: npt.NDArray[np.int64]
    excess: FloatArray
    capacity: FloatArray


def lithium_capacity(thickness: npt.ArrayLike, utilisation: npt.ArrayLike = 1.0) -> FloatArray:
    """Areal capacity of dense lithium [mA h cm-2]: thickness times F density / M, of which a share can be used.

    Parameters
    ----------
    thickness
        [um]
    utilisation
        Share that can be used, 0 to 1.
    """
    found: FloatArray = CAPACITY_PER_UM * np.asarray(thickness, float) * np.asarray(utilisation, float)
    return found


def lithium_thickness(capacity: npt.ArrayLike) -> FloatArray:
    """Thickness of dense lithium [um] of an areal capacity [mA h cm-2]."""
    found: FloatArray = np.asarray(capacity, float) / CAPACITY_PER_UM
    return found


def lowest_efficiency(reservoir: npt.ArrayLike, plated: npt.ArrayLike) -> FloatArray:
    """Lower bound of the efficiency of lithium in a cell whose reservoir is not used up: 1 - N0 / sum of Q.

    It takes for granted that the cathode takes back all lithium it gives; see :func:`lowest_efficiency_strict`.
    In the cycle in which the reservoir is used up the bound is the efficiency itself.

    Parameters
    ----------
    reservoir
        N0, on the anode before the first charge [mA h cm-2].
    plated
        All charge plated so far [mA h cm-2]; one that is too low gives a bound that is too low, which is still true.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = 1.0 - np.asarray(reservoir, float) / np.asarray(plated, float)
    return found


def lowest_efficiency_strict(reservoir: npt.ArrayLike, plated: npt.ArrayLike, stripped: npt.ArrayLike) -> FloatArray:
    """Lower bound of the efficiency of lithium from conservation alone: (sum of stripped - N0) / sum of plated.

    What was stripped cannot be more than the reservoir and what was left of the plated: this holds for any cathode, any
    side reaction or short that takes part of the charge, and after the reservoir is used up.

    Parameters
    ----------
    reservoir, plated
        As for :func:`lowest_efficiency`.
    stripped
        All charge stripped so far [mA h cm-2].
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = (np.asarray(stripped, float) - np.asarray(reservoir, float)) / np.asarray(plated, float)
    return found


def end_of_life(
    reservoir: npt.ArrayLike, capacity: npt.ArrayLike, efficiency: npt.ArrayLike, level: float = END_OF_LIFE
) -> EndOfLife:
    """Cycles until a cell has fallen to a share of its capacity because its lithium is used up.

    n = N0 / (P (1 - CE)) + ln(level) / ln(CE): the excess lasts for the first part, and then the capacity falls by CE
    in each cycle. Infinite where the efficiency is 1. The cathode is taken to keep its capacity, and nothing else to
    end the cell before.

    Parameters
    ----------
    reservoir
        N0 [mA h cm-2].
    capacity
        P, plated in each cycle [mA h cm-2].
    efficiency
        CE of lithium, above 0 and at most 1.
    level
        Share of the capacity at which life ends.

    Raises
    ------
    ValueError
        When an efficiency is not above 0 and at most 1, a capacity not above 0, or the level not between 0 and 1.
    """
    n0, p, ce = (np.asarray(value, float) for value in (reservoir, capacity, efficiency))
    _refuse(p, ce)
    if not 0 < level < 1:
        raise ValueError(f"level {level}: a share of the capacity between 0 and 1, such as 0.8")
    with np.errstate(divide="ignore", invalid="ignore"):
        exhausted: FloatArray = np.where(ce == 1, np.where(n0 >= 0, np.inf, np.nan), n0 / (p * (1 - ce)))
        afterwards: FloatArray = np.where(ce == 1, np.inf, np.log(level) / np.log(ce)) + 0 * exhausted
    afterwards = np.where(np.isinf(exhausted), np.inf, afterwards)
    return EndOfLife(exhausted, afterwards, exhausted + afterwards)


def end_of_life_band(
    reservoir: Interval, capacity: Interval, efficiency: Interval, level: float = END_OF_LIFE
) -> tuple[EndOfLife, EndOfLife]:
    """Earliest and latest :func:`end_of_life` when each quantity is only known to lie between two values (low, high).

    The life grows with the reservoir and the efficiency and falls with the capacity, so that its extremes lie at the
    ends of the intervals.
    """
    earliest = end_of_life(reservoir[0], capacity[1], efficiency[0], level)
    return earliest, end_of_life(reservoir[1], capacity[0], efficiency[1], level)


def course(reservoir: npt.ArrayLike, capacity: npt.ArrayLike, efficiency: npt.ArrayLike, cycles: int) -> Course:
    """The ledger cycle by cycle, for all combinations of arrays that broadcast.

    Parameters
    ----------
    reservoir, capacity, efficiency
        N0, P [mA h cm-2] and CE of lithium; they broadcast against each other.
    cycles
        How many.

    Returns
    -------
    Course
        ``cycle`` 1, 2, ..., ``capacity`` of the discharge and ``excess`` after it, along a further, last axis. All
        lithium that is left falls by P (1 - CE) in each cycle as long as there is more than P, and by CE afterwards.

    Raises
    ------
    ValueError
        As :func:`end_of_life`.
    """
    n0, p, ce = np.broadcast_arrays(
        *(np.asarray(value, float)[..., None] for value in (reservoir, capacity, efficiency))
    )
    _refuse(p, ce)
    cycle = np.arange(1, cycles + 1)
    loss = p * (1 - ce)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.where(loss > 0, np.floor(n0 / loss), np.inf)  # cycles that the excess pays for
    paid = np.minimum(cycle, whole)
    left = n0 + p - np.where(loss > 0, paid, 0) * loss
    # the cycle that the excess pays in part ends with less than P; only then does each cost a share of what is left
    beyond = np.maximum(cycle - paid, 0)
    first = np.where(beyond > 0, left - loss, left)
    total = first * ce ** np.maximum(beyond - 1, 0)
    discharged = np.minimum(p, total)
    return Course(cycle, np.maximum(total - discharged, 0.0), discharged)


def efficiency_product(efficiency: npt.ArrayLike, cycles: npt.ArrayLike) -> FloatArray:
    """What a cell without excess lithium keeps of its capacity after so many cycles: CE to their power."""
    found: FloatArray = np.asarray(efficiency, float) ** np.asarray(cycles, float)
    return found


def efficiency_needed(retention: npt.ArrayLike, cycles: npt.ArrayLike) -> FloatArray:
    """Mean efficiency with which a cell without excess lithium would keep so much: the root of the retention."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = np.asarray(retention, float) ** (1.0 / np.asarray(cycles, float))
    return found


def charge_missing(efficiency: npt.ArrayLike, cycles: npt.ArrayLike, capacity: npt.ArrayLike) -> FloatArray:
    """Charge that did not come back over so many cycles [mA h cm-2]: n (1 - CE) P."""
    found: FloatArray = np.asarray(cycles, float) * (1 - np.asarray(efficiency, float)) * np.asarray(capacity, float)
    return found


def _refuse(capacity: FloatArray, efficiency: FloatArray) -> None:
    if bool(((efficiency <= 0) | (efficiency > 1)).any()):
        raise ValueError("efficiency: above 0 and at most 1, such as 0.995; not in percent")
    if bool((capacity <= 0).any()):
        raise ValueError("capacity: above 0, in mA h cm-2")


__all__ = [
    "CAPACITY_PER_UM",
    "DENSITY",
    "END_OF_LIFE",
    "FARADAY",
    "MOLAR_MASS",
    "SPECIFIC_CAPACITY",
    "Course",
    "EndOfLife",
    "charge_missing",
    "course",
    "efficiency_needed",
    "efficiency_product",
    "end_of_life",
    "end_of_life_band",
    "lithium_capacity",
    "lithium_thickness",
    "lowest_efficiency",
    "lowest_efficiency_strict",
]
