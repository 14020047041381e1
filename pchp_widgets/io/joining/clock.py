"""The files of a cell on one clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from ..contract import ReaderError
from .part import FloatArray, Part, hours, listed

_ROUNDING = 2.0
"""Starts are written to the second by many instruments: two files may seem to overlap by this much [s]."""
_TURN = 2.0
"""Points of looped techniques come in runs of at least this many in the mean; two channels alternate point by point."""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  of local times and of those with a zone alike


def on_one_clock(parts: Sequence[Part]) -> tuple[list[Part], list[str]]:
    """Put files in order and set their :attr:`~.Part.offset`; the clock is that of the first.

    Files that tell when they were started are placed by that. Where one does not, the order given decides: its own
    clock runs on from that of the file before, or it is appended without a gap, which is an assumption and is said.
    Files of spectra that do not tell are left without a time.

    Returns
    -------
    parts, doubts
        The files in order of time, those without a time at the end, and what is to be said about that.

    Raises
    ------
    ReaderError
        When two traces overlap in time, or the order given contradicts the starts that are known.
    """
    doubts = _comparable(parts)
    traces = [part for part in parts if part.has_points and not _is_placed_by_cycle(part)]
    if all(part.start for part in traces):
        order = sorted(traces, key=_moment)
        if order != traces:
            doubts.append(
                f"by their starts the files follow each other as {_names(order)}, by their names or the list as"
                f" {_names(traces)}; the starts decide"
            )
        traces = order
    _place(traces, doubts)
    kept = _without_overlap(traces, doubts)
    others = [part for part in parts if not any(part is one for one in kept)]
    _place_spectra(others, next((part for part in kept if part.start), None), alone=not kept)
    timed = [part for part in others if math.isfinite(part.offset)]
    timed = sorted([*kept, *timed], key=lambda part: part.begin)
    return [*timed, *(part for part in others if not math.isfinite(part.offset))], doubts


def _names(parts: Sequence[Part]) -> str:
    return ", ".join(part.name for part in parts)


def _is_placed_by_cycle(part: Part) -> bool:
    return part.cycle is not None and part.only_spectra and part.start is None


def _moment(part: Part) -> float:
    """Absolute time of the first point [s]; only differences mean something."""
    return _seconds(part) + float(np.min(part.time))


def _seconds(part: Part) -> float:
    """When the clock of a file that tells its start was at 0 [s]."""
    start = part.start or _EPOCH
    return (start.replace(tzinfo=None) - _EPOCH - (start.utcoffset() or timedelta())).total_seconds()


def _comparable(parts: Sequence[Part]) -> list[str]:
    """Forget local times beside times of a known zone: the hours between them are unknown."""
    local = [part for part in parts if part.start and part.start.tzinfo is None]
    if not local or len(local) == sum(part.start is not None for part in parts):
        return []
    for part in local:
        part.start = None
    said = f"the start of {_names(local)} is written without a time zone, that of the others with one"
    return [f"{said}: they cannot be compared, and the former are not used"]


def _place(traces: Sequence[Part], doubts: list[str]) -> None:
    anchor: Part | None = None
    for number, part in enumerate(traces):
        before = traces[number - 1] if number else None
        if before is None:
            part.offset = 0.0
        elif part.start and anchor is not None:
            part.offset = anchor.offset + _seconds(part) - _seconds(anchor)
        else:
            _append(part, before, doubts)
        if part.start and anchor is None:
            anchor = part
        if before is not None and not all(one.start for one in traces) and part.begin < before.begin:
            raise ReaderError(
                part.path,
                f"was started before {before.name}, after which it is listed, and other files do not tell when they"
                " were started; list the files in the order in which they were measured",
            )


def _append(part: Part, before: Part, doubts: list[str]) -> None:
    """Place a file after the one before it, where one of the two does not tell when it was started."""
    first, last = float(np.min(part.time)), before.end - before.offset
    said = f"{(part if part.start is None else before).name} does not tell when it was started"
    if first >= last > 0:
        part.offset = before.offset
        gap = f"the gap of {hours(first - last)} is the one between their times"
        doubts.append(f"{said}; the clock of {part.name} runs on from that of {before.name}: {gap}")
    else:
        part.offset = before.end - first
        gap = "the gap between them is assumed to be 0 s"
        doubts.append(f"{said}: {part.name} is appended to {before.name}, and {gap}")


def _without_overlap(traces: Sequence[Part], doubts: list[str]) -> list[Part]:
    """Files whose points make one trace; a file of spectra that was taken beside it is left out of the trace."""
    kept: list[Part] = []
    turns: list[Part] = []
    for part in traces:
        over = [one for one in kept if part.begin < one.end]
        clash = next((one for one in over if not _take_turns(one, part)), None)
        if clash is None:
            turns += [one for one in (*over, part) if over and one not in turns]
            kept.append(part)
        elif clash.end - part.begin <= _ROUNDING:
            doubts.append(
                f"{part.name} was started {hours(clash.end - part.begin)} before the end of {clash.name}: less than"
                " starts are written to, so that it is taken to follow at once"
            )
            part.offset += clash.end - part.begin
            kept.append(part)
        elif part.only_spectra:
            doubts.append(f"{part.name} was measured while {clash.name} ran on: its spectra are taken, its points not")
        elif clash.only_spectra:
            doubts.append(f"{clash.name} was measured while {part.name} ran on: its spectra are taken, its points not")
            kept = [one for one in kept if one is not clash] + [part]
        else:
            raise ReaderError(
                part.path,
                f"begins {hours(clash.end - part.begin)} before {clash.name} ends: these are two cells, or the same"
                " measurement twice. Leave one of them out",
            )
    if turns:
        doubts.append(f"{_names(turns)} took turns, as their times tell: the points stand in the order of time")
    for part in kept:
        part.in_trace = True
    doubts += _gaps(kept)
    return kept


def _gaps(parts: Sequence[Part]) -> list[str]:
    """For how long nothing was measured between files."""
    found, end = [], math.inf
    for part in sorted(parts, key=lambda part: part.begin):
        if part.begin - end > _ROUNDING:
            found.append(f"{hours(part.begin - end)} before {part.name}")
        end = part.end if math.isinf(end) else max(end, part.end)
    return [f"between the files nothing was measured for {listed(found)}"] if found else []


def _take_turns(one: Part, other: Part) -> bool:
    """Whether the points of two files that overlap may come from one channel: looped techniques, or a pause."""
    if np.any(np.diff(one.time) < 0) or np.any(np.diff(other.time) < 0):
        return False
    ours, theirs = one.time + one.offset, other.time + other.offset
    if one.only_spectra or other.only_spectra:
        in_one_gap = np.ptp(np.searchsorted(ours, theirs)) == 0 or np.ptp(np.searchsorted(theirs, ours)) == 0
        if in_one_gap:
            return True
    return _same_series(one, other) and _run_length(ours, theirs) >= _TURN


def _run_length(ours: FloatArray, theirs: FloatArray) -> float:
    """How many points of the same file follow each other in the order of time, in the mean of the shorter runs."""
    whose = np.repeat([0, 1], [len(ours), len(theirs)])[np.argsort(np.r_[ours, theirs], kind="stable")]
    runs = np.split(whose, np.flatnonzero(np.diff(whose)) + 1)
    return min(len(points) / sum(int(run[0] == number) for run in runs) for number, points in ((0, ours), (1, theirs)))


def _same_series(one: Part, other: Part) -> bool:
    """Whether two files were begun at the same moment on the same channel: techniques that EC-Lab linked."""
    if one.start is None or one.start != other.start:
        return False
    told = [
        {one.recording.provenance.get(name, ""), other.recording.provenance.get(name, "")}
        for name in ("channel", "serial_number", "channel_serial_number")
    ]
    return all(len(found) == 1 for found in told) and bool(told[0] - {""})


def _place_spectra(parts: Sequence[Part], anchor: Part | None, *, alone: bool) -> None:
    """Give files that are not in the trace their place by their start; without any trace the first is the origin."""
    for part in parts:
        part.offset = math.nan
        if part.start is None or not len(part.time):
            continue
        if anchor is None and alone:
            part.offset, anchor = 0.0, part
        elif anchor is not None:
            part.offset = anchor.offset + _seconds(part) - _seconds(anchor)
