"""The Python that makes a panel again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr
from pydantic import BaseModel

from ..model.metadata import UNITS, CellMetadata
from ..model.samples import SAMPLE_UNITS, SampleMetadata


def reproduction(name: str, given: Any, state: Mapping[str, object]) -> str:
    """Python that makes a panel.

    Parameters
    ----------
    name
        Of the panel's class.
    given
        The cells or samples it was given.
    state
        As far as it differs from the defaults.
    """
    opener, call = _opening(given)
    what = "samples" if opener == "open_measurement" else "cells"
    arguments = "".join(f", {key}={value!r}" for key, value in state.items())
    return f"from pchp_widgets import {name}, {opener}\n\n{what} = {call}\n{name}({what}{arguments})\n"


def _opening(given: Any) -> tuple[str, str]:
    """Name of the function that opens the cells or samples, and the call."""
    if hasattr(given, "folder"):
        return "open_study", f"open_study({str(given.folder)!r})"
    if isinstance(given, xr.DataTree | xr.Dataset):
        return _open(given)
    if isinstance(given, Mapping):
        calls = {name: _open(one) for name, one in given.items()}
        pairs = "".join(f"    {name!r}: {call},\n" for name, (_, call) in calls.items())
        return next(iter(calls.values()))[0], f"{{\n{pairs}}}"
    opened = [_open(one) for one in given]
    return opened[0][0], "[\n" + "".join(f"    {call},\n" for _, call in opened) + "]"


def _open(one: xr.DataTree | xr.Dataset) -> tuple[str, str]:
    """Name of the function that opens one cell or sample, and the call."""
    if isinstance(one, xr.DataTree):
        return "open_cell", _open_cell(one)
    return "open_measurement", _open_measurement(one)


def _open_measurement(measured: xr.Dataset) -> str:
    name = str(measured["sample"].values[0])
    file = str(measured.attrs.get("source_file", f"{name}: its file is not known"))
    arguments = [repr(file)] + ([f"name={name!r}"] if name != Path(file).stem else [])
    return f"open_measurement({', '.join([*arguments, *_known(measured, SampleMetadata, SAMPLE_UNITS)])})"


def _open_cell(tree: xr.DataTree) -> str:
    file = str(tree.attrs.get("source_file", f"{tree.name}: its file is not known"))
    arguments = [repr(file)]
    if tree.name and tree.name != Path(file).stem:
        arguments.append(f"name={tree.name!r}")
    steps = tree["steps" if "steps" in tree.children else "spectra"].to_dataset()
    return f"open_cell({', '.join([*arguments, *_known(steps, CellMetadata, UNITS)])})"


def _known(data: xr.Dataset, model: type[BaseModel], units: Mapping[str, str]) -> list[str]:
    """Metadata as keywords, as far as somebody said."""
    arguments = []
    for field, info in model.model_fields.items():
        value = data[field].values.ravel()[0].item() if field in data.coords else info.default
        if value not in {info.default, ""} and value == value:  # noqa: PLR0124  NaN is not known
            arguments.append(f"{field}={f'{value:g} {units[field]}'.removesuffix(' 1') if field in units else value!r}")
    return arguments
