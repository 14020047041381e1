"""Symmetric cells: polarization by every definition in use, the shape of the trace, and how long the cell lived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import xarray as xr

from ..model.cycles import half_cycles
from . import _halves
from .life import CRITERIA, declared_failure, failures, first_failure

Definition = Literal["mid", "mean", "last", "max", "min", "hysteresis", "per_electrode"]

DEFINITIONS: dict[str, str] = {
    "mid": "|V| where half of the half-cycle's charge has passed",
    "mean": "charge-weighted mean of |V|: (1/Q) ∫|V| dq over the half-cycle",
    "last": "|V| where 95 % of the half-cycle's charge has passed",
    "max": "largest |V| of the half-cycle",
    "min": "smallest |V| between 5 % and 95 % of the half-cycle's charge",
    "hysteresis": "charge-weighted mean V on charge minus that on discharge, of one cycle",
    "per_electrode": "half of the mid polarization: assumes two equal electrodes",
}
"""Definitions of the polarization of a symmetric cell; all of them are in use, and they differ by a factor of two."""

_NUMBERS: dict[str, tuple[str, str]] = {
    **{name: ("V", text) for name, text in DEFINITIONS.items()},
    "peak": ("V", "voltage where |V| of the half-cycle is largest, with its sign"),
    "initial_peak": ("V", "largest |V| in the first 5 % of the half-cycle's charge"),
    "peaking": ("1", "initial peak over mid polarization; above 1 where plating or stripping starts with a peak"),
    "arc": ("1", "last over min polarization; above 1 where the trace arcs upwards"),
    "flatness": ("1", "charge-weighted standard deviation over mean of |V| between 20 % and 90 %"),
    "noise": ("V", "sd of the point-to-point differences of |V| over √2, between 20 % and 90 %"),
    "asymmetry": ("1", "(mid on charge - mid on discharge) / their sum"),
    "offset": ("V", "half the sum of the signed mid voltages of the two half-cycles"),
}
_WITH_STDERR = ("mid", "mean", "last", "per_electrode", "hysteresis")


def polarization(cells: xr.DataTree | Iterable[xr.DataTree]) -> xr.Dataset:
    """Polarization and shape of every half-cycle, by every definition at once.

    Rests inside a half-cycle are left out, so points where no current flows count for nothing. Means are weighted by
    charge, not by samples: cyclers record more often where the voltage changes.

    Parameters
    ----------
    cells
        One cell or several, each with ``steps`` and ``points``.

    Returns
    -------
    Dataset
        ``mid``, ``mean``, ``last``, ``max``, ``min``, ``per_electrode`` [V] and the shape numbers ``peak``,
        ``initial_peak`` [V], ``peaking``, ``arc``, ``flatness``, ``noise`` [V] along (cell, cycle, direction);
        ``hysteresis``, ``offset`` [V] and ``asymmetry`` along (cell, cycle). Every variable states its ``definition``;
        ``<name>_stderr`` is what the noise of the trace itself leaves uncertain. ``charge``, ``time_start``,
        ``current_density`` and ``interrupted`` come from :func:`~pchp_widgets.model.cycles.half_cycles`; half-cycles
        flagged ``interrupted`` keep their numbers but are left out of any average.
    """
    whole = _halves.each_cell(cells, _one_cell, "polarization")
    whole["interrupted"] = whole["interrupted"].fillna(False).astype(bool)
    return whole


def _one_cell(tree: xr.DataTree) -> xr.Dataset:
    steps = tree["steps"].to_dataset().load()
    found = half_cycles(steps)
    of = _halves.halves(tree["points"].to_dataset(), steps.isel(cell=0))
    numbers = _half_cycle_numbers(of)
    cubes = {name: _halves.cube(of, values, steps.sizes["cycle"])[None] for name, values in numbers.items()}
    signed, middle = cubes.pop("signed_mean"), cubes.pop("signed_mid")
    with np.errstate(invalid="ignore", divide="ignore"):
        cubes["hysteresis"] = signed[..., 0] - signed[..., 1]
        cubes["hysteresis_stderr"] = np.hypot(cubes["mean_stderr"][..., 0], cubes["mean_stderr"][..., 1])
        cubes["offset"] = middle.sum(-1) / 2
        cubes["asymmetry"] = (abs(middle[..., 0]) - abs(middle[..., 1])) / abs(middle).sum(-1)
    dims = ("cell", "cycle", "direction")
    return found.assign({name: (dims[: values.ndim], values, _attrs(name)) for name, values in cubes.items()})


def _attrs(name: str) -> dict[str, str]:
    of = name.removesuffix("_stderr")
    if of != name:
        return {"units": "V", "long_name": f"standard error of {of} from the noise of the trace"}
    units, definition = _NUMBERS[name]
    linked = {"ancillary_variables": f"{name}_stderr"} if name in _WITH_STDERR else {}
    return {"units": units, "definition": definition, **linked}


def _half_cycle_numbers(of: _halves.Halves) -> dict[str, np.ndarray]:
    """One number per half-cycle for each definition."""
    size = np.abs(of.voltage)
    mid, last = _halves.at_depth(of, size, 0.5), _halves.at_depth(of, size, 0.95)
    mean = _halves.weighted_mean(of, size)
    lowest = _halves.extreme(of, size, 0.05, 0.95, largest=False)
    first = _halves.extreme(of, size, 0.0, 0.05, largest=True)
    highest, deepest = (_halves.extreme(of, of.voltage, 0.0, 1.0, largest=largest) for largest in (True, False))
    peak = np.where(highest >= -deepest, highest, deepest)
    noise, count = _halves.scatter(of, size, 0.2, 0.9)
    inner = _halves.weighted_mean(of, size, 0.2, 0.9)
    spread = _halves.weighted_mean(of, (size - inner[of.half]) ** 2, 0.2, 0.9)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "mid": mid,
            "mean": mean,
            "last": last,
            "max": np.abs(peak),
            "peak": peak,
            "min": lowest,
            "per_electrode": mid / 2,
            "initial_peak": first,
            "peaking": first / mid,
            "arc": last / lowest,
            "flatness": np.sqrt(spread) / inner,
            "noise": noise,
            "mid_stderr": noise,
            "last_stderr": noise,
            "per_electrode_stderr": noise / 2,
            "mean_stderr": noise / np.sqrt(count),
            "signed_mean": _halves.weighted_mean(of, of.voltage),
            "signed_mid": _halves.at_depth(of, of.voltage, 0.5),
        }


def per_cycle(found: xr.Dataset, definition: Definition = "mid") -> xr.DataArray:
    """Polarization of each cycle: the mean over its two half-cycles, interrupted ones left out.

    Parameters
    ----------
    found
        As given by :func:`polarization`.
    definition
        One of :data:`DEFINITIONS`.

    Returns
    -------
    DataArray
        (cell, cycle) [V], NaN where no whole half-cycle is left. ``attrs["definition"]`` says how it was made, and
        ``attrs["left_out"]`` how many interrupted half-cycles were left out of the mean.
    """
    if definition not in DEFINITIONS:
        raise ValueError(f"definition {definition!r} is not known; choose one of {', '.join(DEFINITIONS)}")
    values = found[definition]
    interrupted = found["interrupted"].astype(bool)
    if "direction" in values.dims:
        mean = values.where(~interrupted).mean("direction")
        text = f"{DEFINITIONS[definition]}; mean over the two half-cycles of a cycle"
    else:
        mean = values.where(~interrupted.any("direction"))
        text = DEFINITIONS[definition]
    left_out = int((interrupted & found["mid"].notnull()).sum())
    return mean.rename("polarization").assign_attrs(
        units="V", long_name="polarization", definition=text, name=definition, left_out=left_out
    )


def per_cycle_stderr(found: xr.Dataset, definition: Definition = "mid") -> xr.DataArray:
    """Standard error of :func:`per_cycle`, as far as the noise of the trace goes.

    Parameters
    ----------
    found
        As given by :func:`polarization`.
    definition
        One of :data:`DEFINITIONS`.

    Returns
    -------
    DataArray
        (cell, cycle) [V]; NaN for ``max`` and ``min``, which are single points.
    """
    if definition not in _WITH_STDERR:
        return xr.full_like(per_cycle(found, definition), np.nan).rename("polarization_stderr").assign_attrs(units="V")
    error = found[f"{definition}_stderr"]
    if "direction" in error.dims:
        kept = error.where(~found["interrupted"].astype(bool))
        error = (kept**2).sum("direction", min_count=1) ** 0.5 / kept.count("direction")
    return error.rename("polarization_stderr").assign_attrs(units="V", long_name="standard error of the polarization")


def life(
    found: xr.Dataset, *, finished: Mapping[str, bool | None] | None = None, voltage_limit: float = 0.5
) -> xr.Dataset:
    """First cycle at which each failure criterion fires; a cell that never fails is censored at its last cycle.

    Parameters
    ----------
    found
        As given by :func:`polarization`.
    finished
        Whether the test had ended when the file was written, by cell, None where unknown: criterion ``stop`` needs it.
    voltage_limit
        Voltage of criterion ``voltage`` [V].

    Returns
    -------
    Dataset
        (cell, criterion): ``cycle`` of failure or of censoring, ``time`` [s] when that cycle began (failure) or the
        last half-cycle ended (censoring), and ``observed``: 1 failed, 0 censored, -1 undecided. Coordinate
        ``definition`` states each criterion; see :data:`~pchp_widgets.analysis.life.CRITERIA`.
    """
    return failures(
        mid=per_cycle(found, "mid"),
        highest=found["max"].max("direction"),
        noise=found["noise"].max("direction"),
        time=found["time_start"],
        duration=found["duration"],
        interrupted=found["interrupted"],
        finished=finished or {},
        voltage_limit=voltage_limit,
    )


def half_cycle_trace(tree: xr.DataTree, cycle: int) -> xr.Dataset:
    """Voltage of one cycle against the charge passed in each half-cycle.

    Parameters
    ----------
    tree
        One cell.
    cycle
        Its number.

    Returns
    -------
    Dataset
        (point): ``voltage`` [V], ``depth`` (fraction of the half-cycle's charge), ``capacity`` [mA h, or mA h cm-2
        where the area is known], ``time`` [s] since the half-cycle began, and ``direction`` (0 charge, 1 discharge).

    Raises
    ------
    ValueError
        When the cell has no such cycle.
    """
    steps = tree["steps"].to_dataset()
    numbers = steps["cycle"].values
    if cycle not in numbers:
        raise ValueError(f"{tree.name}: there is no cycle {cycle}; it has {numbers.min()} to {numbers.max()}")
    addresses = steps[["mode", "charge", "point_start", "point_count"]]
    of = _halves.halves(tree["points"].to_dataset(), addresses.isel(cell=0, cycle=np.flatnonzero(numbers == cycle)))
    area = steps["area"].item() if "area" in steps.coords else np.nan
    per_area = np.isfinite(area)
    capacity = of.depth * of.charge[of.half] / (area if per_area else 1.0)
    units = "mA h cm-2" if per_area else "mA h"
    named = "areal capacity" if per_area else "capacity"
    elapsed = of.time - of.time[of.first][of.half]
    return xr.Dataset(
        {
            "voltage": ("point", of.voltage, {"units": "V", "long_name": "cell voltage"}),
            "depth": ("point", of.depth, {"units": "1", "long_name": "fraction of the half-cycle's charge"}),
            "capacity": ("point", capacity, {"units": units, "long_name": named}),
            "time": ("point", elapsed, {"units": "s", "long_name": "time in the half-cycle"}),
            "direction": ("point", of.column[of.half]),
        },
        attrs={"cell": steps["cell"].item(), "cycle": cycle},
    )


__all__ = [
    "CRITERIA",
    "DEFINITIONS",
    "Definition",
    "declared_failure",
    "first_failure",
    "half_cycle_trace",
    "life",
    "per_cycle",
    "per_cycle_stderr",
    "polarization",
]
