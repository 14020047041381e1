"""Units a thousand times off are found by what a file holds twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.io.tables import counters
from pchp_widgets.io.tables.slips import slip

TIME = np.arange(200) * 30.0
CURRENT = np.repeat([2.0, -2.0], 100)
VOLTAGE = np.full(200, 3.6)


def counted(rate: np.ndarray) -> list[np.ndarray]:
    """Counters of both directions."""
    passed = counters.passed(rate, TIME)
    return [np.concatenate(([0.0], np.cumsum(np.clip(sign * passed, 0, None)))) for sign in (1, -1)]


CHARGE, ENERGY = counted(CURRENT), counted(CURRENT * VOLTAGE)


def scaled(readings: list[np.ndarray], factor: float) -> list[np.ndarray]:
    return [one * factor for one in readings]


@given(factor=st.floats(0.6, 1.7))
def test_numbers_that_agree_within_a_factor_of_two_are_left_alone(factor: float) -> None:
    assert slip(TIME, VOLTAGE, CURRENT, scaled(CHARGE, factor), scaled(ENERGY, factor)) is None


def test_nothing_to_compare_with_is_no_slip() -> None:
    assert slip(TIME, VOLTAGE, CURRENT, [], []) is None
    assert slip(TIME, VOLTAGE, 0 * CURRENT, CHARGE, ENERGY) is None
    assert slip(TIME, VOLTAGE, CURRENT, scaled(CHARGE, 0), scaled(ENERGY, 0)) is None


def test_millivolts_are_proved_by_the_energy() -> None:
    found = slip(TIME, VOLTAGE * 1e3, CURRENT, CHARGE, ENERGY)
    assert found is not None
    assert (found.quantity, found.factor) == ("voltage", 1e3)
    assert "energy over charge is 3.6 V" in found.said


@pytest.mark.parametrize("factor", [1e3, 1e-3])
def test_a_charge_counter_alone_in_its_unit_is_the_wrong_one(factor: float) -> None:
    found = slip(TIME, VOLTAGE, CURRENT, scaled(CHARGE, factor), ENERGY)
    assert found is not None
    assert found.quantity == "capacity"
    assert found.factor == pytest.approx(factor)


@pytest.mark.parametrize("factor", [1e3, 1e-3])
@pytest.mark.parametrize("energy", [ENERGY, []])
def test_a_current_against_all_counters_is_undecided(factor: float, energy: list[np.ndarray]) -> None:
    found = slip(TIME, VOLTAGE, CURRENT * factor, CHARGE, energy)
    assert found is not None
    assert found.quantity == ""
    assert found.factor == pytest.approx(factor)
    assert found.doubtful == ("current", "time", "capacity")


def test_an_energy_that_disagrees_alone_is_undecided_between_it_and_the_voltage() -> None:
    found = slip(TIME, VOLTAGE, CURRENT, CHARGE, scaled(ENERGY, 1e-3))
    assert found is not None
    assert found.doubtful == ("voltage", "energy")


def test_a_voltage_no_cell_has_is_doubtful_though_nothing_contradicts_it() -> None:
    found = slip(TIME, VOLTAGE * 1e3, 0 * CURRENT, [], [])
    assert found is not None
    assert found.doubtful == ("voltage",)


def test_counters_that_restart_and_lack_readings_are_compared_all_the_same() -> None:
    restarting = [one - np.repeat([one[0], one[99]], 100) for one in CHARGE]
    restarting[0][50] = np.nan
    assert slip(TIME, VOLTAGE, CURRENT, restarting, ENERGY) is None
    found = slip(TIME, VOLTAGE, CURRENT, scaled(restarting, 1e-3), ENERGY)
    assert found is not None
    assert found.quantity == "capacity"
