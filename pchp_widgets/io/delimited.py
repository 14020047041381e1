"""Delimited text of any origin: tables of numbers under a line of headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from .contract import HEAD_BYTES, ReaderError, ReadOptions, Recording
from .tables.assignment import assignment
from .tables.columns import Sheet, recording
from .tables.headers import Heading
from .tables.layout import Layout, NotATableError, layout, text_head
from .tables.textfile import table


class DelimitedTextReader:
    """Semicolons, tabs or commas; decimal comma or point; UTF-8, UTF-16 or cp1252; preamble, units row, gzip.

    Headers that state a quantity and its unit are understood by themselves (see :mod:`.headers`), others through
    ``columns``. A file without a current column needs the amplitude of the current; its sign is then taken from the
    half-cycles of the voltage (see :mod:`.polarity`) and marked as assumed.
    """

    name = "delimited-text"
    description = "Delimited text (csv, txt, tsv) with a header line, from any instrument"
    suffixes = (".csv", ".txt", ".tsv", ".dat", ".asc", ".gz")
    version = "1"
    fallback = True

    def sniff(self, head: bytes) -> str | None:
        """None for a table of numbers under a line of as many headers."""
        try:
            layout(text_head(head))
        except NotATableError as reason:
            return str(reason)
        return None

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When the headers do not tell where time and voltage are, no current is there and no amplitude given, or
            the file was cut in the middle of a line and ``options.partial`` is not set.
        """
        return read_text(path, options)


def read_text(
    path: Path,
    options: ReadOptions,
    *,
    known: Mapping[str, Heading] | None = None,
    prepare: Callable[[Sheet], None] | None = None,
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

    Raises
    ------
    ReaderError
        As :meth:`DelimitedTextReader.read`.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise ReaderError(path, "the file is empty (0 bytes)")
    try:
        found = layout(text_head(head))
    except NotATableError as reason:
        raise ReaderError(path, str(reason)) from None
    meanings = assignment(path, found.headers, found.units, options, known)
    needed = [meanings[name][0] for name in ("time", "voltage", "current") if name in meanings]
    for column in needed:
        if column in found.texts and column not in found.clocks:
            raise ReaderError(path, f"column {found.headers[column]!r} holds no numbers")
    numbers = table(path, found, needed, partial=options.partial)
    sheet = Sheet(path, found.headers, numbers.frame, meanings, numbers.lines, numbers.warnings)
    sheet.of_instrument = known is not None
    if prepare:
        prepare(sheet)
    result = recording(sheet, options)
    result.settings = _settings(found)
    return result


def _settings(found: Layout) -> dict[str, object]:
    return {"headers": list(found.headers), "preamble": list(found.preamble)}
