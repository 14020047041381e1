"""Controls of the panel of the lithium ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import traitlets

from ..analysis import energy
from ..model.units import pretty
from .controls import in_a_row, toggle

if TYPE_CHECKING:
    from collections.abc import Callable

    from .inventory import InventoryPanel

_LABEL = {"description_width": "150px"}
_CATHODES = ("NCM83", "LFP")


def controls(panel: InventoryPanel) -> list[ipywidgets.Widget]:
    """Which view, and sliders for what it assumes."""
    from .inventory import VIEWS

    lithium = [
        _slider(panel, "lithium_thickness", "lithium, µm", (1, 250, 1)),
        _slider(panel, "efficiency", "CE of lithium, %", (95, 100, 0.01), 100),
        _slider(panel, "capacity", "P, mA h cm⁻²", (0.2, 8, 0.05)),
        in_a_row(
            _box(panel, "tolerance", "thickness ± %", 100, 1),
            _box(panel, "efficiency_tolerance", "CE ± %", 100, 0.01),
            _box(panel, "level", "end of life at %", 100, 1),
        ),
    ]
    stack = [
        _slider(panel, "coating_thickness", "coating, µm", (0, 30, 0.5)),
        _slider(panel, "capacity", "P, mA h cm⁻²", (0.2, 8, 0.05)),
        _slider(panel, "voltage", "mean voltage, V", (1, 5, 0.01)),
        _slider(panel, "lithium_thickness", "lithium, µm", (1, 250, 1)),
        in_a_row(_box(panel, "loading", "loading, mg cm⁻²", 1, 0.1), _cathode(panel)),
        _assumptions(panel),
    ]
    boxes = {"lithium": ipywidgets.VBox(lithium), "energy": ipywidgets.VBox(stack)}

    def show(_: object = None) -> None:
        for name, box in boxes.items():
            box.layout.display = "" if name == panel.view else "none"

    show()
    panel.observe(show, "view")
    first: list[ipywidgets.Widget] = [toggle(panel, "view", "view", list(VIEWS))]
    if panel.cells.names:
        take = ipywidgets.Button(
            description="take from cell",
            tooltip="set everything to what is known of the first cell shown",
            layout={"width": "auto"},
        )
        take.on_click(lambda _: panel.take_from_cell())
        panel.observe(lambda _: setattr(take, "disabled", not panel.shown), "shown")
        first.append(take)
    return [in_a_row(*first), *boxes.values()]


def _slider(
    panel: InventoryPanel, name: str, label: str, limits: tuple[float, float, float], scale: float = 1.0
) -> ipywidgets.HBox:
    """A slider for the usual range of one trait, and a box for all of it."""
    low, high, step = limits
    slider = ipywidgets.FloatSlider(
        min=low, max=high, step=step, description=label, readout=False, style=_LABEL, layout={"width": "400px"}
    )
    box = _number(panel, name, scale, step)
    _follow(panel, name, slider, scale, step / 2)
    return ipywidgets.HBox([slider, box])


def _box(panel: InventoryPanel, name: str, label: str, scale: float, step: float) -> ipywidgets.HBox:
    return ipywidgets.HBox([ipywidgets.Label(label), _number(panel, name, scale, step)])


def _number(panel: InventoryPanel, name: str, scale: float, step: float) -> ipywidgets.BoundedFloatText:
    of: Any = panel.traits()[name]
    box = ipywidgets.BoundedFloatText(
        scale * getattr(panel, name), min=scale * of.min, max=scale * of.max, step=step, layout={"width": "84px"}
    )
    _follow(panel, name, box, scale)
    return box


def _follow(panel: InventoryPanel, name: str, widget: Any, scale: float, coarse: float = 0.0) -> None:
    """Link a trait to a widget, which shows a value beyond its range or between its steps as near as it can.

    The trait stays as it is then: a browser sends back what a slider made of it, no further than `coarse` away.
    """
    busy = False

    def show(_: object = None) -> None:
        nonlocal busy
        busy = True
        try:
            widget.value = min(max(round(scale * getattr(panel, name), 9), widget.min), widget.max)
        finally:
            busy = False

    def take(change: dict[str, float]) -> None:
        end = change["new"] in {widget.min, widget.max} and not widget.min <= scale * getattr(panel, name) <= widget.max
        if not busy and not end and abs(change["new"] - scale * getattr(panel, name)) > 1.001 * coarse:
            setattr(panel, name, round(change["new"] / scale, 9))

    show()
    widget.observe(take, "value")
    panel.observe(show, name)


def _cathode(panel: InventoryPanel) -> ipywidgets.HBox:
    box = ipywidgets.Combobox(
        value=panel.cathode, options=_CATHODES, continuous_update=False, layout={"width": "110px"}
    )
    traitlets.link((panel, "cathode"), (box, "value"))
    return ipywidgets.HBox([ipywidgets.Label("cathode"), box])


def _assumptions(panel: InventoryPanel) -> ipywidgets.Accordion:
    """Every assumption in a row of its own: value, units and why; folded up at first."""
    boxes: dict[str, ipywidgets.FloatText] = {}
    cells: list[ipywidgets.Widget] = []
    for name, value, units, why in energy.assumption_table(panel.of()):
        boxes[name] = ipywidgets.FloatText(_shown(value), layout={"width": "84px"}, continuous_update=False)
        texts = (name.replace("_", " "), "" if units == "1" else pretty(units), why.split(" (changed")[0])
        label, unit, reason = (ipywidgets.Label(text) for text in texts)
        reason.layout.flex = "1"
        cells += [label, boxes[name], unit, reason]
        boxes[name].observe(_taker(panel, name), "value")

    def show(_: object = None) -> None:
        for name, value, _units, _why in energy.assumption_table(panel.of()):
            boxes[name].value = _shown(value)

    panel.observe(show, ["assumptions", "cathode"])
    grid = ipywidgets.GridBox(
        cells, layout={"grid_template_columns": "190px 90px 80px minmax(200px, 1fr)", "width": "100%"}
    )
    back = ipywidgets.Button(description="back to the usual ones", layout={"width": "auto", "align_self": "flex-start"})
    back.on_click(lambda _: setattr(panel, "assumptions", {}))
    return ipywidgets.Accordion(
        [ipywidgets.VBox([grid, back])], titles=("all assumptions (0: not known)",), layout={"width": "100%"}
    )


def _taker(panel: InventoryPanel, name: str) -> Callable[[dict[str, float]], None]:
    def take(change: dict[str, float]) -> None:
        usual = getattr(energy.assumptions(panel.cathode), name)
        value = change["new"]
        others = {key: of for key, of in panel.assumptions.items() if key != name}
        same = value == usual or (value == 0 and not np.isfinite(usual))
        panel.assumptions = others if same else {**others, name: value}

    return take


def _shown(value: float) -> float:
    return value if np.isfinite(value) else 0.0
