"""How long the cells of each group live: survival curves with their bands, and where cells failed or were last seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import theme
from .picture import Axis, Entry, Lines, Marks, Picture, Ribbons

FloatArray = npt.NDArray[np.float64]
Part = dict[str, FloatArray]

_PERCENT, _SECONDS_PER_HOUR = 100.0, 3600.0
_TOP = 108.0  # per cent: room for a whole marker, as below 0
_KINDS = (("failed", "failed", theme.FAILED), ("censored", "last seen alive", theme.ALIVE))


def survival(curves: xr.Dataset, colors: Mapping[str, str] | None = None) -> Picture:
    """Share of the cells alive against cycle or time: a step down per failure, a band, marks where cells ended.

    Parameters
    ----------
    curves
        As given by :func:`~pchp_widgets.analysis.survival.kaplan_meier`.
    colors
        By group; those of coatings (:func:`~.theme.looks`) when left out.
    """
    groups = [str(name) for name in curves["group"].values]
    hues = colors or {name: look.color for name, look in theme.looks({name: name for name in groups}).items()}
    by_time = curves["at"].attrs.get("units") == "s"
    parts = [_events(curves.sel(group=name), _SECONDS_PER_HOUR if by_time else 1.0) for name in groups]
    rows = {"group": groups, "color": [hues[name] for name in groups]}
    along = Axis("time", "h") if by_time else Axis("cycle")
    x = [np.repeat(part["at"], 2)[1:] for part in parts]
    middle, low, high = (
        [np.repeat(part[name], 2)[:-1] for part in parts] for name in ("survival", "survival_low", "survival_high")
    )
    longest = max((float(part["at"].max(initial=0.0)) for part in parts), default=0.0) or 1.0
    marks = [_marks(parts, groups, rows["color"], along, kind) for kind in _KINDS]
    return Picture(
        along,
        Axis("cells alive", "%"),
        [Ribbons(x, low, high, rows), Lines(x, middle, rows, is_data=False), *marks],
        xlim=(0.0, 1.03 * longest),
        ylim=(-6.0, _TOP),
        legend=_entries(curves, hues, marks),
        height=300,
    )


def _events(curve: xr.Dataset, scale: float) -> Part:
    """The events of one group: shares in per cent, lives in cycles or hours."""
    there = np.isfinite(curve["at"].values) & np.isfinite(curve["survival"].values)
    found = {name: curve[name].values[there] for name in ("at", "at_risk", "failed", "censored")}
    found["at"] = found["at"] / scale
    shares = ("survival", "survival_low", "survival_high")
    return found | {name: _PERCENT * curve[name].values[there] for name in shares}


def _marks(
    parts: Sequence[Part], groups: Sequence[str], colors: Sequence[str], along: Axis, kind: tuple[str, str, str]
) -> Marks:
    """A cross at each failure, an open triangle where cells were last seen alive."""
    name, word, shape = kind
    chosen = [part[name] > 0 for part in parts]
    of = np.repeat(np.arange(len(parts)), [int(one.sum()) for one in chosen])

    def column(key: str) -> FloatArray:
        return np.concatenate([part[key][one] for part, one in zip(parts, chosen, strict=True)] or [np.zeros(0)])

    units = f" {along.units}" if along.units else ""
    tips = [
        ("group", "@group"),
        (word, f"@number at @x{{0.[0]}}{units}"),
        ("alive", "@y{0.0} % (@low{0.0} to @high{0.0})"),
        ("at risk before", "@at_risk"),
    ]
    rows = {
        "group": np.array(groups, object)[of],
        "color": np.array(colors, object)[of],
        "number": column(name),
        "at_risk": column("at_risk"),
        "low": column("survival_low"),
        "high": column("survival_high"),
        "ended": np.full(len(of), word, object),
    }
    percent = {"low": "%", "high": "%"}
    filled, size = shape == theme.FAILED, 9 if len(of) <= 2 * theme.LEGEND_ENTRIES else 6
    return Marks(column("at"), column("survival"), rows, shape, filled, size, tips, percent)


def _entries(curves: xr.Dataset, colors: Mapping[str, str], marks: Sequence[Marks]) -> list[Entry]:
    """The legend: how many cells of each group failed, and the marks that are there."""
    groups = [
        Entry(f"{theme.elided(str(name))}: {int(failures)}/{int(n)} failed", colors[str(name)])
        for name, failures, n in zip(curves["group"].values, curves["failures"].values, curves["n"].values, strict=True)
    ]
    shapes = [
        Entry(word, theme.INK, shape=shape, filled=shape == theme.FAILED)
        for (_, word, shape), of in zip(_KINDS, marks, strict=True)
        if len(of.x)
    ]
    return [*groups, *shapes]
