"""What the settings and the log of a binary file say: cell, instrument, start, parameters of the technique."""

from __future__ import annotations

import re
import struct

import numpy as np

from .findings import Findings
from .modules import Module
from .parameters import TAIL, technique_parameters
from .stated import cell_statements, shown
from .table import Table
from .techniques import BY_CODE, INSTRUMENTS

SETTINGS, LOG = "VMP Set", "VMP LOG"
START = 585
"""Offset of the start of acquisition in the log [days since 1899-12-30, local time]."""
COPY_OFFSETS = (1510, 1205)
"""Where the log keeps a copy of the settings (since EC-Lab 11.36, and before)."""
COMMENT, MASS, MATERIAL, STATE, ELECTROLYTE = 7, 263, 286, 367, 448
AREA, REFERENCE, REFERENCE_POTENTIAL, CHARACTERISTIC_MASS = 529, 533, 584, 588
AREA_UNIT, CHARACTERISTIC_MASS_UNIT, CAPACITY = 592, 593, 604
_LEAST_SETTINGS, _LEAST_LOG = 620, 1002
_PLAUSIBLE_DAYS = (30000.0, 80000.0)
_DEFAULT_REFERENCE = "(unspecified)"

AREA_UNITS = {2: "cm2", 3: "mm2"}
_MASS_UNITS = {1: "g", 2: "mg"}


def add_statements(table: Table, found: dict[str, Module], findings: Findings) -> None:
    """Fill in metadata, provenance, settings and technique from the modules."""
    settings = found.get(SETTINGS)
    log = found.get(LOG)
    if settings is None or len(settings.body) < _LEAST_SETTINGS:
        findings.note("the settings module is missing: technique, electrode area and comments are not known")
    else:
        _add_settings(table, _settings_of_the_run(bytes(settings.body), log))
        day = re.fullmatch(r"(\d\d)\D(\d\d)\D(\d\d)", settings.date)
        if day:
            # month first in every locale; the day is all there is where the log is missing
            table.provenance["start_time"] = f"20{day[3]}-{day[1]}-{day[2]}"
    if log is not None and len(log.body) >= _LEAST_LOG:
        _add_log(table, bytes(log.body))


def _settings_of_the_run(body: bytes, log: Module | None) -> bytes:
    """The settings as last changed during the run, of which the log keeps a copy without the last 154 bytes."""
    for offset in COPY_OFFSETS:
        copy = bytes(log.body[offset : offset + len(body) - TAIL]) if log is not None else b""
        if len(copy) == len(body) - TAIL and _same_kind(copy, body):
            return copy + body[-TAIL:]
    return body


def _same_kind(copy: bytes, body: bytes) -> bool:
    """Whether the bytes are a copy of the settings: same technique, and nearly all bytes equal."""
    same = np.count_nonzero(np.frombuffer(copy, np.uint8) == np.frombuffer(body, np.uint8, len(copy)))
    return copy[0] == body[0] and bool(same > 0.95 * len(copy))


def _add_settings(table: Table, body: bytes) -> None:
    technique = BY_CODE.get(body[0])
    table.technique = technique.name if technique else ""
    table.provenance["technique"] = technique.name if technique else f"EC-Lab technique {body[0]}"
    table.provenance["comment"] = _text(body, COMMENT)
    electrolyte = _text(body, ELECTROLYTE)
    area, unit = _float(body, AREA), AREA_UNITS.get(body[AREA_UNIT], "")
    table.metadata |= cell_statements(area, unit, electrolyte)
    reference = _text(body, REFERENCE)
    table.settings |= {
        "Technique": technique.title if technique else f"unknown ({body[0]})",
        "Electrode material": _text(body, MATERIAL),
        "Initial state": _text(body, STATE),
        "Electrolyte": electrolyte,
        "Comments": _text(body, COMMENT),
        "Mass of active material": shown("mass", _float(body, MASS), "mg"),
        "Battery capacity": shown("capacity", _float(body, CAPACITY), "mA.h"),
        "Electrode surface area": shown("area", area, unit),
        "Characteristic mass": shown(
            "mass", _float(body, CHARACTERISTIC_MASS), _MASS_UNITS.get(body[CHARACTERISTIC_MASS_UNIT], "")
        ),
    }
    if reference not in ("", _DEFAULT_REFERENCE):
        table.settings["Reference electrode"] = f"{reference} ({_float(body, REFERENCE_POTENTIAL):.3f} V)"
    parameters = technique_parameters(body, table.technique)
    if parameters:
        table.settings["parameters"] = parameters


def _add_log(table: Table, body: bytes) -> None:
    (days,) = struct.unpack_from("<d", body, START)
    if _PLAUSIBLE_DAYS[0] < days < _PLAUSIBLE_DAYS[1]:
        milliseconds = np.timedelta64(round(days * 86_400_000), "ms")
        table.provenance["start_time"] = str(np.datetime64("1899-12-30T00:00:00.000") + milliseconds)
    instrument = INSTRUMENTS.get(body[974], f"BioLogic instrument {body[974]}")
    is_bcs = instrument.startswith("BCS")
    # BCS racks letter their channels by eights: A1 .. A8, B1 ..
    channel = f"{chr(65 + body[9] // 8)}{body[9] % 8 + 1}" if is_bcs else str(body[9] + 1)
    table.provenance |= {
        "instrument": instrument,
        "serial_number": _text(body, 975),
        "channel": channel,
        "channel_serial_number": str(struct.unpack_from("<I", body, 171)[0]),
        "software": f"{'BT-Lab' if is_bcs else 'EC-Lab'} v{_text(body, 951)}",
        "firmware": f"v{_text(body, 965)}",
        "original_file": _text(body, 593),
    }


def _text(body: bytes, offset: int) -> str:
    """Text in a field of fixed size: one byte of length, then as many of cp1252."""
    return body[offset + 1 : offset + 1 + body[offset]].decode("cp1252", "replace").replace("\r\n", "\n").strip()


def _float(body: bytes, offset: int) -> float:
    (value,) = struct.unpack_from("<f", body, offset)
    return float(value)
