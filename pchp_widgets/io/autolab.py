"""Files of Autolab's FRA software (.dfr): one impedance spectrum as bare numbers, one a line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .contract import ReaderError, ReadOptions, Recording
from .tables.impedance import Impedance, impedance_recording
from .tables.rows import decoded

_FIRST_LINES = re.compile(rb"VERSION(\d+\.\d+)[ \t]*\r?\n\s*(\d+)[ \t]*\r?\n\s*(\d+)[ \t]*\r?\n")
_PER_POINT = 9


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
