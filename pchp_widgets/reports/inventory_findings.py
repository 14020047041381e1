"""The report on the lithium ledger in sentences, and its figures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from ..analysis.lithium_life import GIVEN, OWN
from ..panels.inventory_readout import contradiction_in_words
from ..plots import inventory as plots
from ..plots import inventory_view as view
from ..plots.theme import among
from .cells import looks_of
from .display import Figure, Text
from .inventory import Inventory, missing_in_words, verdict


def summary(of: Inventory) -> Text:
    """The findings, a paragraph for each kind of cell."""
    said = [" ".join(_group(of, label, rows)) for label, rows in _groups(of)]
    return Text(*said, *missing_in_words(of))


def figures(of: Inventory, cycle: int = -1) -> list[Figure | Text]:
    """Capacity and bound of the efficiency, for each kind of cell whose lithium is known."""
    colors = looks_of(of.found)
    shown: list[Figure | Text] = []
    for label, rows in _groups(of):
        balance = of.balance.isel(cell=rows)
        if not np.isfinite(balance["reservoir"].values).all():
            continue
        found, life = of.found.isel(cell=rows), of.life.isel(cell=rows)
        there = found["discharge_areal_capacity"].notnull().any("cell").values
        found = found.isel(cycle=there)
        reservoir = (
            _middle(balance["reservoir_low"]),
            _middle(balance["reservoir"]),
            _middle(balance["reservoir_high"]),
        )
        efficiency = (_middle(life["efficiency_low"]), _middle(life["efficiency"]), _middle(life["efficiency_high"]))
        last = int(found["cycle"].values.max(initial=0))
        model = view.model(reservoir, _middle(balance["mean_capacity"]), efficiency, of.life.attrs["level"], last)
        looks = among(colors, [str(name) for name in found["cell"].values])
        measured = view.measured(found, reservoir, efficiency[1], looks)
        basis = str(life["basis"].values[0])
        whose = {GIVEN: "as stated", OWN: "found in these cells"}.get(
            basis, "at its lower bound, so the life is one too"
        )
        text = f"{label}: discharge capacity, and the ledger with the efficiency of lithium {whose}."
        shown.append(Figure((plots.capacity(model, measured, cycle),), text))
        text = f"{label}: lower bound of the efficiency of lithium after each cycle, as far as the thickness is known."
        shown.append(Figure((plots.bound(model, measured, cycle),), text))
    return shown or [Text("Without the thickness of the lithium there is no ledger to draw.")]


def _group(of: Inventory, label: str, rows: list[int]) -> Iterator[str]:
    balance, life = of.balance.isel(cell=rows), of.life.isel(cell=rows)
    yield f"{label} ({len(rows)} cell{'s' * (len(rows) > 1)}):"
    if np.isfinite(balance["reservoir"].values).all():
        reservoir, low, high = (_span(balance[f"reservoir{side}"], 2) for side in ("", "_low", "_high"))
        yield f"{reservoir} mA h cm⁻² of lithium ({low} to {high}),"
        yield f"N/P {_span(balance['n_to_p_measured'], 2)} against the measured capacity"
        if np.isfinite(balance["n_to_p_nominal"].values).any():
            yield f"and {_span(balance['n_to_p_nominal'], 2)} against the nominal one"
        yield f"((N+P)/P {_span(balance['total_to_p_measured'], 2)})."
    if np.isfinite(balance["plated"].values).any():
        yield f"{_span(balance['plated'], 0)} mA h cm⁻² were plated in {_span(balance['cycles'], 0)} cycles."
    out = balance["exhausted"].values == 1
    if out.any():
        few = balance.isel(cell=np.flatnonzero(out))
        yield f"{int(out.sum())} ran out of lithium at cycle {_span(few['exhausted_cycle'], 0)},"
        least, most = (100 * few[f"lithium_efficiency_{side}"] for side in ("low", "high"))
        yield f"so its efficiency is {_span(100 * few['lithium_efficiency'], 2)} %"
        yield f"({float(least.min()):.2f} to {float(most.max()):.2f} %)."
    if np.isfinite(balance["lowest_efficiency"].values[~out]).any():
        few = balance.isel(cell=np.flatnonzero(~out))
        yield f"The efficiency of lithium is at least {_span(100 * few['lowest_efficiency'], 2)} %"
        yield f"(strictly {_span(100 * few['lowest_efficiency_strict'], 2)} %)."
    ends = dict.fromkeys(verdict(of, row) for row in rows)
    first, last = life["cycle_low"].values, life["cycle_high"].values
    if np.isfinite(first).any():
        until = f" to {np.nanmax(last):.0f}" if np.isfinite(last).all() else " or later"
        yield f"Lost lithium alone would end them at cycle {np.nanmin(first):.0f}{until};"
        yield f"what happened: {', '.join(ends)}."
    worst = contradiction_in_words(of.agreement.isel(cell=rows[0]))
    yield f"{of.found['cell'].values[rows[0]]}: {worst}."


def _groups(of: Inventory) -> Iterator[tuple[str, list[int]]]:
    """Cells of one cathode, loading and coating, in order of appearance."""
    members: dict[tuple[str, ...], list[int]] = {}
    for row in range(of.found.sizes["cell"]):
        one = of.found.isel(cell=row)
        key = tuple(
            str(one[name].item()) if name in one.coords else ""
            for name in ("cathode", "nominal_capacity", "lithium_thickness", "coating")
        )
        members.setdefault(key, []).append(row)
    for (cathode, nominal, _, coating), rows in members.items():
        size = f" {nominal} mA h cm⁻²" if nominal not in {"", "nan"} else ""
        label = f"{cathode}{size}, {coating or 'coating unknown'}" if cathode else coating
        yield label or str(of.found["cell"].values[rows[0]]), rows


def _middle(values: xr.DataArray) -> float:
    return float(np.nanmedian(values.values))


def _span(values: xr.DataArray, digits: int) -> str:
    known = values.values[np.isfinite(values.values)]
    low, high = (f"{value:.{digits}f}" for value in (known.min(), known.max()))
    return low if low == high else f"{low} to {high}"
