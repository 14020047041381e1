"""One piece of evidence in all cells at once: whether it is there, since when, how strong, and in which units."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .falls import falls
from .pulses import FloatArray, IntArray, Units

BoolArray = npt.NDArray[np.bool_]

_PARTNERS = 3
_RUN = 3
_UNUSUAL = 1.4


class Evidence(NamedTuple):
    """Per cell ``present`` (1, 0, -1 unknown), ``start`` (index of a unit) and ``strength``, per unit ``in_force``."""

    present: IntArray
    start: IntArray
    strength: FloatArray
    in_force: BoolArray
    interval: FloatArray | None = None
    """Cycles between the spectrum and the trace, per cell, where a spectrum is compared with a later cycle."""


def fall_of(
    own: Units, values: FloatArray, *, least: float, certainty: float, both: bool = False, worth: float = 0.0
) -> Evidence:
    """A sudden, lasting fall of a quantity below the cell's own trend.

    Parameters
    ----------
    own
        The units.
    values
        The quantity, NaN where it is not known.
    least
        Relative fall that counts.
    certainty
        Standard errors that it must amount to.
    both
        Whether half of it must be seen at the next unit of the other direction too, where there is one.
    worth
        Trend below which there is nothing that could fall.
    """
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.lexsort((known, own.series[known]))]
    expected, fall, certain, here, unusual = (np.full(len(values), np.nan) for _ in range(5))
    seen = falls(values[order], own.series[order])
    expected[order], fall[order], certain[order], here[order], unusual[order] = seen
    decidable = np.isfinite(fall) & (expected >= worth)
    fired = decidable & (fall >= least) & (certain >= certainty) & (here >= fall / 2) & (unusual >= _UNUSUAL)
    if both:
        fired &= _confirmed(own, decidable & (fall >= least / 2) & (certain >= certainty / 2))
    start = first_in_cell(own, fired)
    ever = start < len(own.cell)
    present = np.where(ever, 1, np.where(_any_in_cell(own, decidable), 0, -1))
    strength = np.where(ever, np.clip(np.append(fall, np.nan)[start], 0, 1), np.nan)
    return Evidence(present, start, strength, _below_trend(own, values, expected, start, strength))


def run_below(own: Units, values: FloatArray, limit: float) -> Evidence:
    """A quantity below a limit in three units in a row; unknown where the quantity is."""
    below = values < limit
    fired = below.copy()
    for lag in range(1, _RUN):
        fired &= _ahead(own, below, lag)
    start = first_in_cell(own, fired)
    ever = start < len(own.cell)
    present = np.where(ever, 1, np.where(_any_in_cell(own, np.isfinite(values)), 0, -1))
    strength = np.where(ever, 1 - np.append(values, np.nan)[start] / limit, np.nan)
    return Evidence(present, start, strength, below & (np.arange(len(values)) >= start[own.cell]))


def first_in_cell(own: Units, fired: BoolArray) -> IntArray:
    """Index of the first unit of each cell in which something is true; the number of units where nowhere."""
    found = np.full(len(own.left_out), len(own.cell))
    place = np.flatnonzero(fired)
    np.minimum.at(found, own.cell[place], place)
    return found


def _any_in_cell(own: Units, true: BoolArray) -> BoolArray:
    return np.bincount(own.cell[true], minlength=len(own.left_out)) > 0


def _ahead(own: Units, true: BoolArray, lag: int) -> BoolArray:
    """What holds `lag` units later in the same cell."""
    found = np.zeros(len(true), bool)
    found[:-lag] = true[lag:] & (own.cell[lag:] == own.cell[:-lag])
    return found


def _confirmed(own: Units, true: BoolArray) -> BoolArray:
    """Whether it holds at the next unit of the other direction, of the next three; true where there is none."""
    confirmed, open_ = np.ones(len(true), bool), np.ones(len(true), bool)
    for lag in range(1, _PARTNERS + 1):
        other = np.zeros(len(true), bool)
        other[:-lag] = (own.cell[lag:] == own.cell[:-lag]) & (own.direction[lag:] != own.direction[:-lag])
        asked = open_ & other
        confirmed[asked] = _ahead(own, true, lag)[asked]
        open_ &= ~other
    return confirmed


def _below_trend(
    own: Units, values: FloatArray, expected: FloatArray, start: IntArray, strength: FloatArray
) -> BoolArray:
    """Units since the start in which at least half of the fall remains, judged by what each series promised then."""
    number = np.arange(len(values))
    since = number >= start[own.cell]
    count = int(own.series.max(initial=-1)) + 1
    opening = np.full(count, len(values))
    place = np.flatnonzero(since & np.isfinite(values))
    np.minimum.at(opening, own.series[place], place)
    promised = np.append(expected, np.nan)[opening][own.series]
    lower = values <= promised * (1 - strength[own.cell] / 2)
    known = since & np.isfinite(values) & np.isfinite(promised)
    last = np.maximum.accumulate(np.where(known, number, -1))
    # where a unit says nothing, the last one of the same cell that did
    carried: BoolArray = since & (last >= 0) & (own.cell[last] == own.cell) & lower[last]
    return carried
