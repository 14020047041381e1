"""Small files of isotherms, in every format that is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.gases import GASES, STP_VOLUME, ZERO_CELSIUS
from .xls import Cell, workbook

FloatArray = npt.NDArray[np.float64]

_TORR = 760 / 1.01325
_LONG = {"CO2": "carbon dioxide", "N2": "nitrogen", "Ar": "argon"}


class _Isotherm(NamedTuple):
    pressure: FloatArray
    """[bar]"""
    saturation: float
    """[bar]"""
    uptake: FloatArray
    """[mmol g-1]"""
    desorption: FloatArray
    gas: str
    temperature: float
    """[K]"""
    mass: float
    """[g]"""
    name: str


def aif(data: xr.Dataset, path: Path) -> Path:
    """An adsorption information file."""
    one = _of(data)
    lines = [
        "data_synthetic", f"_exptl_adsorptive {one.gas}", f"_exptl_temperature {one.temperature!r}",
        f"_adsnt_sample_mass {one.mass!r}", f"_adsnt_material_id '{one.name}'", "_units_temperature K",
        "_units_pressure kPa", "_units_mass g", "_units_loading 'cm^3(STP) g^-1'",
    ]  # fmt: skip
    for word, way in (("adsorp", 0), ("desorp", 1)):
        chosen = one.desorption == way
        if chosen.any():
            lines += ["", "loop_", f"_{word}_pressure", f"_{word}_p0", f"_{word}_amount"]
            lines += [
                f"{100 * p!r} {100 * one.saturation!r} {n * STP_VOLUME!r}"
                for p, n in zip(one.pressure[chosen].tolist(), one.uptake[chosen].tolist(), strict=True)
            ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def pygaps_json(data: xr.Dataset, path: Path) -> Path:
    """The JSON of pyGAPS."""
    one = _of(data)
    points = [
        {"pressure": p, "loading": n} | ({"branch": "des"} if way else {})
        for p, n, way in zip(one.pressure.tolist(), one.uptake.tolist(), one.desorption.tolist(), strict=True)
    ]
    stated = _stated(one) | {"file_version": "3.0", "isotherm_data": points}
    path.write_text(json.dumps(stated, indent=1), encoding="utf-8")
    return path


def pygaps_csv(data: xr.Dataset, path: Path) -> Path:
    """The csv of pyGAPS."""
    one = _of(data)
    lines = [f"{name},{value}" for name, value in _stated(one).items()]
    lines += ["data:[pressure,loading,branch,(otherdata)]", "pressure(bar),loading(mmol),branch"]
    columns = zip(one.pressure.tolist(), one.uptake.tolist(), one.desorption.tolist(), strict=True)
    lines += [f"{p!r},{n!r},{'des' if way else 'ads'}" for p, n, way in columns]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def novawin(data: xr.Dataset, path: Path) -> Path:
    """The text of Quantachrome's NovaWin."""
    one = _of(data)
    lines = [
        "                       Quantachrome NovaWin - Data Acquisition and Reduction",
        "",
        f"Sample ID:     {one.name}               Filename:      {one.name}.qps",
        f"Sample weight: {one.mass!r} g             Sample Volume: 1 cc",
        "Outgas Time:   12.0 hrs            OutgasTemp:    80.0 C",
        f"Analysis gas:  {_LONG[one.gas].title()}            Bath Temp:     {one.temperature!r} K",
        "",
        "              P/Po                             Po                         Volume @ STP",
        "",
        "                                              Torr                             cc",
        "",
    ]
    torr = one.saturation * _TORR
    lines += [
        f"               {p / one.saturation!r}          {torr!r}          {n * STP_VOLUME * one.mass!r}"
        for p, n in zip(one.pressure.tolist(), one.uptake.tolist(), strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="latin-1")
    return path


def micromeritics(data: xr.Dataset, path: Path) -> Path:
    """The report of Micromeritics' MicroActive, two of its tables side by side."""
    one = _of(data)
    bar: list[Cell] = ["|"]
    rows: list[list[Cell]] = [
        ["3Flex 5.02", "3500", "Page 1", None, *bar],
        ["Sample:", one.name, None, None, *bar],
        ["Started:", "01/01/2024 00:00:00", "Analysis adsorptive:", one.gas, *bar],
        ["Completed:", "", "Analysis bath temp.:", f"{one.temperature!r} K", *bar],
        ["Sample mass:", f"{one.mass!r} g", "Ambient free space:", "1.0000 cm³ Entered", *bar],
        [],
        ["Summary Report", None, None, None, *bar, "Isotherm Tabular Report"],
        [],
        [
            None, None, None, None, *bar,
            "Relative Pressure (p/p°)", "Quantity Adsorbed (cm³/g STP)", "Saturation Pressure (mbar)", *bar,
        ],
        [None, None, None, None, *bar, None, None, one.saturation * 1e3, *bar],
    ]  # fmt: skip
    points = zip(one.pressure.tolist(), one.uptake.tolist(), strict=True)
    rows += [[None, None, None, None, *bar, p / one.saturation, n * STP_VOLUME, None, *bar] for p, n in points]
    path.write_bytes(workbook({"Sheet1": rows}))
    return path


def columns(data: xr.Dataset, path: Path) -> Path:
    """Two columns of text, the relative pressure and the amount."""
    one = _of(data)
    lines = ["Relative Pressure (P/Po), Quantity Adsorbed (cm3/g STP)"]
    lines += [
        f"{p / one.saturation!r},{n * STP_VOLUME!r}"
        for p, n in zip(one.pressure.tolist(), one.uptake.tolist(), strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


WRITERS: dict[str, tuple[str, Callable[[xr.Dataset, Path], Path]]] = {
    "aif": (".aif", aif),
    "isotherm-table": (".csv", columns),
    "micromeritics-xls": (".xls", micromeritics),
    "pygaps-csv": (".csv", pygaps_csv),
    "pygaps-json": (".json", pygaps_json),
    "quantachrome-text": (".txt", novawin),
}
"""Ending and writer of each format, by the name of its reader; one takes what :func:`.sorption.isotherm` gives."""


def _of(data: xr.Dataset) -> _Isotherm:
    kelvin = float(data["temperature"].item()) + ZERO_CELSIUS
    gas = GASES[str(data["gas"].item())]
    known = float(data["mass"].item()) / 1e3 if "mass" in data.coords else 0.06
    p0 = float(gas.saturation_pressure(kelvin))
    name = str(data["sample"].item())
    arrays = (data[column].values[0] for column in ("pressure", "uptake", "desorption"))
    pressure, uptake, desorption = arrays
    return _Isotherm(pressure, p0, uptake, desorption, gas.name, round(kelvin, 9), known, name)


def _stated(one: _Isotherm) -> dict[str, object]:
    return {
        "adsorbate": _LONG[one.gas], "material": one.name, "temperature": one.temperature, "temperature_unit": "K",
        "pressure_mode": "absolute", "pressure_unit": "bar", "loading_basis": "molar", "loading_unit": "mmol",
        "material_basis": "mass", "material_unit": "g", "activation_temperature": 80.0,
    }  # fmt: skip
