"""Figures as HTML: beside each other where there is room, and alive without a kernel or a network."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

from .picture import Picture, sharing_x

if TYPE_CHECKING:
    from .drawing import Drawing

_NARROWEST = 360


def figure(picture: Picture) -> Any:
    """A fresh Bokeh figure of a picture."""
    from .drawing import Drawing

    return Drawing(picture).figure


def drawings(pictures: Mapping[str, Picture], linked: Sequence[Sequence[str]] = ()) -> dict[str, Drawing]:
    """Live drawings of pictures.

    Parameters
    ----------
    pictures
        By name.
    linked
        Groups of names of those that zoom and pan along x together; see :func:`~.picture.sharing_x`.
    """
    from .drawing import Drawing

    tables: dict[str, Any] = {}
    found = {name: Drawing(picture, tables) for name, picture in sharing_x(pictures, linked).items()}
    link(found, linked)
    return found


def link(drawn: Mapping[str, Drawing], groups: Sequence[Sequence[str]]) -> None:
    """Let the drawings of each group zoom and pan along x together; names that are not there are passed over."""
    for group in groups:
        together = [drawn[name] for name in group if name in drawn]
        for other in together[1:]:
            other.share_x(together[0])


def figures(pictures: Mapping[str, Picture], linked: Sequence[Sequence[str]] = ()) -> dict[str, Any]:
    """Fresh Bokeh figures of pictures, by name; see :func:`drawings`."""
    return {name: drawing.figure for name, drawing in drawings(pictures, linked).items()}


def wrapped(rows: Sequence[Sequence[Any]]) -> Any:
    """A layout of Bokeh figures: one row stands side by side where there is room, else below each other.

    A list in place of a figure is a column of figures, which stay together.
    """
    from bokeh.models import Column, Row
    from bokeh.models.ui import UIElement

    boxes: list[UIElement] = []
    for row in rows:
        columns = [list(one) if isinstance(one, Sequence) else [one] for one in row]
        for figure in (figure for column in columns for figure in column):
            # a neighbour with a longer legend would push the frame down, and the legend onto the title
            figure.frame_align = {"left": True, "right": True, "top": False, "bottom": False}
        places = [column[0] if len(column) == 1 else _stacked(column) for column in columns]
        for place in places:
            place.update(min_width=_NARROWEST, styles={"flex": f"1 1 {_NARROWEST}px"})
        boxes.append(Row(children=places, sizing_mode="stretch_width", styles={"flex-wrap": "wrap"}))
    return Column(children=boxes, sizing_mode="stretch_width")


def _stacked(figures: Sequence[Any]) -> Any:
    from bokeh.models import Column

    return Column(children=list(figures), sizing_mode="stretch_width")


def fragment(model: Any) -> str:
    """HTML of a Bokeh figure or layout, interactive once BokehJS (:func:`bokehjs`) is on the page."""
    from bokeh.embed import components

    with _quiet("bokeh.embed.util"):  # it warns of callbacks in Python, which a page without a kernel cannot have
        script, div = components(model)
    return f"{div}{script}"


CLIPPED = (
    'Object.defineProperty(this.Bokeh.require("models/renderers/glyph_renderer").GlyphRendererView.prototype,'
    ' "needs_clip", {get: () => true});'
)
"""Lets BokehJS paint nothing beside a figure's frame: of what lies over the curves, as bands do, it would."""


def bokehjs() -> str:
    """Script elements that bring BokehJS with them; a page needs them once."""
    from bokeh.resources import Resources

    sources = [*Resources(mode="inline", components=["bokeh"]).js_raw, CLIPPED]
    return "".join(f"<script>{source}</script>" for source in sources)


def page(model: Any, title: str) -> str:
    """A whole HTML page with one figure or layout, which opens without a network."""
    head = f"<meta charset='utf-8'><title>{escape(title)}</title>{bokehjs()}"
    return f"<!DOCTYPE html><html lang='en'><head>{head}</head><body>{fragment(model)}</body></html>"


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
