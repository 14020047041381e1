"""The chemomechanical map against the limits of Monroe and Newman, and of Ahmad and Viswanathan."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.analysis.stability import (
    coating_stability,
    critical_modulus_ratio,
    critical_volume_ratio,
    growth,
    shear_modulus,
)


@pytest.mark.parametrize(
    ("poisson_ratio", "limits"),
    [
        (0.33, [4.873, 3.169, 2.015, 1.790, 1.706]),
        (0.24, [6.645, 4.214, 2.534, 2.202, 2.078]),
        (0.40, [3.514, 2.374, 1.619, 1.472, 1.417]),
    ],
)
def test_a_coating_with_large_ions_has_to_be_stiff(poisson_ratio: float, limits: list[float]) -> None:
    found = critical_modulus_ratio(np.array([1.5, 2, 5, 12.8, 50]), poisson_ratio)
    np.testing.assert_allclose(found, limits, atol=6e-4)


def test_monroe_and_newman_ask_for_six_gigapascal() -> None:
    assert 3.4 * critical_modulus_ratio(12.8, 0.33) == pytest.approx(6.09, abs=0.005)


def test_a_coating_with_small_ions_has_to_be_soft() -> None:
    found = critical_modulus_ratio(np.array([0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]), 0.35)
    np.testing.assert_allclose(found, [0.730, 0.701, 0.638, 0.493, 0.328, 0.157, 0.037], atol=6e-4)


@pytest.mark.parametrize(
    ("poisson_ratio", "ratio", "limit"), [(0.30, 0.436, 0.442), (0.35, 0.419, 0.491), (0.40, 0.404, 0.551)]
)
def test_a_microporous_polymer_is_stable_for_small_ions_only(poisson_ratio: float, ratio: float, limit: float) -> None:
    found = shear_modulus(3.85, poisson_ratio) / 3.4
    assert found == pytest.approx(ratio, abs=6e-4)
    assert critical_volume_ratio(found, poisson_ratio) == pytest.approx(limit, abs=6e-4)


@given(v=st.floats(0.02, 50).filter(lambda v: abs(v - 1) > 0.01), nu=st.floats(0.1, 0.49))
def test_at_the_limit_a_ripple_neither_grows_nor_dies_out(v: float, nu: float) -> None:
    limit = critical_modulus_ratio(v, nu)
    assert growth(v, limit, nu) == pytest.approx(0.0, abs=1e-9 * max(limit**2, 1))
    assert critical_volume_ratio(limit, nu) == pytest.approx(v, rel=1e-6)
    assert np.sign(growth(v, 2 * limit, nu)) == (-1 if v > 1 else 1)


def test_surface_tension_lets_short_ripples_die_out() -> None:
    assert growth(12.8, 0.42, 0.35) > 0
    assert (
        growth(12.8, 0.42, 0.35, tension=1.0, wavelength=1e-9)
        < 0
        < growth(12.8, 0.42, 0.35, tension=1.0, wavelength=1e-3)
    )
    with pytest.raises(ValueError, match="wavelength"):
        growth(1.5, 1.0, 0.3, wavelength=0.0)


def test_the_limit_is_undecided_where_ions_are_as_large_as_atoms() -> None:
    assert np.isnan(critical_modulus_ratio(np.array([1.0, -2.0]), 0.3)).all()


def test_measured_coatings_stand_as_bands_with_what_is_not_known_said() -> None:
    modulus = xr.DataArray(
        [3.85, 40.0, 15.5, np.nan], dims="sample", coords={"sample": ["PCHP", "oxide", "glass", "none"]}
    )
    found = coating_stability(modulus, xr.full_like(modulus, 0.1))
    assert found["stable_by_pressure"].values.tolist() == [0, 1, -1, -1]
    for name in ("modulus_ratio", "critical_volume_ratio"):
        low, middle, high = (found[f"{name}{side}"].values[0] for side in ("_low", "", "_high"))
        assert low < middle < high
    assert "swollen" in found.attrs["caveats"]
