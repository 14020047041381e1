"""Controls of the panel of peel tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..analysis.adhesion import RULES, STATISTICS
from ..plots.adhesion import CALLED
from .controls import choice, in_a_row

if TYPE_CHECKING:
    from .adhesion import AdhesionPanel


def controls(panel: AdhesionPanel) -> list[ipywidgets.Widget]:
    """Rule with the way back to its range, statistic, and the material the others are compared with."""
    rule, meaning = choice(panel, "rule", "rule", {name: one.text for name, one in RULES.items()})
    statistic, _ = choice(panel, "statistic", "plateau", STATISTICS, CALLED)
    back = ipywidgets.Button(
        description="range of the rule", tooltip="instead of the one dragged", layout={"width": "auto"}
    )
    back.on_click(lambda _: setattr(panel, "window", ()))

    def follow(_: object = None) -> None:
        back.disabled = not panel.window

    follow()
    panel.observe(follow, "window")
    rows: list[ipywidgets.Widget] = [in_a_row(rule, back), meaning, statistic]
    if len(panel.materials) > 1:
        rows[2] = in_a_row(statistic, _reference(panel))
    return rows


def _reference(panel: AdhesionPanel) -> ipywidgets.Dropdown:
    options = [("the first one", ""), *((name, name) for name in panel.materials)]
    box = ipywidgets.Dropdown(
        options=options,
        description="reference",
        style={"description_width": "84px"},
        layout={"width": "260px"},
    )
    traitlets.link((panel, "reference"), (box, "value"))
    return box
