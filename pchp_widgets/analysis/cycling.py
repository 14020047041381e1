"""Full and half cells, cycle by cycle: capacities, efficiencies, voltages, and what is left of them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.cycles import DIRECTIONS
from ..model.reductions import active_steps
from ._cycling import FloatArray, at_ageing_rate, began, cv_share, ended_early, last_before, one_way, ratio

COUNTER_ACCURACY = 2e-4
"""Relative error of one charge, independent from half-cycle to half-cycle: 0.02 %, a usual specification."""

UNDECIDED, CENSORED, REACHED = -1, 0, 1

_ONE_WAY = {
    "capacity": ("mA h", "charge passed on {}, without sign"),
    "capacity_stderr": ("mA h", "{}: counter accuracy x charge, or integral minus counter where that is larger"),
    "areal_capacity": ("mA h cm-2", "charge passed on {} / electrode area"),
    "specific_capacity": ("mA h g-1", "charge passed on {} / active mass, i.e. areal capacity / loading"),
    "volumetric_capacity": ("mA h cm-3", "charge passed on {} / volume of the cathode (area x cathode_thickness)"),
    "voltage": ("V", "charge-weighted mean voltage on {}: energy / charge"),
    "current": ("mA", "mean current on {} outside constant-voltage steps, without sign"),
    "current_density": ("mA cm-2", "mean current on {} outside constant-voltage steps / electrode area, without sign"),
    "rate": ("h-1", "C-rate on {}: current density / nominal_capacity of the cell"),
}
_BOTH_WAYS = {
    "coulombic_efficiency": (
        "1",
        (
            "charge of the half-cycle that ends a cycle / charge of the one that begins it: discharge / charge where "
            "cycles begin with charge, as in full cells, else charge / discharge"
        ),
    ),
    "coulombic_efficiency_stderr": ("1", "efficiency x root of the summed squares of the two relative charge errors"),
    "energy_efficiency": ("1", "energy given back on discharge / energy put in on charge"),
    "voltage_gap": ("V", "charge_voltage - discharge_voltage"),
    "cv_share": ("1", "part of the charge capacity passed at constant voltage; NaN where the control is not known"),
    "time_start": ("s", "time at which the first half-cycle of the cycle began"),
    "interrupted": (
        "",
        (
            "a half-cycle ended more than 2 % of the voltage window away from its neighbours in the cycles before and "
            "after, having passed less than 98 % of the charge of one of them"
        ),
    ),
}


def per_cycle(
    steps: xr.Dataset,
    *,
    accuracy: float = COUNTER_ACCURACY,
    charge: Literal["integral", "counter"] = "integral",
) -> xr.Dataset:
    """Capacities, efficiencies and mean voltages of every cycle.

    Which half-cycle opens a cycle is found in the data: the one that comes first in time in most cycles of the cell.
    The Coulombic efficiency is that of the closing over the opening one, hence Q_dis/Q_ch of a full cell, which
    begins with a charge, and Q_ch/Q_dis of a half cell, whose working electrode is lithiated first. It is NaN in a
    cycle that runs the other way round.

    Parameters
    ----------
    steps
        Dataset (cell, cycle, step). Its coordinates ``area`` [cm2], ``loading`` [mg cm-2], ``nominal_capacity``
        [mA h cm-2] and ``cathode_thickness`` [um] are used; what needs one that is not known is NaN.
    accuracy
        Relative error of one charge, independent from half-cycle to half-cycle. A gain error common to both
        directions cancels in the efficiency and is no part of it.
    charge
        What capacities and efficiencies are made of: the ``"integral"`` of the current inside the steps, which lacks
        what passes before the first record of a step, or the ``"counter"`` of the instrument, NaN where there is
        none. Where they differ by more than the accuracy, their difference is the error of either.

    Returns
    -------
    Dataset
        (cell, cycle): ``charge_`` and ``discharge_`` ``capacity`` [mA h] (``_stderr``), ``areal_capacity``
        [mA h cm-2], ``specific_capacity`` [mA h g-1], ``volumetric_capacity`` [mA h cm-3], ``voltage`` [V],
        ``current`` [mA], ``current_density`` [mA cm-2], ``rate`` [h-1]; ``coulombic_efficiency`` (``_stderr``),
        ``energy_efficiency``, ``voltage_gap`` [V], ``cv_share``, ``time_start`` [s] and ``interrupted``. Every one
        states its ``definition``. Coordinate ``opens`` (cell) is ``"charge"``, ``"discharge"``, or ``""`` where no
        cycle has both.

    Raises
    ------
    ValueError
        When the steps lack a dimension or a variable or are empty, the accuracy is negative, or there is no counter.
    """
    _require(steps, ("cell", "cycle", "step"), ("mode", "charge", "energy", "duration", "time_start"))
    if not accuracy >= 0:
        raise ValueError(f"accuracy {accuracy}: give the relative error of a charge, such as 2e-4 for 0.02 %")
    if charge not in {"integral", "counter"} or (charge == "counter" and "charge_counter" not in steps):
        raise ValueError(f"charge {charge!r}: choose 'integral', or 'counter' where the instrument has one")
    steps = steps.transpose("cell", "cycle", "step", ...)
    found, opens = _numbers(steps, accuracy, counter=charge == "counter")
    coords = {name: value for name, value in steps.coords.items() if "step" not in value.dims}
    variables = {name: (("cell", "cycle"), values, _attrs(name, found)) for name, values in found.items()}
    said = {**steps.attrs, "counter_accuracy": accuracy, "charge": charge}
    return xr.Dataset(variables, {**coords, "opens": ("cell", opens)}, said)


def _numbers(
    steps: xr.Dataset, accuracy: float, *, counter: bool
) -> tuple[dict[str, npt.NDArray[Any]], npt.NDArray[np.str_]]:
    """Every variable of :func:`per_cycle`, and the direction that opens the cycles of each cell."""
    ways = active_steps(steps)
    found: dict[str, npt.NDArray[Any]] = {}
    for direction, member in zip(DIRECTIONS, ways, strict=True):
        numbers = one_way(steps, member, accuracy=accuracy, counter=counter)
        found |= {f"{direction}_{name}": values for name, values in numbers.items()}
    starts = [began(steps, member) for member in ways]
    opens, in_order = _opening(*starts)
    found |= _efficiencies(found, opens == DIRECTIONS[1], in_order)
    found["voltage_gap"] = found["charge_voltage"] - found["discharge_voltage"]
    found["cv_share"] = cv_share(steps, ways[0])
    found["time_start"] = np.fmin(*starts)
    found["interrupted"] = ended_early(steps, *ways, *(found[f"{direction}_capacity"] for direction in DIRECTIONS))
    return found, opens


def _opening(charge: FloatArray, discharge: FloatArray) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.bool_]]:
    """Direction that opens the cycles of each cell, and which cycles begin with it and have both halves."""
    with np.errstate(invalid="ignore"):
        charge_first, discharge_first = charge < discharge, discharge < charge
    by_charge, by_discharge = charge_first.sum(1), discharge_first.sum(1)
    opens = np.where(by_charge >= by_discharge, *DIRECTIONS)
    in_order = np.where((opens == DIRECTIONS[0])[:, None], charge_first, discharge_first)
    return np.where(by_charge + by_discharge > 0, opens, ""), in_order


def _efficiencies(
    found: dict[str, npt.NDArray[Any]], discharge_opens: npt.NDArray[np.bool_], in_order: npt.NDArray[np.bool_]
) -> dict[str, FloatArray]:
    charge, discharge = found["charge_capacity"], found["discharge_capacity"]
    there_and_back = ratio(discharge, charge)
    efficiency = np.where(discharge_opens[:, None], ratio(charge, discharge), there_and_back)
    efficiency = np.where(in_order, efficiency, np.nan)
    error = np.hypot(*(ratio(found[f"{way}_capacity_stderr"], found[f"{way}_capacity"]) for way in DIRECTIONS))
    voltages = ratio(found["discharge_voltage"], found["charge_voltage"])
    return {
        "coulombic_efficiency": efficiency,
        "coulombic_efficiency_stderr": efficiency * error,
        "energy_efficiency": there_and_back * voltages,
    }


def _attrs(name: str, found: dict[str, npt.NDArray[Any]]) -> dict[str, str]:
    direction, _, rest = name.partition("_")
    units, text = _ONE_WAY[rest] if direction in DIRECTIONS else _BOTH_WAYS[name]
    attrs = {"long_name": name.replace("_stderr", ", standard error").replace("_", " ")}
    attrs |= {"definition": text.format(direction), **({"units": units} if units else {})}
    return attrs | ({"ancillary_variables": f"{name}_stderr"} if f"{name}_stderr" in found else {})


def retention(found: xr.Dataset, reference_cycle: int = 3, of: str = "discharge_capacity") -> xr.Dataset:
    """What is left of a capacity, or of any number per cycle, relative to one cycle.

    Only cycles at the ageing rate count: those at the current most cycles of the cell were discharged at, within 5 %.
    Cycles of a rate test or of a slow formation, and interrupted ones, are NaN and ``excluded``. Where the reference
    cycle is absent or excluded, the first cycle that is not becomes the reference, and the result says so.

    Parameters
    ----------
    found
        As given by :func:`per_cycle`.
    reference_cycle
        Number of the cycle that is 1.
    of
        A variable of `found`.

    Returns
    -------
    Dataset
        (cell, cycle): ``retention`` (``_stderr`` from the counter accuracy), ``excluded``; (cell):
        ``reference_cycle``, -1 where there is none, ``reference_value`` and ``ageing_current`` [mA].
        ``attrs["reference"]`` says in words which cycle was taken.

    Raises
    ------
    ValueError
        When `found` has no such variable.
    """
    _require(found, ("cell", "cycle"), (of, "discharge_current", "interrupted"))
    values, cycles = found[of].transpose("cell", "cycle").values, found["cycle"].values
    rate, ageing = at_ageing_rate(found)
    present = np.isfinite(values)
    kept = present & ageing & ~found["interrupted"].values.astype(bool)
    declared = kept & (cycles == reference_cycle)
    place = np.where(declared.any(1), declared.argmax(1), kept.argmax(1))
    rows, known = np.arange(len(values)), kept.any(1)
    start = np.where(known, values[rows, place], np.nan)
    left = np.where(kept, ratio(values, start[:, None]), np.nan)
    taken = np.where(known, cycles[place], -1)
    two = ("cell", "cycle")
    variables: dict[str, Any] = {
        "retention": (two, left, {"units": "1", "definition": f"{of} / {of} of reference"}),
        "excluded": (two, present & ~kept, {"definition": "not at the ageing rate within 5 %, or interrupted"}),
        "reference_cycle": ("cell", taken, {"long_name": "cycle whose retention is 1; -1 where there is none"}),
        "reference_value": ("cell", start, {"units": found[of].attrs.get("units", "1")}),
        "ageing_current": ("cell", rate, {"units": "mA", "definition": "current most cycles were discharged at"}),
    }
    if f"{of}_stderr" in found:
        variables["retention"][2]["ancillary_variables"] = "retention_stderr"
        error = _relative_error(left, ratio(found[f"{of}_stderr"].values, values), place)
        variables["retention_stderr"] = (
            two,
            error,
            {"units": "1", "definition": "both relative errors, in quadrature"},
        )
    attrs = {"of": of, "reference": _reference_in_words(found["cell"].values, taken, reference_cycle)}
    return xr.Dataset(variables, found.coords, attrs)


def _relative_error(left: FloatArray, relative: FloatArray, place: npt.NDArray[np.int64]) -> FloatArray:
    """Error of a ratio to the value at `place` of the same row; of the reference itself it is 0."""
    rows = np.arange(len(left))
    error = np.abs(left) * np.hypot(relative, relative[rows, place][:, None])
    error[rows, place] *= 0.0  # NaN stays
    return error


def _reference_in_words(cells: npt.NDArray[Any], taken: npt.NDArray[Any], declared: int) -> str:
    others = [f"{cell} ({cycle})" for cell, cycle in zip(cells, taken, strict=True) if cycle not in {declared, -1}]
    none = [str(cell) for cell, cycle in zip(cells, taken, strict=True) if cycle == -1]
    words = [f"cycle {declared}"]
    if others:
        words.append(f"the first whole cycle at the ageing rate where there is no such cycle {declared}: ")
        words[-1] += ", ".join(others)
    return "; ".join(words + ([f"none in {', '.join(none)}"] if none else []))


def cycle_at(retention: xr.Dataset, level: float = 0.8) -> xr.Dataset:
    """Cycle at which the retention reached a level, interpolated between the cycle that is below and the one before.

    Parameters
    ----------
    retention
        As given by :func:`retention`.
    level
        Retention looked for, between 0 and 1.

    Returns
    -------
    Dataset
        (cell): ``cycle``, a real number, and ``observed``: 1 where the level was reached, 0 where it was not by the
        last cycle that counts, which ``cycle`` then is (censored), -1 where there is no retention (``cycle`` NaN).

    Raises
    ------
    ValueError
        When the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level {level}: a retention between 0 and 1 is expected, such as 0.8")
    left, cycles = retention["retention"].transpose("cell", "cycle").values, retention["cycle"].values.astype(float)
    reference = retention["reference_cycle"].values[:, None]
    kept = np.isfinite(left) & (cycles >= reference) & (reference >= 0)
    below = kept & (np.where(kept, left, np.inf) <= level)
    rows, ever = np.arange(len(left)), below.any(1)
    after = below.argmax(1)
    before = last_before(kept)[rows, after]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (left[rows, before] - level) / (left[rows, before] - left[rows, after])
        crossed = cycles[before] + share * (cycles[after] - cycles[before])
    last = np.where(kept, cycles, -np.inf).max(1, initial=-np.inf)
    known = kept.any(1)
    found = np.where(ever, crossed, np.where(known, last, np.nan))
    observed = np.where(ever, REACHED, np.where(known, CENSORED, UNDECIDED)).astype(np.int8)
    text = f"first cycle at a retention of {level:g}, interpolated; the last cycle where that was not reached"
    return xr.Dataset(
        {
            "cycle": ("cell", found, {"units": "1", "definition": text}),
            "observed": ("cell", observed, {"flag_values": [-1, 0, 1], "flag_meanings": "undecided censored reached"}),
        },
        {name: value for name, value in retention.coords.items() if value.dims == ("cell",)},
        {"level": level, **{name: retention.attrs[name] for name in ("of", "reference") if name in retention.attrs}},
    )


def mean_efficiency(found: xr.Dataset, first: int = 3, last: int | None = None) -> xr.Dataset:
    """Mean Coulombic efficiency of the cycles of a window, interrupted ones left out.

    Parameters
    ----------
    found
        As given by :func:`per_cycle`.
    first, last
        Numbers of the first and the last cycle of the window, both included; to the end without `last`.

    Returns
    -------
    Dataset
        (cell): ``arithmetic`` mean; ``geometric`` mean, whose n-th power is the product over n cycles: the one for
        cumulative statements; ``n``, the number of cycles; ``sd`` between them; ``stderr`` = sd / √n. NaN where there
        are too few. ``attrs["window"]`` states the cycles.

    Raises
    ------
    ValueError
        When the window ends before it begins.
    """
    _require(found, ("cell", "cycle"), ("coulombic_efficiency", "interrupted"))
    if last is not None and last < first:
        raise ValueError(f"last {last}: the window must not end before its first cycle, {first}")
    cycles = found["cycle"].values
    inside = (cycles >= first) & (cycles <= (last if last is not None else np.inf))
    efficiency = found["coulombic_efficiency"].transpose("cell", "cycle").values[:, inside]
    kept = np.isfinite(efficiency) & ~found["interrupted"].transpose("cell", "cycle").values[:, inside].astype(bool)
    n = kept.sum(1)
    mean = ratio(np.where(kept, efficiency, 0.0).sum(1), n)
    squares = (np.where(kept, efficiency - mean[:, None], 0.0) ** 2).sum(1)
    sd = np.sqrt(ratio(squares, np.maximum(n - 1, 0)))
    with np.errstate(divide="ignore"):
        logs = np.log(np.where(kept, efficiency, 1.0)).sum(1)
    window = f"cycles {first} to {'the last' if last is None else last}, interrupted ones left out"
    table = {
        "arithmetic": (mean, "arithmetic mean of the Coulombic efficiency"),
        "geometric": (np.exp(ratio(logs, n)), "geometric mean: its n-th power is the product of the efficiencies"),
        "n": (n, "number of cycles in the mean"),
        "sd": (sd, "standard deviation between cycles"),
        "stderr": (sd / np.sqrt(np.maximum(n, 1)), "sd / √n"),
    }
    return xr.Dataset(
        {
            name: ("cell", values, {"units": "1", "definition": f"{text}; {window}"})
            for name, (values, text) in table.items()
        },
        {name: value for name, value in found.coords.items() if value.dims == ("cell",)},
        {"window": window},
    )


def _require(data: xr.Dataset, dims: tuple[str, ...], names: tuple[str, ...]) -> None:
    missing = [f"dimension {name}" for name in dims if name not in data.dims]
    missing += [f"variable {name}" for name in names if name not in data.variables]
    if missing:
        wanted = "steps of cells" if "step" in dims else "the result of per_cycle"
        raise ValueError(f"{', '.join(missing)}: missing; give {wanted}")
    empty = [name for name in dims if not data.sizes[name]]
    if empty:
        raise ValueError(f"there is no {' and no '.join(empty)} to analyse: the dataset is empty")


__all__ = ["COUNTER_ACCURACY", "cycle_at", "mean_efficiency", "per_cycle", "retention"]
