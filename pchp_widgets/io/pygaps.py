"""Isotherms as pyGAPS writes them: JSON and csv."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..model.gases import gas_named
from .contract import Measured, ReaderError, ReadOptions
from .tables.isotherms import Table, bar_per, dataset, kelvin, metadata, number_in, uptake_factor

_OWN = frozenset({"pressure", "loading", "branch"})
_BRANCHES = {"ads": 0.0, "des": 1.0, "0": 0.0, "1": 1.0, "false": 0.0, "true": 1.0}


class PygapsJsonReader:
    """Isotherms in pyGAPS JSON."""

    name = "pygaps-json"
    description = "isotherms in the JSON of pyGAPS"
    suffixes = (".json",)
    version = "1"
    fallback = False
    technique = "sorption"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        if not head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
            return "no JSON object"
        if b'"adsorbate"' in head and (b'"isotherm_data"' in head or b'"file_version"' in head):
            return None
        return "JSON without an adsorbate and isotherm_data"

    def read(self, path: Path, options: ReadOptions) -> Measured:  # noqa: ARG002  a part of JSON is none
        """Read the whole file."""
        try:
            content = json.loads(path.read_bytes().decode("utf-8-sig"))
        except ValueError as error:
            raise ReaderError(path, f"is no whole JSON: {error}") from None
        if not isinstance(content, dict):
            raise ReaderError(path, "holds no isotherm: an object of JSON is expected")
        points = content.pop("isotherm_data", None)
        if not points or not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
            raise ReaderError(path, "holds no isotherm_data; a model without points is no measurement")
        names = list(dict.fromkeys(name for point in points for name in point))
        columns = {name: [point.get(name, "") for point in points] for name in names}
        return _measured(path, content, columns)


class PygapsCsvReader:
    """Isotherms in pyGAPS csv."""

    name = "pygaps-csv"
    description = "isotherms in the csv of pyGAPS"
    suffixes = (".csv",)
    version = "1"
    fallback = False
    technique = "sorption"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        wanted = (b"adsorbate,", b"data:[pressure,loading")
        return None if all(text in head for text in wanted) else "no lines 'adsorbate,' and 'data:[pressure,loading...'"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        before, _, after = text.partition("data:[")
        lines = [line.strip() for line in after.splitlines()[1:] if line.strip()]
        if not lines:
            raise ReaderError(path, "ends before its points")
        stated = dict(line.strip().split(",", 1) for line in before.splitlines() if "," in line)
        headers = [header.partition("(")[0].strip().lower() for header in lines[0].split(",")]
        rows = [line.split(",") for line in lines[1:]]
        short = [row for row in rows if len(row) != len(headers)]
        if (short or not text.endswith("\n")) and not options.partial:
            raise ReaderError(path, "ends in the middle of a line: partial=True gives the points before that")
        rows = [row for row in rows if len(row) == len(headers)]
        if not rows:
            raise ReaderError(path, "has no points")
        found = _measured(path, stated, dict(zip(headers, map(list, zip(*rows, strict=True)), strict=True)))
        if short:
            found.warnings.append(f"{len(short)} incomplete lines were left out")
        return found


def _measured(path: Path, stated: Mapping[str, object], columns: Mapping[str, list[object]]) -> Measured:
    for needed in ("pressure", "loading"):
        if needed not in columns:
            raise ReaderError(path, f"has no column {needed!r}; there are {', '.join(columns)}")
    said: list[str] = []
    gas = str(stated.get("adsorbate", ""))
    temperature = kelvin(stated.get("temperature", "nan"), str(stated.get("temperature_unit") or "K"))
    pressure = _numbers(columns["pressure"])
    mode = str(stated.get("pressure_mode", "absolute"))
    table = Table(_numbers(columns["loading"]) * _uptake_factor(path, stated, gas))
    if mode.startswith("relative"):
        table.relative = pressure / (100 if "%" in mode else 1)
        known = gas_named(gas)
        p0 = float(known.saturation_pressure(temperature)) if known else np.nan
        if np.isfinite(p0):
            table.pressure = table.relative * p0
    else:
        factor = bar_per(str(stated.get("pressure_unit", "")))
        if factor is None:
            raise ReaderError(path, f"pressure_unit {stated.get('pressure_unit')!r} is no unit of pressure")
        table.pressure = pressure * factor
    if "branch" in columns:
        ways = [_BRANCHES.get(str(way).strip().lower(), np.nan) for way in columns["branch"]]
        table.desorption = np.nan_to_num(np.array(ways))  # JSON marks desorption only
    table.further = {name: _numbers(values) for name, values in columns.items() if name not in _OWN}
    data = dataset(path, table, gas, temperature, said)
    activation = number_in(stated.get("activation_temperature", "nan"))
    degas = f"{activation!r} degC" if np.isfinite(activation) else ""
    material = str(stated.get("material", stated.get("material_name", "")))
    own = {"instrument": str(stated.get("instrument", stated.get("machine", ""))), "sample_id": material}
    own |= {"operator": str(stated.get("user", "")), "start_time": str(stated.get("date", ""))}
    return Measured(
        data,
        metadata(gas, temperature, material=material, degas_temperature=degas),
        {name: text for name, text in own.items() if text},
        {name: value for name, value in stated.items() if isinstance(value, str | int | float)},
        said,
    )


def _uptake_factor(path: Path, stated: Mapping[str, object], gas: str) -> float:
    basis, mass_basis = str(stated.get("loading_basis", "molar")), str(stated.get("material_basis", "mass"))
    unit, per = str(stated.get("loading_unit", "mmol")), str(stated.get("material_unit", "g"))
    found = uptake_factor(f"{unit} / {per}", gas) if mass_basis == "mass" and not basis.startswith("volume") else None
    if basis in {"percent", "fraction"}:
        found = uptake_factor("wt%", gas)
        found = 100 * found if found and basis == "fraction" else found
    if found is None:
        raise ReaderError(
            path, f"loading in {unit} ({basis}) per {per} ({mass_basis}): an amount per mass is expected, mmol per g"
        )
    return found


def _numbers(values: list[object]) -> np.ndarray:
    return np.array([number_in(value) for value in values])
