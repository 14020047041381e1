"""Delimited text of any origin: tables of numbers under a line of headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from .contract import HEAD_BYTES, ReaderError, ReadOptions, Recording
from .tables.assignment import assignment
from .tables.columns import Sheet, recording
from .tables.headers import Heading, headings
from .tables.impedance_headers import Columns, of_the_trace, parts, stated_columns
from .tables.impedance_table import add_spectra, sheet_impedance, table_spectra
from .tables.layout import Layout, NotATableError, layout, text_head
from .tables.textfile import Text, table


class DelimitedTextReader:
    """Semicolons, tabs or commas; decimal comma or point; UTF-8, UTF-16 or cp1252; preamble, units row, gzip.

    Headers that state a quantity and its unit are understood by themselves (see :mod:`.headers`), others through
    ``columns``. A file without a current column needs the amplitude of the current; its sign is then taken from the
    half-cycles of the voltage (see :mod:`.polarity`) and marked as assumed.

    Columns of frequency and impedance (see :mod:`.impedance_headers`) are read as spectra, with the trace beside them
    where there is one. Whether a column is Im Z or -Im Z the header says, else the data (see :mod:`.impedance`).
    """

    name = "delimited-text"
    description = "Delimited text (csv, txt, tsv) with a header line, from any instrument"
    suffixes = (".csv", ".txt", ".tsv", ".dat", ".asc", ".gz")
    version = "2"
    fallback = True

    def sniff(self, head: bytes) -> str | None:
        """None for a table of numbers under a line of as many headers."""
        try:
            layout(text_head(head))
        except NotATableError as reason:
            return str(reason)
        return None

    def read(self, path: Path, options: ReadOptions, text: Text | None = None) -> Recording:
        """Read the whole file, or a table `text` taken out of it.

        Raises
        ------
        ReaderError
            When the headers do not tell where time and voltage are, no current is there and no amplitude given, or
            the file was cut in the middle of a line and ``options.partial`` is not set.
        """
        return read_text(path, options, text=text)


def read_text(
    path: Path,
    options: ReadOptions,
    *,
    known: Mapping[str, Heading] | None = None,
    prepare: Callable[[Sheet], None] | None = None,
    text: Text | None = None,
) -> Recording:
    """Points of a text file with columns.

    Parameters
    ----------
    path, options
        As for :meth:`DelimitedTextReader.read`.
    known
        What the headers of an instrument mean, where they do not say so themselves: by header as
        :func:`.headers.plain` writes it. Its units are then held against its own counters, and one that is a thousand
        times off is mended or refused.
    prepare
        Changes the columns of an instrument before points are made of them.
    text
        The table, where it is not simply the file: a part of it, or put together from its parts.

    Raises
    ------
    ReaderError
        As :meth:`DelimitedTextReader.read`.
    """
    head = text.raw[:HEAD_BYTES] if text else _head(path)
    try:
        found = layout(text_head(head))
    except NotATableError as reason:
        raise ReaderError(path, str(reason)) from None
    spectral = stated_columns(path, options.columns, found.headers, found.units)
    options = replace(options, columns=of_the_trace(options.columns))
    if parts(spectral) and not _has_trace(found, options, known):
        return _spectra_alone(path, found, spectral, options, text)
    meanings = assignment(path, found.headers, found.units, options, known)
    needed = [meanings[name][0] for name in ("time", "voltage", "current") if name in meanings]
    for column in needed:
        if column in found.texts and column not in found.clocks:
            raise ReaderError(path, f"column {found.headers[column]!r} holds no numbers")
    numbers = table(path, found, needed, partial=options.partial, text=text)
    sheet = Sheet(path, found.headers, numbers.frame, meanings, numbers.lines, numbers.warnings)
    sheet.of_instrument = known is not None
    if prepare:
        prepare(sheet)
    impedance, assumed = sheet_impedance(sheet, found.units, spectral) if parts(spectral) else (None, [])
    result = recording(sheet, options)
    add_spectra(result, sheet, impedance, assumed)
    result.settings = _settings(found)
    return result


def holds_spectra_alone(path: Path, head: bytes, options: ReadOptions) -> bool:
    """Whether the first bytes of a text are a table of impedance without time, voltage and current."""
    try:
        found = layout(text_head(head))
        columns = stated_columns(path, options.columns, found.headers, found.units)
    except (NotATableError, ReaderError):
        return False
    trace = replace(options, columns=of_the_trace(options.columns))
    return bool(parts(columns)) and not _has_trace(found, trace, None)


def _has_trace(found: Layout, options: ReadOptions, known: Mapping[str, Heading] | None) -> bool:
    named = headings(found.headers, found.units, known).keys() | options.columns.keys()
    return {"time", "voltage", "current"} <= named


def _spectra_alone(path: Path, found: Layout, columns: Columns, options: ReadOptions, text: Text | None) -> Recording:
    """Spectra of a table without a trace."""
    needed = [columns[name].column for name in parts(columns)]
    for column in needed:
        if column in found.texts:
            raise ReaderError(path, f"column {found.headers[column]!r} holds no numbers")
    numbers = table(path, found, needed, partial=options.partial, text=text)
    sheet = Sheet(path, found.headers, numbers.frame, {}, numbers.lines)
    result = table_spectra(path, found.headers, found.units, columns, sheet.raw)
    result.warnings = [*numbers.warnings, *result.warnings]
    result.settings = _settings(found)
    return result


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise ReaderError(path, "the file is empty (0 bytes)")
    return head


def _settings(found: Layout) -> dict[str, object]:
    return {"headers": list(found.headers), "preamble": list(found.preamble)}
