"""Nucleation overpotential of lithium on copper: how far the voltage dips below the plateau that follows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.reductions import active_steps
from . import _halves

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PLATEAU = (0.20, 0.50)
"""Part of the plated charge whose median voltage is the plateau."""

FOUND, NO_PLATING, FEW_POINTS, NO_DIP = range(4)
OUTCOMES = (
    "found",
    "no point below 0 V while lithium was plated",
    "fewer than three points on the plateau",
    "no dip: the lowest voltage of the first 20 % is not below the plateau by three times the noise",
)
"""What came of looking for a dip, by the number in ``outcome``; -1 where nothing was plated."""

_CERTAIN = 3.0
_FEWEST = 3
_NUMBERS: dict[str, tuple[str, str]] = {
    "nucleation": (
        "V",
        "|V_min| - |V_plateau|, V_min the lowest voltage in the first 20 % of the charge plated below 0 V",
    ),
    "nucleation_stderr": ("V", "from the noise of single readings and of the median"),
    "dip": ("V", "lowest voltage in the first 20 % of the charge plated below 0 V"),
    "dip_charge": ("mA h", "charge passed at the dip, since plating began"),
    "plateau": ("V", "median voltage between 20 % and 50 % of the charge plated below 0 V"),
    "plateau_begin": ("mA h", "charge passed where the plateau begins"),
    "plateau_end": ("mA h", "charge passed where the plateau ends"),
    "slope_charge": ("mA h", "charge passed above 0 V before plating: SEI and oxide of the copper"),
}


def nucleation(cells: xr.DataTree | Iterable[xr.DataTree]) -> xr.Dataset:
    """Nucleation overpotential of every plating half-cycle.

    Points at or above 0 V (the slope on which an SEI forms on copper, and the fall from the cut-off) are left out, and
    the charge is counted from the last of them on. The plateau is the median over 20 to 50 % of that charge. Where the
    lowest voltage before the plateau is not below it by three times the point-to-point noise, there is no dip: the
    result is NaN, and ``outcome`` says so.

    Parameters
    ----------
    cells
        One cell or several, each with ``steps`` and ``points``.

    Returns
    -------
    Dataset
        ``nucleation`` with ``_stderr``, ``dip`` and ``plateau`` [V], ``dip_charge``, ``plateau_begin``,
        ``plateau_end`` and ``slope_charge`` [mA h] along (cell, cycle), and ``outcome`` (:data:`OUTCOMES`).

    Raises
    ------
    ValueError
        When no cell is given.
    """
    whole = _halves.each_cell(cells, _one_cell, "nucleation")
    whole["outcome"] = whole["outcome"].fillna(-1).astype(np.int64)
    return whole


def _one_cell(tree: xr.DataTree) -> xr.Dataset:
    steps = tree["steps"].to_dataset().load()
    index, row = _plating(steps.isel(cell=0))
    points = tree["points"].to_dataset()
    time, voltage, current = (points[name].values[index].astype(float) for name in ("time", "voltage", "current"))
    passed = np.zeros(len(index))
    if len(index) > 1:
        passed[1:] = np.abs(current[1:] + current[:-1]) / 2 * np.diff(time) / 3600
        # nothing is passed across the edge of a step, where the index jumps
        passed[1:][np.diff(index) != 1] = 0.0
    charge = np.cumsum(passed)
    first = np.flatnonzero(np.diff(row, prepend=-1))
    charge -= np.repeat(charge[first], np.diff(first, append=len(row)))
    numbers, outcome = _dips(row, charge, voltage, steps.sizes["cycle"])
    variables = {
        name: (("cell", "cycle"), values[None], {"units": _NUMBERS[name][0], "definition": _NUMBERS[name][1]})
        for name, values in numbers.items()
    }
    variables["nucleation"][2]["ancillary_variables"] = "nucleation_stderr"
    meanings = {"definition": "; ".join(f"{number}: {text}" for number, text in enumerate(OUTCOMES))}
    coords = {name: value for name, value in steps.coords.items() if "step" not in value.dims}
    return xr.Dataset({**variables, "outcome": (("cell", "cycle"), outcome[None], meanings)}, coords)


def _plating(steps: xr.Dataset) -> tuple[IntArray, IntArray]:
    """Points of all plating steps in the order of the trace, and the row of the cycle each belongs to."""
    _, plating = active_steps(steps)
    cycle, step = np.nonzero(plating)
    start, count = steps["point_start"].values[cycle, step], steps["point_count"].values[cycle, step]
    order = np.lexsort((start, cycle))
    cycle, start, count = cycle[order], start[order], count[order]
    ends = np.cumsum(count)
    index = np.arange(int(count.sum())) + np.repeat(start - (ends - count), count)
    return index, np.repeat(cycle, count)


def _dips(
    row: IntArray, charge: FloatArray, voltage: FloatArray, cycles: int
) -> tuple[dict[str, FloatArray], IntArray]:
    """The dip of every cycle at once, on flat arrays: `row` says which cycle a point belongs to."""
    metal = voltage < 0
    plated = np.zeros(cycles, bool)
    plated[row] = True
    begin, end = np.full(cycles, np.inf), np.full(cycles, -np.inf)
    np.minimum.at(begin, row[metal], charge[metal])
    np.maximum.at(end, row[metal], charge[metal])
    with np.errstate(invalid="ignore", divide="ignore"):
        depth = (charge - begin[row]) / (end - begin)[row]
        inside = metal & (depth >= PLATEAU[0]) & (depth <= PLATEAU[1])
        early = metal & (depth <= PLATEAU[0])
    plateau, count = _medians(row[inside], voltage[inside], cycles)
    noise = _noise(row[inside], voltage[inside], cycles)
    dip = np.full(cycles, np.inf)
    np.minimum.at(dip, row[early], voltage[early])
    lowest = np.flatnonzero(early & (voltage == dip[row]))[::-1]
    at = np.full(cycles, np.nan)
    at[row[lowest]] = charge[lowest]  # the first of equal ones is written last
    with np.errstate(invalid="ignore"):
        height = plateau - dip
        outcome = np.select(
            [~plated, ~np.isfinite(begin), count < _FEWEST, ~(height > _CERTAIN * noise)],
            [-1, NO_PLATING, FEW_POINTS, NO_DIP],
            FOUND,
        )
        stderr = noise * np.sqrt(1 + np.pi / 2 / np.maximum(count, 1))
        width = end - begin
        found = {
            "nucleation": height,
            "nucleation_stderr": stderr,
            "dip": dip,
            "dip_charge": at,
            "plateau": plateau,
            "plateau_begin": begin + PLATEAU[0] * width,
            "plateau_end": begin + PLATEAU[1] * width,
            "slope_charge": begin,
        }
    known = dict.fromkeys(("nucleation", "nucleation_stderr", "dip", "dip_charge"), outcome == FOUND)
    sound = np.isin(outcome, (FOUND, NO_DIP))
    return {name: np.where(known.get(name, sound), values, np.nan) for name, values in found.items()}, outcome


def _medians(row: IntArray, values: FloatArray, cycles: int) -> tuple[FloatArray, IntArray]:
    """Median of the values of each row, and their number."""
    order = np.lexsort((values, row))
    count = np.bincount(row, minlength=cycles)
    start = np.cumsum(count) - count
    ranked = np.append(values[order], np.nan)
    middle = (ranked[start + np.maximum(count - 1, 0) // 2] + ranked[np.minimum(start + count // 2, len(values))]) / 2
    return np.where(count > 0, middle, np.nan), count


def _noise(row: IntArray, values: FloatArray, cycles: int) -> FloatArray:
    """Point-to-point noise of each row: sd of the differences over √2, 0 where there are too few."""
    same = np.diff(row) == 0
    step, of = np.diff(values)[same], row[1:][same]
    count = np.bincount(of, minlength=cycles)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(of, step, cycles) / count
        variance = np.bincount(of, step**2, cycles) / count - mean**2
    found: FloatArray = np.sqrt(np.maximum(np.nan_to_num(variance), 0.0) / 2)
    return found


__all__ = ["OUTCOMES", "PLATEAU", "nucleation"]
