"""The samples a panel is given, in whatever way they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ..model.measurements import TECHNIQUES, merged
from ..plots.theme import looks
from .cells import Cells, is_study, known_order
from .memory import Memory

if TYPE_CHECKING:
    from typing import TypeAlias

    from ..io.study import Study

    GivenSamples: TypeAlias = xr.Dataset | Mapping[str, xr.Dataset] | Iterable[xr.Dataset] | Study

_CHOICES_KEPT = 8


class Samples(Cells):
    """Samples by name, all measured by one technique.

    Parameters
    ----------
    given
        One measurement as :func:`pchp_widgets.open_measurement` gives it, several in a list or by name, or a study.
    kinds
        The technique, alone.

    Attributes
    ----------
    measured
        Datasets by name, one sample each.
    names, looks, notice
        As for :class:`~.cells.Cells`; the material gives the hue.

    Raises
    ------
    TypeError
        When it is something else.
    ValueError
        When there is no sample, two have the same name, or one was measured by another technique.
    """

    def __init__(self, given: Any, kinds: Sequence[str] = ()) -> None:
        (technique,) = kinds
        self.given = given
        self.notice = str(getattr(given, "notice", ""))
        parts = _parts(given, technique)
        if not parts:
            raise ValueError(f"there is no measurement of {TECHNIQUES[technique].title}")
        other = next((part for part in parts if part.attrs.get("technique") != technique), None)
        if other is not None:
            found = TECHNIQUES.get(str(other.attrs.get("technique", "")))
            name, what = other["sample"].values[0], found.title if found else "no technique that is known"
            raise ValueError(f"{name}: is a measurement of {what}, not of {TECHNIQUES[technique].title}")
        whole = [part.isel(sample=[at]) for part in parts for at in range(part.sizes["sample"])]
        self.measured = {str(part["sample"].item()): part for part in whole}
        if len(self.measured) < len(whole):
            raise ValueError("two samples have the same name; give a dict, or open_measurement(..., name='a')")
        self.names = tuple(self.measured)
        self.looks = looks({name: _material(part) for name, part in self.measured.items()}, known_order(parts))
        self._merged = Memory(_CHOICES_KEPT)

    def together(self, names: Sequence[str]) -> xr.Dataset:
        """These samples along ``sample``; of none, the form of one without its values."""
        return self._merged(self._together, *names)

    def _together(self, *names: str) -> xr.Dataset:
        chosen = names or self.names[:1]
        return merged(self.measured[name] for name in chosen).isel(sample=slice(len(names)))


def _parts(given: Any, technique: str) -> list[xr.Dataset]:
    """Measurements, each of one or several samples."""
    if is_study(given):
        return [given.measurement(technique, name) for name in given.measurements.get(technique, ())]
    if isinstance(given, xr.Dataset):
        return [given]
    if isinstance(given, Mapping):
        return [part.assign_coords(sample=np.array([name])) for name, part in given.items()]
    parts = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    wrong = [type(part).__name__ for part in parts if not isinstance(part, xr.Dataset)]
    if wrong:
        text = "samples are what open_measurement or open_study returns, alone, in a list or in a dict"
        raise TypeError(f"{text}; not {wrong[0]}")
    return parts


def _material(part: xr.Dataset) -> str:
    return str(part["material"].item()) if "material" in part.coords else ""
