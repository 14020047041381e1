r"""How a resistance changed between two cycles of a cell, and whether replicates agree on it.

The standard errors of the fits say whether one cell changed; whether cells of a kind do is said by their scatter alone:

.. math:: \ln r_c = \ln R_c(\mathrm{last}) - \ln R_c(\mathrm{first}), \qquad
   \exp\left(\overline{\ln r} \pm t_{n-1}\, s_{\ln r}/\sqrt n\right)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.stated import stated_texts

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

UNKNOWN, UNRESOLVED, FELL, ROSE = "not known", "not resolved", "fell", "rose"


def change(
    of: xr.Dataset,
    name: str = "charge_transfer_resistance",
    *,
    first: int | None = None,
    last: int | None = None,
    confidence: float = 0.95,
) -> xr.Dataset:
    """Difference and ratio of a resistance between two cycles, with intervals; of each cell, and over replicates.

    Parameters
    ----------
    of
        As given by :func:`~pchp_widgets.analysis.impedance.resistances`, or any Dataset (cell, spectrum) that has
        `name`, ``<name>_stderr`` and ``cycle``.
    name
        Which variable.
    first, last
        Cycles; where a cell has several spectra of one cycle, the first of them that is known. The first and the last
        spectrum with a known value when left out.
    confidence
        Level of the intervals.

    Returns
    -------
    Dataset
        (cell): ``first``, ``last`` with ``_stderr``, ``first_cycle``, ``last_cycle``, ``difference`` and ``ratio``,
        each with ``_stderr``, ``_low`` and ``_high`` from the errors of the two fits, and ``verdict``: fell or rose
        where the interval of the ratio leaves 1 out, else not resolved, or not known. (group), cells of one coating:
        ``group_ratio``, the geometric mean over the cells, ``group_ratio_low`` and ``_high`` by Student's t from their
        scatter (NaN for a single cell), ``cells`` and ``group_verdict``.

    Raises
    ------
    ValueError
        When there is no such variable, or the level is not between 0 and 1.
    """
    if name not in of or f"{name}_stderr" not in of:
        raise ValueError(f"{name}: not among the resistances; there are {', '.join(_with_errors(of))}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence = {confidence}: a level between 0 and 1 is needed")
    columns = _compared(_end(of, name, first, backwards=False), _end(of, name, last, backwards=True), confidence)
    units = str(of[name].attrs.get("units", "ohm"))
    variables: dict[str, Any] = {key: ("cell", value, _attrs(key, units, confidence)) for key, value in columns.items()}
    verdict = _verdicts(columns["ratio_low"], columns["ratio_high"])
    variables["verdict"] = ("cell", verdict, {"definition": _VERDICT})
    coatings = stated_texts(of, "coating")
    variables |= _over_cells(columns["ratio"], coatings, confidence)
    own = {key: coord for key, coord in of.coords.items() if coord.dims == ("cell",)}
    return xr.Dataset(variables, own | _groups(coatings), {"of": name})


class _End(NamedTuple):
    """Value of each cell in one of the two cycles, its standard error, and the cycle."""

    value: FloatArray
    error: FloatArray
    cycle: FloatArray


def _end(of: xr.Dataset, name: str, cycle: int | None, *, backwards: bool) -> _End:
    values, errors = (of[key].transpose("cell", "spectrum").values for key in (name, f"{name}_stderr"))
    cycles = _cycles(of)
    place = _place(values, cycles, cycle, backwards)
    row = np.arange(len(place))
    return _End(*(np.where(place >= 0, table[row, place], np.nan) for table in (values, errors, cycles)))


def _compared(first: _End, last: _End, confidence: float) -> dict[str, FloatArray]:
    """Differences and ratios (cell), with their errors and intervals."""
    from scipy.special import ndtri

    z = float(ndtri((1 + confidence) / 2))
    same = first.cycle == last.cycle
    before, after = first.value, np.where(same, np.nan, last.value)
    after_error = np.where(same, np.nan, last.error)
    difference, error = after - before, np.hypot(first.error, after_error)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio, relative = after / before, np.hypot(first.error / before, after_error / after)
    return {
        "first": before,
        "first_stderr": first.error,
        "last": after,
        "last_stderr": after_error,
        "first_cycle": first.cycle,
        "last_cycle": last.cycle,
        "difference": difference,
        "difference_stderr": error,
        "difference_low": difference - z * error,
        "difference_high": difference + z * error,
        "ratio": ratio,
        "ratio_stderr": ratio * relative,
        "ratio_low": ratio * np.exp(-z * relative),
        "ratio_high": ratio * np.exp(z * relative),
    }


_VERDICT = "fell or rose where the interval of the ratio leaves 1 out; else not resolved, or not known"


def _with_errors(of: xr.Dataset) -> list[str]:
    return [str(name) for name in of.data_vars if f"{name}_stderr" in of]


def _cycles(of: xr.Dataset) -> FloatArray:
    """Cycle (cell, spectrum); the number of the spectrum where no cycle is known."""
    shape = (of.sizes["cell"], of.sizes["spectrum"])
    if "cycle" in of:
        return np.asarray(of["cycle"].transpose("cell", "spectrum").values, float)
    return np.broadcast_to(np.asarray(of["spectrum"].values, float), shape)


def _place(values: FloatArray, cycles: FloatArray, cycle: int | None, backwards: bool) -> IntArray:
    """Place of the spectrum of each cell, -1 where there is none."""
    fits = np.isfinite(values) & (np.isfinite(cycles) if cycle is None else cycles == cycle)
    if not fits.shape[1]:
        return np.full(len(fits), -1)
    order = np.argsort(cycles, axis=1, kind="stable")
    in_order = np.take_along_axis(fits, order, 1)
    from_end = backwards and cycle is None
    rank = in_order.shape[1] - 1 - in_order[:, ::-1].argmax(1) if from_end else in_order.argmax(1)
    return np.asarray(np.where(fits.any(1), np.take_along_axis(order, rank[:, None], 1)[:, 0], -1))


def _verdicts(low: FloatArray, high: FloatArray) -> npt.NDArray[np.str_]:
    known = np.isfinite(low) & np.isfinite(high)
    return np.select([~known, high < 1, low > 1], [UNKNOWN, FELL, ROSE], UNRESOLVED)


def _groups(coatings: list[str]) -> dict[str, Any]:
    return {"group": ("group", list(dict.fromkeys(coatings)), {"definition": "coating; empty where nobody said"})}


def _over_cells(ratio: FloatArray, coatings: list[str], confidence: float) -> dict[str, Any]:
    """Geometric mean of the ratios of each group, and the interval of Student's t from their scatter."""
    from scipy.special import stdtrit

    labels = np.array(coatings, dtype=object)
    rows = []
    for label in dict.fromkeys(coatings):
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(ratio[labels == label])
        logs = logs[np.isfinite(logs)]
        mean = logs.mean() if len(logs) else np.nan
        half = np.nan
        if len(logs) > 1:
            half = stdtrit(len(logs) - 1, (1 + confidence) / 2) * logs.std(ddof=1) / np.sqrt(len(logs))
        rows.append((np.exp(mean), np.exp(mean - half), np.exp(mean + half), len(logs)))
    mean, low, high, count = np.array(rows, float).reshape(-1, 4).T
    level = f"{100 * confidence:g} % interval of Student's t for the mean of the logarithms, from the scatter of cells"
    return {
        "group_ratio": (
            "group",
            mean,
            {"units": "1", "definition": "geometric mean over the cells of last over first"},
        ),
        "group_ratio_low": ("group", low, {"units": "1", "definition": level}),
        "group_ratio_high": ("group", high, {"units": "1", "definition": level}),
        "cells": ("group", count.astype(int), {"units": "1", "definition": "cells with a known ratio"}),
        "group_verdict": ("group", _verdicts(low, high), {"definition": _VERDICT}),
    }


def _attrs(name: str, units: str, confidence: float) -> dict[str, str]:
    of, _, kind = name.partition("_")
    units = "1" if of == "ratio" or kind == "cycle" else units
    texts = {
        "first": "value in the first of the two cycles",
        "last": "value in the last of the two cycles",
        "difference": "last less first",
        "ratio": "last over first",
    }
    if kind in {"low", "high"}:
        return {"units": units, "definition": f"{100 * confidence:g} % interval of {of}, from the errors of the fits"}
    if kind == "stderr":
        return {"units": units, "definition": f"standard error of {of}, from those of the fits"}
    if kind == "cycle":
        return {"units": units, "definition": f"cycle of the {of} value"}
    return {"units": units, "definition": texts[of], "ancillary_variables": f"{of}_stderr"}


def spread(of: xr.Dataset, name: str) -> xr.Dataset:
    """Mean and scatter of replicates of each coating against cycle.

    Parameters
    ----------
    of
        As for :func:`change`.
    name
        Which variable.

    Returns
    -------
    Dataset
        (coating, cycle): ``mean``, ``sd`` (NaN for a single cell) in the units of the variable, and ``cells``. A cell
        with several spectra of one cycle counts with their mean.
    """
    values = of[name].transpose("cell", "spectrum").values
    cycles, labels = _cycles(of), stated_texts(of, "coating")
    known = np.isfinite(values) & np.isfinite(cycles)
    grid, column = np.unique(cycles[known], return_inverse=True)
    names, group = np.unique(np.array(labels, dtype=np.str_), return_inverse=True)
    cell = np.nonzero(known)[0]
    total, count = np.zeros((len(values), len(grid))), np.zeros((len(values), len(grid)))
    np.add.at(total, (cell, column), values[known])
    np.add.at(count, (cell, column), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.where(count > 0, total / count, 0.0)
        there = (count > 0).astype(float)
        member = (group[None] == np.arange(len(names))[:, None]).astype(float)
        n = member @ there
        mean = np.where(n > 0, member @ own / n, np.nan)
        square = member @ (there * (own - mean[group]) ** 2) if len(values) else n
        sd = np.where(n > 1, np.sqrt(square / (n - 1)), np.nan)
    units = str(of[name].attrs.get("units", ""))
    dims = ("coating", "cycle")
    variables = {
        "mean": (dims, mean, {"units": units, "definition": f"mean of {name} over the cells"}),
        "sd": (dims, sd, {"units": units, "definition": f"standard deviation of {name} between cells"}),
        "cells": (dims, n.astype(int), {"units": "1", "definition": "cells that have a value"}),
    }
    return xr.Dataset(variables, {"coating": names, "cycle": grid.astype(int)}, {"of": name})
