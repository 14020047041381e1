"""Figures of symmetric cells: the whole trace, one cycle, and polarization over the life of the cells.

Each is a pure function from datasets of :mod:`.symmetric_view` to a :class:`~.picture.Picture`. However many cells
there are, the number of curves is the same, so a live figure can follow any selection.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.life import FAILED
from ..model.cycles import DIRECTIONS
from ..model.units import pretty
from . import theme
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Lines, Marks, Picture, Ribbons, Verticals
from .pieces import Looks, Rows, cell_rows, merged_bands, padded

FloatArray = npt.NDArray[np.float64]

_DASHES = dict(zip(DIRECTIONS, ("solid", "dashed"), strict=True))
_MILLI = 1e3
_ABOVE = 1.08  # room above the highest curve
_ROUND = (1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)
_NOTHING = 0.1  # V, the range of an empty figure


def whole_trace(trace: xr.Dataset, ends: xr.Dataset, span: xr.Dataset, looks: Looks) -> Picture:
    """Voltage against time over the whole test, with the selected cycle as a band and a mark where each cell ended.

    Parameters
    ----------
    trace
        As given by :func:`~.traces.thinned`.
    ends, span
        As given by :func:`~.symmetric_view.ends` and :func:`~.symmetric_view.cycle_span`.
    looks
        By name of the cell.
    """
    units, scale = voltage_scale(trace.attrs["highest"])
    top = _ABOVE * scale * (trace.attrs["highest"] or _NOTHING)
    x, y = _pieces(trace, "time", 1.0), _pieces(trace, "voltage", scale)
    # the widest behind, for a trace over hundreds of cycles fills what it spans
    order = sorted(range(len(y)), key=lambda cell: -float(np.abs(y[cell]).mean()) if len(y[cell]) else 0.0)
    x, y = [x[cell] for cell in order], [y[cell] for cell in order]
    return Picture(
        Axis("time", "h"),
        Axis("cell voltage", units),
        [
            merged_bands(span["cycle_start"].values, span["cycle_stop"].values),
            # without tips: in a trace that fills the figure, they would always be in the way
            Lines(x, y, cell_rows(trace["cell"].values[order], looks)),
            *_end_marks(ends, looks, ends["end_time"].values, ends["end_voltage"].values * scale),
        ],
        xlim=trace.attrs["window"],
        ylim=(-top, top),
        legend=cell_entries(trace["cell"].values.tolist(), looks),
        height=230,
        home=trace.attrs["span"],
    )


def one_cycle(halves: xr.Dataset, looks: Looks) -> Picture:
    r"""\|V\| of both half-cycles of one cycle against capacity: charge solid, discharge dashed.

    Parameters
    ----------
    halves
        As given by :func:`~.symmetric_view.halves`.
    looks
        By name of the cell.
    """
    highest, widest = (float(np.max(halves[name].values, initial=0.0)) for name in ("voltage", "capacity"))
    units, scale = voltage_scale(highest)
    passed = Axis(halves["capacity"].attrs["long_name"], pretty(halves["capacity"].attrs["units"]))
    layers = []
    for direction, dash in _DASHES.items():
        half = halves.sel(direction=direction)
        x, y = _pieces(half, "capacity", 1.0), _pieces(half, "voltage", scale)
        tips = [
            ("cell", "@cell"),
            ("half-cycle", direction),
            (passed.label, f"$x{{0.000}} {passed.units}"),
            ("|V|", f"$y{{0.00}} {units}"),
        ]
        rows = {**cell_rows(half["cell"].values, looks), "direction": np.full(len(x), direction, object)}
        layers.append(Lines(x, y, rows, dash, tips))
    return Picture(
        passed,
        Axis("|V|", units),
        layers,
        xlim=(0.0, 1.02 * widest or 1.0),
        ylim=(0.0, _round_above(scale * (highest or _NOTHING))),
        legend=[Entry(direction, theme.INK, dash) for direction, dash in _DASHES.items()],
        title=f"cycle {halves.attrs['cycle']}" + ("" if halves.sizes["point"] else ": no points"),
    )


def polarization(
    by_cycle: xr.Dataset,
    ends: xr.Dataset,
    span: xr.Dataset,
    looks: Looks,
    against: str,
    means: xr.Dataset | None = None,
) -> Picture:
    """Polarization of each cycle against its number or its time; half-cycles that were interrupted are hollow.

    Parameters
    ----------
    by_cycle
        As given by :func:`~.symmetric_view.by_cycle`.
    ends, span
        As given by :func:`~.symmetric_view.ends` and :func:`~.symmetric_view.cycle_span`.
    looks
        By name of the cell.
    against
        ``"cycle"`` or ``"time"``.
    means
        As given by :func:`~.symmetric_view.means`: they are then drawn in place of the cells, in ribbons of one
        standard deviation to either side.
    """
    by_time = against == "time"
    time = by_cycle["time"].values
    x = time if by_time else np.broadcast_to(by_cycle["cycle"].values.astype(float), time.shape)
    y, halves = by_cycle["polarization"].values * _MILLI, by_cycle["interrupted"].values * _MILLI
    number = np.array([float(span.attrs["cycle"])])[: by_cycle.sizes["cell"]]
    at_end = y[np.arange(len(y)), np.searchsorted(by_cycle["cycle"].values, ends["end_cycle"].values)]
    each = means is None
    values = np.concatenate([y.ravel(), *([halves.ravel()] if each else []), [0.0]])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    name = by_cycle.attrs["definition"].replace("_", " ")
    return Picture(
        Axis("time", "h") if by_time else Axis("cycle"),
        Axis(name if "polarization" in name or name == "hysteresis" else f"{name} polarization", "mV"),
        [
            merged_bands(span["cycle_start"].values, span["cycle_stop"].values)
            if by_time
            else merged_bands(number - 0.4, number + 0.4),
            *(_mean_curves(means, name, by_time=by_time) if means is not None else _own_curves(by_cycle, looks, x, y)),
            _cycle_marks(by_cycle, looks, x, y if each else y * np.nan, name),
            _cycle_marks(
                by_cycle, looks, np.stack([x, x], axis=-1), halves if each else halves * np.nan, name, whole=False
            ),
            *_end_marks(ends, looks, ends["end_time" if by_time else "end_cycle"].values.astype(float), at_end),
        ],
        xlim=padded(x, least=1.0),
        ylim=(_ABOVE * low, _ABOVE * high or 1.0),
        title="all cycles" if each else "mean ± sd of each coating, as far as all its cells live",
        legend=[
            *_mean_entries(means),
            *_mark_entries(ends, interrupted=each and bool(np.isfinite(halves).any())),
        ],
    )


def voltage_scale(highest: float) -> tuple[str, float]:
    """Unit to show voltages in, and the factor from volts: mV as long as the highest stays below one volt."""
    return ("V", 1.0) if highest >= 1.0 else ("mV", _MILLI)


def _pieces(view: xr.Dataset, name: str, scale: float) -> list[FloatArray]:
    """A column of each cell, cut out of the points."""
    values = view[name].values * scale
    edges = zip(view["point_start"].values, view["point_count"].values, strict=True)
    return [values[start : start + count] for start, count in edges]


def _own_curves(by_cycle: xr.Dataset, looks: Looks, x: FloatArray, y: FloatArray) -> tuple[Ribbons, Lines]:
    """A line per cell through its markers, and no ribbon."""
    rows = cell_rows(by_cycle["cell"].values, looks)
    return Ribbons([], [], [], {"color": []}), Lines(list(x), list(y), rows, is_data=False)


def _mean_curves(means: xr.Dataset, name: str, *, by_time: bool) -> tuple[Ribbons, Lines]:
    """A line per coating, and a ribbon of one standard deviation to either side."""
    y, sd = (means[key].values * _MILLI for key in ("polarization", "sd"))
    x = means["time"].values if by_time else np.broadcast_to(means["cycle"].values.astype(float), y.shape)
    rows = {key: means[key].values for key in ("coating", "color")} | {"cells": means["n"].values}
    tips = [("coating", "@coating, mean of @cells cells"), (name, "$y{0.00} mV")]
    return (
        Ribbons(list(x), list(y - sd), list(y + sd), rows),
        Lines(list(x), list(y), rows, tips=tips),
    )


def _mean_entries(means: xr.Dataset | None) -> list[Entry]:
    if means is None:
        return []
    each = zip(means["group"].values, means["n"].values, means["color"].values, strict=True)
    return [Entry(f"{theme.elided(name)} ({count})", color) for name, count, color in each]


def _cycle_marks(
    by_cycle: xr.Dataset, looks: Looks, x: FloatArray, y: FloatArray, name: str, *, whole: bool = True
) -> Marks:
    """A marker per value; `x` and `y` are (cell, cycle, ...)."""
    there = np.isfinite(x) & np.isfinite(y)
    cell, cycle = np.nonzero(there)[:2]
    rows: Rows = {key: values[cell] for key, values in cell_rows(by_cycle["cell"].values, looks).items()}
    error = by_cycle["polarization_stderr"].values * _MILLI
    tips = [
        ("cell", "@cell"),
        ("coating", "@coating"),
        ("cycle", "@cycle, begins at @begin{0.0} h"),
        (name if whole else f"{name}, interrupted", "@y{0.00}" + (" ± @stderr{0.00} mV" if whole else " mV")),
    ]
    rows |= {
        "cycle": by_cycle["cycle"].values[cycle],
        "begin": by_cycle["time"].values[cell, cycle],
        "stderr": error[cell, cycle] if whole else np.full(len(cell), np.nan),
        "interrupted": np.full(len(cell), "no" if whole else "yes", object),
    }
    size = 6 if x.shape[1] <= 40 else 5 if x.shape[1] <= 100 else 3
    return Marks(x[there], y[there], rows, None, whole, size, tips, {"begin": "h", "stderr": "mV"})


def _end_marks(ends: xr.Dataset, looks: Looks, x: FloatArray, y: FloatArray) -> list[Layer]:
    """A cross and a line where a cell failed, an open triangle where it was last seen alive."""
    failed = ends["observed"].values == FAILED
    said = {"criterion": "criterion", "definition": "definition", "cycle": "end_cycle", "end": "end_time"}
    of_cell: Rows = {
        **cell_rows(ends["cell"].values, looks),
        **{key: ends[name].values for key, name in said.items()},
    }
    found: list[Layer] = [Verticals(x[failed], {"color": of_cell.pop("color")[failed]})]
    for chosen, word, shape in ((failed, "failed", theme.FAILED), (~failed, "last seen alive", theme.ALIVE)):
        tips = [("cell", "@cell"), (word, "cycle @cycle, @end{0.0} h"), ("", "@criterion"), ("", "@definition")]
        rows = {key: values[chosen] for key, values in of_cell.items()}
        filled = shape == theme.FAILED
        size = 11 if len(failed) <= theme.LEGEND_ENTRIES else 7
        found.append(Marks(x[chosen], y[chosen], rows, shape, filled, size, tips, is_data=False))
    return found


def _mark_entries(ends: xr.Dataset, *, interrupted: bool) -> list[Entry]:
    """The legend of the marks that are there."""
    failed = ends["observed"].values == FAILED
    entries = {
        Entry("failed", theme.INK, shape=theme.FAILED): failed.any(),
        Entry("last seen alive", theme.INK, shape=theme.ALIVE, filled=False): (~failed).any(),
        Entry("interrupted half-cycle", theme.INK, shape="circle", filled=False): interrupted,
    }
    return [entry for entry, there in entries.items() if there]


def _round_above(highest: float) -> float:
    """A round number above the highest value, so that a range stays as long as the values are much the same."""
    power = 10.0 ** np.floor(np.log10(highest))
    return float(power * next(step for step in _ROUND if step * power > _ABOVE * highest))
