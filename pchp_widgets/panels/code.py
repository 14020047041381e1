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
    alone = isinstance(given, xr.DataTree | xr.Dataset)
    if isinstance(given, Mapping) and not alone:
        pairs = "".join(f"    {name!r}: {_calls(one)[0]},\n" for name, one in given.items())
        return _opener(next(iter(given.values()))), f"{{\n{pairs}}}"
    parts = [given] if alone else list(given)
    calls = [call for one in parts for call in _calls(one)]
    if alone and len(calls) == 1:
        return _opener(given), calls[0]
    return _opener(parts[0]), "[\n" + "".join(f"    {call},\n" for call in calls) + "]"


def _opener(one: xr.DataTree | xr.Dataset) -> str:
    return "open_cell" if isinstance(one, xr.DataTree) else "open_measurement"


def _calls(one: xr.DataTree | xr.Dataset) -> list[str]:
    """What opens a cell, or the samples of a dataset: a call for each file they are from."""
    if isinstance(one, xr.DataTree):
        return [_open_cell(one)]
    files = one["source_file"].values.tolist() if "source_file" in one.coords else [one.attrs.get("source_file", "")]
    places: dict[str, list[int]] = {}
    for at, file in enumerate(files):
        own = str(file) or f"{one['sample'].values[at]}: its file is not known"
        places.setdefault(own, []).append(at)
    return [_open_measurement(file, one.isel(sample=at)) for file, at in places.items()]


def _open_measurement(file: str, measured: xr.Dataset) -> str:
    """The call for samples that are all from one file."""
    names, stem = [str(name) for name in measured["sample"].values], Path(file).stem
    arguments = [repr(file)] + ([f"name={names[0]!r}"] if len(names) == 1 and names != [stem] else [])
    call = f"open_measurement({', '.join([*arguments, *_known(measured, SampleMetadata, SAMPLE_UNITS)])})"
    renamed = len(names) > 1 and not all(name.startswith(f"{stem} ") for name in names)
    return f"{call}.assign_coords(sample={names!r})" if renamed else call


def _open_cell(tree: xr.DataTree) -> str:
    source = tree.attrs.get("source_file", f"{tree.name}: its file is not known")
    several = isinstance(source, list | tuple)
    arguments = [repr([str(file) for file in source] if several else str(source))]
    if tree.name and (several or tree.name != Path(str(source)).stem):
        arguments.append(f"name={tree.name!r}")
    steps = tree["steps" if "steps" in tree.children else "spectra"].to_dataset()
    return f"open_cell({', '.join([*arguments, *_known(steps, CellMetadata, UNITS)])})"


def _known(data: xr.Dataset, model: type[BaseModel], units: Mapping[str, str]) -> list[str]:
    """Metadata as keywords, as far as somebody said."""
    arguments = []
    for field, info in model.model_fields.items():
        value = data[field].values.ravel()[0].item() if field in data.coords else info.default
        if value not in {info.default, ""} and value == value:  # noqa: PLR0124  NaN is not known
            said = repr(f"{value:.10g} {units[field]}".removesuffix(" 1") if field in units else value)
            arguments.append(f"{field}={said}")
    return arguments
