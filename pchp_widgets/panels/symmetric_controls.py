"""Controls of the panel of symmetric cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..analysis.symmetric import DEFINITIONS
from ..plots.pieces import REPLICATES
from ..plots.theme import elided
from .controls import choice, in_a_row, toggle

if TYPE_CHECKING:
    from .symmetric import SymmetricPanel


_LABEL = {"description_width": "84px"}


def controls(panel: SymmetricPanel) -> list[ipywidgets.Widget]:
    """Which view, and what can be chosen in it."""
    definition, meaning = choice(panel, "definition", "polarization", DEFINITIONS)
    drawn = in_a_row(toggle(panel, "against", "against", ["cycle", "time"]), _replicates(panel))
    only = {"polarization": ipywidgets.VBox([in_a_row(definition, drawn), meaning]), "shape map": _cell_of_map(panel)}
    for name, widget in only.items():
        traitlets.dlink((panel, "view"), (widget.layout, "display"), lambda now, own=name: "" if now == own else "none")
    return [_view(panel), *only.values()]


def _view(panel: SymmetricPanel) -> ipywidgets.HBox:
    buttons = ipywidgets.ToggleButtons(
        options=list(panel.views), style={"button_width": "112px"}, layout={"width": "auto"}
    )
    traitlets.link((panel, "view"), (buttons, "value"))
    label = ipywidgets.Label("view", layout={"width": "84px", "display": "flex", "justify_content": "flex-end"})
    return ipywidgets.HBox([label, buttons])


def _replicates(panel: SymmetricPanel) -> ipywidgets.HBox:
    return toggle(panel, "replicates", "replicates", REPLICATES)


def _cell_of_map(panel: SymmetricPanel) -> ipywidgets.Dropdown:
    """A list of the cells shown, for the one whose shape is mapped."""
    chosen = ipywidgets.Dropdown(description="map of", style=_LABEL, layout={"width": "300px"})

    def choose(change: dict[str, str]) -> None:
        panel.cell = change["new"]

    def follow(_: object = None) -> None:
        chosen.unobserve(choose, "value")  # new options choose their first one: that is nobody's choice
        chosen.options = [(elided(name, 28), name) for name in panel.shown]
        chosen.value = panel.mapped or None
        chosen.observe(choose, "value")

    chosen.observe(choose, "value")
    follow()
    panel.observe(follow, ["shown", "cell"])
    return chosen
