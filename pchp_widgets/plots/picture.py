"""What a figure consists of, said without any plotting library.

A plot function turns datasets into a :class:`Picture` in well under a millisecond. :mod:`.drawing` shows it as a live
Bokeh figure, which follows the next picture by its columns: all that a slider or a zoom needs. :mod:`.element` makes
of the same a HoloViews element, to be combined with others or drawn on paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Column = Sequence[Any] | npt.NDArray[Any]
Tips = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Axis:
    """What is drawn along an axis, in which units (as a person reads them)."""

    label: str
    units: str = ""

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
    """

    x: Sequence[FloatArray]
    y: Sequence[FloatArray]
    rows: Mapping[str, Column]
    dash: str = "solid"
    tips: Tips = ()
    units: Mapping[str, str] = field(default_factory=dict)
    is_data: bool = True

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

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of the data source."""
        return {"x": self.x, "y": self.y, **{name: _plain(values) for name, values in self.rows.items()}}


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


Layer = Lines | Marks | Bands | Verticals


@dataclass(frozen=True)
class Picture:
    """A figure.

    Attributes
    ----------
    x, y
        The axes.
    layers
        What is drawn, from back to front.
    xlim, ylim
        Ranges in view.
    home
        Range along x that "reset" goes back to; `xlim` when left out.
    legend
        Entries of the legend.
    title
        Above the figure.
    height
        In pixels, without the legend; the width is that of the page.
    """

    x: Axis
    y: Axis
    layers: Sequence[Layer]
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    legend: Sequence[Entry] = field(default=())
    title: str = ""
    height: int = 270
    home: tuple[float, float] | None = None


def _plain(values: Any) -> Any:
    return values.tolist() if isinstance(values, np.ndarray) and values.dtype.kind in "UO" else values
