"""Controls of the panel of indentations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from ..analysis.indentation import DRIFTS, OUTLIERS, POISSON
from ..plots.indentation_view import QUANTITIES, SOURCES
from .controls import choice, in_a_row, number_slider, toggle

if TYPE_CHECKING:
    from .indentation import IndentationPanel

_NUMBER = {"width": "84px"}


def controls(panel: IndentationPanel) -> list[ipywidgets.Widget]:
    """Which test and quantity, and how they are evaluated."""
    number, slider = number_slider(panel, "test", "test")

    def follow(_: object = None) -> None:
        names = panel.shown or panel.samples.names
        most = max(panel.samples.measured[name].sizes["test"] for name in names)
        slider.max = max(most, panel.test)

    slider.min = 1
    follow()
    panel.observe(follow, ["shown", "test"])
    drift, meaning = choice(panel, "drift", "drift", DRIFTS)
    outliers, rule = choice(panel, "outliers", "outliers", OUTLIERS)
    meaning.layout.margin = rule.layout.margin = "0 0 0 8px"  # beside the list, not below it
    return [
        number,
        in_a_row(
            toggle(panel, "quantity", "", QUANTITIES, "84px"),
            toggle(panel, "source", "from", SOURCES, "92px"),
            toggle(panel, "tip", "tip of", ("file", "ideal")),
        ),
        in_a_row(
            _number(panel, "epsilon", "ε", 0.01), _number(panel, "beta", "β", 0.001), _poisson(panel),
            _number(panel, "frame_compliance", "frame, nm mN⁻¹", 0.01), _creep(panel), _back(panel),
        ),
        in_a_row(drift, meaning),
        in_a_row(outliers, rule),
    ]  # fmt: skip


def _number(panel: IndentationPanel, name: str, label: str, step: float) -> ipywidgets.HBox:
    trait: Any = panel.traits()[name]
    limits = {"min": trait.min, "max": trait.max if trait.max != float("inf") else 1e6}
    box = ipywidgets.BoundedFloatText(getattr(panel, name), step=step, layout=_NUMBER, **limits)
    traitlets.link((panel, name), (box, "value"))
    return ipywidgets.HBox([ipywidgets.Label(label), box])


def _poisson(panel: IndentationPanel) -> ipywidgets.HBox:
    """Poisson's ratio, as text: empty for that of each sample."""
    box = ipywidgets.Text(
        placeholder="of sample",
        continuous_update=False,
        tooltip=f"Poisson's ratio; empty for that of each sample, {POISSON} where nobody said",
        layout={"width": "96px"},
    )

    def typed(change: dict[str, str]) -> None:
        text = change["new"].strip().replace(",", ".")
        try:
            panel.poisson = float(text) if text else None
        except (ValueError, traitlets.TraitError):
            panel.status = f"ν {text!r}: write a number between -0.99 and 0.49, or nothing for that of the sample"

    def show(_: object = None) -> None:
        box.value = "" if panel.poisson is None else f"{panel.poisson:g}"

    show()
    box.observe(typed, "value")
    panel.observe(show, "poisson")
    return ipywidgets.HBox([ipywidgets.Label("ν"), box])


def _creep(panel: IndentationPanel) -> ipywidgets.Checkbox:
    box = ipywidgets.Checkbox(panel.creep, description="correct creep", indent=False, layout={"width": "130px"})
    traitlets.link((panel, "creep"), (box, "value"))
    return box


def _back(panel: IndentationPanel) -> ipywidgets.Button:
    back = ipywidgets.Button(description="usual window", layout={"width": "auto"})

    def suggest(_: object) -> None:
        panel.window = panel.depths = ()

    back.on_click(suggest)
    return back
