"""Galvanostatic tests of Li||Cu cells: which cycles count, where a soft short or death begins, and the mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...model.reductions import row_median
from . import formulas
from .protocol import Charges
from .words import AFTER_DEATH, AFTER_SHORT, CUT_STRIPPING, LEFT_OUT, SHORT_PLATING, USED

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

OVER = 1.002
_DEAD_BELOW, _DEAD_FOR = 0.8, 2


def used_cycles(of: Charges, ratio: FloatArray, excluded: BoolArray, number: IntArray) -> dict[str, Any]:
    """Which cycles are in the mean of a galvanostatic test, and where a soft short or death begins."""
    unfinished = of.paired & ~of.reached
    before = np.zeros_like(unfinished)
    before[:, 1:] = unfinished[:, :-1] & (ratio[:, :-1] < 1)
    over = of.paired & (ratio > OVER) & ~before
    shorted = np.where(over.sum(1) >= 2, over.argmax(1), ratio.shape[1])
    poor = of.paired & (ratio < _DEAD_BELOW * _usual(np.where(of.paired, ratio, np.nan))[:, None])
    place = np.arange(ratio.shape[1])
    # a poor beginning is no death: only what a cell ends with
    poor &= place > np.where(of.paired & ~poor, place, -1).max(1, initial=-1)[:, None]
    dead = np.where(poor.sum(1) >= _DEAD_FOR, poor.argmax(1), ratio.shape[1])
    use = np.select(
        [
            ~of.paired,
            excluded,
            place >= shorted[:, None],
            place >= dead[:, None],
            of.short_plating,
            unfinished | before,
        ],
        [-1, LEFT_OUT, AFTER_SHORT, AFTER_DEATH, SHORT_PLATING, CUT_STRIPPING],
        USED,
    )
    return {"use": use, "soft_short_cycle": _at(number, shorted), "dead_cycle": _at(number, dead)}


def _usual(ratio: FloatArray) -> FloatArray:
    """90th percentile of the efficiencies of each cell, those above 1 counted as 1: what it had while it lived."""
    order, known = np.sort(np.minimum(ratio, 1.0), axis=1), np.isfinite(ratio).sum(1)
    place = np.floor(0.9 * np.maximum(known - 1, 0)).astype(np.int64)
    found: FloatArray = order[np.arange(len(order)), place]
    return found


def _at(number: IntArray, place: IntArray) -> FloatArray:
    """Number of a cycle, NaN beyond the last."""
    found: FloatArray = np.append(number.astype(float), np.nan)[place]
    return found


def mean_of_cycles(ratio: FloatArray, used: BoolArray, charge_error: float) -> dict[str, Any]:
    """Mean over the cycles used, of every cell, whatever its protocol."""
    count = used.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(used, ratio, 0.0).sum(1) / count
        sd = np.sqrt(np.where(used, (ratio - mean[:, None]) ** 2, 0.0).sum(1) / (count - 1))
        sd = np.where(count > 1, sd, np.nan)
        scatter = np.nan_to_num(sd) / np.sqrt(count)
    return {
        "coulombic_efficiency": mean,
        "coulombic_efficiency_stderr": np.hypot(scatter, formulas.galvanostatic_stderr(mean, charge_error)),
        "coulombic_efficiency_low": np.full(len(mean), np.nan),
        "median": row_median(np.where(used, ratio, np.nan)),
        "sd": sd,
        "cycles_used": count.astype(float),
    }
