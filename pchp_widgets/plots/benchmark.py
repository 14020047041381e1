"""Full cells of a study beside those of others: excess lithium against cycles, with what was left of the capacity."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from . import theme
from .picture import Axis, Entry, Layer, Marks, Picture, Texts

_ROOM = 0.15


def benchmark_map(cells: xr.Dataset) -> Picture:
    """Cycles against N/P; beside each point its retention, below it the charge plated in all.

    Parameters
    ----------
    cells
        (entry): ``n_to_p``, ``cycles``, ``retention``, ``cumulative_capacity`` [A h cm-2], ``current_density``
        [mA cm-2], ``own`` (1 of this study, 0 of others), ``coating``; the coordinate names the entry.
    """
    ratio, cycles = cells["n_to_p"].values, cells["cycles"].values
    own = cells["own"].values.astype(bool)
    names = [str(name) for name in cells["entry"].values]
    looks = theme.looks({name: str(of) for name, of in zip(names, cells["coating"].values, strict=True)})
    colors = [looks[name].color if mine else theme.FAINT for name, mine in zip(names, own, strict=True)]
    passed = np.round(cells["cumulative_capacity"].values, 3)
    rows: dict[str, Any] = {
        "entry": names,
        "retention": np.round(100 * cells["retention"].values, 1),
        "current": cells["current_density"].values,
        "passed": passed,
        "color": colors,
    }
    tips = [
        ("", "@entry"),
        ("N/P", "$x{0.00}"),
        ("cycles", "$y{0}"),
        ("retention", "@retention{0.0} %"),
        ("current density", "@current{0.0} mA cm⁻²"),
        ("plated in all", "@passed{0.00} A h cm⁻²"),
    ]
    layers: list[Layer] = []
    for mine, marker in ((True, "circle"), (False, "diamond")):
        at = np.flatnonzero(own == mine)
        kept = {name: [values[one] for one in at.tolist()] for name, values in rows.items()}
        layers.append(Marks(ratio[at], cycles[at], kept, marker, filled=mine, size=10, tips=tips))
    said = [
        f"{100 * left:.0f} %, {charge:.2f} A h cm⁻²"
        for left, charge in zip(cells["retention"].values, passed.tolist(), strict=True)
    ]
    words = {"label": said, "side": ["right"] * len(said), "color": colors}
    layers.append(Texts(ratio, cycles, words))
    known = np.isfinite(ratio) & np.isfinite(cycles)
    right = float(ratio[known].max(initial=1.0)) * (1 + 2 * _ROOM)
    top = float(cycles[known].max(initial=1.0)) * (1 + _ROOM)
    legend = [
        Entry(theme.elided(name), color, shape="circle")
        for name, color, mine in zip(names, colors, own, strict=True)
        if mine
    ]
    return Picture(
        Axis("N/P: lithium of the anode / nominal capacity of the cathode"),
        Axis("cycles"),
        layers,
        (0.0, right),
        (0.0, top),
        legend=[*legend, *([Entry("others", theme.FAINT, shape="diamond")] if not own.all() else [])],
        title="beside each point: retention, and charge plated in all",
        height=320,
    )
