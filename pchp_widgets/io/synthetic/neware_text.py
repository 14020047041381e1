"""Small exports of Neware's software with given contents: flat and nested text, and workbooks."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.schema import CONTROLS
from .cycler import counted, step_time
from .text import write_text

START = datetime(2024, 11, 1, 9)  # noqa: DTZ001  the clock on the wall
"""Start of the tests that are written."""

Generation = Literal["BTSDA", "BTS"]
Row = list[object]


def write_flat(path: Path | str, points: xr.Dataset, *, generation: Generation = "BTSDA", delimiter: str = ",") -> None:
    """Write points as one table of records.

    Parameters
    ----------
    path
        The file.
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA], ``instrument_cycle``, ``instrument_step``
        and ``control``. Counters are the trapezoid inside each step.
    generation
        ``"BTSDA"`` has the time of the test and currents in A, ``"BTS"`` of earlier times that of the steps only, and
        currents in mA.
    delimiter
        Between the cells.
    """
    write_text(path, _columns(points, generation), delimiter=delimiter)


def write_nested(path: Path | str, points: xr.Dataset, *, delimiter: str = ",") -> None:
    """Write points as BTSDA nests them: a line per cycle, below it one per step, below that its records.

    The first step stands on the line of its cycle, as it does there.
    """
    lines = [delimiter.join(map(str, row)) for row in nested_rows(points)]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def nested_rows(points: xr.Dataset) -> list[Row]:
    """Rows of a nested export: three lines of headers, then cycles, steps and records."""
    columns = _columns(points, "BTSDA")
    own = {"Time", "Total Time", "Current(A)", "Voltage(V)", "Capacity(Ah)", "Energy(Wh)", "Date"}
    records = {"DataPoint": columns["DataPoint"], **{name: columns[name] for name in columns if name in own}}
    rows: list[Row] = [
        ["Cycle Index", "Chg. Cap.(Ah)", "DChg. Cap.(Ah)"],
        ["", "Step Index", "Step Number", "Step Type", "Step Time", "Capacity(Ah)", "Energy(Wh)"],
        ["", "", *records],
    ]
    step, cycle = points["instrument_step"].values, points["instrument_cycle"].values
    edges = [0, *(np.flatnonzero(np.diff(step)) + 1).tolist(), len(step)]
    before = None
    for start, stop in pairwise(edges):
        last = stop - 1
        one: Row = [
            "", int(step[start]), int(step[start]), columns["Step Type"][start], columns["Time"][last],
            columns["Capacity(Ah)"][last], columns["Energy(Wh)"][last],
        ]  # fmt: skip
        if cycle[start] != before:
            whole = np.flatnonzero(cycle == cycle[start])
            sums = [
                f"{np.ptp(np.array(columns[name], float)[whole]):.9f}" for name in ("Chg. Cap.(Ah)", "DChg. Cap.(Ah)")
            ]
            head: Row = [int(cycle[start]), *sums]
            if before is None:
                head, one = [*head, *one[1:]], []
            rows.append(head)
            before = cycle[start]
        rows += [one] if one else []
        rows += [["", "", *(values[at] for values in records.values())] for at in range(start, stop)]
    return rows


def write_workbook(path: Path | str, points: xr.Dataset, *, rows_per_sheet: int = 0) -> None:
    """Write points as BTSDA's workbook: sheets ``unit``, ``test`` and ``record``.

    Parameters
    ----------
    path, points
        As for :func:`write_flat`.
    rows_per_sheet
        Go on in ``record_1``, ``record_2``, ... after so many records.
    """
    import openpyxl  # type: ignore[import-untyped]

    columns = _columns(points, "BTSDA")
    book = openpyxl.Workbook()
    book.active.title = "unit"
    book.active.append(["Start step ID", "Voltage range (V)"])
    book.active.append([1, 5])
    book.create_sheet("test").append(["Barcode", "synthetic-1"])
    total = points.sizes["point"]
    for number, start in enumerate(range(0, total, rows_per_sheet or total)):
        sheet = book.create_sheet(f"record_{number}" if number else "record")
        sheet.append(list(columns))
        for at in range(start, min(total, start + (rows_per_sheet or total))):
            sheet.append([_of_sheet(name, values[at].item()) for name, values in columns.items()])
    book.save(path)


def _of_sheet(name: str, value: Any) -> object:
    """Numbers as numbers, times as BTSDA writes them: as text."""
    return float(value) if name.endswith("(Ah)") else value


def _columns(points: xr.Dataset, generation: Generation) -> dict[str, npt.NDArray[Any]]:
    """Columns of the table of records by header."""
    columns = _of_bts(points) if generation == "BTS" else _of_btsda(points)
    return {name: np.asarray(values) for name, values in columns.items()}


def _words(points: xr.Dataset) -> list[str]:
    held = np.array(CONTROLS)[points["control"].values]
    return [
        "Rest" if mode == "rest" else f"{mode.upper()} {'Chg' if flow >= 0 else 'DChg'}"
        for mode, flow in zip(held.tolist(), points["current"].values.tolist(), strict=True)
    ]


def _dates(points: xr.Dataset) -> list[str]:
    return [f"{START + timedelta(seconds=float(seconds)):%Y-%m-%d %H:%M:%S}" for seconds in points["time"].values]


def _of_bts(points: xr.Dataset) -> dict[str, npt.ArrayLike]:
    counts = counted(points, points["instrument_step"].values)
    return {
        "Cycle ID": points["instrument_cycle"].values, "Step ID": points["instrument_step"].values,
        "Record ID": np.arange(1, points.sizes["point"] + 1), "Step Name": _words(points),
        "Time(h:min:s.ms)": [_clock(seconds) for seconds in step_time(points)],
        "Voltage(V)": points["voltage"].values, "Current(mA)": points["current"].values,
        "Capacitance_Chg(mAh)": counts["charge"], "Capacitance_DChg(mAh)": counts["discharge"],
        "Engy_Chg(mWh)": counts["charge_energy"], "Engy_DChg(mWh)": counts["discharge_energy"],
        "Realtime": _dates(points),
    }  # fmt: skip


def _of_btsda(points: xr.Dataset) -> dict[str, npt.ArrayLike]:
    counts = counted(points, points["instrument_step"].values)
    both = {name: (counts[name] + counts[f"dis{name}"]) / 1e3 for name in ("charge", "charge_energy")}
    return {
        "DataPoint": np.arange(1, points.sizes["point"] + 1), "Cycle Index": points["instrument_cycle"].values,
        "Step Index": points["instrument_step"].values, "Step Type": _words(points),
        "Time": [_clock(seconds) for seconds in step_time(points)],
        "Total Time": [_clock(seconds) for seconds in points["time"].values],
        "Current(A)": points["current"].values / 1e3, "Voltage(V)": points["voltage"].values,
        "Capacity(Ah)": [f"{value:.9f}" for value in both["charge"]],
        "Chg. Cap.(Ah)": [f"{value / 1e3:.9f}" for value in counts["charge"]],
        "DChg. Cap.(Ah)": [f"{value / 1e3:.9f}" for value in counts["discharge"]],
        "Energy(Wh)": both["charge_energy"], "Date": _dates(points),
        "Module start-stop switch": ["Close"] * points.sizes["point"],
    }  # fmt: skip


def _clock(seconds: float) -> str:
    whole = round(float(seconds) * 1e3)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"
