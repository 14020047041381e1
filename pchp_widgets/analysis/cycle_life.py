"""Lives of full and Li||Cu cells by every criterion, shaped as the life of symmetric cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from .coulombic.formulas import DEFINITIONS
from .cycling import cycle_at
from .life import CENSORED, FAILED, UNDECIDED

FloatArray = npt.NDArray[np.float64]


def fading(found: xr.Dataset, kept: xr.Dataset, level: float = 0.8) -> xr.Dataset:
    """Life of full cells: until the retention reaches a level.

    Parameters
    ----------
    found, kept
        As given by :func:`~.cycling.per_cycle` and, of the same cells, :func:`~.cycling.retention`.
    level
        Retention at the end of life.

    Returns
    -------
    Dataset
        (cell, criterion) with the one criterion ``retention``: ``cycle`` (interpolated), ``time`` [s] and ``observed``
        as for :func:`.symmetric.life`.

    Raises
    ------
    ValueError
        When the level is not between 0 and 1.
    """
    end = cycle_at(kept, level)
    text = f"{kept.attrs.get('of', 'capacity').replace('_', ' ')} down to {100 * level:g} % of that of the reference"
    return _lives(found, {"retention": (end["cycle"].values, end["observed"].values, text)})


def plating_and_stripping(found: xr.Dataset, time_start: xr.DataArray) -> xr.Dataset:
    """Life of Li||Cu cells in a galvanostatic test: until the soft short, until the efficiency collapses.

    Of a test of another protocol no life is known: it is over before that.

    Parameters
    ----------
    found
        As given by :func:`~.coulombic.efficiency`.
    time_start
        When each cycle of the same cells began (cell, cycle) [s].

    Returns
    -------
    Dataset
        (cell, criterion) with the criteria ``soft_short`` and ``dead``, otherwise as :func:`fading`; undecided,
        with the cycle NaN, where the test was not galvanostatic.
    """
    cycles = found["cycle"].values.astype(float)
    present = np.isfinite(found["cycle_efficiency"].transpose("cell", "cycle").values)
    last = np.where(present, cycles, -np.inf).max(1, initial=-np.inf)
    # not by the name of the protocol, which the cells may have as metadata, too
    tested = (found["definition_used"].values == DEFINITIONS["galvanostatic"]) & np.isfinite(last)
    columns = {}
    for name in ("soft_short", "dead"):
        fired = found[f"{name}_cycle"].values.astype(float)
        failed = np.isfinite(fired)
        observed = np.where(failed, FAILED, np.where(tested, CENSORED, UNDECIDED))
        cycle = np.where(failed, fired, np.where(tested, last, np.nan))
        columns[name] = (cycle, observed, str(found[f"{name}_cycle"].attrs["definition"]))
    return _lives(found.assign(time_start=time_start), columns)


def _lives(found: xr.Dataset, columns: Mapping[str, tuple[FloatArray, npt.NDArray[Any], str]]) -> xr.Dataset:
    """Ends by criterion, with the time at which each cycle, or part of one, began."""
    start = found["time_start"].transpose("cell", "cycle").values
    dims, number = ("cell", "criterion"), {"units": "1", "long_name": "cycle of failure, or last cycle where censored"}
    clock = {"units": "s", "long_name": "when that cycle began, linearly between two"}
    flags = {"flag_values": [-1, 0, 1], "flag_meanings": "undecided censored failed"}
    cycle = np.stack([column[0] for column in columns.values()], axis=1)
    time = np.stack([_begin(start, found["cycle"].values, column[0]) for column in columns.values()], axis=1)
    observed = np.stack([column[1] for column in columns.values()], axis=1).astype(np.int8)
    coords = {name: value for name, value in found.coords.items() if value.dims == ("cell",)}
    said = ("criterion", [column[2] for column in columns.values()])
    return xr.Dataset(
        {"cycle": (dims, cycle, number), "time": (dims, time, clock), "observed": (dims, observed, flags)},
        {**coords, "criterion": list(columns), "definition": said},
    )


def _begin(start: FloatArray, cycles: npt.NDArray[Any], at: FloatArray) -> FloatArray:
    """When a cycle began; of 123.4 that is 40 % of the way from the beginning of 123 to that of 124."""
    place = np.clip(np.searchsorted(cycles, np.nan_to_num(at, nan=cycles[0]), side="right") - 1, 0, len(cycles) - 1)
    after, rows = np.minimum(place + 1, len(cycles) - 1), np.arange(len(start))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (at - cycles[place]) / (cycles[after] - cycles[place])
    between = start[rows, place] + share * (start[rows, after] - start[rows, place])
    return np.where(np.isnan(at), np.nan, np.where(at == cycles[place], start[rows, place], between))
