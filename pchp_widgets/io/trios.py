"""Exports of TA Instruments' TRIOS: text with a block for each step, and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .calorimetry import assigned, curve, mass_of
from .contract import Measured, ReaderError, ReadOptions
from .tables.rows import decoded, number_rows

FloatArray = npt.NDArray[np.float64]

_STEP = "[step]"
_SCHEMA = "TRIOSJSONExportSchema"
_PROVENANCE = {
    "instrument name": "instrument",
    "instrument type": "instrument",
    "serial number": "serial_number",
    "operator": "operator",
    "rundate": "recorded",
    "trios version": "software",
}


class TriosTextReader:
    """Text (tabs) or csv exported by TRIOS: lines of keys, then blocks headed ``[step]``."""

    name = "ta-trios-text"
    description = "TA Instruments TRIOS text or csv (DSC)"
    suffixes = (".txt", ".csv")
    version = "2"
    fallback = False
    technique = "thermal"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no TRIOS text of a calorimeter."""
        text = decoded(head)
        if _STEP not in text and not re.search(r"^\[(Procedure|Signal List|File Parameters)\]", text, re.MULTILINE):
            return "there is no [step] of TRIOS"
        if re.search(r"heat ?flow|^\W*instrument type\W+.*DSC", text, re.IGNORECASE | re.MULTILINE):
            return None
        return "it has steps as TRIOS writes them, but no heat flow"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        starts = [at for at, line in enumerate(lines) if line.strip().strip('",\t;').lower() == _STEP]
        if not starts:
            raise ReaderError(path, "there is no [step]: the file is cut in its header, or was exported without data")
        delimiter = "\t" if any("\t" in line for line in lines[starts[0] : starts[0] + 4]) else ","
        header = _pairs(lines[: starts[0]], delimiter)
        parts: list[dict[str, tuple[FloatArray, str]]] = []
        said: list[str] = []
        names = []
        exo_up: bool | None = None
        for number, (start, stop) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True)):
            block = [line for line in lines[start + 1 : stop] if line.strip().strip(delimiter)]
            if len(block) < 4:
                said.append(f"step {number + 1} holds no rows: left out")
                continue
            titles, units = ([cell.strip().strip('"') for cell in block[row].split(delimiter)] for row in (1, 2))
            places = assigned(path, titles, units, options)
            rows, doubts = number_rows(
                path, block[3:], len(titles), delimiter=delimiter, partial=options.partial, first_line=start + 5
            )
            said += [f"step {number + 1}: {text}" for text in doubts]
            names.append(block[0].strip().strip('",\t'))
            exo_up = next((one.exo_up for _, one in places.values() if one.exo_up is not None), exo_up)
            columns = {name: (rows[:, at], one.units) for name, (at, one) in places.items()}
            parts.append(columns | {"segment": (np.full(len(rows), float(len(parts))), "1")})
        stated = next((value for key, value in header.items() if key.startswith("exotherm")), "")
        exo_up = {"up": True, "down": False}.get(stated.lower().split(" ")[-1], exo_up)
        said += _unmet(header.get("proceduresegments", ""), names)
        data, doubts = curve(path, _joined(path, parts), exo_up=exo_up, attrs={"steps": names})
        metadata, unread = mass_of(header.get("sample mass", header.get("sample size", "")))
        provenance = {key: header[name] for name, key in reversed(_PROVENANCE.items()) if name in header}
        return Measured(data, metadata, provenance, dict(header), [*said, *doubts, *unread])


class TriosJsonReader:
    """JSON exported by TRIOS (schema ``TRIOSJSONExportSchema``)."""

    name = "ta-trios-json"
    description = "TA Instruments TRIOS JSON (DSC)"
    suffixes = (".json",)
    version = "1"
    fallback = False
    technique = "thermal"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no TRIOS JSON."""
        return None if _SCHEMA.encode() in head else f"there is no {_SCHEMA} in its beginning"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        try:
            content = json.loads(decoded(path.read_bytes()))
        except ValueError as error:
            raise ReaderError(path, f"is no whole JSON: {error}") from None
        results = _at(content, "Results")
        stored = _at(results, "Processed") or _at(results, "Original")
        headers, rows = _at(stored, "ColumnHeaders"), _at(stored, "Rows", [])
        if not headers or not rows:
            raise ReaderError(path, "there are no rows in Results: export it again with its data")
        keys = [str(key) for key in headers]
        titles = [str(_at(headers[key], "DisplayName", key)) for key in keys]
        units = [str(_at(_at(headers[key], "Unit"), "Name", "")) for key in keys]
        if not any(re.search("heat ?flow|wärmestrom", title, re.IGNORECASE) for title in titles):
            shown = ", ".join(titles[:6])
            raise ReaderError(path, f"is TRIOS JSON without a heat flow (it holds {shown}, ...): no calorimetry")
        places = assigned(path, titles, units, options)
        columns = {name: (_column(rows, keys[at]), one.units) for name, (at, one) in places.items()}
        steps = [str(_at(step, "Id", "")) for step in _at(stored, "ResultsSteps", [])]
        of_rows = next((key for key in keys if re.fullmatch(r"(procedure.?)?step.?id", key, re.IGNORECASE)), "")
        if of_rows and "segment" not in columns:
            found = [str(_at(row, of_rows, "")) for row in rows]
            order = {name: place for place, name in enumerate(dict.fromkeys([*steps, *found]))}
            columns["segment"] = (np.array([order[name] for name in found], float), "1")
        exo_up = next((one.exo_up for _, one in places.values() if one.exo_up is not None), None)
        data, said = curve(
            path, columns, exo_up=exo_up, attrs={"sample_name": str(_at(_at(content, "Sample"), "Name"))}
        )
        mass = _at(_at(content, "Sample"), "Mass")
        metadata, unread = mass_of(f"{_at(mass, 'Value', '')} {_at(_at(mass, 'Unit'), 'Name', '')}")
        provenance = {"recorded": str(_at(content, "StartTime", "") or "")}
        settings = {"procedure": _at(_at(content, "Procedure"), "Name", "")}
        return Measured(data, metadata, provenance, settings, [*said, *unread])


def _pairs(lines: Sequence[str], delimiter: str) -> dict[str, str]:
    """Keys in lower case and their values."""
    pairs = (line.rstrip("\r\n").split(delimiter, 1) for line in lines if delimiter in line)
    return {key.strip().strip('"').lower(): value.strip().strip(delimiter).strip('"') for key, value in pairs}


def _unmet(procedure: str, names: Sequence[str]) -> list[str]:
    """A doubt about segments of the procedure that come after the last step of the file and are of a step's kind."""
    rest = [segment.strip() for segment in procedure.split(";")]
    for name in names:
        if name not in rest:  # steps that are repeated, or were named anew
            return []
        rest = rest[rest.index(name) + 1 :]
    kinds = {name.split(" ")[0] for name in names}
    rest = [segment for segment in rest if segment.split(" ")[0] in kinds]
    if not rest:
        return []
    why = "the file was cut, the test stopped, or the step was not exported"
    return [f"the procedure goes on after the last step, with {rest[0]!r}: {why}"]


def _joined(path: Path, parts: Sequence[Mapping[str, tuple[FloatArray, str]]]) -> dict[str, tuple[FloatArray, str]]:
    """Steps one after the other, of columns and units that all of them have."""
    if not parts:
        raise ReaderError(path, "no step holds rows of numbers")
    common = [name for name in parts[0] if all(name in part for part in parts)]
    mixed = [name for name in common if len({part[name][1] for part in parts}) > 1]
    if mixed:
        raise ReaderError(path, f"the steps give {mixed[0]} in several units: export them with one")
    return {name: (np.concatenate([part[name][0] for part in parts]), parts[0][name][1]) for name in common}


def _at(content: Any, key: str, otherwise: Any = None) -> Any:
    """A member of an object of the file; what is no object has none."""
    found = content.get(key) if isinstance(content, Mapping) else None
    return ({} if otherwise is None else otherwise) if found is None else found


def _column(rows: Any, key: str) -> FloatArray:
    """A column of rows that are objects; what is no number is NaN."""
    values = (_at(row, key, np.nan) for row in rows)
    return np.array([value if isinstance(value, int | float) else np.nan for value in values], float)
