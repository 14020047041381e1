"""Traces of several cells, thinned to what is in view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from .decimate import FloatArray, ascending, envelope

POINTS_PER_CELL, POINTS_IN_ALL = 2000, 40_000
"""Points drawn of one cell at most, and of all cells together."""


@dataclass(frozen=True)
class Trace:
    r"""Voltage of one cell over its whole test, held as plain arrays.

    Attributes
    ----------
    hours, volts
        Time [h] and voltage [V], as recorded.
    order
        `hours`, or what stands in for it in searches where the clock of the file runs backwards.
    highest
        Largest \|V\| [V].
    """

    hours: FloatArray
    volts: FloatArray
    order: FloatArray
    highest: float

    @classmethod
    def of(cls, points: xr.Dataset) -> Trace:
        """Read the trace of a cell, once."""
        hours = np.asarray(points["time"].values, float) / 3600.0
        volts = np.asarray(points["voltage"].values, float)
        highest = max(np.fmax.reduce(volts, initial=0.0), -np.fmin.reduce(volts, initial=0.0))
        return cls(hours, volts, ascending(hours), float(highest))


def _span(traces: Iterable[Trace]) -> tuple[float, float]:
    """Time from the first point of any trace to the last [h], and a little more; one hour where there is none."""
    edges = [(float(trace.order[0]), float(trace.order[-1])) for trace in traces if len(trace.order)]
    if not edges:
        return 0.0, 1.0
    first, last = min(first for first, _ in edges), max(last for _, last in edges)
    space = 0.01 * (last - first) or 1.0
    return first - space, last + space


def joined(pieces: Sequence[Sequence[FloatArray]], names: Sequence[str], **dims: Sequence[str]) -> xr.Dataset:
    """Lay pieces of traces end to end, addressed by ``point_start`` and ``point_count`` as in the model.

    Parameters
    ----------
    pieces
        Each one array per name, all of the same length.
    names
        What the arrays are.
    **dims
        The dimensions that count the pieces, the last one fastest, and their coordinates.
    """
    counts = np.array([len(piece[0]) for piece in pieces], np.int64)
    columns = {
        name: ("point", np.concatenate([piece[column] for piece in pieces] or [np.zeros(0)]))
        for column, name in enumerate(names)
    }
    shape = [len(coordinate) for coordinate in dims.values()]
    starts = (np.cumsum(counts) - counts).reshape(shape)
    addresses = {"point_start": (tuple(dims), starts), "point_count": (tuple(dims), counts.reshape(shape))}
    return xr.Dataset({**columns, **addresses}, coords={name: list(values) for name, values in dims.items()})


def thinned(
    traces: Mapping[str, Trace], window: tuple[float, float] | None = None, points: int | None = None
) -> xr.Dataset:
    r"""What is to be drawn of whole traces.

    Parameters
    ----------
    traces
        By name of the cell.
    window
        Time in view [h]; all of it when left out.
    points
        How many to draw of each cell at most; by their number when left out.

    Returns
    -------
    Dataset
        ``time`` [h] and ``voltage`` [V] (point) of all cells, one after the other, with ``point_start`` and
        ``point_count`` (cell). Attributes: ``window``, the time in view [h], ``span``, that of the whole traces, and
        ``highest``, their largest \|V\| [V].
    """
    if points is None:
        points = min(POINTS_PER_CELL, POINTS_IN_ALL // max(len(traces), 1))
    pieces = []
    for trace in traces.values():
        chosen = envelope(trace.order, trace.volts, points, window)
        pieces.append((trace.hours[chosen], trace.volts[chosen]))
    found = joined(pieces, ("time", "voltage"), cell=list(traces))
    found["time"].attrs = {"units": "h", "long_name": "time"}
    found["voltage"].attrs = {"units": "V", "long_name": "cell voltage"}
    highest = max((trace.highest for trace in traces.values()), default=0.0)
    whole = _span(traces.values())
    return found.assign_attrs(window=window or whole, span=whole, highest=highest)
