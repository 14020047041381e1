"""The Python that makes a panel again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from ..model.metadata import UNITS, CellMetadata


def reproduction(name: str, given: Any, state: Mapping[str, object]) -> str:
    """Python that makes a panel.

    Parameters
    ----------
    name
        Of the panel's class.
    given
        The cells it was given.
    state
        As far as it differs from the defaults.
    """
    opener, cells = _opening(given)
    arguments = "".join(f", {key}={value!r}" for key, value in state.items())
    return f"from pchp_widgets import {name}, {opener}\n\ncells = {cells}\n{name}(cells{arguments})\n"


def _opening(given: Any) -> tuple[str, str]:
    """Name of the function that opens the cells, and the call."""
    if hasattr(given, "folder"):
        return "open_study", f"open_study({str(given.folder)!r})"
    if isinstance(given, xr.DataTree):
        return "open_cell", _open_cell(given)
    if isinstance(given, Mapping):
        pairs = "".join(f"    {name!r}: {_open_cell(tree)},\n" for name, tree in given.items())
        return "open_cell", f"{{\n{pairs}}}"
    return "open_cell", "[\n" + "".join(f"    {_open_cell(tree)},\n" for tree in given) + "]"


def _open_cell(tree: xr.DataTree) -> str:
    file = str(tree.attrs.get("source_file", f"{tree.name}: its file is not known"))
    arguments = [repr(file)]
    if tree.name and tree.name != Path(file).stem:
        arguments.append(f"name={tree.name!r}")
    steps = tree["steps" if "steps" in tree.children else "spectra"].to_dataset()
    for field, info in CellMetadata.model_fields.items():
        value = steps[field].item() if field in steps.coords else info.default
        if value not in {info.default, ""} and value == value:  # noqa: PLR0124  NaN is not known
            arguments.append(f"{field}={f'{value:g} {UNITS[field]}' if field in UNITS else value!r}")
    return f"open_cell({', '.join(arguments)})"
