"""Coulombic efficiency of lithium on copper, by each protocol: what is divided by what, and how well it is known.

All charges are positive and in one unit, whichever; arrays are taken element by element. A common error of all charges
(the gain of one current range) cancels in every formula. What is left are independent relative errors of the different
charges of a test: of the reservoir, of the charge that is cycled, and of the last stripping.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

CHARGE_ERROR = 1e-3
"""Relative standard error of a charge, taken for granted unless something else is said."""

DEFINITIONS: dict[str, str] = {
    "galvanostatic": "Q_strip / Q_plate of a cycle, each stripping to a cut-off voltage; mean over the cycles used",
    "reservoir": (
        "1 - Q_T / (N Q_c): a reservoir Q_T lasts for N cycles of Q_c; N Q_c is all charge stripped after it, "
        "so the last, incomplete cycle counts by its part"
    ),
    "modified": (
        "(n Q_c + Q_s) / (n Q_c + Q_T): of a reservoir Q_T, Q_s is left after n cycles of Q_c; "
        "conditioning cycles before it are excluded"
    ),
}
"""Coulombic efficiency by protocol."""


def galvanostatic_efficiency(stripped: npt.ArrayLike, plated: npt.ArrayLike) -> FloatArray:
    """Q_strip / Q_plate of one cycle."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = np.asarray(stripped, float) / np.asarray(plated, float)
    return found


def galvanostatic_stderr(efficiency: npt.ArrayLike, charge_error: float = CHARGE_ERROR) -> FloatArray:
    """Standard error of Q_strip / Q_plate: √2 times that of either charge."""
    found: FloatArray = np.abs(np.asarray(efficiency, float)) * charge_error * np.sqrt(2)
    return found


def reservoir_efficiency(reservoir: npt.ArrayLike, cycled: npt.ArrayLike, cycles: npt.ArrayLike) -> FloatArray:
    """1 - Q_T / (N Q_c): the reservoir is lost in N cycles, 1 - CE of Q_c in each.

    After D. Aurbach, Y. Gofer and J. Langzam, J. Electrochem. Soc. 136 (1989) 3198 (cited from memory). Also the
    efficiency of a test by the modified protocol whose reservoir is used up in cycle N, before the last one.

    Parameters
    ----------
    reservoir
        Q_T, plated before the first cycle.
    cycled
        Q_c, stripped and plated again in each cycle.
    cycles
        N, until the reservoir was used up. It need not be whole.

    Returns
    -------
    ndarray
        Efficiency; below 0 where less was cycled than was plated at first, for which the formula is not made.

    Notes
    -----
    The formula counts the whole reservoir as lost, although the last stripping takes up to Q_c of it. So it is too low
    against the balance of all charges, (N Q_c) / (Q_T + (N - 1) Q_c), by about (1 - CE) Q_c / (Q_T - Q_c): 0.944
    against 0.960 for Q_T = 4 Q_c.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share: FloatArray = np.asarray(reservoir, float) / (np.asarray(cycles, float) * np.asarray(cycled, float))
    return 1.0 - share


def reservoir_stderr(efficiency: npt.ArrayLike, charge_error: float = CHARGE_ERROR) -> FloatArray:
    """Standard error of 1 - Q_T / (N Q_c), Q_T and Q_c each with the same relative error."""
    found: FloatArray = np.abs(1.0 - np.asarray(efficiency, float)) * charge_error * np.sqrt(2)
    return found


def modified_efficiency(
    reservoir: npt.ArrayLike, cycled: npt.ArrayLike, cycles: npt.ArrayLike, left: npt.ArrayLike
) -> FloatArray:
    """(n Q_c + Q_s) / (n Q_c + Q_T): all that was stripped over all that was plated after the conditioning.

    B. D. Adams, J. Zheng, X. Ren, W. Xu and J.-G. Zhang, Adv. Energy Mater. 8 (2018) 1702097.

    Parameters
    ----------
    reservoir
        Q_T, plated before the first cycle.
    cycled
        Q_c, stripped and plated again in each cycle.
    cycles
        n.
    left
        Q_s, stripped at the end.

    Returns
    -------
    ndarray
        Efficiency; above 1 where more is left than there was.
    """
    through, left, reservoir = _through(cycled, cycles), np.asarray(left, float), np.asarray(reservoir, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = (through + left) / (through + reservoir)
    return found


def modified_stderr(
    reservoir: npt.ArrayLike,
    cycled: npt.ArrayLike,
    cycles: npt.ArrayLike,
    left: npt.ArrayLike,
    charge_error: float = CHARGE_ERROR,
) -> FloatArray:
    """Standard error of :func:`modified_efficiency`, first order in independent relative errors of Q_T, Q_c and Q_s.

    The n charges Q_c are passed with the same current for the same time, so they share one error; it nearly cancels.
    """
    through, left, reservoir = _through(cycled, cycles), np.asarray(left, float), np.asarray(reservoir, float)
    efficiency = modified_efficiency(reservoir, cycled, cycles, left)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.stack(np.broadcast_arrays(left, efficiency * reservoir, (1 - efficiency) * through))
        found: FloatArray = charge_error * np.sqrt((parts**2).sum(0)) / (through + reservoir)
    return found


def measurable_floor(reservoir: npt.ArrayLike, cycled: npt.ArrayLike, cycles: npt.ArrayLike) -> FloatArray:
    """Lowest efficiency with which the reservoir of the modified protocol lasts: n Q_c / (n Q_c + Q_T)."""
    return modified_efficiency(reservoir, cycled, cycles, 0.0)


def _through(cycled: npt.ArrayLike, cycles: npt.ArrayLike) -> FloatArray:
    found: FloatArray = np.asarray(cycles, float) * np.asarray(cycled, float)
    return found
