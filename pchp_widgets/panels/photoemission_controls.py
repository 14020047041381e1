"""Controls of the panel of photoemission."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..analysis.photoemission.backgrounds import EXPLAINED as BACKGROUNDS
from ..analysis.photoemission.shapes import EXPLAINED as SHAPES
from .controls import choice, in_a_row

if TYPE_CHECKING:
    from .photoemission import PhotoemissionPanel

_STYLE = {"description_width": "84px"}
_CALLED = {"shirley": "Shirley", "tougaard": "Tougaard (U2)", "product": "GL, product", "sum": "GL, sum"}


def controls(panel: PhotoemissionPanel) -> list[ipywidgets.Widget]:
    """Region, background, line shape, reference line, components."""
    background, meaning = choice(panel, "background", "background", BACKGROUNDS, _CALLED)
    shape, _ = choice(panel, "shape", "line shape", {name: SHAPES[name] for name in ("product", "sum")}, _CALLED)
    region = ipywidgets.Dropdown(options=panel.regions, description="region", style=_STYLE, layout={"width": "260px"})
    traitlets.link((panel, "region"), (region, "value"))
    return [
        in_a_row(region, _number(panel, "reference", "reference line, eV", 280, 290, 0.1)),
        in_a_row(background, _check(panel, "active", "fitted with the peaks")),
        meaning,
        in_a_row(shape, _number(panel, "mixing", "Lorentzian share", 0, 1, 0.05)),
        in_a_row(
            _components(panel),
            _check(panel, "shake_up", "π–π* satellite"),
            _number(panel, "conversion", "conversion of C≡N", 0, 1, 0.01),
        ),
    ]


def _check(panel: PhotoemissionPanel, name: str, label: str) -> ipywidgets.Checkbox:
    box = ipywidgets.Checkbox(description=label, indent=False, layout={"width": "auto", "margin": "2px 16px 2px 8px"})
    traitlets.link((panel, name), (box, "value"))
    return box


def _number(panel: PhotoemissionPanel, name: str, label: str, low: float, high: float, step: float) -> ipywidgets.HBox:
    box = ipywidgets.BoundedFloatText(getattr(panel, name), min=low, max=high, step=step, layout={"width": "80px"})
    traitlets.link((panel, name), (box, "value"))
    return ipywidgets.HBox([ipywidgets.Label(label), box])


def _components(panel: PhotoemissionPanel) -> ipywidgets.Text:
    """Components, as a person writes them."""
    box = ipywidgets.Text(
        description="components",
        placeholder="as assigned for the coatings",
        continuous_update=False,
        tooltip="name binding energy tolerance, separated by semicolons: C–C 284.5 0.2; C–O 285.9 0.2",
        style=_STYLE,
        layout={"width": "340px"},
    )

    def typed(change: dict[str, str]) -> None:
        try:
            panel.components = components(change["new"])
        except (ValueError, traitlets.TraitError) as error:
            panel.status = str(error)

    def show(_: object = None) -> None:
        box.value = in_text(panel.components)

    show()
    box.observe(typed, "value")
    panel.observe(show, "components")
    return box


def components(text: str) -> tuple[tuple[str, float, float], ...]:
    """Components from text such as ``C–C 284.5 0.2; C–O 285.9``.

    Raises
    ------
    ValueError
        When it is no such text.
    """
    found = []
    for part in (one.strip() for one in text.split(";")):
        if not part:
            continue
        *name, place, tolerance = [*part.split(), "0.2"] if not _is_number(part.split()[-2:-1]) else part.split()
        try:
            found.append((" ".join(name), float(place), float(tolerance)))
        except ValueError:
            raise ValueError(f"component {part!r}: write name, binding energy, tolerance, as C–C 284.5 0.2") from None
        if not name:
            raise ValueError(f"component {part!r}: it has no name")
    return tuple(found)


def in_text(found: tuple[tuple[str, float, float], ...]) -> str:
    """Components as text."""
    return "; ".join(f"{name} {place:g} {tolerance:g}" for name, place, tolerance in found)


def _is_number(words: list[str]) -> bool:
    try:
        float(words[0])
    except (ValueError, IndexError):
        return False
    return True
