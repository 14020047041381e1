"""The points of several files as one trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS, dataset, variable
from ...model.segments import step_starts
from ...model.units import UnitError, conversion
from .part import FloatArray, Part, listed

Array = npt.NDArray[Any]
_COUNTS = ("instrument_cycle", "instrument_step")
_NETS = ("charge_counter", "energy_counter")
_STEPS_TOLD_BY = ("instrument_step", "instrument_cycle", "control")


def trace(parts: Sequence[Part]) -> tuple[xr.Dataset, list[str]]:
    """Points of files that are in order of time, on the clock of the cell.

    ``file_number`` says which file a point is from, counted from 0. ``instrument_cycle``, ``instrument_step`` and the
    counters of charge and energy go on from file to file; what is added to them is said. A variable that a file does
    not have is NaN there, -1 for a cycle and ``unknown`` for a control.

    Returns
    -------
    points, doubts
        Dataset (point), and what is to be said about it.
    """
    sizes = [part.recording.points.sizes["point"] for part in parts]
    doubts: list[str] = []
    time = np.concatenate([part.recording.points["time"].values + part.offset for part in parts])
    number = np.repeat(np.arange(len(parts), dtype=np.int16), sizes)
    order = _order(parts, time)
    columns: dict[str, Array] = {"time": time, "file_number": number}
    columns |= _counted(parts, doubts)
    columns |= _nets(parts, order, number, doubts)
    names = dict.fromkeys(str(name) for part in parts for name in part.recording.points.data_vars)
    for name in names:
        if name not in columns and name not in (*_COUNTS, *_NETS):
            columns[name] = _filled(parts, name, doubts)
    leading = ["time", "voltage", "current"]
    columns = {name: columns[name][order] for name in [*leading, *(name for name in columns if name not in leading)]}
    points = dataset("points", columns)
    _describe(points, parts)
    return points, doubts


def _order(parts: Sequence[Part], time: FloatArray) -> Array | slice:
    """Order of time where files took turns; that of the files otherwise, whatever a clock inside of them does."""
    overlap = any(after.begin < before.end for before, after in pairwise(parts))
    return np.argsort(time, kind="stable") if overlap else slice(None)


def _filled(parts: Sequence[Part], name: str, doubts: list[str]) -> Array:
    """A variable in all files, in the unit of the first that has it, with what says that it is not there."""
    missing: float = CONTROLS.index("unknown") if name == "control" else np.nan
    units: str | None = None
    found = []
    for part in parts:
        points = part.recording.points
        values = np.full(points.sizes["point"], missing)
        if name in points:
            own = str(points[name].attrs.get("units", ""))
            units = own if units is None else units
            try:
                factor, shift = (1.0, 0.0) if own == units else conversion(own, units)
                values = points[name].values if (factor, shift) == (1.0, 0.0) else points[name].values * factor + shift
            except UnitError:
                doubts.append(f"{name!r} is in {own or 'no unit'} in {part.name}, elsewhere in {units}: left out of it")
        found.append(values)
    whole = np.concatenate(found)
    return whole.astype(np.int8) if name == "control" else whole


def _counted(parts: Sequence[Part], doubts: list[str]) -> dict[str, Array]:
    """Cycles and steps of the instrument, numbered on from file to file."""
    told = [{name for name in _STEPS_TOLD_BY if name in part.recording.points} for part in parts]
    alike = all(one == told[0] for one in told)
    found: dict[str, Array] = {}
    if any("instrument_cycle" in one for one in told):
        cycles = [_own(part, "instrument_cycle", _unknown) for part in parts]
        found["instrument_cycle"] = _numbered_on(parts, cycles, "instrument_cycle", doubts)
    if any("instrument_step" in one for one in told) or not alike:
        without = [part.name for part, one in zip(parts, told, strict=True) if "instrument_step" not in one]
        if without:
            doubts.append(
                f"{', '.join(without)}: without step numbers of the instrument, which other files of the cell have;"
                " they are counted from the changes of the current"
            )
        steps = [_own(part, "instrument_step", _steps) for part in parts]
        found["instrument_step"] = _numbered_on(parts, steps, "instrument_step", doubts)
    return found


def _own(part: Part, name: str, otherwise: Callable[[xr.Dataset], Array]) -> Array:
    points = part.recording.points
    return points[name].values.astype(np.int64) if name in points else otherwise(points)


def _unknown(points: xr.Dataset) -> Array:
    return np.full(points.sizes["point"], -1)


def _steps(points: xr.Dataset) -> Array:
    begins = np.zeros(points.sizes["point"], np.int64)
    begins[step_starts(points)] = 1
    return np.cumsum(begins)


def _numbered_on(parts: Sequence[Part], numbers: Sequence[Array], name: str, doubts: list[str]) -> Array:
    """Numbers that go on from file to file; those of a file that does so by itself stay as they are.

    Where files took turns (looped techniques) the cycle is that of the loop, and stays as it is.
    """
    found, last, reached, added = [], -1, -np.inf, []
    for part, values in zip(parts, numbers, strict=True):
        known = values[values >= 0]
        turns = name == "instrument_cycle" and part.begin < reached
        first = int(known.min()) if len(known) else -1
        # the step that a file breaks off is not the one the next begins with; a count from 0 or 1 on is a new one
        anew = 0 <= first < last or (first == last >= 0 and (name == "instrument_step" or last <= 1))
        offset = last + 1 - first if anew and not turns else 0
        if offset:
            added.append(f"{offset} in {part.name}")
        found.append(np.where(values >= 0, values + offset, values))
        last = max(last, int(known.max()) + offset if len(known) else -1)
        reached = max(reached, part.end)
    if added:
        what = {"instrument_cycle": "cycle", "instrument_step": "step"}[name]
        doubts.append(f"the {what} numbers of the instrument begin anew in some files; added to them: {listed(added)}")
    return np.concatenate(found)


def _nets(parts: Sequence[Part], order: Array | slice, number: Array, doubts: list[str]) -> dict[str, Array]:
    """Counters of charge and energy as one count, each going on where the one before stood."""
    found = {}
    for name in _NETS:
        if not any(name in part.recording.points for part in parts):
            continue
        without = [part.name for part in parts if name not in part.recording.points and _passes_current(part)]
        if without:
            doubts.append(
                f"{', '.join(without)}: without a {name.replace('_', ' ')}; the net count lacks what it passed"
            )
        whole = np.concatenate([_readings(part, name) for part in parts])
        found[name], added = _one_count(whole, order, number, [part.name for part in parts])
        if added:
            units = variable("points", name).units
            doubts.append(
                f"the {name.replace('_', ' ')} of the instrument begins anew in some files; added to it [{units}]:"
                f" {listed(added)}"
            )
    return found


def _passes_current(part: Part) -> bool:
    return bool(np.any(part.recording.points["current"].values))


def _readings(part: Part, name: str) -> FloatArray:
    """Readings of a counter; 0 throughout where there is none and no current flows, else NaN."""
    points = part.recording.points
    if name in points:
        return points[name].values.astype(float)
    return np.full(points.sizes["point"], np.nan if _passes_current(part) else 0.0)


def _one_count(
    readings: FloatArray, order: Array | slice, number: Array, names: Sequence[str]
) -> tuple[FloatArray, list[str]]:
    """Add to each run of points of one file what makes the count go on.

    A run begins at 0, at the last reading of its own file or at that of the file before: at the nearest of them.
    """
    found, whose = readings[order].copy(), number[order]
    edges = [0, *(np.flatnonzero(np.diff(whose)) + 1).tolist(), len(whose)]
    own: dict[int, float] = {}
    before = total = 0.0
    added: dict[str, float] = {}
    for first, stop in pairwise(edges):
        run = found[first:stop]
        known = run[np.isfinite(run)]
        if not len(known):
            continue
        begun = float(known[0])
        base = min((before, own.get(int(whose[first]), 0.0), 0.0), key=lambda reading: abs(begun - reading))
        before = own[int(whose[first])] = float(known[-1])
        if total != base:
            run += total - base
            added.setdefault(names[whose[first]], total - base)
        total += before - base
    whole = np.empty_like(found)
    whole[order] = found
    return whole, [f"{amount:.6g} in {name}" for name, amount in added.items()]


def _describe(points: xr.Dataset, parts: Sequence[Part]) -> None:
    """Attributes of the files, with one origin for each variable, and the names that ``file_number`` means."""
    for name, values in points.variables.items():
        own = [part.recording.points.variables[name] for part in parts if name in part.recording.points.variables]
        for attrs in (one.attrs for one in reversed(own)):
            values.attrs.update(attrs)
        values.attrs.pop("origin", None)
        origin = _origin(str(name), parts)
        if origin:
            values.attrs["origin"] = origin
    points.variables["file_number"].attrs["files"] = [part.name for part in parts]


def _origin(name: str, parts: Sequence[Part]) -> str:
    """How a variable came about in all files; what is least certain comes first, a current that is 0 last."""
    said: dict[str, list[str]] = {}
    for part in parts:
        points = part.recording.points
        if name in points:
            how = str(points[name].attrs.get("origin", "")) or "measured"
            said.setdefault(how, []).append(part.name)
    if len(said) <= 1:
        how = next(iter(said), "measured")
        return "" if how == "measured" else how

    def certain(how: str) -> int:
        idle = name == "current" and not any(_passes_current(part) for part in parts if part.name in said[how])
        return 3 if idle else 0 if how.startswith("assumed") else 1 if how.startswith("derived") else 2

    return "; ".join(f"{how} ({', '.join(said[how])})" for how in sorted(said, key=certain))


__all__ = ["trace"]
