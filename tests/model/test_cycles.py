from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.model.cycles import cycle_numbers, half_cycles, steps
from pchp_widgets.model.schema import dataset, validate


def square_wave(signs: list[int], *, hours: float = 1.0, current: float = 2.0, **more: np.ndarray) -> xr.Dataset:
    """One step an hour, ten points each, of charge (+1), discharge (-1) or rest (0)."""
    within = np.linspace(0.001, hours * 3600, 10)
    time = np.concatenate([within + k * hours * 3600 for k in range(len(signs))])
    sign = np.repeat(signs, 10)
    columns = {"time": time, "voltage": 0.05 * sign, "current": current * sign, **more}
    return dataset("points", columns)


def test_a_file_that_begins_with_half_a_cycle_keeps_it_as_cycle_0() -> None:
    # the pairs of a cell that starts with a discharge must not be shifted by one
    found = steps(square_wave([-1, 1, -1, 1, -1]), rule="charge_first")
    assert found["cycle"].values.tolist() == [0, 1, 2]
    assert half_cycles(found)["charge"].sel(cycle=0, direction="discharge").item() == pytest.approx(-2.0, rel=1e-3)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("charge_first", [0, 1, 1, 2, 2, 3]),
        ("discharge_first", [1, 1, 2, 2, 3, 3]),
        ("plating_first", [1, 1, 2, 2, 3, 3]),
    ],
)
def test_the_rule_decides_which_half_cycle_opens_a_cycle(rule: str, expected: list[int]) -> None:
    assert cycle_numbers(np.array([-1, 1, -1, 1, -1, 1]), rule).tolist() == expected  # type: ignore[arg-type]


def test_rests_belong_to_the_half_cycle_before_them_and_leading_ones_to_the_first() -> None:
    assert cycle_numbers(np.array([0, 1, 0, -1, 0, 1, -1]), "charge_first").tolist() == [1, 1, 1, 1, 1, 2, 2]


def test_a_plating_interrupted_by_rests_is_one_half_cycle() -> None:
    assert cycle_numbers(np.array([-1, 0, -1, 0, -1, 0]), "plating_first").tolist() == [1] * 6


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=60))
def test_cycle_numbers_never_skip_or_fall(signs: list[int]) -> None:
    numbers = cycle_numbers(np.array(signs), "charge_first")
    assert numbers[0] in {0, 1}
    assert set(np.diff(numbers)) <= {0, 1}


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=40))
def test_every_point_belongs_to_exactly_one_step(signs: list[int]) -> None:
    found = steps(square_wave(signs), rule="discharge_first")
    there = found["point_count"].values > 0
    start, count = found["point_start"].values[there], found["point_count"].values[there]
    covered = np.sort(np.concatenate([np.arange(a, a + n) for a, n in zip(start, count, strict=True)]))
    assert covered.tolist() == list(range(10 * len(signs)))
    assert validate(found, "steps") == []


def test_the_instruments_cycle_number_is_kept_beside_ours() -> None:
    cycle = np.repeat([7, 7, 9, 9], 10)
    points = square_wave([1, -1, 1, -1], instrument_cycle=cycle, instrument_step=np.repeat([1, 2, 1, 2], 10))
    ours = steps(points, rule="charge_first")
    assert ours["cycle"].values.tolist() == [1, 2]
    assert ours["instrument_cycle"].values[0, :, 0].tolist() == [7, 9]
    theirs = steps(points, rule="instrument")
    assert theirs["cycle"].values.tolist() == [7, 9]
    assert theirs.attrs["cycle_rule"] == "instrument"


def test_the_instrument_rule_needs_a_counter() -> None:
    with pytest.raises(ValueError, match="no cycle counter"):
        steps(square_wave([1, -1]), rule="instrument")


def test_the_device_counter_stands_beside_the_integral_with_their_difference() -> None:
    counter = np.cumsum(np.full(20, 0.1))
    found = steps(square_wave([1, -1], charge_counter=counter), rule="charge_first")
    assert found["charge_counter"].values[0, 0].tolist() == pytest.approx([0.9, 1.0])
    difference = found["charge"] - found["charge_counter"]
    np.testing.assert_allclose(found["charge_difference"], difference)


def test_quantities_per_area_are_unknown_without_an_area() -> None:
    assert np.isnan(steps(square_wave([1, -1]), rule="charge_first")["areal_capacity"]).all()


@given(st.floats(0.01, 100))
def test_a_larger_area_gives_a_smaller_capacity_per_area(area: float) -> None:
    points = square_wave([1, -1])
    one = steps(points, rule="charge_first", area=1.0)["areal_capacity"]
    other = steps(points, rule="charge_first", area=area)["areal_capacity"]
    np.testing.assert_allclose(other * area, one)


def test_a_half_cycle_ended_early_is_flagged() -> None:
    points = square_wave([1, -1, 1, -1, 1, -1])
    cut = points.isel(point=slice(0, 55))  # the last discharge stops half way
    flags = half_cycles(steps(cut, rule="charge_first"))["interrupted"]
    assert flags.values[0].tolist() == [[False, False], [False, False], [False, True]]


def test_a_slower_half_cycle_is_not_taken_for_an_interrupted_one() -> None:
    slow = square_wave([1, -1, 1, -1], current=0.5)
    fast = square_wave([1, -1, 1, -1], current=2.0)
    shifted = fast.assign(time=fast["time"].copy(data=fast["time"].values + float(slow["time"].values[-1])))
    both = xr.concat([slow, shifted], "point")
    assert not half_cycles(steps(both, rule="charge_first"))["interrupted"].any()


def test_assumed_and_derived_currents_are_flagged() -> None:
    points = square_wave([1, -1])
    points["current"].attrs["origin"] = "assumed: amplitude given, sign from the half-cycles"
    assert (steps(points, rule="charge_first")["flags"].values & 8).all()


def test_very_unequal_cycles_are_refused_rather_than_padded_without_bound() -> None:
    signs = [1, -1] * 3000 + [0] * 0
    points = square_wave(signs)
    number = np.repeat(np.r_[np.arange(3000), np.full(3000, 3000)], 10)
    points["instrument_cycle"] = ("point", number)
    with pytest.raises(ValueError, match="choose another cycle_rule"):
        steps(points, rule="instrument")


def test_charge_at_constant_voltage_is_counted_apart() -> None:
    points = square_wave([1, 1, -1], control=np.repeat([1, 2, 1], 10).astype("i1"))
    half = half_cycles(steps(points, rule="charge_first"))
    charge, at_voltage = half["charge"].values[0, 0], half["charge_cv"].values[0, 0]
    assert at_voltage.tolist() == [pytest.approx(charge[0] / 2, rel=1e-3), 0.0]
