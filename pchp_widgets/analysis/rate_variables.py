"""What the results of a rate test are called, and how they are defined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
import xarray as xr

_DEFINITIONS = {
    "current_mean": ("mA", "mean current on {way} outside constant-voltage steps, over the cycles of the step"),
    "current_density": ("mA cm-2", "mean current density on {way} over the cycles of the step"),
    "other_current": ("mA", "mean current on {other} outside constant-voltage steps"),
    "other_current_density": ("mA cm-2", "mean current density on {other} outside constant-voltage steps"),
    "cv_share": ("1", "mean part of the charge capacity passed at constant voltage"),
    "capacity": ("mA h", "mean charge passed on {way} over the cycles of the step"),
    "areal_capacity": ("mA h cm-2", "mean charge passed on {way} / area of the electrode"),
    "specific_capacity": ("mA h g-1", "mean charge passed on {way} / active mass"),
    "volumetric_capacity": ("mA h cm-3", "mean charge passed on {way} / volume of the cathode"),
    "retention": ("1", "mean capacity of the step / that of the step of lowest current"),
    "c_rate_nominal": ("h-1", "current density / nominal capacity per area"),
    "c_rate_measured": ("h-1", "current / mean capacity of the step of lowest current"),
    "first_cycle": ("1", "first cycle of the step; -1 where there is no step"),
    "last_cycle": ("1", "last cycle of the step; -1 where there is no step"),
    "n": ("1", "cycles in the means"),
    "interrupted": ("1", "cycles of the step left out of the means because they were interrupted"),
    "reference_step": ("1", "step of lowest current; -1 where there is none"),
    "recovery_step": ("1", "last step at the current of the first one, within 5 %; -1 where there is none"),
    "recovered": ("1", "mean capacity of the recovery step / that of the first step"),
    "charge_protocol": ("", "how the {other} goes with the {way}: same j, constant charge rate, mixed or undecided"),
}


def rate_dataset(
    found: xr.Dataset,
    way: str,
    table: Mapping[str, npt.NDArray[Any]],
    one: Mapping[str, npt.NDArray[Any]],
    step: npt.NDArray[Any],
) -> xr.Dataset:
    """Put numbers per rate step and per cell together, each with its units and its definition."""
    other = "charge" if way == "discharge" else "discharge"

    def attrs(name: str) -> dict[str, str]:
        base = name.removesuffix("_sd")
        units, text = _DEFINITIONS[base]
        if base != name:
            text = f"standard deviation of {base} between the cycles of a step (in quadrature where it is a ratio)"
        said = {"long_name": name.replace("_", " ").replace(" sd", ", standard deviation")}
        said |= {"definition": text.format(way=way, other=other), **({"units": units} if units else {})}
        return said | ({"ancillary_variables": f"{name}_sd"} if f"{name}_sd" in {**table, **one} else {})

    variables: dict[str, Any] = {
        name: (("cell", "rate_step"), values, attrs(name)) for name, values in table.items()
    } | {name: ("cell", values, attrs(name)) for name, values in one.items()}
    variables["step_of_cycle"] = (
        ("cell", "cycle"),
        step,
        {"long_name": "rate step of each cycle", "definition": "-1 where the cycle has no current"},
    )
    count = next(iter(table.values())).shape[1]
    said = {"direction": way, "grouping": "consecutive cycles whose current is the same within 5 %"}
    return xr.Dataset(variables, {**found.coords, "rate_step": range(count)}, {**found.attrs, **said})
