"""Figures of composition: spectra with the regions that are integrated, conversions, stoichiometry, groups with limits.

Each is a pure function from datasets of :mod:`pchp_widgets.analysis.composition` to a :class:`~.picture.Picture`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import theme
from .decimate import envelope
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Levels, Lines, Marks, Picture, Texts, Whiskers, Window
from .pieces import Looks, Rows, cell_rows, padded, texts

FloatArray = npt.NDArray[np.float64]

_POINTS = 1600  # of a spectrum on the screen
_ABOVE, _APART = 1.3, 0.6  # top of the axis over the highest line of the reference, and shift of stacked spectra
_BELOW = -0.12
_ROW, _LABEL = 0.06, 0.14  # of the height and width of a figure: a line of words, and a word in a narrow window
_LIMIT = "inverted_triangle"
_DECADES = 1e3  # at least: of less Bokeh names every number between two powers, one over the other
_ROUTES = (
    ("nmr", "circle", True),
    ("nitrogen", "square", True),
    ("ratio", "square", False),
    ("conversion", "diamond", True),
)
_CALLED = {"nmr": "1H NMR", "nitrogen": "N", "ratio": "N/C", "conversion": "together"}
_ASIDE = {"nmr": -0.24, "nitrogen": -0.08, "ratio": 0.08, "conversion": 0.24}


class Curves(NamedTuple):
    """Spectra with as many points as a screen has pixels, over the height of the reference, and whose they are."""

    x: list[FloatArray]
    y: list[FloatArray]
    names: list[str]
    scale: FloatArray


def drawn(found: xr.Dataset, reference: tuple[float, float]) -> Curves:
    """Spectra over the height of their highest line in a range, or anywhere where nothing stands out there.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.composition.spectra`.
    reference
        Range of the lines whose height counts as one [ppm].
    """
    kept: list[tuple[FloatArray, FloatArray, str, float]] = []
    for name, shift, intensity, noise in zip(
        found["sample"].values, found["shift"].values, found["intensity"].values, found["noise"].values, strict=True
    ):
        known = np.isfinite(intensity)
        x, y = shift[known], intensity[known]
        if not len(x):
            continue
        inside = y[(x >= reference[0]) & (x <= reference[1])]
        level = float(np.median(y))
        height = float(inside.max()) - level if len(inside) else 0.0
        height = height if height > 10 * noise else float(y.max()) - level
        scale = 1 / height if height > 0 else 1.0
        chosen = envelope(x, y, _POINTS)
        kept.append((x[chosen], scale * y[chosen], str(name), scale))
    scales = np.array([one[3] for one in kept], float)
    return Curves([one[0] for one in kept], [one[1] for one in kept], [one[2] for one in kept], scales)


def spectrum(
    curves: Curves,
    found: xr.Dataset,
    looks: Looks,
    windows: Mapping[str, tuple[float, float]],
    *,
    stacked: bool = True,
    in_view: tuple[float, float] | None = None,
) -> Picture:
    """Spectra with the regions that the user drags, and the base line below each.

    Parameters
    ----------
    curves
        As given by :func:`drawn`.
    found
        As given by :func:`~pchp_widgets.analysis.composition.integrals`, of the same samples.
    looks
        By name of the sample.
    windows
        Ranges [ppm] by the name of the trait that follows each.
    stacked
        Whether each spectrum is moved above the one before.
    in_view
        Shifts at first in view; all when left out.
    """
    names = curves.names
    shift = _APART if stacked and len(names) > 1 else 0.0
    up: FloatArray = shift * np.arange(len(names), dtype=float)
    rows = cell_rows(names, looks)
    y = [one + at for one, at in zip(curves.y, up, strict=True)]
    top = _ABOVE + (float(up[-1]) if len(up) else 0.0)
    tips = [("sample", "@cell"), ("shift", "$x{0.00} ppm"), ("height", "$y{0.000}")]
    limits = [float(one[at]) for one in curves.x for at in (0, -1)] or [0.0, 10.0]
    view = in_view or (min(limits), max(limits))
    bounds = list(windows.values())
    layers: list[Layer] = [
        # shifts rise to the left: a box whose left end were the lower one would change ends while it is dragged
        *(Window(np.array([high]), np.array([low]), name) for name, (low, high) in windows.items()),
        Lines(curves.x, y, rows, tips=tips, units={}),
        _bases(curves, found, up),
        _names_of(windows, top, _ROW * (top - _BELOW), _LABEL * abs(view[1] - view[0])),
    ]
    words = f"height over that of {found.attrs['reference']}"
    return Picture(
        Axis("chemical shift", "ppm"),
        Axis(f"{words}, {shift:g} apart" if shift else words),
        layers,
        xlim=(max(view[1], *(high for _, high in bounds)), min(view[0], *(low for low, _ in bounds))),
        ylim=(_BELOW, top),
        home=(view[1], view[0]),
        title="" if names else "no sample shown has such a spectrum",
        legend=[*cell_entries(names, looks), Entry("base line of a region", theme.INK, "dashed")] if names else [],
        height=360,
    )


def conversion(found: xr.Dataset, colors: Mapping[str, str]) -> Picture:
    """Conversion of each material by every way there is, with 95 % intervals, and both together where they agree.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.composition.conversion`.
    colors
        By name of the material.
    """
    names = [str(name) for name in found["material"].values]
    place: FloatArray = np.arange(len(names), dtype=float)
    color = texts(colors.get(name, theme.INK) for name in names)
    bars: list[Layer] = []
    marks: list[Layer] = []
    every = [np.array([0.0, 100.0])]
    for kind, shape, filled in _ROUTES:
        value, low, high = (100 * found[f"{kind}{end}"].values for end in ("", "_low", "_high"))
        known = np.isfinite(value)
        at = place[known] + _ASIDE[kind]
        said: Rows = {
            "cell": texts(names)[known],
            "way": texts([_CALLED[kind]] * int(known.sum())),
            "color": color[known],
            "low": low[known],
            "high": high[known],
        }
        tips = [("", "@cell"), ("conversion", "@y{0.0} %, by @way"), ("95 %", "@low{0.0} to @high{0.0} %")]
        bars.append(Whiskers(at, low[known], high[known], {"color": color[known]}))
        size = 11 if kind == "conversion" else 8
        marks.append(Marks(at, value[known], said, shape, filled, size, tips, {"low": "percent", "high": "percent"}))
        every += [low[known], high[known]]
    least, most = padded(np.concatenate(every), 0.04)
    return Picture(
        _names_axis(names),
        Axis("conversion to acid", "%"),
        [Levels(np.array([0.0, 100.0]), {"color": texts([theme.FAINT] * 2)}), *bars, *marks],
        xlim=(-0.6, max(len(names), 1) - 0.4),
        ylim=(_stepped(least, np.floor), _stepped(most, np.ceil)),
        title="" if names else "no sample shown tells a conversion",
        legend=[Entry(_CALLED[kind], theme.INK, shape=shape, filled=filled) for kind, shape, filled in _ROUTES],
        height=300,
    )


def stoichiometry(found: xr.Dataset, colors: Mapping[str, str]) -> Picture:
    """COOH over epoxide for each weight ratio of polymer to PEGDE; at one they would use each other up.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.composition.stoichiometry`.
    colors
        By name of the material.
    """
    names, ratios = [str(name) for name in found["material"].values], found["weight_ratio"].values
    value, error = found["acid_per_epoxide"].values, found["acid_per_epoxide_stderr"].values
    known = np.isfinite(value) & (value > 0)
    rows, columns = np.nonzero(known)
    fan = np.linspace(-0.18, 0.18, len(names)) if len(names) > 1 else np.zeros(1)
    at = columns + fan[rows] if len(rows) else np.zeros(0)
    color = texts(colors.get(names[row], theme.INK) for row in rows)
    y, reach = value[known], 1.96 * error[known]
    said: Rows = {"cell": texts(names[row] for row in rows), "color": color, "low": y - reach, "high": y + reach}
    tips = [("", "@cell"), ("COOH per epoxide", "@y{0.00}"), ("95 %", "@low{0.00} to @high{0.00}")]
    highest = max(float((y + reach).max(initial=0.0)), 1.2)
    mass = found.attrs["molar_mass"]
    ticks = tuple((float(place), _ratio(float(ratio))) for place, ratio in enumerate(ratios))
    return Picture(
        Axis("polymer to PEGDE by mass", ticks=ticks),
        Axis(f"COOH per epoxide, Mn {mass:g} g mol⁻¹"),
        [
            Levels(np.ones(1), {"color": texts([theme.FAINT])}),
            Whiskers(at, np.maximum(y - reach, 0.0), y + reach, {"color": color}),
            Marks(at, y, said, "circle", True, 9, tips),
        ],
        xlim=(-0.6, len(ratios) - 0.4),
        ylim=(0.0, float(np.ceil(2.2 * highest) / 2)),
        title="" if len(y) else "no conversion to go by",
        legend=[Entry(theme.elided(name), colors.get(name, theme.INK)) for name in names[: theme.LEGEND_ENTRIES]],
        height=300,
    )


def presence(found: xr.Dataset, group: str, looks: Looks) -> Picture:
    """Share of a group in every sample with its 95 % interval, or its upper limit where it is not seen.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.composition.integrals`.
    group
        Name of its region.
    looks
        By name of the sample.
    """
    one = found.sel(region=group)
    names = [str(name) for name in found["sample"].values]
    rows, place = cell_rows(names, looks), np.arange(len(names), dtype=float)
    share, error, bound = (100 * one[name].values for name in ("share", "share_stderr", "share_limit"))
    seen = (one["seen"].values == 1) & np.isfinite(share)
    limited = (one["seen"].values == 0) & np.isfinite(bound)
    part: list[Rows] = [{name: column[which] for name, column in rows.items()} for which in (seen, limited)]
    part[0] |= {"error": error[seen]}
    part[1] |= {"detection": 100 * one["detection_limit"].values[limited]}
    low, high = share[seen] - 1.96 * error[seen], share[seen] + 1.96 * error[seen]
    positive = np.concatenate([share[seen], high, bound[limited], low])
    positive = positive[np.isfinite(positive) & (positive > 0)]
    bottom, top = (positive.min() / 3, positive.max() * 3) if positive.size else (0.01, 100.0)
    top = 10 ** np.ceil(np.log10(top))
    bottom = min(10 ** np.floor(np.log10(bottom)), top / _DECADES)
    seen_tips = [("", "@cell"), (group, "@y{0.000} ± @error{0.000} %")]
    limit_tips = [("", "@cell"), (group, "< @y{0.000} %"), ("seen from", "@detection{0.000} %")]
    return Picture(
        Axis("sample", ticks=tuple(zip(place.tolist(), (theme.elided(name, 12) for name in names), strict=True))),
        Axis(f"{group} over {found.attrs['reference']}", "% of all there can be", log=True),
        [
            Whiskers(place[seen], np.maximum(low, bottom), high, {"color": part[0]["color"]}),
            Marks(place[seen], share[seen], part[0], "circle", True, 9, seen_tips, {"error": "percent"}),
            Marks(place[limited], bound[limited], part[1], _LIMIT, False, 11, limit_tips, {"detection": "percent"}),
        ],
        xlim=(-0.6, max(len(names), 1) - 0.4),
        ylim=(float(bottom), float(top)),
        title="" if seen.any() or limited.any() else "nothing can be decided" if names else "no such spectrum is shown",
        legend=[
            Entry("seen, 95 %", theme.INK, shape="circle"),
            Entry("not seen: below, 95 % one-sided", theme.INK, shape=_LIMIT, filled=False),
        ],
        height=300,
    )


def _bases(curves: Curves, found: xr.Dataset, up: FloatArray) -> Lines:
    """Base line of each region of each spectrum."""
    own = [str(name) for name in found["sample"].values]
    bounds = np.stack([found["low"].values, found["high"].values], 1)
    x, y = [], []
    lows, highs = found["level_low"].values, found["level_high"].values
    for name, scale, moved in zip(curves.names, curves.scale, up, strict=True):
        at = own.index(name)
        for ends, *levels in zip(bounds, lows[at], highs[at], strict=True):
            x.append(ends)
            y.append(scale * np.array(levels) + moved)
    return Lines(x, y, {"color": texts([theme.INK] * len(x))}, "dashed", is_data=False)


def _names_of(windows: Mapping[str, tuple[float, float]], top: float, row: float, wide: float) -> Texts:
    """What each window is for, at its left edge: on an axis of shifts that is the higher end.

    A name that would run into the one on its left stands a `row` lower; `wide`: how much of the axis a name takes.
    """
    x = np.array([high for _, high in windows.values()], float)
    order = np.argsort(-x)
    y = np.full(len(x), top)
    for left, right in pairwise(order):
        if x[left] - x[right] < wide:
            y[right] = top - row if y[left] == top else top
    labels = ["noise" if name == "window" else name.replace("_", " ") for name in windows]
    rows = {"label": labels, "side": ["right"] * len(labels), "color": [theme.INK] * len(labels)}
    return Texts(x, y, rows)


def _names_axis(names: Sequence[str]) -> Axis:
    return Axis("material", ticks=tuple((float(at), theme.elided(name, 14)) for at, name in enumerate(names)))


def _ratio(ratio: float) -> str:
    return f"{ratio:g} : 1" if ratio >= 1 else f"1 : {1 / ratio:g}"


def _stepped(limit: float, rounded: np.ufunc) -> float:
    """A limit in round steps, so that it stays while a region is dragged: new ones cost a layout of the page."""
    return float(10 * rounded(limit / 10))
