"""Figures of micrographs: the picture with what was found in it, thickness along a coating, pores over thresholds.

Each is a pure function from datasets of :mod:`pchp_widgets.analysis.micrograph` to a :class:`~.picture.Picture`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from . import theme
from .layers import FloatArray
from .legends import cell_entries
from .micrograph_view import View, view
from .picture import Axis, Entry, Levels, Lines, Marks, Picture, Ribbons, Texts, Whiskers, Window, ruler
from .pieces import Looks, cell_rows, padded, texts

__all__ = [
    "View",
    "coatings",
    "darker",
    "fractions",
    "micrograph",
    "orientation",
    "sources",
    "thickness",
    "view",
]

FACE, BAR = theme.HUES[4], theme.HUES[1]
"""Colours of what was found in a picture: faces of a layer, a scale bar."""

HEIGHT = 460
"""Of a picture, in pixels."""

_SIDE = 0.08


def micrograph(
    seen: View,
    *,
    line: Sequence[float] = (),
    name: str = "line",
    traces: Sequence[tuple[FloatArray, FloatArray]] = (),
    bar: Sequence[float] = (),
    title: str = "",
    legend: Sequence[Entry] = (),
) -> Picture:
    """A picture with a line to drag, and what was found in it.

    Parameters
    ----------
    seen
        As given by :func:`view`.
    line
        x and y of both ends [units of the picture]; empty for none.
    name
        The trait of the panel that follows the line.
    traces
        x and y of lines that were found, the faces of a layer.
    bar
        x of both ends and y of the scale bar that was found.
    title, legend
        Of the figure.
    """
    ends = ([np.array(bar[:2], float)], [np.full(2, bar[2])]) if len(bar) == 3 else ([], [])
    width, height = seen.whole
    return Picture(
        Axis("x", seen.units),
        Axis("y", seen.units),
        [
            seen.photo,
            seen.pores,
            Lines([x for x, _ in traces], [y for _, y in traces], {"color": [FACE] * len(traces)}),
            Lines(*ends, {"color": [BAR] * len(ends[0])}, is_data=False),
            ruler(line, name),
        ],
        xlim=(0.0, width),
        ylim=(0.0, height),
        title=title,
        legend=list(legend),
        height=HEIGHT,
        equal=True,
    )


def sources(sizes: xr.Dataset, looks: Looks) -> Picture:
    """Pixel sizes by every source, over the one that is taken; the dashed lines are 2 % away.

    Parameters
    ----------
    sizes
        As given by :func:`~pchp_widgets.analysis.micrograph.pixel_sizes`.
    looks
        By name of the sample.
    """
    names = [str(name) for name in sizes["sample"].values]
    right = sizes["pixel_size"].values[:, None]
    away = 100 * (sizes["size"].values / right - 1)
    error = 100 * sizes["size_stderr"].values / right
    sample, source = np.nonzero(np.isfinite(away))
    place = source + _beside(len(names))[sample] if names else source.astype(float)
    values, spread = away[sample, source], error[sample, source]
    spread = np.where(np.isfinite(spread), spread, 0.0)
    rows = {**cell_rows([names[at] for at in sample], looks), "source": texts(sizes["source"].values[source])}
    rows["size (µm)"] = sizes["size"].values[sample, source]
    reach = max(3.0, 1.15 * float(np.max(np.abs(values) + 2 * spread, initial=0.0)))
    ticks = tuple((float(at), str(name)) for at, name in enumerate(sizes["source"].values))
    return Picture(
        Axis("source", ticks=ticks),
        Axis("pixel size over the one taken", "% away"),
        [
            Levels(np.array([-2.0, 2.0]), {"label": ["", "2 %"]}),
            Whiskers(place, values - 2 * spread, values + 2 * spread, {"color": rows["color"]}),
            Marks(place, values, rows, None, True, 8, [("sample", "@cell"), ("source", "@source"),
                  ("pixel", "@{size (µm)}{0.00000} µm"), ("away", "@y{+0.00} %")]),
        ],
        xlim=(-0.5, len(ticks) - 0.5),
        ylim=(-reach, reach),
        legend=cell_entries(names, looks),
        height=230,
    )  # fmt: skip


def thickness(found: Mapping[str, xr.Dataset], looks: Looks) -> Picture:
    """Thickness along every coating, with its mean and the 95 % interval of that.

    Parameters
    ----------
    found
        By sample, as given by :func:`~pchp_widgets.analysis.micrograph.thickness`, of one sample each.
    looks
        By name of the sample.
    """
    names = [name for name, one in found.items() if np.isfinite(one["mean"].values).any()]
    x = [found[name]["position"].values[0] for name in names]
    y = [found[name]["thickness"].values[0] for name in names]
    rows = cell_rows(names, looks)
    ends = [np.array([np.nanmin(one), np.nanmax(one)]) for one in x]
    low, high, mean = (
        [np.full(2, found[name][of].item()) for name in names] for of in ("mean_low", "mean_high", "mean")
    )
    whole = np.concatenate([*y, np.zeros(0)])
    top = float(np.nanmax(whole)) if np.isfinite(whole).any() else 1.0
    return Picture(
        Axis("along the coating", "µm"),
        Axis("thickness", "µm"),
        [
            Ribbons(ends, low, high, rows, is_data=False),
            Lines(x, y, rows, tips=[("sample", "@cell"), ("thickness", "$y{0.00} µm"), ("at", "$x{0.0} µm")]),
            Lines(ends, mean, rows, "dashed", is_data=False),
        ],
        xlim=padded(np.concatenate([*ends, np.zeros(0)]), 0.0),
        ylim=(0.0, 1.08 * top),
        legend=cell_entries(names, looks),
        height=250,
    )


def coatings(found: Mapping[str, xr.Dataset], looks: Looks) -> Picture:
    """Mean thickness of every sample with its 95 % interval, and how thin and thick it is.

    Parameters
    ----------
    found, looks
        As for :func:`thickness`.
    """
    names = [name for name, one in found.items() if np.isfinite(one["mean"].values).any()]
    numbers = {of: np.array([found[name][of].item() for name in names], float)
               for of in ("mean", "mean_low", "mean_high", "sd", "least", "most")}  # fmt: skip
    place = np.arange(len(names), dtype=float)
    rows: dict[str, Any] = {**cell_rows(names, looks), **{of: numbers[of] for of in ("mean_low", "mean_high", "sd")}}
    tips = [("sample", "@cell"), ("mean", "@y{0.00} µm"), ("95 %", "@mean_low{0.00} to @mean_high{0.00} µm")]
    pale = {"color": texts(theme.lighter(str(one), 0.6) for one in rows["color"])}
    top = float(np.nanmax(numbers["most"], initial=0.0)) or 1.0
    return Picture(
        Axis("sample", ticks=_ticks(names)),
        Axis("thickness", "µm"),
        [
            Whiskers(place, numbers["least"], numbers["most"], pale),
            Whiskers(place, numbers["mean_low"], numbers["mean_high"], {"color": rows["color"]}),
            Marks(place, numbers["mean"], rows, None, True, 9, [*tips, ("sd", "@sd{0.00} µm")],
                  {"mean_low": "µm", "mean_high": "µm", "sd": "µm"}),
        ],
        xlim=(-0.6, max(len(names), 1) - 0.4),
        ylim=(0.0, 1.08 * top),
        title="dark: mean and 95 %; pale: least to most" if names else "",
        height=250,
    )  # fmt: skip


def darker(found: xr.Dataset, band: tuple[float, float], looks: Looks) -> Picture:
    """Part of the area darker than every threshold; the band that counts is dragged.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.micrograph.pores`.
    band
        Lowest and highest threshold.
    looks
        By name of the sample.
    """
    names = [str(name) for name in found["sample"].values]
    level = found["level"].values
    rows = cell_rows(names, looks)
    return Picture(
        Axis("threshold: 0 mean grey of the pores, 1 of the rest"),
        Axis("part of the area that is darker"),
        [
            Lines([level] * len(names), list(found["darker"].values), rows,
                  tips=[("sample", "@cell"), ("threshold", "$x{0.00}"), ("darker", "$y{0.0%}")]),
            Window(np.array([band[0]]), np.array([band[1]]), "window"),
        ],
        xlim=(float(level[0]), float(level[-1])),
        ylim=(0.0, 1.02),
        legend=cell_entries(names, looks),
        height=430,
    )  # fmt: skip


def fractions(found: xr.Dataset, compared: xr.Dataset, looks: Looks) -> Picture:
    """Pore fraction of every sample: sampling in dark, thresholds too in pale; hollow where nothing is compared.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.micrograph.pores`.
    compared
        As given by :func:`~pchp_widgets.analysis.micrograph.compared`.
    looks
        By name of the sample.
    """
    known = np.isfinite(found["pore_fraction"].values)
    found = found.isel(sample=np.flatnonzero(known))
    names = [str(name) for name in found["sample"].values]
    place = np.arange(len(names), dtype=float)
    value, low, high, least, most = (
        found[of].values
        for of in ("pore_fraction", "pore_fraction_low", "pore_fraction_high", "total_low", "total_high")
    )
    rows: dict[str, Any] = {**cell_rows(names, looks), "low": low, "high": high}
    pale = {"color": texts(theme.lighter(str(one), 0.6) for one in rows["color"])}
    undecided = {str(name) for name, one in zip(compared["sample"].values, compared["differs"].values, strict=True)
                 if one < 0}  # fmt: skip
    hollow = np.array([name in undecided for name in names], bool)
    tips = [("sample", "@cell"), ("pores", "@y{0.0%}"), ("95 %", "@low{0.0%} to @high{0.0%}")]
    marks = [
        Marks(
            place[of], value[of], {name: np.asarray(column)[of] for name, column in rows.items()}, None, filled, 9, tips
        )
        for of, filled in ((~hollow, True), (hollow, False))
    ]
    top = float(np.nanmax(np.concatenate([most, value, [0.0]]))) or 1.0
    return Picture(
        Axis("sample", ticks=_ticks(names)),
        Axis("pore fraction"),
        [
            Whiskers(place, least, most, pale),
            Whiskers(place, low, high, {"color": rows["color"]}),
            *marks,
        ],
        xlim=(-0.6, max(len(names), 1) - 0.4),
        ylim=(0.0, min(1.1 * top, 1.02)),
        title="dark: 95 % of the area seen; pale: thresholds too" if names else "",
        legend=[Entry("other magnification: not compared", theme.INK, shape="circle", filled=False)]
        if hollow.any()
        else [],
        height=250,
    )


def orientation(found: xr.Dataset, looks: Looks) -> Picture:
    """Anisotropy of every sample with its 95 % interval, and the direction of its rods.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.micrograph.pores`.
    looks
        By name of the sample.
    """
    found = found.isel(sample=np.flatnonzero(np.isfinite(found["anisotropy"].values)))
    names = [str(name) for name in found["sample"].values]
    place = np.arange(len(names), dtype=float)
    value, low, high = (found[of].values for of in ("anisotropy", "anisotropy_low", "anisotropy_high"))
    rows: dict[str, Any] = {**cell_rows(names, looks), "direction": found["direction"].values}
    words = [f"{angle:.0f}°" if least > 0 else "" for angle, least in zip(rows["direction"], low, strict=True)]
    return Picture(
        Axis("sample", ticks=_ticks(names)),
        Axis("anisotropy"),
        [
            Whiskers(place, low, high, {"color": rows["color"]}),
            Marks(place, value, rows, None, True, 9, [("sample", "@cell"), ("anisotropy", "@y{0.00}"),
                  ("direction", "@direction{0}°")], {"direction": "degree"}),
            Texts(place + _SIDE, value, {"label": texts(words), "side": texts(["right"] * len(names))}),
        ],
        xlim=(-0.6, max(len(names), 1) - 0.4),
        ylim=(0.0, 1.02 * max(float(np.nanmax(np.append(high, 0.0))), 0.25)),
        height=250,
    )  # fmt: skip


def _beside(count: int) -> FloatArray:
    """Places of samples beside each other within one tick."""
    return np.asarray((np.arange(count) - (count - 1) / 2) * min(0.12, 0.7 / max(count, 1)), float)


def _ticks(names: Sequence[str]) -> tuple[tuple[float, str], ...]:
    room = max(64 // max(len(names), 1), 6)
    return tuple((float(at), theme.elided(name, room)) for at, name in enumerate(names))
