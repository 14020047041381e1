from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis.coulombic.design import difference, resolution
from pchp_widgets.analysis.coulombic.formulas import modified_efficiency


def test_the_usual_protocol_cannot_rank_half_a_thousandth_from_one_cell() -> None:
    found = resolution(efficiency=0.9955, difference=0.0005).squeeze()
    assert found["stderr"].item() == pytest.approx(0.0004, abs=1e-5)
    assert not found["resolves"]
    assert found["replicates_needed"] > 5
    assert found["floor"].item() == pytest.approx(10 / 14)
    single = difference([0.9955], [0.9960], [0.0004], [0.0004])
    assert not single.ranked
    assert single.low < 0 < single.high
    assert "not known" in single.rests_on


def test_as_many_replicates_as_needed_resolve_the_difference() -> None:
    needed = int(resolution(difference=0.0005, cell_sd=0.0003).squeeze()["replicates_needed"])
    found = resolution(difference=0.0005, cell_sd=0.0003, replicates=[needed - 1, needed])
    assert found["resolves"].squeeze().values.tolist() == [False, True]


def test_what_is_resolved_is_seen_with_the_power_asked_for() -> None:
    found = resolution(efficiency=0.98, charge_error=1e-3, replicates=4, power=0.8).squeeze()
    delta = found["resolvable_difference"].item()
    rng = np.random.default_rng(5)
    seen = []
    for _ in range(800):
        groups = []
        for efficiency in (0.98 + delta, 0.98):
            t, c = 4 * (1 + 1e-3 * rng.standard_normal(4)), 1 + 1e-3 * rng.standard_normal(4)
            left = (efficiency * 14 - 10) * (1 + 1e-3 * rng.standard_normal(4))
            groups.append(modified_efficiency(t, c, 10, left).mean())
        limit = 1.959964 * np.sqrt(2 / 4) * found["stderr"].item()
        seen.append(groups[0] - groups[1] > limit)
    assert np.mean(seen) == pytest.approx(0.8, abs=0.05)


def test_a_reservoir_that_does_not_last_resolves_nothing() -> None:
    found = resolution(cycles=[10, 100], efficiency=0.95, difference=0.01).squeeze()
    assert found["lasts"].values.tolist() == [True, False]
    assert not found["resolves"].sel(cycles=100)


@given(n=st.integers(2, 30), m=st.integers(1, 9))
@settings(max_examples=20, deadline=None)
def test_more_replicates_never_resolve_less(n: int, m: int) -> None:
    few, many = resolution(cycles=n, replicates=[m, m + 1]).squeeze()["resolvable_difference"].values
    assert many < few


def test_replicates_that_scatter_widen_the_interval_beyond_the_charge_errors() -> None:
    found = difference([0.985, 0.989, 0.987], [0.955, 0.951, 0.953], [1e-4] * 3, [1e-4] * 3)
    assert found.value == pytest.approx(0.034)
    assert found.ranked
    assert "Welch" in found.rests_on
    from scipy.stats import ttest_ind

    ci = ttest_ind([0.985, 0.989, 0.987], [0.955, 0.951, 0.953], equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((ci.low, ci.high))


def test_replicates_that_agree_too_well_do_not_beat_the_charge_errors() -> None:
    found = difference([0.9955] * 2, [0.9960] * 2, [4e-4] * 2, [4e-4] * 2)
    assert not found.ranked
    assert found.rests_on == "the errors of the charges"


def test_an_empty_group_compares_with_nothing() -> None:
    found = difference([np.nan], [0.99], [np.nan], [1e-4])
    assert np.isnan(found.value)
    assert not found.ranked


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"efficiency": 99}, "0.99 for 99 %"),
        ({"difference": 0}, "difference"),
        ({"charge_error": -1}, "charge_error"),
        ({"power": 1}, "power"),
        ({"cycles": [0, 10]}, "cycles"),
    ],
)
def test_numbers_out_of_range_are_refused(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        resolution(**arguments)  # type: ignore[arg-type]
