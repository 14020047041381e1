"""Arbin's exports of its points as text (.csv)."""

from __future__ import annotations

from pathlib import Path

from ..contract import ReadOptions, Recording
from ..delimited import read_text
from ..tables.layout import NotATableError, layout, text_head
from ..tables.textfile import Text
from .meanings import MEANINGS, are_arbins


class ArbinTextReader:
    """Text exports of MITS Pro and of Arbin's databases, with units in the headers or without.

    ``instrument_cycle`` and ``instrument_step`` are Arbin's Cycle_Index and Step_Index (the number of the step in the
    schedule, which comes back in every cycle). The counters start again where the schedule says; ``charge_counter``
    is one net count without these restarts.
    """

    name = "arbin-text"
    description = "Arbin exports (csv) of MITS Pro and of its databases"
    suffixes = (".csv", ".txt", ".gz")
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a table with Arbin's names of columns."""
        try:
            headers = layout(text_head(head)).headers
        except NotATableError as reason:
            return str(reason)
        return None if are_arbins(headers) else "no columns called Data_Point, Test_Time, Step_Index, ... as Arbin does"

    def read(self, path: Path, options: ReadOptions, text: Text | None = None) -> Recording:
        """Read the whole file, or a table `text` taken out of it.

        Raises
        ------
        ReaderError
            When the file is cut in the middle of a line and ``options.partial`` is not set, holds no points, or its
            counters show that the current is not in the unit it should be in.
        """
        result = read_text(path, options, known=MEANINGS, text=text)
        result.provenance["instrument"] = "Arbin"
        return result
