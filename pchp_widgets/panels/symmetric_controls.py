"""Controls and readouts of the panel of symmetric cells."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..analysis.symmetric import DEFINITIONS
from ..plots.theme import elided
from .controls import cell_picker, choice, number_slider, toggle
from .symmetric_readout import Line

if TYPE_CHECKING:
    from .symmetric import SymmetricPanel

_MANY_COATINGS = 8


def controls(panel: SymmetricPanel) -> list[ipywidgets.Widget]:
    """Which cells, which cycle, which definition, against what."""
    cycle, slider = number_slider(panel, "cycle", "cycle")

    def follow(_: object = None) -> None:
        numbers = panel.cells.cycle_numbers(panel.shown or panel.cells.names)
        with slider.hold_trait_notifications():
            slider.min, slider.max = int(numbers.min()), int(numbers.max())

    follow()
    panel.observe(follow, "result")
    definition, meaning = choice(panel, "definition", "polarization", DEFINITIONS)
    against = toggle(panel, "against", "against", ["cycle", "time"])
    which = [
        ipywidgets.VBox([cycle, ipywidgets.HBox([definition, against], layout={"flex_flow": "row wrap"}), meaning])
    ]
    if len(panel.cells.names) > 1:
        names = {name: f"{elided(name, 28)} · {look.coating or '?'}" for name, look in panel.cells.looks.items()}
        which.insert(0, cell_picker(panel, names, _coatings(panel)))
    return [ipywidgets.HBox(which, layout={"flex_flow": "row wrap", "grid_gap": "4px 24px"})]


def _coatings(panel: SymmetricPanel) -> dict[str, tuple[str, ...]]:
    """Cells by coating, where that says more than their names."""
    found: dict[str, tuple[str, ...]] = {}
    for name, look in panel.cells.looks.items():
        if look.coating:
            found[look.coating] = (*found.get(look.coating, ()), name)
    return found if 1 < len(found) < min(len(panel.cells.names), _MANY_COATINGS) else {}


def readouts(panel: SymmetricPanel) -> list[ipywidgets.Widget]:
    """What is shown, in numbers and words."""
    table = ipywidgets.HTML(layout={"width": "100%"})
    traitlets.dlink(
        (panel, "result"), (table, "value"), lambda _: _table(panel.lines(), panel.cycle, panel.cells.notice)
    )
    return [table]


def _table(lines: list[Line], cycle: int, notice: str) -> str:
    cell, faint = "padding:1px 16px 1px 0;text-align:left;white-space:nowrap", "color:var(--jp-ui-font-color2,#555)"
    heads = ("", f"polarization, cycle {cycle}", "life")
    head = "".join(f'<th style="{cell};font-weight:normal;{faint}">{text}</th>' for text in heads)
    rows = "".join(
        f'<tr><td style="{cell}" title="{escape(line.name, quote=True)}">'
        f'<span style="color:{line.color}">&#9632;</span> {escape(elided(line.name, 28))}</td>'
        f'<td style="{cell}">{escape(line.polarization)}</td><td style="{cell}">{escape(line.life)}</td></tr>'
        for line in lines
    )
    notes = "".join(f"<div>{escape(note)}</div>" for note in [*_notes(lines), notice] if note)
    return (
        '<div style="line-height:1.4;font-size:13px;overflow-x:auto;color:var(--jp-ui-font-color1,#222)">'
        f'<table><tr>{head}</tr>{rows}</table><div style="{faint}">{notes}</div></div>'
    )


def _notes(lines: list[Line]) -> list[str]:
    """Each remark once, with the cells it is about where there are several."""
    about: dict[str, list[str]] = {}
    for line in lines:
        for remark in line.remarks:
            about.setdefault(remark, []).append(elided(line.name, 28))
    if len(lines) == 1:
        return list(about)
    return [f"{', '.join(names) if len(names) < len(lines) else 'all'}: {remark}" for remark, names in about.items()]
