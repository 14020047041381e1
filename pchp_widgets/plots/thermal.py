"""Figures of calorimetry: program, curves with their constructions, heat above the base line, crystallinity.

Each is a pure function from datasets of :mod:`pchp_widgets.analysis.thermal` to a :class:`~.picture.Picture`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import theme
from .decimate import ascending, envelope
from .legends import cell_entries
from .picture import Axis, Entry, Layer, Levels, Lines, Marks, Picture, Ribbons, Texts, Whiskers, Window
from .pieces import Looks, Rows, cell_rows, merged_bands, padded, texts

FloatArray = npt.NDArray[np.float64]

_POINTS, _FEW_POINTS = 1500, 300  # of a curve on the screen
_STEP = 0.12  # by which curves are apart, as a part of the largest
_TEMPERATURE = Axis("temperature", "°C")
_ENTRIES = (
    Entry("Tg (half step)", theme.INK, shape="square", filled=False),
    Entry("melting peak", theme.INK, shape="circle", filled=False),
    Entry("base lines", theme.INK, "dashed"),
)
_LIMIT = "inverted_triangle"


def program(data: xr.Dataset, segments: xr.Dataset, run: str, looks: Looks) -> Picture:
    """Temperature over time, and a band over the run that is evaluated.

    Parameters
    ----------
    data
        Measurement of ``thermal``.
    segments
        As given by :func:`~pchp_widgets.analysis.thermal.segments`, of the same samples.
    run
        Name of the run.
    looks
        By name of the sample.
    """
    names = [str(name) for name in data["sample"].values]
    kept = [_kept(t / 60, y, _FEW_POINTS) for t, y in zip(data["time"].values, data["temperature"].values, strict=True)]
    chosen = segments["run"].values == run
    start, stop = (segments[f"time_{end}"].values[chosen] / 60 for end in ("start", "end"))
    x, y = [one[0] for one in kept], [one[1] for one in kept]
    return Picture(
        Axis("time", "min"),
        _TEMPERATURE,
        [merged_bands(start, stop), Lines(x, y, cell_rows(names, looks), tips=[("sample", "@cell")])],
        xlim=padded(_all(x), 0.01),
        ylim=padded(_all(y), 0.06),
        title=f"program; evaluated: {run}",
        height=270,
    )


def curves(
    scans: xr.Dataset,
    glass: xr.Dataset,
    melted: xr.Dataset,
    looks: Looks,
    window: tuple[float, float],
    glass_window: tuple[float, float],
    *,
    exo_up: bool = False,
    stacked: bool = True,
) -> Picture:
    """Specific heat flow of one run with the constructions of both transitions, and the windows that the user drags.

    Parameters
    ----------
    scans
        As given by :func:`~pchp_widgets.analysis.thermal.scans`.
    glass, melted
        As given by :func:`~pchp_widgets.analysis.thermal.glass_transition` and
        :func:`~pchp_widgets.analysis.thermal.melting`, of the same samples.
    looks
        By name of the sample.
    window, glass_window
        Ranges in which melting and the glass transition are evaluated.
    exo_up
        Whether exothermic points upwards.
    stacked
        Whether each curve is moved below the one before; the axis says by how much.
    """
    names = [str(name) for name in scans["sample"].values]
    rows, sign = cell_rows(names, looks), -1.0 if exo_up else 1.0
    columns = (scans["temperature"].values, scans["specific_heat_flow"].values)
    kept = [_kept(x, y, _POINTS) for x, y in zip(*columns, strict=True)]
    shift = _distance(kept) if stacked and len(names) > 1 else 0.0
    moved: FloatArray = -shift * np.arange(len(names), dtype=float)
    x, y = [one[0] for one in kept], [sign * one[1] + up for one, up in zip(kept, moved, strict=True)]
    per_capacity = scans["rate"].values / 60
    ylim = _vertical(kept, sign, moved)
    layers: list[Layer] = [
        Window(np.array([window[0]]), np.array([window[1]]), "window"),
        Window(np.array([glass_window[0]]), np.array([glass_window[1]]), "glass"),
        Lines(x, y, rows, tips=[("sample", "@cell"), ("T", "$x{0.0} °C"), ("q", "$y{0.000} W g⁻¹")]),
    ]
    layers.extend(_base_lines(glass, melted, window, per_capacity, sign, moved))
    layers.append(_tangents(glass, per_capacity, sign, moved))
    layers.extend(_places(kept, glass, melted, sign, moved, rows))
    layers.append(_names_of_windows(window, glass_window, ylim[1]))
    words = f"specific heat flow, {shift:.2g} apart" if shift else "specific heat flow"
    return Picture(
        _TEMPERATURE,
        Axis(f"{words}, {'exo' if exo_up else 'endo'} up", "W g⁻¹"),
        layers,
        xlim=padded(_all(x), 0.01),
        ylim=ylim,
        legend=[*cell_entries(names, looks), *_ENTRIES],
        height=360,
    )


def step(scans: xr.Dataset, glass: xr.Dataset, looks: Looks, glass_window: tuple[float, float]) -> Picture:
    """Heat capacity above the base line of the glass within the range of the glass transition, with the construction.

    Parameters
    ----------
    scans, glass, looks, glass_window
        As for :func:`curves`.
    """
    names = [str(name) for name in scans["sample"].values]
    rows, ranges = cell_rows(names, looks), glass["glass_range"].values
    columns = (scans["temperature"].values, scans["heat_capacity"].values, glass["glass_base"].values, ranges)
    kept = [_above(x, c, base, tuple(span), _FEW_POINTS) for x, c, base, span in zip(*columns, strict=True)]
    x, y = [one[0] for one in kept], [one[1] for one in kept]
    found = np.flatnonzero(glass["glass_outcome"].values == "step")
    liquid = [glass["liquid_base"].values[row] - glass["glass_base"].values[row] for row in found]
    colors = {"color": rows["color"][found]}
    onset, end, half = (glass[f"glass_{name}"].values[found] for name in ("onset", "end", "temperature"))
    spans = ranges[found]
    tops = np.array([np.interp(at, span, line) for at, span, line in zip(end, spans, liquid, strict=True)])
    middle = np.array([np.interp(at, span, line) / 2 for at, span, line in zip(half, spans, liquid, strict=True)])
    said = {key: column[found] for key, column in rows.items()} | {
        "error": glass["glass_temperature_stderr"].values[found],
        "step": glass["heat_capacity_step"].values[found],
        "step_stderr": glass["heat_capacity_step_stderr"].values[found],
    }
    tips = [("", "@cell"), ("Tg", "@x{0.00} ± @error{0.00} °C"), ("ΔCp", "@step{0.0000} ± @step_stderr{0.0000}")]
    units = {"error": "K", "step": "J g-1 K-1", "step_stderr": "J g-1 K-1"}
    layers: list[Layer] = [
        Levels(np.zeros(1)),
        Lines(x, y, rows, tips=[("sample", "@cell")]),
        Lines(list(spans), liquid, colors, "dashed", is_data=False),
        Lines(
            [np.array(ends) for ends in zip(onset, end, strict=True)],
            [np.array([0.0, top]) for top in tops],
            _ink(len(found)),
            is_data=False,
        ),
        Marks(half, middle, said, "square", False, 9, tips, units),
    ]
    return Picture(
        _TEMPERATURE,
        Axis("heat capacity above the glass", "J g⁻¹ K⁻¹"),
        layers,
        xlim=glass_window,
        ylim=padded(_robust(y), 0.1, 0.05),
        legend=[Entry("Tg (half step)", theme.INK, shape="square", filled=False), Entry("tangent", theme.INK)],
        title="" if len(found) else "no step within the window of the glass transition",
    )


def heat(scans: xr.Dataset, melted: xr.Dataset, looks: Looks, window: tuple[float, float]) -> Picture:
    """Heat flow above the base line within the range of melting: the area of each ribbon over time is a heat.

    Parameters
    ----------
    scans, melted, looks, window
        As for :func:`curves`.
    """
    names = [str(name) for name in scans["sample"].values]
    columns = (
        scans["temperature"].values,
        1e3 * scans["specific_heat_flow"].values,
        1e3 * melted["melting_base"].values,
    )
    kept = [_above(t, q, base, window, _FEW_POINTS) for t, q, base in zip(*columns, strict=True)]
    x, y = [one[0] for one in kept], [one[1] for one in kept]
    rows = cell_rows(names, looks)
    heats = melted["melting_enthalpy"].values
    said = rows | {"enthalpy": heats, "enthalpy_stderr": melted["melting_enthalpy_stderr"].values}
    tips = [("sample", "@cell"), ("ΔH", "@enthalpy{0.000} ± @enthalpy_stderr{0.000} J g⁻¹")]
    fill = [np.zeros(len(one)) for one in x]
    layers: list[Layer] = [
        Ribbons(x, fill, y, {"color": rows["color"]}, is_data=False),
        Levels(np.zeros(1)),
        Lines(x, y, said, tips=tips, units={"enthalpy": "J g-1", "enthalpy_stderr": "J g-1"}),
    ]
    return Picture(
        _TEMPERATURE,
        Axis("heat flow above base line, endo up", "mW g⁻¹"),
        layers,
        xlim=window,
        ylim=padded(_all(y), 0.08, 1.0),
        legend=cell_entries(names, looks),
        title="within the window of melting",
    )


def crystallinity(found: xr.Dataset, limits: xr.Dataset, looks: Looks) -> Picture:
    """Crystallinity of the PEG with its interval, or the upper limit where nothing melts.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.thermal.crystallinity`.
    limits
        As given by :func:`~pchp_widgets.analysis.thermal.crystallinity_limit`, of the same samples.
    looks
        By name of the sample.
    """
    names = [str(name) for name in found["sample"].values]
    rows, place = cell_rows(names, looks), np.arange(len(names), dtype=float)
    melts = limits["limit_outcome"].values == "melting"
    value, low, high = (100 * found[f"crystallinity{end}"].values for end in ("", "_low", "_high"))
    bound = 100 * limits["crystallinity_limit"].values
    shown, limited = melts & np.isfinite(value), ~melts & np.isfinite(bound)
    part: dict[str, Rows] = {
        "value": {name: column[shown] for name, column in rows.items()},
        "bound": {name: column[limited] for name, column in rows.items()},
    }
    tall = [100 * limits[f"crystallinity_limit_{end}"].values[limited] for end in ("low", "high")]
    layers: list[Layer] = [
        Whiskers(place[shown], low[shown], high[shown], {"color": part["value"]["color"]}),
        Whiskers(place[limited], tall[0], tall[1], {"color": part["bound"]["color"]}),
        Marks(place[shown], value[shown], part["value"], "circle", True, 9, [("", "@cell"), ("X_c", "@y{0.00} %")]),
        Marks(
            place[limited], bound[limited], part["bound"], _LIMIT, False, 11, [("", "@cell"), ("X_c", "< @y{0.000} %")]
        ),
    ]
    every = np.concatenate([value[shown], high[shown], bound[limited], tall[1]])
    positive = np.concatenate([every, low[shown], tall[0]])
    positive = positive[np.isfinite(positive) & (positive > 0)]
    bottom, top = (positive.min() / 3, positive.max() * 3) if positive.size else (0.01, 100.0)
    return Picture(
        Axis("sample", ticks=tuple(zip(place.tolist(), (theme.elided(name, 12) for name in names), strict=True))),
        Axis("crystallinity of the PEG", "%", log=True),
        layers,
        xlim=(-0.6, max(len(names), 1) - 0.4),
        ylim=(float(bottom), float(max(top, 10 * bottom))),
        title="" if shown.any() or limited.any() else "no sample of known PEG fraction is evaluated",
        legend=[
            Entry("melts", theme.INK, shape="circle"),
            Entry("nothing melts: below", theme.INK, shape=_LIMIT, filled=False),
        ],
    )


def _kept(x: FloatArray, y: FloatArray, points: int) -> tuple[FloatArray, FloatArray]:
    """A curve with no more points than the screen can show, from left to right as it was scanned."""
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    falling = len(x) > 1 and x[-1] < x[0]
    chosen = envelope(ascending(-x if falling else x), y, points) if len(x) else np.zeros(0, int)
    return x[chosen], y[chosen]


def _above(
    x: FloatArray, y: FloatArray, base: FloatArray, window: tuple[float, float], points: int
) -> tuple[FloatArray, FloatArray]:
    """A curve within a range, less a straight line that is known at its ends."""
    inside = (x >= window[0]) & (x <= window[1])
    share = (x[inside] - window[0]) / (window[1] - window[0])
    return _kept(x[inside], y[inside] - base[0] - (base[1] - base[0]) * share, points)


def _robust(parts: list[FloatArray]) -> FloatArray:
    """All values but the outermost of each curve: a peak beside a step does not flatten it."""
    return np.concatenate([*(np.quantile(part, [0.02, 0.98]) for part in parts if len(part)), np.zeros(1)])


def _all(parts: list[FloatArray]) -> FloatArray:
    return np.concatenate([*parts, np.zeros(0)])


def _ink(count: int) -> dict[str, npt.NDArray[np.object_]]:
    return {"color": texts([theme.INK] * count)}


def _distance(kept: list[tuple[FloatArray, FloatArray]]) -> float:
    """By how much stacked curves are apart: a part of the largest of them, as a round number."""
    largest = max((float(np.ptp(y)) for _, y in kept if len(y)), default=0.0)
    return float(f"{_STEP * largest:.1g}")


def _vertical(kept: list[tuple[FloatArray, FloatArray]], sign: float, moved: FloatArray) -> tuple[float, float]:
    """Range of the curves without the starts and ends of the scan, where the heat flow jumps."""
    inner = []
    for (x, y), up in zip(kept, moved, strict=True):
        space = 0.03 * float(np.ptp(x)) if len(x) else 0.0
        inside = (x > x.min() + space) & (x < x.max() - space) if len(x) else np.zeros(0, bool)
        inner.append(sign * y[inside] + up)
    low, high = padded(_all(inner), 0.1, 0.1)
    return low, high + 0.08 * (high - low)  # room for the names of the windows


def _names_of_windows(window: tuple[float, float], glass_window: tuple[float, float], top: float) -> Texts:
    """What each window is for, in its upper left corner: one may lie within the other."""
    x = np.array([window[0], glass_window[0]])
    rows = {"label": ["melting", "glass transition"], "side": ["right"] * 2, "color": [theme.INK] * 2}
    return Texts(x, np.full(2, top), rows)


def _base_lines(
    glass: xr.Dataset,
    melted: xr.Dataset,
    window: tuple[float, float],
    per_capacity: FloatArray,
    sign: float,
    moved: FloatArray,
) -> list[Layer]:
    """Base lines of what was found."""
    step, peak = glass["glass_outcome"].values == "step", melted["melting_outcome"].values == "peak"
    scale = np.where(step, per_capacity, np.nan)
    ranges, here = glass["glass_range"].values, np.tile(window, (len(peak), 1))
    bases = (
        (ranges, glass["glass_base"].values * scale[:, None]),
        (ranges, glass["liquid_base"].values * scale[:, None]),
        (here, melted["melting_base"].values * np.where(peak, 1.0, np.nan)[:, None]),
    )
    return [Lines(list(x), list(sign * y + moved[:, None]), _ink(len(x)), "dashed", is_data=False) for x, y in bases]


def _tangents(glass: xr.Dataset, scale: FloatArray, sign: float, moved: FloatArray) -> Lines:
    """The tangent of each step, from the base line of the glass to that of the liquid."""
    start, stop = glass["glass_onset"].values, glass["glass_end"].values
    x, y = [], []
    for row in np.flatnonzero(np.isfinite(start) & np.isfinite(stop)):
        ends, span = np.array([start[row], stop[row]]), glass["glass_range"].values[row]
        share = (ends - span[0]) / (span[1] - span[0])
        bases = (glass[f"{name}_base"].values[row] for name in ("glass", "liquid"))
        level = [base[0] + (base[1] - base[0]) * part for base, part in zip(bases, share, strict=True)]
        x.append(ends)
        y.append(sign * scale[row] * np.array(level) + moved[row])
    return Lines(x, y, _ink(len(x)), is_data=False)


def _places(
    kept: list[tuple[FloatArray, FloatArray]],
    glass: xr.Dataset,
    melted: xr.Dataset,
    sign: float,
    moved: FloatArray,
    rows: Rows,
) -> list[Layer]:
    """Half steps and peaks, on their curves."""
    layers: list[Layer] = []
    for found, name, shape, word in (
        (glass, "glass_temperature", "square", "Tg"),
        (melted, "melting_peak", "circle", "T_p"),
    ):
        at = found[name].values
        here = np.flatnonzero(np.isfinite(at))
        y = np.array([_on(kept[row], at[row]) for row in here]) * sign + moved[here]
        said = {key: column[here] for key, column in rows.items()} | {"error": found[f"{name}_stderr"].values[here]}
        tips = [("", "@cell"), (word, "@x{0.00} ± @error{0.00} °C")]
        layers.append(Marks(at[here], y, said, shape, False, 9, tips, {"error": "K"}))
    return layers


def _on(curve: tuple[FloatArray, FloatArray], place: float) -> float:
    x, y = curve
    return float(y[np.abs(x - place).argmin()]) if len(x) else float("nan")
