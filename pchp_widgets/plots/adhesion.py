"""Figures of peel tests: the force of every strip with its plateau, materials side by side, and their ratios.

Each is a pure function from datasets of :mod:`pchp_widgets.analysis.adhesion` to a :class:`~.picture.Picture`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import theme
from .decimate import envelope
from .legends import cell_entries
from .picture import Axis, Entry, Levels, Lines, Marks, Picture, Ribbons, Texts, Whiskers, Window
from .pieces import Looks, Rows, cell_rows, from_zero, padded, texts

FloatArray = npt.NDArray[np.float64]

CALLED = {"strength": "mean", "strength_median": "median", "strength_peaks": "mean of peaks"}
"""What the statistics are called in figures and tables."""

_POINTS, _FEWEST, _TOGETHER = 900, 300, 12_000  # of a strip on the screen, at most and at least, and of all strips
_PALE = 0.35
_TRAVEL = Axis("travel of the grips", "mm")
_SIDE = 0.1  # between the mean of a material and its strips


class Curves(NamedTuple):
    """Strips with as many points as a screen has pixels, so that no peak is lost; which sample and strip each is."""

    x: list[FloatArray]
    y: list[FloatArray]
    sample: npt.NDArray[np.int64]
    strip: npt.NDArray[np.int64]


def drawn(of: xr.Dataset) -> Curves:
    """Curves of all strips.

    Parameters
    ----------
    of
        As given by :func:`~pchp_widgets.analysis.adhesion.strips`.
    """
    travel, per_width = of["travel"].values, of["force_per_width"].values
    found = Curves([], [], *np.nonzero(np.isfinite(per_width).any(-1)))
    points = int(np.clip(_TOGETHER // max(len(found.sample), 1), _FEWEST, _POINTS))
    for sample, test in zip(found.sample, found.strip, strict=True):
        known = np.isfinite(per_width[sample, test])
        x, y = travel[sample, test, known], per_width[sample, test, known]
        kept = envelope(x, y, points)
        found.x.append(x[kept])
        found.y.append(y[kept])
    return found


def force(curves: Curves, found: xr.Dataset, looks: Looks, *, statistic: str = "strength") -> Picture:
    """Force per width of every strip, with the window that the user drags and the plateau of every sample in it.

    Parameters
    ----------
    curves
        As given by :func:`drawn`.
    found
        As given by :func:`~pchp_widgets.analysis.adhesion.peel_strength`.
    looks
        By name of the sample.
    statistic
        One of :data:`~pchp_widgets.analysis.adhesion.STATISTICS`.
    """
    names = [str(name) for name in found["sample"].values]
    rows = cell_rows(names, looks)
    low, high = found.attrs["window"]
    said = {name: column[curves.sample] for name, column in rows.items()}
    said["color"] = texts(theme.lighter(str(color), _PALE) for color in said["color"])
    said["strip"] = curves.strip + 1
    tips = [("sample", "@cell, strip @strip"), ("travel", "$x{0.0} mm"), ("force per width", "$y{0.0} N m⁻¹")]
    highest = max((float(y.max()) for y in curves.y), default=1.0)
    lowest = min((float(y.min()) for y in curves.y), default=0.0)
    longest = max((float(x[-1]) for x in curves.x), default=1.0)
    plateau, band = _plateaus(found, rows, statistic)
    return Picture(
        _TRAVEL,
        Axis("force per width", "N m⁻¹"),
        [
            Window(np.array([low]), np.array([high])),
            Lines(curves.x, curves.y, said, tips=tips),
            band,
            plateau,
        ],
        xlim=padded(np.array([0.0, longest]), 0.01),
        ylim=(min(0.0, 1.05 * lowest), 1.08 * highest),
        legend=[
            *cell_entries(names, looks),
            Entry(f"{CALLED[statistic]} of the strips of a sample", theme.INK, "dashed"),
        ]
        if names
        else [],
        height=330,
    )


def strength(found: xr.Dataset, grouped: xr.Dataset, looks: Looks, *, statistic: str = "strength") -> Picture:
    """Every strip with its interval, and beside them the mean of the material with the interval over strips.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.adhesion.peel_strength`.
    grouped
        As given by :func:`~pchp_widgets.analysis.adhesion.by_material`.
    looks
        By name of the sample.
    statistic
        As for :func:`force`.
    """
    kinds = [str(name) for name in grouped["material"].values]
    bars, marks = _strips(found, kinds, looks, statistic)
    colors = _colors(found, looks, kinds)
    at: FloatArray = np.arange(len(kinds), dtype=float) - _SIDE
    mean, least, most = (grouped[name].values for name in ("mean", "low", "high"))
    of_kind = {
        "cell": texts(kinds),
        "color": texts(colors[name] for name in kinds),
        "low": least,
        "high": most,
        "count": grouped["count"].values,
    }
    tips = [
        ("material", "@cell, @count strips"),
        ("mean over strips", "@y{0.00} N m⁻¹"),
        ("95 %", "@low{0.00} to @high{0.00} N m⁻¹"),
    ]
    known = np.concatenate([one[np.isfinite(one)] for one in (marks.y, bars.low, bars.high, mean, least, most)])
    return Picture(
        _names(kinds),
        Axis(f"peel strength ({CALLED[statistic]})", "N m⁻¹"),
        [
            bars,
            marks,
            Whiskers(at, least, most, {"color": of_kind["color"]}),
            Marks(at, mean, of_kind, "diamond", True, 10, tips, {"low": "N m-1", "high": "N m-1"}),
            _modes(grouped, at, _tops(np.fmax(mean, most), marks.x, np.fmax(marks.y, bars.high))),
        ],
        xlim=(-0.6, max(len(kinds), 1) - 0.4),
        ylim=from_zero(known),
        legend=[
            Entry("mean over strips, 95 % by Student's t", theme.INK, shape="diamond"),
            Entry("strip, 95 % by blocks", theme.INK, shape="circle", filled=False),
        ],
        height=300,
    )


def _strips(found: xr.Dataset, kinds: list[str], looks: Looks, statistic: str) -> tuple[Whiskers, Marks]:
    """A hollow mark for each strip, beside its material, with the interval within it."""
    place = np.array([kinds.index(_material(found, at)) for at in range(found.sizes["sample"])], float)
    sample, test = np.nonzero(np.isfinite(found[statistic].values))
    rows = {name: column[sample] for name, column in cell_rows(found["sample"].values, looks).items()}
    x = place[sample] + _SIDE
    x = x + _fanned(x)
    value, low, high = _interval(found, statistic, sample, test)
    rows |= {"strip": test + 1, "low": low, "high": high}
    tips = [
        ("sample", "@cell, strip @strip"),
        (CALLED[statistic], "@y{0.00} N m⁻¹"),
        ("95 % within the strip", "@low{0.00} to @high{0.00} N m⁻¹"),
    ]
    units = {"low": "N m-1", "high": "N m-1"}
    return Whiskers(x, low, high, {"color": rows["color"]}), Marks(x, value, rows, "circle", False, 6, tips, units)


def ratio(compared: xr.Dataset, colors: Mapping[str, str]) -> Picture:
    """How many times stronger each material holds than the reference, with both intervals.

    Parameters
    ----------
    compared
        As given by :func:`~pchp_widgets.analysis.adhesion.ratios`.
    colors
        By name of the material.
    """
    kinds = [str(name) for name in compared["material"].values]
    at = np.arange(len(kinds), dtype=float)
    color = texts(colors.get(name, theme.INK) for name in kinds)
    layers, every = [], [np.ones(1), compared["ratio"].values]
    for which, aside in (("fieller", -0.08), ("bootstrap", 0.08)):
        low, high = compared[f"{which}_low"].values, compared[f"{which}_high"].values
        layers.append(Whiskers(at + aside, low, high, {"color": color}))
        every += [low, high]
    said = {
        "cell": texts(kinds),
        "color": color,
        "low": compared["fieller_low"].values,
        "high": compared["fieller_high"].values,
        "doubt": texts(compared["doubt"].values),
    }
    tips = [
        ("material", "@cell"),
        ("ratio", "@y{0.00}"),
        ("95 %, Fieller", "@low{0.00} to @high{0.00}"),
        ("", "@doubt"),
    ]
    decided = compared["differs"].values >= 0
    marks = [
        Marks((at - 0.08)[of], compared["ratio"].values[of], _chosen(said, of), "diamond", filled, 10, tips)
        for of, filled in ((decided, True), (~decided, False))
    ]
    return Picture(
        _names(kinds),
        Axis(f"over {theme.elided(str(compared.attrs['reference']), 14)}"),
        [Levels(np.ones(1), {"color": texts([theme.FAINT])}), *layers, *marks],
        xlim=(-0.6, max(len(kinds), 1) - 0.4),
        ylim=from_zero(np.concatenate([one[np.isfinite(one)] for one in every])),
        legend=[
            Entry("ratio of means; left bar Fieller, right bar bootstrap, 95 %", theme.INK, shape="diamond"),
            Entry("undecided", theme.INK, shape="diamond", filled=False),
        ],
        height=300,
    )


def material_colors(found: xr.Dataset, looks: Looks) -> dict[str, str]:
    """The hue of each material."""
    kinds = [_material(found, at) for at in range(found.sizes["sample"])]
    return _colors(found, looks, kinds)


def _plateaus(found: xr.Dataset, rows: Rows, statistic: str) -> tuple[Lines, Ribbons]:
    """The mean over the strips of each sample across the window, with the interval over strips, or that of one."""
    from ..analysis.adhesion import by_material

    alone = by_material(found.drop_vars("material", errors="ignore"), statistic)  # each sample by itself
    mean, low, high = (alone[name].values for name in ("mean", "low", "high"))
    for at in np.flatnonzero(np.isfinite(mean) & ~np.isfinite(low)):
        test = int(np.flatnonzero(np.isfinite(found[statistic].values[at]))[0])
        _, least, most = _interval(found, statistic, np.array([at]), np.array([test]))
        low[at], high[at] = least[0], most[0]
    shown = np.flatnonzero(np.isfinite(mean))
    window = np.array(found.attrs["window"], float)
    said = _chosen(rows, shown)
    x = [window for _ in shown]
    flat = [np.full(2, mean[at]) for at in shown]
    band = Ribbons(x, [np.full(2, low[at]) for at in shown], [np.full(2, high[at]) for at in shown], said, moves=True)
    black = {**said, "color": texts([theme.INK] * len(shown))}
    return Lines(x, flat, black, "dashed", is_data=False, moves=True), band


def _interval(
    found: xr.Dataset, statistic: str, sample: npt.NDArray[np.int64], test: npt.NDArray[np.int64]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A number of some strips with its 95 % interval."""
    value = found[statistic].values[sample, test]
    if statistic == "strength":
        return value, found["strength_low"].values[sample, test], found["strength_high"].values[sample, test]
    reach = 1.96 * found[f"{statistic}_stderr"].values[sample, test]
    return value, value - reach, value + reach


def _material(found: xr.Dataset, at: int) -> str:
    named = str(found["material"].values[at]) if "material" in found.coords else ""
    return named or str(found["sample"].values[at])


def _colors(found: xr.Dataset, looks: Looks, kinds: list[str]) -> dict[str, str]:
    """Of each material, that of its first sample."""
    colors: dict[str, str] = {}
    for at, name in enumerate(found["sample"].values):
        colors.setdefault(_material(found, at), looks[str(name)].color)
    return {kind: colors.get(kind, theme.INK) for kind in kinds}


def _tops(means: FloatArray, x: FloatArray, strips: FloatArray) -> FloatArray:
    """Above what each material shows: its mean and its strips."""
    found = means.copy()
    np.fmax.at(found, np.floor(x).astype(int), strips)
    return found


def _modes(grouped: xr.Dataset, x: FloatArray, y: FloatArray) -> Texts:
    """How each material failed, above its mean."""
    known = np.isfinite(y)
    words = texts(str(mode) or "failure mode?" for mode in grouped["failure_mode"].values)
    rows = {"label": words, "side": texts(["center"] * len(words)), "color": texts([theme.FAINT] * len(words))}
    return Texts(x[known], y[known], _chosen(rows, known), above=True)


def _chosen(rows: Mapping[str, object], which: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Rows:
    return {name: np.asarray(column)[which] for name, column in rows.items()}


def _fanned(x: FloatArray) -> FloatArray:
    """Shifts that set strips of one material apart."""
    found = np.zeros(len(x))
    for place in np.unique(x):
        own = np.flatnonzero(x == place)
        found[own] = np.linspace(0.0, 0.24, len(own)) if len(own) > 1 else 0.0
    return found


def _names(kinds: list[str]) -> Axis:
    return Axis("material", ticks=tuple((float(at), theme.elided(name, 14)) for at, name in enumerate(kinds)))
