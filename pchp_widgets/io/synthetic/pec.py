"""Small PEC csv exports with given contents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from .cycler import counted, step_time
from .text import write_text

START = datetime(2024, 11, 21, 9)  # noqa: DTZ001  the clock on the wall
"""Start of the tests that are written."""


def write_pec(
    path: Path | str, points: xr.Dataset, *, cells: Sequence[str] = ("1",), ended: bool = True, newer: bool = False
) -> None:
    """Write points as PEC csv; the counters start again at each cycle.

    Parameters
    ----------
    path
        The file.
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA], ``instrument_cycle``,
        ``instrument_step``.
    cells
        Positions of the tester whose records take turns; one is a sound file of one cell.
    ended
        Whether the preamble tells of the end of the test.
    newer
        Time as a clock shows it, V and A, and the name of each instruction; else s, mV and mA.
    """
    n = points.sizes["point"]
    counters = counted(points, points["instrument_cycle"].values)
    dates = [START + timedelta(seconds=float(seconds)) for seconds in points["time"].values]
    columns: dict[str, npt.ArrayLike] = {
        "Test": np.full(n, 187),
        "Cell": np.ones(n, int),
        "Rack": ["SBT0550"] * n,
        "Shelf": ["001"] * n,
        "Position": [cells[number % len(cells)] for number in range(n)],
        "Step": points["instrument_step"].values,
        "Cycle": points["instrument_cycle"].values,
        "Total Time (Seconds)": points["time"].values,
        "Step Time (Seconds)": step_time(points),
        "Real Time": [f"{date:%m/%d/%Y %H:%M:%S}" for date in dates],
        "Position Start Time": [f"{START:%m/%d/%Y %H:%M:%S}"] * n,
        "Voltage (mV)": points["voltage"].values * 1e3,
        "Current (mA)": points["current"].values,
        "Charge Capacity (mAh)": counters["charge"],
        "Discharge Capacity (mAh)": counters["discharge"],
        "Charge Capacity (mWh)": counters["charge_energy"],
        "Discharge Capacity (mWh)": counters["discharge_energy"],
        "ReasonCode": np.full(n, 2),
        "Ambient temperature (°C)": np.full(n, 25.5),
        "Cell surface temperature (°C)": np.full(n, 24.5),
        "": [""] * n,
    }
    if newer:
        columns = _newer(columns, points)
    preamble = [
        "Request Year:,2024", "Test:,187", "TestRegime Name:,synthetic", "Start Time:,11/21/2024 09:00:00",
        f"End Time:,{'11/22/2024 09:00:00' if ended else '1/1/0001 0:00'}", "Requestor:,Admin", "#RESULTS CHECK",
        "ReqYear,Test,CellNr,Type,Value,Reason,", "2024,187,1,1,3272,3,", "#END RESULTS CHECK",
    ]  # fmt: skip
    write_text(path, columns, preamble=preamble)


def _newer(columns: dict[str, npt.ArrayLike], points: xr.Dataset) -> dict[str, npt.ArrayLike]:
    """The columns as later versions of the software name and write them."""
    renamed = {
        "Total Time (Seconds)": "Total Time (Hours in hh:mm:ss.xxx)",
        "Voltage (mV)": "Voltage (V)",
        "Current (mA)": "Current (A)",
        "Charge Capacity (mWh)": "Charge Energy (mWh)",
        "Discharge Capacity (mWh)": "Discharge Energy (mWh)",
        "Cell surface temperature (°C)": "Temp (°C)",
        "Ambient temperature (°C)": "Station Temperature (°C)",
    }
    seconds = points["time"].values
    clock = [f"{one // 3600:02.0f}:{one // 60 % 60:02.0f}:{one % 60:06.3f}" for one in seconds]
    found = {renamed.get(name, name): values for name, values in columns.items()}
    found |= {
        "Total Time (Hours in hh:mm:ss.xxx)": clock,
        "Voltage (V)": points["voltage"].values,
        "Current (A)": points["current"].values / 1e3,
    }
    current = points["current"].values
    names = np.where(current > 0, "CC charge", np.where(current < 0, "CC discharge", "Idle"))
    return {name: found[name] for name in [*found][:-1]} | {"Instruction Name": names, "": found[""]}
