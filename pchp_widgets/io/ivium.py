"""Files of IviumSoft (.idf, .ids): impedance scans.

The format is not documented. A scan is lines of ``Key=value`` and, below the line ``primary_data``, how many columns
and rows there are, and the rows. The columns of an impedance scan are taken to be Re Z, Im Z and frequency, as
pyimpspec 5.1.3 takes them when it opens such a file; the sign of Im Z is held against the modulus, and the data decide.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .contract import ReaderError, ReadOptions, Recording
from .tables.impedance import FloatArray, Impedance, impedance_recording
from .tables.rows import decoded, number_rows

_VERSION = re.compile(rb".{0,40}?Version=\d+\r?\n", re.DOTALL)
_STATEMENT = re.compile(r"^(Method|Technique|Title|Instrument)=(.*?)\s*$")
_DATA = "primary_data"
_METHOD = "impedance"
_COLUMNS = 3
_EXPORT = "Export the scan from IviumSoft as text with the headers of its columns: that is read"


class IviumReader:
    """Impedance scans, each a spectrum; scans of another method are named and left out."""

    name = "ivium-idf"
    description = "Ivium, impedance scans of IviumSoft (.idf, .ids)"
    suffixes = (".idf", ".ids")
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a file that begins with the version of IviumSoft's format and has a method or data."""
        if not _VERSION.match(head):
            return "there is no Version= and a number in its beginning"
        return None if b"\nMethod=" in head or _DATA.encode() in head else f"there is neither Method= nor {_DATA}"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When no scan is of impedance, or one holds fewer points than it states and ``options.partial`` is not set.
        """
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        stated: dict[str, str] = {}
        scans: list[FloatArray] = []
        said, methods, titles = [], [], []
        for at, line in enumerate(lines):
            if match := _STATEMENT.match(line):
                stated[match[1]] = match[2]
            elif line.strip() == _DATA:
                method = stated.get("Method", "")
                methods.append(method or "not stated")
                if method.strip().lower() != _METHOD:
                    said.append(f"scan {len(methods)} is of method {methods[-1]!r}, which is no impedance: left out")
                    continue
                rows, doubts = _rows(path, lines, at + 1, partial=options.partial)
                scans.append(rows)
                titles.append(stated.get("Title", ""))
                said += [f"scan {len(methods)}: {text}" for text in doubts]
        if not scans:
            why = f"its scans are of method {', '.join(methods)}" if methods else f"there is no {_DATA}: it is cut"
            raise ReaderError(path, f"holds no impedance scan ({why}). {_EXPORT}")
        z_real, z_imag, frequency = np.concatenate(scans).T
        scan = np.repeat(np.arange(len(scans)), [len(rows) for rows in scans])
        found = Impedance(frequency, z_real, z_imag, "Im Z (second column)", certain=False, counters=[scan])
        result = impedance_recording(path, found)
        result.warnings = [*said, *result.warnings]
        result.settings = {"titles": titles}
        result.provenance |= {"software": "IviumSoft", "technique": stated.get("Technique", "")}
        result.provenance |= {"instrument": f"Ivium {stated['Instrument']}"} if "Instrument" in stated else {}
        return result


def _rows(path: Path, lines: list[str], at: int, *, partial: bool) -> tuple[FloatArray, list[str]]:
    """The rows of the scan whose number of columns stands in a line, and what is to be said about them."""
    columns, count = (line.strip() for line in (*lines[at : at + 2], "", "")[:2])
    if not (columns.isdigit() and count.isdigit()):
        raise ReaderError(path, f"the numbers of columns and rows do not stand below {_DATA} in line {at}: it is cut")
    if int(columns) != _COLUMNS:
        reason = f"the impedance scan in line {at} has {columns} columns; only those of {_COLUMNS} are understood"
        raise ReaderError(path, f"{reason}. {_EXPORT}")
    begin = at + 2
    values, said = number_rows(path, lines[begin : begin + int(count)], _COLUMNS, partial=partial, first_line=begin + 1)
    if len(values) != int(count):
        reason = f"the scan in line {at} states {count} points and holds {len(values)}"
        if not partial:
            raise ReaderError(path, f"{reason}; partial=True gives them")
        said.append(reason)
    return values, said
