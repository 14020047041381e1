"""What the legends of full and half cells say: of curves, of the marks on them, of single cycles."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ..analysis.life import CENSORED, FAILED
from ..model.cycles import DIRECTIONS
from . import theme
from .legends import coating_entries
from .picture import Entry

DASHES = dict(zip(DIRECTIONS, ("solid", "dashed"), strict=True))
_LISTED = 8
REFERENCE, KNEE = "square", "diamond"
"""Markers of the reference cycle and of the knee."""


def dash_entries() -> list[Entry]:
    """The two directions of a half-cycle."""
    return [Entry(direction, theme.INK, dash) for direction, dash in DASHES.items()]


def curve_entries(curves: xr.Dataset) -> list[Entry]:
    """The legend of curves: cells or means, or coatings where there are many cells; nothing for a single cell."""
    names, coatings, colors = ([str(v) for v in curves[key].values] for key in ("curve", "coating", "color"))
    if curves.attrs["replicates"] == "mean":
        counts = curves["count"].values.tolist()
        return [
            Entry(f"{theme.elided(name)} (mean ± sd of {count})" if count > 1 else theme.elided(name), color)
            for name, color, count in zip(names, colors, counts, strict=True)
        ]
    if len(names) == 1:
        return []
    if len(names) <= theme.LEGEND_ENTRIES:
        return [Entry(theme.elided(name), color) for name, color in zip(names, colors, strict=True)]
    return coating_entries(coatings, colors)


def end_entries(ends: xr.Dataset, curves: xr.Dataset, level: float) -> list[Entry]:
    """The legend of the marks that are there."""
    percent = f"{100 * level:g} %"
    outcome, there = ends["observed"].values, np.isfinite(ends["end_value"].values)
    entries = {
        Entry("reference", theme.INK, shape=REFERENCE, filled=False): np.isfinite(ends["reference_value"].values).any(),
        Entry(percent, theme.INK, shape=theme.FAILED): ((outcome == FAILED) & there).any(),
        Entry(f"last above {percent}", theme.INK, shape=theme.ALIVE, filled=False): (
            (outcome == CENSORED) & there
        ).any(),
        Entry("knee", theme.INK, shape=KNEE): np.isfinite(ends["knee_value"].values).any(),
        Entry("interrupted", theme.INK, shape="circle", filled=False): bool(
            ((curves["interrupted"].values > 0) & np.isfinite(curves["capacity"].values)).any()
        ),
    }
    return [entry for entry, shown in entries.items() if shown]


def profile_entries(profiles: xr.Dataset) -> list[Entry]:
    """Directions, and what the colours of single cycles tell apart: cells, coatings or cycles."""
    cells, numbers, colors = (profiles[name].values.tolist() for name in ("cell", "cycle", "color"))
    several, cycles = len(set(cells)) > 1, len(set(numbers)) > 1
    entries = dash_entries()
    if several:
        last = dict(zip(cells, colors, strict=True))
        if len(last) <= theme.LEGEND_ENTRIES:
            entries += [Entry(theme.elided(str(cell)), color) for cell, color in last.items()]
        else:
            coating = dict(zip(cells, profiles["coating"].values.tolist(), strict=True))
            by_coating = {coating[cell] or "coating unknown": color for cell, color in reversed(last.items())}
            entries += [Entry(f"{name} cells", color) for name, color in by_coating.items()]
    elif cycles:
        selected = profiles.attrs.get("selected")  # has no number, so that its legend stays as it moves
        order = sorted(zip(numbers, colors, strict=True), key=lambda pair: (pair[0] == selected, pair[0]))
        kept = order if len(order) <= theme.LEGEND_ENTRIES else [order[0], order[len(order) // 2], order[-1]]
        entries += [Entry("selected" if number == selected else f"cycle {number}", color) for number, color in kept]
    return entries


def profile_title(profiles: xr.Dataset) -> str:
    """Which cycles are shown, and of which there is nothing to show."""
    numbers = sorted({int(number) for number in profiles["cycle"].values})
    without = [number for number in profiles.attrs["asked"] if number not in numbers]
    several = len(set(profiles["cell"].values.tolist())) > 1
    parts = []
    if numbers:
        paler = ", earlier ones paler" if several and len(numbers) > 1 else ""
        parts.append(f"{_cycles(numbers)}{paler}")
    if without:
        parts.append(f"{_cycles(without)}: nothing to show")
    return "; ".join(parts)


def _cycles(numbers: list[int]) -> str:
    listed = ", ".join(map(str, numbers)) if len(numbers) <= _LISTED else f"{numbers[0]} to {numbers[-1]}"
    return f"cycle{'s' * (len(numbers) > 1)} {listed}"
