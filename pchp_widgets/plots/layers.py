"""What a figure can hold: axes, lines, marks, ribbons, images, and entries of a legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from . import theme

FloatArray = npt.NDArray[np.float64]
Column = Sequence[Any] | npt.NDArray[Any]
Tips = Sequence[tuple[str, str]]

_ALIGNED = {"left": "right", "right": "left", "center": "center"}
_AWAY = {"left": -5, "right": 5, "center": 0}  # pixels, from a point to the words about it
_EVEN = 1e-6  # relative difference of widths that are the same
_FINEST = 2000  # cells along an even grid, as many as a screen has pixels


@dataclass(frozen=True)
class Axis:
    """What is drawn along an axis, in which units (as a person reads them).

    A logarithmic axis stays one in a live figure, and its limits are above zero. An axis of names has `ticks`: pairs of
    a place and what stands there.
    """

    label: str
    units: str = ""
    log: bool = False
    ticks: tuple[tuple[float, str], ...] = ()

    @property
    def title(self) -> str:
        """Label with units."""
        return f"{self.label} ({self.units})" if self.units else self.label


@dataclass(frozen=True)
class Lines:
    """Lines, all of them one curve with a row each.

    Attributes
    ----------
    x, y
        An array per line.
    rows
        Further columns with a value per line; ``color`` colours it.
    dash
        ``"solid"`` or ``"dashed"``.
    tips
        What is shown on hovering: pairs of a word and a Bokeh tooltip.
    units
        Of further columns.
    is_data
        Whether it belongs in a table of what is shown; a line through markers does not.
    moves
        Whether it follows what is dragged in the figure: it is painted over the rest, which then stays as it is.
    """

    x: Sequence[FloatArray]
    y: Sequence[FloatArray]
    rows: Mapping[str, Column]
    dash: str = "solid"
    tips: Tips = ()
    units: Mapping[str, str] = field(default_factory=dict)
    is_data: bool = True
    moves: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source."""
        return {"xs": list(self.x), "ys": list(self.y), **{name: list(values) for name, values in self.rows.items()}}


@dataclass(frozen=True)
class Marks:
    """Markers, a row each.

    Attributes
    ----------
    x, y
        Where they are.
    rows
        Further columns; ``color`` colours a marker, which is black without; ``marker`` shapes it unless `shape` does.
    shape
        Of all markers.
    filled
        Or hollow.
    size
        In pixels.
    tips, units, is_data
        As for :class:`Lines`.
    table
        Name of the table that markers of several figures have in common: the same points, seen from another side.
        Whoever points at one in a figure sees it in all of them. Their `rows` and places together are the columns of
        that table, the same ones in every figure.
    places
        Names of the columns of `x` and `y`.
    """

    x: FloatArray
    y: FloatArray
    rows: Mapping[str, Column]
    shape: str | None = None
    filled: bool = True
    size: int = 5
    tips: Tips = ()
    units: Mapping[str, str] = field(default_factory=dict)
    is_data: bool = True
    table: str = ""
    places: tuple[str, str] = ("x", "y")

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source."""
        along, up = self.places
        return {along: self.x, up: self.y, **{name: _plain(values) for name, values in self.rows.items()}}


@dataclass(frozen=True)
class Texts:
    """Words beside points, a row each.

    Attributes
    ----------
    x, y
        The points.
    rows
        ``label``: what is written; ``side``: ``"left"``, ``"right"`` or ``"center"`` of the point; ``color``, which is
        black without.
    above
        The points, or below them.
    units, is_data
        As for :class:`Lines`; words say again what marks show.
    """

    x: FloatArray
    y: FloatArray
    rows: Mapping[str, Column]
    above: bool = False
    units: Mapping[str, str] = field(default_factory=dict)
    is_data: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source; words end at a point whose left side they are on."""
        rows = {name: list(values) for name, values in self.rows.items()}
        rows["align"] = [_ALIGNED[side] for side in rows["side"]]
        rows["away"] = [_AWAY[side] for side in rows["side"]]
        return {"x": self.x, "y": self.y, **rows}


@dataclass(frozen=True)
class Ribbons:
    """Translucent bands along curves, a row each: what lies between `low` and `high`.

    Attributes
    ----------
    x, low, high
        An array per ribbon; where one of them is NaN the ribbon has a gap.
    rows
        Further columns with a value per ribbon; ``color`` colours it.
    units, is_data, moves
        As for :class:`Lines`. A table gives the limits in the rows of the curve along which the ribbon runs.
    """

    x: Sequence[FloatArray]
    low: Sequence[FloatArray]
    high: Sequence[FloatArray]
    rows: Mapping[str, Column]
    units: Mapping[str, str] = field(default_factory=dict)
    is_data: bool = True
    moves: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source: outlines, one per piece without a gap."""
        xs, ys, of = [], [], []
        for row, (x, low, high) in enumerate(zip(self.x, self.low, self.high, strict=True)):
            for piece in _without_gaps(x, low, high):
                xs.append(np.concatenate([x[piece], x[piece][::-1]]))
                ys.append(np.concatenate([low[piece], high[piece][::-1]]))
                of.append(row)
        return {"xs": xs, "ys": ys, **{name: [values[row] for row in of] for name, values in self.rows.items()}}


@dataclass(frozen=True)
class Whiskers:
    """Vertical error bars from `low` to `high`, a row each.

    Attributes
    ----------
    x, low, high
        Where they are; one without limits is not drawn.
    rows
        Further columns; ``color`` colours a whisker, which is black without.
    units, is_data
        As for :class:`Lines`. Rows of markers say how uncertain they are: whiskers are data only where none do.
    """

    x: FloatArray
    low: FloatArray
    high: FloatArray
    rows: Mapping[str, Column]
    units: Mapping[str, str] = field(default_factory=dict)
    is_data: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source."""
        rows = {name: _plain(values) for name, values in self.rows.items()}
        return {"x": self.x, "low": self.low, "high": self.high, **rows}


@dataclass(frozen=True)
class Levels:
    """Horizontal lines across the figure at `y`.

    Attributes
    ----------
    y
        Where they are.
    rows
        Further columns; ``color`` colours a line, which is black without, and ``label`` stands above its left end.
    dash
        As for :class:`Lines`.
    units, is_data
        As for :class:`Lines`; what is only there for comparison is no data.
    """

    y: FloatArray
    rows: Mapping[str, Column] = field(default_factory=dict)
    dash: str = "dashed"
    units: Mapping[str, str] = field(default_factory=dict)
    is_data: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source."""
        return {"y": self.y, **{name: _plain(values) for name, values in self.rows.items()}}


@dataclass(frozen=True)
class Image:
    """Values on a grid, shown as colours with a colour bar; NaN is transparent.

    Attributes
    ----------
    values
        (y, x).
    x, y
        Edges of the grid, ascending, one more than there are values; :func:`edges` finds those around centres. Where
        they are not evenly spaced, the colours are drawn on a grid as fine as the narrowest cell, within reason.
    shown
        What the values are: title of the colour bar.
    limits
        Values of the first and the last colour; those beyond have the same colour. The extremes when left out.
    palette
        Name of the colours, or a single colour, which is then translucent and has no colour bar; those of values when
        left out, and :data:`.theme.GREYS`, without a colour bar, for a photograph.
    rows
        Further columns, a single value each.
    tips
        As for :class:`Lines`; the value is ``@image``.
    units, is_data
        As for :class:`Lines`. A table has a row per value, at the centre of its cell.

    Raises
    ------
    ValueError
        When edges and values do not fit, or edges do not ascend.
    """

    values: FloatArray
    x: FloatArray
    y: FloatArray
    shown: Axis
    limits: tuple[float, float] | None = None
    rows: Mapping[str, Column] = field(default_factory=dict)
    tips: Tips = ()
    units: Mapping[str, str] = field(default_factory=dict)
    is_data: bool = True
    palette: str = theme.MAP

    def __post_init__(self) -> None:
        for name, along, count in zip("yx", (self.y, self.x), self.values.shape, strict=True):
            if count and len(along) != count + 1:
                raise ValueError(f"image: {count} values along {name} need {count + 1} edges, not {len(along)}")
            if not (np.diff(along) > 0).all():
                raise ValueError(f"image: the edges along {name} do not ascend; sort them, with the values")

    @property
    def colors(self) -> tuple[float, float]:
        """Values of the first and the last colour."""
        low, high = self.limits or _extremes(self.values)
        return (low, high) if low < high else (low - 0.5, low + 0.5)

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source: the values on an even grid, its corner and its size."""
        if not self.values.size:
            return {name: [] for name in ("image", "x", "y", "dw", "dh", *self.rows)}
        even = self.values[np.ix_(_evenly(self.y), _evenly(self.x))].astype(np.float32)
        corner = {"x": [float(self.x[0])], "y": [float(self.y[0])]}
        size = {"dw": [float(self.x[-1] - self.x[0])], "dh": [float(self.y[-1] - self.y[0])]}
        return {"image": [even], **corner, **size, **{name: _plain(values) for name, values in self.rows.items()}}


@dataclass(frozen=True)
class Bands:
    """Vertical bands from `start` to `stop`."""

    start: FloatArray
    stop: FloatArray

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source; without a band one that is nowhere."""
        none = np.full(1, np.nan)
        return {"x0": self.start if len(self.start) else none, "x1": self.stop if len(self.start) else none}


@dataclass(frozen=True)
class Window(Bands):
    """A single band that the user drags, by an edge or as a whole.

    Attributes
    ----------
    name
        The trait of the panel that follows it.
    """

    name: str = "window"


@dataclass(frozen=True)
class Verticals:
    """Vertical lines at `x`; ``color`` of `rows` colours each."""

    x: FloatArray
    rows: Mapping[str, Column]

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source."""
        return {"x": self.x, **{name: _plain(values) for name, values in self.rows.items()}}


@dataclass(frozen=True)
class Entry:
    """A line of the legend: a line (`dash`) or a marker (`shape`)."""

    label: str
    color: str
    dash: str = "solid"
    shape: str | None = None
    filled: bool = True


Layer = Lines | Marks | Texts | Ribbons | Whiskers | Levels | Image | Bands | Verticals


def edges(centres: FloatArray) -> FloatArray:
    """Edges of cells around these centres, ascending: half-way between two of them, and as far beyond the outermost."""
    if len(centres) < 2:
        return np.concatenate([centres - 0.5, centres[-1:] + 0.5])
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def _extremes(values: FloatArray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)


def _without_gaps(*columns: FloatArray) -> list[slice]:
    """Stretches in which all columns are known."""
    known = np.isfinite(columns).all(axis=0)
    starts, stops = np.flatnonzero(np.diff(known, prepend=False, append=False)).reshape(-1, 2).T
    return [slice(start, stop) for start, stop in zip(starts, stops, strict=True)]


def _evenly(along: FloatArray) -> npt.NDArray[np.int64]:
    """Which cell to show at each place of an even grid."""
    width, span = np.diff(along), along[-1] - along[0]
    if np.ptp(width) <= _EVEN * width.mean():
        return np.arange(len(width))
    count = int(min(np.ceil(span / width.min()), _FINEST))
    places = along[0] + (np.arange(count) + 0.5) * span / count
    found: npt.NDArray[np.int64] = np.searchsorted(along, places, side="right") - 1
    return found


def _plain(values: Any) -> Any:
    return values.tolist() if isinstance(values, np.ndarray) and values.dtype.kind in "UO" else values
