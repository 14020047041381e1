"""Soft shorts of full cells: planted ones are seen, healthy and starving cells raise no alarm."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import cycling
from pchp_widgets.analysis.overshoot import ABSENT, PRESENT, UNKNOWN, charge_noise, charge_overshoot
from pchp_widgets.io.synthetic.full import ageing_recipe, full_cell, full_state
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.model.cycles import steps


def made(charge: np.ndarray, discharge: np.ndarray) -> xr.Dataset:
    """A made-up result of `per_cycle` of one full cell."""
    cycles = np.arange(1, len(charge) + 1)
    columns = {"charge_capacity": charge, "discharge_capacity": discharge, "coulombic_efficiency": discharge / charge}
    columns |= {name: np.full(len(charge), 2.0) for name in ("charge_current", "discharge_current")}
    columns |= {"time_start": cycles * 1e4, "interrupted": np.zeros(len(charge), bool)}
    return xr.Dataset(
        {name: (("cell", "cycle"), values[None]) for name, values in columns.items()},
        {"cell": ["a"], "cycle": cycles, "opens": ("cell", ["charge"])},
    )


def healthy(cycles: int = 100) -> tuple[np.ndarray, np.ndarray]:
    discharge = 3 * (1 - 5e-4 * np.arange(cycles))
    return discharge / (0.9985 + 1e-4 * np.random.default_rng(0).standard_normal(cycles)), discharge


def outcome(found: xr.Dataset) -> list[int]:
    return found["present"].values[0].tolist()


def test_a_healthy_cell_shows_nothing_and_its_noise_is_unknown_without_points() -> None:
    found = charge_overshoot(made(*healthy()))
    assert outcome(found) == [ABSENT, UNKNOWN, ABSENT]
    assert np.isnan(found["start_cycle"].item())


def test_charge_that_goes_nowhere_and_an_efficiency_that_comes_back_are_a_soft_short() -> None:
    charge, discharge = healthy()
    charge[60:64] *= [1.05, 1.2, 1.3, 1.04]
    found = charge_overshoot(made(charge, discharge))
    assert outcome(found) == [PRESENT, UNKNOWN, PRESENT]
    assert found["start_cycle"].item() == 61
    assert found["start_time"].item() == 61e4
    assert found["evidence_cycle"].sel(evidence="recovery").item() == 61
    assert found["strength"].sel(evidence="overshoot").item() == pytest.approx(1 - 0.01 / 0.3, abs=0.01)
    assert found["excess"].values[0, 62] == pytest.approx(
        1.3 / 0.9985 * (1 - 5e-4 * 62) / (1 - 5e-4 * 61) - 1, abs=1e-3
    )


def test_a_cell_out_of_lithium_loses_efficiency_for_good_and_has_no_short() -> None:
    charge, discharge = healthy()
    for cycle in range(70, 100):
        charge[cycle] = discharge[cycle - 1]
        discharge[cycle] = 0.95 * charge[cycle]
    assert outcome(charge_overshoot(made(charge, discharge))) == [ABSENT, UNKNOWN, ABSENT]


def test_the_first_cycles_and_a_change_of_current_are_no_evidence() -> None:
    charge, discharge = healthy()
    charge[0] *= 1.15
    charge[50] *= 1.1
    found = made(charge, discharge)
    found["charge_current"][0, 50:] = 0.5
    assert outcome(charge_overshoot(found)) == [ABSENT, UNKNOWN, ABSENT]


def test_a_synthetic_cell_shows_it_before_the_hard_short() -> None:
    design = DESIGNS["LFP-bare"]
    cell = full_cell(design, full_state(design, 275), ageing_recipe(2.0, 275, 0.28))
    counted = steps(cell.points, rule="charge_first", cell="bare", area=1.327)
    tree = xr.DataTree.from_dict({"steps": counted, "points": cell.points}, name="bare")
    noise = charge_noise(tree)
    assert np.nanmedian(noise.values) == pytest.approx(1e-4, rel=0.3)
    found = charge_overshoot(cycling.per_cycle(counted), noise)
    assert outcome(found) == [PRESENT, PRESENT, ABSENT]  # the test ended before anything could come back
    assert 265 <= found["start_cycle"].item() < cell.truth.attrs["short_at_cycle"]


def test_a_synthetic_cell_without_a_short_shows_nothing() -> None:
    design = DESIGNS["NCM-bare"]
    cell = full_cell(design, full_state(design, 190), ageing_recipe(2.0, 190, 0.3, cv_until=0.2))
    counted = steps(cell.points, rule="charge_first", cell="bare", area=1.327)
    tree = xr.DataTree.from_dict({"steps": counted, "points": cell.points}, name="bare")
    found = charge_overshoot(cycling.per_cycle(counted), charge_noise([tree]))
    assert PRESENT not in outcome(found)


def test_half_cells_and_no_cells_are_refused() -> None:
    found = made(*healthy()).assign_coords(opens=("cell", ["discharge"]))
    with pytest.raises(ValueError, match="a begin with a discharge"):
        charge_overshoot(found)
    with pytest.raises(ValueError, match="no cell was given"):
        charge_noise([])
