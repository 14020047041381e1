"""Exports of Neware's BTSDA and of its earlier software as text, flat or nested."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..contract import HEAD_BYTES, ReadOptions, Recording
from ..delimited import read_text
from ..tables.columns import Sheet
from ..tables.headers import Heading, plain
from ..tables.layout import NotATableError, layout, text_head
from ..tables.textfile import Text, content
from .nested import delimiter_of_nested, flattened

MEANINGS = {
    "time(h:min:s ms)": Heading("time", "s", 20),
    "relative time(h:min:s ms)": Heading("time", "s", 20),
    "cur(ma)": Heading("current", "mA"),
    "cur(a)": Heading("current", "A"),
    "capacitance chg(mah)": Heading("charge_capacity", "mA h"),
    "capacitance chg(ah)": Heading("charge_capacity", "A h"),
    "capacitance dchg(mah)": Heading("discharge_capacity", "mA h"),
    "capacitance dchg(ah)": Heading("discharge_capacity", "A h"),
    "engy chg(mwh)": Heading("charge_energy", "mW h"),
    "engy chg(wh)": Heading("charge_energy", "W h"),
    "engy dchg(mwh)": Heading("discharge_energy", "mW h"),
    "engy dchg(wh)": Heading("discharge_energy", "W h"),
    "steps": Heading("instrument_step", "1", 5),
    "step name": Heading("state", "", 5),
    "t1(?)": Heading("temperature", "degC", 9),
    "t1(¡æ)": Heading("temperature", "degC", 9),
}
"""By header as :func:`.headers.plain` writes it, where the header does not say so itself. Exports in a code page
without a degree sign write a question mark for it."""

_SWITCH = "module start-stop switch"
_OF_A_STEP = {"time", "step time", "relative time", "record time"}
_OWN: tuple[set[str], ...] = (
    {"datapoint", "cycle index", "step type"},
    {"cycle index", "step type", "total time"},
    {"record id", "step id", "voltage"},
    {"record number", "relative time", "voltage"},
    {"record index", "relative time", "voltage"},
)
_JOINED = (
    "the export holds the time of each step only: they are laid one after the other, each beginning where the one"
    " before it ends"
)


class NewareTextReader:
    """What BTSDA and BTS write as text: one table of records, or cycles with their steps with their records.

    ``instrument_step`` is the running number of the step where the export has it (nested exports), else the number of
    the step in the schedule, which comes back in every cycle. Counters start again at every step; ``charge_counter`` is
    one net count. Of an export that has only the time of each step, the time of the test is put together from them.
    """

    name = "neware-text"
    description = "Neware BTS and BTSDA exports (csv, txt), flat or nested"
    suffixes = (".csv", ".txt")
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a table with Neware's names of columns, or for its cycles, steps and records nested."""
        try:
            head = text_head(head)
            if delimiter_of_nested(head):
                return None
            headers = layout(head).headers
        except NotATableError as reason:
            return str(reason)
        return None if are_newares(headers) else "no columns called DataPoint, Cycle Index, Step Type as Neware does"

    def read(self, path: Path, options: ReadOptions, text: Text | None = None) -> Recording:
        """Read the whole file, or a table `text` taken out of it.

        Raises
        ------
        ReaderError
            When the file is cut in the middle of a line and ``options.partial`` is not set, holds no records, or its
            counters show that the current is not in the unit it should be in.
        """
        with path.open("rb") as file:
            head = text.raw[:HEAD_BYTES] if text else text_head(file.read(HEAD_BYTES))
        doubts: list[str] = []
        if delimiter_of_nested(head):
            text, doubts = flattened(path, text or content(path, partial=options.partial))
        joined: list[bool] = []

        def prepare(sheet: Sheet) -> None:
            sheet.known |= {at for at, header in enumerate(sheet.headers) if plain(header) == _SWITCH}
            joined.append(_join_steps(sheet))

        result = read_text(path, options, known=MEANINGS, prepare=prepare, text=text)
        result.warnings = doubts + result.warnings
        if any(joined):
            result.points["time"].attrs["origin"] = f"derived: {_JOINED}"
        result.provenance["instrument"] = "Neware"
        return result


def are_newares(headers: Sequence[str]) -> bool:
    """Whether headers are those of Neware's table of records."""
    names = {re.split(r"\s*[(\[]", plain(header))[0] for header in headers}
    return any(names >= own for own in _OWN)


def _join_steps(sheet: Sheet) -> bool:
    """Put the time of the test together where the file has only that of each step; whether this was so."""
    import polars as pl

    name = re.split(r"\s*[(\[]", plain(sheet.header("time")))[0]
    time = sheet.numbers("time")
    if name not in _OF_A_STEP or not np.any(np.diff(time) < 0):
        return False
    begins = np.diff(time) < 0
    for count in {"instrument_cycle", "instrument_step"} & sheet.assignment.keys():
        begins |= np.diff(sheet.numbers(count)) != 0
    offset = np.cumsum(np.where(begins, time[:-1], 0.0))
    total = time + np.concatenate(([0.0], offset))
    column = sheet.frame.width
    sheet.headers = [*sheet.headers, f"{sheet.header('time')} of all steps"]
    sheet.frame = sheet.frame.with_columns(pl.Series(str(column), total))
    sheet.assignment["time"] = (column, Heading("time", "s"))
    sheet.warnings.append(_JOINED)
    return True
