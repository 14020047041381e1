"""Figures of diffraction: patterns with their fits, what is left of them, and distances with both of their errors.

Each is a pure function from datasets of :mod:`pchp_widgets.analysis.diffraction` to a :class:`~.picture.Picture`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.diffraction.phases import PHASES
from . import theme
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Levels, Lines, Marks, Picture, Texts, Verticals, Whiskers, Window
from .pieces import Looks, Rows, cell_rows, padded, texts

FloatArray = npt.NDArray[np.float64]

_POINTS = 1200  # of a pattern on the screen
_STEP = 0.28  # by which patterns are shifted, as a part of the highest
_PALE = 0.55
_SEEN = 0.01  # of the height of a halo, below which it is not drawn
_LABEL = 0.05  # of the height, by which names of phases stand below each other
_FEW = 2  # samples whose halos are drawn one by one
_ANGLE = Axis("2θ", "°")
_TIPS = [("sample", "@cell"), ("2θ", "$x{0.00}°")]


def drawn(data: xr.Dataset) -> xr.Dataset:
    """Whole patterns with as many points as a screen has pixels (sample, point): means of neighbours, of all alike.

    Parameters
    ----------
    data
        Measurement of ``diffraction`` (sample, point).
    """
    group = max(-(-data.sizes["point"] // _POINTS), 1)
    spare = -data.sizes["point"] % group
    found = {}
    for name in ("two_theta", "intensity"):
        values = np.pad(np.asarray(data[name].values, float), ((0, 0), (0, spare)), constant_values=np.nan)
        folded = values.reshape(len(values), -1, group)
        known = np.isfinite(folded)
        number = known.sum(2)
        total = np.where(known, folded, 0.0).sum(2)
        found[name] = (("sample", "point"), np.where(number > 0, total / np.maximum(number, 1), np.nan))
    return xr.Dataset(found, {"sample": data["sample"]})


def pattern(
    whole: xr.Dataset,
    curves: xr.Dataset,
    lines: xr.Dataset,
    looks: Looks,
    *,
    stacked: bool = True,
    references: Sequence[str] = (),
    wavelength: float = np.nan,
) -> Picture:
    """Patterns, the fits on them and the background below, with the window that the user drags.

    Parameters
    ----------
    whole
        As given by :func:`drawn`.
    curves
        As given by :func:`~pchp_widgets.analysis.diffraction.curves`.
    lines
        As given by :func:`~pchp_widgets.analysis.diffraction.reflections`.
    looks
        By name of the sample.
    stacked
        Whether each pattern is shifted upwards from the one before.
    references
        Phases whose lines are shown.
    wavelength
        For these [angstrom].
    """
    names = [str(name) for name in whole["sample"].values]
    rows = cell_rows(names, looks)
    values = whole["intensity"].values
    highest = float(np.nanmax(values, initial=0.0)) or 1.0
    shift: FloatArray = np.arange(len(names), dtype=float)[:, None] * (_STEP * highest if stacked else 0.0)
    top = float(np.nanmax(values + shift, initial=highest))
    along = curves["two_theta"].values
    low, high = curves.attrs["window"]
    pale = {**rows, "color": texts(theme.lighter(str(color), _PALE) for color in rows["color"])}
    layers: list[Layer] = [
        Window(np.array([low]), np.array([high])),
        Lines(list(whole["two_theta"].values), list(values + shift), pale, tips=_TIPS),
        Lines(list(along), list(curves["background"].values + shift), rows, "dashed"),
        _single_halos(curves, shift, rows),
        Lines(list(along), list(curves["total"].values + shift), rows),
        _sharp(lines, whole, shift, rows),
        *_reference(references, wavelength, 1.06 * top, extent(whole)),
    ]
    words = "intensity, shifted" if stacked and len(names) > 1 else "intensity"
    return Picture(
        _ANGLE,
        Axis(words, "counts"),
        layers,
        xlim=extent(whole),
        ylim=(-0.02 * top, 1.16 * top),
        legend=[*cell_entries(names, looks), *_entries(curves, lines)],
        height=340,
    )


def residuals(curves: xr.Dataset, looks: Looks, span: tuple[float, float]) -> Picture:
    """What is left of the patterns, in standard errors: a background that is wrong shows as waves.

    Parameters
    ----------
    curves
        As given by :func:`~pchp_widgets.analysis.diffraction.curves`.
    looks
        By name of the sample.
    span
        Range along x, that of the patterns.
    """
    left = curves["residual"].values
    most = float(np.nanquantile(np.abs(left), 0.995)) if np.isfinite(left).any() else 3.0
    most = max(3.5, 1.1 * most)
    return Picture(
        _ANGLE,
        Axis("residual", "σ"),
        [
            Lines(list(curves["two_theta"].values), list(left), cell_rows(curves["sample"].values, looks), tips=_TIPS),
            Levels(np.array([-2.0, 0.0, 2.0]), {"color": texts([theme.FAINT] * 3)}),
        ],
        xlim=span,
        ylim=(-most, most),
        height=170,
    )


def distances(found: xr.Dataset, summary: xr.Dataset, looks: Looks, halo: int = 1) -> Picture:
    """Bragg's d of one halo of each sample: whiskers are the statistics, the box is what backgrounds do to it.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.diffraction.halos`.
    summary
        As given by :func:`~pchp_widgets.analysis.diffraction.distances`.
    looks
        By name of the sample.
    halo
        Which one, counted from 1; nothing is drawn of one that is not there.
    """
    names = [str(name) for name in summary["sample"].values]
    every = cell_rows(names, looks)
    chosen = [halo] if halo in summary["halo"].values else []
    found, summary = found.sel(halo=chosen), summary.sel(halo=chosen)
    place, at_halo = np.nonzero(np.isfinite(summary["spacing"].values))
    x = place.astype(float)
    rows = {name: column[place] for name, column in every.items()}
    parts = ("spacing", "spacing_low", "spacing_high", "spacing_background_low", "spacing_background_high")
    d, low, high, least, most = (summary[name].values[place, at_halo] for name in parts)
    tips = [
        ("sample", "@cell"),
        ("d", "@y{0.000} Å"),
        ("95 %, statistics", "@low{0.000} to @high{0.000} Å"),
        ("over backgrounds", "@least{0.000} to @most{0.000} Å"),
    ]
    said = {**rows, "low": low, "high": high, "least": least, "most": most}
    units = dict.fromkeys(("low", "high", "least", "most"), "angstrom")
    pale = {**rows, "color": texts(theme.lighter(str(color), _PALE) for color in rows["color"])}
    edge = [np.array([-0.12, 0.12, 0.12, -0.12, -0.12]) + at for at in x]
    box = [np.array([a, a, b, b, a]) for a, b in zip(least, most, strict=True)]
    known = np.concatenate([one[np.isfinite(one)] for one in (d, low, high, least, most)])
    bottom, top = (float(known.min()), float(known.max())) if known.size else (4.0, 8.0)
    space = 0.08 * (top - bottom) or 0.5
    nothing = "" if known.size else f": no distance of halo {halo} is known"
    return Picture(
        Axis("sample", ticks=tuple((float(at), theme.elided(name, 14)) for at, name in enumerate(names))),
        Axis(f"d, halo {halo}", "Å"),
        [
            Lines(edge, box, pale, is_data=False),
            _others(found, every),
            Whiskers(x, low, high, {"color": rows["color"]}),
            Marks(x, d, said, None, True, 7, tips, units),
        ],
        xlim=(-0.6, len(names) - 0.4),
        ylim=(bottom - space, top + space),
        legend=[
            Entry(f"d, background: {summary.attrs['background_text']}{nothing}", theme.INK, shape="circle"),
            Entry("other backgrounds, the box spans those that describe the pattern", theme.FAINT, shape="dash"),
        ],
        height=300,
    )


def _others(found: xr.Dataset, every: Rows) -> Marks:
    """A dash for each background and halo."""
    sample, background, halo = np.nonzero(np.isfinite(found["spacing"].values))
    y = found["spacing"].values[sample, background, halo]
    names = texts(found["background"].values)[background]
    chi = found["reduced_chi_square"].values[sample, background]
    rows = {
        **{name: column[sample] for name, column in every.items()},
        "background": names,
        "chi": chi,
        "halo": halo + 1,
    }
    rows["color"] = texts([theme.FAINT] * len(y))
    tips = [("sample", "@cell"), ("background", "@background"), ("d", "@y{0.000} Å"), ("χ²", "@chi{0.000}")]
    return Marks(sample.astype(float), y, rows, "dash", True, 12, tips)


def _single_halos(curves: xr.Dataset, shift: FloatArray, rows: Rows) -> Lines:
    """Each halo on its background, where there are few samples."""
    sample, halo = np.meshgrid(*(np.arange(curves.sizes[name]) for name in ("sample", "halo")), indexing="ij")
    few = curves.sizes["sample"] <= _FEW
    sample, halo = sample.ravel()[: None if few else 0], halo.ravel()[: None if few else 0]
    own = curves["halo_curve"].values[sample, halo]
    highest = np.nanmax(own, axis=1, keepdims=True, initial=0.0)
    y = np.where(own > _SEEN * highest, own + (curves["background"].values + shift)[sample], np.nan)
    said = {**{name: column[sample] for name, column in rows.items()}, "halo": halo + 1}
    said["color"] = texts(theme.lighter(str(color), _PALE / 2) for color in said["color"])
    return Lines(list(curves["two_theta"].values[sample]), list(y), said)


def _sharp(lines: xr.Dataset, whole: xr.Dataset, shift: FloatArray, rows: Rows) -> Marks:
    """A triangle above every sharp line."""
    sample, line = np.nonzero(np.isfinite(lines["position"].values))
    x = lines["position"].values[sample, line]
    y = np.array(
        [np.nanmax(whole["intensity"].values[at][np.abs(whole["two_theta"].values[at] - place) < 0.3], initial=0.0)
         for at, place in zip(sample, x, strict=True)],
        float,
    )  # fmt: skip
    said = {**{name: column[sample] for name, column in rows.items()}}
    said["phase"] = texts(name or "no phase in the table" for name in lines["phase"].values[sample, line])
    tips = [("sample", "@cell"), ("sharp line", "@x{0.00}°"), ("near", "@phase")]
    space = 0.03 * float(np.nanmax(whole["intensity"].values, initial=1.0))
    return Marks(x, y + shift[sample, 0] + space, said, "inverted_triangle", False, 7, tips)


def _reference(
    references: Sequence[str], wavelength: float, height: float, span: tuple[float, float]
) -> tuple[Verticals, Texts]:
    """Lines of known phases, each with its name at the first."""
    known = references if np.isfinite(wavelength) else ()
    hues = dict(zip(PHASES, reversed(theme.HUES), strict=False))  # samples take theirs from the other end
    places = [
        (name, float(at)) for name in known for at in PHASES[name].positions(wavelength) if span[0] <= at <= span[1]
    ]
    x = np.array([at for _, at in places], float)
    color = texts(hues[name] for name, _ in places)
    first = [next((at for other, at in places if other == name), None) for name in known]
    named = [
        (name, at, height - _LABEL * height * row)
        for row, (name, at) in enumerate(zip(known, first, strict=True))
        if at
    ]
    words = {
        "label": texts(name for name, _, _ in named),
        "side": texts(["right"] * len(named)),
        "color": texts(hues[name] for name, _, _ in named),
    }
    at, up = (np.array([one[which] for one in named], float) for which in (1, 2))
    return Verticals(x, {"color": color}), Texts(at, up, words, above=True)


def _entries(curves: xr.Dataset, lines: xr.Dataset) -> list[Entry]:
    entries = [Entry("fit", theme.INK), Entry("background", theme.INK, "dashed")]
    if np.isfinite(lines["position"].values).any():
        entries.append(Entry("sharp line", theme.INK, shape="inverted_triangle", filled=False))
    return entries if curves.sizes["sample"] else []


def extent(whole: xr.Dataset) -> tuple[float, float]:
    """Range of angles [degree] of patterns, with room to grasp the edges of a window."""
    angle = whole["two_theta"].values
    known = angle[np.isfinite(angle)]
    return padded(known, 0.015) if known.size else (10.0, 70.0)
