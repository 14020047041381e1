"""Where the notebooks and the demo study are, in a checkout of the repository and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def bundled(folder: str) -> Path:
    """Folder that comes with the package: ``"notebooks/reports"`` or ``"data/pchp-study"``.

    A wheel carries ``notebooks`` and ``data`` inside the package, as ``_notebooks`` and ``_data``; in a checkout they
    stand beside it.
    """
    inside = _PACKAGE / f"_{folder}"
    return inside if inside.exists() else _PACKAGE.parent / folder
