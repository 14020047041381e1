"""Controls of the panel of full and half cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..plots.cycling_view import BASES
from ..plots.pieces import REPLICATES
from .controls import choice, in_a_row, toggle

if TYPE_CHECKING:
    from .cycling import CyclingPanel


_CALLED = {"profiles": "voltage profiles", "dq_dv": "dQ/dV", "dv_dq": "dV/dQ", "voltage": "mean voltages"}


def controls(panel: CyclingPanel) -> list[ipywidgets.Widget]:
    """Which cycles one by one, which view, which capacity, what the retention refers to."""
    from .cycling import VIEWS

    view, meaning = choice(panel, "view", "view", VIEWS, _CALLED)
    basis, _ = choice(panel, "basis", "capacity", BASES)
    reference = _number(panel, "reference_cycle", "reference cycle")
    first = _number(panel, "first_cycle", "mean CE from cycle")
    return [
        _cycles(panel),
        in_a_row(view, toggle(panel, "against", "against", ["cycle", "time"])),
        meaning,
        in_a_row(basis, toggle(panel, "replicates", "replicates", REPLICATES)),
        in_a_row(reference, first),
    ]


def _cycles(panel: CyclingPanel) -> ipywidgets.HBox:
    """Cycles shown one by one, as labels that can be typed and removed, and a button for the selected one."""
    tags = ipywidgets.IntsInput(value=list(panel.cycles), min=0, layout={"width": "auto", "max_width": "420px"})
    traitlets.link((panel, "cycles"), (tags, "value"), (list, tuple))
    keep = ipywidgets.Button(
        description="keep selected", tooltip="show this cycle also when another is selected", layout={"width": "auto"}
    )
    keep.on_click(lambda _: setattr(panel, "cycles", (*panel.cycles, panel.cycle)))
    return in_a_row(ipywidgets.Label("and cycles", layout={"width": "84px", "justify_content": "flex-end"}), tags, keep)


def _number(panel: CyclingPanel, name: str, label: str) -> ipywidgets.BoundedIntText:
    value = getattr(panel, name)
    box = ipywidgets.BoundedIntText(
        value, min=0, max=max(10**6, value), description=label,
        style={"description_width": "initial"}, layout={"width": "220px"},
    )  # fmt: skip
    traitlets.link((panel, name), (box, "value"))
    return box
