"""What tests of every layer share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real instrument files: $PCHP_DATA, or ../shared/data beside the repository."""
    folder = Path(os.environ.get("PCHP_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the real instrument files are not at {folder}; set PCHP_DATA to their folder")
    return folder
