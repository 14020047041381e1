from __future__ import annotations

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.model import segments
from pchp_widgets.model.schema import CONTROLS, MODES, dataset


def trace(time: object, voltage: object, current: object, **more: object) -> xr.Dataset:
    columns = {"time": time, "voltage": voltage, "current": current, **more}
    return dataset("points", {name: np.asarray(values) for name, values in columns.items()})


def slow_reduction(points: xr.Dataset, starts: np.ndarray) -> dict[str, np.ndarray]:
    """The same integrals, step by step with numpy's own trapezoid."""
    edges = [*starts, points.sizes["point"]]
    parts = [points.isel(point=slice(a, b)) for a, b in itertools.pairwise(edges)]
    t, v, i = ([part[name].values for part in parts] for name in ("time", "voltage", "current"))
    return {
        "duration": np.array([x[-1] - x[0] for x in t]),
        "charge": np.array([np.trapezoid(y, x) / 3600 for x, y in zip(t, i, strict=True)]),
        "energy": np.array([np.trapezoid(y * w, x) / 3600 for x, y, w in zip(t, i, v, strict=True)]),
        "voltage_min": np.array([w.min() for w in v]),
        "voltage_max": np.array([w.max() for w in v]),
    }


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 200), block=st.sampled_from([1, 2, 3, 7, 64, 1 << 15]))
@settings(max_examples=150, deadline=None)
def test_reduction_in_blocks_equals_step_by_step_integration(seed: int, n: int, block: int) -> None:
    rng = np.random.default_rng(seed)
    points = trace(np.cumsum(rng.exponential(10, n)), rng.normal(3.5, 0.2, n), rng.normal(0, 1, n))
    starts = np.unique(np.append(0, rng.integers(0, n, rng.integers(0, 12))))
    keep, segments._BLOCK = segments._BLOCK, block
    try:
        found = segments.reduce_steps(points, starts)
    finally:
        segments._BLOCK = keep
    for name, expected in slow_reduction(points, starts).items():
        np.testing.assert_allclose(getattr(found, name), expected, rtol=1e-9, atol=1e-12)
    assert found.count.sum() == n


def test_nothing_is_integrated_across_the_edge_of_a_step() -> None:
    # 1 mA for an hour, 600 s without a record, then -1 mA: the jump itself passes no charge
    points = trace([0, 3600, 4200, 7800], [0.1, 0.1, -0.1, -0.1], [1.0, 1.0, -1.0, -1.0])
    starts = segments.step_starts(points)
    assert starts.tolist() == [0, 2]
    assert segments.reduce_steps(points, starts).charge.tolist() == pytest.approx([1.0, -1.0], abs=1e-15)


def test_records_far_apart_still_count() -> None:
    points = trace(np.arange(0, 36001, 900.0), np.full(41, 3.5), np.full(41, 1.0))
    assert segments.reduce_steps(points, np.array([0])).charge[0] == pytest.approx(10.0)


def test_energy_keeps_its_sign_where_the_voltage_is_negative() -> None:
    points = trace([0, 3600], [-0.1, -0.1], [-1.0, -1.0])
    assert segments.reduce_steps(points, np.array([0])).energy[0] == pytest.approx(0.1)


def test_a_current_that_reverses_inside_an_instrument_step_begins_a_new_step() -> None:
    points = trace(np.arange(6.0), np.zeros(6), [1, 1, 1, -1, -1, -1.0], instrument_step=np.ones(6, int))
    assert segments.step_starts(points).tolist() == [0, 3]


def test_noise_around_zero_in_a_rest_begins_no_steps() -> None:
    current = np.r_[np.full(50, 1.0), np.tile([1e-5, -1e-5], 25)]
    points = trace(np.arange(100.0), np.zeros(100), current)
    assert segments.step_starts(points).tolist() == [0, 50]


def test_a_looped_step_begins_anew_with_each_instrument_cycle() -> None:
    points = trace(
        np.arange(4.0),
        np.zeros(4),
        np.ones(4),
        instrument_step=np.ones(4, int),
        instrument_cycle=np.array([1, 1, 2, 2]),
    )
    assert segments.step_starts(points).tolist() == [0, 2]


def test_time_that_runs_backwards_is_counted() -> None:
    points = trace([0.0, 2.0, 1.0, 3.0], np.zeros(4), np.ones(4))
    assert segments.reduce_steps(points, np.array([0])).backwards.tolist() == [1]


def test_no_points_give_no_steps() -> None:
    points = trace(np.zeros(0), np.zeros(0), np.zeros(0))
    assert len(segments.reduce_steps(points, segments.step_starts(points)).start) == 0


def test_the_mode_follows_the_instrument_and_else_the_trace() -> None:
    time = np.arange(40.0)
    voltage = np.r_[np.linspace(3, 4.3, 10), np.full(10, 4.3), np.linspace(4.2, 4.1, 10), np.linspace(4, 3, 10)]
    current = np.r_[np.full(10, 1.0), np.geomspace(1, 0.05, 10), np.zeros(10), np.full(10, -1.0)]
    step = np.repeat(np.arange(4), 10)
    points = trace(time, voltage, current, instrument_step=step)
    reduction = segments.reduce_steps(points, segments.step_starts(points))
    guessed = [MODES[k] for k in segments.modes(reduction, None, 1e-3)]
    assert guessed == ["cc_charge", "cv_charge", "rest", "cc_discharge"]
    said = np.array([CONTROLS.index(name) for name in ("cv", "cc", "eis", "rest")])
    assert [MODES[k] for k in segments.modes(reduction, said, 1e-3)] == ["cv_charge", "cc_charge", "eis", "rest"]
