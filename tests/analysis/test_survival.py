from __future__ import annotations

from collections.abc import Sequence
from math import inf, isnan

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, weibull_min

from pchp_widgets.analysis import symmetric
from pchp_widgets.analysis.life import CENSORED, FAILED, UNDECIDED
from pchp_widgets.analysis.survival import kaplan_meier, lives, log_rank, rank_ratio, weibull, weibull_ratio
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.cycles import steps

# Remission of leukaemia in weeks, 6-mercaptopurine against placebo: Freireich et al., Blood 21 (1963) 699, analysed in
# Cox and Oakes, Analysis of Survival Data (1984) and in most textbooks since.
MERCAPTOPURINE = ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35])
PLACEBO = ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [])

times = st.lists(st.integers(1, 50), min_size=1, max_size=12)


def life_of(**groups: tuple[Sequence[float], Sequence[float]]) -> xr.Dataset:
    """Lives by group: those that ended, then those that had not."""
    value = [one for ended, alive in groups.values() for one in (*ended, *alive)]
    seen = [flag for ended, alive in groups.values() for flag in [FAILED] * len(ended) + [CENSORED] * len(alive)]
    names = [name for name, (ended, alive) in groups.items() for _ in (*ended, *alive)]
    return xr.Dataset(
        {"cycle": ("cell", np.array(value, float), {"units": "1"}), "observed": ("cell", np.array(seen, np.int8))},
        coords={"cell": [f"cell-{number}" for number in range(len(value))], "coating": ("cell", names)},
    )


REMISSION = life_of(drug=MERCAPTOPURINE, placebo=PLACEBO)
STUDY = life_of(bare=([164, 173, 180], []), PCHP=([], [500, 500, 500]))


def survival_at(found: xr.Dataset, group: str, at: float) -> float:
    one = found.sel(group=group)
    return float(one["survival"].values[np.flatnonzero(one["at"].values <= at)[-1]])


def test_the_curve_of_a_textbook_is_found_to_all_its_digits() -> None:
    found = kaplan_meier(REMISSION)
    published = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert {at: round(survival_at(found, "drug", at), 4) for at in published} == published
    assert found["median"].values.tolist() == [23, 8]
    assert found["failures"].values.tolist() == [9, 21]


def test_the_curve_of_five_cells_is_that_computed_by_hand() -> None:
    found = kaplan_meier(life_of(PCHP=([10, 30, 30], [20, 40]))).sel(group="PCHP")
    assert found["at"].values.tolist() == [0, 10, 20, 30, 40]
    assert found["survival"].values == pytest.approx([1, 4 / 5, 4 / 5, 4 / 5 * 1 / 3, 4 / 5 * 1 / 3])
    assert found["at_risk"].values.tolist() == [5, 5, 4, 3, 1]
    assert found["failed"].values.tolist() == [0, 1, 0, 2, 0]
    assert found["censored"].values.tolist() == [0, 0, 1, 0, 1]


def test_the_band_is_that_of_greenwoods_formula_on_the_log_log_scale() -> None:
    found = kaplan_meier(REMISSION, confidence=0.95).sel(group="drug")
    row = np.flatnonzero(found["at"].values == 10)[0]
    survival = 18 / 21 * 16 / 17 * 14 / 15
    greenwood = 3 / (21 * 18) + 1 / (17 * 16) + 1 / (15 * 14)
    spread = 1.959964 * np.sqrt(greenwood) / np.log(survival)
    limits = survival ** np.exp(-spread), survival ** np.exp(spread)
    assert (found["survival_low"].values[row], found["survival_high"].values[row]) == pytest.approx(limits, rel=1e-6)


@given(times)
def test_without_censoring_the_curve_is_the_share_that_lives_on(ended: list[int]) -> None:
    found = kaplan_meier(life_of(bare=(ended, []))).isel(group=0)
    expected = [np.mean(np.array(ended) > at) for at in found["at"].values]
    assert found["survival"].values == pytest.approx(expected)


@given(times, times)
def test_the_curve_falls_within_its_band_and_nobody_is_lost(ended: list[int], alive: list[int]) -> None:
    found = kaplan_meier(life_of(bare=(ended, alive))).isel(group=0)
    survival = found["survival"].values
    assert np.all(np.diff(survival) <= 0)
    high = np.where(np.isnan(found["survival_high"].values), 1.0, found["survival_high"].values)
    assert np.all((found["survival_low"].values <= survival + 1e-12) & (survival <= high + 1e-12))
    assert found["failed"].sum() + found["censored"].sum() == found["n"] == len(ended) + len(alive)
    assert found["median_low"] <= found["median"] <= found["median_high"]


def test_three_survivors_do_not_bound_the_median_and_five_do() -> None:
    # if the median were below 500, three cells would all live on with a chance of 1/8, five with 1/32
    three, five = (kaplan_meier(life_of(PCHP=([], [500] * count))).isel(group=0) for count in (3, 5))
    assert (three["median_low"], three["median"], three["median_high"]) == (0, inf, inf)
    assert (five["median_low"], five["median"]) == (500, inf)
    assert five["survival_low"].values[0] == pytest.approx(0.05 ** (1 / 5))


def test_an_undecided_cell_lived_so_long_and_one_of_unknown_life_is_left_out() -> None:
    life = life_of(bare=([10, 20, 30], []))
    life["observed"][2], life["cycle"][0] = UNDECIDED, np.nan
    found = kaplan_meier(life).isel(group=0)
    assert [int(found[name]) for name in ("n", "failures", "undecided", "unknown")] == [2, 1, 1, 1]
    assert found["censored"].values.tolist() == [0, 0, 1]


def test_a_cell_of_no_group_belongs_to_none() -> None:
    assert list(lives(life_of(**{"bare": ([1], []), "": ([2], [])}))) == ["bare"]


def test_several_criteria_at_once_are_refused_with_the_remedy() -> None:
    several = STUDY.expand_dims(criterion=["short"])
    with pytest.raises(ValueError, match=r"life\.sel\(criterion="):
        kaplan_meier(several)
    with pytest.raises(ValueError, match="no coordinate 'electrolyte'"):
        kaplan_meier(STUDY, by="electrolyte")


def test_the_log_rank_statistic_is_that_of_the_textbook() -> None:
    of = lives(REMISSION)
    statistic, p, _ = log_rank(of["drug"], of["placebo"])
    assert statistic == pytest.approx(16.79, abs=0.005)
    assert p < 1e-4


def test_three_against_three_cells_cannot_be_more_significant_than_one_in_ten() -> None:
    of = lives(STUDY)
    _, p, exact = log_rank(of["PCHP"], of["bare"])
    assert p < 0.05  # what the usual table says
    assert exact == pytest.approx(2 / 20)  # of 20 divisions of six cells, this one and its mirror image


def test_where_nothing_failed_the_log_rank_test_says_nothing() -> None:
    of = lives(life_of(bare=([], [10, 20]), PCHP=([], [30])))
    assert all(isnan(number) for number in log_rank(of["PCHP"], of["bare"]))


@settings(max_examples=30)
@given(times, times, times)
def test_the_log_rank_test_is_the_same_both_ways_round(one: list[int], other: list[int], alive: list[int]) -> None:
    of = lives(life_of(a=(one[:4], alive[:2]), b=(other[:4], [])))
    assert log_rank(of["a"], of["b"]) == pytest.approx(log_rank(of["b"], of["a"]), nan_ok=True)


def test_a_survivor_of_1000_h_against_344_h_is_at_least_2_91_times_and_never_a_number() -> None:
    of = lives(life_of(bare=([344], []), PCHP=([], [1000])))
    found = rank_ratio(of["PCHP"], of["bare"])
    assert found.low == pytest.approx(2.907, abs=0.001)
    assert found.high == inf
    assert isnan(found.confidence)  # one cell each has no interval
    modelled = weibull_ratio(of["PCHP"], of["bare"])
    assert (modelled.low, modelled.high, isnan(modelled.interval_low)) == (0, inf, True)


def test_the_weibull_fit_is_that_of_scipy() -> None:
    ended, alive = MERCAPTOPURINE
    found = weibull(REMISSION).sel(group="drug")
    shape, _, scale = weibull_min.fit(CensoredData(uncensored=ended, right=alive), floc=0)
    assert (found["shape"].item(), found["scale"].item()) == pytest.approx((shape, scale), rel=1e-5)


def test_the_accelerated_life_model_is_that_of_the_textbook() -> None:
    # Kleinbaum and Klein, Survival Analysis (3rd ed. 2012), ch. 7: coefficient of the treatment 1.267, shape 1.366
    of = lives(REMISSION)
    found = weibull_ratio(of["drug"], of["placebo"])
    assert np.log(found.low) == pytest.approx(1.267, abs=0.0005)
    assert found.low == found.high


def test_where_no_coated_cell_failed_the_weibull_ratio_has_a_lower_limit_only() -> None:
    of = lives(STUDY)
    found, turned = weibull_ratio(of["PCHP"], of["bare"]), weibull_ratio(of["bare"], of["PCHP"])
    assert (found.low, found.high, found.interval_high) == (0, inf, inf)
    assert 2.5 < found.interval_low < 500 / 173
    assert turned.interval_low == 0
    assert turned.interval_high == pytest.approx(1 / found.interval_low, rel=0.02)  # simulated: nearly a mirror image


@pytest.mark.parametrize("ended", [[], [100], [100, 100]])
def test_without_two_failures_at_different_lives_weibull_is_undecided(ended: list[int]) -> None:
    found = weibull(life_of(bare=(ended, [] if ended else [50]))).isel(group=0)
    assert all(isnan(float(found[name])) for name in ("shape", "shape_low", "scale", "scale_high"))
    assert "two failures" in found["why"].item()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(1.0, 50.0), min_size=3, max_size=5, unique=True), st.floats(0.1, 20.0))
def test_the_ratio_scales_with_the_lives_and_the_shape_does_not(ended: list[float], factor: float) -> None:
    reference = [8.0, 11.0, 17.0]
    plain = life_of(bare=(reference, []), PCHP=(ended, [60.0]))
    scaled = life_of(bare=(reference, []), PCHP=([factor * one for one in ended], [factor * 60.0]))
    before, after = (weibull_ratio(of["PCHP"], of["bare"]) for of in map(lives, (plain, scaled)))
    assert after[:4] == pytest.approx([factor * number for number in before[:4]], rel=1e-4)
    shapes = [weibull(life)["shape"].sel(group="PCHP").item() for life in (plain, scaled)]
    assert shapes[0] == pytest.approx(shapes[1], rel=1e-4)


def coverage(cells: int, end: float, repeats: int) -> tuple[float, float]:
    """How often the limits of ratio and shape hold the truth: of three times longer lives with the shape 3."""
    rng = np.random.default_rng(11)
    of_ratio, of_shape = [], []
    for _ in range(repeats):
        groups = {}
        for name, scale in (("bare", 1.0), ("PCHP", 3.0)):
            drawn = scale * rng.weibull(3.0, cells)
            groups[name] = (drawn[drawn <= end].tolist(), [end] * int((drawn > end).sum()))
        life = life_of(**groups)
        of = lives(life)
        found, fitted = weibull_ratio(of["PCHP"], of["bare"]), weibull(life).sel(group="bare")
        of_ratio.append(found.interval_low <= 3.0 <= found.interval_high)
        of_shape.append(float(fitted["shape_low"]) <= 3.0 <= float(fitted["shape_high"]))
    return float(np.mean(of_ratio)), float(np.mean(of_shape))


@pytest.mark.parametrize("cells", [3, 6])
def test_nine_in_ten_intervals_of_a_few_cells_hold_the_truth(cells: int) -> None:
    assert coverage(cells, inf, 80) == pytest.approx((0.9, 0.9), abs=0.07)


def test_with_survivors_at_least_nine_in_ten_intervals_hold_the_truth() -> None:
    of_ratio, _ = coverage(3, 2.5, 80)
    assert of_ratio >= 0.86


def test_the_life_of_real_looking_cells_is_taken_as_it_comes() -> None:
    made = [("bare", 30), ("bare", 34), ("PCHP", None)]
    trees = []
    for number, (coating, short_at) in enumerate(made):
        cell = symmetric_cell(state(coating, 50, seed=number), Recipe(cycles=50, short_at=short_at), seed=number)
        counted = steps(
            cell.points, rule="plating_first", cell=f"{coating}-{number}", coords={"coating": ("cell", [coating])}
        )
        trees.append(xr.DataTree.from_dict({"steps": counted, "points": cell.points}, name=f"{coating}-{number}"))
    life = symmetric.life(symmetric.polarization(trees)).sel(criterion="short")
    of = lives(life)
    assert {name: one.value.tolist() for name, one in of.items()} == {"bare": [31, 35], "PCHP": [50]}
    assert rank_ratio(of["PCHP"], of["bare"]).high == inf
    hours = kaplan_meier(life, of="time")
    assert hours["at"].attrs["units"] == "s"
    assert hours["at"].sel(group="bare").values[1] / 3600 == pytest.approx(60, abs=0.1)
