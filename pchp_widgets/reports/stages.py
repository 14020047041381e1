"""Early, in the middle and late: what became of a quantity over the life of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.life import FAILED
from ..analysis.replicates import spread
from ..analysis.symmetric import DEFINITIONS, per_cycle, per_cycle_stderr

FloatArray = npt.NDArray[np.float64]


class Stages(NamedTuple):
    """One quantity of one cell, in the units of the quantity.

    Attributes
    ----------
    cell, quantity
        Names.
    cycles
        First, middle and last cycle that counts; empty where none does.
    values, stderr
        In these cycles; standard errors are NaN where the quantity has none.
    mean, sd
        Over all cycles that count.
    used, interrupted, after_short
        Half-cycles that count, and those left out because they were cut short or came after a hard short.
    """

    cell: str
    quantity: str
    cycles: tuple[int, ...]
    values: FloatArray
    stderr: FloatArray
    mean: float
    sd: float
    used: int
    interrupted: int
    after_short: int


def each_cycle(found: xr.Dataset, quantity: str) -> xr.DataArray:
    """A quantity of each cycle: the mean over its two half-cycles, interrupted ones left out.

    Parameters
    ----------
    found
        As given by :func:`pchp_widgets.analysis.symmetric.polarization`.
    quantity
        Any of its variables along (cell, cycle) or (cell, cycle, direction).
    """
    if quantity in DEFINITIONS:
        return per_cycle(found, quantity)  # type: ignore[arg-type]
    whole = ~found["interrupted"].astype(bool)
    values = found[quantity]
    if "direction" in values.dims:
        return values.where(whole).mean("direction")
    return values.where(whole.all("direction"))


def each_cycle_stderr(found: xr.Dataset, quantity: str) -> xr.DataArray:
    """Standard error of :func:`each_cycle` from the noise of the trace; NaN where the quantity has none."""
    if quantity in DEFINITIONS:
        return per_cycle_stderr(found, quantity)  # type: ignore[arg-type]
    return xr.full_like(each_cycle(found, quantity), np.nan)


def sound(found: xr.Dataset, life: xr.Dataset) -> xr.DataArray:
    """Cycles (cell, cycle) that speak of lithium: whole ones, before a hard short bypasses it.

    Cycle 0, a half-cycle without its partner, does not count unless there is no other.

    Parameters
    ----------
    found
        As given by :func:`pchp_widgets.analysis.symmetric.polarization`.
    life
        As given by :func:`pchp_widgets.analysis.symmetric.life`.
    """
    whole = each_cycle(found, "mid").notnull()
    numbered = found["cycle"] > 0 if bool((found["cycle"] > 0).any()) else found["cycle"] >= 0
    return (whole & _before_short(found, life) & numbered).transpose("cell", "cycle")


def stages(found: xr.Dataset, life: xr.Dataset, quantities: Sequence[str]) -> list[Stages]:
    """Every quantity of every cell: first, middle and last cycle that counts, and the mean over all that do.

    Parameters
    ----------
    found, life
        As in :func:`sound`.
    quantities
        Variables of `found`.
    """
    counts = sound(found, life)
    present, cut = found["mid"].notnull(), found["interrupted"].astype(bool)
    used = present & ~cut & counts
    interrupted, after_short = present & cut, present & ~cut & ~_before_short(found, life)
    halves = [of.sum(("cycle", "direction")).sel(cell=counts["cell"]).values for of in (used, interrupted, after_short)]
    rows = []
    for quantity in quantities:
        series = each_cycle(found, quantity).transpose("cell", "cycle").values
        errors = each_cycle_stderr(found, quantity).transpose("cell", "cycle").values
        for place, cell in enumerate(counts["cell"].values):
            chosen = np.flatnonzero(counts.values[place])
            three = chosen[[0, (len(chosen) - 1) // 2, -1]] if len(chosen) else chosen
            over = spread(series[place][chosen])
            rows.append(
                Stages(
                    cell=str(cell),
                    quantity=quantity,
                    cycles=tuple(int(number) for number in found["cycle"].values[three]),
                    values=series[place][three],
                    stderr=errors[place][three],
                    mean=over.mean,
                    sd=over.sd,
                    used=int(halves[0][place]),
                    interrupted=int(halves[1][place]),
                    after_short=int(halves[2][place]),
                )
            )
    return sorted(rows, key=lambda row: list(counts["cell"].values).index(row.cell))


def _before_short(found: xr.Dataset, life: xr.Dataset) -> xr.DataArray:
    short = life.sel(criterion="short", drop=True)
    return (found["cycle"] < short["cycle"]) | (short["observed"] != FAILED)
