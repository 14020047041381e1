"""One run of every sample, per mass: what all thermal numbers are computed from."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ...model.measurements import sample_coords
from .segments import segments


def run_names(program: xr.Dataset) -> list[str]:
    """Names of the heatings and coolings of any of the samples, those that all have and later ones last.

    Parameters
    ----------
    program
        As given by :func:`.segments.segments`.
    """
    names = {str(name) for name in program["run"].values.ravel() if name and not str(name).startswith("isothermal")}
    return sorted(names, key=lambda name: (int(name.split()[1]), name.split()[0] != "heating"))


def scans(data: xr.Dataset, run: str = "heating 2", program: xr.Dataset | None = None) -> xr.Dataset:
    r"""One run of every sample, with its heat flow per mass and its apparent heat capacity.

    .. math:: q = \frac{\Phi}{m} \qquad c = \frac{q}{\mathrm{d}T/\mathrm{d}t}

    with the rate of the program, as in ISO 11357-1. Endothermic is positive whatever the file draws upwards.

    Parameters
    ----------
    data
        Measurement of technique ``thermal``; ``mass`` [mg] is a coordinate, unless the heat flow is per mass.
    run
        ``"heating 1"``, ``"cooling 1"``, ``"heating 2"``, ...
    program
        As given by :func:`.segments.segments`; found here when left out.

    Returns
    -------
    Dataset (sample, point)
        ``temperature`` [degC], ``time`` [s], ``specific_heat_flow`` [W g-1], ``heat_capacity`` [J g-1 K-1] in the order
        of time, ``rate`` [K min-1] (sample). A sample without that run, or of unknown mass, is NaN, and ``outcome``
        (sample) says so.

    Raises
    ------
    ValueError
        When there is neither a heat flow nor one per mass, or no sample has such a run.
    """
    if not {"heat_flow", "specific_heat_flow"} & set(data.data_vars):
        raise ValueError("heat_flow: a measurement with heat_flow [mW] or specific_heat_flow [W g-1] is expected")
    program = segments(data) if program is None else program
    there = program["run"].values == run
    if not there.any():
        known = ", ".join(run_names(program)) or "none"
        raise ValueError(f"run {run!r}: no sample has it; there are {known}")
    place, has = there.argmax(axis=1), there.any(axis=1)
    rows = np.arange(len(place))
    start = np.where(has, program["point_start"].values[rows, place], 0)
    count = np.where(has, program["point_count"].values[rows, place], 0)
    rate = np.where(has, program["rate"].values[rows, place], np.nan)
    steps = np.arange(int(count.max()))
    inside = steps < count[:, None]
    at = np.where(inside, start[:, None] + steps, 0)
    flow, outcome = _per_mass(data, has)
    taken = {name: np.where(inside, np.take_along_axis(values, at, axis=1), np.nan) for name, values in flow.items()}
    capacity = taken["specific_heat_flow"] / (rate[:, None] / 60)
    dims = ("sample", "point")
    return xr.Dataset(
        {
            "temperature": (dims, taken["temperature"], {"units": "degC", "long_name": "temperature"}),
            "time": (dims, taken["time"], {"units": "s", "long_name": "time since the start of the test"}),
            "specific_heat_flow": (dims, taken["specific_heat_flow"], _FLOW),
            "heat_capacity": (dims, capacity, _CAPACITY),
            "rate": ("sample", rate, {"units": "K min-1", "long_name": "rate of the program"}),
            "outcome": ("sample", outcome, {"long_name": "why there is no curve; empty where there is one"}),
        },
        sample_coords(data),
        {"run": run},
    )


_FLOW = {
    "units": "W g-1",
    "long_name": "specific heat flow",
    "definition": "heat flow over the mass of the sample; endothermic is positive",
}
_CAPACITY = {
    "units": "J g-1 K-1",
    "long_name": "apparent heat capacity",
    "definition": "heat flow over mass and rate of the program; steps and areas count, not its level: no empty pan is "
    "subtracted",
}


def _per_mass(data: xr.Dataset, has: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Temperature, time and heat flow per mass (sample, point), and why a sample has none."""
    shape = data["temperature"].shape
    flow = np.full(shape, np.nan)
    if "heat_flow" in data:
        mass = data["mass"].values if "mass" in data.coords else np.full(shape[0], np.nan)
        flow = data["heat_flow"].values / np.asarray(mass, float)[:, None]  # mW mg-1 is W g-1
    if "specific_heat_flow" in data:
        flow = np.where(np.isfinite(data["specific_heat_flow"].values), data["specific_heat_flow"].values, flow)
    known = np.isfinite(flow).any(axis=1)
    outcome = np.where(~has, "has no such run", np.where(~known, "its mass is not known: give mass='5.2 mg'", ""))
    return {"temperature": data["temperature"].values, "time": data["time"].values, "specific_heat_flow": flow}, outcome
