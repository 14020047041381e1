"""Figures of full and half cells: single cycles, capacity, Coulombic efficiency and mean voltages over the cycles.

Each is a pure function from datasets of :mod:`.cycling_view` to a :class:`~.picture.Picture`. However many cells there
are, the number of layers is the same, so a live figure can follow any selection.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.life import CENSORED, FAILED
from ..model.cycles import DIRECTIONS
from ..model.units import pretty
from . import theme
from .cycling_legend import (
    DASHES,
    KNEE,
    REFERENCE,
    curve_entries,
    dash_entries,
    end_entries,
    profile_entries,
    profile_title,
)
from .picture import Axis, Bands, Layer, Levels, Lines, Marks, Picture, Ribbons
from .pieces import CURVE, Rows, curve_rows, merged_bands, padded, texts

FloatArray = npt.NDArray[np.float64]

_PERCENT = 100.0
_MARKERS_IN_ALL = 8000
_NARROWEST_CE = 0.2  # %, six times the standard error of one efficiency
_ABOVE_MEDIAN = 6.0  # how far a figure of dV/dQ reaches
_OWN_ERRORS = 3  # curves with a ribbon of their own standard error: with more of them it is a fog
_LEVELS = 4  # curves with a level each


def detail(shown: xr.Dataset, selected: xr.Dataset | None, kind: str) -> Picture:
    """Single cycles or mean voltages: figures that take turns at one place, made of the same layers.

    Parameters
    ----------
    shown
        As given by :func:`~.cycling_profiles.profiles`, or by :func:`~.cycling_view.curves` for mean voltages.
    selected
        As given by :func:`~.cycling_view.selected`; single cycles need none.
    kind
        ``"voltage"``, ``"voltage_gap"``, or one of :data:`~.cycling_profiles.KINDS`.
    """
    return single_cycles(shown) if selected is None else voltages(shown, selected, kind)


def single_cycles(profiles: xr.Dataset) -> Picture:
    """Some cycles of some cells: voltage against capacity, or a derivative; charge solid, discharge dashed.

    Parameters
    ----------
    profiles
        As given by :func:`~.cycling_profiles.profiles`.
    """
    cells, numbers = profiles["cell"].values, profiles["cycle"].values
    x, y = (Axis(str(profiles[name].attrs["long_name"]), _units(profiles[name])) for name in "xy")
    tips = [
        ("cell", "@cell"),
        ("cycle", "@cycle, @direction"),
        (x.label, f"$x{{0.000}} {x.units}"),
        (y.label, f"$y{{0.000}} {y.units}"),
    ]
    colors = np.array(profiles["color"].values, object)
    layers: list[Layer] = [Bands(np.zeros(0), np.zeros(0)), Ribbons([], [], [], {"color": []})]
    for direction, dash in DASHES.items():
        half = profiles.sel(direction=direction)
        edges = list(zip(half["point_start"].values, half["point_count"].values, strict=True))
        xs, ys = ([half[name].values[start : start + count] for start, count in edges] for name in "xy")
        rows = {"cell": texts(cells), "cycle": numbers, "color": colors}
        layers.append(Lines(xs, ys, {**rows, "direction": np.full(len(edges), direction, object)}, dash, tips))
    return Picture(
        x,
        y,
        layers,
        padded(profiles["x"].values),
        _inner(profiles["y"].values) if profiles.attrs["kind"] == "dv_dq" else padded(profiles["y"].values),
        legend=profile_entries(profiles),
        title=profile_title(profiles),
        height=410,
    )


def voltages(curves: xr.Dataset, selected: xr.Dataset, kind: str) -> Picture:
    """Mean voltages on charge and discharge of every cycle, or the gap between them.

    Parameters
    ----------
    curves
        As given by :func:`~.cycling_view.curves`.
    selected
        As given by :func:`~.cycling_view.selected`.
    kind
        ``"voltage"`` or ``"voltage_gap"``.
    """
    gap = kind == "voltage_gap"
    names = ["voltage_gap"] if gap else [f"{direction}_voltage" for direction in DIRECTIONS]
    y = Axis("voltage gap", "mV") if gap else Axis("mean voltage", "V")
    scale = 1e3 if gap else 1.0
    solid = _lines(curves, names[0], scale, y, tips=True)
    dashed = Lines([], [], {key: values[:0] for key, values in solid.rows.items()}, "dashed", solid.tips)
    if not gap:
        dashed = _lines(curves, names[1], scale, y, "dashed", tips=True)
    return Picture(
        _across(curves),
        y,
        [_band(selected), _sd_ribbons(curves, names, scale), solid, dashed],
        padded(curves["x"].values),
        _robust([curves[name].values * scale for name in names]),
        legend=[*curve_entries(curves), *([] if gap else dash_entries())],
        title="mean voltage on charge minus that on discharge" if gap else "energy over charge of each half-cycle",
        height=410,
    )


def capacity(curves: xr.Dataset, ends: xr.Dataset, selected: xr.Dataset, level: float) -> Picture:
    """Discharge capacity of every cycle, with the reference of the retention, the level that ends it, and the knee.

    Parameters
    ----------
    curves
        As given by :func:`~.cycling_view.curves`, with ``capacity`` and ``interrupted``.
    ends
        As given by :func:`~.cycling_view.ends`; empty where the mean of replicates is drawn.
    selected
        As given by :func:`~.cycling_view.selected`.
    level
        Retention that counts as the end of life.
    """
    relative = curves["capacity"].attrs["units"] == "1"
    units = "%" if relative else _units(curves["capacity"])
    scale = _PERCENT if relative else 1.0
    y = Axis("retention" if relative else "discharge capacity", units)
    line = _lines(curves, "capacity", scale, y)
    interval = np.stack([ends["knee_low_at"].values, ends["knee_high_at"].values], axis=1)
    height = np.repeat(ends["knee_value"].values[:, None] * scale, 2, axis=1)
    return Picture(
        _across(curves),
        y,
        [
            _band(selected),
            _sd_ribbons(curves, ["capacity"], scale),
            line,
            *_cycle_marks(curves, "capacity", scale, y),
            _levels(ends, level, scale, relative=relative),
            Lines(list(interval), list(height), {"color": texts(ends["color"].values)}, is_data=False),
            *_end_marks(ends, scale, y, level),
        ],
        padded(curves["x"].values),
        _robust([curves["capacity"].values * scale], floor=0.0),
        legend=[*curve_entries(curves), *end_entries(ends, curves, level)],
        height=230,
    )


def efficiency(curves: xr.Dataset, selected: xr.Dataset) -> Picture:
    """Coulombic efficiency of every cycle, and its mean over a window as a dashed line that spans it.

    Parameters
    ----------
    curves
        As given by :func:`~.cycling_view.curves`, with ``coulombic_efficiency`` and its standard error.
    selected
        As given by :func:`~.cycling_view.selected`.
    """
    y = Axis("Coulombic efficiency", "%")
    values = curves["coulombic_efficiency"].values * _PERCENT
    limits = _efficiency_range(curves)
    outside = int(((values < limits[0]) | (values > limits[1])).sum())
    spread = _sd_ribbons(curves, ["coulombic_efficiency"], _PERCENT)
    if curves.sizes["curve"] <= _OWN_ERRORS and not spread.x:
        spread = _stderr_ribbons(curves)
    beyond = f"; {outside} value{'s' * (outside != 1)} beyond this range" if outside else ""
    return Picture(
        _across(curves),
        Axis("CE", "%"),
        [
            _band(selected),
            spread,
            _lines(curves, "coulombic_efficiency", _PERCENT, y),
            *_cycle_marks(curves, "coulombic_efficiency", _PERCENT, y),
            _lines(curves, "window_mean", _PERCENT, y, "dashed"),
        ],
        padded(curves["x"].values),
        limits,
        title=f"dashed: mean of {str(curves.attrs['window']).partition(',')[0]}{beyond}",
        height=150,
    )


def _lines(curves: xr.Dataset, name: str, scale: float, y: Axis, dash: str = "solid", *, tips: bool = False) -> Lines:
    said = [("", "@curve"), ("", f"@quantity $y{{0.0000}} {y.units}")] if tips else []
    rows = {**curve_rows(curves), "quantity": np.full(curves.sizes["curve"], name.replace("_", " "), object)}
    return Lines(list(curves["x"].values), list(curves[name].values * scale), rows, dash, said, is_data=tips)


def _sd_ribbons(curves: xr.Dataset, names: Sequence[str], scale: float) -> Ribbons:
    """One standard deviation of the replicates to either side of the mean."""
    several = np.flatnonzero(curves["count"].values > 1)
    of = [(name, place) for name in names for place in several]
    mid = [curves[name].values[place] * scale for name, place in of]
    sd = [curves[f"{name}_sd"].values[place] * scale for name, place in of]
    rows = {key: values[[place for _, place in of]] for key, values in curve_rows(curves).items()} if of else _no_rows()
    low = [middle - half for middle, half in zip(mid, sd, strict=True)]
    high = [middle + half for middle, half in zip(mid, sd, strict=True)]
    return Ribbons([curves["x"].values[place] for _, place in of], low, high, rows, is_data=False)


def _stderr_ribbons(curves: xr.Dataset) -> Ribbons:
    """One standard error to either side of the efficiency of single cells."""
    middle, error = (curves[f"coulombic_efficiency{end}"].values * _PERCENT for end in ("", "_stderr"))
    x, low, high = curves["x"].values, middle - error, middle + error
    return Ribbons(list(x), list(low), list(high), curve_rows(curves), is_data=False)


def _cycle_marks(curves: xr.Dataset, name: str, scale: float, y: Axis) -> list[Marks]:
    """A marker per cycle, hollow where a half-cycle was cut short; none where there are too many to tell apart."""
    values, x = curves[name].values * scale, curves["x"].values
    there = np.isfinite(values) & np.isfinite(x)
    cut = curves["interrupted"].values > 0
    many = there.sum() > _MARKERS_IN_ALL
    error = curves[f"{name}_sd"].values if f"{name}_stderr" not in curves else curves[f"{name}_stderr"].values
    error = np.where(curves["count"].values[:, None] > 1, curves[f"{name}_sd"].values, error) * scale
    digits = "0.000"
    tips = [("", "@curve"), ("cycle", "@cycle"), (y.label, f"@y{{{digits}}} ± @error{{{digits}}} {y.units}")]
    size = 5 if x.shape[1] <= 100 else 3
    found = []
    for word, chosen in (("whole", there & ~cut & ~many), ("interrupted", there & cut)):
        curve, cycle = np.nonzero(chosen)
        rows: Rows = {key: values[curve] for key, values in curve_rows(curves).items()}
        rows |= {"cycle": curves["cycle"].values[cycle], "error": error[chosen]}
        rows["half_cycles"] = np.full(len(cycle), word, object)
        found.append(Marks(x[chosen], values[chosen], rows, None, word == "whole", size, tips, {"error": y.units}))
    return found


def _end_marks(ends: xr.Dataset, scale: float, y: Axis, level: float) -> list[Marks]:
    """The reference cycle, the knee, and where the capacity fell below the level or was last seen above it."""
    outcome = ends["observed"].values
    percent = f"{level * _PERCENT:g} %"
    said = {
        "reference": (REFERENCE, "reference of the retention", np.ones(len(outcome), bool)),
        "knee": (KNEE, "knee", np.ones(len(outcome), bool)),
        "end": (theme.FAILED, f"{percent} of the reference", outcome == FAILED),
        "last": (theme.ALIVE, f"last seen above {percent}", outcome == CENSORED),
    }
    found = []
    for name, (shape, word, wanted) in said.items():
        place, height = (ends[f"{'end' if name == 'last' else name}_{axis}"].values for axis in ("at", "value"))
        chosen = wanted & np.isfinite(place) & np.isfinite(height)
        number = ends[f"{'end' if name == 'last' else name}_cycle"].values[chosen]
        rows: Rows = {"curve": texts(ends["cell"].values[chosen]), "cycle": number}
        if shape == KNEE:
            rows["color"] = texts(ends["color"].values[chosen])
        tips = [("", "@curve"), (word, f"cycle @cycle{{0.0}}, @y{{0.000}} {y.units}")]
        filled = shape in {KNEE, theme.FAILED}
        found.append(Marks(place[chosen], height[chosen] * scale, rows, shape, filled, 9, tips, is_data=False))
    return found


def _levels(ends: xr.Dataset, level: float, scale: float, *, relative: bool) -> Levels:
    """The capacity that ends a life: one line where capacities are relative, else one for each of a few cells."""
    if relative:
        return Levels(np.array([level * scale]), {"color": texts([theme.FAINT])})
    few = ends.sizes["cell"] <= _LEVELS
    heights = ends["reference_value"].values * level * scale
    known = np.isfinite(heights) & few
    return Levels(heights[known], {"color": texts(ends["color"].values[known])})


def _band(selected: xr.Dataset) -> Bands:
    """The selected cycle."""
    return merged_bands(selected["start"].values, selected["stop"].values)


def _no_rows() -> Rows:
    return {name: np.zeros(0, object) for name in CURVE}


def _units(values: xr.DataArray) -> str:
    units = str(values.attrs["units"])
    return "" if units == "1" else pretty(units)


def _across(curves: xr.Dataset) -> Axis:
    return Axis("time", "h") if curves.attrs["against"] == "time" else Axis("cycle")


def _inner(values: FloatArray) -> tuple[float, float]:
    """Range of a derivative that has no limit at both ends of a half-cycle."""
    known = np.abs(values[np.isfinite(values)])
    high = _ABOVE_MEDIAN * float(np.median(known)) if known.size else 1.0
    return (-high if (values < 0).any() else 0.0), high


def _efficiency_range(curves: xr.Dataset) -> tuple[float, float]:
    """Range of the efficiencies in the window with their uncertainty, no narrower than what can be told apart."""
    values, error = (curves[f"coulombic_efficiency{end}"].values * _PERCENT for end in ("", "_stderr"))
    inside = np.where(np.isfinite(curves["window_mean"].values), values, np.nan)
    if not np.isfinite(inside).any():
        inside = values
    low, high = _robust([inside - error, inside + error], share=0.02)
    widen = max(_NARROWEST_CE - (high - low), 0.0) / 2
    return low - widen, high + widen


def _robust(values: Sequence[FloatArray], *, share: float = 0.005, floor: float | None = None) -> tuple[float, float]:
    """Range of nearly all values: a few far away, as in the first cycles, do not flatten the others."""
    known = np.concatenate([one[np.isfinite(one)] for one in values])
    if not known.size:
        return 0.0, 1.0
    low, high = np.quantile(known, [share, 1 - share])
    middle, spread = np.median(known), np.median(np.abs(known - np.median(known)))
    inner = known[(known >= low - 4 * spread) & (known <= high + 4 * spread)]
    low, high = float(inner.min(initial=middle)), float(inner.max(initial=middle))
    space = 0.08 * (high - low) or 0.01 * abs(middle) or 0.5
    bottom = low - space
    if floor is not None and bottom < 0.35 * high:
        bottom = floor
    return bottom, high + space
