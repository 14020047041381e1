"""Where a cell ran out of lithium, told from its capacity and its efficiency."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._cycling import FloatArray, IntArray, last_before

BoolArray = npt.NDArray[np.bool_]

UNDECIDED, NOT_YET, RAN_OUT = -1, 0, 1

_WINDOW = 10
_AT_LEAST, _AT_MOST = 0.5, 2.0
_FEWEST = 5
"""Windows up to the end of the test."""


def run_out(
    retention: FloatArray, efficiency: FloatArray, share: FloatArray, last: IntArray, charge_opens: BoolArray
) -> tuple[IntArray, npt.NDArray[np.int8]]:
    """Column at which each cell ran out of lithium, or its last one, and whether it did.

    Parameters
    ----------
    retention
        (cell, cycle), NaN where a cycle does not count.
    efficiency
        Discharge over charge capacity, (cell, cycle).
    share
        Reservoir over all that was plated so far, (cell, cycle): what each cycle would lose if it were just used up.
    last
        Last column of each cell.
    charge_opens
        Which cells begin their cycles with a charge: only there is their efficiency that of lithium.
    """
    rows, width = np.arange(len(retention)), retention.shape[1]
    observed = np.where(np.isfinite(share).any(1), NOT_YET, UNDECIDED).astype(np.int8)
    if width <= _WINDOW + _FEWEST:
        return last, observed
    capacity = _held(retention)
    with np.errstate(divide="ignore", invalid="ignore"):
        fade = -np.log(capacity[:, _WINDOW:] / capacity[:, :-_WINDOW]) / _WINDOW
        expected = np.where(share < 1, -np.log1p(-np.minimum(share, 1 - 1e-12)), np.inf)[:, :-_WINDOW]
        loss = _mean_ahead(1 - efficiency)
        both = (fade >= _AT_LEAST * expected) & ((loss >= _AT_LEAST * expected) | ~charge_opens[:, None])
    beyond = np.arange(both.shape[1]) > (last - _WINDOW)[:, None]
    begin = both.shape[1] - np.argmax((~(both | beyond))[:, ::-1], axis=1)
    begin = np.where((both | beyond).all(1), 0, begin)
    lasts = (last - _WINDOW + 1 - begin) >= _FEWEST
    place = np.minimum(begin + _WINDOW // 2, last)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_fade = -np.log(capacity[rows, last] / capacity[rows, place]) / (last - place)
        explained = mean_fade <= _AT_MOST * expected[rows, np.minimum(place, expected.shape[1] - 1)]
    observed = np.where(lasts & (observed == NOT_YET), np.where(explained, RAN_OUT, UNDECIDED), observed)
    return np.where(observed == RAN_OUT, place, last), observed.astype(np.int8)


def _held(values: FloatArray) -> FloatArray:
    """Each value, or the last known one where it is not."""
    before = last_before(np.isfinite(values))
    rows = np.arange(len(values))[:, None]
    earlier = np.where(before >= 0, values[rows, np.maximum(before, 0)], np.nan)
    return np.where(np.isfinite(values), values, earlier)


def _mean_ahead(values: FloatArray) -> FloatArray:
    """Mean of what is known of each value and those of the window that follow."""
    known = np.isfinite(values)
    sums, counts = (
        np.cumsum(np.pad(one, ((0, 0), (1, 0))), axis=1) for one in (np.where(known, values, 0.0), known.astype(float))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = (sums[:, _WINDOW:-1] - sums[:, : -_WINDOW - 1]) / (
            counts[:, _WINDOW:-1] - counts[:, : -_WINDOW - 1]
        )
    return found
