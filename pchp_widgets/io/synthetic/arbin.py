"""Small Arbin files with given contents: databases (.res), text exports and workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from .cycler import counted, step_time
from .mdb import Table, database
from .text import write_text

START = datetime(2024, 11, 21, 9)  # noqa: DTZ001  the clock on the wall
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


def write_arbin_res(
    path: Path | str,
    points: xr.Dataset,
    *,
    temperature: npt.ArrayLike | None = None,
    tests: int = 1,
    shuffled: bool = False,
    others: Mapping[str, Table] | None = None,
) -> None:
    """Write points as an Arbin results database.

    Parameters
    ----------
    path, points
        The file, and points as :func:`arbin_columns` takes them.
    temperature
        Of each point [degC], as an auxiliary channel called ``sensor A``, beside a second one that measures a voltage
        of 1 V.
    tests
        How many tests the points are parted among.
    shuffled
        Whether the rows are in no order.
    others
        Further tables, or others in the place of those that are written.
    """
    columns = arbin_columns(points)
    n = points.sizes["point"]
    whole = {"Data_Point", "Step_Index", "Cycle_Index"}
    order = np.random.default_rng(1).permutation(n) if shuffled else np.arange(n)
    test = np.arange(n) * tests // n + 1
    rows: Table = {
        "Test_ID": test[order].astype("i4"),
        **{name: values[order].astype("i4" if name in whole else "f8") for name, values in columns.items()},
        "DateTime": (days_of(START) + points["time"].values / 86400)[order],
    }
    last = float(points["time"][-1])
    tables: dict[str, Table] = {
        "Version_Table": {"Version_Schema_Field": ["Results File 5.23"]},
        "Global_Table": {
            "Test_ID": np.arange(1, tests + 1, dtype="i4"),
            "Test_Name": [f"synthetic-{number}" for number in range(1, tests + 1)],
            "Channel_Index": np.full(tests, 7, "i2"),
            "Start_DateTime": np.full(tests, days_of(START)),
            "Schedule_File_Name": ["synthetic.sdu"] * tests,
            "Comments": [None] * tests,
        },
        "Channel_Normal_Table": rows,
        "Event_Table": {
            "Test_ID": np.ones(2, "i4"),
            "Test_Time": np.array([0.0, last]),
            "Event_Describe": ["Test start", "Test end"],
        },
        "Auxiliary_Table": {"Test_ID": np.zeros(0, "i4")},
        "Aux_Global_Data_Table": {"Channel_Index": np.zeros(0, "i2")},
    }
    if temperature is not None:
        tables |= _auxiliaries(np.asarray(temperature, float))
    Path(path).write_bytes(database(tables | dict(others or {})))


def _auxiliaries(temperature: npt.NDArray[np.float64]) -> dict[str, Table]:
    n = len(temperature)
    kinds = np.repeat([1, 0], n)
    return {
        "Auxiliary_Table": {
            "Test_ID": np.ones(2 * n, "i4"),
            "Data_Point": np.tile(np.arange(1, n + 1), 2).astype("i4"),
            "Auxiliary_Index": np.zeros(2 * n, "i2"),
            "Data_Type": kinds.astype("i2"),
            "X": np.concatenate([temperature, np.ones(n)]).astype("f4"),
        },
        "Aux_Global_Data_Table": {
            "Channel_Index": np.array([6], "i2"),
            "Auxiliary_Index": np.array([0], "i2"),
            "Data_Type": np.array([1], "i2"),
            "Nickname": ["sensor A"],
            "Unit": ["C"],
        },
    }


def days_of(date: datetime) -> float:
    """A date as databases keep it: days since 1899-12-30."""
    return (date - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001  as START


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
    kept = [at for at, header in enumerate(headers) if not header.startswith(("Data_Point", "Step_"))]
    statistics.append([headers[at] for at in kept])
    statistics.append([rows[-1][at] for at in kept])
    book.save(path)


def dates_of(points: xr.Dataset) -> list[datetime]:
    """Date of each point."""
    return [START + timedelta(seconds=float(seconds)) for seconds in points["time"].values]


def headed(name: str) -> str:
    """A column of the database as exports with units name it."""
    return f"{name}({_UNITS[name]})" if name in _UNITS else name
