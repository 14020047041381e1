"""Counters of instruments brought to one net count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.io.tables import counters

TIME = np.arange(40) * 90.0
CURRENT = np.repeat([2.0, -1.0, 0.0, 1.5], 10)
PASSED = np.concatenate(([0.0], np.cumsum(counters.passed(CURRENT, TIME))))
EDGES = (10, 20, 30)


def restarting(values: np.ndarray) -> np.ndarray:
    """A counter that begins again at each step."""
    found = values.copy()
    for edge in EDGES:
        found[edge:] = values[edge:] - values[edge]
    return found


def test_a_counter_that_restarts_at_each_step_is_carried_on() -> None:
    expected = counters.passed(CURRENT, TIME)
    found = counters.net(restarting(PASSED), expected)
    inside = np.ones(39, bool)
    inside[[edge - 1 for edge in EDGES]] = False  # what passes over an edge no counter of steps holds
    np.testing.assert_allclose(np.diff(found)[inside], expected[inside], atol=1e-12)


def test_a_counter_that_runs_back_through_zero_is_no_restart() -> None:
    np.testing.assert_allclose(counters.net(PASSED - 0.3, counters.passed(CURRENT, TIME)), PASSED - 0.3, atol=1e-12)


def test_a_magnitude_takes_the_sign_of_the_current() -> None:
    found = counters.signed(np.abs(restarting(PASSED)), CURRENT, counters.passed(CURRENT, TIME))
    assert found[19] - found[10] == pytest.approx(PASSED[19] - PASSED[10])
    assert found[9] == pytest.approx(PASSED[9])


def test_an_unsigned_looking_net_count_stays_a_net_count() -> None:
    current = np.repeat([2.0, -1.0], 20)
    passed = np.concatenate(([0.0], np.cumsum(counters.passed(current, TIME))))
    assert passed.min() >= 0
    np.testing.assert_allclose(counters.signed(passed, current, counters.passed(current, TIME)), passed, atol=1e-12)


@given(st.lists(st.floats(0.01, 5.0), min_size=2, max_size=30), st.data())
def test_the_total_does_not_depend_on_where_a_counter_restarts(steps: list[float], data: st.DataObject) -> None:
    true = np.concatenate(([0.0], np.cumsum([part for step in steps for part in (0.0, step, step, step)])))
    edges = data.draw(st.lists(st.integers(1, len(steps) - 1), unique=True))
    counter = true.copy()
    for edge in sorted(edges):
        counter[4 * edge + 1 :] = true[4 * edge + 1 :] - true[4 * edge]
    assert counters.total(counter)[-1] == pytest.approx(true[-1])
