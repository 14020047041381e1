"""Quantities of diffraction, photoemission, NMR and elemental analysis, with the settings a panel begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...analysis import composition, diffraction
from ...analysis.audit import UNKNOWN, Interval
from ...analysis.composition.noise import variance
from ...analysis.photoemission.components import ASSIGNMENTS, REFERENCE
from ...analysis.photoemission.layers import global_fit
from ..errors import NotInStudyError
from .evidence import NORMAL, Evidence, Found, number, text

Conditions = Mapping[str, Any]
FloatArray = npt.NDArray[np.float64]

_ONE_SIDED = 1.644854
_SEEN, _FEWEST = 5.0, 8  # standard deviations by which a line rises; points of a range
_REACH = 1.3  # eV: how far from its assignment a component is looked for, so that an interval can contradict it


def halo_distance(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """Bragg's distance of the halo nearest to ``near`` [angstrom]: by the noise, and over all backgrounds that fit."""
    one = _distances(of, sample)
    d = one["spacing"].values
    near = number(conditions, "near")
    definition = "halo fitted with the background; 95 % by the noise, and over backgrounds that describe the pattern"
    if not np.isfinite(d).any():
        return Found(UNKNOWN, 1, definition)
    at = int(np.nanargmin(np.abs(d - near)))
    low, high = (
        one[[f"spacing_{end}", f"spacing_background_{end}"]].isel(halo=at).to_array().values for end in ("low", "high")
    )
    return Found(Interval(float(d[at]), float(np.nanmin(low)), float(np.nanmax(high))), 1, definition)


def halo_share(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """Area of halos between two distances, ``low`` and ``high`` [angstrom], over that of all halos.

    Where none is found there, the upper limit is what a halo of 5 degrees in the middle of the range may amount to.
    """
    one = _distances(of, sample)
    low, high = number(conditions, "low"), number(conditions, "high")
    area, error = (one[name].values for name in ("area", "area_stderr"))
    there = (one["spacing"].values >= low) & (one["spacing"].values <= high)
    definition = f"area of halos from {low:g} to {high:g} angstrom over that of all"
    if there.any():
        share, spread = (
            float(area[there].sum() / np.nansum(area)),
            float(np.linalg.norm(error[there]) / np.nansum(area)),
        )
        return Found(Interval(share, max(share - NORMAL * spread, 0.0), share + NORMAL * spread), 1, definition)
    data, fit = _pattern(of, sample)
    probe = float(diffraction.angle((low + high) / 2, diffraction.wavelength(data).values[0]))
    found = diffraction.hidden_halo(data, fit, probe).isel(sample=0)
    most = max(float(found["area"]), 0.0) + _ONE_SIDED * float(found["area_stderr"])
    interval = Interval(0.0, 0.0, most / (most + float(np.nansum(area)))) if np.isfinite(most) else UNKNOWN
    return Found(interval, 1, f"{definition}; none is found, 95 % limit of one at {probe:.1f} degrees")


def binding_energy(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """Binding energy of a ``component`` of a ``region``, with C–C of C 1s at its usual place; all layers in one fit."""
    data = of.of_material("photoemission", sample)
    region, name = str(conditions.get("region", "C 1s")), text(conditions, "component")
    known = ASSIGNMENTS.get(region, ())
    if name not in [one.name for one in known]:
        there = ", ".join(one.name for one in known) or "none"
        raise ValueError(f"conditions: component {name!r}: those of {region} are {there}")
    if region not in data["region"].values:
        raise NotInStudyError(f"no spectrum of {region} of {sample}")
    fit = _carbon(of, sample)
    if region != "C 1s":
        shifted = data.drop_vars("charge_shift", errors="ignore").assign(charge_shift=fit["charge_shift"])
        wide = tuple(replace(one, tolerance=_REACH) for one in known)
        fit = global_fit(shifted, region=region, components=wide, intervals=False)
    place = [str(one) for one in fit["component"].values].index(name)
    one = fit.isel(component=place)
    value, error = _common(*(np.atleast_1d(one[end].values) for end in ("position", "position_stderr")))
    determined = np.isfinite(value + error) and not bool(one["at_bound"])
    interval = Interval(value, value - NORMAL * error, value + NORMAL * error) if determined else UNKNOWN
    definition = f"one fit of {fit.sizes['sample']} spectra of {region}, C–C at {REFERENCE:g} eV"
    return Found(interval, fit.sizes["sample"], definition)


def lithiated_fraction(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """COOLi over COOLi and COOH in one ``layer``, by its state or name, of one fit of all layers."""
    data = of.of_material("photoemission", sample)
    layer = text(conditions, "layer")
    states = [str(one) for one in (data["state"] if "state" in data.coords else data["sample"]).values]
    names = [str(one) for one in data["sample"].values]
    at = [place for place, (state, name) in enumerate(zip(states, names, strict=True)) if layer in {state, name}]
    if not at:
        raise NotInStudyError(f"no layer {layer!r} of {sample}; there are {', '.join(states)}")
    fit = of.once("layers", sample, of=lambda: global_fit(data)).isel(sample=at[0])
    ends = [float(fit[f"lithiated_fraction{end}"]) for end in ("", "_low", "_high")]
    interval = Interval(*ends) if np.isfinite(ends).all() else UNKNOWN
    return Found(interval, 1, "COOLi over COOLi and COOH, interval by profile likelihood")


def conversion(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """Share of the nitriles of a material that became acids, ``by`` nmr, nitrogen, ratio (N/C), or all together."""
    data = of.of_material("composition", sample)
    by = text(conditions, "by")
    ways = ("nmr", "nitrogen", "ratio", "conversion")
    if by not in ways:
        raise ValueError(f"conditions: by {by!r}: choose one of {', '.join(ways)}")
    protons = _protons(data)
    regions = composition.regions_of(("acid", "aromatic", "amide"))
    found = (
        composition.integrals(composition.spectra(protons), regions, reference="aromatic")
        if protons is not None
        else None
    )
    one = composition.conversion(found, composition.elements(data)).isel(material=0)
    ends = [float(one[f"{by}{end}"]) for end in ("", "_low", "_high")]
    interval = Interval(*ends) if np.isfinite(ends).all() else UNKNOWN
    return Found(interval, data.sizes["sample"], str(one[by].attrs["definition"]))


def line_position(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """Centre of gravity of the lines of a proton spectrum between two shifts, ``low`` and ``high`` [ppm]."""
    protons = _protons(of.of_material("composition", sample))
    if protons is None:
        raise NotInStudyError(f"no proton spectrum of {sample}")
    low, high = number(conditions, "low"), number(conditions, "high")
    spectra = composition.spectra(protons)
    x, y = spectra["shift"].values[0], spectra["intensity"].values[0]
    inside = np.isfinite(y) & (x >= low) & (x <= high)
    if inside.sum() < _FEWEST:
        raise NotInStudyError(f"the proton spectrum of {sample} has no points between {low:g} and {high:g} ppm")
    base = composition.base_powers(spectra, 0, x[inside]) @ spectra["base_coefficient"].values[0]
    found = _centre(x[inside], y[inside] - base, spectra["noise_covariance"].values[0])
    return Found(found, 1, f"centre of gravity above half height, lines between {low:g} and {high:g} ppm")


def _centre(x: FloatArray, y: FloatArray, covariances: FloatArray) -> Interval:
    """Centre of gravity of what rises above half the height; unknown where nothing rises above the noise."""
    sigma = float(np.sqrt(covariances[0]))
    if not y.max() > _SEEN * sigma:
        return UNKNOWN
    weights = np.where(y > y.max() / 2, y, 0.0)
    centre = float(x @ weights / weights.sum())
    error = float(np.sqrt(variance(np.where(weights > 0, (x - centre) / weights.sum(), 0.0), covariances)))
    return Interval(centre, centre - NORMAL * error, centre + NORMAL * error)


def _common(values: FloatArray, errors: FloatArray) -> tuple[float, float]:
    """One position of all layers as it is; several, joined by their errors."""
    known = np.isfinite(values) & (errors > 0)
    if not known.any():
        return float("nan"), float("nan")
    values, errors = values[known], errors[known]
    if np.ptp(values) == 0:
        return float(values[0]), float(errors[0])
    weights = errors**-2
    return float(values @ weights / weights.sum()), float(weights.sum() ** -0.5)


def _protons(data: xr.Dataset) -> xr.Dataset | None:
    """Samples with a proton spectrum; None where there is none."""
    if "intensity" not in data or "nucleus" not in data.coords:
        return None
    own = (data["nucleus"].values == "1H") & np.isfinite(data["intensity"].values).any(-1)
    return data.isel(sample=np.flatnonzero(own)) if own.any() else None


def _carbon(of: Evidence, sample: str) -> xr.Dataset:
    """C 1s of all layers of a sample, each component free to lie far from its assignment."""
    first, *others = ASSIGNMENTS["C 1s"]
    wide = (first, *(replace(one, tolerance=_REACH) for one in others))
    data = of.of_material("photoemission", sample)
    return of.once("carbon", sample, of=lambda: global_fit(data, components=wide, intervals=False))


def _pattern(of: Evidence, sample: str) -> tuple[xr.Dataset, xr.Dataset]:
    """A pattern, and its halos as suggested."""
    data = of.of_material("diffraction", sample).isel(sample=[0])
    lines = diffraction.spared(diffraction.reflections(data))
    return data, of.once("halos", sample, of=lambda: diffraction.halos(data, exclude=lines))


def _distances(of: Evidence, sample: str) -> xr.Dataset:
    return diffraction.distances(_pattern(of, sample)[1]).isel(sample=0)
