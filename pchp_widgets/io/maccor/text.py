"""Maccor's text exports (.txt, .csv, and .001, .002, ... as the tester backs tests up)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from ..contract import ReadOptions, Recording
from ..delimited import read_text
from ..tables.columns import Sheet
from ..tables.headers import Heading, plain
from ..tables.layout import NotATableError, layout, text_head

_WITHOUT_UNITS = {
    "voltage": Heading("voltage", "V"),
    "current": Heading("current", "A"),
    "capacity": Heading("capacity", "A h"),
    "energy": Heading("energy", "W h"),
    "temp 1": Heading("temperature", "degC"),
}
"""Headers of the csv export that state no unit, and the unit they have unless its user chose another one."""
_RECORD = {"rec#", "rec", "rec #"}
_CYCLE = {"cyc#", "cycle c", "cycle p", "cyc #", "cycle"}
_MEASURED = {"volts", "mvolts", "voltage", "amps", "mamps", "uamps", "current"}
_IDLE = {"P": "pause", "S": "suspend", "O": "idle"}
"""Letters of the state in which no current flows, beside R; O stands in the record that ends a test."""
_STATEMENTS = {
    "Date of Test": "date_of_test",
    "Filename": "original_file",
    "Procedure": "technique",
    "Comment/Barcode": "comment",
    "Description": "description",
    "Tester Channel": "channel",
}
_LABEL = re.compile(rf"(?:^|[\s,])(Today'+s Date|{'|'.join(map(re.escape, _STATEMENTS))})\b:?")
_END = "O"
_AUXILIARY = re.compile(r"aux #\d+")
_POSSIBLE = (-100.0, 500.0)


class MaccorReader:
    """Maccor's records: tabs or commas, times in s, min, h or as a clock shows them, A or mA, V or mV.

    ``instrument_cycle`` is Cyc#, ``instrument_step`` is Step, the number of the step in the procedure. A current that
    the export gives as a magnitude takes its sign from the state (C, D). The counter of charge, which starts again at
    a step or at a change of direction, becomes one net count.
    """

    name = "maccor-text"
    description = "Maccor text exports (txt, csv, 001, 002, ...)"
    suffixes = (".txt", ".csv", ".001")
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a table with Maccor's names of columns."""
        try:
            headers = [plain(header) for header in layout(text_head(head)).headers]
        except NotATableError as reason:
            return str(reason)
        names = {re.split(r"\s*[(\[]", header)[0] for header in headers}
        own = headers[0] in _RECORD or "dpt time" in names
        if own and names & _CYCLE and "step" in names and len(names & _MEASURED) > 1:
            return None
        return "no columns called Rec# or DPt Time, Cyc#, Step, Amps and Volts as Maccor does"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When the file is cut in the middle of a line and ``options.partial`` is not set, holds no records, or its
            counters show that a unit is another one than its header says.
        """
        finding = _Finding()
        result = read_text(path, options, known=_WITHOUT_UNITS, prepare=finding.prepare)
        result.provenance |= {"instrument": "Maccor", **_statements(result.settings["preamble"])}
        result.finished = True if finding.ended else None
        for name, unit in finding.assumed.items():
            if name in result.points:
                result.points[name].attrs["origin"] = f"assumed: in {unit}, which the export does not say"
        return result


class _Finding:
    """What the columns of one file show on the way to its points."""

    def __init__(self) -> None:
        self.ended = False
        self.assumed: dict[str, str] = {}

    def prepare(self, sheet: Sheet) -> None:
        """States in words, a temperature where one was measured, and what is doubtful."""
        import polars as pl

        self.assumed = {
            quantity: meaning.units
            for quantity, (_, meaning) in sheet.assignment.items()
            if any(meaning is one for one in _WITHOUT_UNITS.values())
        }
        if self.assumed:
            sheet.warnings.append(_assumption(sheet, self.assumed))
        sheet.warnings += _missing_records(sheet)
        _find_temperature(sheet)
        if "state" in sheet.assignment:
            state = str(sheet.assignment["state"][0])
            letters = sheet.frame[state].cast(pl.String).str.strip_chars()
            self.ended = letters[-1] == _END
            sheet.frame = sheet.frame.with_columns(letters.replace(_IDLE).alias(state))


def _assumption(sheet: Sheet, assumed: Mapping[str, str]) -> str:
    headers = ", ".join(repr(sheet.header(quantity)) for quantity in assumed)
    first = "current" if "current" in assumed else next(iter(assumed))
    example = f'columns={{"{first}": "{sheet.header(first)} [<unit>]"}}'
    return (
        f"the export does not say the units of {headers}: they are taken as {', '.join(assumed.values())}, which"
        f" Maccor's software writes unless it is told otherwise; {example} reads another one"
    )


def _missing_records(sheet: Sheet) -> list[str]:
    """Records before the first and between others that the file does not hold."""
    if plain(sheet.headers[0]) not in _RECORD:
        return []
    records = sheet.raw(0)
    jumps = np.diff(records)
    said = []
    if records[0] > 1:
        said.append(f"the first record is number {records[0]:.0f}: the file does not hold the test from its beginning")
    if np.any(jumps > 1):
        lost = np.sum(jumps[jumps > 1] - 1)
        said.append(f"{lost:.0f} records are missing in the file, in {np.count_nonzero(jumps > 1)} places")
    return said


def _find_temperature(sheet: Sheet) -> None:
    """The first auxiliary sensor whose unit is C and whose readings a sensor can have."""
    names = [plain(header) for header in sheet.headers]
    sensors = [
        column
        for column, (name, below) in enumerate(pairwise(names))
        if _AUXILIARY.fullmatch(name) and below == "units" and _first_text(sheet, column + 1) == "C"
    ]
    sheet.known |= {one + 1 for one in sensors}
    if not sensors or "temperature" in sheet.assignment:
        return
    lowest, highest = _POSSIBLE
    possible = [one for one in sensors if np.all((sheet.raw(one) > lowest) & (sheet.raw(one) < highest))]
    if possible:
        sheet.assignment["temperature"] = possible[0], Heading("temperature", "degC")
    else:
        worst = sheet.raw(sensors[0])[0]
        sheet.warnings.append(
            f"no auxiliary temperature is one that can be ({sheet.headers[sensors[0]]!r}: {worst:.6g} C); they are kept"
            " under their own names"
        )


def _first_text(sheet: Sheet, column: int) -> str:
    return str(sheet.frame[str(column)][0] or "").strip()


def _statements(preamble: Any) -> dict[str, str]:
    """What the lines above the table say of the test."""
    found = {}
    for line in preamble:
        labels = list(_LABEL.finditer(line))
        for label, after in zip_longest(labels, labels[1:]):
            text = line[label.end() : after.start() if after else None].strip(" \t,")
            if label[1] in _STATEMENTS and text:
                found[_STATEMENTS[label[1]]] = text
    return found
