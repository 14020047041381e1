"""Cells that have impedance spectra, in whatever way they are given: with a trace or without one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.spectra import has_spectra, merged_spectra
from ..plots.theme import looks
from .cells import Cells, is_study, known_order, trees_by_name
from .memory import Memory

if TYPE_CHECKING:
    from .cells import Given

_CHOICES_KEPT = 8


class SpectraCells(Cells):
    """Cells by name, of which every one has spectra.

    Parameters
    ----------
    given
        As for :class:`~.cells.Cells`; a cell needs spectra, not a trace.
    kinds
        Of the cells that are meant, if not all are: those of another kind in a study are left out, unless it has no
        others.

    Attributes
    ----------
    counted
        What the numbers of the spectra count: ``"cycle"`` where every spectrum of every cell has a cycle of its own,
        else ``"spectrum"``.
    without
        Names of the cells that were given and have no spectra.

    Raises
    ------
    TypeError
        When it is something else.
    ValueError
        When no cell has a spectrum, or two have the same name.
    """

    def __init__(self, given: Given, kinds: Sequence[str] = ()) -> None:
        self.given = given
        self.notice = str(getattr(given, "notice", ""))
        if is_study(given):
            trees = {name: given.cell(name) for name in given.cells}
            meant = {name: tree for name, tree in trees.items() if has_spectra(tree) and _is_of(tree, kinds)}
            trees = meant or trees
        else:
            trees = trees_by_name(given)
            self.given = given if hasattr(given, "items") and not isinstance(given, xr.DataTree) else [*trees.values()]
        self._trees = {name: tree for name, tree in trees.items() if has_spectra(tree)}
        self.without = tuple(name for name in trees if name not in self._trees)
        if not self._trees:
            raise ValueError(
                f"none of the cells has impedance spectra ({', '.join(trees)}): open files of EIS, such as PEIS"
            )
        self._spectra = {
            name: tree["spectra"].to_dataset().load().assign_coords(cell=[name]) for name, tree in self._trees.items()
        }
        self.names = tuple(self._trees)
        self.counted = "cycle" if all(map(_counts_cycles, self._spectra.values())) else "spectrum"
        self.cycles = {name: np.unique(self._numbers(own)) for name, own in self._spectra.items()}
        self.looks = looks(
            {name: _coating(own) for name, own in self._spectra.items()}, known_order(self._spectra.values())
        )
        self._tree = self._trees.__getitem__
        self._read = {}
        self._merged = Memory(_CHOICES_KEPT)

    def spectra(self, names: Iterable[str]) -> xr.Dataset:
        """Spectra (cell, spectrum, frequency) of these cells, at least one."""
        return self._merged(self._spectra_of, *names)

    def _spectra_of(self, *names: str) -> xr.Dataset:
        return merged_spectra(self._spectra[name] for name in names)

    def numbers(self, spectra: xr.Dataset) -> npt.NDArray[np.int64]:
        """Cycle or number of every spectrum (cell, spectrum), -1 where a cell has none."""
        there = spectra["z_real"].notnull().any("frequency").transpose("cell", "spectrum").values
        found = np.where(there, self._numbers(spectra), -1)
        return np.asarray(found, np.int64)

    def _numbers(self, spectra: xr.Dataset) -> npt.NDArray[np.int64]:
        if self.counted == "cycle":
            return np.asarray(spectra["cycle"].transpose("cell", "spectrum").values)
        shape = (spectra.sizes["cell"], spectra.sizes["spectrum"])
        return np.broadcast_to(spectra["spectrum"].values, shape)


def _is_of(tree: xr.DataTree, kinds: Sequence[str]) -> bool:
    coords = tree["spectra"].coords
    return not kinds or "kind" not in coords or str(coords["kind"].values.item()) in {*kinds, ""}


def _coating(spectra: xr.Dataset) -> str:
    return str(spectra["coating"].values.item()) if "coating" in spectra.coords else ""


def _counts_cycles(spectra: xr.Dataset) -> bool:
    """Whether every spectrum has a cycle, and no two have the same."""
    if "cycle" not in spectra:
        return False
    cycle = spectra["cycle"].values.ravel()
    return bool((cycle >= 0).all()) and len(np.unique(cycle)) == len(cycle)
