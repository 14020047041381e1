"""Files of Scribner's ZPlot and ZView (.z), which Autolab and others export as well."""

from __future__ import annotations

import re
from pathlib import Path

from .contract import ReaderError, ReadOptions, Recording
from .tables.dates import iso_start
from .tables.impedance import Impedance, impedance_recording
from .tables.rows import decoded, number_rows

_FIRST_LINE = re.compile(rb'(?:\xef\xbb\xbf)?"?(?:ZPLOT\d? ASCII|Z\w+ Data File: Version)', re.IGNORECASE)
_END_OF_HEADER = "End Comments"
_STATEMENT = re.compile(r"^\s*([^:]+):\s*(.*?)\s*$")
_COLUMNS = ("freq", "ampl", "bias", "time", "z'", "z''")
"""The names before their units, which are the same in every version."""
_DATE = re.compile(r"Date:\s*(\S+)\s+Time:\s*([\d:]+)")


class ZViewReader:
    """``ZPLOT2 ASCII`` and the older ``ZPlotW Data File`` and ``Z60W Data File``, with and without comments.

    Z''(b) is Im Z. Points whose column ``Err`` is not 0 are kept and counted.
    """

    name = "zview"
    description = "ZPlot / ZView (.z) of Scribner, also as Autolab and others export it"
    suffixes = (".z", ".txt")
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a file that begins as ZPlot's do."""
        if _FIRST_LINE.match(head):
            return None
        return "the first line is neither 'ZPLOT2 ASCII' nor '... Data File: Version'"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When its columns are not named, or it is cut and ``options.partial`` is not set.
        """
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        heads = next((at for at, line in enumerate(lines) if _is_header(line)), None)
        if heads is None:
            raise ReaderError(
                path, "no line names its columns (Freq(Hz), Ampl, Bias, Time(Sec), Z'(a), Z''(b)): it is cut"
            )
        ends = (at for at, line in enumerate(lines) if at > heads and line.strip().startswith(_END_OF_HEADER))
        first = next(ends, heads) + 1
        body = lines[first:]
        row = next((line for line in body if line.strip()), "")
        delimiter = "\t" if "\t" in row else ","
        width = len(row.rstrip("\r\n").rstrip(delimiter).split(delimiter))
        if width < len(_COLUMNS):
            raise ReaderError(path, f"its first row has {width} numbers; at least {len(_COLUMNS)} are expected")
        values, said = number_rows(
            path,
            body,
            width,
            delimiter=delimiter,
            decimal_comma=delimiter == "\t" and "," in row,
            partial=options.partial,
            first_line=first + 1,
        )
        said += _count_doubts(lines[heads - 1] if heads else "", len(values))
        faulty = int((values[:, 7] != 0).sum()) if width > 7 else 0
        if faulty:
            said.append(f"{faulty} of {len(values)} points carry an error number (column Err); they are kept")
        found = Impedance(values[:, 0], values[:, 4], values[:, 5], "Im Z (column Z''(b))", time=values[:, 3])
        result = impedance_recording(path, found)
        result.warnings = [*said, *result.warnings]
        result.settings = _settings(lines[:first])
        result.provenance |= _provenance(lines[:first])
        return result


def _is_header(line: str) -> bool:
    names = re.sub(r"\([^)]*\)|[\"\s,]+", " ", line.lower()).split()
    return tuple(names[: len(_COLUMNS)]) == _COLUMNS


def _count_doubts(above: str, points: int) -> list[str]:
    """Compare with the number of points to be measured, which older files state above the names of the columns."""
    if not above.strip().isdecimal() or int(above) == points:
        return []
    return [f"{int(above)} points were to be measured, and there are {points}: the run ended early, or the file is cut"]


def _settings(header: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    notes = []
    for line in header[1:]:
        match = _STATEMENT.match(line.strip().strip('"'))
        if match and not _is_header(line):
            found[match[1].strip()] = match[2]
        elif line.strip(' "\r\n') and not _is_header(line):
            notes.append(line.strip(' "\r\n'))
    return found | ({"comments": notes} if notes else {})


def _provenance(header: list[str]) -> dict[str, str]:
    text = "".join(header)
    date = _DATE.search(text)
    start = iso_start(date[1], date[2]) if date else ""
    return {"software": header[0].strip().strip('"')} | ({"start_time": start} if start else {})
