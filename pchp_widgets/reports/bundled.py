"""Where the notebooks and the demo study are, in a checkout of the repository and in an installed wheel."""

from __future__ import annotations

import shutil
from pathlib import Path

from .errors import ReportError

_PACKAGE = Path(__file__).parents[1]


def bundled(folder: str) -> Path:
    """Folder that comes with the package: ``"notebooks/reports"`` or ``"data/pchp-study"``.

    A wheel carries ``notebooks`` and ``data`` inside the package, as ``_notebooks`` and ``_data``; in a checkout they
    stand beside it.
    """
    inside = _PACKAGE / f"_{folder}"
    return inside if inside.exists() else _PACKAGE.parent / folder


def demo_study(folder: Path) -> Path:
    """Copy the demo study into a new folder, without the store that may have been built from it.

    Raises
    ------
    ReportError
        When there is something at that place already.
    """
    if folder.exists():
        raise ReportError(f"{folder}: exists already; name a folder that does not")
    return shutil.copytree(bundled("data/pchp-study"), folder, ignore=shutil.ignore_patterns("*.zarr", ".study.zarr-*"))
