"""When a cell failed: each criterion by itself, and censored where none fired."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

CRITERIA: dict[str, str] = {
    "short": "polarization below half of the median of the ten cycles before, three cycles in a row (hard short)",
    "polarization": "polarization above twice its lowest value so far, five cycles in a row",
    "voltage": "|V| above {voltage_limit:g} V at any point",
    "noise": "point-to-point noise above twice that of the first ten cycles and above 1.5 % of the polarization, "
    "three cycles in a row",
    "stop": "the test ended inside a half-cycle",
}
"""Failure criteria; the same cell may fail at different cycles, or never, depending on which is meant."""

UNDECIDED, CENSORED, FAILED = -1, 0, 1


def failures(
    *,
    mid: xr.DataArray,
    highest: xr.DataArray,
    noise: xr.DataArray,
    time: xr.DataArray,
    duration: xr.DataArray,
    interrupted: xr.DataArray,
    finished: Mapping[str, bool | None],
    voltage_limit: float,
) -> xr.Dataset:
    """Apply every criterion to every cell at once; arguments and result as in :func:`.symmetric.life`."""
    eta, peak, wobble = (array.transpose("cell", "cycle").values for array in (mid, highest, noise))
    fired = {
        "short": _in_a_row(eta < 0.5 * _median_before(eta, 10), 3),
        "polarization": _in_a_row(eta > 2 * _lowest_before(eta), 5),
        "voltage": peak > voltage_limit,
        # a multiple of the first noise alone is a matter of the cycler: five times fires at the least flutter with one
        # that reads 10 µV and never with one that reads 300 µV; a share of the polarization belongs to the cell
        "noise": _in_a_row((wobble > 2 * _early(wobble, 10)) & (wobble > 0.015 * eta), 3),
    }
    begin = time.min("direction").transpose("cell", "cycle").values
    end = (time + duration).max("direction").transpose("cell", "cycle").values
    present = np.isfinite(end)
    last = np.where(present.any(1), present.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1), 0)
    rows = np.arange(len(last))
    cycles = mid["cycle"].values
    table = {name: np.full((len(last), len(CRITERIA)), np.nan) for name in ("cycle", "time", "observed")}
    for column, name in enumerate(CRITERIA):
        if name == "stop":
            place, observed = last, _stopped(mid["cell"].values, interrupted, time, last, finished)
        else:
            any_fired = fired[name].any(1)
            place, observed = np.where(any_fired, fired[name].argmax(1), last), np.where(any_fired, FAILED, CENSORED)
        table["cycle"][:, column] = cycles[place]
        table["time"][:, column] = np.where(observed == FAILED, begin[rows, place], end[rows, place])
        table["observed"][:, column] = observed
    definitions = [text.format(voltage_limit=voltage_limit) for text in CRITERIA.values()]
    result = xr.Dataset(
        {name: (("cell", "criterion"), values) for name, values in table.items()},
        coords={"cell": mid["cell"], "criterion": list(CRITERIA), "definition": ("criterion", definitions)},
    )
    if "failure_criterion" in mid.coords:
        result = result.assign_coords(failure_criterion=mid["failure_criterion"])
    result["cycle"].attrs = {"units": "1", "long_name": "cycle of failure, or last cycle where censored"}
    result["time"].attrs = {"units": "s", "long_name": "time of failure, or end of the last half-cycle where censored"}
    result["observed"] = result["observed"].astype(np.int8)
    result["observed"].attrs = {"flag_values": [-1, 0, 1], "flag_meanings": "undecided censored failed"}
    return result


def first_failure(found: xr.Dataset) -> xr.Dataset:
    """What ended each cell: the criterion that fired first, or that none did.

    Parameters
    ----------
    found
        As given by :func:`~.symmetric.life`.

    Returns
    -------
    Dataset
        (cell): ``cycle``, ``time`` [s], ``observed``, ``criterion`` and its ``definition``. Where nothing fired they
        tell when the cell was last seen alive, ``criterion`` is ``""``, and ``observed`` is -1 if one criterion is
        undecided.
    """
    found = found.transpose("cell", "criterion")
    observed = found["observed"].values
    failed = observed == FAILED
    first = np.where(failed, found["time"].values, np.inf).argmin(1)
    rows = np.arange(len(first))
    ever = failed.any(1)
    place = np.where(ever, first, 0)
    outcome = np.where(ever, FAILED, observed.min(1))
    definition = np.where(ever, found["definition"].values[place], "no failure criterion fired")
    return xr.Dataset(
        {
            "cycle": ("cell", found["cycle"].values[rows, place], found["cycle"].attrs),
            "time": ("cell", found["time"].values[rows, place], found["time"].attrs),
            "observed": ("cell", outcome.astype(np.int8), found["observed"].attrs),
            "criterion": ("cell", np.where(ever, found["criterion"].values[place], "")),
            "definition": ("cell", definition),
        },
        coords={"cell": found["cell"]},
    )


def declared_failure(found: xr.Dataset, criterion: str = "") -> xr.Dataset:
    """End of life by the criterion the owner of each cell declares.

    Parameters
    ----------
    found
        As given by :func:`~.symmetric.life`.
    criterion
        One of :data:`CRITERIA`, to be used for every cell. Without it the metadata field ``failure_criterion`` of each
        cell decides; a cell that has none ends by what fired first, as in :func:`first_failure`.

    Returns
    -------
    Dataset
        As of :func:`first_failure`, and ``declared`` (cell): whether a criterion had been named. Where the named one
        did not fire, ``observed`` is 0 or -1 and ``cycle`` and ``time`` tell when the cell was last seen.

    Raises
    ------
    ValueError
        When the criterion, or that of a cell, is not known.
    """
    named = found["failure_criterion"].values.astype(str) if "failure_criterion" in found.coords else None
    wanted = np.full(found.sizes["cell"], criterion) if criterion or named is None else named
    known = [str(name) for name in found["criterion"].values]
    for cell, name in zip(found["cell"].values, wanted.tolist(), strict=True):
        if name and name not in known:
            raise ValueError(f"failure_criterion {name!r} of {cell} is not known; choose one of {', '.join(known)}")
    declared = wanted != ""
    column = np.array([known.index(name) if name else 0 for name in wanted], int)
    rows = np.arange(len(column))
    result = first_failure(found)
    one = found.transpose("cell", "criterion")
    for name in ("cycle", "time", "observed"):
        result[name] = result[name].copy(data=np.where(declared, one[name].values[rows, column], result[name].values))
    fired = one["observed"].values[rows, column] == FAILED
    result["criterion"] = result["criterion"].copy(
        data=np.where(declared, np.where(fired, wanted, ""), result["criterion"].values)
    )
    meant = one["definition"].values[column]
    result["definition"] = result["definition"].copy(data=np.where(declared, meant, result["definition"].values))
    result["declared"] = ("cell", declared, {"long_name": "whether a failure criterion was named"})
    return result


def _in_a_row(condition: BoolArray, times: int) -> BoolArray:
    """True at the first cycle of a run of at least `times` consecutive cycles that fulfil the condition."""
    if condition.shape[1] < times:
        return np.zeros_like(condition)
    windows = np.lib.stride_tricks.sliding_window_view(condition, times, axis=1).all(-1)
    return np.pad(windows, ((0, 0), (0, times - 1)))


def _median_before(values: FloatArray, width: int) -> FloatArray:
    """Median of the `width` cycles before each one; NaN where fewer than half of them have a value."""
    padded = np.pad(values, ((0, 0), (width, 0)), constant_values=np.nan)[:, :-1]
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, width, axis=1), axis=-1)
    known = np.isfinite(windows).sum(-1)
    low, high = np.maximum((known - 1) // 2, 0), known // 2
    pair = [np.take_along_axis(windows, np.minimum(at, width - 1)[..., None], -1)[..., 0] for at in (low, high)]
    return np.where(known >= width // 2, (pair[0] + pair[1]) / 2, np.nan)


def _lowest_before(values: FloatArray) -> FloatArray:
    """Lowest value up to each cycle."""
    return np.minimum.accumulate(np.where(np.isfinite(values), values, np.inf), axis=1)


def _early(values: FloatArray, width: int) -> FloatArray:
    """Median over the first `width` cycles that have a value, as a column."""
    first = np.where(np.cumsum(np.isfinite(values), axis=1) <= width, values, np.nan)
    ordered = np.sort(first, axis=1)
    known = np.isfinite(ordered).sum(1)
    middle: FloatArray = ordered[np.arange(len(values)), np.maximum((known - 1) // 2, 0)][:, None]
    return middle


def _stopped(
    cells: npt.NDArray[np.str_],
    interrupted: xr.DataArray,
    time: xr.DataArray,
    last: npt.NDArray[np.int64],
    finished: Mapping[str, bool | None],
) -> npt.NDArray[np.int64]:
    """Whether the last half-cycle was cut short; undecided where nobody knows that the test had ended."""
    begin = time.transpose("cell", "cycle", "direction").values
    cut = interrupted.transpose("cell", "cycle", "direction").values.astype(bool)
    rows = np.arange(len(last))
    latest = np.nanargmax(np.where(np.isfinite(begin[rows, last]), begin[rows, last], -np.inf), axis=1)
    cut_last = cut[rows, last, latest]
    ended = np.array([{True: 1, False: 0, None: -1}[finished.get(str(cell))] for cell in cells])
    return np.where(~cut_last, CENSORED, np.where(ended == 1, FAILED, np.where(ended == 0, CENSORED, UNDECIDED)))
