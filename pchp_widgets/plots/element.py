"""Pictures as HoloViews elements, with the options of the backend that is to draw them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from . import theme
from .picture import (
    Bands,
    Entry,
    Image,
    Layer,
    Levels,
    Lines,
    Marks,
    Picture,
    Ribbons,
    Texts,
    Verticals,
    Whiskers,
    filling,
)

Backend = Literal["bokeh", "matplotlib"]

_MATPLOTLIB_MARKERS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "hex": "h",
    "star": "*",
    "inverted_triangle": "v",
    "triangle": "^",
    "x": "X",
}
_DASH = ((-1.0, -0.15), (1.0, -0.15), (1.0, 0.15), (-1.0, 0.15))
"""Corners of a dash: Matplotlib's own is a line, and it warns of the edges of what cannot be filled."""

_INCHES_WIDE = 7.0  # two columns of a journal
_PIXELS_PER_INCH = 100.0
_LETTERS, _SAMPLE = 88, 8  # in a line of the legend, and the room of a sample of it
_EQUAL = 1.6  # width over height of the frame of equal axes
_BESIDE = 0.015  # of the paper, between frame and colour bar
_MARGIN, _BELOW = 0.008, 0.015  # of the width and height, between a point and words beside and below it


@dataclass(frozen=True)
class _Labels:
    """Words at the left end of levels."""

    levels: Levels


_Field = Ribbons | Whiskers | Levels | _Labels | Texts | Image
_Part = Layer | Entry | _Labels


def holoviews(backend: Backend = "bokeh") -> Any:
    """HoloViews with a backend; unlike ``hv.extension`` this emits nothing into the notebook."""
    import holoviews as hv

    chosen = hv.Store.current_backend in hv.Store.registry
    if backend == "bokeh":
        import holoviews.plotting.bokeh
    else:
        import holoviews.plotting.mpl
    if not chosen:  # by the user
        hv.Store.set_current_backend(backend)
    return hv


@contextmanager
def drawing_for(backend: Backend) -> Iterator[Any]:
    """HoloViews, with a backend as the current one: others would lend an element their defaults."""
    hv = holoviews(backend)
    before = hv.Store.current_backend
    hv.Store.set_current_backend(backend)
    try:
        yield hv
    finally:
        hv.Store.set_current_backend(before)


def element(picture: Picture, backend: Backend = "bokeh") -> Any:
    """A fresh HoloViews overlay of a picture.

    Parameters
    ----------
    picture
        What to draw.
    backend
        Whose options the element carries; it looks right with that one only.
    """
    hv = holoviews(backend)
    parts: list[_Part] = [part for layer in picture.layers for part in _parts(layer)]
    if backend == "matplotlib":
        # there is no room for a title above a legend: it stands in it, as an entry without a sample
        heading = [Entry(picture.title, theme.PAPER)] if picture.title else []
        parts = [*(part for whole in parts for part in _by_marker(whole)), *heading]
    parts += picture.legend or ([] if parts else [Entry("", theme.PAPER)])  # an overlay of nothing has no axes
    titles = {"xlabel": picture.x.title, "ylabel": picture.y.title}  # bands and verticals have dimensions of their own
    curves = [
        _curve(hv, picture, part).opts(**titles, **_OPTIONS[backend](hv, part), backend=backend) for part in parts
    ]
    ratio = _EQUAL if backend == "bokeh" else _INCHES_WIDE * _PIXELS_PER_INCH / picture.height
    xlim, ylim = filling(picture, ratio) if picture.equal else (picture.xlim, picture.ylim)
    limits: dict[str, Any] = {"xlim": xlim, "ylim": ylim}
    if backend == "matplotlib" and not any(map(_seen, picture.layers)):
        # Matplotlib finds no ticks for a logarithmic axis along which nothing lies
        curves.append(hv.Scatter([(xlim[1], ylim[1])]).opts(alpha=0.0, backend=backend))
    limits |= {name: list(axis.ticks) for name, axis in (("xticks", picture.x), ("yticks", picture.y)) if axis.ticks}
    return hv.Overlay(curves).opts(**titles, **limits, **_FIGURE[backend](picture), backend=backend)


def _seen(layer: Layer) -> bool:
    """Whether something of a layer has a place."""
    if isinstance(layer, Lines | Ribbons):
        return any(np.isfinite(y).any() for y in (layer.y if isinstance(layer, Lines) else layer.low))
    return isinstance(layer, Marks | Image) and bool(np.size(layer.x))


def _parts(layer: Layer) -> list[_Part]:
    """What HoloViews draws a layer with; it cannot draw an image without values, nor outlines that are none."""
    match layer:
        case Levels() if "label" in layer.rows:
            return [layer, _Labels(layer)]
        case Texts():
            return _alike(layer)
        case Image() | Ribbons():
            return [layer] if any(map(len, layer.columns.values())) else []
    return [layer]


def _alike(words: Texts) -> list[_Part]:
    """Words of one side and colour each: HoloViews has but one of them for all labels of an element."""
    kinds = list(zip(words.rows["side"], words.rows.get("color", [theme.INK] * len(words.x)), strict=True))
    found: list[_Part] = []
    for side, color in dict.fromkeys(kinds):
        of = [at for at, kind in enumerate(kinds) if kind == (side, color)]
        rows = {"label": [words.rows["label"][at] for at in of], "side": [side], "color": [color]}
        found.append(Texts(np.asarray(words.x)[of], np.asarray(words.y)[of], rows, words.above))
    return found


def _curve(hv: Any, picture: Picture, part: _Part) -> Any:
    x, y = (
        hv.Dimension((name, axis.label or name), unit=axis.units or None)
        for name, axis in (("x", picture.x), ("y", picture.y))
    )
    match part:
        case Lines():
            names = ["x", "y", *part.rows]
            rows = zip(part.x, part.y, *part.rows.values(), strict=True)
            return hv.Contours([dict(zip(names, row, strict=True)) for row in rows if len(row[0])], [x, y], names[2:])
        case Marks():
            return hv.Scatter(tuple(part.columns.values()), x, [y, *part.rows])
        case Bands():
            return hv.VSpans(tuple(part.columns.values()))
        case Verticals():
            low, high = (np.full(len(part.x), limit) for limit in picture.ylim)
            return hv.Segments((part.x, low, part.x, high), [x, y, "x_end", "y_end"])
        case Entry():
            # nowhere, but there: Bokeh shows no sample of a curve without points in its legend
            return (hv.Scatter if part.shape else hv.Curve)([(np.nan, np.nan)], x, y, label=part.label)
        case _:
            return _field(hv, picture, part, x, y)


def _field(hv: Any, picture: Picture, part: _Field, x: Any, y: Any) -> Any:
    match part:
        case Ribbons():
            columns = {"x" if name == "xs" else "y" if name == "ys" else name: v for name, v in part.columns.items()}
            rows = zip(*columns.values(), strict=True)
            return hv.Polygons([dict(zip(columns, row, strict=True)) for row in rows], [x, y], [*part.rows])
        case Whiskers():
            ends = (part.x, part.low, part.x, part.high)
            return hv.Segments((*ends, *part.rows.values()), [x, y, "x_end", "y_end"], [*part.rows])
        case Levels():
            return hv.HLines(tuple(part.columns.values()), "y", [*part.rows])
        case _Labels():
            left = np.full(len(part.levels.y), _moved(picture.xlim[0], picture.xlim, _MARGIN, log=picture.x.log))
            return hv.Labels((left, part.levels.y, part.levels.rows["label"]), [x, y], "label")
        case Texts():
            along = _moved(part.x, picture.xlim, _MARGIN * np.sign(part.columns["away"][0]), log=picture.x.log)
            up = _moved(part.y, picture.ylim, _BELOW if part.above else -_BELOW, log=picture.y.log)
            return hv.Labels((along, up, part.rows["label"]), [x, y], "label")
        case Image():
            shown = hv.Dimension("value", label=part.shown.label, unit=part.shown.units or None)
            (values,), sides = part.columns["image"], (part.x[0], part.y[0], part.x[-1], part.y[-1])
            return hv.Image(values[::-1], [x, y], shown, bounds=tuple(map(float, sides)))


def _moved(at: Any, limits: tuple[float, float], share: float, *, log: bool) -> Any:
    """Places moved by a share of the length of their axis."""
    low, high = limits
    return at * (high / low) ** share if log else at + share * (high - low)


def _bokeh_options(hv: Any, part: _Part) -> dict[str, Any]:
    style = _bokeh_style(hv, part)
    if isinstance(part, Marks | Entry) and not part.filled:
        style["fill_alpha"] = 0.0
    if isinstance(part, Lines | Marks | Image) and part.tips:
        style |= {"tools": ["hover"], "hover_tooltips": list(part.tips)}
    return style


def _bokeh_style(hv: Any, part: _Part) -> dict[str, Any]:
    match part:
        case Lines():
            style = {"line_width": theme.LINE_WIDTH, "line_dash": part.dash, **_hues(hv, part)}
        case Marks(shape=None):
            style = {"size": part.size, "marker": hv.dim("marker") if len(part.x) else "circle", **_hues(hv, part)}
        case Marks():
            style = {"size": part.size, "marker": part.shape, "line_width": theme.EDGE_WIDTH, **_hues(hv, part)}
        case Bands():
            style = {"color": theme.FAINT, "alpha": 0.3, "line_alpha": 0.8, "apply_ranges": False}
        case Verticals():
            style = {"color": theme.INK, "line_width": 1, "line_dash": "dotted"}
        case Entry(shape=None):
            style = {"color": part.color, "line_dash": part.dash, "line_width": 2 * theme.LINE_WIDTH}
        case Entry():
            style = {"color": part.color, "marker": part.shape, "size": 8, "line_width": theme.EDGE_WIDTH}
        case _:
            style = _bokeh_field(hv, part)
    return style


def _bokeh_field(hv: Any, part: _Field) -> dict[str, Any]:
    match part:
        case Ribbons():
            style = {"fill_alpha": theme.TRANSLUCENT, "line_alpha": 0.0, **_hues(hv, part)}
        case Whiskers():
            style = {"line_width": 1, **_hues(hv, part)}
        case Levels():
            style = {"line_width": 1, "line_dash": part.dash, "apply_ranges": False, **_hues(hv, part)}
        case _Labels():
            style = {"text_align": "left", "text_baseline": "bottom", "text_font_size": "11px", "xoffset": 0.0}
            style |= {"text_color": theme.INK}
        case Texts():
            style = {"text_align": part.columns["align"][0]}
            style |= {"text_baseline": "bottom" if part.above else "top", "text_font_size": "11px"}
            style |= {"text_color": str(part.rows["color"][0])}
        case Image():
            style = {"cmap": theme.MAP, **_colours(part)}
    return style


def _matplotlib_options(hv: Any, part: _Part) -> dict[str, Any]:
    match part:
        case Lines():
            style = {"linewidth": 0.8, "linestyle": part.dash, "show_legend": True, **_hues(hv, part)}
        case Marks():
            edge = part.rows.get("color", theme.INK)
            face = _hues(hv, part) if part.filled else {"facecolors": "none", "edgecolors": edge}
            style = {"marker": _matplotlib_marker(_marker(part)), "s": (0.7 * part.size) ** 2, **face}
        case Bands():
            style = {"facecolor": theme.FAINT, "edgecolor": theme.FAINT, "alpha": 0.3}
        case Verticals():
            style = {"color": theme.INK, "linewidth": 0.6, "linestyle": "dotted"}
        case Entry(shape=None):
            style = {"color": part.color, "linestyle": part.dash, "linewidth": 1.5}
        case Entry(shape=shape):
            face = {"color": part.color} if part.filled else {"facecolors": "none", "edgecolors": part.color}
            style = {"marker": _matplotlib_marker(str(shape)), "s": 36, **face}
        case _:
            style = _matplotlib_field(hv, part)
    return style


def _matplotlib_marker(shape: str) -> Any:
    from matplotlib.path import Path

    return Path([*_DASH, _DASH[0]], closed=True) if shape == "dash" else _MATPLOTLIB_MARKERS[shape]


def _matplotlib_field(hv: Any, part: _Field) -> dict[str, Any]:
    match part:
        case Ribbons():
            style = {"alpha": theme.TRANSLUCENT, "linewidth": 0.0, **_hues(hv, part)}
            colors = part.rows.get("color", ())
            if len(set(colors)) == 1:  # HoloViews would forget the column of a single polygon
                style |= {"color": colors[0], "facecolor": colors[0]}
        case Whiskers():
            style = {"linewidth": 0.8, **_hues(hv, part)}
        case Levels():
            color = part.rows["color"][0] if "color" in part.rows else theme.INK
            style = {"linewidth": 0.8, "linestyle": part.dash, "color": color}
        case _Labels():
            style = {"horizontalalignment": "left", "verticalalignment": "bottom", "size": 8, "color": theme.INK}
        case Texts():
            style = {"horizontalalignment": part.columns["align"][0]}
            style |= {"verticalalignment": "bottom" if part.above else "top"}
            style |= {"size": 8, "color": str(part.rows["color"][0])}
        case Image():
            style = {"cmap": theme.MAP.lower(), **_colours(part)}
    return style


def _colours(image: Image) -> dict[str, Any]:
    """Limits of the colours and their bar; a photograph and what is marked on it have colours of their own, no bar."""
    if image.palette == theme.MAP:
        return {"clim": image.colors, "colorbar": True, "clabel": image.shown.title}
    from bokeh.palettes import all_palettes

    shades = all_palettes[image.palette][256] if image.palette in all_palettes else (image.palette,) * 2
    return {"clim": image.colors, "cmap": list(shades), "alpha": 1.0 if len(shades) > 2 else theme.TINT}


def _hues(hv: Any, part: Lines | Marks | Ribbons | Whiskers | Levels) -> dict[str, Any]:
    """Colours from the column, unless there is nothing to colour: HoloViews takes an empty column for numbers."""
    places = part.y if isinstance(part, Levels) else part.x
    return {"color": hv.dim("color") if "color" in part.rows and any(map(np.size, places)) else theme.INK}


def _bokeh_figure(picture: Picture) -> dict[str, Any]:
    return {
        "logx": picture.x.log,
        "logy": picture.y.log,
        "title": picture.title,
        **(
            {"frame_height": picture.height, "frame_width": round(_EQUAL * picture.height)}
            if picture.equal
            else {"responsive": True, "height": picture.height}
        ),
        "legend_position": "top",
        "default_tools": ["xpan", "xwheel_zoom", "box_zoom", "reset"],
        "active_tools": ["xwheel_zoom", "box_zoom"],
    }


def _matplotlib_figure(picture: Picture) -> dict[str, Any]:
    return {
        "logx": picture.x.log,
        "logy": picture.y.log,
        "aspect": _INCHES_WIDE * _PIXELS_PER_INCH / picture.height,
        "fig_inches": _INCHES_WIDE,
        "fontsize": {"labels": 9, "ticks": 8, "legend": 8},
        "hooks": [_fit_colour_bars] if any(isinstance(layer, Image) for layer in picture.layers) else [],
        "legend_position": "top",
        "legend_cols": _legend_columns([picture.title, *(entry.label for entry in picture.legend)]),
        "legend_opts": {"frameon": False},
        "show_frame": True,
        "title": "",
    }


def _legend_columns(labels: Sequence[str]) -> int:
    """How many columns of a legend fit beside each other, the first of them the longer ones."""
    lengths = [len(label) for label in labels if label]
    for count in (3, 2):
        columns = np.array_split(lengths, count)
        if sum(_SAMPLE + int(column.max(initial=0)) for column in columns) <= _LETTERS:
            return count
    return 1


def _fit_colour_bars(plot: Any, _: Any) -> None:
    """Make colour bars as high as the frame, which HoloViews asks for before its aspect has been applied."""
    plot.handles["fig"].canvas.draw()
    frame = plot.handles["axis"].get_position()
    for part in plot.subplots.values():
        if "cax" in part.handles:
            bar = part.handles["cax"].get_position()
            part.handles["cax"].set_position([frame.x1 + _BESIDE, frame.y0, bar.width / 2, frame.height])


_OPTIONS = {"bokeh": _bokeh_options, "matplotlib": _matplotlib_options}
_FIGURE = {"bokeh": _bokeh_figure, "matplotlib": _matplotlib_figure}


def _marker(marks: Marks) -> str:
    return marks.shape or str(marks.rows["marker"][0])


def _by_marker(layer: _Part) -> Sequence[_Part]:
    """Matplotlib knows one marker per curve and one colour per levels, and cannot draw a curve without points."""
    if isinstance(layer, Levels) and "color" in layer.rows:
        hues = np.asarray(layer.rows["color"])
        return [
            Levels(layer.y[hues == hue], {"color": hues[hues == hue]}, layer.dash)
            for hue in dict.fromkeys(hues.tolist())
        ]
    if not isinstance(layer, Marks):
        return [layer] if not isinstance(layer, Lines | Whiskers) or len(layer.x) else []
    kinds = np.asarray([layer.shape or ""] * len(layer.x) if layer.shape else layer.rows["marker"])
    parts = []
    for kind in dict.fromkeys(kinds.tolist()):
        of = kinds == kind
        rows = {name: np.asarray(values)[of] for name, values in layer.rows.items()}
        parts.append(Marks(layer.x[of], layer.y[of], rows, layer.shape, layer.filled, layer.size))
    return parts
