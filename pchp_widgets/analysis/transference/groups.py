"""Replicates of one coating together, and what coated cells say against bare ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.stated import stated_numbers, stated_texts
from .layers import two_layers

FloatArray = npt.NDArray[np.float64]

BARE = "bare"
"""Coating of cells without one."""

_ATTRS: dict[str, tuple[str, str]] = {
    "mean": ("1", "mean current fraction of the cells used"),
    "mean_stderr": ("1", "sd / √n between them; that of the one cell where there is one"),
    "mean_low": ("1", "lower end of the interval of the mean (Student's t)"),
    "mean_high": ("1", "upper end of it"),
    "sd": ("1", "standard deviation between the cells used"),
    "cells": ("1", "number of cells used"),
    "left_out": ("1", "number of cells whose fraction is not usable"),
    "bulk": ("ohm", "mean bulk resistance of the cells used"),
    "bulk_stderr": ("ohm", "sd / √n between them"),
    "area": ("cm2", "mean area of the cells used"),
    "required_resistance": (
        "ohm",
        "least ohmic resistance of all coatings together that explains the rise against bare cells, with ρ_c = 1",
    ),
}

_USED = (
    "usable",
    "current_fraction",
    "current_fraction_stderr",
    "current_fraction_low",
    "current_fraction_high",
    "bulk_resistance",
    "bulk_resistance_stderr",
)
_OF_GROUP = tuple(_ATTRS)[:-1]


def by_coating(found: xr.Dataset, *, confidence: float = 0.95) -> xr.Dataset:
    """Mean current fraction of each coating and, against bare cells, what the coating itself must be like.

    Cells whose fraction is not usable are left out and counted; where none is usable, there is no mean. Those of which
    it is undecided whether they are usable are taken.

    Parameters
    ----------
    found
        As given by :func:`~pchp_widgets.analysis.transference.transference`, with ``coating`` on ``cell``.
    confidence
        Of the intervals.

    Returns
    -------
    Dataset
        (coating): ``mean`` with ``_stderr``, ``_low``, ``_high``, ``sd``, ``cells``, ``left_out``, ``bulk``, and what
        :func:`~.layers.two_layers` says of separator and coating, whose resistances are the bulk of bare cells and what
        coated cells have more; NaN for bare cells, and where there are none.
    """
    coatings = np.asarray(stated_texts(found, "coating"), str)
    names = list(dict.fromkeys(coatings.tolist()))
    own = {name: found[name].values for name in _USED}
    own["area"] = stated_numbers(found, "area")
    groups = [coatings == name for name in names]
    rows = [_of_group({key: values[group] for key, values in own.items()}, confidence) for group in groups]
    columns: dict[str, FloatArray] = {key: np.array([row[key] for row in rows]) for key in _OF_GROUP}
    laid: dict[str, Any] = {name: ("coating", values, _attributes(name)) for name, values in columns.items()}
    if BARE in names and len(names) > 1:
        layers, required = _layers(columns, names.index(BARE), names, confidence)
        laid |= {str(name): ("coating", values.values, values.attrs) for name, values in layers.data_vars.items()}
        laid["required_resistance"] = ("coating", required, _attributes("required_resistance"))
    return xr.Dataset(laid, {"coating": names}, {"confidence": confidence})


def _of_group(own: dict[str, npt.NDArray[Any]], confidence: float) -> dict[str, float]:
    used = (own["usable"] != 0) & np.isfinite(own["current_fraction"])
    count = int(used.sum())
    mean, error, sd = _mean(own["current_fraction"][used], own["current_fraction_stderr"][used])
    half = _quantile(count, confidence) * error
    bulk, bulk_error, _ = _mean(own["bulk_resistance"][used], own["bulk_resistance_stderr"][used])
    area = own["area"][used]
    low, high = mean - half, mean + half
    if count == 1:
        low, high = (float(own[f"current_fraction_{end}"][used][0]) for end in ("low", "high"))
    return {
        "mean": mean,
        "mean_stderr": error,
        "mean_low": low,
        "mean_high": high,
        "sd": sd,
        "cells": count,
        "left_out": len(used) - count,
        "bulk": bulk,
        "bulk_stderr": bulk_error,
        "area": float(np.mean(area)) if len(area) else np.nan,
    }


def _mean(values: FloatArray, errors: FloatArray) -> tuple[float, float, float]:
    """Mean, its standard error and the standard deviation; one value keeps its own error."""
    if not len(values):
        return np.nan, np.nan, np.nan
    if len(values) == 1:
        return float(values[0]), float(errors[0]), np.nan
    sd = float(values.std(ddof=1))
    return float(values.mean()), sd / float(np.sqrt(len(values))), sd


def _layers(
    columns: dict[str, FloatArray], bare: int, names: list[str], confidence: float
) -> tuple[xr.Dataset, FloatArray]:
    of = np.arange(len(names))
    coated = of != bare
    added = np.where(coated, columns["bulk"] - columns["bulk"][bare], np.nan)
    errors = (
        columns["mean_stderr"],
        np.full(len(of), columns["mean_stderr"][bare]),
        np.full(len(of), columns["bulk_stderr"][bare]),
        np.hypot(columns["bulk_stderr"], columns["bulk_stderr"][bare]),
    )
    effective = np.where(coated, columns["mean"], np.nan)
    separator = np.full(len(of), columns["mean"][bare])
    layers = two_layers(
        effective, separator, columns["bulk"][bare], added, errors=errors, cell=names, confidence=confidence
    )
    share = layers["least_share"].values
    with np.errstate(divide="ignore", invalid="ignore"):
        required: FloatArray = columns["bulk"][bare] * share / (1 - share)
    return layers, required


def _quantile(count: int, confidence: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(count - 1, (1 + confidence) / 2)) if count > 1 else np.nan


def _attributes(name: str) -> dict[str, str]:
    units, definition = _ATTRS[name]
    linked = {"ancillary_variables": f"{name}_stderr"} if f"{name}_stderr" in _ATTRS else {}
    return {"units": units, "definition": definition, **linked}
