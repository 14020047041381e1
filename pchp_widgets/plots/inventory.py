"""Figures of the lithium ledger: capacity, excess lithium and the bound of its efficiency, against the cycle.

Each is a pure function from datasets of :mod:`.inventory_view` to a :class:`~.picture.Picture`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import theme
from .legends import coating_entries
from .picture import Axis, Bands, Entry, Layer, Levels, Lines, Marks, Picture, Ribbons, Verticals

FloatArray = npt.NDArray[np.float64]
Rows = dict[str, list[Any]]

_PERCENT = 100.0
_CAPACITY = "mA h cm⁻²"
_SHOWN_BELOW = 0.02
"""How far below 1 the axis of efficiencies reaches beyond the last bound."""


def capacity(model: xr.Dataset, measured: xr.Dataset | None, cycle: int) -> Picture:
    """Discharge capacity of every cycle: what the ledger says as a dashed line with its band, and cells as measured.

    Parameters
    ----------
    model
        As given by :func:`~.inventory_view.model`.
    measured
        As given by :func:`~.inventory_view.measured`, or None.
    cycle
        The selected one.
    """
    y = Axis("discharge capacity", _CAPACITY)
    values = [model["capacity"].values, *([measured["capacity"].values] if measured is not None else [])]
    top = 1.1 * max(float(np.nanmax(one, initial=0.0)) for one in values)
    level = model.attrs["level"]
    return Picture(
        Axis("cycle"),
        y,
        [
            _selected(cycle, measured),
            _end_band(model, top),
            _model_band(model, "capacity"),
            _model_line(model, "capacity", y),
            _cells(measured, "capacity", y),
            Levels(np.array([level * model.attrs["nominal"]]), {"color": [theme.FAINT]}),
            _end(model),
            _ran_out(measured, "capacity"),
        ],
        _cycles(model, measured),
        (0.0, top),
        legend=[
            Entry("ledger", theme.INK, "dashed"),
            *([Entry("end of life, ledger", theme.FAINT, shape="square")] if _ends(model) else []),
            *_entries(measured),
        ],
        title=f"ledger: CE of lithium {_PERCENT * model.attrs['efficiency']:.2f} %, end at {_PERCENT * level:g} %",
        height=230,
    )


def excess(model: xr.Dataset, measured: xr.Dataset | None, cycle: int) -> Picture:
    """Lithium on the anode beyond what the cathode holds: of the model, and of cells from the charge they passed.

    Parameters
    ----------
    model, measured, cycle
        As for :func:`capacity`.
    """
    y = Axis("excess lithium", _CAPACITY)
    highest = float(model["excess"].values.max(initial=0.0))
    lowest = 0.0
    if measured is not None:
        known = measured["excess"].values
        highest = max(highest, float(np.nanmax(known, initial=0.0)))
        lowest = min(lowest, float(np.nanmin(known, initial=0.0)))
    return Picture(
        Axis("cycle"),
        y,
        [
            _selected(cycle, measured),
            _model_band(model, "excess"),
            _cell_bands(measured, "excess", 1.0),
            _model_line(model, "excess", y),
            _cells(measured, "excess", y),
            Levels(np.zeros(1), {"color": [theme.FAINT]}, "solid"),
            _end(model),
        ],
        _cycles(model, measured),
        (max(1.08 * lowest, -0.5 * highest) - 0.03 * highest, 1.08 * highest or 1.0),
        legend=[Entry("ledger", theme.INK, "dashed"), *([Entry("cells", theme.FAINT)] if measured is not None else [])],
    )


def bound(model: xr.Dataset, measured: xr.Dataset, cycle: int) -> Picture:
    """Lower bound of the efficiency of lithium that follows from each cycle a cell has lived, and the assumed one.

    Parameters
    ----------
    model, measured, cycle
        As for :func:`capacity`.
    """
    y = Axis("CE of lithium, at least", "%")
    assumed = _PERCENT * model.attrs["efficiency"]
    last = _PERCENT * _last(measured["lowest_efficiency"].values)
    known = [*last[np.isfinite(last)].tolist(), assumed]
    low = max(min(known) - _PERCENT * _SHOWN_BELOW, 0.0)
    strict = _cells(measured, "lowest_efficiency_strict", y, _PERCENT)
    return Picture(
        Axis("cycle"),
        Axis("CE of lithium", "%"),
        [
            _selected(cycle, measured),
            _cell_bands(measured, "lowest_efficiency", _PERCENT),
            _cells(measured, "lowest_efficiency", y, _PERCENT),
            Lines(strict.x, strict.y, strict.rows, "dashed", strict.tips),
            Levels(np.array([assumed]), {"color": [theme.INK], "label": [f"assumed {assumed:.2f} %"]}),
        ],
        (0.0, float(measured["cycle"].values.max(initial=1)) * 1.02),
        (low, _PERCENT + 0.04 * (_PERCENT - low)),
        legend=[Entry("lower bound", theme.FAINT), Entry("strict lower bound", theme.FAINT, "dashed")],
    )


def _model_line(model: xr.Dataset, name: str, y: Axis) -> Lines:
    x, (_, values, _) = model["cycle"].values.astype(float), model[name].values
    tips = [("", "ledger"), ("cycle", "$x{0}"), (y.label, f"$y{{0.00}} {y.units}")]
    rows: Rows = {"curve": ["ledger"], "coating": [""], "color": [theme.INK]}
    return Lines([x], [values], rows, "dashed", tips)


def _model_band(model: xr.Dataset, name: str) -> Ribbons:
    low, _, high = model[name].values
    rows: Rows = {"curve": ["ledger"], "coating": [""], "color": [theme.FAINT]}
    return Ribbons([model["cycle"].values.astype(float)], [low], [high], rows)


def _cells(measured: xr.Dataset | None, name: str, y: Axis, scale: float = 1.0) -> Lines:
    tips = [("", "@curve"), ("cycle", "$x{0}"), (y.label, f"$y{{0.00}} {y.units}")]
    if measured is None:
        return Lines([], [], _rows(None), tips=tips)
    x = measured["cycle"].values.astype(float)
    values = list(measured[name].values * scale)
    return Lines([x] * len(values), values, _rows(measured), tips=tips)


def _cell_bands(measured: xr.Dataset | None, name: str, scale: float) -> Ribbons:
    if measured is None:
        return Ribbons([], [], [], _rows(None))
    x = measured["cycle"].values.astype(float)
    low, high = (list(measured[f"{name}_{side}"].values * scale) for side in ("low", "high"))
    return Ribbons([x] * len(low), low, high, _rows(measured))


def _rows(measured: xr.Dataset | None) -> Rows:
    if measured is None:
        return {"curve": [], "coating": [], "color": []}
    texts = {"curve": "cell", "coating": "coating", "color": "color"}
    return {name: [str(value) for value in measured[of].values] for name, of in texts.items()}


def _ran_out(measured: xr.Dataset | None, name: str) -> Marks:
    """A cross where a cell ran out of lithium."""
    rows = _rows(measured)
    if measured is None:
        return Marks(np.zeros(0), np.zeros(0), rows, theme.FAILED, size=11, is_data=False)
    out = measured["exhausted"].values == 1
    place = np.searchsorted(measured["cycle"].values, measured["exhausted_cycle"].values[out])
    heights = measured[name].values[np.flatnonzero(out), place]
    kept = {key: [value for value, is_out in zip(values, out, strict=True) if is_out] for key, values in rows.items()}
    tips = [("", "@curve"), ("ran out of lithium", "cycle $x{0}")]
    x = measured["exhausted_cycle"].values[out].astype(float)
    return Marks(x, heights, kept, theme.FAILED, size=11, tips=tips, is_data=False)


def _ends(model: xr.Dataset) -> bool:
    low, _, _ = model["end"].values
    return bool(np.isfinite(low)) and low <= float(model["cycle"].values[-1])


def _end_band(model: xr.Dataset, top: float) -> Ribbons:
    """Cycles between the earliest and the latest predicted end."""
    low, _, high = model["end"].values
    rows: Rows = {"curve": ["end of life"], "coating": [""], "color": [theme.FAINT]}
    if not _ends(model):
        return Ribbons([], [], [], {name: [] for name in rows}, is_data=False)
    x = np.array([low, min(high, 1.02 * float(model["cycle"].values[-1]))])
    return Ribbons([x], [np.zeros(2)], [np.full(2, top)], rows, is_data=False)


def _end(model: xr.Dataset) -> Verticals:
    _, end, _ = model["end"].values
    return Verticals(np.array([end if np.isfinite(end) else np.nan]), {"color": [theme.INK]})


def _selected(cycle: int, measured: xr.Dataset | None) -> Layer:
    there = measured is not None and cycle in measured["cycle"].values
    edge = np.array([cycle - 0.5] if there else [])
    return Bands(edge, edge + 1.0)


def _cycles(model: xr.Dataset, measured: xr.Dataset | None) -> tuple[float, float]:
    last = float(model["cycle"].values[-1])
    if measured is not None:
        last = max(last, float(measured["cycle"].values.max(initial=0)))
    return 0.0, 1.02 * last


def _entries(measured: xr.Dataset | None) -> list[Entry]:
    if measured is None:
        return []
    names, coatings, colors = ([str(v) for v in measured[key].values] for key in ("cell", "coating", "color"))
    entries = [Entry(theme.elided(name), color) for name, color in zip(names, colors, strict=True)]
    if len(names) > theme.LEGEND_ENTRIES:
        entries = coating_entries(coatings, colors)
    if bool((measured["exhausted"].values == 1).any()):
        entries.append(Entry("ran out of lithium", theme.INK, shape=theme.FAILED))
    return entries


def _last(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    place = values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    return np.where(known.any(1), values[np.arange(len(values)), place], np.nan)
