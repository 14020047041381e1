"""Lives of groups of cells, of which some may not have failed yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..life import FAILED, UNDECIDED

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Quantity = Literal["cycle", "time"]


class Lives(NamedTuple):
    """Lives of the cells of one group: `value` is a lower bound where the cell had not `failed`."""

    cell: npt.NDArray[np.str_]
    value: FloatArray
    failed: BoolArray
    undecided: int
    unknown: int


def lives(life: xr.Dataset, *, of: Quantity = "cycle", by: str = "coating") -> dict[str, Lives]:
    """Lives of each group of cells, in order of appearance.

    A cell that is undecided counts as one that had not failed: it did live so long. One whose life is NaN is left out
    and counted as unknown; one without a group belongs to none.

    Parameters
    ----------
    life
        Dataset (cell) with `of` and ``observed`` (1 failed, 0 censored, -1 undecided), as given by
        :func:`~.life.first_failure`, by one criterion of :func:`~.symmetric.life`, or by ``cycle_at`` of
        :mod:`~.cycling`.
    of
        ``"cycle"`` or ``"time"``.
    by
        Coordinate on ``cell`` that names the group.

    Raises
    ------
    ValueError
        When a variable or the coordinate is missing, or several criteria are given at once.
    """
    for name in (of, "observed"):
        if name not in life:
            raise ValueError(f"life: has no variable {name!r}; it takes what first_failure or cycle_at gives")
        if life[name].dims != ("cell",):
            raise ValueError(f"life: {name} is along {life[name].dims}; choose one: life.sel(criterion='short')")
    if by not in life.coords:
        raise ValueError(f"life: has no coordinate {by!r}; the metadata of the cells give it")
    names, value = life[by].values.astype(str), life[of].values.astype(float)
    observed, known = life["observed"].values, np.isfinite(value)
    found = {}
    for name in dict.fromkeys(names[names != ""].tolist()):
        one = (names == name) & known
        found[name] = Lives(
            life["cell"].values[one].astype(str),
            value[one],
            observed[one] == FAILED,
            int((observed[one] == UNDECIDED).sum()),
            int(((names == name) & ~known).sum()),
        )
    return found


def counts(of_group: Mapping[str, Lives]) -> dict[str, xr.Variable]:
    """How many cells there are of each kind."""
    found = {
        "n": ("cells with a life, ended or not", [len(one.value) for one in of_group.values()]),
        "failures": ("cells that failed", [int(one.failed.sum()) for one in of_group.values()]),
        "undecided": (
            "cells of which it is not known whether they failed; taken as censored",
            [one.undecided for one in of_group.values()],
        ),
        "unknown": ("cells whose life is not known; left out", [one.unknown for one in of_group.values()]),
    }
    return {
        name: xr.Variable("group", np.array(numbers, int), {"units": "1", "definition": text})
        for name, (text, numbers) in found.items()
    }
