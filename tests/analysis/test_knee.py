"""Knees planted in curves are found where they are, and there is none in a straight line."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis.knee import knee, knees

CYCLES = np.arange(1.0, 501.0)


def bent(at: float, after: float = 2e-3, noise: float = 1e-3, seed: int = 0, before: float = 2e-4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 1 - before * CYCLES - np.maximum(CYCLES - at, 0) * after + noise * rng.standard_normal(CYCLES.size)


@pytest.mark.parametrize("at", [60, 300, 450])
def test_a_planted_knee_is_found_within_a_cycle(at: int) -> None:
    found = knee(CYCLES, bent(at))
    assert found["observed"] == 1
    assert found["knee"] == pytest.approx(at, abs=1)
    assert found["knee_low"] <= at <= found["knee_high"]
    assert found["bic_gain"] > 1000


def test_the_interval_holds_what_it_promises() -> None:
    at = np.random.default_rng(1).uniform(120, 420, 100)
    curves = np.stack([bent(place, noise=0.01, seed=number) for number, place in enumerate(at)])
    found = knees(kept(curves))
    inside = (found["knee_low"].values <= at) & (at <= found["knee_high"].values)
    assert inside.mean() == pytest.approx(0.95, abs=0.05)
    assert np.std(found["knee"].values - at) < 4


def test_slopes_before_and_after_are_those_planted() -> None:
    found = knee(CYCLES, bent(300, noise=0))
    mean = bent(300, noise=0).mean()
    assert found["knee"] == pytest.approx(300, abs=0.01)
    assert found["slope_before"] * mean == pytest.approx(-2e-4, rel=1e-3)
    assert found["slope_after"] * mean == pytest.approx(-2.2e-3, rel=1e-3)
    assert found["width"] == 0


def test_a_gradual_knee_has_a_width() -> None:
    away = CYCLES - 300
    curve = 1 - 1e-3 * CYCLES - 8e-4 * away * np.tanh(away / 50)
    found = knee(CYCLES, curve + 1e-4 * np.random.default_rng(0).standard_normal(CYCLES.size))
    assert found["width"] == pytest.approx(0.2 * 499 / 2)  # of the widths tried, the nearest to 50
    assert found["knee"] == pytest.approx(300, abs=1)


@pytest.mark.parametrize("noise", [0.0, 1e-4, 1e-3, 1e-2])
def test_a_straight_line_has_no_knee(noise: float) -> None:
    found = knee(CYCLES, bent(1000, noise=noise))
    assert found["observed"] == 0
    assert found["bic_gain"] < 0
    for name in ("knee", "knee_low", "knee_high", "onset", "point", "kneedle"):
        assert np.isnan(found[name])


def test_kneedle_alone_would_find_one_in_a_straight_line() -> None:
    found = knee(CYCLES, bent(1000, noise=1e-2))
    assert 0.03 < found["kneedle_height"] < 0.1
    assert np.isnan(found["kneedle"])


def test_kneedle_agrees_where_there_is_a_knee() -> None:
    found = knee(CYCLES, bent(300))
    assert found["kneedle_height"] > 0.4
    assert found["kneedle"] == pytest.approx(300, abs=10)


def test_a_fade_that_slows_down_has_no_knee() -> None:
    curve = 1 - 0.2 * np.sqrt(CYCLES / 500) + 1e-3 * np.random.default_rng(0).standard_normal(500)
    assert knee(CYCLES, curve)["observed"] == 0


def test_a_bend_of_a_few_percent_is_no_knee_however_clean_the_data() -> None:
    found = knee(CYCLES, bent(300, after=4e-5, noise=1e-6))
    assert found["bic_gain"] > 0
    assert found["observed"] == 0


def test_an_onset_is_found_before_the_knee() -> None:
    rng = np.random.default_rng(0)
    curve = 1 - 1e-4 * CYCLES - np.maximum(CYCLES - 200, 0) * 3e-4 - np.maximum(CYCLES - 350, 0) * 2e-3
    found = knee(CYCLES, curve + 1e-3 * rng.standard_normal(500))
    assert found["onset"] == pytest.approx(200, abs=10)
    assert found["point"] == pytest.approx(350, abs=3)
    assert np.isnan(knee(CYCLES, bent(300))["onset"])


def kept(curves: np.ndarray) -> xr.Dataset:
    """A made-up result of `retention`, whose reference is the first cycle."""
    return xr.Dataset(
        {"retention": (("cell", "cycle"), curves), "reference_cycle": ("cell", np.ones(len(curves)))},
        {"cell": [f"c{number}" for number in range(len(curves))], "cycle": np.arange(1, curves.shape[1] + 1)},
        {"of": "discharge_capacity", "reference": "cycle 1"},
    )


def test_many_cells_at_once_give_what_each_gives_alone() -> None:
    curves = np.stack([bent(300), bent(1000), bent(200, seed=2), bent(100, after=0.002)])
    curves[2, 350:] = np.nan  # a cell that ended earlier
    curves[3, 50:60] = np.nan
    together = knees(kept(curves))
    assert together["observed"].values.tolist() == [1, 0, 1, 1]
    assert together["window_last"].values.tolist() == [500, 500, 350, 500]
    for number, curve in enumerate(curves):
        alone = knee(CYCLES, curve)
        for name in ("knee", "bic_gain", "kneedle_height"):
            assert together[name].values[number] == pytest.approx(float(alone[name]), rel=1e-6, nan_ok=True)


def test_a_coarse_grid_of_positions_finds_nearly_the_same() -> None:
    curves = np.stack([bent(place) for place in (150, 301.3, 402)])
    fine, coarse = (knees(kept(curves), candidates=count)["knee"].values for count in (500, 40))
    assert coarse == pytest.approx(fine, abs=1.5)  # candidates are 13 cycles apart


def test_the_window_moves_the_knee_and_is_in_the_result() -> None:
    curves = bent(250)[None]
    curves[0, 400:] -= np.arange(100) * 0.02
    whole, early = knees(kept(curves)), knees(kept(curves), last_cycle=380)
    assert whole["knee"].item() > 390
    assert early["knee"].item() == pytest.approx(250, abs=1)
    assert early["window_last"].item() == 380


def test_too_few_cycles_are_undecided() -> None:
    found = knee(np.arange(19), 1 - 0.01 * np.arange(19))
    assert found["observed"] == -1
    assert np.isnan(found["bic_gain"])
    empty = knees(kept(np.full((2, 30), np.nan)))
    assert empty["observed"].values.tolist() == [-1, -1]
    assert np.isnan(empty["window_first"].values).all()


@settings(max_examples=25, deadline=None)
@given(st.floats(0.1, 1e4), st.integers(0, 5000), st.integers(100, 400))
def test_the_knee_does_not_depend_on_the_unit_and_moves_with_the_cycle_numbers(
    unit: float, shift: int, at: int
) -> None:
    reference, moved = knee(CYCLES, bent(at)), knee(CYCLES + shift, unit * bent(at))
    assert float(moved["knee"]) - shift == pytest.approx(float(reference["knee"]), abs=1e-3)
    assert float(moved["bic_gain"]) == pytest.approx(float(reference["bic_gain"]), rel=1e-6)


def test_wrong_input_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="one number of each per cycle"):
        knee([1, 2, 3], [1.0, 0.9])
    with pytest.raises(ValueError, match="numbers that rise"):
        knee([1, 3, 2], [1.0, 0.9, 0.8])
