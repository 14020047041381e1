from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.plots.decimate import ascending, envelope


@given(seed=st.integers(0, 1000), n=st.integers(0, 5000), points=st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_the_extremes_and_the_ends_are_always_kept(seed: int, n: int, points: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = np.cumsum(rng.exponential(1, n)), rng.normal(0, 1, n)
    chosen = envelope(x, y, points)
    assert len(chosen) <= max(points, 6)
    assert (np.diff(chosen) > 0).all()
    if n:
        assert (chosen[0], chosen[-1]) == (0, n - 1)
        assert (y[chosen].min(), y[chosen].max()) == (y.min(), y.max())


def test_a_short_trace_is_kept_whole() -> None:
    x = np.arange(100.0)
    assert envelope(x, x, 200).tolist() == list(range(100))


def test_every_half_cycle_keeps_both_its_extremes() -> None:
    x = np.arange(200_000.0)
    y = np.where(x // 1000 % 2 == 0, 1.0, -1.0)
    chosen = envelope(x, y, 2000)
    for half in range(200):
        inside = (x[chosen] >= 1000 * half) & (x[chosen] < 1000 * (half + 1))
        assert y[chosen][inside].size > 0


def test_a_window_is_refined_and_reaches_beyond_its_edges() -> None:
    x = np.arange(100_000.0)
    y = np.sin(x)
    chosen = envelope(x, y, 500, (40_000.0, 40_100.0))
    assert x[chosen].tolist() == list(np.arange(39_999.0, 40_102.0))


@pytest.mark.parametrize("window", [(-10.0, -5.0), (2000.0, 3000.0)])
def test_a_window_beside_the_trace_is_no_error(window: tuple[float, float]) -> None:
    x = np.arange(1000.0)
    assert len(envelope(x, x, 100, window)) <= 2


def test_a_clock_that_runs_backwards_can_be_searched() -> None:
    assert ascending(np.array([0.0, 2.0, 1.0, 3.0])).tolist() == [0.0, 2.0, 2.0, 3.0]
