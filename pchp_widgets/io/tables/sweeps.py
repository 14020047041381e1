"""Where one sweep of frequencies ends and the next begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
_ORDERED = 3
_SHOWN = 3


class NoSweepError(ValueError):
    """Why the frequencies of a file are no sweeps."""


def sweep_numbers(
    frequency: npt.NDArray[np.floating],
    counters: Sequence[npt.NDArray[np.generic]] = (),
    place: npt.NDArray[np.integer] | None = None,
) -> npt.NDArray[np.int64]:
    """Number (0, 1, ...) of the sweep each point belongs to.

    A sweep begins where a counter of the instrument changes, after rows that are no impedance, and where the frequency
    turns back or stands still: inside a sweep it runs one way.

    Parameters
    ----------
    frequency
        [Hz], in the order of the file.
    counters
        The instrument's own counts at each point: cycle, loop, sequence.
    place
        Row of each point in the file, where not all rows are points of impedance.
    """
    if not len(frequency):
        return np.zeros(0, np.int64)
    begins = np.zeros(len(frequency) - 1, bool) if place is None else np.diff(place) > 1
    for counter in counters:
        begins |= counter[1:] != counter[:-1]
    turns = np.sign(np.diff(frequency))
    direction = 0.0
    for row, (turn, begin) in enumerate(zip(turns.tolist(), begins.tolist(), strict=True)):
        if begin or turn == 0 or (direction and turn != direction):
            begins[row] = True
            direction = 0.0
        else:
            direction = turn
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(begins)])


def sweep_doubts(frequency: FloatArray, number: npt.NDArray[np.int64]) -> list[str]:
    """What is odd about the sweeps of a file, as sentences.

    Parameters
    ----------
    frequency
        [Hz]
    number
        As :func:`sweep_numbers` gives it.

    Raises
    ------
    NoSweepError
        When the frequencies are in no order, or there is but one.
    """
    points = np.bincount(number)
    if len(frequency) > 1 and not np.ptp(frequency):
        raise NoSweepError(f"all {len(frequency)} points are at {frequency[0]:.6g} Hz: that is no spectrum")
    if len(points) > 1 and np.median(points) < _ORDERED:
        raise NoSweepError(
            f"the frequencies are in no order: they turn {len(points) - 1} times in {len(frequency)} points, so which"
            " point belongs to which spectrum is not known. Sort each spectrum by its frequency"
        )
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    grids: dict[bytes, int] = {}
    for start, count in zip(starts.tolist(), points.tolist(), strict=True):
        grids.setdefault(np.sort(frequency[start : start + count]).tobytes(), start)
    if len(grids) == 1:
        return []
    listed = [
        f"{points[number[start]]} points from {frequency[start]:.6g} to"
        f" {frequency[start + points[number[start]] - 1]:.6g} Hz"
        for start in list(grids.values())[:_SHOWN]
    ]
    more = f", and {len(grids) - _SHOWN} more" if len(grids) > _SHOWN else ""
    return [f"the {len(points)} spectra are not at the same frequencies: {'; '.join(listed)}{more}"]
