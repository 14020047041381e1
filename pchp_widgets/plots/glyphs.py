"""Layers of a picture as Bokeh's renderers: one per layer, however many rows it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from bokeh.core.properties import field, value
from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    Line,
    LinearColorMapper,
    MultiLine,
    Scatter,
    Segment,
    VSpan,
    VStrip,
)
from bokeh.models import HSpan as Level
from bokeh.models import Image as Pixels
from bokeh.models.annotations import BoxAnnotation, ColorBar, LabelSet, LegendItem
from bokeh.models.annotations.geometry import AreaVisuals, BoxInteractionHandles
from bokeh.models.glyphs import Patches, Text
from bokeh.models.renderers import GlyphRenderer
from bokeh.palettes import all_palettes

from . import theme
from .picture import (
    Bands,
    Entry,
    Image,
    Layer,
    Levels,
    Lines,
    Marks,
    Ribbons,
    Ruler,
    Texts,
    Verticals,
    Whiskers,
    Window,
)

_COLOR_BAR: dict[str, Any] = {
    "width": 12,
    "padding": 6,
    "margin": 0,
    "background_fill_color": None,
    "major_label_text_font_size": "11px",
    "major_label_text_color": theme.INK,
    "major_tick_line_color": theme.PAPER,
    "title_text_font_size": "11px",
    "title_text_font_style": "normal",
    "title_text_color": theme.INK,
    "title_standoff": 6,
}
_GRASP = 10  # pixels about the end of a ruler
_BESIDE = 5  # pixels, from a point to the words above or below it


def renderer(layer: Layer, source: ColumnDataSource) -> GlyphRenderer[Any]:
    """A layer drawn from the columns of a source."""
    # Bokeh paints overlays on a canvas of their own: a band that moves leaves the curves as they are
    moves = isinstance(layer, Bands) or (isinstance(layer, Lines | Ribbons) and layer.moves)
    level: Literal["overlay", "glyph"] = "overlay" if moves else "glyph"
    drawn = GlyphRenderer(data_source=source, glyph=_glyph(layer), level=level)
    drawn.visible = not isinstance(layer, Window)  # which is seen as the box that the user drags
    if isinstance(layer, Marks) and layer.table:  # what is pointed at in one figure is ringed in all
        drawn.hover_glyph = _marks(layer)
        drawn.hover_glyph.update(size=layer.size + 6, line_color=theme.INK, line_width=theme.EDGE_WIDTH)
    return drawn


def corners(source: ColumnDataSource) -> GlyphRenderer[Any]:
    """Two points nobody sees, which automatic ranges have to show."""
    unseen = Scatter(x=field("x"), y=field("y"), size=0, line_color=None, fill_color=None)
    return GlyphRenderer(data_source=source, glyph=unseen)


def _marks(layer: Marks) -> Scatter:
    color, (along, up) = _color(layer.rows), layer.places
    glyph = Scatter(x=field(along), y=field(up), line_color=color, fill_color=color)
    glyph.update(size=layer.size, marker=layer.shape or field("marker"), fill_alpha=float(layer.filled))
    glyph.line_width = theme.EDGE_WIDTH if layer.shape else 1
    return glyph


def _glyph(layer: Layer) -> Any:
    glyph: Any
    match layer:
        case Lines():
            glyph = MultiLine(xs=field("xs"), ys=field("ys"), line_color=field("color"), line_dash=layer.dash)
            glyph.line_width = theme.LINE_WIDTH
        case Marks():
            glyph = _marks(layer)
        case Texts():
            glyph = Text(x=field("x"), y=field("y"), text=field("label"), text_color=_color(layer.rows))
            glyph.update(text_align=field("align"), x_offset=field("away"), text_font_size=value("11px"))
            glyph.text_baseline, glyph.y_offset = ("bottom", -_BESIDE) if layer.above else ("top", _BESIDE)
        case Ribbons():
            glyph = Patches(xs=field("xs"), ys=field("ys"), fill_color=_color(layer.rows), line_color=None)
            glyph.fill_alpha = theme.TRANSLUCENT
        case Whiskers():
            glyph = Segment(x0=field("x"), y0=field("low"), x1=field("x"), y1=field("high"))
            glyph.line_color = _color(layer.rows)
        case Levels():
            glyph = Level(y=field("y"), line_color=_color(layer.rows), line_dash=layer.dash)
        case Image():
            glyph = Pixels(image=field("image"), x=field("x"), y=field("y"), dw=field("dw"), dh=field("dh"))
            shades = all_palettes[layer.palette][256] if layer.palette in all_palettes else [layer.palette]
            glyph.color_mapper = LinearColorMapper(palette=shades, nan_color="rgba(0, 0, 0, 0)")
            glyph.global_alpha = 1.0 if len(shades) > 1 else theme.TINT
        case Bands():
            glyph = VStrip(x0=field("x0"), x1=field("x1"), fill_color=theme.FAINT, line_color=theme.FAINT)
            glyph.update(fill_alpha=0.3, line_alpha=0.8)
        case Verticals():
            glyph = VSpan(x=field("x"), line_color=field("color"), line_dash="dotted")
    return glyph


def companions(layer: Layer, drawn: GlyphRenderer[Any]) -> list[tuple[Any, Literal["center", "right"]]]:
    """What stands beside a layer, and where: a colour bar, labels of levels, the box of a window, ends of a ruler."""
    match layer:
        case Image(palette=theme.MAP):
            scale: Any = drawn.glyph.color_mapper
            return [(ColorBar(color_mapper=scale, ticker=BasicTicker(desired_num_ticks=5), **_COLOR_BAR), "right")]
        case Levels() if "label" in layer.rows:
            labels = LabelSet(source=drawn.data_source, x=value(4), y=field("y"), text=field("label"), x_units="screen")
            labels.update(y_offset=2, text_font_size=value("11px"), text_color=_color(layer.rows))
            return [(labels, "center")]
        case Window():
            box = BoxAnnotation(name=layer.name, left=layer.start[0], right=layer.stop[0])
            box.update(editable=True, movable="x", resizable="x", level="overlay", line_color=theme.INK)
            box.update(fill_color=theme.FAINT, fill_alpha=0.2, hover_fill_color=theme.FAINT, hover_fill_alpha=0.35)
            return [(box, "center")]
        case Ruler():
            return [(_handle(layer, at), "center") for at in range(2)]
    return []


def _handle(layer: Ruler, at: int) -> BoxAnnotation:
    """An end of a ruler: a box of no size, which is dragged by a handle that keeps its size on the screen."""
    looks = AreaVisuals(fill_color=theme.PAPER, line_color=theme.INK, hover_fill_color=theme.FAINT)
    box = BoxAnnotation(name=f"{layer.name}:{at}", movable="both", resizable="none", level="overlay")
    box.update(editable=True, use_handles=True, handles=BoxInteractionHandles(all=looks))
    box.update(fill_alpha=0.0, line_alpha=0.0, line_width=_GRASP, hover_fill_alpha=0.0, hover_line_alpha=0.0)
    place_handle(box, *layer.ends[at])
    return box


def place_handle(box: BoxAnnotation, x: float, y: float) -> None:
    """Move an end of a ruler; it is hidden where there is no ruler."""
    if np.isfinite(x) and np.isfinite(y):
        box.update(left=x, right=x, bottom=y, top=y, visible=True)
    else:
        box.visible = False


def rescale(layer: Image, drawn: GlyphRenderer[Any], bars: Sequence[tuple[ColorBar, object]]) -> None:
    """Let the colours of an image span the values of another."""
    low, high = layer.colors
    drawn.glyph.color_mapper.update(low=low, high=high)
    for bar, _ in bars:
        bar.title = layer.shown.title


def legend_item(shape: str | None) -> LegendItem:
    """An item of a legend: a line, or a marker where there is a shape. Its only point is nowhere in the figure."""
    nowhere = ColumnDataSource({"x": [np.nan], "y": [np.nan]})
    glyph: Any = Line(line_width=2 * theme.LINE_WIDTH) if shape is None else Scatter(size=8, marker=shape)
    return LegendItem(renderers=[GlyphRenderer(data_source=nowhere, glyph=glyph)])


def restyle(drawn: GlyphRenderer[Any], entry: Entry) -> None:
    """Let a curve of the legend stand for another entry of the same kind, a line or a marker."""
    glyph: Any = drawn.glyph
    glyph.line_color = entry.color
    if entry.shape is None:
        glyph.line_dash = entry.dash
    else:
        glyph.update(marker=entry.shape, fill_color=entry.color, fill_alpha=float(entry.filled))
        glyph.line_width = theme.EDGE_WIDTH


def _color(rows: Mapping[str, Any]) -> Any:
    return field("color") if "color" in rows else theme.INK
