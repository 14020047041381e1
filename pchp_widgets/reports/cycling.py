"""Tables of the report of full and half cells; the numbers come from :mod:`pchp_widgets.analysis`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.fade import fade
from ..analysis.knee import KNEE, UNDECIDED
from ..analysis.rate import is_rate_test
from ..model.cycles import merged_steps
from ..model.stated import stated_numbers, stated_texts
from .errors import NotInStudyError
from .source import Source
from .tables import Column, Table, readable

FloatArray = npt.NDArray[np.float64]

_ROUND = (1, 2, 5)
_COLUMNS = 6
_PERCENT = 100.0
_WILD = 0.05

WITH_EXCESS_LITHIUM = (
    "With lithium in excess a mean CE says what share of the charge the cathode gave back; it does not say how "
    "efficiently lithium was plated and stripped: the excess pays for what is lost, unseen, until it is used up. So "
    "the product of the efficiencies over the window may lie far below or above the retention, and two cells whose "
    "means differ by less than the standard error are not told apart."
)
"""What an average of CE can and cannot say."""


def steps(cells: Sequence[xr.DataTree]) -> xr.Dataset:
    """Steps (cell, cycle, step) of all cells, under the names of their trees."""
    return merged_steps(tree["steps"].to_dataset().load().assign_coords(cell=[str(tree.name)]) for tree in cells)


def ageing(opened: Source, chosen: Sequence[str]) -> Source:
    """The cells that were aged at one rate; those of a rate test are left out and named, unless they were asked for.

    Parameters
    ----------
    opened
        The cells.
    chosen
        Names of the cells that were asked for; all of them are kept when there are any.

    Raises
    ------
    NotInStudyError
        When none is left.
    """
    if chosen or len(opened.cells) == 1:
        return opened
    tested = dict(zip((str(tree.name) for tree in opened.cells), is_rate_test(steps(opened.cells)).values, strict=True))
    kept = [tree for tree in opened.cells if not tested[str(tree.name)]]
    left_out = [name for name, is_test in tested.items() if is_test]
    if not kept:
        raise NotInStudyError(f"cells: all are rate tests ({', '.join(left_out)}); see the report rate_capability")
    said = f"Rate tests have a report of their own (rate_capability) and are left out: {', '.join(left_out)}."
    return replace(opened, cells=kept, missing=opened.missing + ((said,) if left_out else ()))


def cells_table(cells: Sequence[xr.DataTree], found: xr.Dataset) -> Table:
    """What was tested: one row per cell; medians over its cycles."""
    coords = {name: stated_numbers(found, name) for name in ("area", "loading", "nominal_capacity")}
    texts = {name: stated_texts(found, name) for name in ("kind", "coating", "cathode")}
    per_area = bool(np.isfinite(coords["area"]).all())
    flow = "current_density" if per_area else "current"
    units = "mA cm-2" if per_area else "mA"
    low, high = _window(cells)
    there = found["time_start"].notnull().transpose("cell", "cycle").values
    columns = [
        Column("cell", [str(name) for name in found["cell"].values]),
        *(Column(name, values) for name, values in texts.items()),
        Column("area", coords["area"].tolist(), "cm2"),
        Column("loading", coords["loading"].tolist(), "mg cm-2"),
        Column("nominal_capacity", coords["nominal_capacity"].tolist(), "mA h cm-2"),
        Column(f"charge_{flow}", _median(found[f"charge_{flow}"]), units),
        Column(f"discharge_{flow}", _median(found[f"discharge_{flow}"]), units),
        Column("lowest_voltage", low, "V"),
        Column("highest_voltage", high, "V"),
        Column("constant_voltage_share", [value * _PERCENT for value in _median(found["cv_share"])], "%", digits=1),
        Column("cycles", there.sum(1).tolist()),
        Column("interrupted", (found["interrupted"].values.astype(bool) & there).sum(1).tolist()),
        Column("begins_with", [str(word) for word in found["opens"].values]),
        Column("points", [tree["points"].sizes["point"] for tree in cells]),
    ]
    told = {column.name: column for column in columns}
    window = [
        f"{least:.2f}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}{most:.2f}" for least, most in zip(low, high, strict=True)
    ]
    view = [
        told["cell"],
        *(told[name] for name in ("kind", "coating", "cathode") if len({*told[name].values}) > 1),
        *(told[name] for name in ("area", "loading", "nominal_capacity")),
        told[f"discharge_{flow}"],
        Column("voltage", window, "V"),
        *(told[name] for name in ("cycles", "interrupted")),
    ]
    return Table("cells", "The cells.", columns, notes=_cells_notes(coords), view=view)


def retention_cycles(kept: xr.Dataset, asked: Sequence[int] = ()) -> list[int]:
    """Cycles at which the retention is stated: those asked for, else round numbers over the longest life."""
    if asked:
        return sorted(set(asked))
    numbers = kept["cycle"].values[kept["retention"].notnull().any("cell").values]
    if not len(numbers):
        return []
    power = 10.0 ** np.floor(np.log10(max(numbers.max() / _COLUMNS, 1)))
    width = next(step * power for step in (*_ROUND, 10) if step * power * _COLUMNS >= numbers.max())
    return [int(cycle) for cycle in np.arange(width, numbers.max() + 1, width)]


def retention_table(found: xr.Dataset, kept: xr.Dataset, cycles: Sequence[int]) -> Table:
    """Retention of every cell at stated cycles and at its last one, and the fade per cycle."""
    names = [str(name) for name in kept["cell"].values]
    lost = fade(kept)
    last = [int(cycle) if np.isfinite(cycle) else -1 for cycle in lost["last_cycle"].values]
    places = [(name, cycle) for name, end in zip(names, last, strict=True) for cycle in dict.fromkeys([*cycles, end])]
    known = set(kept["cycle"].values.tolist())
    at = [
        (name, cycle, kept.sel(cell=name, cycle=cycle), found.sel(cell=name, cycle=cycle))
        for name, cycle in places
        if cycle in known
    ]
    reference = kept["reference_cycle"].values.tolist()
    by_cell = {
        cycle: [float(kept["retention"].sel(cell=name, cycle=cycle)) * _PERCENT for name in names]
        for cycle in cycles
        if cycle in known
    }
    notes = [
        f"Reference: {kept.attrs['reference']}. Cycles at another current (5 %), and interrupted ones, do not count.",
        "The fade is the mean loss per cycle from the reference to the last cycle that counts.",
    ]
    absent = [cycle for cycle in cycles if cycle not in known]
    if absent:
        notes.append(f"No cell has a cycle {', '.join(map(str, absent))}.")
    return Table(
        "retention",
        "Retention of the discharge capacity.",
        [
            Column("cell", [name for name, *_ in at]),
            Column("cycle", [cycle for _, cycle, *_ in at]),
            Column("retention", [float(one["retention"]) for _, _, one, _ in at]),
            Column("retention_stderr", [float(one["retention_stderr"]) for _, _, one, _ in at]),
            Column("reference_cycle", [int(one["reference_cycle"]) for _, _, one, _ in at]),
            Column("discharge_capacity", [float(one["discharge_capacity"]) for *_, one in at], "mA h"),
            Column("discharge_areal_capacity", [float(one["discharge_areal_capacity"]) for *_, one in at], "mA h cm-2"),
            Column(
                "discharge_specific_capacity", [float(one["discharge_specific_capacity"]) for *_, one in at], "mA h g-1"
            ),
        ],
        notes=notes,
        view=[
            Column("cell", names),
            Column("reference", [cycle if cycle >= 0 else None for cycle in reference]),
            *(Column(f"cycle_{cycle}", values, "%", digits=1) for cycle, values in by_cell.items()),
            Column("last_cycle", [cycle if cycle >= 0 else None for cycle in last]),
            Column("there", (lost["retention"].values * _PERCENT).tolist(), "%", digits=1),
            Column("fade", (lost["fade"].values * _PERCENT).tolist(), "%", digits=4),
        ],
    )


def efficiency_table(found: xr.Dataset, kept: xr.Dataset, means: xr.Dataset, first: int) -> Table:
    """Mean Coulombic efficiency of every cell, by either mean, with its spread and what it adds up to."""
    percent = {name: (means[name].values * _PERCENT).tolist() for name in ("arithmetic", "geometric", "sd", "stderr")}
    product = np.exp(means["n"].values * np.log(np.where(means["n"].values > 0, means["geometric"].values, np.nan)))
    window = (kept["cycle"] >= first) & kept["retention"].notnull()
    ends = [_first_and_last(row) for row in kept["retention"].where(window).transpose("cell", "cycle").values]
    left = [end / start for start, end in ends]
    single = found["coulombic_efficiency_stderr"].median("cycle").values * _PERCENT
    definitions = [
        ("CE", str(found["coulombic_efficiency"].attrs["definition"])),
        ("geometric", "its n-th power is the product of the n efficiencies: the mean for cumulative statements"),
        ("single", "standard error of one efficiency, from the accuracy of the charge counter: median over the cycles"),
        ("product", "all efficiencies of the window multiplied: what would be left without lithium in excess"),
        ("retention", "capacity of the last over that of the first cycle of the window that counts"),
    ]
    names = Column("cell", [str(name) for name in found["cell"].values])
    counted = Column("n", means["n"].values.tolist())
    mean = Column("arithmetic", percent["arithmetic"], "%", percent["stderr"], digits=3)
    others = [
        Column("geometric", percent["geometric"], "%", digits=3),
        Column("sd", percent["sd"], "%", digits=3),
        Column("single", single.tolist(), "%", digits=3),
        Column("product", (product * _PERCENT).tolist(), "%", digits=1),
        Column("retention", [value * _PERCENT for value in left], "%", digits=1),
    ]
    return Table(
        "efficiency",
        f"Mean Coulombic efficiency of {means.attrs['window']}.",
        [names, Column("first_cycle", [first] * len(names.values)), counted, mean, *others],
        definitions=definitions,
        notes=[WITH_EXCESS_LITHIUM, *_wild(means)],
        view=[names, counted, mean, *others],
    )


def knee_table(bends: xr.Dataset) -> Table:
    """Knee of every cell, its interval, and why there is none where there is none."""
    shown = ("knee", "knee_low", "knee_high", "width", "slope_before", "slope_after", "bic_gain", "onset", "point")
    others = ("kneedle", "kneedle_height", "window_first", "window_last")
    outcome = bends["observed"].values
    words = ["knee" if one == KNEE else "too few cycles" if one == UNDECIDED else "none" for one in outcome]
    names = Column("cell", [str(name) for name in bends["cell"].values])
    numbers = {name: bends[name].values.astype(float).tolist() for name in (*shown, *others)}
    interval = [
        f"{readable(low, 0)} to {readable(high, 0)}" if np.isfinite([low, high]).all() else ""
        for low, high in zip(numbers["knee_low"], numbers["knee_high"], strict=True)
    ]
    said = [readable(at, 0) if np.isfinite(at) else word for at, word in zip(numbers["knee"], words, strict=True)]
    slopes = {name: [value * _PERCENT for value in numbers[name]] for name in ("slope_before", "slope_after")}
    return Table(
        "knee",
        "Where the capacity begins to fall faster.",
        [names, Column("outcome", words), *(Column(name, numbers[name]) for name in numbers)],
        definitions=[
            (name.replace("_", " "), str(bends[name].attrs["definition"]))
            for name in ("knee", "slope_before", "bic_gain", "kneedle")
        ],
        notes=["The window of the fit moves a knee by tens of cycles; it is stated with every one."],
        view=[
            names,
            Column("knee", said),
            Column("95 %", interval),
            *(Column(name, values, "%", digits=4) for name, values in slopes.items()),
            Column("bic_gain", numbers["bic_gain"], digits=0),
            Column("kneedle", numbers["kneedle"], digits=0),
            Column("from", [int(v) if np.isfinite(v) else None for v in numbers["window_first"]]),
            Column("to", [int(v) if np.isfinite(v) else None for v in numbers["window_last"]]),
        ],
    )


def _median(values: xr.DataArray) -> list[float]:
    return [float(np.median(row[np.isfinite(row)])) if np.isfinite(row).any() else np.nan for row in values.values]


def _window(cells: Sequence[xr.DataTree]) -> tuple[list[float], list[float]]:
    """Voltages between which the cells were cycled: medians of the extremes of the cycles."""
    ends: tuple[list[float], list[float]] = ([], [])
    for tree in cells:
        own = tree["steps"].to_dataset()
        active = own["charge"].notnull() & (own["charge"] != 0)
        ends[0].append(float(own["voltage_min"].where(active).min("step").median()))
        ends[1].append(float(own["voltage_max"].where(active).max("step").median()))
    return ends


def _cells_notes(coords: dict[str, FloatArray]) -> list[str]:
    notes = ["Currents, voltages and shares of charge are medians over the cycles."]
    if np.isnan(coords["area"]).any():
        notes.append("The area of a cell is unknown: no areal capacity and no current density of it.")
    if (np.isnan(coords["loading"]) | np.isnan(coords["area"])).any():
        notes.append("Without loading and area of a cell there is no specific capacity of it.")
    return notes


def _wild(means: xr.Dataset) -> list[str]:
    """Cells whose mean says little, because single cycles carry it."""
    names = [str(name) for name in means["cell"].values[means["sd"].values > _WILD]]
    said = (
        f"The efficiencies of {', '.join(names)} scatter by more than {_WILD * _PERCENT:g} % (sd): single cycles carry "
    )
    return [f"{said}the mean, and the figure tells which."] if names else []


def _first_and_last(row: FloatArray) -> tuple[float, float]:
    known = row[np.isfinite(row)]
    return (float(known[0]), float(known[-1])) if len(known) else (np.nan, np.nan)


__all__ = [
    "WITH_EXCESS_LITHIUM",
    "ageing",
    "cells_table",
    "efficiency_table",
    "knee_table",
    "retention_cycles",
    "retention_table",
    "steps",
]
