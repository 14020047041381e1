"""Pictures on the screen: a Bokeh figure made once, then kept in step by copying columns.

Bokeh's models are used directly. HoloViews would draw the same (:mod:`.element`), but takes a second to import and
200 ms per figure, while somebody waits; a patch takes half a millisecond and sends only what changed.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from bokeh.core.properties import field, value
from bokeh.models import (
    BoxZoomTool,
    ColumnDataSource,
    Grid,
    HoverTool,
    Line,
    LinearAxis,
    MultiLine,
    PanTool,
    Plot,
    Range1d,
    ResetTool,
    Scatter,
    Toolbar,
    VSpan,
    VStrip,
    WheelZoomTool,
)
from bokeh.models.annotations import Legend, LegendItem, Title
from bokeh.models.renderers import GlyphRenderer

from . import theme
from .picture import Bands, Entry, Layer, Lines, Marks, Picture, Verticals

_AXIS: dict[str, Any] = {
    "axis_label_text_font_size": "12px",
    "axis_label_text_font_style": "normal",
    "axis_label_text_color": theme.INK,
    "major_label_text_font_size": "11px",
    "major_label_text_color": theme.INK,
    "minor_tick_line_color": None,
    "axis_line_color": theme.FRAME,
    "major_tick_line_color": theme.FRAME,
}
_LEGEND: dict[str, Any] = {
    "orientation": "horizontal",
    "location": "top_left",
    "label_text_font_size": "11px",
    "label_text_color": theme.INK,
    "background_fill_color": None,
    "border_line_color": None,
    "padding": 2,
    "margin": 2,
    "spacing": 8,
    "glyph_width": 18,
    "glyph_height": 14,
    "label_height": 14,
    "label_standoff": 4,
}
_LEGEND_WIDTH, _LEGEND_ROW, _SAMPLE_WIDTH, _LETTER_WIDTH = 480, 22, 34, 6  # pixels, in a narrow window


class Drawing:
    """A Bokeh figure that follows a picture.

    Parameters
    ----------
    picture
        What it shows at first.

    Attributes
    ----------
    figure
        The Bokeh figure.
    """

    def __init__(self, picture: Picture) -> None:
        self._sources = [ColumnDataSource(layer.columns) for layer in picture.layers]
        self._layers = [_renderer(*pair) for pair in zip(picture.layers, self._sources, strict=True)]
        self._axes = (LinearAxis(**_AXIS), LinearAxis(**_AXIS))
        self._ranges = (Range1d(), Range1d())
        self._limits: list[object] = [None, None]
        self._title = Title(text_font_size="12px", text_font_style="normal", text_color=theme.INK)
        self._legend = Legend(**_LEGEND)
        self._entries: object = None
        self.figure = Plot(
            title=self._title,
            x_range=self._ranges[0],
            y_range=self._ranges[1],
            toolbar=_toolbar(self._layers, picture),
            sizing_mode="stretch_width",
            min_border_left=64,
            outline_line_color=theme.FRAME,
            background_fill_color=theme.PAPER,
            border_fill_color=theme.PAPER,
        )
        self._put_together()
        self.patch(picture)

    def _put_together(self) -> None:
        places: tuple[Literal["below", "left"], ...] = ("below", "left")
        for dimension, (axis, place) in enumerate(zip(self._axes, places, strict=True)):
            self.figure.add_layout(axis, place)
            grid = Grid(axis=axis, grid_line_color=theme.GRID)
            grid.dimension = 1 if dimension else 0
            self.figure.add_layout(grid)
        self.figure.add_layout(self._legend, "above")

    def patch(self, picture: Picture) -> None:
        """Show another picture of the same kinds of layers, touching nothing that stays as it is.

        A range moves only where its limits differ from those of the picture before, so that the user's zoom stays.
        """
        for source, layer in zip(self._sources, picture.layers, strict=True):
            fresh = layer.columns
            if not _same(fresh, source.data):
                source.data = fresh
        homes = (picture.home or picture.xlim, picture.ylim)
        for place, limits in enumerate(zip((picture.xlim, picture.ylim), homes, strict=True)):
            if self._limits[place] != limits:
                self._limits[place] = limits
                (start, end), (reset_start, reset_end) = limits
                self._ranges[place].update(start=start, end=end, reset_start=reset_start, reset_end=reset_end)
        for axis, described in zip(self._axes, (picture.x, picture.y), strict=True):
            axis.axis_label = described.title
        self._title.text = picture.title
        if picture.legend != self._entries:
            self._entries = picture.legend
            self._name(picture)

    def _name(self, picture: Picture) -> None:
        """Write the legend, in as many columns as fit."""
        samples = [_sample(entry) for entry in picture.legend]
        longest = max((len(entry.label) for entry in picture.legend), default=0)
        columns = max(_LEGEND_WIDTH // (_SAMPLE_WIDTH + _LETTER_WIDTH * longest), 1)
        rows = -(-len(samples) // columns)
        self.figure.update(renderers=[*self._layers, *samples], height=picture.height + _LEGEND_ROW * rows)
        self._legend.ncols = columns
        self._legend.items = [
            LegendItem(label=value(entry.label), renderers=[sample])
            for entry, sample in zip(picture.legend, samples, strict=True)
        ]


def _toolbar(renderers: list[GlyphRenderer[Any]], picture: Picture) -> Toolbar:
    wheel, box = WheelZoomTool(dimensions="width"), BoxZoomTool()
    tips = [
        HoverTool(renderers=[renderer], tooltips=list(layer.tips), limit=3, visible=False)
        for renderer, layer in zip(renderers, picture.layers, strict=True)
        if isinstance(layer, Lines | Marks) and layer.tips
    ]
    return Toolbar(
        tools=[PanTool(dimensions="width"), wheel, box, ResetTool(), *tips],
        active_scroll=wheel,
        active_drag=box,
        autohide=True,
        logo=None,
    )


def _renderer(layer: Layer, source: ColumnDataSource) -> GlyphRenderer[Any]:
    glyph: Any
    match layer:
        case Lines():
            glyph = MultiLine(xs=field("xs"), ys=field("ys"), line_color=field("color"), line_dash=layer.dash)
            glyph.line_width = theme.LINE_WIDTH
        case Marks():
            color = field("color") if "color" in layer.rows else theme.INK
            glyph = Scatter(x=field("x"), y=field("y"), line_color=color, fill_color=color)
            glyph.update(size=layer.size, marker=layer.shape or field("marker"), fill_alpha=float(layer.filled))
            glyph.line_width = theme.EDGE_WIDTH if layer.shape else 1
        case Bands():
            glyph = VStrip(x0=field("x0"), x1=field("x1"), fill_color=theme.FAINT, line_color=theme.FAINT)
            glyph.update(fill_alpha=0.3, line_alpha=0.8)
        case Verticals():
            glyph = VSpan(x=field("x"), line_color=field("color"), line_dash="dotted")
    # Bokeh paints overlays on a canvas of their own: a band that moves leaves the curves as they are
    level: Literal["overlay", "glyph"] = "overlay" if isinstance(layer, Bands) else "glyph"
    return GlyphRenderer(data_source=source, glyph=glyph, level=level)


def _sample(entry: Entry) -> GlyphRenderer[Any]:
    """A curve that stands in the legend; its only point is nowhere."""
    nowhere = ColumnDataSource({"x": [np.nan], "y": [np.nan]})
    glyph: Any
    if entry.shape is None:
        glyph = Line(line_color=entry.color, line_dash=entry.dash, line_width=2 * theme.LINE_WIDTH)
    else:
        glyph = Scatter(marker=entry.shape, size=8, line_color=entry.color, fill_color=entry.color)
        glyph.update(line_width=theme.EDGE_WIDTH, fill_alpha=float(entry.filled))
    return GlyphRenderer(data_source=nowhere, glyph=glyph)


def _same(fresh: Any, shown: Any) -> bool:
    if isinstance(fresh, dict):
        return fresh.keys() == shown.keys() and all(_same(fresh[name], shown[name]) for name in fresh)
    if isinstance(fresh, np.ndarray):
        return isinstance(shown, np.ndarray) and np.array_equal(fresh, shown, equal_nan=fresh.dtype.kind == "f")
    if fresh and isinstance(fresh[0], np.ndarray):
        return len(fresh) == len(shown) and all(map(_same, fresh, shown))
    return isinstance(shown, list) and bool(fresh == shown)
