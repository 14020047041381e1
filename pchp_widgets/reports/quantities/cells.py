"""Quantities of cells: life, polarization, retention, efficiency, rate, transport."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import t

from ...analysis import cycling, ledger, rate, symmetric
from ...analysis.audit import UNKNOWN, Interval, interval, propagated
from ...analysis.life import CENSORED, FAILED
from ...analysis.spectra_resistances import of_cells
from ...model.cycles import merged_steps
from .. import conductivity as conductivity_report
from .. import transference as transference_report
from ..cycling_shorts import lives, short_signs
from ..errors import NotInStudyError
from ..source import Source
from .evidence import LEVEL, Evidence, Found, number, over_replicates

Conditions = Mapping[str, Any]
_HOUR, _MILLIVOLT = 3600.0, 1e3


def theoretical_capacity(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001  of nature
    """Charge per mass of lithium metal, F / M."""
    value = ledger.SPECIFIC_CAPACITY
    return Found(Interval(value, value, value), 0, "F / M, M = 6.94 g mol-1")


def life(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001  cells are chosen by name
    """Time to failure of symmetric cells by one criterion; a cell that lives on leaves it open above."""
    found = _polarization(of, conditions["cells"])
    criterion = str(conditions.get("criterion", "short"))
    one = symmetric.life(found).sel(criterion=criterion)
    return _ended(one["time"].values / _HOUR, one["observed"].values, f"criterion {criterion}, first cycle that fails")


def polarization(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001
    """Polarization of symmetric cells at half the capacity of a half-cycle, in the last cycle before a time."""
    found = _polarization(of, conditions["cells"])
    definition = str(conditions.get("definition", "mid"))
    values = symmetric.per_cycle(found, definition).transpose("cell", "cycle").values  # type: ignore[arg-type]
    hours = number(conditions, "hours", np.inf)
    begin = found["time_start"].min("direction").transpose("cell", "cycle").values / _HOUR
    there = np.isfinite(values) & (begin < hours)
    last = values.shape[1] - 1 - there[:, ::-1].argmax(1)
    own = np.where(there.any(1), values[np.arange(len(values)), last], np.nan) * _MILLIVOLT
    mean, n = over_replicates(own)
    when = f"last cycle before {hours:g} h" if np.isfinite(hours) else "last cycle"
    return Found(mean, n, f"|V| at {definition}, both electrodes, {when}, mean of both half-cycles")


def retention(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001
    """Discharge capacity after some cycles over that of the reference cycle."""
    reference, cycle = int(number(conditions, "reference_cycle", 3)), int(number(conditions, "cycle"))
    kept = cycling.retention(_per_cycle(of, conditions["cells"]), reference)["retention"]
    mean, n = over_replicates(_at(kept, cycle))
    return Found(mean, n, f"discharge capacity of cycle {cycle} over that of cycle {reference}")


def mean_efficiency(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001
    """Arithmetic mean of the Coulombic efficiency over a window of cycles."""
    first, last = int(number(conditions, "first_cycle", 3)), int(number(conditions, "cycle"))
    mean = cycling.mean_efficiency(_per_cycle(of, conditions["cells"]), first, last)
    value, n = over_replicates(mean["arithmetic"].values, mean["stderr"].values)
    return Found(value, n, f"arithmetic mean of cycles {first} to {last}")


def specific_capacity(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001
    """Discharge capacity per mass of active material, at a cycle or at a current density of a rate test."""
    found = _per_cycle(of, conditions["cells"])
    if "current_density" not in conditions:
        cycle = int(number(conditions, "cycle"))
        value, n = over_replicates(_at(found["discharge_specific_capacity"], cycle))
        return Found(value, n, f"discharge, cycle {cycle}")
    wanted = number(conditions, "current_density")
    steps = rate.rate_steps(found)
    own = np.isclose(steps["current_density"].values, wanted, rtol=0.05)
    capacity = np.where(own, steps["specific_capacity"].transpose("cell", "rate_step").values, np.nan)
    first = np.where(own.any(1), capacity[np.arange(len(capacity)), own.argmax(1)], np.nan)
    value, n = over_replicates(first)
    return Found(value, n, f"discharge, mean of the cycles at {wanted:g} mA cm-2")


def cycle_of_short(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001
    """First cycle of full cells with two signs of a soft short, or at which the test ended."""
    return _full_life(of, conditions, "soft_short")


def cycle_life(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001
    """Cycle at which the retention of full cells falls below a level."""
    return _full_life(of, conditions, "retention")


def transference_number(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """Steady-state current fraction by Bruce and Vincent, mean of the cells of one coating."""
    report = of.once(
        "transference", conditions["cells"], of=lambda: transference_report.transference(_source(of, conditions))
    )
    groups = report.groups
    if sample not in groups["coating"].values:
        raise NotInStudyError(f"no polarized cell with the coating {sample!r}")
    one = groups.sel(coating=sample)
    value, low, high = (float(one[name]) for name in ("mean", "mean_low", "mean_high"))
    found = Interval(value, low, high) if np.isfinite(low) else Interval(value, value, value)
    return Found(found, int(one["cells"]), "steady-state current fraction, interfacial resistances taken off")


def conductivity(of: Evidence, sample: str, conditions: Conditions) -> Found:
    """Conductivity of a coating by what it adds to the series resistance."""
    report = of.once(
        "conductivity", conditions["cells"], of=lambda: conductivity_report.conductivity(_source(of, conditions))
    )
    found = report.found.sel(coating=sample) if "coating" in report.found.dims else report.found
    degrees = number(conditions, "temperature", 25.0)
    one = found.isel(temperature=int(np.abs(found["temperature"].values - degrees).argmin()))
    value, low, high = (float(one[name]) for name in ("conductivity", "conductivity_low", "conductivity_high"))
    known = Interval(value, low, high) if np.isfinite(value) else UNKNOWN
    return Found(known, int(one["coated_cells"]), f"n l / (ΔR A) at {degrees:g} °C")


def layer_resistances(of: Evidence, coating: str, conditions: Conditions) -> dict[str, Interval]:
    """Ohmic resistances of polarized cells: of the separator and of all coatings, and what the coatings add [ohm]."""
    groups = of.once(
        "transference", conditions["cells"], of=lambda: transference_report.transference(_source(of, conditions))
    ).groups
    names = [str(name) for name in groups["coating"].values]
    if coating not in names or "bare" not in names:
        return {}
    bare, coated = (_bulk(groups.sel(coating=name)) for name in ("bare", coating))
    area = interval(float(groups["area"].sel(coating=coating)))
    return {
        "series_resistance_shift": propagated(lambda b, a: b - a, coated, bare),
        "separator_resistance": propagated(lambda r, a: r * a, bare, area),
        "coating_resistance": propagated(lambda b, r, a: (b - r) * a, coated, bare, area),
    }


def _bulk(group: xr.Dataset) -> Interval:
    value, error, n = (float(group[name]) for name in ("bulk", "bulk_stderr", "cells"))
    half = float(t.ppf(0.5 + LEVEL / 2, n - 1)) * error if n > 1 and np.isfinite(error) else 0.0
    return Interval(value, value - half, value + half)


def charge_transfer_change(of: Evidence, sample: str, conditions: Conditions) -> Found:  # noqa: ARG001
    """Charge-transfer resistance at the last spectrum over that at an earlier cycle."""
    found = of.once("resistances", conditions["cells"], of=lambda: of_cells(of.cells(conditions["cells"])))
    first, last = number(conditions, "first_cycle", 0), number(conditions, "cycle")
    name = str(conditions.get("resistance", "charge_transfer_resistance"))
    cycles, values = found["cycle"].values, found[name].values

    def at(cycle: float) -> Any:
        own = np.isclose(cycles, cycle)
        return np.where(own.any(1), values[np.arange(len(values)), own.argmax(1)], np.nan)

    value, n = over_replicates(at(last) / at(first))
    return Found(value, n, f"{name.replace('_', ' ')} of cycle {last:g} over that of cycle {first:g}")


def _full_life(of: Evidence, conditions: Conditions, criterion: str) -> Found:
    found = _per_cycle(of, conditions["cells"])
    reference, level = int(number(conditions, "reference_cycle", 3)), number(conditions, "level", 0.8)
    kept = cycling.retention(found, reference)
    signs = short_signs(of.cells(conditions["cells"]), found, reference)
    one = lives(found, kept, level, signs).sel(criterion=criterion)
    said = {"soft_short": "first cycle with two signs of a short", "retention": f"retention below {level:g}"}
    return _ended(one["cycle"].values, one["observed"].values, said[criterion])


def _ended(times: Any, observed: Any, definition: str) -> Found:
    """Lives: their mean where all ended; the shortest as a lower bound where some had not."""
    ended, alive = observed == FAILED, observed == CENSORED
    if ended.any() and not alive.any():
        mean, n = over_replicates(np.where(ended, times, np.nan))
        return Found(mean, n, definition)
    if alive.any():
        bound = float(np.min(times[ended | alive]))
        count = int((ended | alive).sum())
        return Found(Interval(bound, bound, np.inf), count, f"{definition}; {int(alive.sum())} of {count} live on")
    return Found(UNKNOWN, 0, definition)


def _at(values: xr.DataArray, cycle: int) -> Any:
    if cycle not in values["cycle"].values:
        raise NotInStudyError(f"no cell reached cycle {cycle}")
    return values.sel(cycle=cycle).values


def _polarization(of: Evidence, pattern: str) -> xr.Dataset:
    return of.once("polarization", pattern, of=lambda: symmetric.polarization(of.cells(pattern)))


def _per_cycle(of: Evidence, pattern: str) -> xr.Dataset:
    return of.once(
        "per_cycle",
        pattern,
        of=lambda: cycling.per_cycle(merged_steps(one["steps"].to_dataset().load() for one in of.cells(pattern))),
    )


def _source(of: Evidence, conditions: Conditions) -> Source:
    return Source(of.cells(conditions["cells"]), of.study.name, "", "", ())
