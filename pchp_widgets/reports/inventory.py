"""Tables of the report on the lithium ledger; the numbers come from :mod:`pchp_widgets.analysis.inventory`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis import cycling
from ..analysis import inventory as analysis
from ..analysis.lithium_life import BOUND, GIVEN, predicted_life
from ..model.stated import stated_numbers, stated_texts
from ..panels.inventory_readout import contradiction_in_words, efficiency_in_words
from .tables import Column, Table

FloatArray = npt.NDArray[np.float64]

_RAN_OUT, _REACHED, _UNDECIDED = 1, 1, -1
_FLAGS = ("undecided", "agree", "excess must pay", "excess too small", "fades faster")
_CONVENTIONS = (
    "N is the lithium on the anode only. The other convention, (N+P)/P, counts the lithium of the cathode too, which "
    "lies on the anode of the charged cell. Measured is the discharge capacity of the reference cycle."
)
_BOUNDS = (
    "The efficiency of lithium is bounded from below by a cell in which lithium is left; strictly: whatever else took "
    "charge. It is itself known, with an interval, from a cell that used its lithium up."
)
_BAND = (
    "The band takes reservoir, efficiency and capacity (mean over the life to that of the reference cycle) at the ends "
    "of their intervals. Where the efficiency is only bounded from below, so is the life. A prediction from the cell "
    "itself has seen when its lithium was used up: only what follows is predicted."
)
_PRODUCT = (
    "Without excess lithium the product would be left. A cell that keeps more has drawn on its excess, or the charge "
    "that did not come back was no lithium: its efficiency says nothing about that of lithium."
)


class Inventory(NamedTuple):
    """All there is to say on the lithium of some cells.

    Attributes
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.cycling.per_cycle`.
    course, balance, agreement, life
        As given by :func:`~pchp_widgets.analysis.inventory.ledger`,
        :func:`~pchp_widgets.analysis.inventory.balance`, :func:`~pchp_widgets.analysis.inventory.contradiction` and
        :func:`~pchp_widgets.analysis.lithium_life.predicted_life`.
    missing
        What is not known, by cell.
    """

    found: xr.Dataset
    course: xr.Dataset
    balance: xr.Dataset
    agreement: xr.Dataset
    life: xr.Dataset
    missing: Mapping[str, list[str]]


def inventory(
    steps: xr.Dataset,
    *,
    tolerance: float,
    lithium_area: float = 0.0,
    reference_cycle: int = 3,
    level: float = 0.8,
    lithium_efficiency: Mapping[str, float] | None = None,
    efficiency_tolerance: float = 5e-4,
) -> Inventory:
    """Apply every part of the ledger to cells.

    Parameters
    ----------
    steps
        Dataset (cell, cycle, step).
    tolerance
        Relative, of the thickness of the lithium.
    lithium_area
        Area of the lithium [cm2]; 0 where it is that of the cathode.
    reference_cycle, level
        Of the retention, and of its end.
    lithium_efficiency
        Efficiency of lithium by coating, or by name of the cell, from other measurements.
    efficiency_tolerance
        Of those.

    Raises
    ------
    ValueError
        When an efficiency is given for something that is neither a coating nor a cell, or a parameter is impossible.
    """
    found = cycling.per_cycle(steps)
    of = analysis.reservoir(found, tolerance=tolerance, lithium_area=lithium_area or None)
    course = analysis.ledger(found, of)
    balance = analysis.balance(found, of, course, reference_cycle=reference_cycle)
    life = predicted_life(
        found,
        balance,
        efficiency=_efficiencies(found, lithium_efficiency or {}),
        tolerance=efficiency_tolerance,
        level=level,
        reference_cycle=reference_cycle,
    )
    agreement = analysis.contradiction(found, balance, reference_cycle=reference_cycle)
    return Inventory(found, course, balance, agreement, life, analysis.missing(found))


def reservoir_table(of: Inventory) -> Table:
    """Lithium and capacity of each cell, and their ratio by both conventions against both capacities."""
    balance = of.balance
    ratios = [
        Column(f"{name}_{which}{side}", balance[f"{key}_{which}{side}"].values.tolist(), digits=2)
        for which in ("nominal", "measured")
        for name, key in (("N/P", "n_to_p"), ("(N+P)/P", "total_to_p"))
        for side in ("", "_low", "_high")
    ]
    shown = [column for column in ratios if not column.name.endswith(("_low", "_high"))]
    reservoir = [
        Column(name, balance[name].values.tolist(), "mA h cm-2", digits=2)
        for name in ("reservoir", "reservoir_low", "reservoir_high", "edge_lithium")
    ]
    capacities = [
        Column(name, balance[name].values.tolist(), "mA h cm-2", digits=2)
        for name in ("nominal_capacity", "measured_capacity")
    ]
    thickness = Column("lithium", stated_numbers(of.found, "lithium_thickness").tolist(), "um", digits=1)
    tolerance = 100 * balance.attrs.get("tolerance", analysis.THICKNESS_TOLERANCE)
    edge = [reservoir[3]] if bool((balance["edge_lithium"].values > 0).any()) else []
    notes = [
        _CONVENTIONS,
        f"The thickness is taken to be known to ± {tolerance:g} %, and with it reservoir and ratios.",
    ]
    return Table(
        "reservoir",
        "Lithium against cathode.",
        [*_labels(of.found), thickness, *reservoir, *capacities, *ratios],
        definitions=[("reservoir", str(balance["reservoir"].attrs["definition"]))],
        notes=[*notes, *missing_in_words(of)],
        view=[*_labels(of.found), thickness, reservoir[0], *edge, *capacities, *shown],
    )


def throughput_table(of: Inventory) -> Table:
    """What was plated in all, and what follows for the efficiency of the lithium."""
    balance = of.balance
    names = {
        "cycles": ("", 0),
        "plated": ("mA h cm-2", 1),
        "plated_thickness": ("um", 0),
        "turnovers": ("", 1),
        "not_returned": ("mA h cm-2", 3),
        "first_loss": ("mA h cm-2", 3),
    }
    plain = [Column(name, balance[name].values.tolist(), units, digits=n) for name, (units, n) in names.items()]
    bounds = [
        Column(name, (100 * balance[name].values).tolist(), "%", digits=2)
        for key in ("lowest_efficiency", "lithium_efficiency")
        for name in (key, f"{key}_low", f"{key}_high")
    ]
    strict = Column(
        "lowest_efficiency_strict", (100 * balance["lowest_efficiency_strict"].values).tolist(), "%", digits=2
    )
    cells = [balance.isel(cell=at) for at in range(balance.sizes["cell"])]
    out = np.array([int(one["exhausted"]) == _RAN_OUT for one in cells])
    used_up = Column("lithium_used_up", [_used_up(one) for one in cells])
    bound, strict_shown = (
        Column(name, np.where(out, np.nan, 100 * balance[key].values).tolist(), "%", digits=2)
        for name, key in (("CE_at_least", "lowest_efficiency"), ("CE_strictly", "lowest_efficiency_strict"))
    )
    known = Column("CE", [efficiency_in_words(one) if is_out else "" for one, is_out in zip(cells, out, strict=True)])
    left = Column("left_out", balance["left_out"].values.tolist())
    meaning = {
        "plated": "plated",
        "turnovers": "turnovers",
        "CE at least": "lowest_efficiency",
        "CE strictly": "lowest_efficiency_strict",
    }
    return Table(
        "throughput",
        "Lithium plated in all, and the efficiency it took to live that long.",
        [*_labels(of.found), *plain, left, *bounds, strict, used_up],
        definitions=[(term, str(balance[name].attrs["definition"])) for term, name in meaning.items()],
        notes=[
            _BOUNDS,
            *_left_out(of),
        ],
        view=[_labels(of.found)[0], *plain[:4], bound, strict_shown, known, used_up],
    )


def end_of_life_table(of: Inventory) -> Table:
    """Predicted end of life against what happened."""
    life, level = of.life, f"{100 * of.life.attrs['level']:g} %"
    low, high = (life[f"cycle_{side}"].values for side in ("low", "high"))
    rows = range(life.sizes["cell"])
    predicted = [_band(float(low[row]), float(high[row])) for row in rows]
    basis = [str(text) for text in life["basis"].values]
    known = [f"{100 * float(life['efficiency'].values[row]):.2f}" if basis[row] else "" for row in rows]
    happened = [_happened(life.isel(cell=row)) for row in rows]
    return Table(
        "end_of_life",
        f"Cycle at which lost lithium ends the cell ({level} of the reference), and what happened.",
        [
            *_labels(of.found),
            Column("CE", life["efficiency"].values.tolist()),
            Column("basis", basis),
            Column("predicted", life["cycle"].values.tolist(), digits=0),
            Column("predicted_low", low.tolist(), digits=0),
            Column("predicted_high", [value if np.isfinite(value) else None for value in high.tolist()], digits=0),
            Column("excess_used_up", life["exhausted_cycle"].values.tolist(), digits=0),
            Column("observed", life["observed_cycle"].values.tolist(), digits=0),
            Column("outcome", life["observed"].values.tolist()),
            Column("verdict", [verdict(of, row) for row in rows]),
        ],
        definitions=[("predicted", str(life["cycle_low"].attrs["definition"]).split(", intervals", maxsplit=1)[0])],
        notes=[
            _BAND,
        ],
        view=[
            _labels(of.found)[0],
            Column("CE_of_lithium", [f"{text} %" if text else "" for text in known]),
            Column("basis", basis),
            Column("predicted", predicted),
            Column("observed", happened),
            Column("verdict", [verdict(of, row) for row in rows]),
        ],
    )


def agreement_table(of: Inventory) -> Table:
    """Mean efficiency against retention, and what would pay for the difference."""
    said = of.agreement
    percent = {"efficiency": 3, "product": 1, "retention": 1, "efficiency_needed": 3, "missing_share": 1}
    columns = [Column(name, (100 * said[name].values).tolist(), "%", digits=n) for name, n in percent.items()]
    n = Column("n", said["n"].values.tolist(), digits=0)
    charge = Column("missing_charge", said["missing_charge"].values.tolist(), "mA h cm-2", digits=2)
    flag = Column("together", [_FLAGS[int(value) + 1] for value in said["flag"].values])
    columns = [columns[0], n, *columns[1:4], charge, columns[4], flag]
    words = [contradiction_in_words(said.isel(cell=at)) for at in range(said.sizes["cell"])]
    return Table(
        "agreement",
        "Mean Coulombic efficiency against retention.",
        [*_labels(of.found), *columns, Column("in_words", words)],
        definitions=[
            (name.replace("_", " "), str(said[name].attrs["definition"]))
            for name in ("product", "efficiency_needed", "missing_charge", "missing_share")
        ],
        notes=[
            _PRODUCT,
        ],
        view=[_labels(of.found)[0], *columns],
    )


def verdict(of: Inventory, row: int) -> str:
    """What ended one cell, as far as the ledger tells."""
    life, ran_out = of.life.isel(cell=row), int(of.balance["exhausted"].values[row])
    fell, observed = int(life["observed"]) == _REACHED, float(life["observed_cycle"])
    basis = str(life["basis"].item())
    if ran_out == _RAN_OUT:
        return "lost lithium"
    if not fell:
        return "alive" if int(life["observed"]) != _UNDECIDED else "not known"
    if basis == GIVEN and float(life["efficiency_high"]) < float(of.balance["lowest_efficiency_strict"].values[row]):
        return "fell; the efficiency stated is below the bound of this cell"
    if basis in {GIVEN, BOUND} and observed < float(life["cycle_low"]):
        return "fell before its lithium could be used up"
    return "fell, lithium left" if ran_out == 0 else "fell, cause undecided"


def missing_in_words(of: Inventory) -> list[str]:
    """What is not known of which cells, and what therefore cannot be said."""
    total, said = of.found.sizes["cell"], []
    for name, what in analysis.NEEDED.items():
        cells = [cell for cell, names in of.missing.items() if name in names]
        if cells:
            whose = "" if len(cells) == total else f" for {', '.join(cells)}"
            said.append(f"{name} is not stated{whose}: there is no {what}.")
    if said and all("lithium_thickness" in of.missing.get(str(cell), ()) for cell in of.found["cell"].values):
        said.append("What was plated in all and how efficiency and retention agree is known all the same.")
    return said


def _efficiencies(found: xr.Dataset, stated: Mapping[str, float]) -> xr.DataArray:
    cells = [str(name) for name in found["cell"].values]
    coatings = stated_texts(found, "coating")
    unknown = [key for key in stated if key not in {*cells, *coatings}]
    if unknown:
        there = ", ".join(dict.fromkeys([*filter(None, coatings), *cells]))
        raise ValueError(f"lithium_efficiency: {unknown[0]!r} is neither a coating nor a cell; there are {there}")
    values = [stated.get(cell, stated.get(coating, np.nan)) for cell, coating in zip(cells, coatings, strict=True)]
    return xr.DataArray(np.array(values, float), {"cell": found["cell"].values}, "cell")


def _labels(found: xr.Dataset) -> list[Column]:
    return [
        Column("cell", [str(name) for name in found["cell"].values]),
        Column("coating", stated_texts(found, "coating")),
    ]


def _used_up(one: xr.Dataset) -> str:
    if int(one["exhausted"]) == _RAN_OUT:
        return f"cycle {int(one['exhausted_cycle'])}"
    return f"not by {int(one['exhausted_cycle'])}" if int(one["exhausted"]) == 0 else "undecided"


def _left_out(of: Inventory) -> list[str]:
    counts = of.balance["left_out"].values
    cells = [f"{cell} ({int(n)})" for cell, n in zip(of.found["cell"].values, counts, strict=True) if n]
    return [f"Cycles with one half only count for nothing: {', '.join(cells)}."] if cells else []


def _band(low: float, high: float) -> str:
    if not np.isfinite(low):
        return "not known"
    return f"{low:.0f} to {high:.0f}" if np.isfinite(high) else f"≥ {low:.0f}"


def _happened(life: xr.Dataset) -> str:
    observed, cycle = int(life["observed"]), float(life["observed_cycle"])
    if observed == _UNDECIDED:
        return "not known"
    return f"{cycle:.0f}" if observed == _REACHED else f"> {cycle:.0f}"


__all__: Sequence[str] = [
    "Inventory",
    "agreement_table",
    "end_of_life_table",
    "inventory",
    "missing_in_words",
    "reservoir_table",
    "throughput_table",
    "verdict",
]
