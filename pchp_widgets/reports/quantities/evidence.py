"""What a study holds on a claim: its cells and measurements, and what was computed of them, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.stats import t

from ...analysis.audit import UNKNOWN, Interval
from ...model.measurements import merged
from ..errors import NotInStudyError

if TYPE_CHECKING:
    from ...io.study import Study

T = TypeVar("T")

LEVEL = 0.95
NORMAL = 1.959964
"""Standard errors on each side of an interval of that level."""


@dataclass(frozen=True)
class Found:
    """A quantity as a study has it.

    Attributes
    ----------
    interval
        Value and 95 % interval, in the units of the quantity. An open end is infinite.
    n
        Number of cells or samples behind it.
    definition
        How it was obtained.
    """

    interval: Interval
    n: int
    definition: str


class Evidence:
    """Cells and measurements of a study, and results that several quantities need, computed once.

    Parameters
    ----------
    study
        An opened study.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self._known: dict[tuple[Any, ...], Any] = {}

    @property
    def trees(self) -> list[xr.DataTree]:
        """Every cell, for the tables on where numbers come from."""
        return [self.study.cell(name) for name in self.study.cells]

    def cells(self, pattern: str) -> list[xr.DataTree]:
        """Cells whose name fits a pattern such as ``"LFP-PCHP-*"``.

        Raises
        ------
        NotInStudyError
            When there is none.
        """
        names = [name for name in self.study.cells if fnmatchcase(name, pattern)]
        if not names:
            raise NotInStudyError(f"no cell is called {pattern!r}")
        return [self.study.cell(name) for name in names]

    def measured(self, technique: str, *samples: str) -> xr.Dataset:
        """Measurements of some samples of one technique; of all when none is named.

        Raises
        ------
        NotInStudyError
            When one of them is not there.
        """
        there = self.study.measurements.get(technique, ())
        lacking = [name for name in samples if name not in there]
        if lacking or not there:
            raise NotInStudyError(f"no measurement of {technique}" + (f" of {', '.join(lacking)}" if lacking else ""))
        wanted = samples or tuple(there)
        return self.once(
            technique, wanted, of=lambda: merged([self.study.measurement(technique, name).load() for name in wanted])
        )

    def of_material(self, technique: str, sample: str) -> xr.Dataset:
        """Measurements of one technique of the sample, and of all samples of the material, of a name.

        Raises
        ------
        NotInStudyError
            When there is none.
        """
        whole = self.measured(technique)
        own = whole["sample"].values == sample
        if "material" in whole.coords:
            own = own | (whole["material"].values == sample)
        if not own.any():
            raise NotInStudyError(f"no measurement of {technique} of {sample}")
        return whole.isel(sample=np.flatnonzero(own))

    def once(self, *key: Any, of: Callable[[], T]) -> T:
        """What a function gives, computed when first asked for."""
        if key not in self._known:
            self._known[key] = of()
        found: T = self._known[key]
        return found


def over_replicates(values: npt.ArrayLike, errors: npt.ArrayLike | None = None) -> tuple[Interval, int]:
    """Mean of replicates with its 95 % interval, by their spread; of a single one by its own standard error.

    Parameters
    ----------
    values
        One per cell; those that are NaN are left out.
    errors
        Standard errors of the values.
    """
    values = np.asarray(values, float).ravel()
    known = np.isfinite(values)
    n = int(known.sum())
    if not n:
        return UNKNOWN, 0
    mean = float(values[known].mean())
    if n > 1:
        half = float(t.ppf(0.5 + LEVEL / 2, n - 1) * values[known].std(ddof=1) / np.sqrt(n))
    else:
        own = np.nan if errors is None else float(np.asarray(errors, float).ravel()[known][0])
        half = NORMAL * own if np.isfinite(own) else 0.0
    return Interval(mean, mean - half, mean + half), n


def number(conditions: Mapping[str, Any], name: str, otherwise: float | None = None) -> float:
    """A condition that has to be a number.

    Raises
    ------
    ValueError
        When it is missing, or no number.
    """
    value = conditions.get(name, otherwise)
    if value is None or isinstance(value, str):
        raise ValueError(f"conditions: {name} has to be a plain number, found {value!r}")
    return float(value)


def text(conditions: Mapping[str, Any], name: str) -> str:
    """A condition that has to be a word, such as the name of another sample.

    Raises
    ------
    ValueError
        When it is missing, or a number.
    """
    value = conditions.get(name)
    if not isinstance(value, str):
        raise ValueError(f"conditions: {name} has to be a word, found {value!r}")
    return value
