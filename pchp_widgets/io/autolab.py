"""Files of Autolab's FRA software: one impedance spectrum as bare numbers, one a line (.dfr), or as a table (.P00)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .contract import ReaderError, ReadOptions, Recording
from .tables.dates import iso_start
from .tables.impedance import Impedance, impedance_recording
from .tables.rows import decoded, number_rows

_FIRST_LINES = re.compile(rb"VERSION(\d+\.\d+)[ \t]*\r?\n\s*(\d+)[ \t]*\r?\n\s*(\d+)[ \t]*\r?\n")
_PER_POINT = 9
_TITLE = "Procedure :"
_PERIOD = re.compile(r"(\d\d\.\d\d\.\d{4}) (\d\d:\d\d:\d\d) - ")
_PARTS = ("f/Hz", "Z'/Ohm", "-Z''/Ohm")


class AutolabFraReader:
    """Nine numbers a point, of which the first three are frequency, Re Z and -Im Z; the others are not explained."""

    name = "autolab-dfr"
    description = "Autolab FRA of Eco Chemie (.dfr)"
    suffixes = (".dfr",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a file that begins with a version and two counts."""
        return None if _FIRST_LINES.match(head) else "the first lines are not VERSION and two whole numbers"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When it holds fewer points than it states and ``options.partial`` is not set, a line is no number, or it is
            of a layout not met before.
        """
        content = path.read_bytes()
        match = _FIRST_LINES.match(content)
        if match is None:
            raise ReaderError(path, "the first lines are not VERSION and two whole numbers")
        count, second = int(match[2]), int(match[3])
        if second != 1:
            reason = f"its third line is {second}; only files with 1 there are understood"
            raise ReaderError(path, f"{reason}. Export the spectrum as text")
        lines = decoded(content[match.end() :]).splitlines()
        said = []
        cut = not content.endswith((b"\n", b"\r"))
        whole = (len(lines) - cut) // _PER_POINT
        if whole < count:
            reason = f"the file states {count} points and holds {whole}: it was cut"
            if not options.partial or not whole:
                raise ReaderError(path, f"{reason}; partial=True gives them")
            said.append(reason)
            count = whole
        try:
            values = np.array([float(line) for line in lines[: count * _PER_POINT]]).reshape(-1, _PER_POINT)
        except ValueError as error:
            raise ReaderError(path, f"a line among its points is no number ({error})") from None
        if not count:
            raise ReaderError(path, "states that it holds no points")
        if values[:, 3:].any():
            said.append("points have further numbers whose meaning is not known; they are left out")
        convention = "-Im Z (third number of a point), its sign is turned"
        found = Impedance(values[:, 0], values[:, 1], -values[:, 2], convention, certain=False)
        result = impedance_recording(path, found)
        result.warnings = [*said, *result.warnings]
        result.provenance |= {"software": f"Autolab FRA, file version {match[1].decode()}"}
        return result


class AutolabTableReader:
    """A title, the period and the columns by name; time and direct voltage belong to the spectrum."""

    name = "autolab-p00"
    description = "Autolab FRA of Eco Chemie, as text (.P00)"
    suffixes = (".p00",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a text that begins with a procedure and names the columns of impedance as Autolab does."""
        lines = decoded(head).splitlines()
        if not lines or not lines[0].startswith(_TITLE):
            return f"the first line does not begin with {_TITLE!r}"
        return None if any(map(_names, lines)) else f"no line names the columns {', '.join(_PARTS)}"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When it holds another number of points than it states and ``options.partial`` is not set.
        """
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        at = next((at for at, line in enumerate(lines) if _names(line)), None)
        if at is None or not lines[at + 1 :] or not lines[at + 1].strip().isdigit():
            raise ReaderError(
                path, f"no line names the columns {', '.join(_PARTS)} and states below how many there are"
            )
        names, count = _names(lines[at]), int(lines[at + 1])
        values, said = number_rows(
            path, lines[at + 2 :], len(names), delimiter="\t", partial=options.partial, first_line=at + 3
        )
        if len(values) != count:
            reason = f"the file states {count} points and holds {len(values)}"
            if not options.partial:
                raise ReaderError(path, f"{reason}; partial=True gives them")
            said.append(reason)
        columns = dict(zip(names, values.T, strict=True))
        frequency, z_real, minus_z_imag = (columns[name] for name in _PARTS)
        convention = f"-Im Z ({_PARTS[2]!r}), its sign is turned"
        found = Impedance(frequency, z_real, -minus_z_imag, convention)
        found.time, found.voltage = columns.get("time/s"), columns.get("Edc/V")
        result = impedance_recording(path, found)
        result.warnings = [*said, *result.warnings]
        period = _PERIOD.match(lines[1])
        start = iso_start(period[1], period[2]) if period else ""
        result.settings = {"procedure": lines[0].removeprefix(_TITLE).strip()}
        result.provenance |= {"software": "Autolab FRA"} | ({"start_time": start} if start else {})
        return result


def _names(line: str) -> list[str]:
    """The names of the columns, where a line is that of the names."""
    names = [cell.strip() for cell in line.rstrip().split("\t")]
    return names if tuple(names[: len(_PARTS)]) == _PARTS else []
