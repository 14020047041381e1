"""The planted critical current comes back, with its resolution, and is censored where the test did not reach it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis.critical_current import EVENTS, critical_current
from pchp_widgets.analysis.symmetric import polarization
from pchp_widgets.io.synthetic.cells import state
from pchp_widgets.io.synthetic.pulses import Reading, alternating, cell_tree, pulse_voltage, recorded
from pchp_widgets.io.synthetic.step_test import step_test

AREA = 1.327


def found_in(tree: xr.DataTree) -> xr.Dataset:
    return critical_current(polarization(tree)).isel(cell=0)


@pytest.mark.parametrize("constant", ["charge", "time"])
@pytest.mark.parametrize("event", ["drop", "jump"])
@pytest.mark.parametrize("per_level", [1, 3])
def test_the_planted_event_is_found_at_its_current(
    constant: Literal["charge", "time"], event: Literal["drop", "jump"], per_level: int
) -> None:
    tree = step_test(1.5, constant=constant, event=event, per_level=per_level)
    found = found_in(tree)
    assert (found["observed"], found["event"], found["constant"]) == (1, event, constant)
    assert found["critical_current_density"] == pytest.approx(tree.attrs["critical_current_density"], rel=1e-3)
    assert found["critical_current"] == pytest.approx(1.6 * AREA, rel=1e-3)
    assert found["highest_safe"] == pytest.approx(1.4 * AREA, rel=1e-3)
    assert found["resolution_density"] == pytest.approx(0.2, rel=1e-2)
    assert found["cycle"] == 7 * per_level + 1


@given(critical=st.floats(0.5, 2.8), step=st.sampled_from([0.1, 0.2, 0.5]), seed=st.integers(0, 30))
@settings(max_examples=15, deadline=None)
def test_the_truth_lies_between_the_highest_safe_and_the_critical_current(
    critical: float, step: float, seed: int
) -> None:
    found = found_in(step_test(critical, first=step, step=step, seed=seed))
    assert found["observed"] == 1
    assert found["highest_safe"] / AREA <= critical * 1.001
    assert found["critical_current_density"] >= critical * 0.999
    assert found["resolution_density"] == pytest.approx(step, rel=1e-2)


@pytest.mark.parametrize("constant", ["charge", "time"])
def test_a_cell_that_survives_is_censored_at_the_highest_current(constant: Literal["charge", "time"]) -> None:
    found = found_in(step_test(None, constant=constant, top=2.0))
    assert (found["observed"], found["event"], found["constant"]) == (0, "", constant)
    assert found["critical_current_density"] == pytest.approx(2.0, rel=1e-3)
    assert found["highest_safe"] == found["critical_current"]


def test_a_test_at_one_current_is_no_step_test() -> None:
    tree = step_test(None, first=1.0, step=0.5, top=1.0, per_level=20)
    found = found_in(tree)
    assert found["observed"] == -1
    assert np.isnan(found["critical_current_density"])


def test_without_the_area_the_current_is_given_and_no_density() -> None:
    tree = step_test(1.5)
    bare = cell_tree(tree["points"].to_dataset(), "cell")
    found = found_in(bare)
    assert found["critical_current"] == pytest.approx(1.6 * AREA, rel=1e-3)
    assert np.isnan(found["critical_current_density"])


def stepped(change: float, *, recovers: bool = False) -> xr.DataTree:
    """|V| multiplied by `change` in cycle 6 of 10, for good or for that cycle."""
    levels = np.arange(1, 11) * 0.2
    pulses = alternating(10, levels, 0.5)
    time, size, left = pulse_voltage(state("PCHP", 10), pulses)
    size[10 : 12 if recovers else None] *= change
    return cell_tree(recorded(pulses, time, size, left, area=AREA, reading=Reading()), "cell", area=AREA)


def test_what_recovers_in_the_next_cycle_is_no_event() -> None:
    assert found_in(stepped(0.3))["event"] == "drop"
    assert found_in(stepped(0.3, recovers=True))["observed"] == 0


def test_a_half_cycle_that_runs_into_a_voltage_limit_ends_the_test() -> None:
    levels = np.arange(1, 11) * 0.2
    pulses = alternating(10, levels, 0.5)
    time, size, left = pulse_voltage(state("PCHP", 10), pulses)
    ends = np.ones(20)
    ends[14:] = 0.5
    points = recorded(pulses, time, size, left, area=AREA, reading=Reading(), ends=ends)
    found = found_in(cell_tree(points, "cell", area=AREA))
    assert (found["event"], found["cycle"]) == ("cutoff", 8)
    assert found["critical_current_density"] == pytest.approx(1.6, rel=1e-2)


def test_cycles_after_the_current_fell_belong_to_no_step_test() -> None:
    levels = np.r_[np.arange(1, 6) * 0.4, np.full(10, 0.4)]
    pulses = alternating(15, levels, 0.5)
    time, size, left = pulse_voltage(state("PCHP", 15), pulses)
    size[20:] *= 0.2
    found = found_in(cell_tree(recorded(pulses, time, size, left, area=AREA, reading=Reading()), "cell", area=AREA))
    assert (found["observed"], found["cycle"]) == (0, 5)
    assert found["critical_current_density"] == pytest.approx(2.0, rel=1e-3)


def test_many_cells_are_judged_at_once_and_each_as_alone() -> None:
    trees = [step_test(critical, name=f"cell-{number}") for number, critical in enumerate([0.9, None, 2.1])]
    found = critical_current(polarization(trees))
    assert found["observed"].values.tolist() == [1, 0, 1]
    for number, tree in enumerate(trees):
        xr.testing.assert_allclose(found.isel(cell=[number]), critical_current(polarization(tree)))


def test_events_state_their_definitions_and_limits_are_checked() -> None:
    found = critical_current(polarization(step_test(1.5)), drop=0.6)
    assert set(EVENTS) == set(found["event"].attrs)
    assert "below 0.6" in found["event"].attrs["drop"]
    with pytest.raises(ValueError, match="drop must lie between 0 and 1"):
        critical_current(polarization(step_test(1.5)), drop=1.5)
