"""The header of a text export: what it says on the cell, the instrument, the start and the technique."""

from __future__ import annotations

import re

import numpy as np

from .stated import cell_statements, is_stated
from .table import Table
from .techniques import BY_TITLE

_CELL = 20
"""Width of a cell in the table of parameters."""
_TITLE_LINE = 3
_NETWORK = ("Host", "Address")
"""Entries left out: addresses of the laboratory's network have no place in a report."""
_LAST_ENTRY = "Cycle Definition"
"""Entry after which the table of parameters comes."""
_DATE = re.compile(r"(\d\d)/(\d\d)/(\d{4}) (\d\d:\d\d:\d\d)(?:[.,](\d+))?")
_LOOP = re.compile(r"Loop \d+ from point number (\d+) to (\d+)")
_SERIAL = re.compile(r"(.*?)\s*\(SN (.*)\)")
_QUANTITY = re.compile(r"([-\d.,]+)\s*(\S*)")
_SOFTWARE = re.compile(r"(EC|BT)-Lab for windows (v\S+)", re.IGNORECASE)


def iso_time(text: str) -> str | None:
    """ISO 8601 of EC-Lab's ``11/20/2024 11:38:41.707`` (month first in every locale), or None."""
    match = _DATE.match(text.strip())
    if match is None:
        return None
    month, day, year, clock, fraction = match.groups()
    text = f"{year}-{month}-{day}T{clock}.{(fraction or '0')[:3].ljust(3, '0')}"
    try:
        np.datetime64(text)
    except ValueError:
        return None
    return text


def loop_bounds(lines: list[str]) -> list[int]:
    """First row of each loop of the technique and the number of rows; empty where the header lists no loops."""
    found = [match for line in lines if (match := _LOOP.match(line))]
    return [int(match[1]) for match in found] + [int(match[2]) + 1 for match in found[-1:]]


def add_statements(table: Table, lines: list[str]) -> None:
    """Fill in metadata, provenance, settings and technique from the lines of the header."""
    entries, parameters = _entries(lines)
    title = lines[_TITLE_LINE].strip() if len(lines) > _TITLE_LINE else ""
    technique = BY_TITLE.get(title)
    table.technique = technique.name if technique else ""
    table.settings |= {"Technique": title, **entries}
    if parameters:
        table.settings["parameters"] = parameters
    table.metadata |= _cell(entries, table)
    table.provenance |= _provenance(entries, lines)
    table.provenance["technique"] = table.technique or title


def _entries(lines: list[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Lines ``key : value`` (repeated keys joined line by line) and the table of parameters."""
    entries: dict[str, str] = {}
    parameters: dict[str, list[str]] = {}
    for line in lines[_TITLE_LINE + 1 :]:
        key, colon, value = line.partition(" : ")
        if colon and key.strip() not in _NETWORK:
            key, value = key.strip(), value.strip()
            entries[key] = f"{entries[key]}\n{value}" if key in entries else value
        elif not colon and _LAST_ENTRY in entries and len(line) > _CELL and not line.startswith("Loop "):
            cells = [line[start : start + _CELL].strip() for start in range(0, len(line), _CELL)]
            parameters[cells[0]] = cells[1:]
    return entries, parameters


def _cell(entries: dict[str, str], table: Table) -> dict[str, object]:
    label = "Electrode surface area"
    match = _QUANTITY.match(entries.get(label, ""))
    area, unit = float("nan"), ""
    if match:
        try:
            area = float(match[1].replace(",", "."))
        except ValueError:
            area = float("nan")
        unit = {"c": "cm2", "m": "mm2"}.get(match[2][:1], "")
        if not is_stated("area", area):
            table.settings[label] = f"not set ({entries[label]})"
    return cell_statements(area, unit, entries.get("Electrolyte", ""))


def _provenance(entries: dict[str, str], lines: list[str]) -> dict[str, str]:
    found = {"comment": entries.get("Comments", "")}
    for label, name, serial in (
        ("Device", "instrument", "serial_number"),
        ("Run on channel", "channel", "channel_serial_number"),
    ):
        match = _SERIAL.match(entries.get(label, ""))
        found |= {name: match[1], serial: match[2]} if match else {name: entries.get(label, "")}
    start = iso_time(entries.get("Acquisition started on", ""))
    if start:
        found["start_time"] = start
    for line in lines:
        if match := _SOFTWARE.match(line):
            found["software"] = f"{match[1].upper()}-Lab {match[2]}"
        elif line.startswith("Command interpretor"):
            found["firmware"] = line.split()[2]
    if "File" in entries:
        found["original_file"] = entries.get("Directory", "") + entries["File"]
    return found
