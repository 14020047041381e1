"""How much less, or more, a sample adsorbs than another: before and after cross-linking, for example."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ...model.measurements import sample_coords
from .regression import FloatArray

UPTAKE_ERROR = 0.01
"""Relative standard error of all uptakes of a sample at once, which no fit can see: its mass, the cold volume."""


def change(
    found: xr.Dataset,
    quantity: str,
    reference: str,
    *,
    uptake_error: float = UPTAKE_ERROR,
    confidence: float = 0.95,
) -> xr.Dataset:
    """Each sample against one of them.

    Parameters
    ----------
    found
        As given by :func:`.bet.bet`, :func:`.dubinin.dubinin` or :func:`.models.model_fit`, with the quantity's limits.
    quantity
        One that is proportional to the uptake: ``area``, ``volume``, ``monolayer``, ``capacity``.
    reference
        Name of the sample the others are compared with: the one before.
    uptake_error
        Relative standard error of each sample's uptakes as a whole.
    confidence
        Of the intervals.

    Returns
    -------
    Dataset
        (sample): ``change``, the relative one (-0.4: 40 % less), with ``_low`` and ``_high``; of the reference itself
        0. The interval is that of the logarithm of the ratio, both samples' errors independent and normal; conventions
        that both share (density, area of the molecule) cancel. ``alike``: 0 where gas, temperature or degassing
        differ, 1 where they are known and the same, -1 where they are not known.

    Raises
    ------
    ValueError
        When there is no such quantity or sample.
    """
    missing = [name for name in (quantity, f"{quantity}_low", f"{quantity}_high") if name not in found]
    if missing:
        raise ValueError(f"{missing[0]}: is not there; there are {', '.join(map(str, found.data_vars))}")
    names = [str(name) for name in found["sample"].values]
    if reference not in names:
        raise ValueError(f"reference {reference!r}: is no sample; there are {', '.join(names)}")
    at = names.index(reference)
    columns = _ratio(found, quantity, at, uptake_error, confidence)
    text = f"{quantity} over that of {reference}, less 1"
    said = {
        "change": text,
        "change_low": f"lower confidence limit: {text}",
        "change_high": f"upper confidence limit: {text}",
    }
    made = {name: ("sample", column, {"units": "1", "definition": said[name]}) for name, column in columns.items()}
    made["alike"] = (
        "sample",
        _alike(found, at),
        {"units": "1", "definition": "1 same gas, temperature and degassing; 0 not; -1 unknown"},
    )
    attrs = {"reference": reference, "quantity": quantity, "confidence": confidence}
    return xr.Dataset(made, sample_coords(found), attrs)


def _ratio(found: xr.Dataset, quantity: str, at: int, uptake_error: float, confidence: float) -> dict[str, FloatArray]:
    """Changes against the sample at some place, with their limits."""
    from scipy.special import ndtri

    with np.errstate(invalid="ignore", divide="ignore"):
        value, low, high = (np.log(found[quantity + end].values) for end in ("", "_low", "_high"))
    # the fit's own limits, one-sided and at the confidence asked for, with the common error joined in squares
    z = float(ndtri((1 + confidence) / 2))
    scale = z / float(ndtri((1 + float(found.attrs["confidence"])) / 2))
    down, up = (value - low) * scale, (high - value) * scale
    common = 2 * (z * uptake_error) ** 2
    ratio = value - value[at]
    with np.errstate(invalid="ignore", over="ignore"):
        least = np.exp(ratio - np.sqrt(down**2 + up[at] ** 2 + common)) - 1
        most = np.exp(ratio + np.sqrt(up**2 + down[at] ** 2 + common)) - 1
        columns = {"change": np.exp(ratio) - 1, "change_low": least, "change_high": most}
    for column in columns.values():
        column[at] = 0.0 if np.isfinite(value[at]) else np.nan
    return columns


def change_remarks(changed: xr.Dataset) -> dict[str, list[str]]:
    """Why a change may be none of the material; `changed` as given by :func:`change`."""
    reference = changed.attrs["reference"]
    text = {
        0: f"gas, temperature or degassing are not those of {reference}: the change is not of the material alone",
        -1: f"whether it was degassed as {reference} is not known",
    }
    return {
        str(name): [text[int(state)]] if int(state) in text and str(name) != reference else []
        for name, state in zip(changed["sample"].values, changed["alike"].values, strict=True)
    }


def _alike(found: xr.Dataset, at: int) -> np.ndarray:
    state = np.ones(found.sizes["sample"], int)
    for name, tolerance in (("degas_time", 0.5), ("degas_temperature", 2.0), ("temperature", 0.5)):
        if name not in found.coords:
            state = np.minimum(state, -1)
            continue
        away = np.abs(found[name].values - found[name].values[at])
        state = np.where(away > tolerance, 0, np.where(np.isnan(away) & (state != 0), -1, state))
    if "gas" in found.coords:
        state = np.where(found["gas"].values == found["gas"].values[at], state, 0)
    return state
