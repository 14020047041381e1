"""The resistance planted in a cell comes out of its rate test, and what cannot be decided is said."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis import cycling, rate
from pchp_widgets.analysis.rate_profiles import rate_profiles
from pchp_widgets.analysis.rate_resistance import implied_resistance, resistance_difference, shift_resistance
from pchp_widgets.io.synthetic.full import RATES, FullRecipe, full_cell, full_state, rate_recipe
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.model.cycles import steps

FAST = slice(RATES.index(3.0), RATES.index(5.0) + 1)


@cache
def profiles(
    name: str, diffusion: float | None = None, area: float = 1.327, recipe: FullRecipe | None = None, fade: float = 0.0
) -> xr.Dataset:
    design = replace(DESIGNS[name], fade=fade, resistance=(DESIGNS[name].resistance[0], 0.0))
    design = design if diffusion is None else replace(design, diffusion=diffusion)
    recipe = recipe or rate_recipe()
    cell = full_cell(design, full_state(design, len(recipe.current_density)), recipe)
    counted = steps(cell.points, rule="charge_first", cell=name, area=area, coords={"area": ("cell", [area])})
    return rate_profiles(cell.points, counted, rate.rate_steps(cycling.per_cycle(counted)))


@pytest.mark.parametrize("name", ["rate-PCHP", "rate-bare"])
def test_the_shift_of_the_curves_gives_the_resistance_planted_where_nothing_diffuses(name: str) -> None:
    found = shift_resistance(profiles(name, diffusion=0.0))
    planted = DESIGNS[name].resistance[0]
    np.testing.assert_allclose(found["overall"], planted, rtol=0.01)
    assert (found["overall_low"] <= found["overall_high"]).all()
    assert (found["n"].values[np.isfinite(found["asr"].values)] >= 3).all()


def test_the_difference_of_the_shifts_is_that_planted_although_diffusion_adds_to_both() -> None:
    bare, coated = (shift_resistance(profiles(name))["overall"] for name in ("rate-bare", "rate-PCHP"))
    planted = DESIGNS["rate-bare"].resistance[0] - DESIGNS["rate-PCHP"].resistance[0]
    assert (coated > DESIGNS["rate-PCHP"].resistance[0] + 10).all()
    np.testing.assert_allclose(bare - coated, planted, atol=3)


def test_the_difference_that_explains_the_capacities_is_that_planted() -> None:
    found = resistance_difference(profiles("rate-bare"), profiles("rate-PCHP"))
    planted = DESIGNS["rate-bare"].resistance[0] - DESIGNS["rate-PCHP"].resistance[0]
    np.testing.assert_allclose(found["asr"][FAST], planted, atol=0.7)
    assert (found["asr_low"][FAST] <= found["asr"][FAST]).all()
    assert (found["asr"][FAST] <= found["asr_high"][FAST]).all()
    assert (found["remark"][FAST] == "").all()
    back = resistance_difference(profiles("rate-PCHP"), profiles("rate-bare"))
    np.testing.assert_allclose(back["asr"][FAST], -found["asr"][FAST])
    np.testing.assert_allclose(back["asr_low"][FAST], -found["asr_high"][FAST])


def test_the_capacity_of_one_cell_implies_its_resistance_where_nothing_else_costs_any() -> None:
    found = implied_resistance(profiles("rate-bare", diffusion=0.0))
    at = found.sel(rate_step=RATES.index(5.0))
    assert at["asr"] == pytest.approx(DESIGNS["rate-bare"].resistance[0], rel=0.01)
    assert np.isnan(found["asr"][0])
    assert found["remark"][0] == "the slowest step itself, or one at its current"


def test_without_loss_of_capacity_there_is_nothing_to_explain() -> None:
    same = resistance_difference(profiles("rate-PCHP"), profiles("rate-PCHP"))
    assert (same["remark"] == "undecided: no capacity is lost").all()
    assert same["asr"].isnull().all()


def test_cells_charged_in_another_way_are_not_compared() -> None:
    other = profiles("rate-PCHP").assign_attrs(charge_protocol="constant charge rate")
    found = resistance_difference(profiles("rate-bare"), other)
    assert found["asr"].isnull().all()
    assert (found["remark"] == "undecided: the two were not charged by the same protocol").all()


def test_two_currents_are_too_few_for_the_shift() -> None:
    two = profiles("rate-PCHP", recipe=FullRecipe((0.1,) * 3 + (2.0,) * 3, dense=tuple(range(1, 7))))
    found = shift_resistance(two)
    assert found["asr"].isnull().all()
    assert found["overall"].isnull().all()
    assert all("three current densities" in text for text in found["remark"].values)


def test_without_an_area_nothing_is_decided() -> None:
    unknown = profiles("rate-PCHP", area=float("nan"))
    assert all("area" in text for text in shift_resistance(unknown)["remark"].values)
    assert implied_resistance(unknown)["asr"].isnull().all()
    assert resistance_difference(unknown, unknown)["asr"].isnull().all()


def test_rates_of_the_charge_are_refused_by_the_inversion() -> None:
    of_charge = profiles("rate-PCHP").assign_attrs(tested="charge")
    with pytest.raises(ValueError, match="tests of the discharge"):
        implied_resistance(of_charge)


def test_curves_are_those_of_the_last_cycle_of_each_step_and_begin_where_the_cell_was_left() -> None:
    found = profiles("rate-bare")
    np.testing.assert_array_equal(found["cycle"], np.arange(5, 41, 5))
    charge, discharge = found["position"].sel(direction="charge"), found["position"].sel(direction="discharge")
    np.testing.assert_allclose(charge[:, -1], discharge[:, 0], atol=1e-6)
    np.testing.assert_allclose(charge[:, 0], discharge[:, -1], atol=2e-4)
    assert discharge[0, -1] == 0
    assert abs(float(discharge[-1, -1])) < 0.01  # back at the first current the cell is where it was
    np.testing.assert_allclose(found["passed"].sel(direction="discharge")[:, -1], found["areal_capacity"], rtol=1e-3)
