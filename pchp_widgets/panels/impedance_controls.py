"""Controls of the panel of impedance spectra: the circuit, what is fitted, and what is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from ..analysis.circuits import circuit as parsed
from ..analysis.impedance import WEIGHTS
from ..analysis.spectra_resistances import TWO_ARCS
from ..plots.impedance_values import PER, quantities
from ..plots.pieces import REPLICATES
from ..plots.theme import elided
from .controls import choice, in_a_row, toggle
from .impedance_table import parameter_table
from .status import in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from .impedance import ImpedancePanel

CIRCUITS = {
    "R0-p(R1,CPE1)": "one arc",
    TWO_ARCS: "two arcs",
    "R0-p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)": "three arcs",
    "R0-p(R1,CPE1)-p(R2,CPE2)-W1": "two arcs and diffusion",
    "L0-R0-p(R1,CPE1)-p(R2,CPE2)": "cable and two arcs",
    "R0-p(R1,CPE1)-p(CPE2,R2-W1)": "an arc, and Randles with diffusion",
    "R0-p(R1,CPE1)-CPE2": "an arc, and a blocking electrode",
}
"""Circuits to choose from; any other can be typed."""

_LABEL = {"description_width": "84px"}
_BRUSHES = {"zoom": "BoxZoomTool", "leave out points": "BoxSelectTool"}
"""What a box drawn in a figure does, and the tool that does it."""


def controls(panel: ImpedancePanel) -> list[ipywidgets.Widget]:
    """Circuit and weights, parameters, points, and what is drawn over the cycles."""
    choose = _button("choose", "the circuit with the smallest BIC that all spectra shown determine", panel.choose)
    named = in_a_row(_circuit(panel), choose, _weights(panel))
    fitted = ipywidgets.VBox([named, _fits(panel), parameter_table(panel)])
    traitlets.dlink((panel, "view"), (fitted.layout, "display"), lambda now: "" if now == "circuit" else "none")
    return [_view(panel), fitted, _points(panel)]


def _view(panel: ImpedancePanel) -> ipywidgets.HBox:
    from .impedance import VIEWS

    per, _ = choice(panel, "per", "per", PER)
    per.layout.width = "200px"
    return in_a_row(toggle(panel, "view", "view", list(VIEWS), "96px"), per)


def _circuit(panel: ImpedancePanel) -> ipywidgets.Combobox:
    """A list of circuits, in which another can be typed."""
    box = ipywidgets.Combobox(
        value=panel.circuit,
        options=list(CIRCUITS),
        description="circuit",
        continuous_update=False,
        tooltip="choose one or type it: R, C, L, CPE, W, Wo, Ws, G in series (-), and in parallel p(…,…)",
        style=_LABEL,
        layout={"width": "400px"},
    )

    def typed(change: dict[str, str]) -> None:
        try:
            panel.use(change["new"].strip())
        except (ValueError, traitlets.TraitError) as error:
            panel.status = f"{in_words(error)}\n(The figures show the circuit before.)"

    box.observe(typed, "value")
    panel.observe(lambda change: setattr(box, "value", change["new"]), "circuit")
    return box


def _weights(panel: ImpedancePanel) -> ipywidgets.Dropdown:
    chosen, _ = choice(panel, "weights", "weights", WEIGHTS, {"kramers_kronig": "Kramers-Kronig residuals"})
    chosen.tooltip = "; ".join(f"{name}: {text}" for name, text in WEIGHTS.items())
    return chosen


def _fits(panel: ImpedancePanel) -> ipywidgets.HBox:
    """Fit all spectra of the cells shown, let the data choose the circuit, and what is drawn against the cycle."""
    every = ipywidgets.ToggleButton(
        panel.fit_all,
        description="fit all",
        tooltip="all spectra of the cells shown, at once",
        layout={"width": "auto"},
    )
    traitlets.link((panel, "fit_all"), (every, "value"))
    return in_a_row(every, _quantity(panel), toggle(panel, "replicates", "replicates", REPLICATES))


def _quantity(panel: ImpedancePanel) -> ipywidgets.Dropdown:
    """What is drawn over the cycles: it depends on the circuit."""
    chosen = ipywidgets.Dropdown(description="draw", style=_LABEL, layout={"width": "380px"})

    def choose(change: dict[str, str]) -> None:
        panel.quantity = change["new"]

    def follow(_: object = None) -> None:
        chosen.unobserve(choose, "value")  # new options choose their first one: that is nobody's choice
        chosen.options = [(of.words, name) for name, of in quantities(parsed(panel.circuit)).items()]
        chosen.value = panel.quantity if panel.quantity in [name for _, name in chosen.options] else None
        chosen.observe(choose, "value")

    chosen.observe(choose, "value")
    follow()
    panel.observe(follow, ["circuit", "quantity"])
    return chosen


def _points(panel: ImpedancePanel) -> ipywidgets.HBox:
    """What a box drawn in a figure does, and points that are left out."""
    drag = ipywidgets.ToggleButtons(options=list(_BRUSHES), style={"button_width": "136px"}, layout={"width": "auto"})
    drag.observe(lambda change: _take_up(panel, change["new"]), "value")
    panel.observe(lambda _: _take_up(panel, drag.value), "view")  # figures of the other view are made when it is shown
    where = ipywidgets.Checkbox(panel.everywhere, description="in all spectra", indent=False, layout={"width": "120px"})
    where.observe(lambda change: setattr(panel, "everywhere", change["new"]), "value")
    marked = _button("leave out marked", "the points at the marked frequency, or take them back", panel.leave_marked)
    back = _button("take all back", "fit every point again", lambda: setattr(panel, "left_out", ()))
    panel.observe(lambda change: setattr(marked, "disabled", not change["new"]), "frequency")
    panel.observe(lambda change: setattr(back, "disabled", not change["new"]), "left_out")
    marked.disabled, back.disabled = not panel.frequency, not panel.left_out
    return in_a_row(ipywidgets.Label("draw a box to"), drag, where, marked, back)


def _take_up(panel: ImpedancePanel, word: str) -> None:
    """Let a box drawn in the figures of points do something else."""
    for figure in panel.figures.values():
        tools = {type(tool).__name__: tool for tool in figure.toolbar.tools}
        if _BRUSHES["leave out points"] in tools:
            figure.toolbar.active_drag = tools[_BRUSHES[word]]


def _button(word: str, tooltip: str, act: Callable[[], Any]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=word, tooltip=tooltip, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button


def cell_of_table(panel: ImpedancePanel) -> ipywidgets.Dropdown:
    """A list of the cells shown, for the one whose parameters stand in the table."""
    chosen = ipywidgets.Dropdown(description="of", style={"description_width": "20px"}, layout={"width": "240px"})

    def choose(change: dict[str, str]) -> None:
        panel.cell = change["new"] or ""

    def follow(_: object = None) -> None:
        chosen.unobserve(choose, "value")
        chosen.options = [(elided(name, 28), name) for name in panel.shown]
        chosen.value = panel.tabled or None
        chosen.layout.display = "" if len(panel.shown) > 1 else "none"
        chosen.observe(choose, "value")

    chosen.observe(choose, "value")
    follow()
    panel.observe(follow, ["shown", "cell"])
    return chosen
