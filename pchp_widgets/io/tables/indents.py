"""What files of indentations share: rows of numbers, several tests of unlike length, and the dataset they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import measurement
from ..contract import ReaderError

FloatArray = npt.NDArray[np.float64]

_COEFFICIENTS = 9


def rows_of_numbers(
    lines: Iterable[str], columns: int, *, separator: str | None = "\t", comma: bool = False
) -> tuple[FloatArray, int]:
    """Numbers of lines that hold at least so many, and how many lines do not.

    Parameters
    ----------
    lines
        Without their ends; empty ones are passed over.
    columns
        How many numbers to take of each.
    separator
        Between two of them; any space when None.
    comma
        Whether a comma stands for the decimal point.
    """
    found, wrong = [], 0
    for line in lines:
        if not line.strip():
            continue
        cells = (line.replace(",", ".") if comma else line).split(separator)
        try:
            row = [float(cell) for cell in cells[:columns]]
        except ValueError:
            wrong += 1
            continue
        if len(row) < columns:
            wrong += 1
            continue
        found.append(row)
    return np.array(found, float).reshape(-1, columns), wrong


def indents(
    path: Path,
    tests: Sequence[Mapping[str, FloatArray]],
    *,
    tips: Sequence[Sequence[float]] = (),
    of_tests: Mapping[str, Sequence[float]] | None = None,
) -> xr.Dataset:
    """One sample from its tests, padded with NaN.

    Parameters
    ----------
    path
        The file, for errors.
    tests
        Columns by name of each: ``depth`` [nm], ``load`` [mN], perhaps ``time`` [s], ``stiffness`` [N m-1] and others.
    tips
        Coefficients of the tip of each test; none where the file does not say.
    of_tests
        Further numbers, one per test.

    Raises
    ------
    ReaderError
        When there is no test with points.
    """
    tests = [test for test in tests if len(test["load"])]
    if not tests:
        raise ReaderError(path, "holds no test with points")
    longest = max(len(test["load"]) for test in tests)
    names = list(dict.fromkeys(name for test in tests for name in test))
    columns: dict[str, object] = {}
    for name in names:
        values = np.full((len(tests), longest), np.nan)
        for row, test in zip(values, tests, strict=True):
            if name in test:
                row[: len(test[name])] = np.where(np.abs(test[name]) < 1e300, test[name], np.nan)
        columns[name] = values
    if tips and any(len(tip) for tip in tips):
        coefficients = np.full((len(tests), _COEFFICIENTS), np.nan)
        for row, tip in zip(coefficients, tips, strict=True):
            row[: len(tip)] = tip[:_COEFFICIENTS]
        columns["area_coefficients"] = coefficients
    for name, numbers in (of_tests or {}).items():
        if np.isfinite(numbers).any():
            columns[name] = np.array(numbers, float)
    return measurement("indentation", columns)


def ended(path: Path, found: int, stated: int, *, partial: bool, what: str = "points") -> list[str]:
    """What there is to say where a file has fewer rows than it states.

    Raises
    ------
    ReaderError
        When it has, and `partial` is not set.
    """
    if found >= stated:
        return []
    text = f"states {stated} {what} and holds {found}: it was cut"
    if not partial:
        raise ReaderError(path, f"{text}; partial=True gives what is there")
    return [f"the file {text}; what is there was read"]
