"""Small Maccor text files with given contents, in the dialects in circulation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from .cycler import counted, step_time
from .text import write_text

START = datetime(2024, 11, 21, 9)  # noqa: DTZ001  the clock on the wall
"""Start of the tests that are written."""

Dialect = Literal["backup", "clock", "milli", "csv"]
_PREAMBLES: dict[str, tuple[str, ...]] = {
    "backup": (
        "Today's Date 11/22/2024  Date of Test:\t11/21/2024\t Filename:\ta.001 Procedure: a.000\tComment/Barcode:",
    ),
    "clock": (
        "Today's Date:\t22 November 2024\tDate of Test:\t21 November 2024, 9:00:00 AM",
        "Filename:\tsynthetic\tTester Channel:\t1",
        "Procedure:\tsynthetic.000\tDescription:\tcell 1",
    ),
    "milli": ("Today''s Date\t11/22/2024 9:00:00 AM", "", "Date of Test:\t11/21/2024 9:00:00 AM", ""),
    "csv": ("Today's Date ,22-Nov-24", "Date of Test:,21-Nov-24 9:00:00 AM"),
}


def write_maccor(path: Path | str, points: xr.Dataset, dialect: Dialect = "backup") -> None:
    """Write points as Maccor text; the counters start again at each step.

    Parameters
    ----------
    path
        The file.
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA], ``instrument_cycle``,
        ``instrument_step``.
    dialect
        ``"backup"``: seconds, A and V, signed, as the tester keeps its tests (.001); ``"clock"``: durations as a
        clock shows them, the current a magnitude; ``"milli"``: mA and mV, though the header says Volts; ``"csv"``:
        commas, no units, no state.
    """
    current = points["current"].values
    counters = counted(points, points["instrument_step"].values)
    charge = counters["charge"] + counters["discharge"]
    energy = np.abs(counters["charge_energy"]) + np.abs(counters["discharge_energy"])
    scale = 1.0 if dialect == "milli" else 1e3
    state = np.where(current > 0, "C", np.where(current < 0, "D", "R"))
    dates = [START + timedelta(seconds=float(seconds)) for seconds in points["time"].values]
    shared: dict[str, npt.ArrayLike] = {
        "time": points["time"].values,
        "step_time": step_time(points),
        "charge": charge / scale,
        "energy": energy / scale,
        "current": (np.abs(current) if dialect == "clock" else current) / scale,
        "voltage": points["voltage"].values * (1e3 if dialect == "milli" else 1.0),
    }
    head = {
        "Rec": np.arange(1, points.sizes["point"] + 1),
        "Cycle": points["instrument_cycle"].values,
        "Step": points["instrument_step"].values,
    }
    columns = _named(head, shared, state, dates, dialect)
    newline = "\r\n" if dialect == "backup" else "\n"
    delimiter = "," if dialect == "csv" else "\t"
    write_text(path, columns, delimiter=delimiter, preamble=_PREAMBLES[dialect], newline=newline)


def write_maccor_impedance(
    path: Path | str, frequency: npt.ArrayLike, impedance: npt.ArrayLike, *, ohms: float = 1.0
) -> None:
    """Write a spectrum as Maccor's frequency response analyser does.

    Parameters
    ----------
    path
        The file.
    frequency, impedance
        [Hz], complex [ohm], (point)
    ohms
        Unit of the impedance in the file [ohm]; the capacitance beside it is in F whatever it is.
    """
    f, z = np.asarray(frequency, float), np.asarray(impedance, complex)
    names = "Freq(Hz) Polar(V) time(sec) Z'(a) Z''(b) Phase_Angle Z-Mag C(F) Status irg VMag IMag V-DC isg rc"
    header = names.replace(" ", "\t")
    lines = [
        "MACCOR, INC.    AC Impedance Test", "Frequency Sweep:   Open Circut Voltage", "EIS 1.000",
        "Start Date:  Thursday, November 21, 2024 Start Time:   9:00", "", header, "",
    ]  # fmt: skip
    for number, (one, at) in enumerate(zip(f, z, strict=True)):
        written = at / ohms
        capacitance = 1 / (2 * np.pi * one * at.imag)
        cells = (one, 2 * np.pi * one, 2.5 * number, written.real, written.imag, np.angle(at, deg=True), abs(written))
        numbers = "\t".join(f"{cell:.6f}" for cell in cells)
        lines.append(f"{numbers}\t{capacitance:.6f}\t10.0\t\t\t\t3.909893\t\t")
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\r\n")


def _named(
    head: Mapping[str, npt.ArrayLike],
    shared: Mapping[str, npt.ArrayLike],
    state: npt.ArrayLike,
    dates: list[datetime],
    dialect: Dialect,
) -> dict[str, npt.ArrayLike]:
    names = {
        "backup": ("Test (Sec)", "Step (Sec)", "Amp-hr", "Watt-hr", "Amps", "Volts"),
        "clock": ("TestTime", "StepTime", "Amp-hr", "Watt-hr", "Amps", "Volts"),
        "milli": ("TestTime", "StepTime", "mAmp-hr", "mWatt-hr", "mAmps", "Volts"),
        "csv": ("Test Time (sec)", "Step Time (sec)", "Capacity", "Energy", "Current", "Voltage"),
    }[dialect]
    values = dict(zip(names, shared.values(), strict=True))
    if dialect in {"clock", "milli"}:
        values |= {name: [_clock(seconds) for seconds in np.asarray(values[name])] for name in names[:2]}
    first = ("Rec", "Cycle C", "Step") if dialect == "csv" else ("Rec#", "Cyc#", "Step")
    found = dict(zip(first, head.values(), strict=True)) | values
    if dialect == "csv":
        return found | {"DPT Time": [f"{date:%d-%b-%y %I:%M:%S %p}" for date in dates]}
    shown = "%m/%d/%Y %I:%M:%S %p" if dialect == "milli" else "%m/%d/%Y %H:%M:%S"
    return found | {"State": state, "ES": np.ones(len(dates), int), "DPt Time": [f"{date:{shown}}" for date in dates]}


def _clock(seconds: float) -> str:
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    return f"  {days:.0f}d {hours:02.0f}:{rest // 60:02.0f}:{rest % 60:05.2f}"
