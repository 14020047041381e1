"""Coulombic efficiency of lithium on copper: by protocol for each cell, and cycle by cycle."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import _ce_protocol as seen
from . import ce_formulas as formulas
from .ce_formulas import CHARGE_ERROR, DEFINITIONS

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Protocol = Literal["recognised", "galvanostatic", "reservoir", "modified"]

RECOGNISED: Final = "recognised"
"""The protocol is seen from the charges and from where stripping stopped."""

USED, LEFT_OUT, SHORT_PLATING, CUT_STRIPPING, AFTER_SHORT, AFTER_DEATH, OUTSIDE = range(7)
USES = (
    "in the mean",
    "left out on request",
    "plating ended before 98 % of the usual charge",
    "stripping, here or in the cycle before, ended before the cut-off",
    "soft short",
    "dead",
    "conditioning before the reservoir, or after the end of the test",
)
"""Why a cycle counts for the efficiency or not, by the number in ``use``; -1 where nobody can tell."""

FLAGS: dict[str, tuple[int, str]] = {
    "soft_short": (1, "more was stripped than plated (CE > 100.2 %) in two cycles: soft short"),
    "dead": (2, "efficiency below 80 % of what the cell had, two cycles in a row: dead"),
    "exhausted": (4, "reservoir used up before the end: CE = 1 - Q_T / (N Q_c)"),
    "leftover": (8, "more was left than the reservoir held (Q_s > Q_T): short, or lithium from before"),
    "unfinished": (16, "reservoir not stripped yet: the efficiency is at least the bound given"),
    "unequal": (32, "a half-cycle after the reservoir was interrupted: charges are summed as they were passed"),
    "too_few": (64, "less was cycled than the reservoir held: the formula of the reservoir protocol does not hold"),
}
"""What to know before using the efficiency of a cell: bit and meaning."""

_OVER = 1.002
_DEAD_BELOW = 0.8

_ATTRS: dict[str, tuple[str, str]] = {
    "plated": ("mA h", "charge plated on copper"),
    "stripped": ("mA h", "charge stripped from copper"),
    "cycle_efficiency": ("1", "charge stripped over charge plated in one cycle"),
    "cycle_efficiency_stderr": ("1", "from independent errors of the two charges"),
    "coulombic_efficiency": (
        "1",
        "by the protocol of each cell: " + "; ".join(f"{k}: {v}" for k, v in DEFINITIONS.items()),
    ),
    "coulombic_efficiency_stderr": (
        "1",
        (
            "from independent relative errors of the different charges; galvanostatic √(sd² / m + that error squared), "
            "because the error of the charges is the same in all m cycles"
        ),
    ),
    "coulombic_efficiency_low": (
        "1",
        "where the reservoir was never stripped, a lower bound: stripped over plated",
    ),
    "median": ("1", "median of the cycle efficiency over the cycles used"),
    "sd": ("1", "standard deviation of the cycle efficiency over the cycles used"),
    "cycles_used": ("1", "number of cycles in the mean; n of the modified and N of the reservoir protocol"),
    "balance": ("1", "all charge stripped over all charge plated, conditioning cycles left out"),
    "reservoir": ("mA h", "Q_T, plated before the first cycle"),
    "cycled": ("mA h", "Q_c, median charge stripped in a cycle before the cut-off was met"),
    "left": ("mA h", "Q_s, stripped at the end"),
    "floor": ("1", "n Q_c / (n Q_c + Q_T), the lowest efficiency with which the reservoir lasts to the end"),
    "cut_off": ("V", "median of the highest voltage of the strippings that went on to a cut-off (above 0.2 V)"),
    "exhausted_cycle": ("1", "cycle in which the reservoir was used up, the first one after it being 1"),
    "soft_short_cycle": ("1", "first cycle of more than 100.2 %, if there are two"),
    "dead_cycle": ("1", "first of two cycles in a row below 80 % of the 90th percentile of the cell"),
    "use": (
        "",
        "; ".join(f"{number}: {text}" for number, text in enumerate(USES))
        + "; -1: no whole cycle, or protocol undecided",
    ),
    "flags": ("", "; ".join(f"{bit}: {text}" for bit, text in FLAGS.values())),
}


def efficiency(
    steps: xr.Dataset,
    *,
    protocol: Protocol = RECOGNISED,
    exclude: Collection[int] = (1,),
    cycles_planned: int | None = None,
    cut_off: float | None = None,
    charge_error: float = CHARGE_ERROR,
) -> xr.Dataset:
    """Coulombic efficiency of Li||Cu cells by the protocol each went through.

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
        ``cycles_used``, ``balance``,
        ``reservoir``, ``cycled``, ``left`` [mA h], ``floor``, ``cut_off`` [V], ``exhausted_cycle``,
        ``soft_short_cycle``, ``dead_cycle`` and ``flags`` (:data:`FLAGS`). Per (cell, cycle): ``plated``,
        ``stripped`` [mA h], ``cycle_efficiency`` with ``_stderr``, and ``use`` (:data:`USES`). NaN where a number
        does not apply or cannot be decided.

    Raises
    ------
    ValueError
        When the protocol is none of those known, or a number is out of range.

    Notes
    -----
    Formulas and sources stand in :mod:`.ce_formulas`.
    """
    _refuse(protocol, cycles_planned, cut_off, charge_error)
    of = seen.charges(steps, cut_off)
    block = seen.block(of)
    used_up = seen.exhausted(block, cycles_planned)
    code, reason = seen.recognised(of, block, used_up) if protocol == RECOGNISED else seen.given(of, block, protocol)
    ratio = np.where(of.paired, formulas.galvanostatic_efficiency(of.stripped, of.plated), np.nan)
    galvanostatic = code == seen.GALVANOSTATIC
    by_cycle = _used_cycles(of, ratio, _excluded(steps, exclude), steps["cycle"].values)
    of_block = np.where(block.inside(ratio.shape[1]), USED, OUTSIDE)
    of_block[(code == seen.UNDECIDED)[:, None] | ~of.paired] = -1
    by_cycle["use"] = np.where(galvanostatic[:, None], by_cycle["use"], of_block)
    numbers = _galvanostatic(ratio, by_cycle["use"] == USED, charge_error)
    _with_reservoir(numbers, of, block, code, used_up, charge_error)
    numbers["cut_off"] = seen.median(np.where(of.reached & of.paired, of.highest, np.nan))
    for name in ("soft_short_cycle", "dead_cycle"):
        numbers[name] = np.where(galvanostatic, by_cycle.pop(name), np.nan)
    numbers["flags"] = numbers["flags"] | _bits(
        soft_short=np.isfinite(numbers["soft_short_cycle"]), dead=np.isfinite(numbers["dead_cycle"])
    )
    by_cycle |= {"plated": of.plated, "stripped": of.stripped, "cycle_efficiency": ratio}
    by_cycle["cycle_efficiency_stderr"] = formulas.galvanostatic_stderr(ratio, charge_error)
    texts = {
        "procedure": np.array([seen.NAMES[one] for one in code], object),
        "reason": np.array([seen.REASONS[one] for one in reason], object),
        "definition_used": np.array([DEFINITIONS.get(seen.NAMES[one], "") for one in code], object),
    }
    return _dataset(steps, by_cycle, numbers, texts, charge_error)


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


def _used_cycles(of: seen.Charges, ratio: FloatArray, excluded: BoolArray, number: IntArray) -> dict[str, Any]:
    """Which cycles are in the mean of a galvanostatic test, and where a soft short or death begins."""
    unfinished = of.paired & ~of.reached
    before = np.zeros_like(unfinished)
    before[:, 1:] = unfinished[:, :-1] & (ratio[:, :-1] < 1)
    over = of.paired & (ratio > _OVER) & ~before
    shorted = np.where(over.sum(1) >= 2, over.argmax(1), ratio.shape[1])
    poor = of.paired & (ratio < _DEAD_BELOW * _usual(np.where(of.paired, ratio, np.nan))[:, None])
    twice = np.zeros_like(poor)
    twice[:, :-1] = poor[:, :-1] & poor[:, 1:]
    dead = np.where(twice.any(1), twice.argmax(1), ratio.shape[1])
    place = np.arange(ratio.shape[1])
    use = np.select(
        [
            ~of.paired,
            excluded,
            place >= shorted[:, None],
            place >= dead[:, None],
            of.short_plating,
            unfinished | before,
        ],
        [-1, LEFT_OUT, AFTER_SHORT, AFTER_DEATH, SHORT_PLATING, CUT_STRIPPING],
        USED,
    )
    return {"use": use, "soft_short_cycle": _at(number, shorted), "dead_cycle": _at(number, dead)}


def _usual(ratio: FloatArray) -> FloatArray:
    """90th percentile of the efficiencies of each cell, those above 1 counted as 1: what it had while it lived."""
    order, known = np.sort(np.minimum(ratio, 1.0), axis=1), np.isfinite(ratio).sum(1)
    place = np.floor(0.9 * np.maximum(known - 1, 0)).astype(np.int64)
    found: FloatArray = order[np.arange(len(order)), place]
    return found


def _at(number: IntArray, place: IntArray) -> FloatArray:
    """Number of a cycle, NaN beyond the last."""
    found: FloatArray = np.append(number.astype(float), np.nan)[place]
    return found


def _galvanostatic(ratio: FloatArray, used: BoolArray, charge_error: float) -> dict[str, Any]:
    """Mean over the cycles used, of every cell, whatever its protocol."""
    count = used.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(used, ratio, 0.0).sum(1) / count
        sd = np.sqrt(np.where(used, (ratio - mean[:, None]) ** 2, 0.0).sum(1) / (count - 1))
        sd = np.where(count > 1, sd, np.nan)
        scatter = np.nan_to_num(sd) / np.sqrt(count)
    return {
        "coulombic_efficiency": mean,
        "coulombic_efficiency_stderr": np.hypot(scatter, formulas.galvanostatic_stderr(mean, charge_error)),
        "coulombic_efficiency_low": np.full(len(mean), np.nan),
        "median": seen.median(np.where(used, ratio, np.nan)),
        "sd": sd,
        "cycles_used": count.astype(float),
        "flags": np.zeros(len(mean), np.int64),
    }


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
    numbers["flags"] = _bits(
        exhausted=by_loss & modified,
        leftover=by_rest & (left > _OVER * block.reservoir),
        unfinished=unfinished,
        unequal=either & block.unequal,
        too_few=few,
    )


def _bits(**true: BoolArray) -> IntArray:
    """Flags of every cell."""
    found: IntArray = np.sum([np.where(values, FLAGS[name][0], 0) for name, values in true.items()], axis=0)
    return found


def _dataset(
    steps: xr.Dataset,
    by_cycle: dict[str, Any],
    numbers: dict[str, Any],
    texts: dict[str, Any],
    charge_error: float,
) -> xr.Dataset:
    """Results under their names, with units and definitions."""
    laid: dict[str, Any] = {}
    for names, dims in ((texts, ("cell",)), (numbers, ("cell",)), (by_cycle, ("cell", "cycle"))):
        for name, values in names.items():
            units, definition = _ATTRS.get(name, ("", ""))
            attrs = {key: text for key, text in (("units", units), ("definition", definition)) if text}
            if f"{name}_stderr" in names:
                attrs["ancillary_variables"] = f"{name}_stderr"
            laid[name] = (dims, values, attrs)
    coords = {name: value for name, value in steps.coords.items() if "step" not in value.dims}
    return xr.Dataset(laid, coords, {"charge_error": charge_error})


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
