"""Controls of the panel of coating conductivity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..analysis.conductivity import FORMS
from .controls import choice, in_a_row
from .transport_controls import STYLE, circuit_box, number

if TYPE_CHECKING:
    from .conductivity import ConductivityPanel

_UNKNOWN = "not stated"
_FACES = {"as stated": 0, "1 face": 1, "2 faces": 2}


def controls(panel: ConductivityPanel) -> list[ipywidgets.Widget]:
    """Circuit, temperature of the spectra, geometry with its errors, and the law."""
    form, meaning = choice(panel, "form", "Arrhenius", FORMS, {"sigma": "ln σ", "sigma_T": "ln (σ T)"})
    vogel = ipywidgets.Checkbox(description="Vogel's law", indent=False, layout={"width": "120px"})
    traitlets.link((panel, "vogel"), (vogel, "value"))
    faces = ipywidgets.Dropdown(options=_FACES, description="coated", style=STYLE, layout={"width": "200px"})
    traitlets.link((panel, "faces"), (faces, "value"))
    geometry = in_a_row(
        faces,
        number(panel, "thickness", "thickness, µm (0: as stated)", 1.0, 0.5),
        number(panel, "thickness_error", "its error, %", 100.0, 1.0),
    )
    doubts = in_a_row(
        number(panel, "area_error", "error of the area, %", 100.0, 0.5),
        number(panel, "scatter", "scatter of Rₛ, Ω (0: from the cells)", 1.0, 0.1),
        number(panel, "permittivity", "ε_r", 1.0, 1.0),
    )
    return [circuit_box(panel), _temperature(panel), geometry, doubts, in_a_row(form, vogel), meaning]


def _temperature(panel: ConductivityPanel) -> ipywidgets.SelectionSlider:
    slider = ipywidgets.SelectionSlider(
        options=[_UNKNOWN], description="spectra at", style=STYLE, layout={"width": "400px"}
    )

    def choose(change: dict[str, str]) -> None:
        panel.temperature = {_degrees(degrees): degrees for degrees in panel.temperatures()}.get(change["new"])

    def follow(_: object = None) -> None:
        options = [_degrees(degrees) for degrees in panel.temperatures()] or [_UNKNOWN]
        slider.unobserve_all("value")  # new options choose their first one: that is nobody's choice
        if list(slider.options) != options:
            slider.options = options
        if _degrees(panel.temperature) in options:
            slider.value = _degrees(panel.temperature)
        slider.observe(choose, "value")

    follow()
    panel.observe(follow, ["shown", "temperature"])
    return slider


def _degrees(temperature: float | None) -> str:
    return _UNKNOWN if temperature is None else f"{temperature:g} °C"
