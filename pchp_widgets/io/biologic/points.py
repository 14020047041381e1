"""EC-Lab's columns to the points of the model; the same for the binary file and its text export."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ...model.schema import CONTROLS, POINTS, dataset
from ..contract import Recording
from ..tables.counters import restarted
from .columns import is_impedance, units
from .findings import Findings
from .soundness import Mask, sound_columns
from .spectra import flat_spectra, impedance_rows, sign_stated
from .table import Array, Table
from .techniques import IMPEDANCE, OPEN_CIRCUIT

TIME = "time/s"
VOLTAGES = ("Ewe/V", "<Ewe>/V", "Ecell/V")
CURRENTS = ("I/mA", "<I>/mA")
_DERIVED = "current from dq"
_CHARGES = {"(Q-Qo)/mA.h": 1.0, "(Q-Qo)/C": 1 / 3.6}
_ENERGIES = {"Energy we/W.h": 1e3}
_REST_MODE = 3
_CONTROL_OF_MODE = np.array([CONTROLS.index(name) for name in ("unknown", "cc", "cv", "rest")], np.int8)
_EIS = CONTROLS.index("eis")
_KEPT = frozenset({"half cycle", "dq/mA.h"})
"""Columns that stay under their own name although a variable was derived from them."""
_NAMES = frozenset(entry.name for entry in POINTS)


@np.errstate(all="ignore")  # a changed byte may give any number; sound_columns judges them
def recording(table: Table, findings: Findings) -> Recording:
    """Points and spectra of a table.

    ``voltage`` is ``Ewe/V``, else ``<Ewe>/V``, else ``Ecell/V``; ``current`` is ``I/mA``, else ``<I>/mA``, else
    dq over dt, else 0 where the technique or every mode is open circuit. ``instrument_cycle`` is EC-Lab's cycle number
    (half cycle // 2 where the file stores half cycles only), ``instrument_step`` counts the changes of sequence and
    loop. The attribute ``source`` of a variable names its column; every other column stays under EC-Lab's name.

    Raises
    ------
    ReaderError
        When there is no time, voltage or current, or a row is impossible and only the whole file will do.
    """
    _derive_current(table.columns)
    table.columns = sound_columns(table.columns, findings, needs_row_before=_DERIVED in table.columns)
    rows = impedance_rows(table.columns)
    voltage_name = next((name for name in VOLTAGES if name in table.columns), None)
    voltage = None if voltage_name is None else table.columns[voltage_name].astype(float)
    spectra = flat_spectra(table, rows, voltage, findings)
    lacking = _lacking(table)
    if lacking and spectra is None:
        findings.refuse(f"has no column {lacking}, or none that can be placed. Export it again from EC-Lab with it")
    if lacking:
        findings.note(f"has no column {lacking}: its spectra were read, no points can be made of it")
    return Recording(
        points=xr.Dataset() if lacking else _points(table, rows, voltage_name or "", findings),
        spectra=spectra,
        metadata=table.metadata,
        provenance={key: text for key, text in (table.provenance | sign_stated(spectra, table)).items() if text},
        settings=table.settings,
        warnings=findings.warnings,
        finished=table.finished,
    )


def _lacking(table: Table) -> str:
    """What points cannot be made without and the file does not have; empty when it has all."""
    columns = table.columns
    if TIME not in columns:
        return TIME
    if not any(name in columns for name in VOLTAGES):
        return " or ".join(VOLTAGES)
    if any(name in columns for name in (*CURRENTS, _DERIVED)) or _is_open_circuit(table):
        return ""
    return " or ".join((*CURRENTS, "dq/mA.h"))


def _is_open_circuit(table: Table) -> bool:
    mode = table.columns.get("mode")
    return table.technique in OPEN_CIRCUIT or (mode is not None and bool(np.all(mode == _REST_MODE)))


def _points(table: Table, rows: Mask | None, voltage_name: str, findings: Findings) -> xr.Dataset:
    columns = table.columns
    if not len(columns[TIME]):
        findings.note("the file holds no points")
    current, current_source, origin = _current(columns)
    found: dict[str, Array] = {
        "time": columns[TIME],
        "voltage": columns[voltage_name].astype(float),
        "current": current,
    }
    sources = {"time": TIME, "voltage": voltage_name, "current": current_source}
    for name, (source, values) in (_counters(columns) | _temperature(columns)).items():
        found[name], sources[name] = values, source
    step = _instrument_step(columns)
    origins = {"current": origin}
    if step is not None:
        found["instrument_step"] = step
        origins |= _undo_restarts(found)
    control = _control(table, rows)
    if control is not None:
        found["control"] = control
    taken = set(sources.values()) - _KEPT
    for name, values in columns.items():
        if name not in taken and not (rows is not None and is_impedance(name)):
            found[name if name not in _NAMES else f"EC-Lab {name}"] = values
    points = dataset("points", found)
    _describe(points, sources, origins)
    return points


def _current(columns: dict[str, Array]) -> tuple[Array, str, str]:
    """Current [mA], the column it is from, and how it was derived where it was not measured."""
    for name in CURRENTS:
        if name in columns:
            # beside control/V/mA and dq the text export computes <I> from dq, as is done below
            derived = name == "<I>/mA" and "control/V/mA" in columns and "dq/mA.h" in columns
            return columns[name].astype(float), name, "derived: dq/dt" if derived else ""
    if _DERIVED in columns:
        return columns.pop(_DERIVED), "dq/mA.h", "derived: dq/dt"
    return np.zeros(len(columns[TIME])), "", "derived: open circuit"


def _derive_current(columns: dict[str, Array]) -> None:
    """Add the mean current [mA] since the row before where only the charge since then is stored; 0 in the first row."""
    if not {TIME, "dq/mA.h"} <= columns.keys() or any(name in columns for name in CURRENTS):
        return
    time, charge = columns[TIME], columns["dq/mA.h"]
    current = np.zeros(len(time))
    if len(time) > 1:
        elapsed = np.diff(time)
        passed = charge[1:] * 3600.0
        np.divide(passed, elapsed, out=current[1:], where=elapsed > 0)
    columns[_DERIVED] = current


def _counters(columns: dict[str, Array]) -> dict[str, tuple[str, Array]]:
    """The instrument's own counters: name in the model to column and values."""
    found: dict[str, tuple[str, Array]] = {}
    for name, scales in (("charge_counter", _CHARGES), ("energy_counter", _ENERGIES)):
        source = next((column for column in scales if column in columns), None)
        if source is not None:
            scale = scales[source]
            found[name] = source, columns[source] if scale == 1 else columns[source] * np.float64(scale)
    if "cycle number" in columns and bool(np.all(np.abs(columns["cycle number"]) < 2**31)):
        found["instrument_cycle"] = "cycle number", columns["cycle number"].astype(np.int64)
    elif "half cycle" in columns:
        found["instrument_cycle"] = "half cycle", (columns["half cycle"] // 2).astype(np.int64)
    return found


def _temperature(columns: dict[str, Array]) -> dict[str, tuple[str, Array]]:
    name = "Temperature/°C"
    return {"temperature": (name, columns[name].astype(float))} if name in columns else {}


def _instrument_step(columns: dict[str, Array]) -> Array | None:
    """Count of the changes of sequence (also into itself) and loop up to each row; None where nothing tells."""
    counters = [columns[name] for name in ("Ns", "loop") if name in columns]
    marks = columns.get("Ns changes")
    if not counters and marks is None:
        return None
    rows = len(columns[TIME])
    begins = np.zeros(rows, bool) if marks is None else marks != 0
    begins[:1] = False
    for counter in counters:
        begins[1:] |= counter[1:] != counter[:-1]
    first = np.flatnonzero(begins)
    return np.repeat(np.arange(len(first) + 1), np.diff(first, prepend=0, append=rows))


def _control(table: Table, rows: Mask | None) -> Array | None:
    """What the instrument held in each row; None where the file does not tell."""
    mode = table.columns.get("mode")
    if mode is not None:
        control = _CONTROL_OF_MODE.take(mode.astype(np.intp))
    elif rows is not None:
        between = CONTROLS.index(IMPEDANCE.get(table.technique, "unknown"))
        control = np.full(len(rows), between, np.int8)
    elif table.technique in OPEN_CIRCUIT:
        return np.full(len(table.columns[TIME]), CONTROLS.index("rest"), np.int8)
    else:
        return None
    if rows is not None:
        control[rows] = _EIS
    return control


def _undo_restarts(found: dict[str, Array]) -> dict[str, str]:
    """Let counters that begin anew at a sequence or a loop go on instead; what was derived so, and how.

    A restart is only a change against the current on both sides of it, or twice as large as these can bring about.
    """
    derived: dict[str, str] = {}
    ends = np.flatnonzero(np.diff(found["instrument_step"])) + 1
    begins = ends - 1
    hours = (found["time"][ends] - found["time"][begins]) / 3600.0
    for name in found.keys() & {"charge_counter", "energy_counter"}:
        first, last = found["current"][begins], found["current"][ends]
        if name == "energy_counter":
            first, last = first * found["voltage"][begins], last * found["voltage"][ends]
        before, after = found[name][begins], found[name][ends]
        change, most = after - before, np.maximum(np.abs(first), np.abs(last)) * np.abs(hours)
        against = (change * last <= 0) & (change * first <= 0)
        again = (against | (np.abs(change) > 2 * most)) & restarted(before, after, (first + last) * hours / 2)
        if again.any():
            lost = np.zeros(len(found[name]))
            lost[ends[again]] = before[again]
            found[name] = found[name] + np.cumsum(lost)
            derived[name] = f"derived: without its restarts at a sequence or loop ({np.count_nonzero(again)})"
    return derived


def _describe(points: xr.Dataset, sources: dict[str, str], origins: dict[str, str]) -> None:
    """Say of each variable which column it is from, and give EC-Lab's own columns their units."""
    for name, variable in points.variables.items():
        source = sources.get(str(name), "")
        if source:
            variable.attrs["source"] = source
        elif name not in _NAMES:
            unit = units(str(variable.attrs["long_name"]))
            if unit:
                variable.attrs["units"] = unit
    for name, origin in origins.items():
        if origin:
            points.variables[name].attrs["origin"] = origin
    if sources.get("instrument_cycle") == "half cycle":
        points.variables["instrument_cycle"].attrs["origin"] = "derived: half cycle // 2, as EC-Lab counts cycles"
    if "instrument_step" in points.variables:
        points.variables["instrument_step"].attrs["origin"] = "derived: changes of Ns and loop so far"
