"""The cells a panel is given, in whatever way they are given, each read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis import symmetric
from ..model.cycles import merged_steps
from ..model.metadata import CellMetadata
from ..model.stated import order_in_study
from ..plots.theme import looks
from ..plots.traces import Trace
from .memory import Memory

if TYPE_CHECKING:
    from typing import TypeAlias

    from ..io.study import Study

    Given: TypeAlias = xr.DataTree | Mapping[str, xr.DataTree] | Iterable[xr.DataTree] | Study

_CHOICES_KEPT = 8
_FINISHED = {"yes": True, "no": False}


@dataclass(frozen=True)
class Cell:
    """One cell, read into memory as far as figures need it, when they do."""

    tree: xr.DataTree

    @cached_property
    def trace(self) -> Trace:
        """Voltage over the whole test."""
        return Trace.of(self.tree["points"].to_dataset())

    @cached_property
    def polarization(self) -> xr.Dataset:
        """As :func:`~pchp_widgets.analysis.symmetric.polarization` gives it."""
        return symmetric.polarization(self.tree)

    @property
    def finished(self) -> bool | None:
        """Whether the test had ended when the file was written; None where nobody knows."""
        return _FINISHED.get(str(self.tree.attrs.get("test_finished")))

    @property
    def current_origin(self) -> str:
        """How the current became known, where it was not measured."""
        return str(self.tree["points"].to_dataset()["current"].attrs.get("origin", ""))

    @property
    def missing(self) -> list[str]:
        """Metadata nobody gave."""
        steps = self.tree["steps"].to_dataset()
        known = {name: steps[name].item() for name in CellMetadata.model_fields if name in steps.coords}
        return CellMetadata.model_construct(**known).missing()


class Cells:
    """Cells by name.

    Parameters
    ----------
    given
        One cell as :func:`pchp_widgets.open_cell` gives it, several in a list or by name, or a study.
    kinds
        Of the cells that are meant, if not all are: those of another kind in a study are left out.

    Attributes
    ----------
    names
        In the order given.
    cycles
        Numbers of the cycles of each cell.
    looks
        How each cell is drawn, whichever of them are selected.
    notice
        What the study wants said with every figure.

    Raises
    ------
    TypeError
        When it is something else.
    ValueError
        When there is no cell, none of these kinds, two have the same name, or one has no trace.
    """

    def __init__(self, given: Given, kinds: Sequence[str] = ()) -> None:
        self.given = given
        self.notice = str(getattr(given, "notice", ""))
        self._tree: Callable[[str], xr.DataTree]
        self._steps: Callable[[list[str]], xr.Dataset]
        if is_study(given):
            self._tree = given.cell
            steps = _of_kinds(given.steps, kinds)
            names = [str(name) for name in steps["cell"].values]
            self._steps = lambda chosen: steps.sel(cell=chosen)
            there = (steps["point_count"] > 0).any("step").transpose("cell", "cycle").values
            numbers = steps["cycle"].values
            self.cycles = {name: numbers[row] for name, row in zip(names, there, strict=True)}
            coatings = dict(zip(names, steps["coating"].values.tolist(), strict=True))
            order = order_in_study(steps)
        else:
            trees = _with_traces(trees_by_name(given))
            self.given = given if isinstance(given, Mapping) else list(trees.values())
            self._tree = trees.__getitem__
            own = {name: tree["steps"].to_dataset().assign_coords(cell=[name]) for name, tree in trees.items()}
            self._steps = lambda chosen: merged_steps(own[name] for name in chosen)
            self.cycles = {name: steps["cycle"].values for name, steps in own.items()}
            coatings = {name: str(steps["coating"].item()) if "coating" in steps else "" for name, steps in own.items()}
            order = known_order(own.values())
        self.names = tuple(self.cycles)
        self.looks = looks(coatings, order)
        self._read: dict[str, Cell] = {}
        self._merged = Memory(_CHOICES_KEPT)

    def __getitem__(self, name: str) -> Cell:
        if name not in self._read:
            self._read[name] = Cell(self._tree(name))
        return self._read[name]

    def steps(self, names: Sequence[str]) -> xr.Dataset:
        """Steps (cell, cycle, step) of these cells."""
        return self._merged(self._steps_of, *names)

    def _steps_of(self, *names: str) -> xr.Dataset:
        return self._steps(list(names))

    def cycle_numbers(self, names: Iterable[str]) -> npt.NDArray[np.int64]:
        """Numbers of all cycles that any of these cells has."""
        return np.unique(np.concatenate([self.cycles[name] for name in names] or [np.zeros(0, np.int64)]))


def _of_kinds(steps: xr.Dataset, kinds: Sequence[str]) -> xr.Dataset:
    """Steps of the cells of these kinds, and of those whose kind nobody said."""
    known = steps["kind"].values
    chosen = np.isin(known, [*kinds, ""]) if kinds else np.ones(len(known), bool)
    if not chosen.any():
        there = ", ".join(sorted(set(known.tolist())))
        raise ValueError(f"the study has no cell of kind {' or '.join(kinds)}; its cells are of kind {there}")
    return steps.isel(cell=np.flatnonzero(chosen))


def known_order(parts: Iterable[xr.Dataset]) -> tuple[str, ...]:
    """Coatings and materials of the studies that these cells or samples are from."""
    return tuple(dict.fromkeys(name for part in parts for name in order_in_study(part)))


def is_study(given: Given) -> TypeGuard[Study]:
    """Whether cells are given as a study."""
    # asked by what it can do, so that nobody waits for the store's libraries who has no study
    return hasattr(given, "cells") and hasattr(given, "cell") and hasattr(given, "folder")


def trees_by_name(given: object) -> dict[str, xr.DataTree]:
    """Cells given alone, in a list or by name, by name.

    Raises
    ------
    TypeError
        When they are something else.
    ValueError
        When there is none, or two have the same name.
    """
    pairs: list[tuple[object, object]]
    if isinstance(given, xr.Dataset | xr.DataTree | str) or not isinstance(given, Iterable):
        pairs = [(getattr(given, "name", ""), given)]
    elif isinstance(given, Mapping):
        pairs = list(given.items())
    else:
        pairs = [(getattr(tree, "name", ""), tree) for tree in given]
    wrong = [type(tree).__name__ for _, tree in pairs if not isinstance(tree, xr.DataTree)]
    if wrong:
        text = "cells are what open_cell or open_study returns, alone, in a list or in a dict"
        raise TypeError(f"{text}; not {wrong[0]}")
    trees = {str(name): tree for name, tree in pairs if isinstance(tree, xr.DataTree)}
    if not trees:
        raise ValueError("no cell was given")
    if len(trees) < len(pairs):
        raise ValueError("two cells have the same name; give a dict, or name them: open_cell(..., name='a')")
    return trees


def _with_traces(trees: dict[str, xr.DataTree]) -> dict[str, xr.DataTree]:
    """The same, if all of them have a trace."""
    bare = [name for name, tree in trees.items() if not {"steps", "points"} <= set(tree.children)]
    if bare:
        raise ValueError(f"{', '.join(bare)}: has no trace, only {', '.join(trees[bare[0]].children) or 'attributes'}")
    return trees
