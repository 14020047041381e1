"""Controls that panels of transference and conductivity have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from .transport import CIRCUITS

if TYPE_CHECKING:
    from .base import Panel
    from .transport import TransportPanel

STYLE = {"description_width": "84px"}


def circuit_box(panel: TransportPanel) -> ipywidgets.Combobox:
    """The circuit, from a list or typed; what cannot be read is said in the status, and the fit stays as it was."""
    box = ipywidgets.Combobox(
        value=panel.circuit,
        options=list(CIRCUITS),
        description="circuit",
        continuous_update=False,
        style=STYLE,
        layout={"width": "400px"},
        tooltip="; ".join(f"{text}: {meaning}" for text, meaning in CIRCUITS.items()),
    )

    def typed(change: dict[str, str]) -> None:
        try:
            panel.circuit = change["new"]
        except traitlets.TraitError as error:
            panel.status = str(error)

    box.observe(typed, "value")
    traitlets.dlink((panel, "circuit"), (box, "value"))
    return box


def number(panel: Panel, name: str, label: str, scale: float, step: float) -> ipywidgets.HBox:
    """A box for a number that is shown in other units than it is kept in."""
    low, high = (scale * getattr(panel.traits()[name], end) for end in ("min", "max"))
    box = ipywidgets.BoundedFloatText(
        scale * getattr(panel, name), min=low, max=high, step=step, layout={"width": "80px"}
    )
    traitlets.link((panel, name), (box, "value"), (lambda value: round(scale * value, 9), lambda value: value / scale))
    return ipywidgets.HBox([ipywidgets.Label(label), box])
