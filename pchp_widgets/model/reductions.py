"""What every analysis of a whole study does first: tell the steps that pass charge, add them up, take medians."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from .schema import IDLE_MODES

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def active_steps(steps: xr.Dataset) -> tuple[BoolArray, BoolArray]:
    """Which steps pass charge on purpose: those of the charge, and those of the discharge."""
    mode, charge = steps["mode"].values, steps["charge"].values
    active = (mode >= 0) & ~np.isin(mode, IDLE_MODES)
    return active & (charge > 0), active & (charge < 0)


def over_steps(ufunc: np.ufunc, values: npt.NDArray[Any], member: BoolArray, idle: float) -> FloatArray:
    """Reduce the last axis over the members; `idle` where there is none.

    It goes step by step, because numpy is slow along an axis of three or four.
    """
    found = np.full(values.shape[:-1], float(idle))
    for step in range(values.shape[-1]):
        ufunc(found, values[..., step], out=found, where=member[..., step])
    return found


def any_step(member: BoolArray) -> BoolArray:
    """Where the last axis has a member, step by step as :func:`over_steps`."""
    found: BoolArray = reduce(np.logical_or, np.moveaxis(member, -1, 0), np.zeros(member.shape[:-1], bool))
    return found


def row_median(values: FloatArray) -> FloatArray:
    """Median of what is known in each row; NaN where nothing is."""
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    order, known = np.sort(values, axis=1), np.isfinite(values).sum(1)  # NaN comes last
    rows, last = np.arange(len(values)), values.shape[1] - 1
    low, high = order[rows, np.maximum(known - 1, 0) // 2], order[rows, np.minimum(known // 2, last)]
    return np.where(known > 0, (low + high) / 2, np.nan)
