"""Every coating against the reference, as far as the replicates of a study go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.replicates import Ratio, Spread, difference, ratio, spread
from ..analysis.survival import Lives, lives, log_rank, rank_ratio, weibull_ratio
from .stages import each_cycle, sound

FloatArray = npt.NDArray[np.float64]
Effect = Literal["ratio", "difference"]

REFERENCE = "bare"
"""Coating of the cells that the others are compared with, unless a report is told another."""

FAMILY = "family"
"""Coordinate on ``cell``: only cells of one family are compared with each other."""


class Compared(NamedTuple):
    """A quantity of coated cells against that of the reference, in the units it is shown in."""

    family: str
    coating: str
    quantity: str
    where: str
    units: str
    coated: Spread
    reference: Spread
    effect: Effect
    found: Ratio


class LifeCompared(NamedTuple):
    """Lives of coated cells against those of the reference, by one criterion.

    ``ratio`` holds for any distribution, ``weibull`` for Weibull's with one shape; ``chi_squared``, ``p`` and ``exact``
    are those of the log-rank test.
    """

    family: str
    coating: str
    criterion: str
    coated: Lives
    reference: Lives
    ratio: Ratio
    weibull: Ratio
    chi_squared: float
    p: float
    exact: float


def groups(found: xr.Dataset) -> dict[str, list[str]]:
    """Names of the cells of each coating; a cell of unknown coating belongs to none."""
    if "coating" not in found.coords:
        return {}
    members: dict[str, list[str]] = {}
    for cell, coating in zip(found["cell"].values, found["coating"].values, strict=True):
        if str(coating):
            members.setdefault(str(coating), []).append(str(cell))
    return members


def families(found: xr.Dataset) -> dict[str, list[str]]:
    """Names of the cells that are compared with each other: all, unless they have a coordinate :data:`FAMILY`."""
    cells = [str(name) for name in found["cell"].values]
    if FAMILY not in found.coords:
        return {"": cells}
    labels = [str(name) for name in found[FAMILY].values]
    return {
        label: [cell for cell, own in zip(cells, labels, strict=True) if own == label]
        for label in dict.fromkeys(labels)
    }


def kinds(found: xr.Dataset) -> dict[str, list[str]]:
    """Names of the cells of each coating, those of one coating apart that are of several families."""
    apart = [(family, groups(found.sel(cell=cells))) for family, cells in families(found).items()]
    often = [coating for _, members in apart for coating in members]
    return {
        f"{coating}, {family}" if often.count(coating) > 1 else coating: names
        for family, members in apart
        for coating, names in members.items()
    }


def pairs(found: xr.Dataset, reference: str = REFERENCE) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Family, coating, its cells and those of the reference, wherever a family has both."""
    for family, cells in families(found).items():
        of = groups(found.sel(cell=cells))
        other = of.pop(reference, [])
        for coating, coated in of.items() if other else ():
            yield family, coating, coated, other


def polarization_ratios(
    found: xr.Dataset, life: xr.Dataset, definition: str, *, reference: str = REFERENCE, confidence: float = 0.9
) -> list[Compared]:
    """Polarization against the reference: in the first, middle and last cycle all cells share, and over them.

    Parameters
    ----------
    found, life
        As given by :func:`~pchp_widgets.analysis.symmetric.polarization` and
        :func:`~pchp_widgets.analysis.symmetric.life`.
    definition
        One of :data:`~pchp_widgets.analysis.symmetric.DEFINITIONS`.
    reference
        Coating of the cells that the others are compared with.
    confidence
        Level of the intervals, as far as the replicates allow.
    """
    counts, values = sound(found, life), each_cycle(found, definition) * 1e3
    made = []
    for family, coating, coated, other in pairs(found, reference):
        cells = [*coated, *other]
        shared = found["cycle"].values[counts.sel(cell=cells).all("cell").values]
        if not len(shared):
            continue
        of_each = values.sel(cell=cells, cycle=shared)
        picked = dict.fromkeys((shared[0], shared[(len(shared) - 1) // 2], shared[-1]))
        spans = [(int(cycle), int(cycle)) for cycle in picked]
        if len(shared) > 1:
            spans.append((int(shared[0]), int(shared[-1])))
        for first, last in spans:
            where = f"cycle {first}" if first == last else f"mean of cycles {first} to {last}"
            mean = of_each.sel(cycle=shared[(shared >= first) & (shared <= last)]).mean("cycle")
            above, below = (mean.sel(cell=names).values for names in (coated, other))
            quotient = ratio(above, below, confidence=confidence)
            quantity = f"polarization ({definition})"
            made.append(
                Compared(family, coating, quantity, where, "mV", spread(above), spread(below), "ratio", quotient)
            )
    return made


def compared(
    values: xr.DataArray,
    quantity: str,
    where: str,
    units: str,
    effect: Effect,
    *,
    reference: str = REFERENCE,
    confidence: float = 0.9,
) -> list[Compared]:
    """One number per cell (cell) against the reference; a cell without it is left out of its group.

    A family where a group has no number at all is left out.
    """
    against = ratio if effect == "ratio" else difference
    made = []
    for family, coating, coated, other in pairs(values.to_dataset(name="value"), reference):
        above, below = (values.sel(cell=names).values for names in (coated, other))
        if np.isfinite(above).any() and np.isfinite(below).any():
            found = against(above, below, confidence=confidence)
            made.append(Compared(family, coating, quantity, where, units, spread(above), spread(below), effect, found))
    return made


def life_ratios(
    life: xr.Dataset, *, reference: str = REFERENCE, confidence: float = 0.9, criteria: Sequence[str] = ()
) -> list[LifeCompared]:
    """Cycles to failure against the reference by every criterion, censored where a cell had not failed.

    Parameters
    ----------
    life
        (cell, criterion), as given by :func:`~pchp_widgets.analysis.symmetric.life`.
    reference, confidence
        As for :func:`polarization_ratios`.
    criteria
        Which of them; all when empty.
    """
    made = []
    for family, coating, coated, other in pairs(life, reference):
        for criterion in criteria or life["criterion"].values:
            of = lives(life.sel(cell=[*coated, *other], criterion=criterion))
            one, base = of[coating], of[reference]
            numbers = (
                rank_ratio(one, base, confidence),
                weibull_ratio(one, base, confidence),
                *log_rank(one, base),
            )
            made.append(LifeCompared(family, coating, str(criterion), one, base, *numbers))
    return made
