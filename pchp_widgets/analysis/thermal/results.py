"""Results of every sample as one dataset, with units, definitions and uncertainties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import sample_coords

FloatArray = npt.NDArray[np.float64]


@dataclass
class Result:
    """What one curve gave: a word on the outcome, numbers, and lines as their values at the ends of the range."""

    outcome: str
    values: dict[str, float | tuple[float, ...]] = field(default_factory=dict)


Window: TypeAlias = tuple[float, float]
Windows: TypeAlias = Window | Mapping[str, Window]
"""One range for all samples, or one for each by its name; a sample that is not named has none."""


def each_window(curves: xr.Dataset, windows: Windows) -> list[Window]:
    """The range of each sample, (NaN, NaN) for one without.

    Raises
    ------
    ValueError
        When a range is empty.
    """
    given = list(windows.values()) if isinstance(windows, Mapping) else [windows]
    wrong = [window for window in given if not window[0] < window[1]]
    if wrong:
        raise ValueError(f"window {wrong[0]}: write (low, high) in degC")
    names = [str(name) for name in curves["sample"].values]
    return [windows.get(name, NOWHERE) if isinstance(windows, Mapping) else windows for name in names]


NOWHERE = (float("nan"), float("nan"))


def window_of(curves: xr.Dataset, quantity: str, windows: Windows) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Temperature and a quantity of each sample within its range, in the order of temperature; empty where none is.

    Raises
    ------
    ValueError
        When a range is empty.
    """
    each = each_window(curves, windows)
    for x, y, (low, high) in zip(curves["temperature"].values, curves[quantity].values, each, strict=True):
        inside = (x >= low) & (x <= high) & np.isfinite(y)
        order = np.argsort(x[inside], kind="stable")
        yield x[inside][order], y[inside][order]


def results(
    curves: xr.Dataset,
    found: Sequence[Result],
    uncertain: Sequence[str],
    about: Mapping[str, tuple[str, str]],
    outcome: str,
    windows: Windows,
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
    windows
        Ranges, which are kept as attribute: of several the outermost ends.
    """
    variables: dict[str, tuple[object, ...]] = {}
    lines = {name for name in about if name.endswith(("_base", "_range"))}
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
    about_run = {"run": curves.attrs.get("run", ""), "window": list(hull(windows))}
    return xr.Dataset(variables, {**sample_coords(curves), "end": ["low", "high"]}, about_run)


def hull(windows: Windows) -> Window:
    """The range that holds all of them."""
    if not isinstance(windows, Mapping):
        return windows
    return min((low for low, _ in windows.values()), default=0.0), max(
        (high for _, high in windows.values()), default=1.0
    )


def _column(found: Sequence[Result], name: str) -> FloatArray:
    return np.array([one.values.get(name, np.nan) for one in found], float)
