"""Pieces that several figures are made of: what a mark says of its cell, the band of the selected cycle, ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from .picture import Bands
from .theme import Look

FloatArray = npt.NDArray[np.float64]
Looks = Mapping[str, Look]
Rows = dict[str, npt.NDArray[Any]]

REPLICATES = ("each", "mean")
"""Every cell by itself, or the mean of each coating with its standard deviation."""

CURVE = ("curve", "coating", "color", "marker")
"""What a mark says of the curve it belongs to."""


def texts(values: Iterable[object]) -> npt.NDArray[Any]:
    """Texts as a column of rows."""
    return np.array([str(value) for value in values], object)


def cell_rows(names: Iterable[object], looks: Looks) -> Rows:
    """What every line says of its cell, a row per name."""
    cells = [str(name) for name in names]
    columns: dict[str, Sequence[str]] = {
        "cell": cells,
        "coating": [looks[name].coating for name in cells],
        "color": [looks[name].color for name in cells],
        "marker": [looks[name].marker for name in cells],
    }
    return {name: np.array(column, object) for name, column in columns.items()}


def curve_rows(curves: xr.Dataset) -> Rows:
    """What every line says of its curve: of a cell, or of the mean of some."""
    return {name: texts(curves[name].values) for name in CURVE}


def merged_bands(start: FloatArray, stop: FloatArray) -> Bands:
    """The selected cycle along an axis; where several cells overlap in time their bands become one."""
    known = np.isfinite(start) & np.isfinite(stop)
    start, stop = np.sort(start[known]), np.sort(stop[known])
    # in sorted order, a gap opens exactly where as many cells have stopped as have started
    apart = start[1:] > stop[:-1]
    return Bands(start[np.append(True, apart)[: len(start)]], stop[np.append(apart, True)[: len(stop)]])


def cycle_band(cycle: float) -> Bands:
    """The selected cycle on an axis of cycles whose marks fill theirs."""
    return Bands(np.array([cycle - 0.5]), np.array([cycle + 0.5]))


def padded(values: FloatArray, share: float = 0.02, least: float = 0.5) -> tuple[float, float]:
    """Range of values with some space on both sides, so that the outermost marks are whole.

    Parameters
    ----------
    values
        Numbers; what is not known does not count.
    share
        The space, as a part of their range.
    least
        The space where there is but one value.
    """
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    space = share * (high - low) or least
    return low - space, high + space


def from_zero(known: FloatArray) -> tuple[float, float]:
    """Limits from zero, or below it, to a round number above all values.

    They stay while a range is dragged: new ones cost a layout of the page.
    """
    if not known.size:
        return 0.0, 1.0
    low, high = min(0.0, 1.1 * float(known.min())), 1.1 * max(float(known.max()), 1e-3)
    step = 10 ** np.floor(np.log10(high)) / 2
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)
