"""Small Neware files with given contents: .nda of version 29 and .ndax of version 14.

Only what fastnda reads is filled in; the layouts are those of fastnda's source (BSD-3-Clause). Voltages are kept to
0.1 mV and currents to 10 nA in .nda, both as 32-bit floats in .ndax, times to 1 ms.
"""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS
from .cycler import counted, in_step, step_time

FloatArray = npt.NDArray[np.float64]

START = datetime(2024, 11, 1, 9, tzinfo=UTC)
"""Start of the tests that are written."""

_RANGE, _CURRENT_UNIT = -5, 1e-5
_REST, _CC, _CV = 4, (1, 2), (3, 19)
_RECORD = np.dtype(
    [
        ("identifier", "u1"), ("zero", "u1"), ("index", "<u4"), ("cycle", "<u4"), ("step_index", "<u2"),
        ("step_type", "u1"), ("step_count", "u1"), ("step_time", "<u8"), ("voltage", "<i4"), ("current", "<i4"),
        ("unused", "V8"), ("charge", "<i8"), ("discharge", "<i8"), ("charge_energy", "<i8"),
        ("discharge_energy", "<i8"), ("date", "<u2"), ("clock", "u1", 5), ("pad", "u1"), ("range", "<i4"),
        ("end", "V4"),
    ]
)  # fmt: skip
_MAIN = np.dtype([("voltage", "<f4"), ("current", "<f4")])
_RUN = np.dtype(
    [
        ("step_time", "<u4"), ("pad1", "V1"), ("charge", "<f4"), ("discharge", "<f4"), ("charge_energy", "<f4"),
        ("discharge_energy", "<f4"), ("pad2", "V8"), ("interval", "<i4"), ("clock", "<u4"), ("step", "<u4"),
        ("index", "<u4"), ("milliseconds", "<i2"), ("pad3", "V8"),
    ]
)  # fmt: skip
_STEP = np.dtype([("cycle", "<u4"), ("step_index", "<u4"), ("pad1", "V16"), ("step_type", "u1"), ("pad2", "V12")])


def write_nda(path: Path | str, points: xr.Dataset) -> None:
    """Write points as Neware .nda of version 29.

    Parameters
    ----------
    path
        The file.
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA], ``instrument_cycle`` (from 1 on),
        ``instrument_step`` and ``control``. Counters are the trapezoid inside each step.
    """
    record = np.zeros(points.sizes["point"], _RECORD)
    columns = _columns(points)
    record["identifier"] = 0x55
    record["index"] = columns["index"]
    record["cycle"] = points["instrument_cycle"].values - 1
    record["step_index"] = record["step_count"] = points["instrument_step"].values % 256
    record["step_type"] = columns["step_type"]
    record["step_time"] = np.round(columns["step_time"] * 1e3)
    record["voltage"] = np.round(points["voltage"].values * 1e4)
    record["current"] = np.round(points["current"].values / _CURRENT_UNIT)
    for name in ("charge", "discharge", "charge_energy", "discharge_energy"):
        record[name] = np.round(columns[name] * 3600 / _CURRENT_UNIT)
    for row, seconds in zip(record, points["time"].values, strict=True):
        now = START + timedelta(seconds=float(seconds))
        row["date"], row["clock"] = now.year, (now.month, now.day, now.hour, now.minute, now.second)
    record["range"] = _RANGE
    Path(path).write_bytes(_nda_header(len(record) * _RECORD.itemsize) + record.tobytes())


def _nda_header(length: int) -> bytes:
    block, test, data = 2048, 2090, 4096
    header = bytearray(data)
    header[:15] = b"NEWARE20241101\x1d"
    struct.pack_into("<I", header, 16, block)
    struct.pack_into("<II", header, 24, test, 503)
    struct.pack_into("<II", header, 64, data, length)
    struct.pack_into("<i", header, block + 26, _RANGE)
    for offset, text in ((37, f"{START:%Y-%m-%d %H:%M:%S}"), (137, "synthetic-1"), (227, "synthetic")):
        header[test + offset : test + offset + len(text)] = text.encode()
    return bytes(header)


def write_ndax(path: Path | str, points: xr.Dataset, *, timed_every: int = 1) -> None:
    """Write points as Neware .ndax of version 14.

    Parameters
    ----------
    path
        The file.
    points
        As for :func:`write_nda`.
    timed_every
        Keep time and counters of every n-th record of each step only, as Neware does for fast records; the sampling
        must be even within a step for a reader to fill in the others.
    """
    columns = _columns(points)
    main = np.zeros(points.sizes["point"], _MAIN)
    main["voltage"], main["current"] = points["voltage"].values, points["current"].values / 1e3
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, child in (("VersionInfo", "<ZwjVersion/>"), ("TestInfo", _test_info()), ("Step", "<Step_Info/>")):
            _put(parts, f"{name}.xml", f"<root><config>{child}</config></root>".encode())
        _put(parts, "data.ndc", _pages(main, kind=1))
        _put(parts, "data_runInfo.ndc", _pages(_run_info(points, columns, timed_every), kind=18))
        _put(parts, "data_step.ndc", _pages(_steps(points, columns), kind=7))


def _put(parts: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a part dated as the test, so that the same points make the same file."""
    dated = zipfile.ZipInfo(name, START.timetuple()[:6])
    parts.writestr(dated, content, zipfile.ZIP_DEFLATED)


def _test_info() -> str:
    facts = {"StartTime": f"{START:%Y-%m-%d %H:%M:%S}", "EndTime": "2024-11-02 09:00:00", "SN": "synthetic-1"}
    return "<TestInfo " + " ".join(f"{name}={quoteattr(text)}" for name, text in facts.items()) + "/>"


def _run_info(points: xr.Dataset, columns: dict[str, npt.NDArray[Any]], timed_every: int) -> npt.NDArray[Any]:
    run = np.zeros(points.sizes["point"], _RUN)
    run["step_time"] = np.round(columns["step_time"] * 1e3)
    for name in ("charge", "discharge", "charge_energy", "discharge_energy"):
        run[name] = columns[name] / 1e3
    interval = np.diff(columns["step_time"], append=np.nan)
    run["interval"] = np.round(np.where(interval > 0, interval, np.roll(interval, 1)) * 1e3)
    clock = np.round((START.timestamp() + points["time"].values) * 1e3).astype(np.int64)
    run["clock"], run["milliseconds"] = clock // 1000, clock % 1000
    run["step"], run["index"] = points["instrument_step"].values, columns["index"]
    timed: npt.NDArray[Any] = run[columns["in_step"] % timed_every == 0]
    return timed


def _steps(points: xr.Dataset, columns: dict[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
    first = np.flatnonzero(columns["in_step"] == 0)
    steps = np.zeros(len(first), _STEP)
    steps["cycle"] = points["instrument_cycle"].values[first] - 1
    steps["step_index"] = points["instrument_step"].values[first]
    steps["step_type"] = columns["step_type"][first]
    return steps


def _pages(records: npt.NDArray[Any], kind: int) -> bytes:
    """An .ndc: a page that says what it holds, then pages of a mask and as many records as fit."""
    size, data = 4096, 132
    per_page = (size - data - 1) // records.dtype.itemsize
    out = io.BytesIO()
    out.write(bytes([kind, 0, 14]).ljust(size, b"\0"))
    for start in range(0, len(records), per_page):
        part = records[start : start + per_page]
        mask = np.packbits(np.ones(len(part), np.uint8), bitorder="little").tobytes()
        out.write((bytes(4) + mask.ljust(data - 4, b"\0") + part.tobytes()).ljust(size, b"\0"))
    return out.getvalue()


def _columns(points: xr.Dataset) -> dict[str, npt.NDArray[Any]]:
    """What Neware keeps beside voltage and current: counters and time from the beginning of each step."""
    current = points["current"].values
    held = np.array(CONTROLS)[points["control"].values]
    charging = current >= 0
    return {
        "index": np.arange(1, len(current) + 1),
        "in_step": in_step(points),
        "step_time": step_time(points),
        "step_type": np.select(
            [held == "rest", (held == "cc") & charging, held == "cc", (held == "cv") & charging, held == "cv"],
            [_REST, *_CC, *_CV],
            default=0,
        ),
        **counted(points, points["instrument_step"].values),
    }
