"""Gamry Framework data files (.DTA): impedance, also of runs that were aborted and with drift correction."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .contract import ReaderError, ReadOptions, Recording
from .tables.dates import iso_start
from .tables.impedance import Impedance, impedance_recording
from .tables.rows import decoded, number_rows

_FIRST_LINE = "EXPLAIN"
_TAG = re.compile(rb"^TAG\t(\S+)", re.MULTILINE)
_TABLE = re.compile(r"^(\w+)\tTABLE\b\t?(\d*)")
_IMPEDANCE = re.compile(r"ZCURVE\d*$")
_OURS = {"Freq": "Hz", "Zreal": "ohm", "Zimag": "ohm"}
_Block = dict[str, npt.NDArray[np.float64]]
_CORRECTED = ("ZrealDrCor", "ZimagDrCor")


class GamryReader:
    """Tables ``ZCURVE`` of .DTA files: one spectrum each, more where the frequency turns back.

    Where drift correction was on, the corrected impedance is read, and it is said how far it is from the raw one. Other
    tables (open circuit before the sweep, single sine waves) are named in the settings and not read.
    """

    name = "gamry-dta"
    description = "Gamry Framework, impedance (.DTA), aborted and drift-corrected runs as well"
    suffixes = (".dta",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a .DTA file whose tag names an impedance technique."""
        if not head.lstrip(b"\xef\xbb\xbf").startswith(_FIRST_LINE.encode()):
            return "the first line is not EXPLAIN"
        tag = _TAG.search(head)
        if tag is None or b"EIS" not in tag[1].upper():
            named = tag[1].decode("ascii", "replace") if tag else "missing"
            return f"Gamry's tag is {named}, which is no impedance"
        return None

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read all tables of impedance.

        Raises
        ------
        ReaderError
            When there is no table of impedance, or it lacks a column, or is cut and ``options.partial`` is not set.
        """
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        tables = _tables(lines)
        stated = _stated(lines)
        wanted = [one for one in tables if _IMPEDANCE.match(one.name)]
        if not wanted:
            names = ", ".join(one.name for one in tables) or "none"
            raise ReaderError(
                path, f"holds no table of impedance (ZCURVE); its tables are {names}. Was the run aborted?"
            )
        said: list[str] = []
        blocks = [_values(path, one, lines, said, partial=options.partial) for one in wanted]
        result = impedance_recording(path, _impedance(path, blocks, said))
        aborted = stated.get("EXPERIMENTABORTED", "F") == "T"
        if aborted:
            said.append("the run was aborted, the spectrum may end before its last frequency")
        result.finished = False if aborted else None
        result.warnings = [*said, *result.warnings]
        result.provenance |= _provenance(stated)
        result.settings = {**stated, "tables not read": [one.name for one in tables if one not in wanted]}
        return result


class _Table(NamedTuple):
    """A table: its name, how many rows it states (0: none), the line of its headers, the lines of its rows."""

    name: str
    rows: int
    header: int
    first: int
    end: int


def _tables(lines: list[str]) -> list[_Table]:
    found = []
    for at, line in enumerate(lines):
        match = _TABLE.match(line)
        if match:
            first = at + 3
            end = next((i for i in range(first, len(lines)) if not lines[i].startswith("\t")), len(lines))
            found.append(_Table(match[1], int(match[2] or 0), at + 1, first, end))
    return found


def _stated(lines: list[str]) -> dict[str, str]:
    """Every statement outside of the tables: name and value."""
    found = {}
    for line in lines:
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) > 2 and cells[0] and not _TABLE.match(line):
            found[cells[0]] = cells[2].strip()
        elif len(cells) == 2 and cells[0]:
            found[cells[0]] = cells[1].strip()
    return found


def _values(path: Path, one: _Table, lines: list[str], said: list[str], *, partial: bool) -> _Block:
    """The columns of a table by name."""
    if one.first >= one.end:
        raise ReaderError(path, f"its table {one.name} has no rows: the run was aborted, or the file is cut")
    headers = [cell.strip() for cell in lines[one.header].rstrip("\r\n").split("\t")]
    units = dict(zip(headers, (cell.strip() for cell in lines[one.header + 1].split("\t")), strict=False))
    for name, unit in _OURS.items():
        if units.get(name) != unit:
            raise ReaderError(path, f"its table {one.name} has no column {name} in {unit}: {units}")
    body = lines[one.first : one.end]
    numbers, doubts = number_rows(
        path,
        body,
        len(headers),
        delimiter="\t",
        decimal_comma=any("," in line for line in body),
        partial=partial,
        first_line=one.first + 1,
    )
    said += doubts
    if one.rows > len(numbers):
        said.append(f"table {one.name} should have {one.rows} rows and has {len(numbers)}: the file was cut")
    return {name: numbers[:, at] for at, name in enumerate(headers) if name}


def _impedance(path: Path, blocks: list[_Block], said: list[str]) -> Impedance:
    def column(name: str) -> npt.NDArray[np.float64]:
        return np.concatenate([block.get(name, np.full(len(block["Freq"]), np.nan)) for block in blocks])

    z_real, z_imag, modulus = column("Zreal"), column("Zimag"), column("Zmod")
    what = "Im Z (column Zimag)"
    if all(set(_CORRECTED) <= block.keys() for block in blocks):
        corrected = [column(name) for name in _CORRECTED]
        apart = np.hypot(corrected[0] - z_real, corrected[1] - z_imag) / np.hypot(z_real, z_imag)
        said.append(
            "the impedance is the one with drift correction, which is up to"
            f" {np.nanmax(apart, initial=0.0):.2%} away from the raw one"
        )
        (z_real, z_imag), modulus, what = corrected, column("ZmodDrCor"), "Im Z (column ZimagDrCor)"
    elif any(_CORRECTED[0] in block for block in blocks):
        raise ReaderError(path, "some of its spectra are drift-corrected and others are not; export them apart")
    number = np.concatenate([np.full(len(block["Freq"]), at) for at, block in enumerate(blocks)])
    return Impedance(
        column("Freq"),
        z_real,
        z_imag,
        what,
        modulus=modulus if np.isfinite(modulus).all() else None,
        time=column("Time"),
        voltage=column("Vdc"),
        counters=[number],
    )


def _provenance(stated: dict[str, str]) -> dict[str, str]:
    date, time = stated.get("DATE", ""), stated.get("TIME", "")
    found = {
        "technique": stated.get("TITLE", ""),
        "instrument": f"Gamry {stated.get('PSTATSECTION') or stated.get('PSTAT', '')}".strip(),
        "software": f"Framework {stated['FRAMEWORKVERSION']}" if "FRAMEWORKVERSION" in stated else "",
        "serial_number": stated.get("PSTATSERIALNO", ""),
        "start_time": iso_start(date, time),
    }
    return {name: text for name, text in found.items() if text}
