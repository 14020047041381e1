"""What a report notebook shows: sentences and figures, live in JupyterLab and fixed in an unattended run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..panels.base import REPORT_MODE
from ..plots import render
from ..plots.picture import Picture
from .formats import write_figures
from .typography import typeset, unbroken

NEEDS_BOKEHJS = {"pchp_widgets": {"needs": "bokehjs"}}
"""Metadata of an output whose HTML draws only where BokehJS is on the page."""

_IN_A_ROW = 3
_WIDTH = 700  # what lies between the margins of an A4 sheet, in CSS pixels


@dataclass(frozen=True, init=False)
class Text:
    """Paragraphs of plain text.

    Parameters
    ----------
    *paragraphs
        Sentences; nothing in them is taken for markup, and empty ones are left out.
    role
        ``"subject"`` for the line under the title, ``"notice"`` for what must not be overlooked.
    """

    paragraphs: tuple[str, ...]
    role: str

    def __init__(self, *paragraphs: str, role: str = "") -> None:
        object.__setattr__(self, "paragraphs", tuple(text for text in paragraphs if text))
        object.__setattr__(self, "role", role)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        kind = f' class="{self.role}"' if self.role else ""
        html = "".join(f"<p{kind}>{escape(unbroken(typeset(text)))}</p>" for text in self.paragraphs)
        return {"text/plain": "\n\n".join(self.paragraphs), "text/html": html}


@dataclass(frozen=True)
class Entries:
    """Paragraphs of plain text, each behind the words it is about.

    Attributes
    ----------
    entries
        Sentences by these words; nothing in them is taken for markup.
    """

    entries: Mapping[str, str]

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        html = "".join(
            f"<p><b>{escape(typeset(about))}.</b> {escape(unbroken(typeset(text)))}</p>"
            for about, text in self.entries.items()
        )
        return {"text/plain": "\n\n".join(map(". ".join, self.entries.items())), "text/html": html}


@dataclass(frozen=True)
class Figure:
    """Pictures side by side with one caption, which the page numbers.

    In JupyterLab it is a live view without its caption; in an unattended run HTML, which still zooms and pans.

    Attributes
    ----------
    pictures
        As the functions of :mod:`pchp_widgets.plots` give them.
    caption
        What is seen.
    """

    pictures: tuple[Picture, ...]
    caption: str

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        model = self._model()
        text = {"text/plain": f"Figure: {self.caption}"}
        if not os.environ.get(REPORT_MODE):
            from ..panels.pane import BokehPane

            data, metadata = BokehPane(model)._repr_mimebundle_(**options) or ({}, {})
            return {**data, **text}, metadata
        write_figures(self.pictures)
        caption = f"<figcaption>{escape(unbroken(typeset(self.caption)))}</figcaption>"
        html = f'<figure class="plot">{render.fragment(model)}{caption}</figure>'
        return {**text, "text/html": html}, {"text/html": NEEDS_BOKEHJS}

    def _model(self) -> Any:
        from bokeh.layouts import layout

        models = [render.figure(picture) for picture in self.pictures]
        for model in models:
            model.update(width=_WIDTH // min(len(models), _IN_A_ROW), sizing_mode="fixed")
        if len(models) == 1:
            return models[0]
        _make_alike(self.pictures, models)
        return layout([models[start : start + _IN_A_ROW] for start in range(0, len(models), _IN_A_ROW)])


def show(*results: object) -> None:
    """Show several results of one cell, one below the other."""
    from IPython.display import display

    for result in results:
        if not isinstance(result, Text) or result.paragraphs:
            display(result)  # type: ignore[no-untyped-call]


def _make_alike(pictures: Sequence[Picture], models: list[Any]) -> None:
    """Give small figures frames of one height, room for their numbers, and one range where all show the same."""
    for name, axes in (("x_range", [one.x for one in pictures]), ("y_range", [one.y for one in pictures])):
        if models[0].match_aspect or len({(axis.label, axis.units) for axis in axes}) > 1:
            continue  # equal axes find their own range, and one quantity is none of another
        ranges = [getattr(model, name) for model in models]
        start, end = min(one.start for one in ranges), max(one.end for one in ranges)
        ranges[0].update(start=start, end=end, reset_start=start, reset_end=end)
        for model in models:
            setattr(model, name, ranges[0])
    highest = max(model.height for model in models)
    for place, model in enumerate(models):
        model.height = highest  # those without a legend are aligned with those that have one
        model.xaxis.ticker.desired_num_ticks = 3
        if place % _IN_A_ROW and pictures[place].y == pictures[place - 1].y:
            model.yaxis.axis_label = None
