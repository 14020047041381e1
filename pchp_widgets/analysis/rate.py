"""Rate capability: capacity at each current density, what comes back, and how the cells were charged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..model.reductions import row_median
from ..model.stated import stated_numbers
from ._cycling import SAME_CURRENT, ratio
from .cycling import per_cycle
from .rate_variables import rate_dataset

Direction = Literal["discharge", "charge"]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

BASES: dict[str, str] = {
    "specific_capacity": "mA h g-1",
    "areal_capacity": "mA h cm-2",
    "capacity": "mA h",
    "volumetric_capacity": "mA h cm-3",
}
"""What a capacity can be referred to, and its units."""

PROTOCOLS: dict[str, str] = {
    "same j": "charged at the same current density as discharged, within 5 %",
    "constant charge rate": "charged at one current density, whatever the discharge",
    "mixed": "charged at current densities that are neither all the same nor those of the discharge",
    "undecided": "fewer than two current densities, or the current of the charge is not known",
}
"""How the charge goes with the discharge in a rate test; with the directions exchanged where the charge is tested."""

_LEAST_RATES, _LEAST_CYCLES = 3, 2
_OTHER = {"discharge": "charge", "charge": "discharge"}


def is_rate_test(data: xr.Dataset, direction: Direction = "discharge") -> xr.DataArray:
    """Whether cells were cycled at three or more current densities, each in two or more consecutive cycles.

    Parameters
    ----------
    data
        Steps (cell, cycle, step), or what :func:`~.cycling.per_cycle` makes of them.
    direction
        Half-cycle whose current counts.

    Returns
    -------
    DataArray
        (cell): True or False. Current densities are distinct where more than 5 % lies between them.
    """
    found = per_cycle(data) if "step" in data.dims else data
    current = found[f"{direction}_current"].transpose("cell", "cycle").values
    step, count = _grouped(current)
    held = _mean(current, step, count)
    held[_number(step, count) < _LEAST_CYCLES] = np.nan
    order = np.sort(held, axis=1)
    with np.errstate(invalid="ignore"):
        more = (order[:, 1:] > (1 + SAME_CURRENT) * order[:, :-1]).sum(1)
    several = np.isfinite(held).any(1) & (more + 1 >= _LEAST_RATES)
    text = "at least three current densities (5 % apart) in two or more consecutive cycles each"
    return xr.DataArray(several, {"cell": found["cell"]}, "cell", "is_rate_test", {"definition": text})


def rate_steps(found: xr.Dataset, direction: Direction = "discharge") -> xr.Dataset:
    """Capacity at each current density, in the order of the test.

    A rate step is a run of consecutive cycles whose current is the same within 5 %. Interrupted cycles are left out of
    the means and counted.

    Parameters
    ----------
    found
        As given by :func:`~.cycling.per_cycle`.
    direction
        Half-cycle that is tested.

    Returns
    -------
    Dataset
        (cell, rate_step): ``current_density`` [mA cm-2], ``current_mean`` [mA], ``first_cycle``, ``last_cycle``, ``n``
        (cycles in the mean), ``interrupted`` (cycles left out); means ``capacity`` [mA h], ``areal_capacity``,
        ``specific_capacity``, ``volumetric_capacity``, each with ``_sd`` between the cycles of the step; ``retention``
        (``_sd``) relative to the (first) step of lowest current; ``c_rate_nominal`` and ``c_rate_measured`` [h-1];
        ``other_current_density`` of the other half-cycle, ``cv_share`` of the charge. (cell, cycle): ``step_of_cycle``,
        -1 for none. (cell): ``reference_step``; ``recovery_step``, ``recovered`` (capacity
        in the last step at the first current over that in the first step, ``_sd``); ``charge_protocol``, a key of
        :data:`PROTOCOLS`.

    Raises
    ------
    ValueError
        When `found` is not per cycle.
    """
    missing = {f"{direction}_current", f"{direction}_capacity", "interrupted"} - set(found.variables)
    if missing:
        raise ValueError(f"found: {', '.join(sorted(missing))} is missing; give what cycling.per_cycle returns")
    found = found.transpose("cell", "cycle", ...)
    step, count = _grouped(found[f"{direction}_current"].values)
    table, whole_numbers = _numbers(found, direction, step, count)
    one, table = _relative(found, table, whole_numbers["n"])
    one["charge_protocol"] = _protocol(table)
    return rate_dataset(found, direction, {**table, **whole_numbers}, one, step)


def _numbers(
    found: xr.Dataset, direction: Direction, step: IntArray, count: int
) -> tuple[dict[str, FloatArray], dict[str, IntArray]]:
    """Means over the cycles of each rate step (cell, rate_step), and what is counted."""
    whole = ~found["interrupted"].values.astype(bool)
    kept = np.where(whole, step, -1)
    number = _number(kept, count)
    table: dict[str, FloatArray] = {
        "current_mean": _mean(found[f"{direction}_current"].values, step, count),
        "current_density": _mean(found[f"{direction}_current_density"].values, step, count),
        "other_current": _mean(found[f"{_OTHER[direction]}_current"].values, step, count),
        "other_current_density": _mean(found[f"{_OTHER[direction]}_current_density"].values, step, count),
        "cv_share": _mean(found["cv_share"].values, kept, count),
    }
    passed = found[f"{direction}_capacity"].values
    mean = _mean(passed, kept, count)
    sd = _sd(passed, mean, kept, number)
    for basis in BASES:  # of one cell they differ by a factor only
        factor = _first_known(ratio(found[f"{direction}_{basis}"].values, passed))
        table[basis], table[f"{basis}_sd"] = mean * factor, sd * factor
    cycles = np.broadcast_to(found["cycle"].values, step.shape)
    whole_numbers = {
        "first_cycle": _first(cycles, step, count),
        "last_cycle": -_first(-cycles, step, count, empty=1),
        "n": number,
        "interrupted": _number(step, count) - number,
    }
    return table, whole_numbers


def _relative(
    found: xr.Dataset, table: dict[str, FloatArray], number: IntArray
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, FloatArray]]:
    """What is relative to another step of the same cell: retention, C-rates, what came back."""
    rows = np.arange(len(number))
    usable = number > 0
    flow = np.where(usable, table["current_mean"], np.inf)
    slowest = flow <= (1 + SAME_CURRENT) * flow.min(1, initial=np.inf)[:, None]
    reference = np.where(usable.any(1), slowest.argmax(1) if usable.size else rows, -1)

    def of_reference(name: str) -> FloatArray:
        return np.where(reference >= 0, table[name][rows, reference], np.nan)[:, None]

    relative = ratio(table["capacity_sd"], table["capacity"])
    table["retention"] = ratio(table["capacity"], of_reference("capacity"))
    own = ratio(of_reference("capacity_sd"), of_reference("capacity"))
    table["retention_sd"] = table["retention"] * np.hypot(relative, own)
    table["retention_sd"][rows[reference >= 0], reference[reference >= 0]] = 0.0
    table["c_rate_nominal"] = ratio(table["current_density"], stated_numbers(found, "nominal_capacity")[:, None])
    table["c_rate_measured"] = ratio(table["current_mean"], of_reference("capacity"))
    first = usable.argmax(1)
    start = table["current_mean"][rows, first][:, None]
    with np.errstate(invalid="ignore"):
        alike = usable & (np.abs(table["current_mean"] - start) <= SAME_CURRENT * start)
    last = usable.shape[1] - 1 - alike[:, ::-1].argmax(1)
    returned = alike.any(1) & (last > first)
    at_start, at_end = table["capacity"][rows, first], table["capacity"][rows, last]
    recovered = np.where(returned, ratio(at_end, at_start), np.nan)
    scatter = np.hypot(relative[rows, first], relative[rows, last])
    return {
        "reference_step": reference,
        "recovery_step": np.where(returned, last, -1),
        "recovered": recovered,
        "recovered_sd": recovered * scatter,
    }, table


def _protocol(table: Mapping[str, FloatArray]) -> npt.NDArray[np.str_]:
    tested, other = table["current_mean"], table["other_current"]
    known = np.isfinite(tested) & np.isfinite(other)
    unknown = np.isfinite(tested) & ~known

    def level(values: FloatArray) -> BoolArray:
        low, high = (np.where(known, values, empty) for empty in (np.inf, -np.inf))
        flat: BoolArray = high.max(1, initial=-np.inf) <= (1 + SAME_CURRENT) * low.min(1, initial=np.inf)
        return flat

    with np.errstate(invalid="ignore"):
        same = (~known | (np.abs(other - tested) <= SAME_CURRENT * tested)).all(1)
    undecided = level(tested) | unknown.any(1)
    return np.select([undecided, same, level(other)], ["undecided", "same j", "constant charge rate"], "mixed")


def charge_in_words(rates: xr.Dataset) -> list[str]:
    """How each cell of :func:`rate_steps` was charged: what the current did, and what the constant voltage added."""
    said = []
    for protocol, share in zip(rates["charge_protocol"].values, rates["cv_share"].values, strict=True):
        known = share[np.isfinite(share)]
        if not len(known):
            held = "unknown whether a constant voltage followed"
        elif known.max() < 0.005:
            held = "no constant voltage"
        else:
            held = f"{100 * known.min():.0f} to {100 * known.max():.0f} % of the charge at constant voltage"
        said.append(f"{PROTOCOLS[str(protocol)]}; {held}")
    return said


def over_replicates(rates: xr.Dataset, groups: Mapping[str, str], of: str = "areal_capacity") -> xr.Dataset:
    """Mean and spread of a capacity over replicates, rate step by rate step.

    Parameters
    ----------
    rates
        As given by :func:`rate_steps`.
    groups
        Group of each cell by its name; cells that are not named are left out.
    of
        A variable (cell, rate_step) of `rates`.

    Returns
    -------
    Dataset
        (group, rate_step): ``mean``, ``sd`` (NaN for a single cell), ``n``, ``current_density`` [mA cm-2], and
        ``unmatched``: cells of the group whose current in this step is more than 5 % off its median, left out.

    Raises
    ------
    ValueError
        When `rates` has no such variable.
    """
    if of not in rates or rates[of].dims != ("cell", "rate_step"):
        raise ValueError(f"of {of!r}: no such variable (cell, rate_step); take one of {', '.join(BASES)}, retention")
    names = [str(name) for name in rates["cell"].values]
    labels = list(dict.fromkeys(groups[name] for name in names if name in groups))
    values, flow, density = (rates[name].values for name in (of, "current_mean", "current_density"))
    shape = (len(labels), values.shape[1])
    table = {name: np.full(shape, np.nan) for name in ("mean", "sd", "current_density")}
    counts = {name: np.zeros(shape, np.int64) for name in ("n", "unmatched")}
    for row, label in enumerate(labels):
        member = np.array([groups.get(name) == label for name in names])
        usual = row_median(flow[member].T)
        with np.errstate(invalid="ignore"):
            alike = np.abs(flow[member] - usual) <= SAME_CURRENT * usual
        known = alike & np.isfinite(values[member])
        n = known.sum(0)
        mean = ratio(np.where(known, values[member], 0.0).sum(0), n)
        squares = (np.where(known, values[member] - mean, 0.0) ** 2).sum(0)
        table["mean"][row], table["sd"][row] = mean, np.sqrt(ratio(squares, np.maximum(n - 1, 0)))
        table["current_density"][row] = row_median(np.where(alike, density[member], np.nan).T)
        counts["n"][row], counts["unmatched"][row] = n, (np.isfinite(flow[member]) & ~alike).sum(0)
    units = str(rates[of].attrs.get("units", "1"))
    two, said = ("group", "rate_step"), {"long_name": str(rates[of].attrs.get("long_name", of)), "units": units}
    variables: dict[str, Any] = {
        "mean": (two, table["mean"], said | {"definition": f"mean of {of} over the cells of a group"}),
        "sd": (two, table["sd"], {"units": units, "definition": "standard deviation between cells"}),
        "current_density": (two, table["current_density"], dict(rates["current_density"].attrs)),
        **{name: (two, numbers, {"units": "1"}) for name, numbers in counts.items()},
    }
    return xr.Dataset(variables, {"group": labels, "rate_step": rates["rate_step"]}, {"of": of})


def _grouped(current: FloatArray) -> tuple[IntArray, int]:
    """Rate step of each cycle, -1 where no current is known, and how many the longest test has, at least one."""
    known = np.isfinite(current) & (current > 0)
    place = np.where(known, np.arange(current.shape[1]), 0)
    held = np.take_along_axis(current, np.maximum.accumulate(place, axis=1), 1)
    begins = known.copy()
    with np.errstate(invalid="ignore"):
        begins[:, 1:] &= ~(np.abs(held[:, 1:] - held[:, :-1]) <= SAME_CURRENT * held[:, :-1])
    step = np.where(known, np.cumsum(begins, axis=1) - 1, -1)
    return step, int(step.max(initial=0)) + 1


def _flat(step: IntArray, count: int) -> IntArray:
    return (np.arange(len(step))[:, None] * count + step)[step >= 0]


def _number(step: IntArray, count: int) -> IntArray:
    return np.bincount(_flat(step, count), minlength=len(step) * count).reshape(len(step), count)


def _mean(values: FloatArray, step: IntArray, count: int) -> FloatArray:
    known = np.where(np.isfinite(values), step, -1)
    at = _flat(known, count)
    total, number = (np.bincount(at, weights, len(step) * count) for weights in (values[known >= 0], None))
    return ratio(total.astype(float), number.astype(float)).reshape(len(step), count)


def _sd(values: FloatArray, mean: FloatArray, step: IntArray, number: IntArray) -> FloatArray:
    if not number.size:
        return mean
    away = (values - np.take_along_axis(mean, np.maximum(step, 0), 1)) ** 2
    return np.sqrt(ratio(_mean(away, step, number.shape[1]) * number, np.maximum(number - 1.0, 0)))


def _first_known(values: FloatArray) -> FloatArray:
    """First value of each row that is known, as a column."""
    if not values.size:
        return np.full((len(values), 1), np.nan)
    place = np.isfinite(values).argmax(1)[:, None]
    return np.take_along_axis(values, place, 1)


def _first(values: IntArray, step: IntArray, count: int, empty: int = -1) -> IntArray:
    """Smallest value in each step."""
    found = np.full(len(step) * count, np.iinfo(np.int64).max)
    np.minimum.at(found, _flat(step, count), values[step >= 0])
    return np.where(found == np.iinfo(np.int64).max, empty, found).reshape(len(step), count)
