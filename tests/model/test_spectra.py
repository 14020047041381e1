"""Spectra of several cells, laid side by side."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.model.schema import dataset, validate
from pchp_widgets.model.spectra import merged_spectra


def spectra(cell: str, frequency: list[float], count: int = 2, **more: np.ndarray) -> xr.Dataset:
    z = np.arange(count * len(frequency), dtype=float).reshape(1, count, -1) + 1
    columns = {"z_real": z, "z_imag": -z, **more}
    place = {"cell": [cell], "spectrum": np.arange(count) + 1, "frequency": frequency}
    return dataset("spectra", columns, coords=place).assign_coords(area=("cell", [1.0]))


def test_cells_with_other_frequencies_and_fewer_spectra_are_padded() -> None:
    both = merged_spectra([spectra("a", [100.0, 10.0, 1.0]), spectra("b", [100.0, 20.0], 1, cycle=np.array([[7]]))])
    assert both["frequency"].values.tolist() == [100.0, 20.0, 10.0, 1.0]
    assert both["cell"].values.tolist() == ["a", "b"]
    assert both["area"].values.tolist() == [1.0, 1.0]
    assert np.isnan(both["z_real"].sel(cell="a", frequency=20.0)).all()
    assert np.isnan(both["z_real"].sel(cell="b", spectrum=2)).all()
    assert both["cycle"].values.tolist() == [[-1, -1], [7, -1]]
    assert validate(both) == []


def test_merging_changes_no_number() -> None:
    one = spectra("a", [100.0, 10.0, 1.0])
    np.testing.assert_array_equal(merged_spectra([one])["z_real"], one["z_real"])


def test_no_cell_is_no_study() -> None:
    with pytest.raises(ValueError, match="no cell was given"):
        merged_spectra([])
