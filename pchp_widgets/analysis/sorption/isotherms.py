"""The isotherm that is evaluated: one branch, sorted, with its relative pressure and where that comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.gases import GASES, ZERO_CELSIUS, Gas, gas_named
from ...model.measurements import sample_coords
from .regression import BoolArray, FloatArray

BRANCHES = {"adsorption": "points on the way up", "desorption": "points on the way down"}
SATURATED = "saturated liquid"
"""The density of the adsorbed phase that every gas has."""

Window = tuple[float, float] | FloatArray | None


def isotherms(data: xr.Dataset, *, branch: str = "adsorption") -> xr.Dataset:
    """One branch of each isotherm, sorted by pressure.

    Parameters
    ----------
    data
        As :func:`pchp_widgets.open_measurement` gives it, or several of :func:`.model.measurements.merged`.
    branch
        One of :data:`BRANCHES`.

    Returns
    -------
    Dataset
        (sample, point), NaN after the last point of each: ``pressure`` [bar], ``relative_pressure``, ``uptake``
        [mmol g-1]; (sample): ``bath_temperature`` [K], ``saturation_pressure`` [bar]. The relative pressure is the
        file's own where it has one; else the pressure over the vapour pressure of the gas at the temperature of the
        bath (:mod:`pchp_widgets.model.gases`). It is NaN where neither is known. Coordinates of ``data`` are kept;
        ``p0_from`` says where the relative pressure is from.

    Raises
    ------
    ValueError
        When there is no such branch, or ``data`` is a measurement of something else.
    """
    if branch not in BRANCHES:
        raise ValueError(f"branch {branch!r}: choose one of {', '.join(BRANCHES)}")
    if "uptake" not in data:
        raise ValueError("uptake: isotherms are expected, as open_measurement gives them of gas sorption")
    uptake = _of(data, "uptake")
    pressure, relative, measured = (
        _of(data, name) for name in ("pressure", "relative_pressure", "saturation_pressure")
    )
    T = _kelvin(data)
    equation = np.array([_p0(gas, kelvin) for gas, kelvin in zip(gases(data), T, strict=True)])
    own: BoolArray = np.asarray(np.isfinite(relative).any(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(own[:, None], relative, pressure / equation[:, None])
        p0 = np.where(
            np.isfinite(measured).any(-1), _median(measured), np.where(own, _median(pressure / relative), equation)
        )
        p0 = np.where(np.isfinite(p0), p0, equation)
        pressure = np.where(np.isfinite(pressure), pressure, relative * p0[:, None])
    keep = np.isfinite(uptake) & (_of(data, "desorption") == list(BRANCHES).index(branch))
    place = np.where(np.isfinite(pressure), pressure, relative)
    order = np.argsort(np.where(keep & np.isfinite(place), place, np.inf), axis=-1, kind="stable")
    keep = np.take_along_axis(keep & np.isfinite(place), order, -1)
    longest = int(keep.sum(-1).max(initial=1))  # a place, be it empty, saves every function a case
    columns = {
        name: np.where(keep, np.take_along_axis(values, order, -1), np.nan)[:, :longest]
        for name, values in (("pressure", pressure), ("relative_pressure", relative), ("uptake", uptake))
    }
    origin = np.where(own, "measured", np.where(np.isfinite(equation), "vapour pressure of the gas", "unknown"))
    found: dict[str, Any] = {name: (("sample", "point"), values, _ATTRS[name]) for name, values in columns.items()}
    found |= {
        "bath_temperature": ("sample", T, _ATTRS["temperature"]),
        "saturation_pressure": ("sample", p0, _ATTRS["p0"]),
    }
    coords = {**sample_coords(data), "p0_from": ("sample", origin)}
    return xr.Dataset(found, coords, {"technique": "sorption", "branch": branch})


_ATTRS = {
    "pressure": {"units": "bar", "definition": "absolute pressure"},
    "relative_pressure": {"units": "1", "definition": "pressure over the vapour pressure p0"},
    "uptake": {"units": "mmol g-1", "definition": "amount adsorbed per dry mass"},
    "temperature": {"units": "K", "definition": "temperature of the bath"},
    "p0": {"units": "bar", "definition": "vapour pressure: as measured, or by the equation of the gas"},
}


def each(data: xr.Dataset) -> list[dict[str, Any]]:
    """What is known of each sample as plain numbers, texts and arrays by name: quick to go through, unlike `isel`."""
    known = {str(name): column for name, column in data.variables.items() if column.dims[:1] == ("sample",)}
    columns = {name: column.values for name, column in known.items()}
    return [{name: values[at] for name, values in columns.items()} for at in range(data.sizes["sample"])]


def gases(data: xr.Dataset) -> list[Gas | None]:
    """The gas of each sample; None where it is not known or none of :data:`.model.gases.GASES`."""
    names = data.variables["gas"].values if "gas" in data.coords else [""] * data.sizes["sample"]
    return [gas_named(str(name)) for name in names]


def densities(gas: Gas | None, temperature: float) -> dict[str, float]:
    """Densities of the adsorbed phase [g cm-3] by convention, as far as there is a liquid at that temperature [K]."""
    if gas is None or not np.isfinite(liquid := float(gas.liquid_density(temperature))):
        return {}
    return {SATURATED: liquid, **gas.densities}


def windowed(isotherms: xr.Dataset, window: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    """Which points lie in a range of relative pressure, ends included; and the range of each sample, (sample, 2).

    Raises
    ------
    ValueError
        When the range is not (low, high), or one of these per sample.
    """
    count = isotherms.sizes["sample"]
    ends = np.asarray(window, float)
    if ends.shape not in {(2,), (count, 2)} or (ends[..., 0] >= ends[..., 1]).any():
        raise ValueError(f"window {window!r}: write (low, high) of the relative pressure, or one for each sample")
    ends = np.broadcast_to(ends, (count, 2))
    x, n = (isotherms.variables[name].values for name in ("relative_pressure", "uptake"))
    with np.errstate(invalid="ignore"):
        inside = (x >= ends[:, :1]) & (x <= ends[:, 1:]) & (x > 0) & (x < 1) & (n > 0)
    return inside, ends


def remarks(isotherms: xr.Dataset) -> dict[str, list[str]]:
    """What to know about each isotherm before any number of it is used, by name of the sample."""
    found = {}
    columns = zip(isotherms["sample"].values, gases(isotherms), isotherms["bath_temperature"].values, strict=True)
    names = isotherms["gas"].values if "gas" in isotherms.coords else [""] * isotherms.sizes["sample"]
    for (sample, gas, T), called, origin in zip(columns, names, isotherms["p0_from"].values, strict=True):
        said = []
        if not str(called):
            said.append(f"which gas is not known: give gas='CO2'; known are {', '.join(GASES)}")
        elif gas is None:
            said.append(f"{called} is none of the gases known here ({', '.join(GASES)})")
        if not np.isfinite(T):
            said.append("the temperature of the bath is not known: give temperature='277 K'")
        elif gas and not np.isfinite(float(gas.liquid_density(T))):
            said.append(f"{gas.name} has no liquid at {T:g} K: there is neither p0 nor a density of the adsorbed phase")
        elif gas and 0.97 * gas.critical_temperature < T:
            said.append(
                f"{T:g} K is close to the critical {gas.critical_temperature:g} K, where the density of the liquid"
                " falls steeply: volumes are not to be trusted"
            )
        if str(origin) == "unknown":
            said.append("there is no relative pressure: it needs the gas and its temperature")
        found[str(sample)] = said
    return found


def _of(data: xr.Dataset, name: str) -> FloatArray:
    shape = data["uptake"].transpose("sample", "point").shape
    return np.asarray(data[name].transpose("sample", "point").values, float) if name in data else np.full(shape, np.nan)


def _kelvin(data: xr.Dataset) -> FloatArray:
    if "temperature" not in data.coords:
        return np.full(data.sizes["sample"], np.nan)
    return np.asarray(data["temperature"].values, float) + ZERO_CELSIUS


def _p0(gas: Gas | None, kelvin: float) -> float:
    return float(gas.saturation_pressure(kelvin)) if gas else np.nan


def _median(values: FloatArray) -> FloatArray:
    """Median of the numbers of each row; NaN without any."""
    last = np.isfinite(values).sum(-1)
    ordered = np.sort(np.where(np.isfinite(values), values, np.inf), axis=-1)
    at = np.stack([np.maximum(last - 1, 0) // 2, np.maximum(last, 1) // 2], -1)
    pair = (
        np.take_along_axis(ordered, np.minimum(at, values.shape[-1] - 1), -1)
        if values.shape[-1]
        else np.zeros((len(values), 2))
    )
    return np.where(last > 0, pair.mean(-1), np.nan)
