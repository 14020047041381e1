"""Every coating against bare, as far as the replicates of a study go."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.life import FAILED
from ..analysis.replicates import Ratio, Spread, ratio, spread
from .stages import each_cycle, sound

FloatArray = npt.NDArray[np.float64]

REFERENCE = "bare"
"""Coating of the cells that the others are compared with."""


class PolarizationRatio(NamedTuple):
    """Polarization of a coating against that of bare cells [V], in one cycle or over several."""

    coating: str
    cycles: tuple[int, int]
    coated: Spread
    bare: Spread
    ratio: Ratio


class LifeRatio(NamedTuple):
    """Cycles to failure of a coating against those of bare cells, by one criterion; censored where not failed."""

    coating: str
    criterion: str
    coated: FloatArray
    coated_censored: npt.NDArray[np.bool_]
    bare: FloatArray
    bare_censored: npt.NDArray[np.bool_]
    ratio: Ratio


def groups(found: xr.Dataset) -> dict[str, list[str]]:
    """Names of the cells of each coating; a cell of unknown coating belongs to none."""
    if "coating" not in found.coords:
        return {}
    members: dict[str, list[str]] = {}
    for cell, coating in zip(found["cell"].values, found["coating"].values, strict=True):
        if str(coating):
            members.setdefault(str(coating), []).append(str(cell))
    return members


def polarization_ratios(found: xr.Dataset, life: xr.Dataset, definition: str) -> list[PolarizationRatio]:
    """Polarization of every coating against bare: in the first, middle and last cycle all cells share, and over them.

    Parameters
    ----------
    found, life
        As given by :func:`~pchp_widgets.analysis.symmetric.polarization` and
        :func:`~pchp_widgets.analysis.symmetric.life`.
    definition
        One of :data:`~pchp_widgets.analysis.symmetric.DEFINITIONS`.
    """
    of, counts = groups(found), sound(found, life)
    bare = of.pop(REFERENCE, [])
    values = each_cycle(found, definition)
    made = []
    for coating, coated in of.items():
        cells = [*coated, *bare]
        shared = found["cycle"].values[counts.sel(cell=cells).all("cell").values]
        if not bare or not len(shared):
            continue
        of_each = values.sel(cell=cells, cycle=shared)
        picked = dict.fromkeys((shared[0], shared[(len(shared) - 1) // 2], shared[-1]))
        spans = [(int(cycle), int(cycle)) for cycle in picked]
        if len(shared) > 1:
            spans.append((int(shared[0]), int(shared[-1])))
        for span in spans:
            mean = of_each.sel(cycle=shared[(shared >= span[0]) & (shared <= span[1])]).mean("cycle")
            above, below = (mean.sel(cell=names).values for names in (coated, bare))
            made.append(PolarizationRatio(coating, span, spread(above), spread(below), ratio(above, below)))
    return made


def life_ratios(life: xr.Dataset) -> list[LifeRatio]:
    """Life of every coating against bare by every criterion, censored where a cell had not failed."""
    of = groups(life)
    bare = of.pop(REFERENCE, [])
    made = []
    for coating, coated in of.items() if bare else ():
        for criterion in life["criterion"].values:
            one = life.sel(criterion=criterion)
            cycles = [one["cycle"].sel(cell=names).values.astype(float) for names in (coated, bare)]
            censored = [one["observed"].sel(cell=names).values != FAILED for names in (coated, bare)]
            quotient = ratio(*cycles, of_censored=censored[0], to_censored=censored[1])
            made.append(LifeRatio(coating, str(criterion), cycles[0], censored[0], cycles[1], censored[1], quotient))
    return made
