"""Figures of Li||Cu cells: the whole test, plating and stripping of one cycle, and efficiency over the cycles.

Each is a pure function from datasets of :mod:`.coulombic_view` to a :class:`~.picture.Picture`. However many cells
there are, the number of layers is the same, so a live figure can follow any selection.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.coulombic import USED, USES
from ..model.units import pretty
from . import theme
from .coulombic_view import HALVES
from .legends import cell_entries
from .picture import Axis, Entry, Lines, Marks, Picture, Ribbons, Whiskers
from .pieces import Looks, Rows, cell_rows, merged_bands, texts

FloatArray = npt.NDArray[np.float64]

_DASHES = dict(zip(HALVES, ("dashed", "solid"), strict=True))
_DIP, _TEST = "inverted_triangle", "diamond"
_MEANS = {"each": "whole test", "mean": "mean of the tests"}
_PERCENT, _MILLI = 100.0, 1e3
_ABOVE = 1.25
_RIBBONS = 4  # single cells with a ribbon each: with more of them it is a fog
_NOTHING = 0.1  # V, the range of an empty figure


def whole_test(trace: xr.Dataset, span: xr.Dataset, limits: tuple[float, float], looks: Looks) -> Picture:
    """Voltage against time over the whole test, with the selected cycle as a band.

    Parameters
    ----------
    trace
        As given by :func:`~.traces.thinned`.
    span
        As given by :func:`~.symmetric_view.cycle_span`.
    limits
        Lowest voltage and cut-off [V]: what the figure has to show.
    looks
        By name of the cell.
    """
    low, high = limits
    space = 0.06 * (high - low)
    edges = zip(trace["point_start"].values, trace["point_count"].values, strict=True)
    pieces = [
        (trace["time"].values[start : start + count], trace["voltage"].values[start : start + count])
        for start, count in edges
    ]
    return Picture(
        Axis("time", "h"),
        Axis("cell voltage", "V"),
        [
            merged_bands(span["cycle_start"].values, span["cycle_stop"].values),
            Lines([x for x, _ in pieces], [y for _, y in pieces], cell_rows(trace["cell"].values, looks)),
        ],
        xlim=trace.attrs["window"],
        ylim=(low - space, high + space),
        legend=cell_entries([str(name) for name in trace["cell"].values], looks),
        height=230,
        home=trace.attrs["span"],
    )


def one_cycle(cycle: xr.Dataset, looks: Looks) -> Picture:
    """Plating and stripping of one cycle against capacity, with the nucleation dip and the plateau it is measured from.

    Stripping goes on to the cut-off, beyond the figure: what there is to see lies near 0 V.

    Parameters
    ----------
    cycle
        As given by :func:`~.coulombic_view.one_cycle`.
    looks
        By name of the cell.
    """
    passed = Axis(str(cycle["capacity"].attrs["long_name"]), pretty(str(cycle["capacity"].attrs["units"])))
    rows = cell_rows(cycle["cell"].values, looks)
    layers: list[Lines | Marks] = []
    depth = _NOTHING / 4
    for half in HALVES:
        x, y = _half(cycle, half)
        # the plateaus set the range: not the slope to 0 V at the beginning, nor the rise to the cut-off
        depth = max([depth, *(float(np.quantile(np.abs(one), 0.6)) for one in y if len(one))])
        tips = [("cell", "@cell"), ("", half), (passed.label, f"$x{{0.000}} {passed.units}"), ("V", "$y{0.0} mV")]
        said = {**rows, "half_cycle": np.full(len(x), half, object)}
        layers.append(Lines(x, [one * _MILLI for one in y], said, _DASHES[half], tips))
    lowest = float(np.nanmin(cycle["voltage"].values, initial=-depth))
    widest = float(np.max(cycle["capacity"].values, initial=0.0))
    return Picture(
        passed,
        Axis("cell voltage", "mV"),
        [*layers, *_plateau(cycle, rows, passed)],
        xlim=(-0.01 * widest, 1.02 * widest or 1.0),
        ylim=(_MILLI * _ABOVE * min(lowest, -depth), _MILLI * _ABOVE * 1.4 * depth),
        legend=_half_entries(cycle),
        title=f"cycle {cycle.attrs['cycle']}" + ("" if cycle.sizes["point"] else ": no points"),
    )


def efficiency(curves: xr.Dataset, cycle: int) -> Picture:
    """Coulombic efficiency of every cycle and of the whole test, with its spread; cycles left out are hollow.

    Parameters
    ----------
    curves
        As given by :func:`~.coulombic_view.curves`.
    cycle
        The selected one.
    """
    numbers = curves["cycle"].values.astype(float)
    values, use = curves["efficiency"].values * _PERCENT, curves["use"].values
    level, low, high, begin, end = (curves[name].values for name in ("level", "low", "high", "begin", "end"))
    level, low, high = level * _PERCENT, low * _PERCENT, high * _PERCENT
    rows = {name: texts(curves[name].values) for name in ("curve", "protocol", "coating", "color", "marker")}
    known = np.isfinite(level)
    span = np.stack([begin, end], axis=1)
    few = curves.attrs["replicates"] == "mean" or len(level) <= _RIBBONS
    wide = known & np.isfinite(low) & (begin < end) & few
    limits, outside = _limits(np.where(use == USED, values, np.nan), level, low, high, values)
    number = np.array([float(cycle)])[: len(level)]
    across = [np.broadcast_to(numbers, values.shape)[row] for row in range(len(values))]
    reservoir = known & (rows["protocol"] != "galvanostatic")
    beyond = f"; {outside} value{'s' * (outside != 1)} beyond this range" if outside else ""
    return Picture(
        Axis("cycle"),
        Axis("Coulombic efficiency", "%"),
        [
            merged_bands(number - 0.4, number + 0.4),
            Ribbons(
                list(span[wide]),
                [np.full(2, one) for one in low[wide]],
                [np.full(2, one) for one in high[wide]],
                {name: column[wide] for name, column in rows.items()},
                is_data=False,
            ),
            Lines(across, list(np.where(use == USED, values, np.nan)), rows, is_data=False),
            *_cycle_marks(curves, rows),
            Lines(
                list(span[known]),
                [np.full(2, one) for one in level[known]],
                {name: column[known] for name, column in rows.items()},
                "dashed",
                is_data=False,
            ),
            Whiskers(end[reservoir], low[reservoir], high[reservoir], {"color": rows["color"][reservoir]}),
            _test_marks(curves, rows, reservoir),
        ],
        xlim=(float(numbers.min(initial=1)) - 1.0, float(numbers.max(initial=1)) + 1.0),
        ylim=limits,
        legend=_efficiency_entries(curves),
        title=f"dashed: {_MEANS[str(curves.attrs['replicates'])]}{', with its spread' if few else ''}{beyond}",
    )


def _plateau(cycle: xr.Dataset, rows: Rows, passed: Axis) -> list[Lines | Marks]:
    """The dip of each cell, and the plateau from which its depth is counted."""
    plateau = cycle["plateau"].values * _MILLI
    there, dipped = np.isfinite(plateau), np.isfinite(cycle["dip"].values)
    edges = np.stack([cycle["plateau_begin"].values, cycle["plateau_end"].values], axis=1)
    tips = [
        ("cell", "@cell"),
        ("dip", f"@y{{0.0}} mV at @x{{0.000}} {passed.units}"),
        ("nucleation overpotential", "@nucleation{0.0} mV"),
    ]
    said = {name: column[dipped] for name, column in rows.items()}
    said["nucleation"] = cycle["nucleation"].values[dipped] * _MILLI
    x, y = cycle["dip_at"].values[dipped], cycle["dip"].values[dipped] * _MILLI
    ink = np.full(int(there.sum()), theme.INK, object)
    return [
        Lines(list(edges[there]), [np.full(2, one) for one in plateau[there]], {"color": ink}, is_data=False),
        Marks(x, y, said, _DIP, True, 9, tips, {"nucleation": "mV"}),
    ]


def _cycle_marks(curves: xr.Dataset, rows: Rows) -> list[Marks]:
    """A marker per cycle: filled where it is in the mean."""
    values, use = curves["efficiency"].values * _PERCENT, curves["use"].values
    tips = [("", "@curve"), ("cycle", "@cycle, @use"), ("CE", "@y{0.000} ± @spread{0.000} %")]
    size = 6 if values.shape[1] <= 100 else 3
    found = []
    for filled in (True, False):
        chosen = np.isfinite(values) & ((use == USED) if filled else (use != USED))
        curve, cycle = np.nonzero(chosen)
        said = {name: column[curve] for name, column in rows.items()}
        said |= {
            "cycle": curves["cycle"].values[cycle],
            "spread": curves["spread"].values[chosen] * _PERCENT,
            "use": np.array([USES[number] if number >= 0 else "protocol undecided" for number in use[chosen]], object),
        }
        x = curves["cycle"].values[cycle].astype(float)
        found.append(Marks(x, values[chosen], said, None, filled, size, tips, {"spread": "%"}))
    return found


def _test_marks(curves: xr.Dataset, rows: Rows, chosen: npt.NDArray[np.bool_]) -> Marks:
    """One marker per test with a reservoir, which has a single efficiency, at its last cycle."""
    tips = [("", "@curve"), ("@protocol", "CE @y{0.000} %, @low{0.000} to @high{0.000}"), ("cycles", "@begin to @x")]
    said = {name: column[chosen] for name, column in rows.items()}
    said |= {name: curves[name].values[chosen] * _PERCENT for name in ("low", "high")}
    said["begin"] = curves["begin"].values[chosen]
    level = curves["level"].values[chosen] * _PERCENT
    units = {"low": "%", "high": "%"}
    return Marks(curves["end"].values[chosen], level, said, _TEST, True, 10, tips, units)


def _limits(
    used: FloatArray, level: FloatArray, low: FloatArray, high: FloatArray, values: FloatArray
) -> tuple[tuple[float, float], int]:
    """Range of what counts for the efficiencies, and how many values of single cycles lie beyond it."""
    known = np.concatenate([one[np.isfinite(one)] for one in (used, level, low, high)])
    if not known.size:
        known = values[np.isfinite(values)]
    bottom, top = (float(known.min()), float(known.max())) if known.size else (90.0, 100.0)
    space = 0.08 * (top - bottom) or 1.0
    bottom, top = bottom - space, top + space
    with np.errstate(invalid="ignore"):
        return (bottom, top), int(((values < bottom) | (values > top)).sum())


def _half(cycle: xr.Dataset, half: str) -> tuple[list[FloatArray], list[FloatArray]]:
    of = cycle.sel(half=half)
    edges = list(zip(of["point_start"].values, of["point_count"].values, strict=True))
    x, y = ([of[name].values[start : start + count] for start, count in edges] for name in ("capacity", "voltage"))
    return x, y


def _half_entries(cycle: xr.Dataset) -> list[Entry]:
    entries = [Entry(half, theme.INK, _DASHES[half]) for half in reversed(HALVES)]
    if np.isfinite(cycle["dip"].values).any():
        entries.append(Entry("nucleation dip", theme.INK, shape=_DIP))
    return entries


def _efficiency_entries(curves: xr.Dataset) -> list[Entry]:
    """The legend of the marks that are there, and of the means."""
    use, values = curves["use"].values, curves["efficiency"].values
    entries = []
    if curves.attrs["replicates"] == "mean":
        entries = [
            Entry(f"{theme.elided(str(name), 24)} ({count})" if count > 1 else theme.elided(str(name), 24), str(color))
            for name, color, count in zip(*(curves[name].values for name in ("curve", "color", "count")), strict=True)
        ]
    shapes = {
        Entry("cycle in the mean", theme.INK, shape="circle"): np.isfinite(values) & (use == USED),
        Entry("left out", theme.INK, shape="circle", filled=False): np.isfinite(values) & (use != USED),
        Entry("test with a reservoir", theme.INK, shape=_TEST): (curves["protocol"].values != "galvanostatic")
        & np.isfinite(curves["level"].values),
    }
    return entries + [entry for entry, there in shapes.items() if there.any()]
