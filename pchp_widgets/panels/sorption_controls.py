"""Controls of the panel of isotherms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from ..model.gases import GASES
from .controls import choice, in_a_row
from .transport_controls import STYLE, number

if TYPE_CHECKING:
    from .sorption import SorptionPanel

_MODELS = {
    "none": "points only",
    "langmuir": "n = nₘ K p / (1 + K p)",
    "dual_mode": "n = k_D p + C' b p / (1 + b p): what dissolves, and what fills the free volume of a glass",
}
_EXPONENTS = {"n = 2 (Radushkevich)": 2.0, "n fitted (Astakhov)": 0.0}


def controls(panel: SorptionPanel) -> list[ipywidgets.Widget]:
    """Ranges, conventions, model and reference."""
    model, meaning = choice(panel, "model", "model", _MODELS, {"langmuir": "Langmuir", "dual_mode": "dual mode"})
    back = ipywidgets.Button(description="suggested ranges", layout={"width": "auto"})

    def suggest(_: object) -> None:
        panel.window = panel.micropores = ()

    back.on_click(suggest)
    tolerance = number(panel, "tolerance", "criterion 4 within, %", 100.0, 1.0)
    known = [_listed(panel, "exponent", "Dubinin", _EXPONENTS, _exponent), _densities(panel), _areas(panel)]
    if len(panel.samples.names) > 1:
        names = {"nothing": "", **{name: name for name in panel.samples.names}}
        known.append(_listed(panel, "reference", "against", names, str))
    return [in_a_row(*known), in_a_row(model, tolerance, back), meaning]


def _densities(panel: SorptionPanel) -> ipywidgets.Dropdown:
    return _listed(panel, "density", "ρ adsorbed", {name: name for name in panel.densities}, str)


def _areas(panel: SorptionPanel) -> ipywidgets.Dropdown:
    areas = {f"{gas.name}: {text}": area for gas in GASES.values() for text, area in gas.areas.items()}
    return _listed(panel, "molecule_area", "σ", {"that of the gas": 0.0, **areas}, lambda area: f"{area:g} nm²")


def _exponent(value: float) -> str:
    return f"n = {value:g}"


def _listed(
    panel: SorptionPanel, name: str, label: str, options: Mapping[str, Any], called: Callable[[Any], str]
) -> ipywidgets.Dropdown:
    """A list for one trait, to which a value set from elsewhere is added."""
    box = ipywidgets.Dropdown(options=dict(options), description=label, style=STYLE, layout={"width": "260px"})

    def show(_: object = None) -> None:
        value = getattr(panel, name)
        if value not in options.values():
            box.options = {**options, called(value): value}
        if box.value != value:
            box.value = value

    def choose(change: dict[str, object]) -> None:
        try:
            setattr(panel, name, change["new"])
        except traitlets.TraitError as error:
            panel.status = str(error)

    show()
    box.observe(choose, "value")
    panel.observe(show, name)
    return box
