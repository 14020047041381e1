"""Half-cycles of a voltage whose current nobody wrote down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pchp_widgets.io.tables.polarity import polarity

HALF = 40


def trace(
    halves: int, *, offset: float = 0.0, noise: float = 0.0, lag: float = 0.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time, voltage and sign of the current; `lag` is the part of the polarization that is built up slowly."""
    sign = np.repeat((-1.0) ** np.arange(halves), HALF)
    since = np.tile(np.arange(HALF), halves)
    old = np.where(np.arange(len(sign)) < HALF, 0.0, -sign)
    memory = np.exp(-since / 4.0)
    voltage = 0.1 * (sign * (1 - lag) + lag * (sign * (1 - memory) + old * memory)) + offset
    return (
        np.arange(len(sign)) * 60.0,
        voltage + np.random.default_rng(seed).normal(0, noise, len(sign)),
        sign.astype(np.int8),
    )


@given(
    st.integers(2, 12),
    st.floats(-0.02, 0.02),
    st.floats(0, 0.004),
    st.floats(0, 0.55),  # beyond it, and the noise, the jump can leave more than half of the plateau
    st.integers(0, 1000),
)
@settings(deadline=None)
def test_the_reversal_is_found_at_the_jump(halves: int, offset: float, noise: float, lag: float, seed: int) -> None:
    time, voltage, sign = trace(halves, offset=offset, noise=noise, lag=lag, seed=seed)
    assume(abs(voltage[0]) > 9 * noise)  # points before the voltage leaves the noise count as rest
    found = polarity(time, voltage)
    np.testing.assert_array_equal(found.starts, np.arange(halves) * HALF)
    np.testing.assert_array_equal(found.sign, sign)
    assert found.doubts == []


def test_the_zero_crossing_comes_later_than_the_reversal() -> None:
    _, voltage, sign = trace(4, lag=0.55)
    assert np.sign(voltage[HALF]) != sign[HALF]  # the trace of the test above is one where it matters


def test_noise_around_zero_makes_no_half_cycles() -> None:
    voltage = np.random.default_rng(0).normal(0, 1e-3, 500)
    voltage[200:] += 0.1
    found = polarity(np.arange(500.0), voltage)
    assert len(found.starts) == 1
    assert not found.sign[:200].any()
    assert (found.sign[205:] == 1).all()


def test_half_cycles_of_unequal_length_are_named() -> None:
    time, voltage, _ = trace(9)
    gap = time.copy()
    gap[4 * HALF + 5 :] += 3600.0
    assert "1 of 9 half-cycles" in polarity(gap, voltage).doubts[0]


def test_a_trace_without_swing_has_no_half_cycles() -> None:
    found = polarity(np.arange(10.0), np.zeros(10))
    assert not found.sign.any()
    assert len(found.doubts) == 1


@pytest.mark.parametrize("first", [1.0, -1.0])
def test_the_sign_is_that_of_the_voltage(first: float) -> None:
    time, voltage, sign = trace(3)
    np.testing.assert_array_equal(polarity(time, first * voltage).sign, first * sign)
