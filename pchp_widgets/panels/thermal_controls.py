"""Controls of the panel of calorimetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..analysis.thermal import BASELINES, PEO_ENTHALPIES
from .controls import choice, in_a_row
from .transport_controls import number

if TYPE_CHECKING:
    from .thermal import ThermalPanel

_STYLE = {"description_width": "84px"}
_MEANING = {
    "linear": "a straight line between the ends of the window",
    "sigmoidal": "from one level to the other with the share of the heat",
}


def controls(panel: ThermalPanel) -> list[ipywidgets.Widget]:
    """Run, base lines, direction, shift, and what the limit depends on."""
    run = ipywidgets.Dropdown(
        options=[("the last heating", ""), *((name, name) for name in panel.runs())],
        description="run",
        style=_STYLE,
        layout={"width": "260px"},
    )
    traitlets.link((panel, "run"), (run, "value"))
    baseline, meaning = choice(panel, "baseline", "base line", {name: _MEANING[name] for name in BASELINES})
    exo = ipywidgets.Checkbox(description="exothermic up", indent=False, layout={"width": "140px"})
    traitlets.link((panel, "exo_up"), (exo, "value"))
    stacked = ipywidgets.Checkbox(description="curves apart", indent=False, layout={"width": "140px"})
    traitlets.link((panel, "stacked"), (stacked, "value"))
    others = ", ".join(f"{value:g}" for value in PEO_ENTHALPIES)
    return [
        in_a_row(run, exo, stacked),
        in_a_row(baseline, number(panel, "base", "base lines of Tg, % of its window", 100.0, 1.0)),
        meaning,
        in_a_row(
            number(panel, "reference_enthalpy", f"ΔH₀ of PEO, J g⁻¹ ({others} are in use)", 1.0, 0.1),
            number(panel, "width", "endotherm looked for, K", 1.0, 0.5),
        ),
    ]
