"""How things look: one hue and one marker per coating, a shade per replicate, and the greys of every figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

INK, FAINT, FRAME, GRID, PAPER = "#222222", "#888888", "#CCCCCC", "#EEEEEE", "#FFFFFF"
"""What carries no data is grey: a dark page mirrors greys, and leaves hues as they are."""

BARE, *HUES = "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#A6761D"
"""Bare lithium, and coatings: Okabe and Ito's colours, told apart with any colour vision, and seen on black and white.
Brown stands in for their yellow, too pale for lines."""

MARKERS = ("circle", "square", "diamond", "hex", "star", "inverted_triangle")
FAILED, ALIVE = "x", "triangle"
"""Markers of the end of a cell: a cross where it failed, an open triangle where it was still alive."""

LEGEND_ENTRIES, SHADES = 12, 4
"""More cells than this, or more replicates of one coating, are named by their coating."""

LINE_WIDTH, EDGE_WIDTH = 1.5, 2.0
"""Of curves and of markers that stand alone, in pixels."""

TRANSLUCENT = 0.25
"""Opacity of the ribbon along a curve."""

TINT = 0.5
"""Opacity of what is marked on a photograph."""

MAP = "Viridis"
"""Colours of values: even steps look even, with any colour vision and without any."""

GREYS = "Greys"
"""Colours of a photograph, from black to white."""

ON_MAP, TURN = BARE, "inverted_triangle"
"""Colour of what stands on values, for the map has no red, and marker of the cycle in which peaks give way to arcs."""

_LIGHTEST, _DARKER = 0.45, 0.4
_NAME_LENGTH = 18


class Look(NamedTuple):
    """How one cell is drawn, and why."""

    coating: str
    color: str
    marker: str


def looks(coatings: Mapping[str, str], order: Sequence[str] = ()) -> dict[str, Look]:
    """Looks of cells or samples, so that those of one coating or material belong together.

    Parameters
    ----------
    coatings
        Coating by name of the cell, ``"bare"`` for none and ``""`` where nobody said. Each coating has a hue and a
        marker, in order of appearance; its replicates differ in lightness. A cell of unknown coating has a hue of its
        own.
    order
        All coatings and materials of the study, whether they are among these cells or not: a material looks the same
        in every figure of its study (:func:`~pchp_widgets.model.stated.order_in_study`).
    """
    kinds = [coating or f"unknown: {name}" for name, coating in coatings.items()]
    every = ["bare", *dict.fromkeys(kind for kind in (*order, *kinds) if kind != "bare")]
    found = {}
    for place, (name, kind) in enumerate(zip(coatings, kinds, strict=True)):
        index = every.index(kind)
        # the first replicate has the hue itself, the others lie evenly on the way to white
        share = _LIGHTEST * kinds[:place].count(kind) / max(kinds.count(kind) - 1, 1)
        again = max(index - 1, 0) // len(HUES)
        found[name] = Look(coatings[name], lighter(_hue(index), share), MARKERS[(index + again) % len(MARKERS)])
    return found


def _hue(index: int) -> str:
    """Of the coating in that place, 0 for none; where the hues are used up they come again, darker."""
    again, place = divmod(index - 1, len(HUES))
    return mixed(HUES[place], "#000000", 1 - (1 - _DARKER) ** again) if index else BARE


def among(every: Mapping[str, Look], names: Sequence[str]) -> dict[str, Look]:
    """Looks of some of the cells: their hues and markers stay, their shades are spread anew over those that are left.

    Parameters
    ----------
    every
        As given by :func:`looks` for all cells.
    names
        Of those that are drawn.
    """
    hues: dict[str, str] = {}
    for look in every.values():
        hues.setdefault(look.coating, look.color)  # the first replicate has the hue itself
    coatings = [every[name].coating for name in names]
    found = {}
    for place, (name, coating) in enumerate(zip(names, coatings, strict=True)):
        share = _LIGHTEST * coatings[:place].count(coating) / max(coatings.count(coating) - 1, 1)
        look = every[name]
        found[name] = look._replace(color=lighter(hues[coating], share)) if coating else look
    return found


def lighter(color: str, share: float) -> str:
    """A colour mixed with white."""
    return mixed(color, PAPER, share)


def mixed(color: str, other: str, share: float) -> str:
    """A colour with some share of another."""
    pairs = ((int(color[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + share * (two - one)):02X}" for one, two in pairs)


def elided(name: str, length: int = _NAME_LENGTH) -> str:
    """A name short enough for a legend: its middle is left out, because replicates differ at the end."""
    if len(name) <= length:
        return name
    tail = (length - 1) // 2
    return f"{name[: length - 1 - tail]}…{name[-tail:]}"
