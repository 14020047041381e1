"""The benchmark map: full cells of a study beside those of others, by stated conventions."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from ..analysis import ledger
from ..analysis.audit import Facts
from ..model.units import UnitError, magnitude
from ..plots.benchmark import benchmark_map
from .display import Figure, Text
from .errors import ReportError
from .tables import Column, Table

FILE_NAME = "benchmarks.csv"
"""Beside ``study.toml``: cells of others, a row each, with the columns of :data:`COLUMNS`."""
COLUMNS: Mapping[str, str] = {
    "entry": "",
    "source": "",
    "convention": "",
    "n_to_p": "1",
    "cycles": "1",
    "retention": "1",
    "current_density": "mA cm-2",
    "areal_capacity": "mA h cm-2",
}
"""Columns of that file, with the units of those that are numbers; values may be written with units."""
CONVENTIONS = {"N/P": 0.0, "(N+P)/P": 1.0}
"""What is taken off a ratio stated by each convention: N is the lithium of the anode before the first charge."""


def benchmarks(facts: Facts, others: Path | None = None) -> xr.Dataset:
    """Full cells of a study by what it says of them, and those of others from a file.

    Parameters
    ----------
    facts
        Of the study, as :func:`~.study_facts.study_facts` gives them.
    others
        A file as :data:`FILE_NAME`; none where it is not there.

    Returns
    -------
    Dataset
        As :func:`pchp_widgets.plots.benchmark.benchmark_map` takes it, with ``areal_capacity`` [mA h cm-2] and
        ``source``.

    Raises
    ------
    ReportError
        When the file lacks a column, or a value is not what it should be; names the row.
    """
    rows = [row for subject, known in facts.numbers.items() if (row := _own(subject, facts))]
    rows += _read(others) if others and others.is_file() else []
    numbers = ("n_to_p", "cycles", "retention", "current_density", "areal_capacity", "cumulative_capacity", "own")
    texts = ("coating", "source")
    return xr.Dataset(
        {
            **{name: ("entry", np.array([row[name] for row in rows], float)) for name in numbers},
            **{name: ("entry", np.array([str(row[name]) for row in rows], str)) for name in texts},
        },
        {"entry": [str(row["entry"]) for row in rows]},
    )


def benchmark_results(found: xr.Dataset) -> list[object]:
    """Map and table; a sentence where there is no full cell."""
    if not found.sizes["entry"]:
        return [Text("No full cell with known capacity, lithium and retention.")]
    return [Figure((benchmark_map(found),), "Full cells: cycles against excess lithium."), _table(found)]


def _table(found: xr.Dataset) -> Table:
    return Table(
        "benchmarks",
        "Full cells side by side.",
        [
            Column("entry", found["entry"].values.tolist()),
            Column("n_to_p", found["n_to_p"].values.tolist(), digits=2),
            Column("areal_capacity", found["areal_capacity"].values.tolist(), "mA h cm-2", digits=1),
            Column("current_density", found["current_density"].values.tolist(), "mA cm-2", digits=1),
            Column("cycles", found["cycles"].values.tolist(), digits=0),
            Column("retention", (100 * found["retention"].values).tolist(), "%", digits=1),
            Column("cumulative_capacity", found["cumulative_capacity"].values.tolist(), "A h cm-2", digits=2),
            Column("source", found["source"].values.tolist()),
        ],
        definitions=[
            ("n to p", "lithium of the anode / nominal capacity of the cathode; (N+P)/P of others is brought to it"),
            ("retention", "after these cycles, against the third one in this study, as stated by others"),
            ("cumulative capacity", "nominal capacity x cycles, of others; charge of the cathode, not more"),
        ],
        notes=[f"Cells of others come from {FILE_NAME} beside study.toml, with the columns {', '.join(COLUMNS)}."],
    )


def _own(subject: str, facts: Facts) -> dict[str, object] | None:
    names = ("lithium_thickness", "nominal_capacity", "cycles", "retention", "current_density")
    known = {name: facts.of(subject, name) for name in names}
    if any(value is None for value in known.values()):
        return None
    values = {name: value.value for name, value in known.items() if value}
    capacity, cycles = values["nominal_capacity"], values["cycles"]
    return {
        "entry": subject,
        "source": "this study",
        "coating": subject.partition(",")[0].split()[-1],
        "n_to_p": float(ledger.lithium_capacity(values["lithium_thickness"])) / capacity,
        "cycles": cycles,
        "retention": values["retention"],
        "current_density": values["current_density"],
        "areal_capacity": capacity,
        "cumulative_capacity": capacity * cycles / 1e3,
        "own": 1.0,
    }


def _read(path: Path) -> list[dict[str, object]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if lacking:
            raise ReportError(f"{path}: the column {lacking[0]} is missing; it needs {', '.join(COLUMNS)}")
        return [_other(row, path, number) for number, row in enumerate(reader, 2)]


def _other(row: Mapping[str, str], path: Path, line: int) -> dict[str, object]:
    if row["convention"] not in CONVENTIONS:
        raise ReportError(f"{path}, line {line}: convention {row['convention']!r}; write {' or '.join(CONVENTIONS)}")
    values: dict[str, object] = {"entry": row["entry"], "source": row["source"], "coating": "", "own": 0.0}
    for name, units in COLUMNS.items():
        if units:
            values[name] = _number(row[name], units, f"{path}, line {line}: {name}")
    values["n_to_p"] = float(values["n_to_p"]) - CONVENTIONS[row["convention"]]  # type: ignore[arg-type]
    values["cumulative_capacity"] = float(values["areal_capacity"]) * float(values["cycles"]) / 1e3  # type: ignore[arg-type]
    return values


def _number(text: str, units: str, where: str) -> float:
    if not text.strip():
        return float("nan")
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return magnitude(text, units)
    except UnitError as error:
        raise ReportError(f"{where}: {error}") from None


__all__: Sequence[str] = ["COLUMNS", "CONVENTIONS", "FILE_NAME", "benchmark_results", "benchmarks"]
