"""What results on Coulombic efficiency are called: why a cycle counts, what to know of a cell, units, definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from .formulas import DEFINITIONS

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

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
    "dead": (2, "efficiency below 80 % of what the cell had, from some cycle to the end: dead"),
    "exhausted": (4, "reservoir used up before the end: CE = 1 - Q_T / (N Q_c)"),
    "leftover": (8, "more was left than the reservoir held (Q_s > Q_T): short, or lithium from before"),
    "unfinished": (16, "reservoir not stripped yet: the efficiency is at least the bound given"),
    "unequal": (32, "a half-cycle after the reservoir was interrupted: charges are summed as they were passed"),
    "too_few": (64, "less was cycled than the reservoir held: the formula of the reservoir protocol does not hold"),
}
"""What to know before using the efficiency of a cell: bit and meaning."""

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
    "dead_cycle": (
        "1",
        "first of at least two cycles below 80 % of the 90th percentile of the cell, with which it ends",
    ),
    "use": (
        "",
        "; ".join(f"{number}: {text}" for number, text in enumerate(USES))
        + "; -1: no whole cycle, or protocol undecided",
    ),
    "flags": ("", "; ".join(f"{bit}: {text}" for bit, text in FLAGS.values())),
}


def bits(**true: BoolArray) -> IntArray:
    """Flags of every cell."""
    found: IntArray = np.sum([np.where(values, FLAGS[name][0], 0) for name, values in true.items()], axis=0)
    return found


def dataset(
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
