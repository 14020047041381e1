"""Synthetic full cells behave as the reported ones do, and keep the ledger they were made from."""

from __future__ import annotations

import numpy as np
import pytest

from pchp_widgets.io.synthetic.full import (
    RATES,
    FullCell,
    ageing_recipe,
    full_cell,
    full_state,
    rate_recipe,
)
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.model.cycles import half_cycles, steps
from pchp_widgets.model.schema import validate


def aged(name: str, current_density: float, cycles: int, cv_until: float | None = None, seed: int = 0) -> FullCell:
    design = DESIGNS[name]
    recipe = ageing_recipe(current_density, cycles, 0.1 * design.cathode.capacity, cv_until=cv_until)
    return full_cell(design, full_state(design, cycles), recipe, seed=seed)


def rated(name: str) -> FullCell:
    design = DESIGNS[name]
    return full_cell(design, full_state(design, 5 * len(RATES)), rate_recipe())


@pytest.mark.parametrize(
    ("name", "current_density", "last", "cv_until", "retention", "efficiency"),
    [
        ("NCM-PCHP", 2.0, 400, 0.2, 0.76, 0.9985),
        ("LFP-PCHP", 2.0, 500, None, 0.93, 0.9995),
        ("LFP-bare", 2.0, 200, None, 0.786, None),
        ("LFP3.9-PCHP", 3.0, 300, None, 0.84, None),
    ],
)
def test_reported_retention_and_efficiency_come_out(
    name: str, current_density: float, last: int, cv_until: float | None, retention: float, efficiency: float | None
) -> None:
    truth = aged(name, current_density, last, cv_until).truth
    charge, discharge = truth["charge_capacity"], truth["discharge_capacity"]
    assert discharge[last - 1] / discharge[2] == pytest.approx(retention, abs=0.001)
    if efficiency is not None:
        assert (discharge / charge)[2:].mean() == pytest.approx(efficiency, abs=2e-5)


def test_thick_lfp_gives_the_reported_capacity_per_mass_after_300_cycles() -> None:
    truth = aged("LFP3.9-PCHP", 3.0, 300).truth
    assert truth["discharge_capacity"][-1] / 23.1 * 1e3 == pytest.approx(124, abs=0.5)


@pytest.mark.parametrize(("name", "specific"), [("rate-PCHP", 90.2), ("rate-bare", 32.4)])
def test_reported_rate_capability_comes_out_and_comes_back(name: str, specific: float) -> None:
    capacity = rated(name).truth["discharge_capacity"].values.reshape(len(RATES), -1)[:, -1]
    assert capacity[RATES.index(5.0)] / 15.0 * 1e3 == pytest.approx(specific, abs=0.5)
    assert np.all(np.diff(capacity[:-1]) < 0)
    assert 0.98 < capacity[-1] / capacity[0] < 1


def test_bare_ncm_runs_out_of_lithium_within_200_cycles_and_then_falls_by_the_efficiency_of_lithium() -> None:
    cell = aged("NCM-bare", 2.0, 200, 0.2)
    exhausted = cell.truth.attrs["exhausted_at_cycle"]
    retention = cell.truth["discharge_capacity"].values / cell.truth["discharge_capacity"].values[2]
    assert 150 < exhausted < 200
    assert retention[exhausted - 2] > 0.9
    assert np.flatnonzero(retention < 0.8)[0] < 199
    np.testing.assert_allclose(
        retention[exhausted + 5 :] / retention[exhausted + 4 : -1], 0.984, atol=5e-4
    )  # the cathode ages as well


def test_lithium_is_neither_made_nor_lost_but_by_its_efficiency() -> None:
    cell = aged("NCM-PCHP", 2.0, 60, 0.2)
    charge, discharge = cell.truth["charge_capacity"].values, cell.truth["discharge_capacity"].values
    plated = charge * (1 - cell.state.parasitic[:60])
    expected = cell.recipe.lithium + np.cumsum(plated * cell.state.lithium_efficiency[:60] - discharge)
    np.testing.assert_allclose(cell.truth["excess_lithium"], expected, atol=1e-9)


def test_a_short_ends_bare_lfp_at_cycle_275_and_announces_itself_in_the_efficiency() -> None:
    cell = aged("LFP-bare", 2.0, 300)
    assert cell.truth.attrs == {"short_at_cycle": 275}
    efficiency = (cell.truth["discharge_capacity"] / cell.truth["charge_capacity"]).values
    assert np.all(np.diff(efficiency[266:274]) < 0)
    assert np.isnan(efficiency[274:]).all()
    assert cell.points["instrument_cycle"][-1] == 275
    assert cell.points["voltage"][-1] < 0.05


@pytest.mark.parametrize("name", DESIGNS)
def test_what_the_trace_holds_is_the_truth(name: str) -> None:
    cell = rated(name) if name.startswith("rate") else aged(name, 2.0, 8, 0.2)
    assert validate(cell.points, "points") == []
    found = half_cycles(steps(cell.points, rule="charge_first", area=cell.recipe.area)).squeeze("cell")
    np.testing.assert_array_equal(found["cycle"], cell.truth["cycle"])
    for direction, expected in (("charge", "charge_capacity"), ("discharge", "discharge_capacity")):
        passed = np.abs(found["areal_capacity"].sel(direction=direction).values)
        np.testing.assert_allclose(passed, cell.truth[expected].values, rtol=1e-3)
    low, high = cell.design.cathode.cut_offs
    assert cell.points["voltage"].max() == pytest.approx(high, abs=1e-3)
    assert cell.points["voltage"].min() == pytest.approx(low, abs=1e-3)


def test_the_charge_counter_is_the_charge_that_was_passed() -> None:
    cell = aged("NCM-PCHP", 2.0, 8, 0.2)
    truth = cell.truth["charge_capacity"] - cell.truth["discharge_capacity"]
    assert cell.points["charge_counter"][-1] == pytest.approx(float(truth.sum()) * cell.recipe.area, abs=1e-4)


def test_the_same_seed_gives_the_same_cell_and_replicates_differ_a_little() -> None:
    first, again, other = (aged("LFP-PCHP", 2.0, 8, seed=seed).points for seed in (1, 1, 2))
    assert first.identical(again)
    assert not first.identical(other)
    design = DESIGNS["LFP-PCHP"]
    spread = [full_state(design, 8, spread=0.03, seed=seed).resistance[0] for seed in range(20)]
    assert np.std(spread) / design.resistance[0] == pytest.approx(0.03, abs=0.015)


def test_open_circuit_voltage_spans_the_cut_offs_and_lfp_is_flat_between_them() -> None:
    flat, sloping = DESIGNS["LFP-PCHP"].cathode, DESIGNS["NCM-PCHP"].cathode
    for cathode in (flat, sloping):
        np.testing.assert_allclose(cathode.voltage(np.array([0.0, 1.0])), cathode.cut_offs, atol=1e-9)
    middle = np.array([0.1, 0.9])
    assert np.ptp(flat.voltage(middle)) < 0.03
    assert np.ptp(sloping.voltage(middle)) > 0.5
