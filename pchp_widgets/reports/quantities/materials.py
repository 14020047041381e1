"""Quantities of materials: chosen by the sample of the claim, with the settings a panel begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from ...analysis import indentation
from ...analysis.audit import Interval
from .evidence import Evidence, Found

Conditions = Mapping[str, Any]


def moduli(of: Evidence) -> tuple[xr.DataArray, xr.DataArray]:
    """Young's modulus of every sample that was indented, and its standard error.

    Returns
    -------
    tuple of DataArray
        Mean over the indents (sample) [GPa], by Oliver and Pharr with the usual settings; and its standard error by
        their spread [GPa], NaN of a single indent.

    Raises
    ------
    NotInStudyError
        When no sample was indented.
    """
    found = _indents(of)
    error = (found["sd"] / np.sqrt(found["n"])).where(found["n"] > 1)
    text = f"Young's modulus by Oliver and Pharr, {found['mean'].attrs['definition']}"
    return (
        xr.DataArray(found["mean"], name="modulus", attrs={"units": "GPa", "definition": text}),
        xr.DataArray(error, name="modulus_stderr", attrs={"units": "GPa", "definition": f"standard error: {text}"}),
    )


def youngs_modulus(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001  by the sample alone
    """Young's modulus of a sample, mean of its indents."""
    of.measured("indentation", sample)
    one = _indents(of).sel(sample=sample)
    value, low, high = (float(one[name]) for name in ("mean", "mean_low", "mean_high"))
    n = int(one["n"])
    found = Interval(value, low, high) if n > 1 else Interval(value, value, value)
    return Found(found, n, "Oliver and Pharr, mean of the indents")


def _indents(of: Evidence) -> xr.Dataset:
    """Statistics of the modulus over the indents of every sample."""

    def found() -> xr.Dataset:
        last = indentation.last_unloading(indentation.oliver_pharr(of.measured("indentation")))
        return indentation.of_samples(last["modulus"])

    return of.once("moduli", of=found)
