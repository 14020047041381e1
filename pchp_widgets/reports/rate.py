"""Tables and words of the report of rate tests; the numbers come from :mod:`pchp_widgets.analysis`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import xarray as xr

from ..analysis.rate import BASES, PROTOCOLS, charge_in_words, is_rate_test, over_replicates
from ..analysis.rate_resistance import shift_resistance
from ..analysis.replicates import spread
from ..model.units import pretty
from .cycling import steps
from .cycling_summary import replicates
from .display import Text
from .errors import NotInStudyError
from .source import Source
from .tables import Column, Table, decimals, readable

_PERCENT = 100.0
_LARGE = 1000.0  # from here on three figures would be written with a power of ten
_BEST_FIRST = tuple(BASES)


def tested(opened: Source, chosen: Sequence[str]) -> Source:
    """The cells that are rate tests; the others are left out and named, unless they were asked for.

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
    is_test = is_rate_test(steps(opened.cells)).values
    kept = [tree for tree, yes in zip(opened.cells, is_test, strict=True) if yes]
    if not kept:
        raise NotInStudyError("cells: none is a rate test, with three current densities in two or more cycles each")
    left_out = len(opened.cells) - len(kept)
    are = "cell that is no rate test is" if left_out == 1 else "cells that are no rate tests are"
    said = f"{left_out} {are} left out; see the report full_cell."
    return replace(opened, cells=kept, missing=(*opened.missing, said) if left_out else opened.missing)


def best_basis(rates: xr.Dataset) -> str:
    """Capacity per mass where it is known of every cell, else per area, else as it is."""
    for basis in _BEST_FIRST:
        if bool((rates[basis].notnull() == rates["capacity"].notnull()).all()):
            return basis
    return "capacity"


def summary(rates: xr.Dataset, curves: Mapping[str, xr.Dataset]) -> Text:
    """The findings in sentences, a paragraph per group of replicates."""
    basis = best_basis(rates)
    units = pretty(str(rates[basis].attrs["units"]))
    paragraphs = []
    for label, names in replicates(rates).items():
        of = rates.sel(cell=names)
        group = over_replicates(of, dict.fromkeys(names, label), basis).isel(group=0)
        if not bool((group["mean"] * group["current_density"]).notnull().any()):
            paragraphs.append(f"{label}: current density or capacity is undecided, the area is not known.")
            continue
        flow = group["current_density"].values
        fast = int(np.nanargmax(flow))
        slow = int(of["reference_step"].values[0])
        kept = _said(of["retention"].isel(rate_step=fast).values * _PERCENT, "%")
        said = [
            f"{_group(group, slow, units)}, {_group(group, fast, units)} ({kept} of the slowest)",
            _came_back(of["recovered"].values * _PERCENT),
            f"ASR from the discharge curves {_said(_resistances(curves, names), 'Ω cm²')}",
        ]
        paragraphs.append(f"{label}: {'; '.join(said)}.")
    words = dict.fromkeys(charge_in_words(rates))
    how = f"The cells were {next(iter(words))}." if len(words) == 1 else "The cells were not all charged in one way."
    return Text(*paragraphs, how)


def _group(group: xr.Dataset, step: int, units: str) -> str:
    at = group.isel(rate_step=step)
    mean, sd, n = float(at["mean"]), float(at["sd"]), int(at["n"])
    digits = max(1, decimals(abs(mean), 3))
    spread_of = f" ± {sd:.{digits}f}" if np.isfinite(sd) else ""
    flow = float(at["current_density"])
    at_flow = f"{flow:.3g}" if flow < _LARGE else readable(flow)
    return f"{mean:.{digits}f}{spread_of} {units} at {at_flow} mA cm⁻² (n = {n})"


def _came_back(recovered: np.ndarray) -> str:
    if not np.isfinite(recovered).any():
        return "no step goes back to the first current"
    return f"back at the first current {_said(recovered, '%')} of the capacity came back"


def _resistances(curves: Mapping[str, xr.Dataset], names: Sequence[str]) -> list[float]:
    return [float(shift_resistance(curves[name])["overall"].sel(direction="discharge")) for name in names]


def _said(values: Sequence[float] | np.ndarray, units: str) -> str:
    mean, sd, count = spread(values)
    if not count:
        return "undecided"
    digits = 2 if units == "%" and mean > 90 else 1
    return f"{mean:.{digits}f}{f' ± {sd:.{digits}f}' if count > 1 else ''} {units}"


def cells_table(rates: xr.Dataset) -> Table:
    """What was tested: one row per cell, with the protocol of its charge."""

    def coordinate(name: str) -> list[object]:
        return rates[name].values.tolist() if name in rates.coords else [""] * rates.sizes["cell"]

    flow = rates["current_density"].values
    known = [row[np.isfinite(row)] for row in flow]
    columns = [
        Column("cell", [str(name) for name in rates["cell"].values]),
        Column("coating", coordinate("coating")),
        Column("cathode", coordinate("cathode")),
        Column("loading", coordinate("loading"), "mg cm-2"),
        Column("nominal_capacity", coordinate("nominal_capacity"), "mA h cm-2"),
        Column("rate_steps", [len(row) for row in known]),
        _flow("lowest_current_density", [float(row.min()) if len(row) else np.nan for row in known]),
        _flow("highest_current_density", [float(row.max()) if len(row) else np.nan for row in known]),
        Column("charge", [str(word) for word in rates["charge_protocol"].values]),
        Column("highest_cv_share", _highest(rates["cv_share"].values * _PERCENT), "%", digits=1),
    ]
    definitions = [
        *((word, PROTOCOLS[word]) for word in dict.fromkeys(str(word) for word in rates["charge_protocol"].values)),
        ("cv share", str(rates["cv_share"].attrs["definition"])),
    ]
    notes = [f"A rate step is a run of {rates.attrs['grouping']}."]
    return Table("cells", "The cells, and how they were charged.", columns, definitions, notes)


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _flow(name: str, values: Sequence[float]) -> Column:
    """Current densities, which span decades: three figures of each, as on the axes of the figures."""
    return Column(name, values, "mA cm-2", digits=[decimals(abs(value), 3) for value in values])


def _highest(values: np.ndarray) -> list[float]:
    return [float(row[np.isfinite(row)].max()) if np.isfinite(row).any() else float("nan") for row in values]


def capacity_table(rates: xr.Dataset) -> Table:
    """Capacity of every cell at every current density, in the order of the test."""
    basis = best_basis(rates)
    places = [(row, step) for row, step in product(range(rates.sizes["cell"]), rates["rate_step"].values)]
    places = [(row, step) for row, step in places if np.isfinite(rates["current_mean"].values[row, step])]

    def column(name: str, units: str = "", factor: float = 1.0, sd: bool = False, digits: int | None = None) -> Column:
        values = [float(rates[name].values[place]) * factor for place in places]
        spread_of = [float(rates[f"{name}_sd"].values[place]) * factor for place in places] if sd else None
        return Column(name, values, units, spread_of, digits)

    names = rates["cell"].values
    cell = Column("cell", [str(names[row]) for row, _ in places])
    cycles = Column(
        "cycles",
        [_range(rates["first_cycle"].values[place], rates["last_cycle"].values[place]) for place in places],
    )
    shown = [
        cell,
        _flow("current_density", [float(rates["current_density"].values[place]) for place in places]),
        cycles,
        column("n", digits=0),
        column("c_rate_nominal", "h-1", digits=2),
        column("c_rate_measured", "h-1", digits=2),
        column(basis, str(rates[basis].attrs["units"]), sd=True, digits=1 if basis == "specific_capacity" else 3),
        column("retention", "%", _PERCENT, sd=True, digits=1),
    ]
    measured = [(name, units, 1.0) for name, units in BASES.items()] + [("retention", "%", _PERCENT)]
    kept = [
        each
        for name, units, factor in measured
        for each in (column(name, units, factor), column(f"{name}_sd", units, factor))
    ]
    rest = [
        column("current_mean", "mA"),
        column("other_current_density", "mA cm-2"),
        column("cv_share", "%", _PERCENT),
        column("interrupted", digits=0),
    ]
    definitions = [
        (word, str(rates[name].attrs["definition"]))
        for word, name in (
            ("capacity", "capacity"),
            ("retention", "retention"),
            ("C-rate nominal", "c_rate_nominal"),
            ("C-rate measured", "c_rate_measured"),
        )
    ]
    notes = ["Behind ± stands the standard deviation between the n cycles of a step."]
    caption = "Capacity of every cell at each current density."
    return Table("rate_capability", caption, [*shown[:6], *kept, *rest], definitions, notes, shown)


def replicates_table(rates: xr.Dataset) -> Table:
    """Capacity of every group of replicates at each current density: mean and standard deviation between cells."""
    basis = best_basis(rates)
    rows: list[tuple[str, float, float, float, int, int]] = []
    for label, names in replicates(rates).items():
        of = over_replicates(rates.sel(cell=names), dict.fromkeys(names, label), basis).isel(group=0)
        for step in range(of.sizes["rate_step"]):
            at = of.isel(rate_step=step)
            if np.isfinite(at["current_density"]):
                numbers = [float(at[name]) for name in ("current_density", "mean", "sd")]
                rows.append((label, numbers[0], numbers[1], numbers[2], int(at["n"]), int(at["unmatched"])))
    values = [list(column) for column in zip(*rows, strict=True)] or [[]] * 6
    units = str(rates[basis].attrs["units"])
    columns = [
        Column("cells", values[0]),
        _flow("current_density", values[1]),
        Column("mean", values[2], units, digits=1 if basis == "specific_capacity" else 3),
        Column("sd", values[3], units, digits=1 if basis == "specific_capacity" else 3),
        Column("n", values[4], digits=0),
        Column("left_out", values[5], digits=0),
    ]
    notes = ["Left out are cells whose current in that step is more than 5 % off the median of their group."]
    caption = f"Mean {basis.replace('_', ' ')} of replicates at each current density, and its standard deviation."
    return Table("rate_replicates", caption, columns, notes=notes)


def recovery_table(rates: xr.Dataset) -> Table:
    """What came back when the current went back to that of the first step."""
    place = rates["recovery_step"].values
    rows = np.arange(len(place))
    recovered, sd = rates["recovered"].values * _PERCENT, rates["recovered_sd"].values * _PERCENT
    back = place >= 0
    at = np.where(back, place, 0)
    columns = [
        Column("cell", [str(name) for name in rates["cell"].values]),
        Column(
            "current_density", np.where(back, rates["current_density"].values[rows, at], np.nan).tolist(), "mA cm-2"
        ),
        Column("first_cycle", np.where(back, rates["first_cycle"].values[rows, at], np.nan).tolist(), digits=0),
        Column("recovered", recovered.tolist(), "%"),
        Column("recovered_sd", sd.tolist(), "%"),
    ]
    view = [*columns[:3], Column("recovered", recovered.tolist(), "%", sd.tolist(), 2)]
    definitions = [("recovered", str(rates["recovered"].attrs["definition"]))]
    notes = ["What is missing is lost for good: no current brings it back."]
    without = [str(name) for name, yes in zip(rates["cell"].values, back, strict=True) if not yes]
    if without:
        notes.append(f"No step goes back to the first current: {', '.join(without)}.")
    return Table("recovery", "Back at the first current density.", columns, definitions, notes, view)
