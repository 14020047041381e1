"""Cycling data in Excel workbooks: the exports of several instruments, and tables of any origin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Protocol

from .arbin import ArbinTextReader
from .contract import HEAD_BYTES, ReaderError, ReadOptions, Recording
from .delimited import DelimitedTextReader, holds_spectra_alone
from .landt import LandtReader
from .neware import NewareTextReader
from .tables.impedance import joined_spectra
from .tables.layout import NotATableError, layout
from .tables.textfile import Text
from .tables.workbook import is_workbook, sheets

_NUMBERED = re.compile(r"[\s_]+\(?\d+\)?$")
_RECORD = {b"datapoint", b"data_point", b"data point", b"record id", b"record", b"index", b"record number"}


class _TextReader(Protocol):
    """A reader of texts that also reads a table taken out of another file."""

    name: str

    def sniff(self, head: bytes) -> str | None: ...
    def read(self, path: Path, options: ReadOptions, text: Text | None = None) -> Recording: ...


_READERS: tuple[_TextReader, ...] = (NewareTextReader(), LandtReader(), ArbinTextReader(), DelimitedTextReader())


class WorkbookReader:
    """Workbooks of Neware (BTSDA), Landt and Arbin, and any other with a table of time, voltage and current.

    The sheet is chosen by its headers. Sheets that go on where one ends (``record``, ``record_1``, ...) are read as
    one; sheets of other tables are named in the settings. A workbook of nothing but impedance gives the spectra of all
    its sheets.
    """

    name = "cycler-workbook"
    description = "Excel workbooks (xlsx, xls) of Neware, Landt, Arbin or any other table of points or of impedance"
    suffixes = (".xlsx", ".xls")
    version = "1"
    fallback = True  # nothing but the whole workbook tells whose it is

    def sniff(self, head: bytes) -> str | None:
        """None for any workbook."""
        return None if is_workbook(head) else "no Excel workbook"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the sheets that hold the points.

        Raises
        ------
        ReaderError
            When the workbook is damaged, or no sheet holds a table that a reader of texts understands.
        """
        texts = sheets(path)
        declined: list[str] = []
        spectral = [name for name, text in texts.items() if holds_spectra_alone(path, text[:HEAD_BYTES], options)]
        for reader in _READERS:
            others = [name for name in texts if name not in spectral]
            takes = [name for name in others if reader.sniff(texts[name][:HEAD_BYTES]) is None]
            tables = sorted(_tables(texts, takes), key=lambda names: -sum(len(texts[name]) for name in names))
            for names in tables:
                try:
                    result = reader.read(path, options, _joined(texts, names))
                except ReaderError as error:
                    declined.append(f"sheet {names[0]!r} as {reader.name}: {error.reason}")
                    continue
                result.settings |= {"sheets": names, "other_sheets": [name for name in texts if name not in names]}
                alike = [name for name in takes if name not in names and _word(name) == _word(names[0])]
                if alike:
                    result.warnings.append(f"sheets {', '.join(map(repr, alike))} do not go on where it ends: not read")
                return result
        if spectral:
            return _spectra(path, texts, spectral, options)
        said = "; ".join(declined) or f"the sheets are {', '.join(map(repr, texts))}"
        raise ReaderError(
            path,
            f"no sheet holds a table with time, voltage and current under their headers ({said}). A workbook about a"
            " material is opened by open_measurement",
        )


def _spectra(path: Path, texts: dict[str, bytes], names: list[str], options: ReadOptions) -> Recording:
    """The spectra of all sheets, in the order of the sheets."""
    reader = DelimitedTextReader()
    found = {name: reader.read(path, options, Text(texts[name])) for name in names}
    result = joined_spectra({f"sheet {name!r}": recording for name, recording in found.items()})
    result.settings = {"sheets": names, "other_sheets": [name for name in texts if name not in names]}
    return result


def _tables(texts: dict[str, bytes], takes: list[str]) -> list[list[str]]:
    """Sheets by table: those whose numbers of records go on, and whose names differ but in a number, are one."""
    found: list[list[str]] = []
    for name in takes:
        before = found[-1] if found and _NUMBERED.sub("", found[-1][0]) == _NUMBERED.sub("", name) else None
        if before and _goes_on(texts[before[-1]], texts[name]):
            before.append(name)
        else:
            found.append([name])
    return found


def _goes_on(before: bytes, text: bytes) -> bool:
    """Whether a sheet has the headers of another, and its records are numbered on from there."""
    header, start = _header(before)
    again, begin = _header(text)
    if header != again:
        return False
    column = next((at for at, name in enumerate(header.split(b"\t")) if name.lower() in _RECORD), None)
    if column is None:
        return False
    last = before.rstrip(b"\n").rpartition(b"\n")[2].split(b"\t")[column]
    first = text.split(b"\n", begin + 1)[begin].split(b"\t")[column]
    return start > 0 and _number(first) == _number(last) + 1


def _header(text: bytes) -> tuple[bytes, int]:
    """The line of headers of a sheet, and the number of lines with it."""
    try:
        found = layout(text[:HEAD_BYTES])
    except NotATableError:
        return b"", 0
    return text.split(b"\n", found.body_line)[found.body_line - 1], found.body_line


def _number(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _word(name: str) -> str:
    return re.sub(r"[^A-Za-z]+.*", "", name).lower()


def _joined(texts: dict[str, bytes], names: list[str]) -> Text:
    """The rows of sheets that go on, under the header of the first; rows keep the numbers they have in their sheets."""
    first, *others = (texts[name] for name in names)
    if not others:
        return Text(first)
    lines, parts = list(range(1, first.count(b"\n") + 1)), [first]
    for other in others:
        begin = _header(other)[1]
        parts.append(other.split(b"\n", begin)[begin])
        lines += range(begin + 1, begin + 1 + parts[-1].count(b"\n"))
    return Text(b"".join(parts), lines=lines)
