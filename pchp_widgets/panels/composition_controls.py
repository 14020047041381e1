"""Controls of the panel of composition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..analysis.composition import BASELINES, GROUPS, ROUTES
from .controls import choice, in_a_row
from .transport_controls import number

if TYPE_CHECKING:
    from .composition import CompositionPanel

_RANGES = ("window", "acid", "aromatic", "amide", "searched", "compared")


def controls(panel: CompositionPanel) -> list[ipywidgets.Widget]:
    """Base line, route, error of elemental analysis, PEGDE, the group that is sought, and the way back."""
    baseline, meaning = choice(panel, "baseline", "base line", BASELINES)
    route, route_meaning = choice(panel, "route", "elements", ROUTES, {"nitrogen": "N", "ratio": "N/C"})
    called = {name: f"{name} ({group.nucleus})" for name, group in GROUPS.items()}
    group, group_meaning = choice(panel, "group", "seek", {name: one.text for name, one in GROUPS.items()}, called)
    stacked = ipywidgets.Checkbox(description="spectra apart", indent=False, layout={"width": "140px"})
    traitlets.link((panel, "stacked"), (stacked, "value"))
    back = ipywidgets.Button(description="usual regions", tooltip="instead of those dragged", layout={"width": "auto"})

    def reset(_: object) -> None:
        for name in _RANGES:
            setattr(panel, name, ())

    def follow(_: object = None) -> None:
        back.disabled = not any(getattr(panel, name) for name in _RANGES)

    back.on_click(reset)
    follow()
    panel.observe(follow, list(_RANGES))
    return [
        in_a_row(baseline, stacked, back),
        meaning,
        in_a_row(route, number(panel, "element_error", "error of a run where none is stated, %", 100.0, 0.05)),
        route_meaning,
        in_a_row(
            number(panel, "molar_mass", "Mn of PEGDE, g mol⁻¹", 1.0, 50.0),
            number(panel, "functionality", "epoxides of a molecule", 1.0, 0.1),
        ),
        group,
        group_meaning,
    ]
