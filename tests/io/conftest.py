"""Small recordings of known content."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from pchp_widgets.model.schema import CONTROLS, dataset


@pytest.fixture
def cycling() -> xr.Dataset:
    """Three cycles of a symmetric cell: -0.5 mA, rest, +0.5 mA of 50 points each, one a minute."""
    n, steps = 50, 9
    step = np.repeat(np.arange(1, steps + 1), n)
    direction = np.array([-1.0, 0.0, 1.0])[(step - 1) % 3]
    minutes = np.tile(np.arange(n), steps) + (step - 1) * (n - 1)
    held = np.array([CONTROLS.index("cc"), CONTROLS.index("rest"), CONTROLS.index("cc")], np.int8)
    return dataset(
        "points",
        {
            "time": minutes * 60.0,
            "voltage": direction * (0.1 + 0.0002 * np.tile(np.arange(n), steps)),
            "current": 0.5 * direction,
            "instrument_cycle": (step - 1) // 3 + 1,
            "instrument_step": step,
            "control": held[(step - 1) % 3],
        },
    )
