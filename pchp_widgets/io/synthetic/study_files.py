"""Writers of the raw files of the demo study, each as an instrument or a person would leave it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from ...model.schema import CONTROLS
from ..bdf import write_bdf
from .eclab import Statements, gcpl_columns, write_mpr, write_mpt
from .neware import write_ndax

_OF_BDF = ("time", "voltage", "current", "instrument_cycle", "instrument_step")
_IMPEDANCE = ("freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm")
_FEW = ("mode", "ox/red", "error", "control changes", "Ns changes", "counter inc.", "Ns", "time/s", "dq/mA.h", "Ewe/V")


def small_mpr(points: xr.Dataset, path: Path) -> None:
    """EC-Lab's binary file with few columns: charge, rest, discharge, rest are its sequences."""
    time, voltage, current = trace(points)
    order = (points["instrument_step"].values - 1) % 4
    columns = gcpl_columns(time, voltage, current, sequence=order)
    said = Statements(comment="synthetic", original_file=f"C:\\data\\{path.name}")
    write_mpr(path, {name: columns[name] for name in _FEW}, said)


def mpt(points: xr.Dataset, path: Path) -> None:
    """EC-Lab's text export with decimal commas."""
    time, voltage, current = trace(points)
    columns = gcpl_columns(time, voltage, current, sequence=np.where(current < 0, 0, 1))
    chosen: dict[str | int, np.ndarray] = {
        name: columns[name] for name in ("mode", "ox/red", "Ns", "time/s", "dq/mA.h", "(Q-Qo)/mA.h", "Ewe/V")
    }
    write_mpt(path, chosen | {"<I>/mA": current}, Statements(comment="synthetic"), decimal=",")


def modulo_bat_mpr(points: xr.Dataset, path: Path) -> None:
    """EC-Lab's binary file of steps and spectra by turns, with the counter of the charge."""
    counter: dict[str | int, np.ndarray] = {"(Q-Qo)/mA.h": points["charge_counter"].values}
    write_mpr(path, _modulo_bat_columns(points) | counter, _modulo_bat(path))


def small_modulo_bat_mpr(points: xr.Dataset, path: Path) -> None:
    """The same without the counter."""
    write_mpr(path, _modulo_bat_columns(points), _modulo_bat(path))


def modulo_bat_mpt(points: xr.Dataset, path: Path) -> None:
    """The text export of that, with decimal commas."""
    write_mpt(path, _modulo_bat_columns(points), _modulo_bat(path), decimal=",")


def peis_mpt(points: xr.Dataset, path: Path) -> None:
    """EC-Lab's text export of spectra, with the temperature of the chamber."""
    time, voltage, current = trace(points)
    columns: dict[str | int, np.ndarray] = {name: points[name].values for name in _IMPEDANCE}
    columns |= {"time/s": time, "<Ewe>/V": voltage, "<I>/mA": current, "Temperature/°C": points["temperature"].values}
    write_mpt(path, columns, Statements(technique="PEIS", comment="synthetic"))


def _modulo_bat(path: Path) -> Statements:
    return Statements(technique="MB", comment="synthetic", original_file=f"C:\\data\\{path.name}")


def _modulo_bat_columns(points: xr.Dataset) -> dict[str | int, np.ndarray]:
    time, voltage, current = trace(points)
    control = points["control"].values
    mode = np.select([control == CONTROLS.index(name) for name in ("cc", "rest")], [1, 3], 2)
    sequence = np.select([control == CONTROLS.index("eis"), current < 0], [2, 0], 1)
    columns: dict[str | int, np.ndarray] = {name: points[name].values for name in _IMPEDANCE}
    return {"mode": mode, "Ns": sequence, "time/s": time, "Ewe/V": voltage, "I/mA": current, **columns}


def bdf(points: xr.Dataset, path: Path) -> None:
    """Battery Data Format; it says what was held where the trace has steps at constant voltage."""
    held = ("control",) if bool((points["control"] == CONTROLS.index("cv")).any()) else ()
    kept = points[[*_OF_BDF, *held]]
    digits = {"time": 3, "voltage": 6, "current": 6}
    write_bdf(kept.assign({name: kept[name].round(count) for name, count in digits.items()}), path)


def ndax(points: xr.Dataset, path: Path) -> None:
    """Neware's zip."""
    write_ndax(path, points)


def tabs(points: xr.Dataset, path: Path) -> None:
    """A text table with units in brackets."""
    rows = zip(*trace(points), strict=True)
    lines = ["Time [s]\tVoltage [mV]\tCurrent [mA]", *(f"{t:.1f}\t{1e3 * v:.3f}\t{i:.5f}" for t, v, i in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")


def semicolons(points: xr.Dataset, path: Path) -> None:
    """A table with decimal commas, as a spreadsheet saves it in many countries."""
    rows = zip(*trace(points), points["instrument_cycle"].values, strict=True)
    lines = [f"{t / 3600:.7f};{v:.4f};{i:.5f};{n}".replace(".", ",") for t, v, i, n in rows]
    text = "\n".join(["Time (h);Voltage (V);Current (mA);Cycle", *lines, ""])
    path.write_text(text, "utf-8", newline="\n")


def voltage_only(points: xr.Dataset, path: Path) -> None:
    """A table without the current, which a person has to state."""
    time, voltage, _ = trace(points)
    lines = ["Time (h);ΔE (V)", *(f"{t / 3600:.6f};{v:.5f}" for t, v in zip(time, voltage, strict=True))]
    path.write_text("\n".join(lines) + "\n", "utf-8-sig", newline="\n")


def trace(points: xr.Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time [s], voltage [V], current [mA]."""
    return points["time"].values, points["voltage"].values, points["current"].values
