"""Controls of the panel of polarized cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets

from ..analysis.transference import INITIAL
from .controls import choice, in_a_row
from .transport_controls import STYLE, circuit_box, number

if TYPE_CHECKING:
    from .transference import TransferencePanel

_COUNTED = {
    "SEI and charge transfer": ("sei", "charge_transfer"),
    "coating, SEI and charge transfer": ("coating", "sei", "charge_transfer"),
    "charge transfer only": ("charge_transfer",),
    "SEI only": ("sei",),
}


def controls(panel: TransferencePanel) -> list[ipywidgets.Widget]:
    """Circuit, arcs that count, initial current, and errors of the instrument."""
    initial, meaning = choice(panel, "initial", "initial I₀", INITIAL)
    errors = in_a_row(
        number(panel, "voltage_error", "errors: ΔV, mV", 1e3, 0.01),
        number(panel, "current_error", "I, %", 100.0, 0.1),
        number(panel, "resistance_error", "R, %", 100.0, 0.1),
    )
    return [circuit_box(panel), _counted(panel), initial, meaning, errors]


def _counted(panel: TransferencePanel) -> ipywidgets.Dropdown:
    box = ipywidgets.Dropdown(
        options=_COUNTED,
        description="interface",
        style=STYLE,
        layout={"width": "400px"},
        tooltip="arcs that count as interface; all other resistance is bulk",
    )

    def show(_: object = None) -> None:
        if panel.counted not in box.options.values():
            box.options = {**_COUNTED, " and ".join(panel.counted).replace("_", " "): panel.counted}
        box.value = panel.counted

    show()
    box.observe(lambda change: setattr(panel, "counted", change["new"]), "value")
    panel.observe(show, "counted")
    return box
