"""Figures as HTML: beside each other where there is room, and alive without a kernel or a network."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

from .picture import Picture

_NARROWEST = 360


def figure(picture: Picture) -> Any:
    """A fresh Bokeh figure of a picture."""
    from .drawing import Drawing

    return Drawing(picture).figure


def wrapped(rows: Sequence[Sequence[Any]]) -> Any:
    """A layout of Bokeh figures: one row stands side by side where there is room, else below each other."""
    from bokeh.models import Column, Row
    from bokeh.models.ui import UIElement

    for one in (one for figures in rows for one in figures):
        one.update(min_width=_NARROWEST, styles={"flex": f"1 1 {_NARROWEST}px"})
    boxes: list[UIElement] = [
        Row(children=list(row), sizing_mode="stretch_width", styles={"flex-wrap": "wrap"}) for row in rows
    ]
    return Column(children=boxes, sizing_mode="stretch_width")


def fragment(model: Any) -> str:
    """HTML of a Bokeh figure or layout, interactive once BokehJS (:func:`bokehjs`) is on the page."""
    from bokeh.embed import components

    with _quiet("bokeh.embed.util"):  # it warns of callbacks in Python, which a page without a kernel cannot have
        script, div = components(model)
    return f"{div}{script}"


def bokehjs() -> str:
    """Script elements that bring BokehJS with them; a page needs them once."""
    from bokeh.resources import Resources

    return "".join(f"<script>{source}</script>" for source in Resources(mode="inline", components=["bokeh"]).js_raw)


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
