"""The chemomechanical map as a figure."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.analysis.stability import coating_stability
from pchp_widgets.plots import theme
from pchp_widgets.plots.picture import Lines, Marks, Picture
from pchp_widgets.plots.stability import chemomechanical_map


def _map(volume_ratios: dict[str, float] | None = None) -> Picture:
    modulus = xr.DataArray([3.46, 3.85], dims="sample", coords={"sample": ["PCH", "PCHP"]})
    return chemomechanical_map(coating_stability(modulus), theme.looks({"PCH": "PCH", "PCHP": "PCHP"}), volume_ratios)


def test_a_coating_of_unknown_ions_is_a_line_and_not_a_point() -> None:
    picture = _map()
    lines = [layer for layer in picture.layers if isinstance(layer, Lines)]
    assert [y[0] for y in lines[0].y] == pytest.approx([3.46 / 2.7 / 3.4, 3.85 / 2.7 / 3.4])
    assert all(len(layer.x) == 0 for layer in picture.layers if isinstance(layer, Marks))
    assert "not known" in picture.title


def test_a_coating_whose_ions_are_known_is_a_point_on_its_line() -> None:
    (points,) = (layer for layer in _map({"PCHP": 0.3}).layers if isinstance(layer, Marks))
    np.testing.assert_allclose([points.x[0], points.y[0]], [0.3, 3.85 / 2.7 / 3.4])
    assert "not known" not in _map({"PCH": 2.0, "PCHP": 0.3}).title
