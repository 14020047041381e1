"""Quantities of materials: chosen by the sample of the claim, with the settings a panel begins with.

A sample of a claim is the name of a measurement, or the material of several.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from ...analysis import adhesion, indentation, micrograph, sorption, thermal
from ...analysis.audit import UNKNOWN, Interval
from ..errors import NotInStudyError
from .evidence import NORMAL, Evidence, Found, number, text

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
    about = f"Young's modulus by Oliver and Pharr, {found['mean'].attrs['definition']}"
    return (
        xr.DataArray(found["mean"], name="modulus", attrs={"units": "GPa", "definition": about}),
        xr.DataArray(error, name="modulus_stderr", attrs={"units": "GPa", "definition": f"standard error: {about}"}),
    )


def youngs_modulus(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001  by the sample alone
    """Young's modulus of a sample, mean of its indents."""
    of.measured("indentation", sample)
    one = _indents(of).sel(sample=sample)
    return Found(_with_ends(one, "mean", "mean_low", "mean_high"), int(one["n"]), "Oliver and Pharr, mean of indents")


def peel_ratio(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """Peel strength of a material over that of another, ``to``."""
    of.of_material("adhesion", sample)
    other = text(conditions, "to")
    of.of_material("adhesion", other)
    found = of.once("peel", of=lambda: adhesion.peel_strength(of.measured("adhesion")))
    one = adhesion.ratios(found, other).sel(material=sample)
    count = int(adhesion.by_material(found)["count"].sel(material=[sample, other]).sum())
    interval = _with_ends(one, "ratio", "fieller_low", "fieller_high")
    return Found(interval, count, f"mean plateau over that of {other}, over strips, Fieller's interval")


def coating_thickness(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001  by the sample alone
    """Thickness of a coating in cross sections: mean over pictures, or the mean of the only one."""
    found = micrograph.by_material(micrograph.thickness(of.of_material("micrograph", sample)))
    one = found.isel(material=0)
    return Found(_with_ends(one, "mean", "low", "high"), int(one["pictures"]), "distance of both faces in a section")


def crystallinity(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001  by the sample alone
    """Share of the PEG that melts in the last heating; from 0 to its upper limit where nothing melts."""
    data = of.of_material("thermal", sample)
    program = thermal.segments(data)
    run = thermal.last_heating(program)
    if not run:
        raise NotInStudyError(f"no heating of {sample}")
    curves = thermal.scans(data, run, program)
    window = thermal.melting_range(curves)
    limit = thermal.crystallinity_limit(curves, window, width=min(8.0, (window[1] - window[0]) / 3)).isel(sample=0)
    outcome, bound = str(limit["limit_outcome"].item()), float(limit["crystallinity_limit"])
    if outcome == "melting":
        one = thermal.crystallinity(thermal.melting(curves, window)).isel(sample=0)
        interval = _with_ends(one, "crystallinity", "crystallinity_low", "crystallinity_high")
        return Found(interval, 1, f"heat of melting in {run}, band over base lines and heats of fusion")
    found = Interval(0.0, 0.0, bound) if np.isfinite(bound) else UNKNOWN
    return Found(found, 1, f"{outcome} in {run}; limit: what would have been found with 95 %")


def uptake_ratio(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """Gas that a sample adsorbs over what another, ``to``, adsorbs at the same ``pressure`` [bar]."""
    measured = of.of_material("sorption", sample)
    other, pressure = text(conditions, "to"), number(conditions, "pressure")
    own, theirs = (_uptake(one, pressure) for one in (measured, of.of_material("sorption", other)))
    found = UNKNOWN
    if own > 0 and theirs > 0:
        factor = float(np.exp(NORMAL * np.sqrt(2) * sorption.UPTAKE_ERROR))
        found = Interval(own / theirs, own / theirs / factor, own / theirs * factor)
    error = f"{sorption.UPTAKE_ERROR:.0%} of each uptake is taken for mass and cold volume"
    return Found(found, 2, f"uptake at {pressure:g} bar over that of {other}; {error}")


def micropore_volume(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001  by the sample alone
    """Micropore volume beside what dissolves; from 0 to the limit of detection where no pores are seen."""
    found = sorption.porosity_limit(sorption.isotherms(of.of_material("sorption", sample))).isel(sample=0)
    seen, limit = int(found["porous"]), float(found["detection_limit"])
    interval = _with_ends(found, "micropore_volume", "micropore_volume_low", "micropore_volume_high")
    if seen == 0:
        interval = Interval(0.0, 0.0, limit)
    said = "Dubinin's equation beside Henry's" + ("; none seen, limit of detection" if not seen else "")
    return Found(interval if seen >= 0 else UNKNOWN, 1, said)


def _uptake(data: xr.Dataset, pressure: float) -> float:
    """Uptake of the first sample on the way up [mmol g-1], between its points; NaN beyond them."""
    one = sorption.isotherms(data).isel(sample=0)
    known = np.isfinite(one["pressure"].values)
    x, y = one["pressure"].values[known], one["uptake"].values[known]
    if not len(x) or not x[0] <= pressure <= x[-1] * (1 + 1e-6):
        return float("nan")
    return float(np.interp(pressure, x, y))


def _with_ends(one: xr.Dataset, value: str, low: str, high: str) -> Interval:
    """A number with its interval; without a width where there is none, as of a single indent."""
    ends = tuple(float(one[name]) for name in (value, low, high))
    if not np.isfinite(ends[0]):
        return UNKNOWN
    return Interval(*ends) if np.isfinite(ends[1:]).all() else Interval(ends[0], ends[0], ends[0])


def _indents(of: Evidence) -> xr.Dataset:
    """Statistics of the modulus over the indents of every sample."""

    def found() -> xr.Dataset:
        last = indentation.last_unloading(indentation.oliver_pharr(of.measured("indentation")))
        return indentation.of_samples(last["modulus"])

    return of.once("moduli", of=found)
