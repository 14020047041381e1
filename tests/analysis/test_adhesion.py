"""Peel strength against known truth: the plateau, its interval in spite of stick-slip, and ratios of materials."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis._blocks import block_means
from pchp_widgets.analysis.adhesion import (
    RULES,
    by_material,
    doubts,
    fieller,
    peel_strength,
    plateau_window,
    ratios,
    strips,
    travel_per_length,
)
from pchp_widgets.io.synthetic.adhesion import PeelTruth, peel, peel_study
from pchp_widgets.model.measurements import merged

SHORT = PeelTruth(travel=100.0, spacing=0.05)
WINDOW = (25.0, 95.0)


@pytest.fixture(scope="module")
def many():
    """200 strips of one material whose plateau is at 60 N/m."""
    return peel(SHORT, strips=200, seed=20)


@pytest.fixture(scope="module")
def found(many):
    return peel_strength(many, window=WINDOW)


@pytest.fixture(scope="module")
def study():
    return peel_strength(peel_study())


def test_the_plateau_is_found_where_whole_record_and_maximum_mislead(many, found):
    one = peel_strength(many.isel(test=[0]), window=WINDOW)
    assert one["strength"].item() == pytest.approx(60.0, abs=0.3)
    assert np.abs(found["strength"].values - 60.0).max() < 0.5
    assert found["strength"].values.mean() == pytest.approx(60.0, abs=0.03)
    whole = peel_strength(many.isel(test=[0]), rule="whole record")
    assert whole["strength"].item() < 59.0
    assert whole["highest"].item() > 75.0


def test_an_error_that_takes_points_for_independent_is_half_of_the_true_one(found):
    true = found["strength"].values.std(ddof=1)
    naive, aware = (found[name].values.mean() for name in ("naive_stderr", "strength_stderr"))
    assert naive == pytest.approx(0.054, abs=0.004)
    assert naive < 0.55 * true
    assert aware == pytest.approx(true, rel=0.12)
    assert found["correlated_points"].values.mean() == pytest.approx(4.5, rel=0.15)


@pytest.mark.parametrize("seed", [20, 21])
@pytest.mark.parametrize("slip", [1.0, 4.0])
def test_intervals_within_a_strip_cover_the_truth(slip, seed):
    made = peel(PeelTruth(travel=100.0, spacing=0.1, slip=slip), strips=200, seed=seed)
    found = peel_strength(made, window=WINDOW)
    inside = (found["strength_low"].values <= 60.0) & (found["strength_high"].values >= 60.0)
    assert 0.90 <= inside.mean() <= 0.98


def test_intervals_over_strips_and_of_ratios_cover_the_truth_in_200_sets():
    rng = np.random.default_rng(7)
    above, below = (level * (1 + 0.06 * rng.standard_normal((200, 5))) for level in (60.0, 30.0))
    intervals = np.array([fieller(a, b) for a, b in zip(above, below, strict=True)])
    assert 0.90 <= ((intervals[:, 0] <= 2.0) & (intervals[:, 1] >= 2.0)).mean() <= 0.98
    truth = PeelTruth(travel=60.0, spacing=0.5, spread=0.05)
    sets = merged(peel(truth, strips=5, seed=seed, name=f"{seed}") for seed in range(200))
    grouped = by_material(peel_strength(sets, window=(20.0, 55.0), replicates=99))
    assert 0.90 <= ((grouped["low"].values <= 60.0) & (grouped["high"].values >= 60.0)).mean() <= 0.98


def test_median_and_peaks_stand_beside_the_mean(found):
    assert found["strength_median"].values.mean() == pytest.approx(60.0, abs=0.05)
    scatter = found["strength_median"].values.std()
    assert found["strength_median_stderr"].values.mean() == pytest.approx(scatter, rel=0.2)
    assert 61.5 < found["strength_peaks"].values.mean() < 63.5
    assert found["peak_count"].values.mean() == pytest.approx(70.0, abs=10.0)  # a slip each millimetre
    assert found["strength_25_mm"].values.mean() == pytest.approx(1.5, abs=0.001)


@pytest.mark.parametrize(("angle", "factor"), [(180.0, 2.0), (90.0, 1.0), (60.0, 0.5)])
def test_energy_of_release_follows_from_the_angle(angle, factor):
    assert travel_per_length(angle) == pytest.approx(factor)
    truth = PeelTruth(travel=100.0, angle=angle)
    one = peel_strength(peel(truth), window=WINDOW)
    assert one["energy"].item() == pytest.approx(factor * one["strength"].item())
    assert one["energy"].item() == pytest.approx(truth.energy, rel=0.01)
    assert one["peeled"].item() == pytest.approx(70.0 / factor, rel=1e-6)


def test_rules_count_lengths_of_the_bond_not_of_the_travel():
    flat, upright = (strips(peel(PeelTruth(angle=angle))) for angle in (180.0, 90.0))
    start = float(flat["peel_start"].values[0, 0])
    assert plateau_window(flat, "ISO 8510-2")[0] == pytest.approx(start + 50.0, abs=0.3)
    assert plateau_window(upright, "ISO 8510-1")[0] == pytest.approx(start + 25.0, abs=0.3)
    low, high = plateau_window(flat, "ASTM D3330")
    assert high - low == pytest.approx(100.0)
    assert plateau_window(flat)[1] == pytest.approx(280.0, abs=0.5)
    assert all(rule.text for rule in RULES.values())


def test_a_strip_that_came_off_early_does_not_shorten_the_others():
    made = merged([peel(PeelTruth(), strips=4, name="a"), peel(PeelTruth(travel=90.0), seed=3, name="b")])
    found = peel_strength(made)
    assert found.attrs["window"][1] > 275.0
    assert np.isnan(found["strength"].sel(sample="b").values).all()
    assert "peeled over less than half" in " ".join(doubts(found)["b"])


def test_a_record_too_short_for_the_rule_is_said():
    made = peel(PeelTruth(travel=120.0))
    assert "asks for 100" in " ".join(doubts(peel_strength(made))["synthetic"])
    with pytest.raises(ValueError, match="choose another rule, or a range of your own"):
        peel_strength(peel(PeelTruth(travel=40.0)))
    early = doubts(peel_strength(made, window=(2.0, 110.0)))["synthetic"]
    assert "starting peak" in " ".join(early)


def test_nothing_is_claimed_without_a_failure_mode():
    made = merged(
        peel(PeelTruth(strength=level, spread=0.03, failure_mode=mode), strips=5, seed=at, name=name, material=name)
        for at, (name, level, mode) in enumerate([("PCH", 30.0, "adhesive"), ("PCHP", 60.0, "")])
    )
    found = peel_strength(made)
    one = ratios(found)
    assert one["ratio"].item() == pytest.approx(2.0, rel=0.1)
    assert one["differs"].item() == -1
    assert "failure_mode='adhesive'" in str(one["doubt"].item())
    assert "failure mode" in " ".join(doubts(found)["PCHP"])
    assert "failure mode" not in " ".join(doubts(found)["PCH"])


def test_twice_as_strong_has_an_interval(study):
    one = ratios(study, "PCH").sel(material="PCHP")
    assert one["fieller_low"] < 2.0 < one["fieller_high"]
    assert one["bootstrap_low"] < one["ratio"] < one["bootstrap_high"]
    assert one["bootstrap_high"] - one["bootstrap_low"] == pytest.approx(
        float(one["fieller_high"] - one["fieller_low"]), rel=0.5
    )
    assert one["differs"].item() == 1
    others = ratios(study, "PCH").sel(material=["PCHP2", "PCHP3"])
    assert (others["differs"].values == -1).all()
    assert "different ways" in str(others["doubt"].values[0])


def test_fiellers_interval_is_that_of_the_textbook_formula():
    above, below = np.array([5.0, 6.0, 7.0]), np.array([2.0, 2.2, 2.4])
    low, high = fieller(above, below)
    for edge in (low, high):  # where the ratio is just rejected by Welch's test of a - r b at the freedom found
        gap = above.mean() - edge * below.mean()
        spread = above.var(ddof=1) / 3 + edge**2 * below.var(ddof=1) / 3
        assert gap**2 / spread == pytest.approx((above.mean() - low * below.mean()) ** 2 / (
            above.var(ddof=1) / 3 + low**2 * below.var(ddof=1) / 3
        ))  # fmt: skip
    assert np.isnan(fieller([5.0], [2.0, 3.0])).all()
    assert np.isnan(fieller([5.0, 6.0], [-2.0, 3.0])).all()


def test_one_strip_has_no_interval_of_its_material():
    found = peel_strength(peel(PeelTruth()))
    grouped = by_material(found)
    assert grouped["count"].item() == 1
    assert np.isnan(grouped["low"].item())
    assert "1 strip; standards ask for at least 5" in doubts(found)["synthetic"]


def test_what_is_missing_is_asked_for_by_name():
    made = peel(PeelTruth())
    with pytest.raises(ValueError, match=r"synthetic: the width of the strip is not known.*width='25 mm'"):
        peel_strength(made.drop_vars("width"))
    no_angle = peel_strength(made.drop_vars("peel_angle"))
    assert np.isnan(no_angle["energy"].values).all()
    assert np.isfinite(no_angle["strength"].values).all()
    assert "peel_angle='180 degree'" in " ".join(doubts(no_angle)["synthetic"])
    with pytest.raises(ValueError, match="rule 'ISO': choose one of ISO 8510-2"):
        peel_strength(made, rule="ISO")
    with pytest.raises(ValueError, match="statistic 'mean': choose one of strength"):
        by_material(no_angle, "mean")
    with pytest.raises(ValueError, match="reference 'PEO'"):
        ratios(no_angle, "PEO")


def test_widths_of_single_strips_win():
    made = peel(PeelTruth(), strips=2)
    own = made.assign(specimen_width=(("sample", "test"), [[12.5, np.nan]]))
    both = peel_strength(own)["strength"].values / peel_strength(made)["strength"].values
    np.testing.assert_allclose(both, [[2.0, 1.0]])


def test_a_strip_counts_the_same_whoever_is_beside_it():
    alone, other = peel(PeelTruth(), seed=1, name="a"), peel(PeelTruth(spacing=0.5), seed=2, name="b")
    together = peel_strength(merged([alone, other]), window=(60.0, 200.0))
    single = peel_strength(alone, window=(60.0, 200.0))
    for name in ("strength", "strength_stderr", "strength_low", "strength_peaks"):
        assert together[name].values[0, 0] == single[name].values[0, 0]


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 50.0), st.floats(-5.0, 5.0), st.integers(0, 2**32 - 1))
def test_scale_and_shift_pass_through_the_bootstrap(scale, shift, seed):
    values = np.random.default_rng(seed).standard_normal((2, 64)).cumsum(1)
    plain, other = (block_means(one, replicates=99) for one in (values, scale * values + shift))
    np.testing.assert_allclose(other.stderr, scale * plain.stderr, rtol=1e-6)
    np.testing.assert_allclose(other.low, scale * plain.low + shift, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(other.block, plain.block)


def test_independent_points_keep_the_textbook_error():
    values = np.random.default_rng(3).standard_normal((100, 512))
    found = block_means(values, replicates=99)
    assert found.stderr.mean() == pytest.approx(1 / np.sqrt(512), rel=0.06)


def test_a_constant_curve_has_no_error():
    found = block_means(np.ones((1, 32)), replicates=99)
    assert found.stderr[0] == 0.0
    assert found.low[0] == found.high[0] == 1.0
