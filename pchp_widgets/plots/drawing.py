"""Pictures on the screen: a Bokeh figure made once, then kept in step by copying columns.

Bokeh's models are used directly. HoloViews would draw the same (:mod:`.element`), but takes a second to import and
200 ms per figure, while somebody waits; a patch takes half a millisecond and sends only what changed.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, Literal

import numpy as np
from bokeh.core.properties import value
from bokeh.models import (
    BoxSelectTool,
    BoxZoomTool,
    ColumnDataSource,
    DataRange1d,
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
from .glyphs import companions, corners, legend_item, place_handle, renderer, rescale, restyle
from .picture import Entry, Image, Layer, Lines, Marks, Picture, Ruler, Window

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
_ROWS_TO_SPARE = 2
_FARTHEST = 20  # heights of the frame


class Drawing:
    """A Bokeh figure that follows a picture.

    Parameters
    ----------
    picture
        What it shows at first.
    tables
        Sources by the name of their table (:class:`~.picture.Marks`), which the figures of one page have in common;
        those not there yet are added.

    Attributes
    ----------
    figure
        The Bokeh figure.
    """

    def __init__(self, picture: Picture, tables: MutableMapping[str, ColumnDataSource] | None = None) -> None:
        shared = {} if tables is None else tables
        self._sources = [_source(layer, shared) for layer in picture.layers]
        self._layers = [renderer(*pair) for pair in zip(picture.layers, self._sources, strict=True)]
        self._tips = [_hover(*pair) for pair in zip(picture.layers, self._layers, strict=True)]
        self._beside = [companions(*pair) for pair in zip(picture.layers, self._layers, strict=True)]
        logarithmic = picture.x.log, picture.y.log
        self._axes: tuple[Any, ...] = tuple(LogAxis(**_AXIS) if log else LinearAxis(**_AXIS) for log in logarithmic)
        self._corners = ColumnDataSource({"x": [], "y": []})
        self._unseen = [corners(self._corners)] if picture.equal else []
        self._ranges: tuple[Any, Any] = _automatic(self._unseen) if picture.equal else (Range1d(), Range1d())
        self._shown: Sequence[Layer | None] = [None] * len(picture.layers)
        self._ticks: dict[Any, object] = {}
        self._limits: Sequence[object] = [None, None]
        self._title = Title(text_font_size="12px", text_font_style="normal", text_color=theme.INK)
        self._legend = Legend(**_LEGEND)
        self._entries: Sequence[Entry] = ()
        self._legend_rows = 0
        self._samples: list[tuple[Any, Any]] = []  # items of the legend, a line and a marker for each place
        self.figure = Plot(
            title=self._title,
            x_range=self._ranges[0],
            y_range=self._ranges[1],
            renderers=[*self._layers, *self._unseen],
            match_aspect=picture.equal,
            x_scale=LogScale() if picture.x.log else LinearScale(),
            y_scale=LogScale() if picture.y.log else LinearScale(),
            toolbar=_toolbar(picture, [hover for hover in self._tips if hover]),
            sizing_mode="stretch_width",
            min_border_left=70,
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
        for model, where in (pair for beside in self._beside for pair in beside):
            self.figure.add_layout(model, where)

    def share_x(self, other: Drawing) -> None:
        """Zoom and pan along x together with another figure, whose pictures must have the same range."""
        self._ranges = (other._ranges[0], self._ranges[1])
        self.figure.x_range = other.figure.x_range

    def patch(self, picture: Picture) -> None:
        """Show another picture of the same kinds of layers, touching nothing that stays as it is.

        A range moves only where its limits differ from those of the picture before, so that the user's zoom stays.
        """
        layers = [_near(layer, picture) for layer in picture.layers]
        for place, (layer, before) in enumerate(zip(layers, self._shown, strict=True)):
            if layer is not before:
                self._follow(place, layer)
        self._shown = layers
        self._frame(picture)
        for axis, described in zip(self._axes, (picture.x, picture.y), strict=True):
            axis.axis_label = described.title
            if described.ticks != self._ticks.get(axis, ()):
                self._ticks[axis] = described.ticks
                places = [place for place, _ in described.ticks]
                if isinstance(axis.ticker, FixedTicker):  # a new model costs 60 ms, see _name
                    axis.ticker.ticks = places
                else:
                    axis.ticker = FixedTicker(ticks=places)
                axis.major_label_overrides = dict(described.ticks)
        self._title.text = picture.title
        if [*picture.legend] != [*self._entries]:
            self._name(picture.legend)
        columns = _legend_columns(picture.legend)
        self._legend.ncols = columns
        rows = -(-len(picture.legend) // columns)
        if not rows <= self._legend_rows <= rows + _ROWS_TO_SPARE:  # another height starts a layout of the whole page
            self._legend_rows = rows
        self.figure.height = picture.height + _LEGEND_ROW * self._legend_rows

    def _frame(self, picture: Picture) -> None:
        """Bring the ranges up to date."""
        homes = (picture.home or picture.xlim, picture.ylim)
        limits = [*zip((picture.xlim, picture.ylim), homes, strict=True)]
        if picture.equal:
            if self._limits != limits:
                self._corners.data = {"x": [*picture.xlim], "y": [*picture.ylim]}
        else:
            for own, before, ((start, end), (reset_start, reset_end)) in zip(
                self._ranges, self._limits, limits, strict=True
            ):
                if before != ((start, end), (reset_start, reset_end)):
                    own.update(start=start, end=end, reset_start=reset_start, reset_end=reset_end)
        self._limits = limits

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
        if isinstance(layer, Window):
            beside[0][0].update(left=layer.start[0], right=layer.stop[0])
        if isinstance(layer, Ruler):
            for (box, _), end in zip(beside, layer.ends, strict=True):
                place_handle(box, *end)
        if isinstance(layer, Image):
            rescale(layer, self._layers[place], beside)

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
            samples = (drawn for item in items for drawn in item.renderers)
            self.figure.renderers = [*self._layers, *self._unseen, *samples]
        for (line, marker), entry in zip_longest(self._samples, entries):
            shown = (marker if entry.shape else line) if entry else None
            line.visible, marker.visible = shown is line, shown is marker
            if shown:
                shown.label = value(entry.label)
                restyle(shown.renderers[0], entry)
        self._entries = entries


def _near(layer: Layer, picture: Picture) -> Layer:
    """A layer whose dashed lines end not far outside the frame; a browser draws every dash of a line, seen or not."""
    if not isinstance(layer, Lines) or layer.dash == "solid" or picture.equal or picture.y.log:
        return layer
    low, high = picture.ylim
    reach = _FARTHEST * (high - low)
    if all(np.nanmin(y, initial=low) >= low - reach and np.nanmax(y, initial=high) <= high + reach for y in layer.y):
        return layer
    return replace(layer, y=[np.clip(y, low - reach, high + reach) for y in layer.y])


def _legend_columns(entries: Sequence[Entry]) -> int:
    """How many entries of a legend fit beside each other."""
    longest = max((len(entry.label) for entry in entries), default=0)
    return max(_LEGEND_WIDTH // (_SAMPLE_WIDTH + _LETTER_WIDTH * longest), 1)


def _hover(layer: Layer, drawn: GlyphRenderer[Any]) -> HoverTool | None:
    """What shows the tips of a layer; none where it has none."""
    if not isinstance(layer, _Tipped) or not layer.tips:
        return None
    return HoverTool(renderers=[drawn], tooltips=list(layer.tips), limit=3, visible=False)


def _source(layer: Layer, tables: MutableMapping[str, ColumnDataSource]) -> ColumnDataSource:
    """The columns of a layer, or those of the table it shares with other figures."""
    if not isinstance(layer, Marks) or not layer.table:
        return ColumnDataSource(layer.columns)
    if layer.table not in tables:
        tables[layer.table] = ColumnDataSource(layer.columns)
    return tables[layer.table]


def _automatic(unseen: list[Any]) -> tuple[DataRange1d, DataRange1d]:
    """Ranges that the browser widens to fill the frame, whose size it alone knows."""
    x, y = (DataRange1d(renderers=unseen, range_padding=0) for _ in range(2))
    return x, y


def _toolbar(picture: Picture, tips: list[HoverTool]) -> Toolbar:
    dimensions: Literal["both", "width"] = "both" if picture.equal else "width"
    wheel, box = WheelZoomTool(dimensions=dimensions), BoxZoomTool(match_aspect=picture.equal)
    brushed = any(isinstance(layer, Marks) and layer.table for layer in picture.layers)
    # it selects nothing by itself: whoever listens to the figure learns of the box that was drawn
    brush = [BoxSelectTool(renderers=[])] if brushed else []
    return Toolbar(
        tools=[PanTool(dimensions=dimensions), wheel, box, *brush, ResetTool(), *tips],
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
