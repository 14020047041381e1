"""Small recordings of known content."""

from __future__ import annotations

import pytest
import reader_files
import xarray as xr


@pytest.fixture
def cycling() -> xr.Dataset:
    """Three cycles of a symmetric cell: -0.5 mA, rest, +0.5 mA of 50 points each, one a minute."""
    return reader_files.cycling().copy(deep=True)
