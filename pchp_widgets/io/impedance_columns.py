"""Columns of frequency and impedance without headers, or between blanks: ``f Z' Z''``, also under text (.i2b)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .contract import HEAD_BYTES, ReaderError, ReadOptions, Recording
from .tables.impedance_headers import Column, Columns, impedance_columns, named_columns, parts
from .tables.impedance_table import table_spectra
from .tables.layout import NotATableError, encoding
from .tables.rows import number_rows

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_DECIMAL_COMMA = re.compile(r"\d,\d")
_FEWEST_ROWS = 6
_FEWEST_DECADES = 1.0


class ImpedanceColumnsReader:
    """Three columns of numbers of which the first are frequencies, or columns between blanks that are named.

    Numbers without names are frequencies only where they are positive and evenly spaced on a logarithmic scale: a
    table of times and voltages is not taken for a spectrum. The third column is Im Z or -Im Z: the data decide.
    """

    name = "impedance-columns"
    description = "Impedance as three columns without headers (csv, txt, .i2b), or columns between blanks"
    suffixes = (".i2b", ".txt", ".csv", ".dat")
    version = "1"
    fallback = True

    def sniff(self, head: bytes) -> str | None:
        """None for lines of three numbers, the first like frequencies, and for named columns of impedance."""
        try:
            lines = _lines(head)
            if len(head) >= HEAD_BYTES:
                lines.pop()  # cut by the end of the head
            _rows_like_frequencies(_found(lines), lines)
        except NotATableError as reason:
            return str(reason)
        return None

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When there are fewer points than the file states or it was cut, and ``options.partial`` is not set.
        """
        content = path.read_bytes()
        if not content:
            raise ReaderError(path, "the file is empty (0 bytes)")
        try:
            lines = _lines(content)
            found = _found(lines)
            _rows_like_frequencies(found, lines)
        except NotATableError as reason:
            raise ReaderError(path, str(reason)) from None
        body = lines[found.first :]
        values, said = number_rows(
            path,
            body,
            len(found.headers),
            delimiter=found.delimiter,
            decimal_comma=found.decimal_comma,
            partial=options.partial,
            first_line=found.first + 1,
        )
        said += _count_doubts(path, lines[: found.first], len(values), partial=options.partial)
        columns = named_columns(path, options.columns, found.headers, [], found.columns)
        result = table_spectra(path, found.headers, [], columns, lambda at: values[:, at])
        if not found.named:
            said.append(
                "the columns have no names: taken as frequency, Re Z and imaginary part, because the first is evenly"
                " spaced on a logarithmic scale"
            )
        result.warnings = [*said, *result.warnings]
        result.settings = {"preamble": [line.strip() for line in lines[: found.first] if line.strip()]}
        return result


class _Found(NamedTuple):
    """Where the numbers begin, how they are written, and what the columns are."""

    first: int
    delimiter: str | None
    decimal_comma: bool
    headers: list[str]
    columns: Columns
    named: bool


def _lines(content: bytes) -> list[str]:
    """Lines with their ends."""
    text = content.decode(encoding(content), errors="replace")
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        raise NotATableError("binary data, no text")
    return text.splitlines(keepends=True)


def _found(lines: list[str]) -> _Found:
    """The first line of at least three numbers, and the names above it."""
    for at, line in enumerate(lines):
        delimiter, decimal_comma = _written(line)
        width = _width(line, delimiter, decimal_comma=decimal_comma)
        if width < 3:
            continue
        above = next((one.strip() for one in reversed(lines[:at]) if one.strip()), "")
        names = [one.strip() for one in above.split(delimiter)]
        columns = impedance_columns(names) if len(names) == width else {}
        if parts(columns):
            return _Found(at, delimiter, decimal_comma, names, columns, named=True)
        if width > 3:
            raise NotATableError(f"lines of {width} numbers without names; three are expected: frequency, Re Z, Im Z")
        headers = [f"column {number}" for number in (1, 2, 3)]
        quantities = ("frequency", "z_real", "z_imag")
        plain = {name: Column(i, headers[i], "", 0) for i, name in enumerate(quantities)}
        return _Found(at, delimiter, decimal_comma, headers, plain, named=False)
    raise NotATableError("no line of three numbers")


def _written(line: str) -> tuple[str | None, bool]:
    """Delimiter (None for blanks), and whether decimals are written with a comma."""
    for delimiter in (";", "\t"):
        if delimiter in line.strip():
            return delimiter, "," in line
    if re.search(r",\s", line.strip()) or not _DECIMAL_COMMA.search(line) or not re.search(r"\S\s+\S", line):
        return ("," if "," in line else None), False
    return None, True


def _width(line: str, delimiter: str | None, *, decimal_comma: bool) -> int:
    """How many numbers a line consists of; 0 where something else is in it."""
    text = line.replace(",", ".") if decimal_comma else line
    cells = [cell.strip() for cell in text.strip().split(delimiter)]
    while cells and not cells[-1]:
        cells.pop()
    return len(cells) if cells and all(re.fullmatch(_NUMBER, cell) for cell in cells) else 0


def _rows_like_frequencies(found: _Found, lines: list[str]) -> None:
    """Refuse numbers without names that are no frequencies."""
    column = found.columns["frequency"].column
    rows = []
    for line in lines[found.first :]:
        text = line.replace(",", ".") if found.decimal_comma else line
        if _width(text, found.delimiter, decimal_comma=False) >= len(found.headers):
            rows.append(float(text.strip().split(found.delimiter)[column]))
    values = np.array(rows)
    if len(values) < (1 if found.named else _FEWEST_ROWS):
        raise NotATableError(f"fewer than {_FEWEST_ROWS} lines of three numbers without names")
    if not found.named and not _like_frequencies(values):
        raise NotATableError(
            "three columns of numbers without names, of which the first are not like frequencies: positive and evenly"
            " spaced on a logarithmic scale. If they are, write a line above them: frequency/Hz, Re(Z)/ohm, -Im(Z)/ohm"
        )


def _like_frequencies(values: npt.NDArray[np.float64]) -> bool:
    """Whether steps between numbers are more even on a logarithmic scale than on a linear one."""
    if not (np.isfinite(values).all() and (values > 0).all()):
        return False
    if np.log10(values.max() / values.min()) < _FEWEST_DECADES:
        return False

    def unevenness(steps: npt.NDArray[np.float64]) -> float:
        sizes = np.abs(steps)
        return float(np.subtract(*np.percentile(sizes, [75, 25])) / np.median(sizes)) if np.median(sizes) else np.inf

    return unevenness(np.diff(np.log(values))) < unevenness(np.diff(values))


def _count_doubts(path: Path, preamble: list[str], points: int, *, partial: bool) -> list[str]:
    """Compare with the number of points that stands above them in .i2b files."""
    above = next((line.strip() for line in reversed(preamble) if line.strip()), "")
    if not above.isdecimal() or int(above) == points:
        return []
    said = f"the file states {above} points and holds {points}"
    if points < int(above) and not partial:
        raise ReaderError(path, f"{said}: it was cut; partial=True gives them")
    return [said]
