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
    used, interrupted, unpaired, after_short
        Half-cycles that count, and those left out because they were cut short, have no whole partner, or came after
        a hard short.
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
    unpaired: int
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
    """Cycles (cell, cycle) that speak of lithium: both half-cycles are there and whole, and no hard short bypasses it.

    Of a cell that has no such pair every cycle with a whole half-cycle counts.

    Parameters
    ----------
    found
        As given by :func:`pchp_widgets.analysis.symmetric.polarization`.
    life
        As given by :func:`pchp_widgets.analysis.symmetric.life`.
    """
    whole = found["mid"].notnull() & ~found["interrupted"].astype(bool)
    paired = whole.all("direction") & _before_short(found, life)
    alone = whole.any("direction") & _before_short(found, life)
    return paired.where(paired.any("cycle"), alone).transpose("cell", "cycle").astype(bool)


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
    before = _before_short(found, life)
    kinds = (counts, ~counts & before, ~before)
    used, unpaired, after_short = (_count(present & ~cut & kind) for kind in kinds)
    interrupted = _count(present & cut)
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
                    used=int(used[place]),
                    interrupted=int(interrupted[place]),
                    unpaired=int(unpaired[place]),
                    after_short=int(after_short[place]),
                )
            )
    return sorted(rows, key=lambda row: list(counts["cell"].values).index(row.cell))


def _count(of: xr.DataArray) -> npt.NDArray[np.int64]:
    """Half-cycles of each cell for which it is true."""
    count: npt.NDArray[np.int64] = of.transpose("cell", ...).sum(("cycle", "direction")).values
    return count


def _before_short(found: xr.Dataset, life: xr.Dataset) -> xr.DataArray:
    short = life.sel(criterion="short", drop=True)
    return (found["cycle"] < short["cycle"]) | (short["observed"] != FAILED)
