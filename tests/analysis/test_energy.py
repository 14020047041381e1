"""Energy of a stack: published numbers to their last digit, and what must hold for any stack."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.analysis import energy

LFP, NCM = energy.assumptions("LFP"), energy.assumptions("NCM83")


@pytest.mark.parametrize(
    ("cathode", "capacity", "voltage", "loading", "per_mass", "per_volume"),
    [
        ("LFP", 2.8, 3.35, 16.3, (261.0, 267.6), (603, 636)),
        ("LFP", 3.9, 3.33, 23.1, (277.5, 282.9), (693, 724)),
        ("NCM83", 3.0, 3.80, 15.0, (324.8, 333.2), (861, 916)),
    ],
)
def test_three_stacks_coated_and_not_to_every_digit(
    cathode: str,
    capacity: float,
    voltage: float,
    loading: float,
    per_mass: tuple[float, float],
    per_volume: tuple[float, float],
) -> None:
    found = energy.stack_energy(capacity, voltage, loading, 35, 8, of=energy.assumptions(cathode))
    for name, digits, expected in (("specific_energy", 1, per_mass), ("energy_density", 0, per_volume)):
        coated, uncoated = found[name].item(), found[f"{name}_uncoated"].item()
        assert (round(coated, digits), round(uncoated, digits)) == expected
    assert 1.9 <= round(100 * found["specific_cost_share"].item(), 1) <= 2.5
    assert 4.3 <= round(100 * found["density_cost_share"].item(), 1) <= 6.0
    assert found["specific_cost"].item() == pytest.approx(per_mass[1] - per_mass[0], abs=0.11)


def test_the_electrolyte_does_not_fit_into_the_pores() -> None:
    found = energy.stack_energy(2.8, 3.35, 16.3, 35, 8, of=LFP)
    assert found["pore_filling"].item() == pytest.approx(1.91, abs=0.01)
    assert found["mass"].sel(component="electrolyte").item() == pytest.approx(8.4)
    assert found["mass"].sel(component="lithium").item() == pytest.approx(1.869, abs=5e-4)
    assert found["mass"].sel(component="coating").item() == pytest.approx(0.88)


@pytest.mark.parametrize(("density", "areal", "disc", "volume"), [(1.05, 0.84, 1.11, 89), (1.2, 0.96, 1.27, 102)])
def test_mass_of_a_coating_and_the_drop_it_takes(density: float, areal: float, disc: float, volume: float) -> None:
    area = np.pi * 0.65**2
    assert area == pytest.approx(1.32732, abs=5e-6)
    found = energy.coating_mass(8, density, area, 12.5)
    assert round(found["areal_mass"].item(), 2) == areal
    assert found["mass"].item() == pytest.approx(disc, rel=5e-3)
    assert round(found["volume"].item()) == volume


def test_the_electrolyte_is_the_largest_assumption_that_no_recipe_fixes() -> None:
    found = energy.sensitivity(2.8, 3.35, 16.3, 35, 8, of=LFP)
    order = [name for name in found["assumption"].values.tolist() if name != "active_share"]
    assert order[0] == "electrolyte_per_capacity"
    low, high = found["specific_energy"].sel(assumption="electrolyte_per_capacity").values
    alone = [
        energy.stack_energy(2.8, 3.35, 16.3, 35, 8, of=replace(LFP, electrolyte_per_capacity=value))
        for value in (2.7, 3.3)
    ]
    assert [low, high] == pytest.approx([one["specific_energy"].item() for one in alone])
    assert found.attrs["reference"]["specific_energy"] == pytest.approx(261.0, abs=0.05)
    names = {entry.name for entry in fields(energy.Assumptions)}
    assert set(found["assumption"].values) == names | {"lithium_thickness", "coating_thickness"}


def test_a_share_that_must_stay_below_one_is_changed_as_far_as_it_can_be() -> None:
    found = energy.sensitivity(2.8, 3.35, 16.3, 35, of=replace(LFP, cathode_porosity=0.95), change=0.5)
    assert found["value"].sel(assumption="cathode_porosity").values.tolist() == pytest.approx([0.475, 0.99])
    assert np.isfinite(found["energy_density"].values).all()


def test_of_a_cathode_nobody_knows_the_energy_per_mass_is_left() -> None:
    found = energy.stack_energy(2.8, 3.35, 16.3, 35, 8, of=energy.assumptions("S8"))
    assert found["specific_energy"].item() == pytest.approx(261.0, abs=0.05)
    assert np.isnan(found["energy_density"].item())
    known = energy.assumptions("S8", {"cathode_density": 2.0})
    assert np.isfinite(energy.stack_energy(2.8, 3.35, 16.3, 35, 8, of=known)["energy_density"].item())


def test_many_stacks_at_once_are_what_each_is_alone() -> None:
    thickness = np.array([0.0, 4.0, 8.0])
    found = energy.stack_energy(3.0, 3.8, 15.0, 35, thickness, of=NCM)
    assert found["specific_cost"].values[0] == 0
    alone = energy.stack_energy(3.0, 3.8, 15.0, 35, 4.0, of=NCM)
    assert found["energy_density"].values[1] == alone["energy_density"].item()


def test_packaging_is_a_share_of_the_whole_cell() -> None:
    packed = energy.stack_energy(3.0, 3.8, 15.0, 35, 8, of=replace(NCM, packaging_share=0.2))
    assert packed["specific_energy"].item() == pytest.approx(0.8 * 324.8, abs=0.05)
    assert packed["energy_density"].item() == pytest.approx(0.8 * 861, abs=0.5)


def test_every_assumption_states_its_units_and_why_and_what_was_changed() -> None:
    table = energy.assumption_table(energy.assumptions("LFP", {"copper_thickness": 6}))
    assert len(table) == len(fields(energy.Assumptions))
    assert all(units and why for _, _, units, why in table)
    assert next(why for name, _, _, why in table if name == "copper_thickness").endswith("(changed from 8)")
    assert sum("changed" in why for *_, why in table) == 1


@given(
    st.floats(0.5, 8), st.floats(1, 4.5), st.floats(2, 40), st.floats(0, 200), st.floats(0.1, 30), st.floats(0.1, 30)
)  # fmt: skip
def test_a_thicker_coating_costs_more_and_the_parts_add_up(
    capacity: float, voltage: float, loading: float, lithium: float, thin: float, more: float
) -> None:
    found = energy.stack_energy(capacity, voltage, loading, lithium, [0, thin, thin + more], of=NCM)
    for name in ("specific_energy", "energy_density"):
        values = found[name].values
        assert values[0] > values[1] > values[2]
        assert values[0] == pytest.approx(found[f"{name}_uncoated"].values[2])
    total = found["mass"].sum("component").values
    np.testing.assert_allclose(found["specific_energy"].values * total, 1e3 * capacity * voltage)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"copper": 8.0}, "copper: no such assumption; there are active_share"),
        ({"cathode_porosity": 1.0}, "cathode_porosity: 1.0 is not below 1"),
        ({"copper_thickness": -1.0}, "copper_thickness: -1.0 is below 0"),
        ({"active_share": 0.0}, "active_share: must be above 0"),
    ],
)
def test_what_cannot_be_is_refused_in_words(changed: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        energy.assumptions("LFP", changed)


def test_a_change_is_a_share_and_a_solution_holds_something() -> None:
    with pytest.raises(ValueError, match="change 10"):
        energy.sensitivity(2.8, 3.35, 16.3, 35, of=LFP, change=10)
    with pytest.raises(ValueError, match="concentration"):
        energy.coating_mass(8, 1.1, 1.327, 0)
