"""Coulombic efficiency of lithium on copper: by protocol for each cell, and cycle by cycle."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.reductions import row_median
from . import formulas
from . import protocol as seen
from .cycles import OVER, mean_of_cycles, used_cycles
from .formulas import CHARGE_ERROR, DEFINITIONS
from .words import FLAGS, OUTSIDE, USED, USES, bits, dataset

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Protocol = Literal["recognised", "galvanostatic", "reservoir", "modified"]

RECOGNISED: Final = "recognised"
"""The protocol is seen from the charges and from where stripping stopped."""


def efficiency(
    steps: xr.Dataset,
    *,
    protocol: Protocol = RECOGNISED,
    exclude: Collection[int] = (1,),
    cycles_planned: int | None = None,
    cut_off: float | None = None,
    charge_error: float = CHARGE_ERROR,
) -> xr.Dataset:
    """Coulombic efficiency of Li||Cu cells by the protocol each went through; :mod:`.formulas` names the sources.

    Parameters
    ----------
    steps
        Dataset (cell, cycle, step), cycles opened by plating (negative current).
    protocol
        What the cells went through; seen from the charges and from where stripping stopped when left out.
    exclude
        Numbers of cycles left out of the mean of a galvanostatic test, besides the first ``formation_cycles`` where
        that is known.
    cycles_planned
        n of the modified protocol, where somebody knows it: tells a reservoir used up from a small last stripping.
    cut_off
        Voltage at which stripping ended [V], where somebody knows it; without, what rose above 0.2 V met a cut-off.
    charge_error
        Relative standard error of a charge, independent between Q_plate and Q_strip, or Q_T, Q_c and Q_s.

    Returns
    -------
    Dataset
        Per cell: ``procedure``, the protocol gone through ("undecided" where it cannot be told), ``reason``,
        ``definition_used``, ``coulombic_efficiency`` with ``_stderr`` and ``_low``, ``median``, ``sd``,
        ``cycles_used``, ``balance``, ``reservoir``, ``cycled``, ``left`` [mA h], ``floor``, ``cut_off`` [V],
        ``exhausted_cycle``, ``soft_short_cycle``, ``dead_cycle`` and ``flags`` (:data:`FLAGS`). Per (cell, cycle):
        ``plated``, ``stripped`` [mA h], ``cycle_efficiency`` with ``_stderr``, and ``use`` (:data:`USES`). NaN where
        a number does not apply or cannot be decided.

    Raises
    ------
    ValueError
        When the protocol is none of those known, or a number is out of range.
    """
    _refuse(protocol, cycles_planned, cut_off, charge_error)
    of = seen.charges(steps, cut_off)
    block = seen.block(of)
    used_up = seen.exhausted(block, cycles_planned)
    code, reason = seen.recognised(of, block, used_up) if protocol == RECOGNISED else seen.given(of, block, protocol)
    by_cycle, numbers = _cycle_by_cycle(of, block, code, _excluded(steps, exclude), steps["cycle"].values, charge_error)
    _with_reservoir(numbers, of, block, code, used_up, charge_error)
    texts = {
        "procedure": np.array([seen.NAMES[one] for one in code], object),
        "reason": np.array([seen.REASONS[one] for one in reason], object),
        "definition_used": np.array([DEFINITIONS.get(seen.NAMES[one], "") for one in code], object),
    }
    return dataset(steps, by_cycle, numbers, texts, charge_error)


def remarks(found: xr.Dataset) -> dict[str, list[str]]:
    """What is to be said of each cell: why there is no efficiency, and every flag with the cycle it is about.

    Parameters
    ----------
    found
        As given by :func:`efficiency`.
    """
    at = {"soft_short": "soft_short_cycle", "dead": "dead_cycle", "exhausted": "exhausted_cycle"}
    said = {}
    for name in found["cell"].values.tolist():
        one = found.sel(cell=name)
        texts = [str(one["reason"].item())] if one["procedure"] == "undecided" else []
        for flag, (bit, text) in FLAGS.items():
            if int(one["flags"]) & bit:
                where = f" (cycle {float(one[at[flag]]):.0f})" if flag in at else ""
                texts.append(text + where)
        said[str(name)] = texts
    return said


def left_out(found: xr.Dataset, cell: str) -> dict[str, list[int]]:
    """Cycles of one cell that are not in the mean, by why.

    Parameters
    ----------
    found
        As given by :func:`efficiency`.
    cell
        Its name.
    """
    use, cycle = found["use"].sel(cell=cell).values, found["cycle"].values
    return {text: cycle[use == number].tolist() for number, text in enumerate(USES) if number and (use == number).any()}


def _refuse(protocol: str, cycles_planned: int | None, cut_off: float | None, charge_error: float) -> None:
    if protocol not in {RECOGNISED, *DEFINITIONS}:
        raise ValueError(f"protocol {protocol!r} is not known; choose {RECOGNISED}, {', '.join(DEFINITIONS)}")
    if cycles_planned is not None and cycles_planned < 1:
        raise ValueError(f"cycles_planned: {cycles_planned} is no number of cycles; give n of the protocol, or None")
    if cut_off is not None and not cut_off > 0:
        raise ValueError(f"cut_off: stripping does not end at {cut_off} V; give 1.0 for 1.0 V, or None")
    if not 0 <= charge_error < 1:
        raise ValueError(f"charge_error: {charge_error} is no relative error; give 0.001 for 0.1 %")


def _excluded(steps: xr.Dataset, exclude: Collection[int]) -> BoolArray:
    """Cycles left out on request (cell, cycle)."""
    number = steps["cycle"].values
    named = np.broadcast_to(np.isin(number, list(exclude)), (steps.sizes["cell"], len(number)))
    formation = steps.coords["formation_cycles"].values if "formation_cycles" in steps.coords else -1
    first = np.broadcast_to(formation, steps.sizes["cell"])[:, None]
    return named | (number < 1) | (number <= first)


def _cycle_by_cycle(
    of: seen.Charges,
    block: seen.Block,
    code: IntArray,
    excluded: BoolArray,
    number: IntArray,
    charge_error: float,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Numbers of every cycle, and those of every cell that a galvanostatic test has."""
    ratio = np.where(of.paired, formulas.galvanostatic_efficiency(of.stripped, of.plated), np.nan)
    galvanostatic = code == seen.GALVANOSTATIC
    by_cycle = used_cycles(of, ratio, excluded, number)
    of_block = np.where(block.inside(ratio.shape[1]), USED, OUTSIDE)
    of_block[(code == seen.UNDECIDED)[:, None] | ~of.paired] = -1
    by_cycle["use"] = np.where(galvanostatic[:, None], by_cycle["use"], of_block)
    numbers = mean_of_cycles(ratio, by_cycle["use"] == USED, charge_error)
    for name in ("soft_short_cycle", "dead_cycle"):
        numbers[name] = np.where(galvanostatic, by_cycle.pop(name), np.nan)
    numbers["cut_off"] = row_median(np.where(of.reached & of.paired, of.highest, np.nan))
    by_cycle |= {"plated": of.plated, "stripped": of.stripped, "cycle_efficiency": ratio}
    by_cycle["cycle_efficiency_stderr"] = formulas.galvanostatic_stderr(ratio, charge_error)
    return by_cycle, numbers


def _with_reservoir(
    numbers: dict[str, Any],
    of: seen.Charges,
    block: seen.Block,
    code: IntArray,
    used_up: BoolArray,
    charge_error: float,
) -> None:
    """Put the numbers of the two protocols with a reservoir in their place, and NaN where nothing is decided."""
    inside = block.inside(of.plated.shape[1]) & of.paired
    stripped, plated = (np.where(inside, values, 0.0).sum(1) for values in (of.stripped, of.plated))
    modified, lasting = code == seen.MODIFIED, code == seen.RESERVOIR
    either = modified | lasting
    by_loss = block.ended & (lasting | (modified & used_up))
    by_rest = block.ended & modified & ~used_up
    through, left = stripped - block.left, block.left
    # the sums stand for n Q_c, so that an interrupted cycle counts by what it passed
    loss = formulas.reservoir_efficiency(block.reservoir, stripped, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = stripped / plated
        whole = np.where(by_loss, stripped / block.cycled, block.cycles)
    rest_error = formulas.modified_stderr(block.reservoir, through, 1.0, left, charge_error)
    few = by_loss & (block.reservoir >= stripped)
    unfinished = block.there & ~block.ended & ((code == seen.UNDECIDED) | either)
    own = {
        "coulombic_efficiency": np.select([by_loss & ~few, by_rest], [loss, rest], np.nan),
        "coulombic_efficiency_stderr": np.select(
            [by_loss & ~few, by_rest], [formulas.reservoir_stderr(loss, charge_error), rest_error], np.nan
        ),
        "coulombic_efficiency_low": np.where(unfinished, rest, np.nan),
        "median": np.nan,
        "sd": np.nan,
        "cycles_used": np.where(either, whole, np.nan),
    }
    decided = code == seen.GALVANOSTATIC
    for name, values in own.items():
        numbers[name] = np.where(decided, numbers[name], values)
    for name, values in {"reservoir": block.reservoir, "cycled": block.cycled, "left": left, "balance": rest}.items():
        numbers[name] = np.where(either, values, np.nan)
    both = of.paired & decided[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.where(both, of.stripped, 0.0).sum(1) / np.where(both, of.plated, 0.0).sum(1)
    numbers["balance"] = np.where(decided, total, numbers["balance"])
    floor = formulas.measurable_floor(block.reservoir, block.cycled, block.cycles)
    numbers["floor"] = np.where(either & ~by_loss, floor, np.nan)
    numbers["exhausted_cycle"] = np.where(by_loss, block.cycles + 1.0, np.nan)
    numbers["flags"] = bits(
        exhausted=by_loss & modified,
        leftover=by_rest & (left > OVER * block.reservoir),
        unfinished=unfinished,
        unequal=either & block.unequal,
        too_few=few,
        soft_short=np.isfinite(numbers["soft_short_cycle"]),
        dead=np.isfinite(numbers["dead_cycle"]),
    )


def interval(value: float, stderr: float, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of a value whose error is normal.

    Parameters
    ----------
    value, stderr
        Estimate and its standard error.
    confidence
        Level.
    """
    from statistics import NormalDist

    half = NormalDist().inv_cdf((1 + confidence) / 2) * stderr if math.isfinite(stderr) else math.nan
    return value - half, value + half


__all__ = [
    "CHARGE_ERROR",
    "DEFINITIONS",
    "FLAGS",
    "RECOGNISED",
    "USED",
    "USES",
    "Protocol",
    "efficiency",
    "interval",
    "left_out",
    "remarks",
]
