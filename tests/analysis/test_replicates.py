from __future__ import annotations

from itertools import combinations
from math import comb, inf, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.analysis.replicates import Spread, difference, ratio, spread

positive = st.floats(0.01, 100.0)
groups = st.lists(positive, min_size=2, max_size=6)


def test_mean_standard_deviation_and_number_leave_out_what_is_not_known() -> None:
    found = spread([1.0, np.nan, 3.0])
    assert found == Spread(2.0, pytest.approx(np.sqrt(2)), 2)
    assert isnan(spread([1.0]).sd)
    assert spread([]).n == 0


def test_a_ratio_of_one_and_one_is_their_quotient_without_an_interval() -> None:
    found = ratio([3.0], [2.0])
    assert (found.low, found.high) == (1.5, 1.5)
    assert isnan(found.confidence)


def test_a_life_that_has_not_ended_bounds_the_ratio_from_below_only() -> None:
    found = ratio([500, 500, 500], [164, 173, 180], of_censored=[True] * 3)
    assert (found.low, found.high) == (pytest.approx(500 / 173), inf)
    assert (found.interval_low, found.interval_high) == (pytest.approx(500 / 180), inf)
    assert found.confidence == pytest.approx(0.9)  # so that "at least" has 95 %


def test_where_nothing_failed_nothing_is_known() -> None:
    found = ratio([500, 500], [400, 400], of_censored=[True] * 2, to_censored=[True] * 2)
    assert (found.low, found.high) == (0, inf)


@pytest.mark.parametrize(("n", "m", "level"), [(2, 2, 1 - 2 / 6), (2, 3, 1 - 2 / 10), (3, 3, 0.9), (3, 4, 1 - 2 / 35)])
def test_the_level_of_few_replicates_is_that_of_complete_separation(n: int, m: int, level: float) -> None:
    assert ratio(np.arange(1, n + 1), np.arange(1, m + 1)).confidence == pytest.approx(level)


@given(groups, groups)
def test_the_interval_holds_the_estimate_and_turns_over_with_the_ratio(above: list[float], below: list[float]) -> None:
    found, turned = ratio(above, below), ratio(below, above)
    assert found.interval_low <= found.low * (1 + 1e-12)
    assert found.high <= found.interval_high * (1 + 1e-12)
    assert turned.low == pytest.approx(1 / found.high)
    assert turned.interval_high == pytest.approx(1 / found.interval_low)


@given(groups, groups, positive)
def test_the_ratio_scales_with_the_values(above: list[float], below: list[float], factor: float) -> None:
    scaled = ratio(np.multiply(above, factor), below)
    assert scaled.low == pytest.approx(factor * ratio(above, below).low)
    assert scaled.interval_high == pytest.approx(factor * ratio(above, below).interval_high)


@given(groups, groups, st.data())
def test_censoring_only_opens_bounds(above: list[float], below: list[float], data: st.DataObject) -> None:
    censored = data.draw(st.lists(st.booleans(), min_size=len(above), max_size=len(above)))
    known, open_ended = ratio(above, below), ratio(above, below, of_censored=censored)
    assert open_ended.low == pytest.approx(known.low)
    assert open_ended.high >= known.high
    assert open_ended.interval_high >= known.interval_high


def test_the_interval_covers_a_known_ratio_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    covered, level = 0, 0.0
    for _ in range(2000):
        found = ratio(2.0 * rng.weibull(3.0, 4), rng.weibull(3.0, 4))
        covered += found.interval_low <= 2.0 <= found.interval_high
        level = found.confidence
    assert covered / 2000 == pytest.approx(level, abs=0.02)


def test_the_level_counts_orders_as_enumeration_does() -> None:
    n, m, k = 4, 5, 2
    orders = combinations(range(n + m), n)
    wrong = sum(sum(taken[place] - place for place in range(n)) <= k for taken in orders)
    tail = wrong / comb(n + m, n)
    assert ratio(range(1, n + 1), range(1, m + 1), confidence=1 - 2 * tail).confidence == pytest.approx(1 - 2 * tail)


@given(groups, groups, st.floats(-100.0, 100.0))
def test_a_difference_shifts_with_the_values_and_is_the_median_of_all_pairs(
    above: list[float], below: list[float], shift: float
) -> None:
    found, shifted = difference(above, below), difference(np.add(above, shift), below)
    pairs = np.subtract.outer(above, below)
    assert found.low == pytest.approx(np.median(pairs), abs=1e-9)
    assert shifted.low == pytest.approx(found.low + shift, abs=1e-9)
    assert shifted.interval_high == pytest.approx(found.interval_high + shift, abs=1e-9)


def test_a_difference_of_three_and_three_has_the_interval_of_complete_separation() -> None:
    found = difference([0.93, 0.92, 0.95], [0.78, 0.76, np.nan, 0.80])
    assert (found.interval_low, found.interval_high) == pytest.approx((0.92 - 0.80, 0.95 - 0.76))
    assert found.confidence == pytest.approx(0.9)
