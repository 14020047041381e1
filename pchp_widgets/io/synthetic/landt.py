"""Small exports of Landt's LANDdt with given contents.

Headers and abbreviations are those that programs for these exports look for; the csv with headers like ``test_time_s``
is that of a public data set.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS
from .cycler import counted, step_time
from .text import write_text

START = datetime(2024, 11, 1, 9)  # noqa: DTZ001  the clock on the wall
"""Start of the tests that are written."""


def write_records(path: Path | str, points: xr.Dataset, *, unsigned: bool = False) -> None:
    """Write points as one table between tabs, times in seconds.

    Parameters
    ----------
    path
        The file.
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA], ``instrument_cycle``, ``instrument_step``
        and ``control``. The counter starts again at each step.
    unsigned
        Write the current as a magnitude.
    """
    columns = _columns(points)
    current = columns["Current/mA"]
    write_text(path, {**columns, "Current/mA": np.abs(current) if unsigned else current}, delimiter="\t")


def write_nested(path: Path | str, points: xr.Dataset) -> None:
    """Write points as a table below each step, times as ``1-02:03:04`` (days, then a clock)."""
    columns = {name: values for name, values in _columns(points).items() if name not in {"Cycle-Index", "Step-Index"}}
    columns = {"Index": columns.pop("Record"), "TestTime": np.array(_clocks(points["time"].values)), **columns}
    del columns["TestTime/Sec"], columns["StepTime/Sec"]
    step = points["instrument_step"].values
    edges = [0, *(np.flatnonzero(np.diff(step)) + 1).tolist(), len(step)]
    lines = []
    for start, stop in pairwise(edges):
        lines += [
            "Index\tMode\tPeriod\tCapacity/mAh",
            f"{step[start]}\t{columns['Step-State'][start]}\t0-00:49:00\t0.4",
        ]
        lines.append("\t".join(columns))
        lines += ["\t".join(str(values[at]) for values in columns.values()) for at in range(start, stop)]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def record_rows(points: xr.Dataset) -> list[list[str | float | None]]:
    """Rows of the sheet ``Record-Tab`` of a workbook."""
    columns = _columns(points)
    values = [[one if isinstance(one, str) else float(one) for one in column.tolist()] for column in columns.values()]
    return [list(columns), *map(list, zip(*values, strict=True))]


def _columns(points: xr.Dataset) -> dict[str, npt.NDArray[Any]]:
    n = points.sizes["point"]
    time, current = points["time"].values, points["current"].values
    counts = counted(points, points["instrument_step"].values)
    rest = points["control"].values == CONTROLS.index("rest")
    dates = [f"{START + timedelta(seconds=float(seconds)):%Y-%m-%d %H:%M:%S}" for seconds in time]
    return {
        "Record": np.arange(1, n + 1),
        "Cycle-Index": points["instrument_cycle"].values,
        "Step-Index": points["instrument_step"].values,
        "TestTime/Sec": time,
        "StepTime/Sec": step_time(points),
        "Voltage/V": points["voltage"].values,
        "Current/mA": current,
        "Capacity/mAh": (counts["charge"] + counts["discharge"]),
        "SysTime": np.array(dates),
        "Step-State": np.where(rest, "R", np.where(current >= 0, "C_CC", "D_CC")),
    }


def _clocks(time: np.ndarray) -> list[str]:
    whole = np.round(time).astype(int)
    return [f"{s // 86400}-{s // 3600 % 24:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in whole.tolist()]
