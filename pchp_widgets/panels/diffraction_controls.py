"""Controls of the panel of diffraction patterns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..analysis.diffraction import BACKGROUNDS, CORRECTIONS, MOST, PHASES, RADIATION, SHAPES
from .controls import choice, in_a_row

if TYPE_CHECKING:
    from .diffraction import DiffractionPanel

_STYLE = {"description_width": "84px"}
_COUNTS = {str(number): number for number in range(1, MOST + 1)}
_CALLED = {
    "air": "air",
    "air_slope": "air and slope",
    "alpha1": "Kα₁",
    "mean": "mean of Kα₁ and Kα₂",
    "pseudo_voigt": "pseudo-Voigt",
    "none": "none",
}


def controls(panel: DiffractionPanel) -> list[ipywidgets.Widget]:
    """Background, number and shape of halos, factor, radiation, sharp lines, reference phases."""
    backgrounds = {name: background.text for name, background in BACKGROUNDS.items()}
    background, meaning = choice(panel, "background", "background", backgrounds, _CALLED)
    asked = {"as the pattern asks": 0, **_COUNTS}
    shape, _ = choice(panel, "shape", "shape", SHAPES, _CALLED)
    factor, factor_meaning = choice(panel, "factor", "LP factor", CORRECTIONS, _CALLED)
    radiation, _ = choice(panel, "radiation", "radiation", RADIATION, _CALLED)
    return [
        in_a_row(background, _number(panel, "count", "halos", asked)),
        meaning,
        in_a_row(shape, _starts(panel)),
        in_a_row(factor, radiation),
        factor_meaning,
        in_a_row(
            _check(panel, "spare_lines", "leave sharp lines out of the fit"), _check(panel, "stacked", "shift patterns")
        ),
        in_a_row(ipywidgets.Label("lines of"), *(_phase(panel, name) for name in PHASES)),
        _number(panel, "halo", "d of halo", _COUNTS),
    ]


def _number(panel: DiffractionPanel, name: str, label: str, options: Mapping[str, int]) -> ipywidgets.Dropdown:
    chosen = ipywidgets.Dropdown(options=options, description=label, style=_STYLE, layout={"width": "260px"})
    traitlets.link((panel, name), (chosen, "value"))
    return chosen


def _check(panel: DiffractionPanel, name: str, label: str) -> ipywidgets.Checkbox:
    box = ipywidgets.Checkbox(description=label, indent=False, layout={"width": "auto", "margin": "2px 16px 2px 92px"})
    traitlets.link((panel, name), (box, "value"))
    return box


def _phase(panel: DiffractionPanel, name: str) -> ipywidgets.ToggleButton:
    button = ipywidgets.ToggleButton(
        name in panel.references, description=name, tooltip=PHASES[name].source, layout={"width": "76px"}
    )

    def toggled(change: dict[str, bool]) -> None:
        others = [other for other in panel.references if other != name]
        panel.references = (*others, name) if change["new"] else tuple(others)

    button.observe(toggled, "value")
    panel.observe(lambda _: setattr(button, "value", name in panel.references), "references")
    return button


def _starts(panel: DiffractionPanel) -> ipywidgets.Text:
    """Positions, as a person writes them."""
    box = ipywidgets.Text(
        description="begin at",
        placeholder="wherever halos are found",
        continuous_update=False,
        tooltip="positions of halos to begin with, in degrees: 12.8, 18.2, 41",
        style=_STYLE,
        layout={"width": "260px"},
    )

    def typed(change: dict[str, str]) -> None:
        try:
            panel.starts = positions(change["new"])
        except ValueError as error:
            panel.status = str(error)

    def show(_: object = None) -> None:
        box.value = ", ".join(f"{start:g}" for start in panel.starts)

    show()
    box.observe(typed, "value")
    panel.observe(show, "starts")
    return box


def positions(text: str) -> tuple[float, ...]:
    """Positions from text such as ``12.8, 18.2``.

    Raises
    ------
    ValueError
        When it is no such text, or they are too many.
    """
    found = []
    for part in text.replace(",", " ").split():
        try:
            found.append(float(part))
        except ValueError:
            raise ValueError(f"begin at {part!r}: write positions in degrees, such as 12.8, 18.2") from None
    if len(found) > MOST:
        raise ValueError(f"begin at {len(found)} positions: at most {MOST} halos can be told apart")
    return tuple(found)
