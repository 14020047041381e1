"""Pictures on the screen: a Bokeh figure made once, then kept in step by copying columns.

Bokeh's models are used directly. HoloViews would draw the same (:mod:`.element`), but takes a second to import and
200 ms per figure, while somebody waits; a patch takes half a millisecond and sends only what changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Literal

import numpy as np
from bokeh.core.properties import value
from bokeh.models import (
    BoxZoomTool,
    ColumnDataSource,
    FixedTicker,
    Grid,
    HoverTool,
    LinearAxis,
    LinearScale,
    LogAxis,
    LogScale,
    PanTool,
    Plot,
    Range1d,
    ResetTool,
    Toolbar,
    WheelZoomTool,
)
from bokeh.models.annotations import Legend, Title
from bokeh.models.renderers import GlyphRenderer

from . import theme
from .glyphs import companion, legend_item, renderer, rescale, restyle
from .picture import Entry, Image, Layer, Lines, Marks, Picture

_Tipped = Lines | Marks | Image

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
        self._layers = [renderer(*pair) for pair in zip(picture.layers, self._sources, strict=True)]
        self._tips = [_hover(*pair) for pair in zip(picture.layers, self._layers, strict=True)]
        self._beside = [companion(*pair) for pair in zip(picture.layers, self._layers, strict=True)]
        logarithmic = picture.x.log, picture.y.log
        self._axes: tuple[Any, ...] = tuple(LogAxis(**_AXIS) if log else LinearAxis(**_AXIS) for log in logarithmic)
        self._ranges = (Range1d(), Range1d())
        self._shown: Sequence[Layer | None] = [None] * len(picture.layers)
        self._ticks: dict[Any, object] = {}
        self._limits: list[object] = [None, None]
        self._title = Title(text_font_size="12px", text_font_style="normal", text_color=theme.INK)
        self._legend = Legend(**_LEGEND)
        self._entries: Sequence[Entry] = ()
        self._samples: list[tuple[Any, Any]] = []  # items of the legend, a line and a marker for each place
        self.figure = Plot(
            title=self._title,
            x_range=self._ranges[0],
            y_range=self._ranges[1],
            renderers=[*self._layers],
            x_scale=LogScale() if picture.x.log else LinearScale(),
            y_scale=LogScale() if picture.y.log else LinearScale(),
            toolbar=_toolbar([hover for hover in self._tips if hover]),
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
        for model, where in filter(None, self._beside):
            self.figure.add_layout(model, where)

    def share_x(self, other: Drawing) -> None:
        """Zoom and pan along x together with another figure, whose pictures must have the same range."""
        self._ranges = (other._ranges[0], self._ranges[1])
        self.figure.x_range = other.figure.x_range

    def patch(self, picture: Picture) -> None:
        """Show another picture of the same kinds of layers, touching nothing that stays as it is.

        A range moves only where its limits differ from those of the picture before, so that the user's zoom stays.
        """
        for place, (layer, before) in enumerate(zip(picture.layers, self._shown, strict=True)):
            if layer is not before:
                self._follow(place, layer)
        self._shown = picture.layers
        homes = (picture.home or picture.xlim, picture.ylim)
        for place, limits in enumerate(zip((picture.xlim, picture.ylim), homes, strict=True)):
            if self._limits[place] != limits:
                self._limits[place] = limits
                (start, end), (reset_start, reset_end) = limits
                self._ranges[place].update(start=start, end=end, reset_start=reset_start, reset_end=reset_end)
        for axis, described in zip(self._axes, (picture.x, picture.y), strict=True):
            axis.axis_label = described.title
            if described.ticks != self._ticks.get(axis, ()):
                self._ticks[axis] = described.ticks
                axis.ticker = FixedTicker(ticks=[place for place, _ in described.ticks])
                axis.major_label_overrides = dict(described.ticks)
        self._title.text = picture.title
        if [*picture.legend] != [*self._entries]:
            self._name(picture.legend)
        columns = _legend_columns(picture.legend)
        self._legend.ncols = columns
        self.figure.height = picture.height + _LEGEND_ROW * -(-len(picture.legend) // columns)

    def _follow(self, place: int, layer: Layer) -> None:
        """Bring one layer up to date: its columns, its tips, its colours."""
        fresh, source = layer.columns, self._sources[place]
        shown: Any = source.data
        changed = {name: column for name, column in fresh.items() if not _same(column, shown.get(name, ()))}
        if fresh.keys() == shown.keys() and all(len(fresh[name]) == len(shown[name]) for name in fresh):
            if changed:  # the other columns are in the browser already
                shown.update(changed)
        else:
            source.data = fresh
        hover, beside = self._tips[place], self._beside[place]
        if hover and isinstance(layer, _Tipped) and hover.tooltips != list(layer.tips):
            hover.tooltips = list(layer.tips)
        if isinstance(layer, Image) and beside:
            rescale(layer, self._layers[place], beside[0])

    def _name(self, entries: Sequence[Entry]) -> None:
        """Write the legend.

        Every place in it has an item for a line and one for a marker, of which one is seen: new models would make
        Bokeh look through all there are, which takes longer than all else.
        """
        lacking = len(entries) - len(self._samples)
        if lacking > 0:
            self._samples += [(legend_item(None), legend_item(theme.ALIVE)) for _ in range(lacking)]
            items = [item for pair in self._samples for item in pair]
            self._legend.items = items
            self.figure.renderers = [*self._layers, *(drawn for item in items for drawn in item.renderers)]
        for (line, marker), entry in zip_longest(self._samples, entries):
            shown = (marker if entry.shape else line) if entry else None
            line.visible, marker.visible = shown is line, shown is marker
            if shown:
                shown.label = value(entry.label)
                restyle(shown.renderers[0], entry)
        self._entries = entries


def _legend_columns(entries: Sequence[Entry]) -> int:
    """How many entries of a legend fit beside each other."""
    longest = max((len(entry.label) for entry in entries), default=0)
    return max(_LEGEND_WIDTH // (_SAMPLE_WIDTH + _LETTER_WIDTH * longest), 1)


def _hover(layer: Layer, drawn: GlyphRenderer[Any]) -> HoverTool | None:
    """What shows the tips of a layer; none where it has none."""
    if not isinstance(layer, _Tipped) or not layer.tips:
        return None
    return HoverTool(renderers=[drawn], tooltips=list(layer.tips), limit=3, visible=False)


def _toolbar(tips: list[HoverTool]) -> Toolbar:
    wheel, box = WheelZoomTool(dimensions="width"), BoxZoomTool()
    return Toolbar(
        tools=[PanTool(dimensions="width"), wheel, box, ResetTool(), *tips],
        active_scroll=wheel,
        active_drag=box,
        autohide=True,
        logo=None,
    )


def _same(fresh: Any, shown: Any) -> bool:
    if isinstance(fresh, np.ndarray):
        return isinstance(shown, np.ndarray) and np.array_equal(fresh, shown, equal_nan=fresh.dtype.kind == "f")
    if fresh and isinstance(fresh[0], np.ndarray):
        return len(fresh) == len(shown) and all(map(_same, fresh, shown))
    return isinstance(shown, list) and bool(fresh == shown)
