r"""Shape of the trace over the life of one symmetric cell: \|V\| as colour over cycle and capacity, and two indices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.shape_map import NOT_SEEN, SEEN
from ..model.units import pretty
from . import theme
from .picture import Axis, Entry, Image, Levels, Lines, Marks, Picture, Verticals, edges
from .pieces import cycle_band
from .theme import Look

FloatArray = npt.NDArray[np.float64]

_MILLI = 1e3
_OUTER = (1.0, 99.0)  # percentiles between which the colours lie: a single peak would take them all
_ROWS = 100  # cells of the map along the capacity
_ABOVE, _FAR = 1.08, 3.0


class HalfCycleMap(NamedTuple):
    """All half-cycles of one direction of one cell, ready to be drawn any number of times."""

    image: Image
    passed: Axis
    title: str


def on_capacity(shape: xr.Dataset) -> xr.Dataset:
    r"""Maps of one cell against the charge passed instead of its fraction.

    Parameters
    ----------
    shape
        As given by :func:`~pchp_widgets.analysis.shape_map.shape_map`, of one cell.

    Returns
    -------
    Dataset
        ``voltage`` (\|V\|) [V] (direction, capacity, cycle), linear between the depths, NaN beyond the charge that was
        passed. ``capacity`` is in mA h cm-2 if the area is known, else in mA h. Attributes: ``cell``, ``limits`` [V]
        between which most values lie, ``top``, where the capacity ends.
    """
    own = shape.isel(cell=0).transpose("cycle", "direction", "depth")
    per_area = bool(own["areal_capacity"].notnull().any())
    passed = np.abs(own["areal_capacity" if per_area else "charge"].values)
    passed = np.where(own["interrupted"].values.astype(bool) | ~(passed > 0), np.nan, passed)
    top = float(np.nanmax(passed)) if np.isfinite(passed).any() else 1.0
    capacity = (np.arange(_ROWS) + 0.5) * top / _ROWS
    place = capacity / passed[..., None] * (own.sizes["depth"] - 1)  # (cycle, direction, capacity)
    inside = place <= own.sizes["depth"] - 1
    left = np.where(inside, place, 0.0).astype(int)
    right = np.minimum(left + 1, own.sizes["depth"] - 1)
    values = own["voltage"].values
    low, high = (np.take_along_axis(values, index, -1) for index in (left, right))
    found = np.where(inside, low + (np.where(inside, place, 0.0) - left) * (high - low), np.nan)
    known = found[np.isfinite(found)]
    limits = np.percentile(known, _OUTER) if known.size else np.array([0.0, 0.1])
    units, named = ("mA h cm-2", "areal capacity") if per_area else ("mA h", "capacity")
    return xr.Dataset(
        {"voltage": (("direction", "capacity", "cycle"), found.transpose(1, 2, 0), {"units": "V", "long_name": "|V|"})},
        {
            "direction": own["direction"].values,
            "capacity": ("capacity", capacity, {"units": units, "long_name": named}),
            "cycle": own["cycle"].values,
        },
        {"cell": own["cell"].item(), "limits": (float(limits[0]), float(limits[1])), "top": top},
    )


def half_cycle_map(maps: xr.Dataset, direction: str) -> HalfCycleMap:
    """Map of one direction.

    Parameters
    ----------
    maps
        As given by :func:`on_capacity`.
    direction
        ``"charge"`` or ``"discharge"``.
    """
    low, high = maps.attrs["limits"]
    units, scale = ("V", 1.0) if high >= 1.0 else ("mV", _MILLI)
    passed = Axis(maps["capacity"].attrs["long_name"], pretty(maps["capacity"].attrs["units"]))
    tips = [
        ("half-cycle", direction),
        ("cycle", "$x{0}"),
        (passed.label, f"$y{{0.000}} {passed.units}"),
        ("|V|", f"@image{{0.00}} {units}"),
    ]
    image = Image(
        maps["voltage"].sel(direction=direction).values * scale,
        edges(maps["cycle"].values.astype(float)),
        np.linspace(0.0, maps.attrs["top"], maps.sizes["capacity"] + 1),
        Axis("|V|", units),
        (low * scale, high * scale),
        {"cell": [maps.attrs["cell"]], "half-cycle": [direction]},
        tips,
    )
    return HalfCycleMap(image, passed, f"{theme.elided(maps.attrs['cell'], 28)}, {direction}")


def shape_map(half: HalfCycleMap, turn: xr.Dataset, cycle: float) -> Picture:
    r"""\|V\| of all half-cycles of one direction over cycle and capacity, with the cycle in which peaks turn to arcs.

    Parameters
    ----------
    half
        As given by :func:`half_cycle_map`.
    turn
        As given by :func:`~pchp_widgets.analysis.shape_map.transition`, of this cell.
    cycle
        The selected one; NaN for none.
    """
    image = half.image
    line = _turn(turn, theme.ON_MAP)
    at_top = np.full(len(line.x), 0.965 * image.y[-1])
    return Picture(
        Axis("cycle"),
        half.passed,
        [image, line, Marks(line.x, at_top, line.rows, theme.TURN, True, 11, is_data=False), cycle_band(cycle)],
        xlim=(float(image.x[0]), float(image.x[-1])),
        ylim=(0.0, float(image.y[-1])),
        title=half.title,
        legend=[Entry("peaks give way to arcs", theme.ON_MAP, shape=theme.TURN)] if len(line.x) else [],
    )


def fingerprints(turn: xr.Dataset, cycle: float, looks: Mapping[str, Look]) -> Picture:
    """How strongly each cycle of one cell starts with a peak, and how strongly it arcs.

    Parameters
    ----------
    turn
        As given by :func:`~pchp_widgets.analysis.shape_map.transition`, of this cell.
    cycle
        The selected one; NaN for none.
    looks
        By name of the cell.
    """
    name = str(turn["cell"].values[0])
    own = turn.isel(cell=0, cycle=slice(_count(turn)))
    cycles = own["cycle"].values.astype(float)
    dashes = {"peaking": "solid", "arc": "dashed"}
    values = np.concatenate([own[kind].values for kind in dashes])
    limit = 1 + turn.attrs["margin"]
    lines = [
        Lines(
            [cycles],
            [own[kind].values],
            {"cell": [name], "index": [kind], "color": [looks[name].color]},
            dash,
            [(f"{kind} index", "$y{0.000}"), ("cycle", "$x{0}")],
        )
        for kind, dash in dashes.items()
    ]
    across = edges(cycles)
    return Picture(
        Axis("cycle"),
        Axis("index"),
        [
            Levels(np.array([limit]), {"label": [f"{limit:g}"]}),
            *lines,
            _turn(turn, theme.FAINT),
            cycle_band(cycle),
        ],
        xlim=(float(across[0]), float(across[-1])),
        ylim=_range_of(values, limit),
        title=f"{theme.elided(name, 28)}: {in_words(own)}" if np.isfinite(values).any() else "",
        legend=[Entry(f"{kind} index", looks[name].color, dash) for kind, dash in dashes.items()],
    )


def in_words(turn: xr.Dataset) -> str:
    """When peaks gave way to arcs, from one cell of :func:`~pchp_widgets.analysis.shape_map.transition`."""
    if turn["observed"] == SEEN:
        hours = turn["transition_time"].item() / 3600.0
        return f"peaks give way to arcs in cycle {turn['transition_cycle'].item():.0f} ({hours:.0f} h)"
    if np.isnan(turn["last_cycle"].item()):
        return "no whole half-cycle"
    if turn["observed"] == NOT_SEEN:
        until = f"no peaks after cycle {turn['peaking_until'].item():.0f}, "
        return f"{until}no lasting arcs up to cycle {turn['last_cycle'].item():.0f}"
    return f"never seen peaking, up to cycle {turn['last_cycle'].item():.0f}"


def _turn(turn: xr.Dataset, color: str) -> Verticals:
    found = turn["transition_cycle"].values
    found = found[np.isfinite(found)]
    return Verticals(found, {"color": np.full(len(found), color, object)})


def _count(turn: xr.Dataset) -> int:
    """How many cycles there are up to the last one of the cell."""
    there = np.flatnonzero(turn["peaking"].notnull().values | turn["arc"].notnull().values)
    return int(there.max(initial=0)) + 1


def _range_of(values: FloatArray, limit: float) -> tuple[float, float]:
    """Range of the indices; a few that lie far above the others are out of it."""
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.9, 2.0
    most, high = float(np.percentile(known, _OUTER[1])), float(known.max())
    top = high if high <= _FAR * most else most
    return min(0.98 * float(known.min()), 0.95), _ABOVE * max(top, limit)
