"""Figures of a rate test: capacity against cycle or current density, and voltage curves at each current density.

Each is a pure function from datasets of :mod:`.rate_view` to a :class:`~.picture.Picture`. However many cells there
are, and whatever they are drawn against, the layers are the same, so a live figure can follow any selection.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.units import pretty
from . import theme
from .cycling import single_cycles
from .cycling_legend import curve_entries, dash_entries
from .picture import Axis, Bands, Entry, Layer, Lines, Marks, Picture, Ribbons, Verticals, Whiskers
from .pieces import Rows, curve_rows, padded

FloatArray = npt.NDArray[np.float64]

_PERCENT = 100.0
_LABELLED = 12
_SELECTED_WIDTH = 0.012


def capacity(curves: xr.Dataset, steps: xr.Dataset, selected: xr.Dataset, against: str) -> Picture:
    """Capacity of every cycle, labelled by current density, or mean capacity against current density.

    Parameters
    ----------
    curves
        As given by :func:`.rate_view.cycles`.
    steps
        As given by :func:`.rate_view.rate_steps`.
    selected
        As given by :func:`.rate_view.selected`.
    against
        ``"cycle"`` or ``"current density"``.
    """
    units = str(curves["capacity"].attrs["units"])
    scale = _PERCENT if units == "1" else 1.0
    y = Axis("relative capacity" if units == "1" else "capacity", "%" if units == "1" else pretty(units))
    flow = pretty(str(steps["current_density"].attrs["units"]))
    name = "current density" if flow != "mA" else "current"
    if against == "cycle":
        x = Axis(f"{name} ({flow}), cycles", ticks=_cycle_ticks(steps))
        layers, values = _over_cycles(curves, steps, selected, scale, y, flow), curves["x"].values
    else:
        x = Axis(name, flow, ticks=_current_ticks(steps))
        layers, values = _over_currents(steps, selected, scale, y, flow), steps["current_density"].values
    heights = np.concatenate([curves["capacity"].values.ravel(), steps["capacity"].values.ravel()]) * scale
    known = heights[np.isfinite(heights)]
    top = 1.06 * float(known.max()) if known.size else 1.0
    return Picture(
        x,
        y,
        layers,
        padded(values, 0.03),
        (0.0, top or 1.0),
        legend=_entries(curves, steps, against),
        title=_title(steps, against),
        height=410,
    )


def _over_cycles(
    curves: xr.Dataset, steps: xr.Dataset, selected: xr.Dataset, scale: float, y: Axis, flow: str
) -> list[Layer]:
    values, x = curves["capacity"].values * scale, curves["x"].values
    several = np.flatnonzero(curves["count"].values > 1)
    sd = curves["capacity_sd"].values * scale
    rows = curve_rows(curves)
    low, high = (list((values + sign * sd)[several]) for sign in (-1, 1))
    ribbons = Ribbons(
        list(x[several]), low, high, {key: column[several] for key, column in rows.items()}, is_data=False
    )
    there = np.isfinite(values) & np.isfinite(x)
    cut = curves["interrupted"].values > 0
    marks = [
        _marks(curves, there & chosen, x, values, sd, y, flow, hollow)
        for chosen, hollow in ((~cut, False), (cut, True))
    ]
    return [
        Bands(selected["start"].values, selected["stop"].values),
        Verticals(_edges(steps), {"color": np.full(len(_edges(steps)), theme.FRAME, object)}),
        ribbons,
        Whiskers(np.zeros(0), np.zeros(0), np.zeros(0), {"color": np.zeros(0, object)}),
        Lines(list(x), list(values), rows, is_data=False),
        *marks,
    ]


def _marks(
    curves: xr.Dataset,
    chosen: npt.NDArray[np.bool_],
    x: FloatArray,
    values: FloatArray,
    sd: FloatArray,
    y: Axis,
    flow: str,
    hollow: bool,
) -> Marks:
    curve, cycle = np.nonzero(chosen)
    rows: Rows = {key: column[curve] for key, column in curve_rows(curves).items()}
    number = curves["cycle"].values[cycle]
    rows |= {"cycles": np.array([str(n) for n in number], object), "flow": curves["current_density"].values[chosen]}
    rows |= {"sd": np.where(curves["count"].values > 1, sd.T, np.nan).T[chosen]}
    size = 7 if x.shape[1] <= 100 else 4
    return Marks(x[chosen], values[chosen], rows, None, not hollow, size, _tips(y, flow), {"flow": flow, "sd": y.units})


def _over_currents(steps: xr.Dataset, selected: xr.Dataset, scale: float, y: Axis, flow: str) -> list[Layer]:
    x, values, sd = (
        steps[name].values * factor for name, factor in (("current_density", 1.0), ("capacity", scale), ("sd", scale))
    )
    there, back = np.isfinite(x) & np.isfinite(values), steps["back"].values > 0
    rows = curve_rows(steps)
    lines: list[tuple[FloatArray, FloatArray]] = []
    for row in range(len(x)):
        kept = np.flatnonzero(there[row] & ~back[row])
        order = kept[np.argsort(x[row, kept], kind="stable")]
        lines.append((x[row, order], values[row, order]))
    marks = []
    for chosen, hollow in ((there & ~back, False), (there & back, True)):
        curve, step = np.nonzero(chosen)
        first, last = (steps[name].values[curve, step] for name in ("first_cycle", "last_cycle"))
        own: Rows = {key: column[curve] for key, column in rows.items()}
        own |= {"cycles": np.array([f"{a:.0f}–{b:.0f}" for a, b in zip(first, last, strict=True)], object)}
        own |= {"flow": x[chosen], "sd": sd[chosen]}
        units = {"flow": flow, "sd": y.units}
        marks.append(Marks(x[chosen], values[chosen], own, None, not hollow, 7, _tips(y, flow), units))
    curve, _ = np.nonzero(there)
    at = selected["current_density"].values
    width = _SELECTED_WIDTH * (float(np.ptp(x[there])) if there.any() else 1.0)
    return [
        Bands(at - width, at + width),
        Verticals(np.zeros(0), {"color": np.zeros(0, object)}),
        Ribbons([], [], [], {key: column[:0] for key, column in rows.items()}, is_data=False),
        Whiskers(x[there], (values - sd)[there], (values + sd)[there], {"color": rows["color"][curve]}),
        Lines([line[0] for line in lines], [line[1] for line in lines], rows, is_data=False),
        *marks,
    ]


def profiles(shown: xr.Dataset) -> Picture:
    """Voltage curves at each current density; charge solid, discharge dashed.

    Parameters
    ----------
    shown
        As given by :func:`.rate_view.profiles`.
    """
    picture = single_cycles(shown)
    cells, flow = shown["cell"].values.tolist(), np.round(shown["current_density"].values, 6)
    colors, units = shown["color"].values.tolist(), pretty(str(shown["current_density"].attrs["units"]))
    order = np.argsort(flow, kind="stable")
    entries = dash_entries()
    if len(set(cells)) > 1:
        last = {cells[at]: colors[at] for at in order}
        names = [cell for cell in dict.fromkeys(cells) if cell in last]
        entries += [Entry(theme.elided(cell), last[cell]) for cell in names[: theme.LEGEND_ENTRIES]]
    else:
        entries += list(dict.fromkeys(Entry(f"{flow[at]:.3g} {units}", colors[at]) for at in order))
    several = np.unique(flow)
    title = (
        ", ".join(f"{value:.3g}" for value in several[:_LABELLED]) + f" {units}" if len(several) else "nothing to show"
    )
    if len(set(cells)) > 1 and len(several) > 1:
        title += ", lower ones paler"
    return replace(picture, legend=entries, title=title)


def _tips(y: Axis, flow: str) -> list[tuple[str, str]]:
    return [
        ("", "@curve"),
        ("cycles", "@cycles"),
        ("at", f"@flow{{0.000}} {flow}"),
        (y.label, f"@y{{0.000}} ± @sd{{0.000}} {y.units}"),
    ]


def _cycle_ticks(steps: xr.Dataset) -> tuple[tuple[float, str], ...]:
    """Middle of each rate step of the first curve that has most of them: its current density and its cycles."""
    known = np.isfinite(steps["current_density"].values)
    if not known.any():
        return ()
    row = int(known.sum(1).argmax())
    of = steps.isel(curve=row, rate_step=np.flatnonzero(known[row]))
    first, last, flow = (of[name].values for name in ("first_cycle", "last_cycle", "current_density"))
    every = max(1, -(-len(first) // (2 * _LABELLED)))
    middle = zip(first[::every], last[::every], flow[::every], strict=True)
    return tuple(
        (float(a + b) / 2, f"{j:.3g}\n{a:.0f}–{b:.0f}" if b > a else f"{j:.3g}\n{a:.0f}") for a, b, j in middle
    )


def _current_ticks(steps: xr.Dataset) -> tuple[tuple[float, str], ...]:
    """Current densities, as far as there is room between them."""
    known = steps["current_density"].values
    known = np.unique(np.round(known[np.isfinite(known)], 6))
    kept: list[float] = []
    for value in known:
        if not kept or value - kept[-1] >= 0.03 * float(np.ptp(known)):
            kept.append(float(value))
    return tuple((value, f"{value:.3g}") for value in kept)


def _edges(steps: xr.Dataset) -> FloatArray:
    """Between the rate steps of any curve."""
    first = steps["first_cycle"].values[:, 1:]
    return np.unique(first[np.isfinite(first) & (first > 0)]) - 0.5


def _entries(curves: xr.Dataset, steps: xr.Dataset, against: str) -> list[Entry]:
    if against == "cycle":
        hollow, word = (curves["interrupted"].values > 0) & np.isfinite(curves["capacity"].values), "interrupted"
    else:
        hollow, word = (steps["back"].values > 0) & np.isfinite(steps["capacity"].values), "on the way back"
    entries = curve_entries(curves)
    return [*entries, Entry(word, theme.INK, shape="circle", filled=False)] if hollow.any() else entries


def _title(steps: xr.Dataset, against: str) -> str:
    if against == "cycle":
        return "discharge capacity of every cycle"
    spread = "replicates" if steps.attrs["replicates"] == "mean" else "cycles"
    return f"mean discharge capacity of each rate step, ± sd of {spread}"
