"""Figures of the energy of a stack: against the thickness of its coating, and what each assumption does to it."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ..model.units import pretty
from . import theme
from .picture import Axis, Entry, Layer, Lines, Marks, Picture, Verticals

_PARTS = {"specific_energy": "specific energy", "energy_density": "energy density"}
_MOST_BARS = 12


def against_coating(course: xr.Dataset, name: str) -> Picture:
    """Energy of a stack against the thickness of its coating; a mark at the one that is meant.

    Parameters
    ----------
    course
        As given by :func:`~.inventory_view.against_coating`.
    name
        ``"specific_energy"`` or ``"energy_density"``.
    """
    units = pretty(str(course[name].attrs["units"]))
    y = Axis(_PARTS[name], units)
    chosen = course.attrs["chosen"]
    thickness, values = course["coating_thickness"].values, course[name].values
    x, line = thickness[:chosen], values[:chosen]
    share = 100 * course[f"{name.split('_', maxsplit=1)[0].replace('energy', 'density')}_cost_share"].values
    tips = [("coating", "$x{0.0} µm"), (y.label, f"$y{{0.0}} {units}")]
    known = line[np.isfinite(line)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    space = 0.12 * (high - low) or 0.05 * high or 1.0
    at = thickness[chosen:]
    cost = float(values[0] - values[chosen])
    said = f"{at[0]:.3g} µm: {values[chosen]:.1f} {units}, {cost:.1f} ({share[chosen]:.1f} %) less than without coating"
    colors = {"color": [theme.HUES[0]]}
    return Picture(
        Axis("thickness of the coating", "µm"),
        y,
        [
            Lines([x], [line], {**colors, "curve": [y.label]}, tips=tips),
            Verticals(at, {"color": [theme.INK]}),
            Marks(at, values[chosen:], colors, "circle", size=9, is_data=False),
        ],
        (0.0, float(x[-1])),
        (low - space, high + space),
        title=said if np.isfinite(values[chosen]) else "not known: density of the cathode is missing",
    )


def tornado(effects: xr.Dataset, name: str) -> Picture:
    """What each assumption does to the energy when it is changed by the same share, the largest on top.

    Parameters
    ----------
    effects
        As given by :func:`~pchp_widgets.analysis.energy.sensitivity`.
    name
        ``"specific_energy"`` or ``"energy_density"``.
    """
    units = pretty(str(effects[name].attrs["units"]))
    reference, change = effects.attrs["reference"][name], 100 * effects.attrs["change"]
    moved = np.abs(effects[name] - reference).max("side").values
    order = np.argsort(-np.where(np.isfinite(moved), moved, -1.0), kind="stable")
    order = order[moved[order] > 1e-9 * abs(reference)][:_MOST_BARS]
    place = np.arange(len(order), dtype=float)[::-1]
    names = [str(word).replace("_", " ") for word in effects["assumption"].values[order]]
    looks = {"low": (theme.HUES[3], f"{change:g} % less"), "high": (theme.HUES[0], f"{change:g} % more")}
    layers: list[Layer] = []
    for side, (color, text) in looks.items():
        values = effects[name].sel(side=side).values[order]
        tips = [("", "@assumption"), (text, f"$x{{0.0}} {units}")]
        rows = {"assumption": names, "change": [text] * len(names), "color": [color] * len(names)}
        ends = [np.array([reference, value]) for value in values]
        layers.append(Lines(ends, [np.full(2, at) for at in place], rows, tips=tips, is_data=False))
        layers.append(Marks(values, place, rows, "circle", size=7, tips=tips))
    known = effects[name].values[order]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    space = 0.05 * (high - low) or 1.0
    return Picture(
        Axis(_PARTS[name], units),
        Axis("", ticks=tuple(zip(place.tolist(), names, strict=True))),
        [Verticals(np.array([reference]), {"color": [theme.INK]}), *layers],
        (low - space, high + space),
        (-0.7, max(len(order), 1) - 0.3),
        legend=[Entry(text, color, shape="circle") for color, text in looks.values()],
        title=f"each assumption changed by {change:g} %, one at a time",
        height=330,
    )
