"""Text exported by NETZSCH Proteus: keys behind ``#``, columns below a line that begins with ``##``."""

from __future__ import annotations

import re
from pathlib import Path

from .calorimetry import assigned, curve, mass_of
from .contract import Measured, ReaderError, ReadOptions
from .tables.rows import decoded, number_rows

_KEY = re.compile(r"^#\s*([^#:][^:]*?)\s*:[;,\t]?\s*(.*?)\s*$")
_DELIMITERS = {"SEMICOLON": ";", "COMMA": ",", "TAB": "\t"}
_PROVENANCE = {"INSTRUMENT": "instrument", "OPERATOR": "operator", "DATE/TIME": "recorded", "REMARK": "comment"}


class NetzschReader:
    """``.txt`` or ``.csv`` of Proteus."""

    name = "netzsch-proteus"
    description = "NETZSCH Proteus text (DSC)"
    suffixes = (".txt", ".csv")
    version = "1"
    fallback = False
    technique = "thermal"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no Proteus text."""
        text = decoded(head)
        if not re.search(r"^#(SAMPLE MASS|INSTRUMENT|EXO|SEPARATOR|EXPORTTYPE|RANGE)\b", text, re.MULTILINE):
            return "no line begins with a key of NETZSCH Proteus such as #EXO"
        columns = re.search(r"^##.*$", text, re.MULTILINE)
        if columns and "DSC" not in columns[0]:
            return "it is text of NETZSCH Proteus, but none of its columns is DSC"
        return None

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        start = next((at for at, line in enumerate(lines) if line.startswith("##")), None)
        if start is None:
            raise ReaderError(path, "there is no line of columns that begins with ##: the file is cut in its header")
        header = {found[1]: found[2] for line in lines[:start] if (found := _KEY.match(line))}
        delimiter = _DELIMITERS.get(header.get("SEPARATOR", ""), "")
        delimiter = delimiter or max(_DELIMITERS.values(), key=lines[start].count)
        titles = [cell.strip() for cell in lines[start].strip().split(delimiter)]
        places = assigned(path, titles, (), options)
        rows, said = number_rows(
            path,
            lines[start + 1 :],
            len(titles),
            delimiter=delimiter,
            decimal_comma=header.get("DECIMAL", "").upper() == "COMMA",
            partial=options.partial,
            first_line=start + 2,
        )
        columns = {name: (rows[:, at], one.units) for name, (at, one) in places.items()}
        exo_up = {"1": True, "-1": False}.get(header.get("EXO", "").strip("+ "))
        exo_up = next((one.exo_up for _, one in places.values() if one.exo_up is not None), exo_up)
        data, doubts = curve(path, columns, exo_up=exo_up, attrs={"sample_name": header.get("SAMPLE", "")})
        key = next((key for key in header if key.startswith("SAMPLE MASS")), "")
        metadata, unread = mass_of(f"{header.get(key, '')} {key.rpartition('/')[2]}" if header.get(key) else "")
        provenance = {word: header.get(name, "") for name, word in _PROVENANCE.items()}
        return Measured(data, metadata, provenance, dict(header), [*said, *doubts, *unread])
