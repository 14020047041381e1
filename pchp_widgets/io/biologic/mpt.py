"""Reader of the text exports of EC-Lab and BT-Lab (.mpt, .txt), with or without their header."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..contract import ReadOptions, Recording
from ..tables.textfile import Text
from .columns import INTEGER_DTYPES, canonical_name
from .findings import Findings, file_content
from .header import add_statements, loop_bounds
from .points import CURRENTS, TIME, VOLTAGES, recording
from .spectra import FREQUENCY, MINUS_IMAGINARY, MODULUS, PHASE, REAL
from .table import Array, Table, loop_numbers

if TYPE_CHECKING:
    import polars as pl

_FIRST_LINE = re.compile(rb"(?:\xef\xbb\xbf)?(?:EC|BT)-Lab ASCII FILE", re.IGNORECASE)
_HEADER_LENGTH = re.compile(r"Nb header lines\s*:\s*(\d+)")
_LONGEST_HEADER = 2000
_CLOCK = r"^\d+/\d+/\d{4} "
_CLOCK_FORMAT = "%m/%d/%Y %H:%M:%S%.f"


class _Parts(NamedTuple):
    """A text export taken apart: lines of the header, the line that names the columns, the rows."""

    lines: list[str]
    line: bytes
    body: bytes
    above: int = 1
    """Number of the line that names the columns."""

    @property
    def names(self) -> list[str]:
        return _names(self.line)


class MptReader:
    """Text exports of BioLogic EC-Lab and BT-Lab."""

    name = "biologic-mpt"
    description = "BioLogic EC-Lab / BT-Lab, text export (.mpt, .txt), with or without header"
    suffixes: tuple[str, ...] = (".mpt", ".txt")
    version = "3"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are not ours, or None when they are."""
        first = _decoded(_between_tabs(head).split(b"\n", 1)[0])
        if _FIRST_LINE.match(head) or _HEADER_LENGTH.match(first) or _is_column_line(first):
            return None
        return "the first line is neither 'EC-Lab ASCII FILE' nor EC-Lab's column names (time/s, Ewe/V, I/mA)"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file; voltage and current are chosen as for the binary file.

        Raises
        ------
        ReaderError
            When the file is cut or holds what is not a number, and ``options.partial`` is not set.
        """
        findings = Findings(path, options.partial)
        content = _plain(file_content(path))
        parts = _parts(content, findings)
        if not _are_eclabs(parts.names):
            return _renamed(path, parts, options, findings)
        return recording(_table(parts, findings), findings)


def columns(path: Path) -> dict[str, Array]:
    """Columns of a file by EC-Lab's names.

    Raises
    ------
    ReaderError
        As :meth:`MptReader.read`.
    """
    path = Path(path)
    return read_table(file_content(path), Findings(path)).columns


def read_table(content: bytes, findings: Findings) -> Table:
    """Everything a text export holds."""
    return _table(_parts(_plain(content), findings), findings)


def _plain(content: bytes) -> bytes:
    return _between_tabs(content.replace(b"\r\n", b"\n").removeprefix(b"\xef\xbb\xbf"))


def _between_tabs(content: bytes) -> bytes:
    """A table without header whose cells another program put semicolons or commas between; others as they are."""
    first = _line(content)
    for delimiter in (b";", b","):
        if b"\t" not in first and _is_column_line(_decoded(first.replace(delimiter, b"\t"))):
            return content.replace(delimiter, b"\t")
    return content


def _line(content: bytes, begin: int = 0) -> bytes:
    """The line that begins there, without its end; parting the content would copy what follows."""
    end = content.find(b"\n", begin)
    return content[begin:] if end < 0 else content[begin:end]


def _table(parts: _Parts, findings: Findings) -> Table:
    if not _are_eclabs(parts.names):
        findings.refuse(f"line {parts.above} should name the columns; found {_decoded(parts.line)[:60]!r}")
    table = Table()
    if parts.lines:
        add_statements(table, parts.lines)
    start = table.provenance.get("start_time", "")
    body, again = parts.body, parts.body.count(b"\n" + parts.line + b"\n")
    if again:
        body = body.replace(b"\n" + parts.line + b"\n", b"\n")
        findings.note(f"{again} lines repeating the names of the columns: left out")
    table.columns = _numbers(body, parts.names, start, findings)
    bounds = loop_bounds(parts.lines)
    rows = len(next(iter(table.columns.values()), ()))
    if bounds and rows < bounds[-1]:
        findings.damage(f"holds {rows} of the {bounds[-1]} points its header tells of: it was cut")
    if len(bounds) > 2:
        table.columns["loop"] = loop_numbers(bounds, rows)
    return table


def _decoded(text: bytes) -> str:
    # EC-Lab writes the code page of its PC; exports passed through other programs come as UTF-8
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")


def _is_column_line(line: str) -> bool:
    """Whether a line names columns as EC-Lab does, enough of them to make points or spectra of.

    A frequency alone does not tell: freq/Hz and time/s stand in the tables of others as well, impedance under other
    names.
    """
    names = {canonical_name(cell) for cell in line.split("\t")}
    trace = TIME in names and names.intersection(VOLTAGES) and names.intersection({*CURRENTS, "dq/mA.h", "mode"})
    return (
        bool(trace)
        or names.issuperset({FREQUENCY, REAL, MINUS_IMAGINARY})
        or names.issuperset({FREQUENCY, MODULUS, PHASE})
    )


def _are_eclabs(names: list[str]) -> bool:
    return bool({TIME, FREQUENCY, *VOLTAGES}.intersection(names))


def _parts(content: bytes, findings: Findings) -> _Parts:
    """The header of a file, the line that names the columns, and the bytes of the rows."""
    first = _line(content)
    if _is_column_line(_decoded(first)):
        return _Parts([], first, content[len(first) + 1 :])
    second = _line(content, len(first) + 1)
    match = _HEADER_LENGTH.match(_decoded(first)) or _HEADER_LENGTH.match(_decoded(second))
    if match is None or not 3 <= int(match[1]) <= 10_000:
        findings.refuse(f"its second line should say how many lines the header has; found {_decoded(second)[:60]!r}")
    stated = int(match[1])
    pieces = content.split(b"\n", stated)
    if len(pieces) < stated:
        findings.refuse(f"the file ends inside its header of {stated} lines: it was cut")
    at = stated - 1
    if not _are_eclabs(_names(pieces[at])):
        pieces = content.split(b"\n", max(stated, _LONGEST_HEADER))
        at = next((i for i, line in enumerate(pieces[:-1]) if _is_column_line(_decoded(line))), at)
        pieces = content.split(b"\n", at + 1)
    if at != stated - 1:
        findings.note(f"the header should have {stated} lines, but the columns are named in line {at + 1}")
    body = pieces[at + 1] if len(pieces) > at + 1 else b""
    lines = [_decoded(piece) for piece in pieces[:at]]
    lost = [] if _FIRST_LINE.match(first) else [""]  # so that the others are where they should be
    return _Parts(lost + lines, pieces[at], body, at + 1)


def _renamed(path: Path, parts: _Parts, options: ReadOptions, findings: Findings) -> Recording:
    """Points under names that are not EC-Lab's, where they say what they are."""
    from ..delimited import read_text

    body = parts.line + b"\n" + parts.body.replace(b",", b".")
    text = Text(body, lines=range(parts.above, parts.above + body.count(b"\n") + 2))
    result = read_text(path, options, text=text)
    table = Table()
    add_statements(table, parts.lines)
    result.metadata |= table.metadata
    result.provenance |= table.provenance
    result.settings |= table.settings
    result.warnings = [*findings.warnings, "the names of the columns are not those EC-Lab writes", *result.warnings]
    return result


def _names(line: bytes) -> list[str]:
    names = [canonical_name(cell) for cell in _decoded(line).split("\t")]
    return names[:-1] if names and not names[-1] else names


def _numbers(body: bytes, names: list[str], start: str, findings: Findings) -> dict[str, Array]:
    """Columns by name; whole numbers in the type the binary file stores them in, the others in double precision."""
    import polars as pl

    text = body.replace(b",", b".").strip(b"\n \x00")
    if not text:
        return {name: np.zeros(0, INTEGER_DTYPES.get(name, "f8")) for name in names}
    names, width = _names_of_cells(names, text, findings)
    keys = [str(number) for number in range(width)]
    try:
        cells = _cells(text, dict.fromkeys(keys, pl.Float64))
        odd = [key for key in keys if cells[key].null_count()]
        if odd:  # blanks around numbers, times of a clock, texts
            cells = cells.with_columns(_cells(text, dict.fromkeys(keys, pl.String)).select(odd).get_columns())
    except pl.exceptions.PolarsError as error:
        findings.refuse(f"its rows cannot be divided into columns: {str(error).splitlines()[0]}")
    found: dict[str, Array] = {}
    if _last_line_is_cut(text, body):
        findings.damage("the last line is cut: the file was cut or is still being written")
        cells = cells[:-1]
    for key, name in zip(keys, names, strict=False):
        values = _column(cells[key], name, start, findings)
        if values is None:
            continue
        found[name if name and name not in found else f"{name} (column {int(key) + 1})".lstrip()] = values
    return found


def _cells(text: bytes, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """The rows, a column of each kind asked for; where a cell is not of that kind there is none."""
    import polars as pl

    return pl.read_csv(
        io.BytesIO(text), separator="\t", has_header=False, schema=schema, quote_char=None, ignore_errors=True,
        truncate_ragged_lines=True, encoding="utf8-lossy",
    )  # fmt: skip


def _names_of_cells(names: list[str], text: bytes, findings: Findings) -> tuple[list[str], int]:
    """Names that have cells below them, and the number of cells in a row."""
    first = text.partition(b"\n")[0]
    width = first.count(b"\t") + 1
    filled = width - first.endswith(b"\t")
    if filled > len(names):
        findings.refuse(
            f"its rows have {filled} cells under {len(names)} column names: which number belongs to which name is not "
            "certain. Export it again from EC-Lab"
        )
    lacking = [name for name in names[filled:] if name]
    if lacking and b"\n" not in text:
        findings.damage("its only row has fewer cells than there are column names: it was cut")
    elif lacking:
        findings.note(f"columns {', '.join(map(repr, lacking))} are named but have no cells, and were skipped")
    return names[:filled], width


def _column(cells: pl.Series, name: str, start: str, findings: Findings) -> Array | None:
    """Numbers of one column; None, and a note, where it holds none at all."""
    import polars as pl

    if cells.dtype == pl.String:
        cells = cells.str.strip_chars()
        if name == TIME and cells.str.contains(_CLOCK).any():
            return _elapsed(cells, start, findings)
    numbers = cells if cells.dtype == pl.Float64 else cells.cast(pl.Float64, strict=False)
    missing = numbers.null_count()
    if missing and missing == len(numbers):
        findings.note(f"column {name!r} holds no numbers and was skipped")
        return None
    if missing:
        row = int(numbers.is_null().arg_true()[0])
        findings.damage(f"column {name!r} holds {missing} cells that are no numbers, first {cells[row]!r} in row {row}")
    values: Array = (numbers.fill_null(np.nan) if missing else numbers).to_numpy()
    dtype = INTEGER_DTYPES.get(name)
    if dtype is None or missing:
        return np.ascontiguousarray(values)
    with np.errstate(invalid="ignore"):
        whole = values.astype(dtype)
    if not np.array_equal(whole, values):
        findings.damage(f"column {name!r} should hold whole numbers up to {np.iinfo(dtype).max}")
        return values
    return whole


def _elapsed(cells: pl.Series, start: str, findings: Findings) -> Array:
    """Seconds since the start of acquisition (the first row where that is unknown), from clock times."""
    clock = cells.str.to_datetime(_CLOCK_FORMAT, time_unit="ms", strict=False)
    if clock.null_count():
        findings.damage(f"{clock.null_count()} cells of {TIME!r} are no times of the form 11/20/2024 11:38:41.707")
    zero = np.datetime64(start) if len(start) > 10 else clock.drop_nulls().to_numpy()[:1]
    return (clock.to_numpy() - zero).astype("timedelta64[ms]").astype(float) / 1e3


def _last_line_is_cut(text: bytes, body: bytes) -> bool:
    """Whether the last line has no end, and fewer cells or fewer digits in its last one than the line above it.

    EC-Lab prints every number of a column with the same count of digits.
    """
    lines = text[-100_000:].rsplit(b"\n", 2)[-2:]
    if body.endswith(b"\n") or len(lines) < 2:
        return False
    above, last = (line.split(b"\t") for line in lines)
    if len(last) != len(above):
        return len(last) < len(above)
    shapes = [re.sub(rb"\d", b"0", cells[-1].strip().lstrip(b"-")) for cells in (above, last)]
    return b"E" in shapes[0] and shapes[0] != shapes[1]
