"""Controls of the panel of micrographs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from .controls import in_a_row, toggle

if TYPE_CHECKING:
    from .micrograph import MicrographPanel

_STYLE = {"description_width": "initial"}


def controls(panel: MicrographPanel) -> list[ipywidgets.Widget]:
    """View and picture, and below what the view asks for."""
    from .micrograph import VIEWS

    views = toggle(panel, "view", "measure", list(VIEWS), "92px")
    told = ipywidgets.HTML()
    style = "font-size:12px;line-height:1.3;color:var(--jp-ui-font-color2,#555)"
    traitlets.dlink((panel, "view"), (told, "value"), lambda name: f'<span style="{style}">{VIEWS[name]}</span>')
    back = ipywidgets.Button(layout={"width": "auto"}, tooltip="instead of the one drawn")
    asked: dict[str, ipywidgets.Widget] = {
        "scale": _length(panel),
        "thickness": _angle(panel),
        "pores": _sample(panel, "reference", "compare with", "the first one"),
    }

    def restore(_: object) -> None:
        if panel.view == "pores":
            panel.window = ()
        else:
            name = "rulers" if panel.view == "scale" else "across"
            setattr(panel, name, {of: line for of, line in getattr(panel, name).items() if of != panel.seen})

    def follow(_: object = None) -> None:
        for name, widget in asked.items():
            widget.layout.display = None if name == panel.view else "none"
        back.description = "band as suggested" if panel.view == "pores" else "line as suggested"
        drawn = {"scale": panel.rulers, "thickness": panel.across}.get(panel.view, {})
        back.disabled = not panel.window if panel.view == "pores" else panel.seen not in drawn

    back.on_click(restore)
    follow()
    panel.observe(follow, ["view", "window", "rulers", "across", "result"])
    picture = [_sample(panel, "picture", "picture", "the first one")] if len(panel.samples.names) > 1 else []
    return [views, told, in_a_row(*picture, *asked.values(), back)]


def _sample(panel: MicrographPanel, name: str, label: str, first: str) -> ipywidgets.Dropdown:
    options = [(first, ""), *((one, one) for one in panel.samples.names)]
    box = ipywidgets.Dropdown(options=options, description=label, style=_STYLE, layout={"width": "300px"})
    traitlets.link((panel, name), (box, "value"))
    return box


def _angle(panel: MicrographPanel) -> ipywidgets.BoundedFloatText:
    box = ipywidgets.BoundedFloatText(
        min=0.0, max=90.0, step=1.0, description="section angle", style=_STYLE, layout={"width": "180px"},
        tooltip="between the line of sight and the section, in degree; 0: what is known of each sample, else 90",
    )  # fmt: skip
    traitlets.link((panel, "section_angle"), (box, "value"))
    return box


def _length(panel: MicrographPanel) -> ipywidgets.HBox:
    """Length of the line of the picture that is seen; 0 where it is not known."""
    box = ipywidgets.BoundedFloatText(
        min=0.0, max=1e6, description="line (µm)", style=_STYLE, layout={"width": "200px"},
        tooltip="what is written at the scale bar along which the line lies; 0 where it is not known",
    )  # fmt: skip
    busy = False

    def typed(change: dict[str, Any]) -> None:
        if busy or not panel.seen:
            return
        others = {of: length for of, length in panel.lengths.items() if of != panel.seen}
        panel.lengths = {**others, panel.seen: change["new"]} if change["new"] > 0 else others

    def follow(_: object = None) -> None:
        nonlocal busy
        busy = True
        try:
            box.value = panel.lengths.get(panel.seen, 0.0)
        finally:
            busy = False

    follow()
    box.observe(typed, "value")
    panel.observe(follow, ["lengths", "picture", "result"])
    return ipywidgets.HBox([box])
