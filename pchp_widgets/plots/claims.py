"""Claims against a study: what was found over what is claimed, a row each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..analysis.audit import CHECKS, Finding
from . import theme
from .picture import Axis, Entry, Layer, Lines, Marks, Picture, Verticals

_COLORS = {"agrees": theme.HUES[0], "differs": theme.BARE, "undecided": theme.FAINT}
_MARKERS = {"agrees": "circle", "differs": "triangle", "undecided": "diamond"}
_WIDEST, _LEAST = (0.4, 1.6), 0.1
_ROOM = 0.015  # share of the range, for a whole mark at its edge
_ROW, _REST = 18, 80  # pixels


def left_over_right(findings: Sequence[Finding]) -> Picture:
    """Checks of the audit whose sides should be the same: the left one over the right one, with both intervals.

    Parameters
    ----------
    findings
        Of :func:`~pchp_widgets.analysis.audit.audit`; those that have no two numbers are left out.
    """
    same = {check.name for check in CHECKS if check.relation == "equal"}
    both = [one for one in findings if one.check in same and one.left.known and one.right.known and one.right.value]
    found = []
    for one in both:
        middle, low, high = (end / one.right.value for end in one.left)
        width = (one.right.high - one.right.low) / 2 / abs(one.right.value)
        found.append((middle, middle - np.hypot(middle - low, width), middle + np.hypot(high - middle, width)))
    names = [f"{one.check} · {one.subject}".rstrip(" ·") for one in both]
    return found_over_claimed(
        names, [1.0] * len(both), found, [one.verdict for one in both], "left / right, where both should be equal"
    )


def found_over_claimed(
    names: Sequence[str],
    claimed: Sequence[float],
    found: Sequence[tuple[float, float, float]],
    verdicts: Sequence[str],
    along: str = "found / claimed",
) -> Picture:
    """What was found of each claim, relative to what is claimed, with its interval.

    Parameters
    ----------
    names
        Of the claims, the first on top.
    claimed
        Their values.
    found
        Value, low and high end; ends may be infinite.
    verdicts
        ``"agrees"``, ``"differs"`` or ``"undecided"``.
    along
        What the axis shows.
    """
    values = np.array(found, float).reshape(-1, 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = values / np.asarray(claimed, float)[:, None]
    place = np.arange(len(names), dtype=float)[::-1]
    inside = relative[np.isfinite(relative)]
    low = max(min(inside.min(initial=1 - _LEAST) - 0.02, 1 - _LEAST), _WIDEST[0])
    high = min(max(inside.max(initial=1 + _LEAST) + 0.02, 1 + _LEAST), _WIDEST[1])
    colors = [_COLORS[verdict] for verdict in verdicts]
    rows = {"claim": list(names), "verdict": list(verdicts), "color": colors}
    ends = np.clip(np.nan_to_num(relative[:, 1:], posinf=2 * high), 0, 2 * high)
    layers: list[Layer] = [
        Verticals(np.ones(1), {"color": [theme.INK]}),
        Lines(list(ends), [np.full(2, at) for at in place], rows, is_data=False),
    ]
    tips = [("", "@claim"), (along, "$x{0.000}"), ("", "@verdict")]
    for verdict, marker in _MARKERS.items():
        own = np.array([one == verdict for one in verdicts], bool)
        kept = {name: [value for value, of in zip(column, own, strict=True) if of] for name, column in rows.items()}
        layers.append(Marks(np.clip(relative[own, 0], low, high), place[own], kept, marker, size=8, tips=tips))
    ticks = tuple((float(at), name) for at, name in zip(place, names, strict=True))
    there = [verdict for verdict in _MARKERS if verdict in verdicts]
    return Picture(
        Axis(along),
        Axis("", ticks=ticks),
        layers,
        (low - _ROOM * (high - low), high + _ROOM * (high - low)),
        (-0.7, len(names) - 0.3),
        legend=[Entry(verdict, _COLORS[verdict], shape=_MARKERS[verdict]) for verdict in there],
        height=_REST + _ROW * max(len(names), 3),
    )
