"""Figures of photoemission: spectra with their components, residuals, lithiated acid, carbon by component.

Each is a pure function from datasets of :mod:`pchp_widgets.analysis.photoemission` to a :class:`~.picture.Picture`.
Binding energy runs from right to left, as is usual, on the scale on which the reference line is where it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.photoemission.components import COOH, COOLI
from . import theme
from .legends import cell_entries
from .picture import Axis, Bands, Entry, Levels, Lines, Marks, Picture, Ribbons, Texts, Whiskers, Window
from .pieces import Looks, cell_rows, from_zero, texts

FloatArray = npt.NDArray[np.float64]

_ENERGY = Axis("binding energy", "eV")
_APART = 1.12  # of the highest peak: how far spectra stand apart
_POINTS = 900
_PERCENT = 100.0
_BESIDE = 12  # points beside the name of a sample
_RATE = {"rate": "count s-1"}
_COMPONENTS = (theme.HUES[3], theme.HUES[1], theme.HUES[2], theme.BARE, theme.HUES[4], theme.HUES[5])
_SIGMA = 1.96
_WIDE = 0.5
_STEP = 0.5  # eV


def whole(data: xr.Dataset, region: str, shift: xr.DataArray) -> xr.Dataset:
    """A region of the samples that have it, as it is drawn: on the referenced scale, no denser than a screen.

    Parameters
    ----------
    data
        Measurements.
    region
        Which region.
    shift
        Charge shift (sample) [eV].
    """
    part = data.sel(region=region)
    energy, rate = part["binding_energy"].values, part["intensity"].values
    has = np.isfinite(rate).any(axis=1)
    part, energy, rate = part.isel(sample=np.flatnonzero(has)), energy[has], rate[has]
    longest = int(np.isfinite(rate).sum(axis=1).max(initial=0))
    step = max(-(-longest // _POINTS), 1)
    moved = energy + shift.reindex(sample=part["sample"].values).fillna(0.0).values[:, None]
    keep = slice(0, longest, step)
    return xr.Dataset(
        {"energy": (("sample", "point"), moved[:, keep]), "intensity": (("sample", "point"), rate[:, keep])},
        {"sample": part["sample"].values},
        {"region": region},
    )


def spectra(
    whole: xr.Dataset, fit: xr.Dataset, looks: Looks, window: tuple[float, float], span: tuple[float, float]
) -> Picture:
    """Spectra one above the other, each over its own maximum, with the components and the background of the fit.

    Parameters
    ----------
    whole
        As given by :func:`whole`.
    fit
        As given by :func:`~pchp_widgets.analysis.photoemission.layers.global_fit`, or without components.
    looks
        By name of the sample.
    window
        What is fitted [eV].
    span
        Binding energies in view [eV].
    """
    # the axis runs down: an edge is only caught where the band starts on the left of the screen
    band = Window(np.array([window[1]]), np.array([window[0]]))
    return _stack(whole, fit, looks, band, span, _entries(fit))


def acid(whole: xr.Dataset, fit: xr.Dataset, looks: Looks) -> Picture:
    """The carboxyl carbon of :func:`spectra` alone, which is too low to be seen beside C–C.

    Parameters
    ----------
    whole, fit, looks
        As for :func:`spectra`.
    """
    names = [str(name) for name in fit["component"].values]
    chosen = [at for at, name in enumerate(names) if name in {COOH, COOLI}]
    places = fit["position"].values[:, chosen]
    low, high = _range(places)
    reach = 1.2 * float(np.max(fit["width"].values, initial=1.0))
    # in round steps: a view that follows every fit would paint all points anew while a window is dragged
    span = float(np.floor((low - reach) / _STEP) * _STEP), float(np.ceil((high + reach) / _STEP) * _STEP)
    found = _stack(whole, fit, looks, Bands(np.zeros(0), np.zeros(0)), span, [])
    return replace(found, title="carboxyl carbon")


def _stack(
    whole: xr.Dataset,
    fit: xr.Dataset,
    looks: Looks,
    band: Bands,
    span: tuple[float, float],
    entries: Sequence[Entry],
) -> Picture:
    """Spectra in a range of binding energy, one above the other."""
    names = [str(name) for name in whole["sample"].values]
    fitted = [str(name) for name in fit["sample"].values]
    energy = fit["binding_energy"].values + fit["charge_shift"].values[:, None]
    with np.errstate(invalid="ignore"):
        shown = (whole["energy"].values >= span[0] - 1e-6) & (whole["energy"].values <= span[1] + 1e-6)
    seen = np.where(shown, whole["intensity"].values, np.nan)
    single = len(names) == 1
    bottom = np.array([_range(row)[0] for row in seen]).reshape(-1)
    height = np.array([np.subtract(*_range(row)[::-1]) for row in seen]).reshape(-1)
    unit = np.array([_thousands(_range(seen)[1])]) if single else np.where(height > 0, height, 1.0)
    lift = np.zeros(1) if single else _APART * np.arange(len(names))[::-1] - bottom / unit
    at = [names.index(name) for name in fitted]

    def raised(values: FloatArray) -> list[FloatArray]:
        return list(values / unit[at][:, None] + lift[at][:, None])

    y = seen / unit[:, None] + lift[:, None]
    sample, point = np.nonzero(np.isfinite(y))
    tips = [("sample", "@cell"), ("", "@x{0.00} eV, @rate{0} counts s⁻¹")]
    rows, black = cell_rows(names, looks), {**cell_rows(fitted, looks), "color": _ink(fitted)}
    said = {name: column[sample] for name, column in rows.items()} | {"rate": whole["intensity"].values[sample, point]}
    label, units = ("intensity", _units(unit[0])) if single else ("intensity over its range, shifted", "")
    return Picture(
        _ENERGY,
        Axis(label, units),
        [
            band,
            *_components(fit, energy, raised),
            Lines(list(energy), raised(fit["background"].values), black, "dashed", moves=True),
            Marks(whole["energy"].values[sample, point], y[sample, point], said, "circle", False, 3, tips, _RATE),
            Lines(list(energy), raised(fit["envelope"].values), black, moves=True),
            _labels(y, names, looks, span[1], single),
        ],
        xlim=(span[1], span[0]),
        ylim=_heights(y),
        legend=entries,
        height=300 + 40 * min(len(names), 6),
    )


def residuals(fit: xr.Dataset, looks: Looks, span: tuple[float, float]) -> Picture:
    """What the fit leaves, in standard deviations of counting.

    Parameters
    ----------
    fit, looks
        As for :func:`spectra`.
    span
        Binding energies in view [eV].
    """
    names = [str(name) for name in fit["sample"].values]
    energy = fit["binding_energy"].values + fit["charge_shift"].values[:, None]
    residual = fit["residual"].values
    highest = max(4.0, float(np.ceil(1.05 * np.nanmax(np.abs(residual), initial=0.0))))
    tips = [("sample", "@cell"), ("", "$x{0.00} eV, $y{0.0} σ")]
    return Picture(
        _ENERGY,
        Axis("residual", "σ"),
        [
            Levels(np.array([-2.0, 2.0]), {"color": [theme.FRAME] * 2}),
            Lines(list(energy), list(residual), cell_rows(names, looks), tips=tips),
        ],
        xlim=(span[1], span[0]),
        ylim=(-highest, highest),
        legend=cell_entries(names, looks),
        height=150,
    )


def fractions(fit: xr.Dataset, looks: Looks) -> Picture:
    """Share of the acid that has taken up lithium in every sample, with its interval.

    Parameters
    ----------
    fit
        As given by :func:`~pchp_widgets.analysis.photoemission.layers.global_fit` for C 1s.
    looks
        By name of the sample.
    """
    names = [str(name) for name in fit["sample"].values]
    value, low, high = (fit[f"lithiated_fraction{end}"].values * _PERCENT for end in ("", "_low", "_high"))
    # what spans everything says nothing: a hollow mark in the middle would look like a result
    known = np.isfinite(value) & ~((low <= 0) & (high >= _PERCENT))
    place = np.arange(len(names), dtype=float)
    rows = {name: column[known] for name, column in cell_rows(names, looks).items()}
    said = {**rows, "low": low[known], "high": high[known]}
    tips = [("sample", "@cell"), ("COOLi of acid", "@y{0.0} %, @low{0.0} to @high{0.0} %")]
    open_ended = np.flatnonzero(~known)
    return Picture(
        Axis("", ticks=_ticks(names)),
        Axis("COOLi of all acid", "%"),
        [
            Levels(np.array([0.0, _PERCENT]), {"color": [theme.FRAME] * 2}),
            Whiskers(place[known], low[known], high[known], {"color": rows["color"]}),
            Marks(place[known], value[known], said, None, True, 6, tips, {"low": "%", "high": "%"}),
            Texts(
                place[open_ended],
                np.full(len(open_ended), 50.0),
                {"label": ["undecided"] * len(open_ended), "side": ["center"] * len(open_ended)},
            ),
        ],
        xlim=_around(len(names)),
        ylim=(-6.0, 106.0),
        title="95 % interval by profile likelihood",
        height=260,
    )


def carbon(shares: xr.Dataset, looks: Looks) -> Picture:
    """Share of carbon by component in every sample, beside that of the repeat unit.

    Parameters
    ----------
    shares
        As given by :func:`~pchp_widgets.analysis.photoemission.stoichiometry.carbon_shares`.
    looks
        By name of the sample.
    """
    names, groups = ([str(name) for name in shares[dim].values] for dim in ("sample", "group"))
    return _side_by_side(
        names,
        groups,
        shares["share"].values * _PERCENT,
        shares["share_stderr"].values * _PERCENT,
        Axis("share of carbon", "%"),
        looks,
        expected=shares["expected"].values * _PERCENT,
        title="diamond: the repeat unit",
    )


def areas(fit: xr.Dataset, looks: Looks) -> Picture:
    """Area of every component in every sample.

    Parameters
    ----------
    fit
        As given by :func:`~pchp_widgets.analysis.photoemission.layers.global_fit`, or without components.
    looks
        By name of the sample.
    """
    names, groups = ([str(name) for name in fit[dim].values] for dim in ("sample", "component"))
    area, spread = fit["area"].values, fit["area_stderr"].values
    axis = Axis("area", "counts s⁻¹ eV")
    return _side_by_side(names, groups, area, spread, axis, looks, title=f"{fit.attrs['region']}: area by component")


def _side_by_side(
    names: Sequence[str],
    groups: Sequence[str],
    value: FloatArray,
    spread: FloatArray,
    axis: Axis,
    looks: Looks,
    *,
    expected: FloatArray | None = None,
    title: str = "",
) -> Picture:
    """Values (sample, group) with their intervals, samples beside each other over each group."""
    offset = (np.arange(len(names)) - (len(names) - 1) / 2) * _WIDE / max(len(names), 1)
    place = np.arange(len(groups))[None, :] + offset[:, None]
    known = np.isfinite(value)
    sample, group = np.nonzero(known)
    rows = {name: column[sample] for name, column in cell_rows(names, looks).items()}
    wide = np.where(np.isfinite(spread), spread, 0.0)[known] * _SIGMA
    said = {**rows, "what": texts(np.array(groups, object)[group]), "interval": wide}
    tips = [("sample", "@cell"), ("@what", f"@y{{0.0}} ± @interval{{0.0}} {axis.units}")]
    there = np.zeros(0) if expected is None else expected
    return Picture(
        Axis("", ticks=_ticks(groups)),
        axis,
        [
            Bands(np.zeros(0), np.zeros(0)),
            Whiskers(place[known], value[known] - wide, value[known] + wide, {"color": rows["color"]}),
            Marks(place[known], value[known], said, None, True, 6, tips, {"interval": axis.units}),
            Marks(
                np.arange(len(there), dtype=float) + 0.42,
                there,
                {"color": [theme.INK] * len(there)},
                "diamond",
                False,
                10,
                [("repeat unit", "@y{0.0} %")],
            ),
        ],
        xlim=_around(len(groups)),
        ylim=from_zero(np.concatenate([value[known] - wide, value[known] + wide, there])),
        legend=cell_entries(list(names), looks),
        title=title,
        height=260,
    )


def _components(
    fit: xr.Dataset, energy: FloatArray, raised: Callable[[FloatArray], list[FloatArray]]
) -> tuple[Ribbons, Lines]:
    """Every component of every sample as a band above the background, and its outline."""
    below = fit["background"].values
    x, low, high, rows = [], [], [], []
    for at, name in enumerate(str(one) for one in fit["component"].values):
        low += raised(below)
        high += raised(below + fit["line"].values[:, at])
        x += list(energy)
        rows += [(name, component_color(at))] * len(energy)
    columns = {"component": texts(name for name, _ in rows), "color": texts(color for _, color in rows)}
    tips = [("", "@component")]
    bands = Ribbons(x, low, high, columns, is_data=False, moves=True)
    return bands, Lines(x, high, columns, tips=tips, moves=True)


def component_color(place: int) -> str:
    """The hue of a component by its place: not that of the first material, whose samples stand beside it."""
    return _COMPONENTS[place % len(_COMPONENTS)]


def _labels(y: FloatArray, names: list[str], looks: Looks, edge: float, single: bool) -> Texts:
    """Names of the samples above the left end of their spectra."""
    chosen = [] if single else [at for at in range(len(names)) if np.isfinite(y[at]).any()]
    rows = {
        "label": [theme.elided(names[at]) for at in chosen],
        "side": ["right"] * len(chosen),
        "color": [looks[names[at]].color for at in chosen],
    }
    tops = [float(np.nanmax(y[at][np.isfinite(y[at])][-_BESIDE:])) for at in chosen]
    return Texts(np.full(len(chosen), edge), np.array(tops), rows, above=True)


def _entries(fit: xr.Dataset) -> list[Entry]:
    entries = [Entry(str(name), component_color(at)) for at, name in enumerate(fit["component"].values)]
    return [
        Entry("measured", theme.INK, shape="circle", filled=False),
        Entry("fit", theme.INK),
        Entry("background", theme.INK, "dashed"),
        *entries,
    ]


def _ink(names: Sequence[str]) -> npt.NDArray[np.object_]:
    return np.full(len(names), theme.INK, object)


def _ticks(words: Sequence[str]) -> tuple[tuple[float, str], ...]:
    return tuple((float(at), theme.elided(word, 16)) for at, word in enumerate(words))


def _around(count: int) -> tuple[float, float]:
    return -0.6, max(count, 1) - 0.4


def _range(values: FloatArray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)


def _heights(y: FloatArray) -> tuple[float, float]:
    low, high = _range(y)
    space = 0.06 * (high - low) or 1.0
    return low - space, high + 1.5 * space


def _thousands(highest: float) -> float:
    return 1000.0 if highest >= 5000 else 1.0


def _units(unit: float) -> str:
    return "10³ counts s⁻¹" if unit > 1 else "counts s⁻¹"
