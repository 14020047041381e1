"""The ledger of lithium: the published arithmetic, and ledgers made with a known efficiency."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pchp_widgets.analysis import ledger

N0 = 7.2143
"""35 um of lithium [mA h cm-2]."""

reservoirs = st.floats(0.5, 50)
capacities = st.floats(0.2, 10)
efficiencies = st.floats(0.9, 0.9999)


def step_by_step(reservoir: float, capacity: float, efficiency: float, cycles: int) -> tuple[list[float], list[float]]:
    """Plate, lose, strip what there is, at most what the cathode takes: one cycle after the other."""
    on_anode, in_cathode, excess, discharged = reservoir, capacity, [], []
    for _ in range(cycles):
        on_anode += in_cathode * efficiency
        in_cathode = min(capacity, on_anode)
        on_anode -= in_cathode
        excess.append(on_anode)
        discharged.append(in_cathode)
    return excess, discharged


def test_a_micrometre_of_lithium_holds_a_fifth_of_a_milliampere_hour() -> None:
    assert pytest.approx(3861.9, abs=0.05) == ledger.SPECIFIC_CAPACITY
    assert pytest.approx(0.2062, abs=5e-5) == ledger.CAPACITY_PER_UM
    assert 7.21 <= float(ledger.lithium_capacity(35)) <= 7.22
    assert pytest.approx(1.869, abs=5e-4) == 35e-4 * ledger.DENSITY * 1e3  # mg cm-2
    assert float(ledger.lithium_capacity(35, utilisation=0.5)) == pytest.approx(N0 / 2, rel=1e-3)


@pytest.mark.parametrize(("capacity", "moved"), [(2.8, 13.6), (3.0, 14.5), (3.9, 18.9)])
def test_thickness_moved_in_a_full_charge(capacity: float, moved: float) -> None:
    assert round(float(ledger.lithium_thickness(capacity)), 1) == moved


@pytest.mark.parametrize(("capacity", "ratio", "other"), [(2.8, 2.58, 3.58), (3.0, 2.41, 3.41), (3.9, 1.85, 2.85)])
def test_ratio_of_the_capacities_by_both_conventions(capacity: float, ratio: float, other: float) -> None:
    found = float(ledger.lithium_capacity(35)) / capacity
    assert round(found, 2) == ratio
    assert round(found + 1, 2) == other
    assert float(ledger.lithium_capacity(35)) / 3.41 == pytest.approx(2.12, abs=5e-3)  # what was really delivered


@pytest.mark.parametrize(
    ("capacity", "efficiency", "exhausted", "total"),
    [
        (3.0, 0.99, 240.5, 262.7),
        (3.0, 0.995, 481.0, 525.5),
        (3.0, 0.999, 2404.8, 2627.8),
        (2.8, 0.99, None, 279.9),
        (2.8, 0.995, None, 559.8),
        (2.8, 0.999, None, 2799.6),
        (3.9, 0.99, None, 207.2),
        (3.9, 0.995, None, 414.5),
        (3.9, 0.999, None, 2072.9),
    ],
)
def test_predicted_end_of_life(capacity: float, efficiency: float, exhausted: float | None, total: float) -> None:
    found = ledger.end_of_life(N0, capacity, efficiency)
    assert round(float(found.total), 1) == total
    if exhausted is not None:
        assert round(float(found.exhausted), 1) == exhausted
        assert round(float(found.exhausted), 1) + round(float(found.afterwards), 1) == pytest.approx(total, abs=0.11)


@pytest.mark.parametrize(
    ("cycles", "capacity", "retention", "bound"),
    [(400, 3.0, 0.76, 0.9932), (500, 2.8, 0.93, 0.9947), (300, 3.9, 0.84, 0.9933)],
)
def test_a_cell_that_lives_bounds_the_efficiency_of_its_lithium(
    cycles: int, capacity: float, retention: float, bound: float
) -> None:
    passed = cycles * capacity * (1 + retention) / 2  # a straight line from the first to the last capacity
    assert round(float(ledger.lowest_efficiency(N0, passed)), 4) == bound


def test_a_reservoir_lost_within_a_known_throughput() -> None:
    assert round(float(ledger.lowest_efficiency(N0, 570)), 3) == 0.987


@pytest.mark.parametrize(
    ("efficiency", "cycles", "capacity", "retention", "product", "missing", "share"),
    [(0.9985, 400, 3.0, 0.76, 0.55, 1.80, 25), (0.9995, 500, 2.8, 0.93, 0.78, 0.70, 9.7)],
)
def test_mean_efficiency_and_retention_contradict_each_other_unless_the_excess_pays(
    efficiency: float, cycles: int, capacity: float, retention: float, product: float, missing: float, share: float
) -> None:
    kept = float(ledger.efficiency_product(efficiency, cycles - 3))
    assert round(kept, 2) == product
    assert kept < retention
    assert float(ledger.efficiency_needed(retention, cycles - 3)) > efficiency
    paid = float(ledger.charge_missing(efficiency, cycles, capacity))
    assert paid == pytest.approx(missing)
    assert 100 * paid / N0 == pytest.approx(share, rel=5e-3)


def test_an_efficiency_of_one_lasts_for_ever() -> None:
    assert ledger.end_of_life(N0, 3.0, [0.99, 1.0]).total.tolist() == [pytest.approx(262.7, abs=0.05), np.inf]
    found = ledger.course(N0, 3.0, 1.0, 5)
    assert found.capacity.tolist() == [3.0] * 5
    assert found.excess.tolist() == [N0] * 5


@given(reservoirs, capacities, efficiencies)
def test_the_course_is_what_plating_and_stripping_one_by_one_gives(n0: float, p: float, ce: float) -> None:
    excess, discharged = step_by_step(n0, p, ce, 300)
    found = ledger.course(n0, p, ce, 300)
    np.testing.assert_allclose(found.capacity, discharged, rtol=1e-9)
    np.testing.assert_allclose(found.excess, excess, atol=1e-9 * (n0 + 300 * p))


@given(reservoirs, capacities, efficiencies)
def test_the_end_of_life_is_where_the_course_passes_the_level(n0: float, p: float, ce: float) -> None:
    predicted = ledger.end_of_life(n0, p, ce)
    assume(float(predicted.total) < 4000)
    capacity = ledger.course(n0, p, ce, 4001).capacity
    reached = 1 + int(np.argmax(capacity <= 0.8 * p))
    assert reached == pytest.approx(float(predicted.total), abs=1.5)


@given(reservoirs, capacities, efficiencies, st.integers(1, 2000))
def test_both_bounds_hold_and_meet_the_truth_where_the_lithium_runs_out(
    n0: float, p: float, ce: float, cycles: int
) -> None:
    found = ledger.course(n0, p, ce, cycles)
    plated = np.cumsum(np.append(p, found.capacity[:-1]))
    stripped = np.cumsum(found.capacity)
    strict = ledger.lowest_efficiency_strict(n0, plated, stripped)
    assert (strict <= ce + 1e-9).all()
    alive = found.excess > 0
    bound = ledger.lowest_efficiency(n0, plated)
    assert (bound[alive] <= ce + 1e-9).all()
    if not alive[-1]:
        np.testing.assert_allclose(strict[~alive], ce, rtol=1e-9)  # what is lost is known when nothing is left


@given(
    st.tuples(reservoirs, reservoirs), st.tuples(capacities, capacities), st.tuples(efficiencies, efficiencies),
    st.tuples(*[st.floats(0, 1)] * 3),
)  # fmt: skip
def test_the_band_brackets_every_value_inside_the_intervals(
    n0: tuple[float, float], p: tuple[float, float], ce: tuple[float, float], at: tuple[float, float, float]
) -> None:
    intervals = [(min(pair), max(pair)) for pair in (n0, p, ce)]
    low, high = ledger.end_of_life_band(intervals[0], intervals[1], intervals[2])
    inside = [a + share * (b - a) for (a, b), share in zip(intervals, at, strict=True)]
    total = float(ledger.end_of_life(*inside).total)
    assert float(low.total) * (1 - 1e-9) <= total <= float(high.total) * (1 + 1e-9)


def test_arrays_of_parameters_make_a_course_each() -> None:
    found = ledger.course(np.array([[2.0], [8.0]]), 3.0, np.array([0.98, 0.99, 0.999]), 100)
    assert found.capacity.shape == (2, 3, 100)
    alone = ledger.course(8.0, 3.0, 0.99, 100)
    np.testing.assert_array_equal(found.capacity[1, 1], alone.capacity)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((7.2, 3.0, 99.5), "not in percent"), ((7.2, 0.0, 0.99), "capacity: above 0"), ((7.2, 3.0, 0.0), "above 0")],
)
def test_what_cannot_be_is_refused_in_words(arguments: tuple[float, float, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ledger.end_of_life(*arguments)
    with pytest.raises(ValueError, match=message):
        ledger.course(*arguments, 10)
    with pytest.raises(ValueError, match="level"):
        ledger.end_of_life(7.2, 3.0, 0.99, level=80)
