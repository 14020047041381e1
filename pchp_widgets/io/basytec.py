"""Basytec result files (.txt): a preamble of lines that begin with ``~``, then a table between tabs."""

from __future__ import annotations

import re
from pathlib import Path

from .contract import HEAD_BYTES, ReaderError, ReadOptions, Recording
from .delimited import read_text
from .tables.dates import iso_start
from .tables.headers import Heading
from .tables.layout import NotATableError, text_head

_MAGIC = re.compile(rb"(?:\xef\xbb\xbf)?~?Resultfile from Basytec", re.IGNORECASE)
_STATEMENT = re.compile(r"~\s*([^:]+?)\s*:\s*(.*?)\s*$")
_PER_MASS = re.compile(r"~?I\s*\[[^\]]*/[^\]]*\]", re.IGNORECASE)

MEANINGS = {
    "ah[ah]": Heading("net_capacity", "A h"),
    "ah[mah]": Heading("net_capacity", "mA h"),
    "wh[wh]": Heading("net_energy", "W h"),
    "wh[mwh]": Heading("net_energy", "mW h"),
    "line": Heading("instrument_step", "1"),
    "cyc-count": Heading("instrument_cycle", "1"),
    "command": Heading("state", "", -1),
    "t1[\ufffdc]": Heading("temperature", "degC"),
    "time[h:min:s]": Heading("time", "s"),
    "time[hh:mm:ss]": Heading("time", "s"),
}
"""By header as :func:`.headers.plain` writes it. ``State`` is a number and no word for the step: ``Command`` is."""

_PROVENANCE = {
    "name of test": "technique",
    "battery": "sample",
    "testchannel": "channel",
    "operator (test)": "operator",
    "testplan": "protocol",
}
_DATES = {"start of test": "start_time", "end of test": "stop_time"}


class BasytecReader:
    """Text exports of Basytec's battery test systems.

    ``instrument_step`` is the line of the test plan, ``instrument_cycle`` is ``Cyc-Count``, ``charge_counter`` the net
    count ``Ah`` over the test.
    """

    name = "basytec"
    description = "Basytec result files (txt)"
    suffixes = (".txt", ".dat", ".csv")
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for text whose first line says ``Resultfile from Basytec``."""
        try:
            found = _MAGIC.match(text_head(head))
        except NotATableError as reason:
            return str(reason)
        return None if found else "the first line does not say 'Resultfile from Basytec Battery Test System'"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When the file is cut in the middle of a line and ``options.partial`` is not set, holds no points, or only
            currents per mass.
        """
        with path.open("rb") as file:
            per_mass = _PER_MASS.search(file.read(HEAD_BYTES).decode("utf-8", errors="replace"))
        if per_mass and "current" not in options.columns:
            raise ReaderError(
                path,
                f"the current is there per mass only ({per_mass[0]}), and the mass is not: export it again in A or mA",
            )
        result = read_text(path, options, known=MEANINGS)
        preamble = result.settings["preamble"]
        stated = dict(_statements(preamble if isinstance(preamble, list) else []))
        result.provenance["instrument"] = "Basytec"
        result.provenance |= {ours: stated[name] for name, ours in _PROVENANCE.items() if stated.get(name)}
        result.provenance |= {
            ours: iso_start(*date)
            for name, ours in _DATES.items()
            if len(date := stated.get(name, "").split(" ", 1)) == 2
        }
        result.finished = True if stated.get("end of test") else None
        return result


def _statements(preamble: list[str]) -> list[tuple[str, str]]:
    found = [_STATEMENT.match(line) for line in preamble]
    return [(one[1].lower(), one[2]) for one in found if one]
