"""The temperature program of a calorimeter, from the file's own marks and the turning points of the temperature."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]

KINDS = ("isothermal", "heating", "cooling")
"""Meanings of the variable ``kind`` 0, 1, 2; -1 pads."""

_LEAST_REVERSAL, _REVERSAL = 3.0, 0.05  # K, share of the range
_LEAST_HOLD, _TOUCH = 3.0, 0.5  # times the ramp's time across the tolerance; K
_COARSE = 2000


class _Leg(NamedTuple):
    kind: int
    start: int
    stop: int


def segments(data: xr.Dataset) -> xr.Dataset:
    """Segments of the program of every sample.

    A mark of the file's own (``segment``) always divides. Between marks the program turns where the temperature turns
    by more than 3 K or 5 % of its range, and holds where it stays within 0.5 K (1 % of a longer ramp) of a turning
    point for three times as long as the ramp needs to cross that. The slope of the temperature is not used: it is not
    the program's while a sample melts. A hold between two ramps of one direction is found where the file marks it.

    Parameters
    ----------
    data
        Measurement of technique ``thermal``: ``temperature`` [degC] and ``time`` [s] along (sample, point).

    Returns
    -------
    Dataset (sample, segment)
        ``kind`` (:data:`KINDS`), ``run`` (``"heating 2"``: the second heating), ``rate`` [K min-1] (end minus start
        over the time), ``temperature_start`` and ``temperature_end`` [degC], ``time_start`` and ``time_end`` [s],
        ``point_start`` and ``point_count``.
    """
    temperature, time = data["temperature"].values, data["time"].values
    marks = data["segment"].values if "segment" in data else np.full(temperature.shape, -1.0)
    marks = np.where(np.isfinite(marks), marks, -1.0)  # beside a file with marks, one without has NaN
    each = [_legs(*row) for row in zip(temperature, time, marks, strict=True)]
    most = max((len(legs) for legs in each), default=0)
    numbers = np.full((7, len(each), most), np.nan)
    kind, run = np.full((len(each), most), -1), np.full((len(each), most), "", dtype="U16")
    for row, legs in enumerate(each):
        count = dict.fromkeys(range(3), 0)
        for place, leg in enumerate(legs):
            count[leg.kind] += 1
            kind[row, place], run[row, place] = leg.kind, f"{KINDS[leg.kind]} {count[leg.kind]}"
            last = leg.stop - 1
            ends = temperature[row, [leg.start, last]], time[row, [leg.start, last]]
            took = ends[1][1] - ends[1][0]
            rate = (ends[0][1] - ends[0][0]) / took * 60 if took > 0 and leg.kind else 0.0
            numbers[:, row, place] = [rate, *ends[0], *ends[1], leg.start, leg.stop - leg.start]
    dims = ("sample", "segment")
    variables = {
        name: (dims, values, {"units": units, "long_name": said})
        for values, (name, units, said) in zip(numbers, _NUMBERS, strict=True)
    }
    for name in ("point_start", "point_count"):
        variables[name] = (dims, np.nan_to_num(variables[name][1], nan=0).astype(int), variables[name][2])
    meanings = {"flag_values": [0, 1, 2], "flag_meanings": " ".join(KINDS), "long_name": "kind of segment"}
    return xr.Dataset(
        {"kind": (dims, kind, meanings), "run": (dims, run, {"long_name": "name of the segment"}), **variables},
        {"sample": data["sample"].values},
    )


_NUMBERS = (
    ("rate", "K min-1", "rate of the program"),
    ("temperature_start", "degC", "temperature at the start"),
    ("temperature_end", "degC", "temperature at the end"),
    ("time_start", "s", "time at the start"),
    ("time_end", "s", "time at the end"),
    ("point_start", "1", "first point"),
    ("point_count", "1", "number of points"),
)


def _legs(temperature: FloatArray, time: FloatArray, marks: FloatArray) -> list[_Leg]:
    """Segments of one sample, in order."""
    whole = np.flatnonzero(np.isfinite(temperature) & np.isfinite(time))
    if len(whole) < 3:
        return []
    end = int(whole[-1]) + 1
    cuts = np.flatnonzero(np.diff(marks[:end]) != 0) + 1
    edges = [0, *cuts.tolist(), end]
    span = float(np.ptp(temperature[whole]))
    return [
        _Leg(leg.kind, leg.start + start, leg.stop + start)
        for start, stop in pairwise(edges)
        if stop - start > 2
        for leg in _between_marks(temperature[start:stop], time[start:stop], span)
    ]


def _between_marks(temperature: FloatArray, time: FloatArray, span: float) -> list[_Leg]:
    turns = _turns(temperature, max(_LEAST_REVERSAL, _REVERSAL * span))
    if len(turns) == 2 and abs(temperature[turns[1]] - temperature[turns[0]]) < _LEAST_REVERSAL:
        return [_Leg(0, 0, len(temperature))]
    ramps = [_ramp(temperature, first, last) for first, last in pairwise(turns)]
    found: list[_Leg] = []
    edge = 0
    for ramp in ramps:
        rate = abs(np.ptp(temperature[[ramp.start, ramp.stop - 1]])) / max(time[ramp.stop - 1] - time[ramp.start], 1e-9)
        patience = _LEAST_HOLD * 2 * _tolerance(temperature, ramp.start, ramp.stop - 1) / max(rate, 1e-9)
        start = ramp.start
        if time[start] - time[edge] > patience:
            found.append(_Leg(0, edge, start))
        elif found and found[-1].kind:
            start = _extreme(temperature, edge, start, up=ramp.kind == 2)
            found[-1] = found[-1]._replace(stop=start)
        else:
            start = edge
        found.append(_Leg(ramp.kind, start, ramp.stop))
        edge = ramp.stop
    last = found[-1]
    held = time[len(time) - 1] - time[edge - 1]
    if held > 0.05 * (time[last.stop - 1] - time[last.start]):
        return [*found, _Leg(0, edge, len(temperature))] if len(temperature) - edge > 2 else found
    return [*found[:-1], last._replace(stop=len(temperature))]


def _extreme(temperature: FloatArray, start: int, stop: int, *, up: bool) -> int:
    part = temperature[start : stop + 1]
    return start + int(np.nanargmax(part) if up else np.nanargmin(part))


def _tolerance(temperature: FloatArray, first: int, last: int) -> float:
    return max(_TOUCH, 0.01 * abs(float(temperature[last] - temperature[first])))


def _ramp(temperature: FloatArray, first: int, last: int) -> _Leg:
    """From the last point near one turning point to the first near the next."""
    part, tolerance = temperature[first : last + 1], _tolerance(temperature, first, last)
    near_start = np.flatnonzero(np.abs(part - part[0]) < tolerance)
    near_end = np.flatnonzero(np.abs(part - part[-1]) < tolerance)
    start = int(near_start[near_start < near_end[0]][-1]) if near_end[0] > 0 else 0
    return _Leg(1 if part[-1] > part[0] else 2, first + start, first + int(near_end[0]) + 1)


def _turns(temperature: FloatArray, reversal: float) -> list[int]:
    """First point, turning points that are followed by a change of at least `reversal`, last point."""
    stride = max(1, len(temperature) // _COARSE)
    coarse = temperature[::stride]
    turns, low, high, direction = [0], 0, 0, 0
    for place in range(1, len(coarse)):
        value = coarse[place]
        if value > coarse[high]:
            high = place
        if value < coarse[low]:
            low = place
        if direction >= 0 and coarse[high] - value >= reversal:
            if direction:
                turns.append(high * stride)
            direction, low, high = -1, place, place
        elif direction <= 0 and value - coarse[low] >= reversal:
            if direction:
                turns.append(low * stride)
            direction, low, high = 1, place, place
    return [*turns, len(temperature) - 1]
