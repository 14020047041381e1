"""What a figure consists of, said without any plotting library.

A plot function turns datasets into a :class:`Picture` in well under a millisecond. :mod:`.drawing` shows it as a live
Bokeh figure, which follows the next picture by its columns: all that a slider or a zoom needs. :mod:`.element` makes
of the same a HoloViews element, to be combined with others or drawn on paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .layers import (
    Axis,
    Bands,
    Entry,
    Image,
    Layer,
    Levels,
    Lines,
    Marks,
    Ribbons,
    Texts,
    Verticals,
    Whiskers,
    Window,
    edges,
)
from .ruler import Ruler, ruler


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
    equal
        Whether a unit is as long along x as along y. The frame keeps its size, and the ranges are widened to fill it;
        what the user zooms to stays, whatever the next picture shows.
    legend
        Entries of the legend.
    title
        Above the figure.
    height
        In pixels, without the legend; the width is that of the page.

    Raises
    ------
    ValueError
        When an image has a logarithmic axis, where no library draws it right, or one of two equal axes is logarithmic.
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
    equal: bool = False

    def __post_init__(self) -> None:
        if (self.x.log or self.y.log) and any(isinstance(layer, Image) for layer in self.layers):
            raise ValueError("an image needs linear axes; give it the logarithm, and say so in the label")
        if self.equal and (self.x.log or self.y.log):
            raise ValueError("equal axes need to be linear: a decade has no length")


def sharing_x(pictures: Mapping[str, Picture], groups: Sequence[Sequence[str]]) -> dict[str, Picture]:
    """Pictures of which some have the same range along x: one that holds the ranges of all of them.

    Parameters
    ----------
    pictures
        By name.
    groups
        Names of those that belong together; those that are not there are passed over.
    """
    found = dict(pictures)
    for group in groups:
        together = {name: pictures[name] for name in group if name in pictures}
        if together:
            xlim = _union([picture.xlim for picture in together.values()])
            home = _union([picture.home or picture.xlim for picture in together.values()])
            found |= {name: replace(picture, xlim=xlim, home=home) for name, picture in together.items()}
    return found


def filling(picture: Picture, ratio: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ranges of a picture with equal axes, widened to fill a frame.

    Parameters
    ----------
    picture
        Whose `xlim` and `ylim` are to be in view.
    ratio
        Width of the frame over its height.
    """
    (left, right), (low, high) = picture.xlim, picture.ylim
    width = max(right - left, ratio * (high - low))
    centre, middle = (left + right) / 2, (low + high) / 2
    half = width / 2 / ratio
    return (centre - width / 2, centre + width / 2), (middle - half, middle + half)


def _union(ranges: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min(low for low, _ in ranges), max(high for _, high in ranges)


__all__ = [
    "Axis",
    "Bands",
    "Entry",
    "Image",
    "Layer",
    "Levels",
    "Lines",
    "Marks",
    "Picture",
    "Ribbons",
    "Ruler",
    "Texts",
    "Verticals",
    "Whiskers",
    "Window",
    "edges",
    "filling",
    "ruler",
    "sharing_x",
]
