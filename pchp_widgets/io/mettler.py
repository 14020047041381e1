"""Tables exported by Mettler-Toledo STARe: columns by blanks, a row of units in brackets, remarks at the end."""

from __future__ import annotations

import re
from pathlib import Path

from .calorimetry import assigned, curve, mass_of
from .contract import Measured, ReaderError, ReadOptions
from .tables.rows import decoded, number_rows

_UNITS_ROW = re.compile(r"^\s*(\[[^\[\]]*\]\s*){3,}$")
_EXO = re.compile(r"\^\s*exo|exo\s*up", re.IGNORECASE)
_ENDO = re.compile(r"\^\s*endo|endo\s*up", re.IGNORECASE)
_MASS = re.compile(r"(\d+(?:\.\d+)?)\s*(mg)\b")


class MettlerReader:
    """``.txt`` tables of STARe (Index, t, Heatflow, Tr, ...)."""

    name = "mettler-stare"
    description = "Mettler-Toledo STARe table (DSC)"
    suffixes = (".txt",)
    version = "1"
    fallback = False
    technique = "thermal"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no STARe table."""
        at, lines = _units_row(decoded(head))
        if at is None:
            return "there is no row of units in brackets below the headers"
        return None if "heatflow" in lines[at - 1].lower().replace(" ", "") else "none of its columns is a Heatflow"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        at, lines = _units_row(decoded(path.read_bytes()))
        if at is None:
            raise ReaderError(path, "there is no row of units in brackets: the file is cut in its header")
        titles, units = lines[at - 1].split(), re.findall(r"\[([^\[\]]*)\]", lines[at])
        if len(titles) != len(units):
            raise ReaderError(path, f"{len(titles)} headers stand above {len(units)} units: the header is damaged")
        body = lines[at + 1 :]
        remarks = [line for line in body if line.strip() and not re.match(r"^\s*[-+\d]", line)]
        tail = body[-1] if body and body[-1].strip() and len(body[-1].split()) != len(titles) else ""
        table = [line for line in body if line not in remarks and line is not tail]
        places = assigned(path, titles, units, options)
        rows, said = number_rows(path, table, len(titles), partial=options.partial, first_line=at + 2)
        if tail and not remarks and tail.split()[0].replace("-", "").isdigit():
            said.append(f"the last line {tail.strip()[:40]!r} has no {len(titles)} columns: it is left out")
        columns = {name: (rows[:, place], one.units) for name, (place, one) in places.items()}
        text = "\n".join([*lines[: at - 1], *remarks])
        exo_up = True if _EXO.search(text) else False if _ENDO.search(text) else None
        exo_up = next((one.exo_up for _, one in places.values() if one.exo_up is not None), exo_up)
        name = (remarks or lines[: at - 1] or [""])[0].split(",")[0].strip()
        data, doubts = curve(path, columns, exo_up=exo_up, attrs={"sample_name": name})
        if re.search(r"\bTr\b", " ".join(titles)) and "Ts" not in titles:
            doubts.append("the temperature is that of the reference (Tr): a melting sample is behind it")
        found = _MASS.search(text)
        metadata, unread = mass_of(found[0] if found else "")
        return Measured(data, metadata, {"comment": " ".join(remarks).strip()}, {}, [*said, *doubts, *unread])


def _units_row(text: str) -> tuple[int | None, list[str]]:
    """Line of the units, and all lines."""
    lines = text.splitlines(keepends=True)
    return next((at for at, line in enumerate(lines[:60]) if at and _UNITS_ROW.match(line)), None), lines
