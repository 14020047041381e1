"""Flat impedance points become spectra without losing one."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.model.spectra import spectra


def flat(*sweeps: tuple[int, list[float]]) -> xr.Dataset:
    number = np.concatenate([np.full(len(sweep), of) for of, sweep in sweeps])
    frequency = np.concatenate([np.asarray(sweep, float) for _, sweep in sweeps])
    size = len(number)
    columns = {
        "spectrum": number,
        "frequency": frequency,
        "z_real": 10.0 + np.arange(size),
        "z_imag": -1.0 - np.arange(size),
        "time": np.arange(size, dtype=float),
    }
    return xr.Dataset({name: ("point", values) for name, values in columns.items()})


def test_sweeps_of_different_frequencies_share_one_axis_and_keep_their_points() -> None:
    points = flat((0, [100.0, 10.0, 1.0]), (1, [0.5, 5.0, 10.0]))
    found = spectra(points, None, "a").isel(cell=0)
    assert found["frequency"].values.tolist() == [100.0, 10.0, 5.0, 1.0, 0.5]
    for number in (0, 1):
        own = points.where(points["spectrum"] == number, drop=True)
        row = found["z_real"].sel(spectrum=number, frequency=own["frequency"].values)
        np.testing.assert_array_equal(row, own["z_real"])
    assert int(found["z_real"].notnull().sum()) == 6


@pytest.mark.parametrize(
    "sweep",
    [
        [100.0, 10.0, 1.0, 90.0, 9.0, 0.9],
        [100.0, 10.0, 1.0, 2.0, 20.0],
        [100.0, 10.0, 10.0, 1.0],
        [1.0, 100.0, 10.0],
    ],
)
def test_two_sweeps_under_one_number_are_refused(sweep: list[float]) -> None:
    with pytest.raises(ValueError, match=r"spectrum 3 turns back at .* two sweeps"):
        spectra(flat((2, [5.0, 4.0, 3.0]), (3, sweep)), None, "a")


@pytest.mark.parametrize("frequency", [0.0, -1.0, float("nan")])
def test_frequencies_that_are_not_positive_are_refused(frequency: float) -> None:
    with pytest.raises(ValueError, match="spectrum 1 has a frequency of"):
        spectra(flat((1, [10.0, frequency, 1.0])), None, "a")


@given(
    st.lists(
        st.tuples(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=9, unique=True), st.booleans()),
        min_size=1,
        max_size=5,
    )
)
def test_every_point_of_any_sweeps_has_one_place(sweeps: list[tuple[list[float], bool]]) -> None:
    points = flat(*((number, sorted(sweep, reverse=down)) for number, (sweep, down) in enumerate(sweeps)))
    found = spectra(points, None, "a").isel(cell=0)
    assert int(found["z_real"].notnull().sum()) == points.sizes["point"]
    assert (np.diff(found["frequency"].values) < 0).all()
