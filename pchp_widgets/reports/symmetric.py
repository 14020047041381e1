"""Tables of the report of symmetric cells; the numbers come from :mod:`pchp_widgets.analysis.symmetric`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.symmetric import DEFINITIONS
from .stages import Stages, stages
from .tables import Column, Table, decimals

FloatArray = npt.NDArray[np.float64]

SHAPE = ("initial_peak", "peaking", "arc", "flatness", "noise", "asymmetry", "offset")
"""Numbers that describe the shape of a half-cycle, in the order of the table."""

_STAGES = ("first", "middle", "last")
_MEDIANS = (
    "Current and capacity are medians over the half-cycles. Interrupted half-cycles ended before 98 % of the usual "
    "charge; they are left out of every mean."
)


def cells_table(cells: Sequence[xr.DataTree], found: xr.Dataset) -> Table:
    """What was tested: one row per cell; medians over its half-cycles."""
    of = [found.sel(cell=str(tree.name)) for tree in cells]
    area = np.array([float(one["area"]) if "area" in one.coords else np.nan for one in of])
    per_area = bool(np.isfinite(area).all())
    scale, suffix = (area, " cm-2") if per_area else (np.ones(len(of)), "")
    flow = np.array([float(abs(one["current_mean"]).median()) for one in of])
    charge = np.array([float(abs(one["charge"]).median()) for one in of])
    end = [float((one["time_start"] + one["duration"]).max()) / 3600 for one in of]
    halves = [int(one["charge"].notnull().sum()) for one in of]
    columns = [
        Column("cell", [str(tree.name) for tree in cells]),
        Column("coating", [str(one["coating"].values) if "coating" in one.coords else "" for one in of]),
        Column("area", area.tolist(), "cm2"),
        Column("current_density" if per_area else "current", (flow / scale).tolist(), f"mA{suffix}"),
        Column("half_cycle_capacity", (charge / scale).tolist(), f"mA h{suffix}"),
        Column("test_time", end, "h", digits=1),
        Column("cycles", [int(one["charge"].notnull().any("direction").sum()) for one in of]),
        Column("half_cycles", halves),
        Column("interrupted", [int((one["interrupted"].astype(bool) & one["charge"].notnull()).sum()) for one in of]),
        Column("points", [tree["points"].sizes["point"] for tree in cells]),
    ]
    notes = [_MEDIANS]
    if not per_area:
        notes.append("The area of a cell is unknown: charge stands in mA h and current in mA.")
    return Table("cells", "The cells.", columns, notes=notes)


def polarization_table(found: xr.Dataset, life: xr.Dataset) -> Table:
    """Polarization by every definition: early, in the middle and late in life, and the mean over it."""
    rows = stages(found, life, tuple(DEFINITIONS))
    caption = "Polarization by every definition in use: mean over the two half-cycles of a cycle."
    highest = max((_largest(row) for row in rows), default=0.0)
    return _stages_table("polarization", caption, rows, found, [decimals(highest * 1e3)] * len(rows))


def shape_table(found: xr.Dataset, life: xr.Dataset) -> Table:
    """Numbers that describe the shape of the half-cycles, early, in the middle and late in life."""
    rows = stages(found, life, SHAPE)
    highest = {name: max((_largest(row) for row in rows if row.quantity == name), default=0.0) for name in SHAPE}
    scale = {name: _shown_units(str(found[name].attrs["units"]))[0] for name in SHAPE}
    digits = [decimals(highest[row.quantity] * scale[row.quantity], figures=3) for row in rows]
    return _stages_table("shape", "The shape of the half-cycles: mean over the two of a cycle.", rows, found, digits)


def _largest(row: Stages) -> float:
    sizes = np.abs([*row.values, row.mean])
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def _stages_table(name: str, caption: str, rows: Sequence[Stages], found: xr.Dataset, digits: list[int]) -> Table:
    units = [_shown_units(str(found[row.quantity].attrs["units"])) for row in rows]
    scaled = [_scaled(row, factor) for row, (factor, _) in zip(rows, units, strict=True)]
    shared = units[0][1] if len({text for _, text in units}) == 1 else ""
    quantities = [row.quantity.replace("_", " ") for row in rows]
    meaning = [str(found[row.quantity].attrs["definition"]) for row in rows]
    labels = [Column("cell", [row.cell for row in rows]), Column("quantity", quantities)]
    if not shared:
        labels.append(Column("units", [text for _, text in units]))
    at = [Column(f"{stage}_cycle", [_nth(row.cycles, place) for row in rows]) for place, stage in enumerate(_STAGES)]
    values = [
        Column(
            stage,
            [_nth(row.values, place) for row in scaled],
            shared,
            [_nth(row.stderr, place) for row in scaled],
            digits,
        )
        for place, stage in enumerate(_STAGES)
    ]
    over = [Column(of, [getattr(row, of) for row in scaled], shared, digits=digits) for of in ("mean", "sd")]
    counts = [
        Column(of, [getattr(row, of) for row in rows]) for of in ("used", "interrupted", "unpaired", "after_short")
    ]
    where = [column for pair in zip(at, values, strict=True) for column in pair]
    return Table(
        name,
        caption,
        [*labels, *where, *over, *counts, Column("definition", meaning)],
        definitions=list(dict(zip(quantities, meaning, strict=True)).items()),
        notes=_stages_notes(rows),
        view=[*labels, *values, *over],
    )


def _stages_notes(rows: Sequence[Stages]) -> list[str]:
    same: dict[str, list[str]] = {}
    for row in {row.cell: row for row in rows}.values():
        left = {
            "interrupted": row.interrupted,
            "without a whole partner": row.unpaired,
            "after a hard short": row.after_short,
        }
        out = " and ".join(f"{count} {why}" for why, count in left.items() if count) or "none"
        cycles = ", ".join(map(str, row.cycles)) or "none"
        same.setdefault(f"Cycles {cycles}; {row.used} half-cycles in the mean, {out} left out.", []).append(row.cell)
    counted = [
        text if len(same) == 1 else f"{', '.join(cells)}: {text[0].lower()}{text[1:]}" for text, cells in same.items()
    ]
    meaning = (
        "First, middle and last of the whole cycles before any hard short; ± is what the noise of the trace leaves "
        "uncertain; mean and standard deviation over all of them."
    )
    return [meaning, " ".join(counted)]


def _shown_units(units: str) -> tuple[float, str]:
    return (1e3, "mV") if units == "V" else (1.0, "" if units == "1" else units)


def _scaled(row: Stages, factor: float) -> Stages:
    changed = {name: getattr(row, name) * factor for name in ("values", "stderr", "mean", "sd")}
    return row._replace(**changed)


def _nth(values: Sequence[float] | FloatArray, place: int) -> float:
    return values[place] if place < len(values) else math.nan
