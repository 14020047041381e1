"""Neware .nda and .ndax, through fastnda (BSD-3-Clause)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...model.schema import CONTROLS, dataset
from ..contract import ReaderError, ReadOptions, Recording
from ..tables import counters
from ..tables.plausibility import time_doubts
from .source import ZIP, facts, flat, interpolated, missing_end, named_for_fastnda, records, told

if TYPE_CHECKING:
    import polars as pl

FloatArray = npt.NDArray[np.float64]

_MEMBERS = (b".ndc", b"VersionInfo.xml", b"TestInfo.xml", b"Step.xml")
_CLOCK_DOUBT = 5.0
_NO_CYCLES = "Raw cycle column missing"

# Neware's step types by what is held. CCCV steps change from one to the other inside and count as unknown.
_HELD = {1: "cc", 2: "cc", 3: "cv", 19: "cv", 4: "rest", 13: "rest", 22: "rest"}
_CONTROL = np.full(256, CONTROLS.index("unknown"), np.int8)
for _code, _name in _HELD.items():
    _CONTROL[_code] = CONTROLS.index(_name)

_PROVENANCE = {
    "start_time": ("start_time", "StartTime"),
    "stop_time": ("stop_time", "EndTime"),
    "software": ("client_version", "bts_version", "CurrClientVer"),
    "server": ("server_version", "CurrSvrVer", "SvrVer"),
    "serial_number": ("sn", "SN"),
    "barcode": ("barcode", "Barcode"),
    "technique": ("test_name", "StepName", "step_name"),
    "operator": ("creator", "Creator"),
    "comment": ("remarks", "Remark"),
}
"""Our name of a fact, and what fastnda or the file's own XML call it."""


class NewareReader:
    """Neware BTS 5 to 9: ``.nda`` of every version fastnda knows and ``.ndax``.

    ``instrument_cycle`` and ``instrument_step`` are Neware's own cycle number and running number of the step.
    ``charge_counter`` and ``energy_counter`` are one net count over the test, built from the counters that Neware
    starts again at every step (:func:`.counters.net`).
    """

    name = "neware"
    description = "Neware BTS (nda, ndax)"
    suffixes = (".nda", ".ndax")
    version = "2"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for files that begin with ``NEWARE``, or are a zip of Neware's parts."""
        if head.startswith(b"NEWARE"):
            return None
        if not head.startswith(ZIP):
            return "begins neither with NEWARE nor as a zip"
        if not any(member in head for member in _MEMBERS):
            return "a zip, but not of Neware's parts (data.ndc, TestInfo.xml)"
        return None

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When the file is empty, cut, damaged, or of a version fastnda does not know. Of a cut ``.nda``,
            ``options.partial`` gives the records before the cut; a cut ``.ndax`` has lost its index.
        """
        doubts = missing_end(path, partial=options.partial)
        with named_for_fastnda(path) as named, told() as said:
            frame = records(path, named)
            tree = facts(named, said)
        if not frame.height:
            raise ReaderError(path, "the file holds no records: the test had not begun when it was written")
        if any(_NO_CYCLES in text for text in said):
            said = [text for text in said if _NO_CYCLES not in text]
            said.append("the file holds no cycle numbers of the instrument")
            frame = frame.drop("cycle_count")
        doubts += said + interpolated(path, frame.height)
        return _recording(path, frame, tree, doubts)


def _recording(path: Path, frame: pl.DataFrame, tree: dict[str, Any], doubts: list[str]) -> Recording:
    frame = _sound(path, frame, doubts)
    known = flat(tree)
    provenance = {name: str(known[key]) for name, keys in _PROVENANCE.items() for key in keys[::-1] if known.get(key)}
    provenance["instrument"] = "Neware"
    if {"DevID", "UnitID", "ChlID"} <= set(known):
        provenance["channel"] = f"{known['DevID']}-{known['UnitID']}-{known['ChlID']}"
    if "start_time" not in provenance and "unix_time_s" in frame.columns:
        provenance["start_time"] = datetime.fromtimestamp(frame["unix_time_s"][0], UTC).isoformat()
    for name in {"start_time", "stop_time"} & set(provenance):
        date, _, clock = provenance[name].partition(" ")
        provenance[name] = f"{date.replace('.', '-')}T{clock}" if clock else date
    columns = _columns(frame, doubts)
    points = dataset("points", columns)
    origin = "derived: net count from the counters of the steps, which start again at each step"
    for name in {"charge_counter", "energy_counter"} & set(columns):
        points[name].attrs["origin"] = origin
    settings: dict[str, object] = {"steps": tree["Step"]["Step_Info"]} if "Step_Info" in tree.get("Step", {}) else {}
    if known.get("active_mass_mg"):
        settings["active_mass"] = f"{known['active_mass_mg']} mg"
    finished = True if known.get("EndTime") else False if known.get("StartTime") else None
    return Recording(points, provenance=provenance, settings=settings, warnings=doubts, finished=finished)


def _sound(path: Path, frame: pl.DataFrame, doubts: list[str]) -> pl.DataFrame:
    """Records with a time, a voltage, a current and a step; what is left out or missing is said."""
    import polars as pl

    jumps = np.diff(frame["index"].to_numpy().astype(np.int64))
    lost = int(np.sum(jumps[jumps > 1] - 1))
    if lost:
        doubts.append(f"{lost} records are missing in the file, in {np.count_nonzero(jumps > 1)} places")
    needed = ("total_time_s", "voltage_V", "current_mA")
    counts = [name for name in ("step_count", "step_type", "cycle_count") if name in frame.columns]
    if (
        not any(frame[name].null_count() for name in (*needed, *counts))
        and np.isfinite(frame.select(pl.col(needed).cast(pl.Float64).sum()).row(0)).all()
    ):  # a sum is finite where all are
        return frame
    finite = pl.all_horizontal(
        pl.col(needed).is_finite().fill_null(value=False),
        pl.col(counts).is_not_null(),
    )
    useless = frame.height - int(frame.select(finite.sum()).item())
    if not useless:
        return frame
    if useless == frame.height:
        raise ReaderError(path, "no record has a time, a voltage, a current and a step")
    doubts.append(f"{useless} records without a time, voltage, current or step: left out")
    return frame.filter(finite)


def _columns(frame: pl.DataFrame, doubts: list[str]) -> dict[str, npt.NDArray[Any]]:
    def numbers(name: str) -> FloatArray:
        # one copy, and the column of the frame is let go: both at once are the peak of a large file
        return frame.drop_in_place(name).fill_null(float("nan")).to_numpy().astype(np.float64)

    time, voltage, current = numbers("total_time_s"), numbers("voltage_V"), numbers("current_mA")
    columns: dict[str, npt.NDArray[Any]] = {"time": time, "voltage": voltage, "current": current}
    step = frame.drop_in_place("step_count").to_numpy().astype(np.int64)
    doubts += time_doubts(time)
    if "unix_time_s" in frame.columns:
        doubts += _clock_doubts(time, numbers("unix_time_s"))
    for name, rate, ours in (
        ("capacity_mAh", current, "charge_counter"),
        ("energy_mWh", voltage * current, "energy_counter"),
    ):
        if name not in frame.columns:
            continue
        counter = numbers(name)
        again = counters.restarts(counter, counters.passed(rate, time))
        if ours == "charge_counter":
            doubts += _restart_doubts(counter, again, step)
        columns[ours] = counters.without(counter, again)
    if "cycle_count" in frame.columns:
        columns["instrument_cycle"] = frame.drop_in_place("cycle_count").to_numpy().astype(np.int64)
    columns["instrument_step"] = step
    columns["control"] = _CONTROL[frame.drop_in_place("step_type").to_numpy()]
    others = {name: numbers(name) for name in [name for name in frame.columns if name.startswith("aux")]}
    sensor = next((name for name in others if _is_temperature(name) and np.any(others[name])), None)
    if sensor:
        columns["temperature"] = others.pop(sensor)
    return columns | others


def _is_temperature(name: str) -> bool:
    """Whether an auxiliary channel is a sensor on the cell: not the set point, a clamp or another part."""
    return name.removeprefix("aux").lstrip("-0123456789") == "_temperature_degC"


def _clock_doubts(time: FloatArray, clock: FloatArray) -> list[str]:
    """The clock of the instrument against the time of the test, which stands still in pauses."""
    ahead = float((clock[-1] - clock[0]) - (time[-1] - time[0]))
    if not abs(ahead) > _CLOCK_DOUBT:
        return []
    said = "further (pauses?)" if ahead > 0 else "less far"
    return [f"from first to last record the clock of the instrument went {abs(ahead):.1f} s {said} than the test time"]


def _restart_doubts(counter: FloatArray, again: npt.NDArray[np.intp], step: npt.NDArray[np.int64]) -> list[str]:
    again = again[step[again + 1] == step[again]]
    if not len(again):
        return []
    lost = float(np.sum(np.abs(counter[again])))
    where = f"{len(again)} times inside a step, first in step {step[again[0]]} at {counter[again[0]]:.6g} mA h"
    lacks = f"what Neware's software shows for these steps lacks {lost:.6g} mA h, charge_counter does not"
    return [f"Neware's capacity counter starts again {where}; {lacks}"]
