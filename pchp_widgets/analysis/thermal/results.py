"""Results of every sample as one dataset, with units, definitions and uncertainties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]


@dataclass
class Result:
    """What one curve gave: a word on the outcome, numbers, and lines as their values at the ends of the range."""

    outcome: str
    values: dict[str, float | tuple[float, ...]] = field(default_factory=dict)


def window_of(
    curves: xr.Dataset, quantity: str, window: tuple[float, float]
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Temperature and a quantity of each sample within a range, in the order of temperature; empty where there is none.

    Raises
    ------
    ValueError
        When the range is empty.
    """
    low, high = window
    if not low < high:
        raise ValueError(f"window {window}: write (low, high) in degC")
    for x, y in zip(curves["temperature"].values, curves[quantity].values, strict=True):
        inside = (x >= low) & (x <= high) & np.isfinite(y)
        order = np.argsort(x[inside], kind="stable")
        yield x[inside][order], y[inside][order]


def results(
    curves: xr.Dataset,
    found: Sequence[Result],
    uncertain: Sequence[str],
    about: Mapping[str, tuple[str, str]],
    outcome: str,
    window: tuple[float, float],
) -> xr.Dataset:
    """Results along ``sample``; what a curve did not give is NaN, lines are along ``end`` (low, high).

    Parameters
    ----------
    curves
        Whose samples and metadata they carry.
    found
        One for each sample.
    uncertain
        Names that have a standard error and a band.
    about
        Units and definition by name.
    outcome
        Name of the variable that says how it went.
    window
        The range.
    """
    variables: dict[str, tuple[object, ...]] = {}
    lines = {name for name in about if name.endswith("_base")}
    for name, (units, definition) in about.items():
        attrs: dict[str, object] = {"units": units, "definition": definition}
        if name in lines:
            values = np.array([one.values.get(name, (np.nan, np.nan)) for one in found], float).reshape(-1, 2)
            variables[name] = (("sample", "end"), values, attrs)
            continue
        if name in uncertain:
            spread = {
                "stderr": f"standard error of {name} from the noise of the curve",
                "low": f"lowest {name} over the choices of base lines",
                "high": f"highest {name} over the choices of base lines",
            }
            units_of_spread = "K" if units == "degC" else units
            for suffix, said in spread.items():
                own = {"units": units_of_spread if suffix == "stderr" else units, "definition": said}
                variables[f"{name}_{suffix}"] = ("sample", _column(found, f"{name}_{suffix}"), own)
            attrs["ancillary_variables"] = " ".join(f"{name}_{suffix}" for suffix in spread)
        variables[name] = ("sample", _column(found, name), attrs)
    outcomes = [one.outcome for one in found]
    variables[outcome] = ("sample", np.array(outcomes, dtype=str), {"definition": "what was found, or why nothing was"})
    coords = {name: coord for name, coord in curves.coords.items() if coord.dims == ("sample",)}
    about_run = {"run": curves.attrs.get("run", ""), "window": list(window)}
    return xr.Dataset(variables, {**coords, "end": ["low", "high"]}, about_run)


def _column(found: Sequence[Result], name: str) -> FloatArray:
    return np.array([one.values.get(name, np.nan) for one in found], float)
