"""Small Arbin files with given contents: text exports and workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from .cycler import counted, step_time
from .text import write_text

START = datetime(2024, 11, 1, 9)  # noqa: DTZ001  the clock on the wall
"""Start of the tests that are written."""

_UNITS = {
    "Test_Time": "s", "Step_Time": "s", "Current": "A", "Voltage": "V", "Charge_Capacity": "Ah",
    "Discharge_Capacity": "Ah", "Charge_Energy": "Wh", "Discharge_Energy": "Wh", "dV/dt": "V/s",
    "Internal_Resistance": "Ohm",
}  # fmt: skip


def arbin_columns(points: xr.Dataset) -> dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]:
    """Points as Arbin's database keeps them: in s, V, A, A h and W h; the counters start again at each cycle.

    Parameters
    ----------
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA], ``instrument_cycle`` and
        ``instrument_step``.
    """
    counters = counted(points, points["instrument_cycle"].values)
    return {
        "Data_Point": np.arange(1, points.sizes["point"] + 1),
        "Test_Time": points["time"].values,
        "Step_Time": step_time(points),
        "Step_Index": points["instrument_step"].values,
        "Cycle_Index": points["instrument_cycle"].values,
        "Current": points["current"].values / 1e3,
        "Voltage": points["voltage"].values,
        "Charge_Capacity": counters["charge"] / 1e3,
        "Discharge_Capacity": counters["discharge"] / 1e3,
        "Charge_Energy": counters["charge_energy"] / 1e3,
        "Discharge_Energy": counters["discharge_energy"] / 1e3,
        "dV/dt": np.zeros(points.sizes["point"]),
        "Internal_Resistance": np.zeros(points.sizes["point"]),
    }


def write_arbin_text(path: Path | str, points: xr.Dataset, *, units: bool = True) -> None:
    """Write points as an Arbin export in csv.

    Parameters
    ----------
    path, points
        The file, and points as :func:`arbin_columns` takes them.
    units
        Units in the headers, and the date as text, as MITS Pro writes it; else bare names and Unix time.
    """
    columns: Mapping[str, npt.ArrayLike] = arbin_columns(points)
    if units:
        dates = [f"\t{date:%m/%d/%Y %H:%M:%S.%f}"[:-3] for date in dates_of(points)]
        columns = {headed(name).replace("_", " "): values for name, values in columns.items()} | {"Date Time": dates}
    else:
        columns = {**columns, "DateTime": START.timestamp() + points["time"].values}
    write_text(path, columns, encoding="utf-8-sig" if units else "utf-8", newline="\r\n")


def write_arbin_workbook(path: Path | str, points: xr.Dataset, *, sheets: int = 1) -> None:
    """Write points as an Arbin export in xlsx: what the test is, the points in one or more sheets, cycle statistics."""
    import openpyxl  # type: ignore[import-untyped]

    columns = arbin_columns(points)
    headers = [headed(name) for name in columns] + ["Date_Time"]
    rows = list(zip(*(np.asarray(values).tolist() for values in columns.values()), dates_of(points), strict=True))
    book = openpyxl.Workbook()
    book.remove(book.active)
    info = book.create_sheet("Info")
    info.append(["TEST REPORT"])
    info.append(["Test_Name", "Start_DateTime", "Schedule_File_Name"])
    info.append(["synthetic-1", f"{START:%m/%d/%Y %H:%M:%S}", "synthetic.sdu"])
    parts = np.array_split(np.arange(len(rows)), sheets)
    for number, part in enumerate(parts):
        sheet = book.create_sheet("Channel_1-008" + (f"_{number}" if number else ""))
        sheet.append(headers)
        for row in part.tolist():
            sheet.append(rows[row])
    statistics = book.create_sheet("Statistics_1-008")
    statistics.append(headers)
    statistics.append(rows[-1])
    book.save(path)


def dates_of(points: xr.Dataset) -> list[datetime]:
    """Date of each point."""
    return [START + timedelta(seconds=float(seconds)) for seconds in points["time"].values]


def headed(name: str) -> str:
    """A column of the database as exports with units name it."""
    return f"{name}({_UNITS[name]})" if name in _UNITS else name
