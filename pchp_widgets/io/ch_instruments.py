"""Text files of CH Instruments potentiostats: A.C. impedance."""

from __future__ import annotations

import re
from pathlib import Path

from .contract import ReaderError, ReadOptions, Recording
from .tables.dates import iso_start
from .tables.impedance import Impedance, impedance_recording
from .tables.rows import decoded, number_rows

_TECHNIQUE = "A.C. Impedance"
_HEADER = re.compile(r"^\s*Freq/Hz,\s*Z'/ohm,\s*Z\"/ohm,\s*Z/ohm,\s*Phase/deg", re.IGNORECASE)
_DATE = re.compile(r"^(\w+\.? \d+, \d{4})\s+([\d:]+)")
_STATEMENT = re.compile(r"^([^=:]+?)\s*[:=]\s*(.*?)\s*$")


class ChInstrumentsReader:
    """Technique "A.C. Impedance" as text; its bias is the voltage of the spectrum."""

    name = "ch-instruments"
    description = "CH Instruments, A.C. impedance as text (.txt)"
    suffixes = (".txt", ".csv")
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a text whose first lines name the technique and whose columns are CH Instruments'."""
        lines = head.decode("latin-1").splitlines()
        if _TECHNIQUE not in (line.strip() for line in lines[:3]):
            return f"none of the first lines is {_TECHNIQUE!r}"
        if not any(map(_HEADER.match, lines)):
            return "no line names the columns Freq/Hz, Z'/ohm, Z\"/ohm, Z/ohm, Phase/deg"
        return None

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When there are no rows below the names of the columns.
        """
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        heads = next((at for at, line in enumerate(lines) if _HEADER.match(line)), None)
        if heads is None:
            raise ReaderError(path, "no line names the columns Freq/Hz, Z'/ohm, Z\"/ohm, Z/ohm, Phase/deg: it is cut")
        values, said = number_rows(
            path, lines[heads + 1 :], 5, delimiter=",", partial=options.partial, first_line=heads + 2
        )
        found = Impedance(values[:, 0], values[:, 1], values[:, 2], 'Im Z (column Z"/ohm)', modulus=values[:, 3])
        result = impedance_recording(path, found)
        result.warnings = [*said, *result.warnings]
        stated = {match[1]: match[2] for line in lines[:heads] if (match := _STATEMENT.match(line.strip()))}
        date = _DATE.match(lines[0].lstrip("\ufeff"))
        start = iso_start(date[1], date[2]) if date else ""
        model = stated.get("Instrument Model", "")
        result.settings = {name: text for name, text in stated.items() if text and not _DATE.match(name)}
        result.provenance |= {"technique": _TECHNIQUE}
        result.provenance |= {"start_time": start} if start else {}
        result.provenance |= {"instrument": f"CH Instruments {model}"} if model else {}
        return result
