"""Where the notebooks and the demo study are, in a checkout of the repository and in an installed wheel."""

from __future__ import annotations

import shutil
from pathlib import Path

from .errors import ReportError

_PACKAGE = Path(__file__).parents[1]
DEMO_STUDY, DEMO_CLAIMS = "data/pchp-study", "data/claims.toml"


def bundled(folder: str) -> Path:
    """What comes with the package: ``"notebooks/reports"``, :data:`DEMO_STUDY` or :data:`DEMO_CLAIMS`.

    A wheel carries ``notebooks`` and ``data`` inside the package, as ``_notebooks`` and ``_data``; in a checkout they
    stand beside it.
    """
    inside = _PACKAGE / f"_{folder}"
    return inside if inside.exists() else _PACKAGE.parent / folder


def demo_study(folder: Path) -> Path:
    """Copy the demo study and its claims into a new folder, without the store that may have been built from it.

    Raises
    ------
    ReportError
        When there is something at that place already.
    """
    if folder.exists():
        raise ReportError(f"{folder}: exists already; name a folder that does not")
    shutil.copytree(bundled(DEMO_STUDY), folder, ignore=shutil.ignore_patterns("*.zarr", ".study.zarr-*"))
    shutil.copy(bundled(DEMO_CLAIMS), folder)
    return folder
