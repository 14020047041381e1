"""PEC's csv exports: a preamble on the test, then one table with a unit in each header."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .contract import ReaderError, ReadOptions, Recording
from .delimited import read_text
from .tables.columns import Sheet
from .tables.headers import Heading, plain
from .tables.layout import Layout, NotATableError, layout, text_head

_MEANINGS = {
    **{
        f"{direction} capacity ({unit.replace(' ', '').lower()})": Heading(f"{direction}_energy", unit)
        for direction in ("charge", "discharge")
        for unit in ("mW h", "W h")
    },
    "cell surface temperature (°c)": Heading("temperature", "degC"),
    "total time (hours in hh:mm:ss xxx)": Heading("time", "s"),
    "instruction name": Heading("state", ""),
}
"""Energies, which earlier versions call capacities too, the temperature of the cell, and time as a clock shows it."""

_OWN = {"position start time", "step", "cycle", "reasoncode"}
_PLACE = ("Test", "Cell", "Rack", "Shelf", "Position")
_SAID_ABOVE = ("Position Start Time",)
_STATEMENTS = {
    "TestRegime Name": "technique",
    "Test": "test_name",
    "Test Description": "comment",
    "Requestor": "operator",
    "Start Time": "test_start",
    "End Time": "test_end",
    "LotID": "lot",
    "Operator Instructions": "instructions",
}
_NEVER = re.compile(r"\b0001\b")
"""The year of an end that has not come."""


class PecReader:
    """PEC csv of one cell; ``instrument_cycle`` and ``instrument_step`` are PEC's own.

    The counters start again at each cycle; ``charge_counter`` and ``energy_counter`` are net counts over the test.
    """

    name = "pec-csv"
    description = "PEC battery testers (csv)"
    suffixes = (".csv",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a table with PEC's names of columns."""
        try:
            found = layout(text_head(head))
        except NotATableError as reason:
            return str(reason)
        return None if _is_pecs(found) else "no columns called Position Start Time and ReasonCode as PEC does"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When the file holds several cells, is cut in the middle of a line and ``options.partial`` is not set, or
            its counters show that a unit is another one than its header says.
        """
        places: dict[str, str] = {}
        result = read_text(path, options, known=_MEANINGS, prepare=lambda sheet: places.update(_one_place(sheet)))
        stated = _statements(result.settings["preamble"])
        result.provenance |= {"instrument": "PEC", **places}
        result.provenance |= {ours: stated[theirs] for theirs, ours in _STATEMENTS.items() if stated.get(theirs)}
        end = result.provenance.pop("test_end", "")
        result.finished = None if not end else not _NEVER.search(end)
        if result.finished:
            result.provenance["stop_time"] = end
        return result


def _is_pecs(found: Layout) -> bool:
    return {plain(header) for header in found.headers} >= _OWN


def _one_place(sheet: Sheet) -> dict[str, str]:
    """Where the cell was tested; a table of several cells is refused."""
    import polars as pl

    sheet.known |= {column for column, header in enumerate(sheet.headers) if header in {*_PLACE, *_SAID_ABOVE}}
    columns = {name: str(sheet.headers.index(name)) for name in _PLACE if name in sheet.headers}
    places = sheet.frame.select(pl.col(list(columns.values())).cast(pl.String)).unique(maintain_order=True)
    if places.height > 1:
        listed = "; ".join("-".join(str(part) for part in place) for place in places.head(5).rows())
        raise ReaderError(
            sheet.path,
            f"the table holds {places.height} cells ({'-'.join(columns)}: {listed}), each a cell of its own: export"
            " them one by one",
        )
    place = dict(zip(columns, places.row(0), strict=True))
    return {"channel": "-".join(place[name].removesuffix(".0") for name in _PLACE[2:] if place.get(name))}


def _statements(preamble: Any) -> dict[str, str]:
    pairs = (line.partition(":,") for line in preamble)
    return {name.strip(): value.strip(" ,") for name, _, value in pairs}
