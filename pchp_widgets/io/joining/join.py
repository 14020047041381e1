"""Recordings of several files of one cell to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr

from ...model.schema import dataset
from ..contract import ReaderError, Recording
from .clock import on_one_clock
from .part import Part
from .trace import trace

_SAME = 1e-4
"""Two exports of one measurement agree within this [s, V] and 1e-5 of the value."""
_COLUMNS = ("frequency", "z_real", "z_imag", "voltage")


def joined(parts: Sequence[Part]) -> tuple[Recording, list[Part]]:
    """Put the files of one cell together.

    Times are those since the start of the first file, see :func:`.clock.on_one_clock`; the points make one trace, see
    :func:`.trace.trace`; spectra are numbered through in the order of time. Whatever was assumed, added or left out is
    in the warnings, beside those of the readers.

    Parameters
    ----------
    parts
        The files as they were read, in the order of their names or of the list.

    Returns
    -------
    recording, parts
        What the cell holds, and its files in order of time.

    Raises
    ------
    ReaderError
        When a file is there twice, traces overlap in time, or the order is contradictory.
    """
    _refuse_twice(parts)
    order, doubts = on_one_clock(parts)
    traces = [part for part in order if part.in_trace]
    if len(traces) > 1:
        points, said = trace(traces)
        doubts += said
    else:
        points = traces[0].recording.points if traces else xr.Dataset()
        if traces and traces[0].offset:
            points = points.assign(time=points["time"] + traces[0].offset).assign_attrs(points.attrs)
    metadata, said = _statements(order)
    doubts += said
    own = [f"{part.name}: {text}" for part in order for text in part.recording.warnings]
    return Recording(
        points,
        spectra=_spectra(order, doubts),
        metadata=metadata,
        provenance=_provenance(order),
        settings={part.name: part.recording.settings for part in order if part.recording.settings},
        warnings=[*doubts, *own],
        finished=(traces or order)[-1].recording.finished,
    ), order


def _refuse_twice(parts: Sequence[Part]) -> None:
    seen: dict[str, Part] = {}
    for part in parts:
        if part.digest in seen:
            raise ReaderError(
                part.path, f"is the same file as {seen[part.digest].name}, byte for byte; leave one of them out"
            )
        seen[part.digest] = part
    for number, part in enumerate(parts):
        for other in parts[:number]:
            if _same_beginning(part, other):
                raise ReaderError(
                    part.path,
                    f"holds the same points as {other.name}, from the beginning on: it is the same measurement, in"
                    " another format or copied at another time; leave the shorter one out",
                )


def _same_beginning(one: Part, other: Part) -> bool:
    if not (one.has_points and other.has_points) or (one.start and other.start and one.start != other.start):
        return False
    count = min(part.recording.points.sizes["point"] for part in (one, other))
    ours, theirs = (
        [part.recording.points[name].values[:count] for name in ("time", "voltage", "current")] for part in (one, other)
    )
    if np.ptp(ours[1]) < _SAME:  # two rests may well be alike
        return False
    flow = 1e-3 * float(np.max(np.abs(ours[2])))  # held at the same voltage, cells differ by their current alone
    tolerances = (_SAME, _SAME, max(flow, 1e-12))
    return all(np.allclose(a, b, atol=atol) for a, b, atol in zip(ours, theirs, tolerances, strict=True))


def _spectra(parts: Iterable[Part], doubts: list[str]) -> xr.Dataset | None:
    """Flat spectra of all files, numbered through in the order of time where all have one, else of the files."""
    found = []
    for part in parts:
        flat = part.recording.spectra
        if flat is None or not flat.sizes.get("point", 0):
            continue
        if part.cycle is None and not np.isfinite(part.offset):
            doubts.append(
                f"{part.name}: when its spectra were taken is not known, and so not in which cycle; write the number of"
                " the cycle into its name, and {cycle} in its place in study.toml"
            )
        size = np.ones(flat.sizes["point"])
        columns = {name: flat[name].values if name in flat else np.nan * size for name in _COLUMNS}
        columns["time"] = size * (flat["time"].values if "time" in flat else np.nan) + part.offset
        columns["cycle"] = (size * (-1 if part.cycle is None else part.cycle)).astype(np.int64)
        numbers = flat["spectrum"].values
        found += [{name: values[numbers == one] for name, values in columns.items()} for one in np.unique(numbers)]
    if not found:
        return None
    if all(np.isfinite(one["time"][0]) for one in found):
        found.sort(key=lambda one: float(one["time"][0]))
    numbers = np.repeat(np.arange(len(found)), [len(one["frequency"]) for one in found])
    whole = {name: np.concatenate([one[name] for one in found]) for name in found[0]}
    return dataset("points", {"spectrum": numbers, **whole})


def _statements(parts: Sequence[Part]) -> tuple[dict[str, object], list[str]]:
    """What the files state about the cell; what they contradict each other in is not used."""
    said: dict[str, dict[str, list[str]]] = {}
    for part in parts:
        for field, value in part.recording.metadata.items():
            said.setdefault(field, {}).setdefault(str(value), []).append(part.name)
    found: dict[str, object] = {field: next(iter(values)) for field, values in said.items() if len(values) == 1}
    doubts = [
        f"{field}: "
        + ", ".join(f"{names[0]} says {value}" for value, names in values.items())
        + "; none of them is used, say it yourself"
        for field, values in said.items()
        if len(values) > 1
    ]
    return found, doubts


def _provenance(parts: Sequence[Part]) -> dict[str, str]:
    """What all files say alike as one text, else in the order of the files; the start is that of the first."""
    names = dict.fromkeys(name for part in parts for name in part.recording.provenance)
    found = {}
    for name in names:
        values = [part.recording.provenance.get(name, "") for part in parts]
        told = list(dict.fromkeys(value for value in values if value))
        found[name] = next(iter(told), "")
        if name == "start_time":
            found[name] = values[0]
        elif name == "stop_time":
            found[name] = values[-1]
        elif len(told) > 1:
            found[name] = "; ".join(told)
    return found
