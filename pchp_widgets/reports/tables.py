"""Tables of a report: shown with readable units and definitions, and the same numbers as csv."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from numbers import Integral, Real
from operator import itemgetter

from ..model.units import pretty
from .typography import definition, heading, typeset

_FIGURES = 4
_SHORT = 12  # letters of a cell that is not broken: a name, a verdict
_ALIKE = 3  # rows from which on a remark that is the same in all of them stands below the table
_LONGEST_UNBROKEN = 30  # letters of the first column; a longer name would push the numbers off the page
_ROWS_NEVER_DIVIDED = 14  # between two pages
_REMARKS = {"remark", "flags", "together", "outcome"}  # columns that say what is to be said of a row
_NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        Header in the csv, where it is followed by the units; on the page underscores become spaces.
    values
        Texts and numbers; None and NaN stand for what is not known.
    units
        As stored (``"mA h cm-2"``).
    stderr
        Standard errors of the values: a column of its own in the csv, on the page behind ``±`` unless they round to 0.
    digits
        Decimals shown, for the whole column or one for each row; when left out those that four significant figures of
        the largest number need, without zeros at the end of all of them. The csv has every digit.
    """

    name: str
    values: Sequence[object]
    units: str = ""
    stderr: Sequence[float] | None = None
    digits: int | Sequence[int] | None = None

    def shown(self) -> list[str]:
        """Values as a person reads them."""
        digits = self.digits if isinstance(self.digits, Sequence) else [self._digits()] * len(self.values)
        texts = [readable(value, places) for value, places in zip(self.values, digits, strict=True)]
        if self.stderr is None:
            return texts
        errors = [readable(error, places) for error, places in zip(self.stderr, digits, strict=True)]
        return [f"{text} ± {error}" if error.strip("0.") else text for text, error in zip(texts, errors, strict=True)]

    def is_number(self) -> bool:
        """Whether it holds numbers, which are set flush right."""
        return any(_is_number(value) for value in self.values)

    def _digits(self) -> int:
        if isinstance(self.digits, int):
            return self.digits
        sizes = [float(value) for value in self.values if isinstance(value, Real)]
        known = [size for size in sizes if math.isfinite(size)]
        digits = decimals(max(map(abs, known), default=0.0))
        if self.stderr is not None:
            return digits
        fractions = [f"{size:.{digits}f}".partition(".")[2].rstrip("0") for size in known]
        return max(map(len, fractions), default=0)


@dataclass(frozen=True)
class Table:
    """A table of a report, shown where it is the last expression of a cell.

    Attributes
    ----------
    name
        Name of its csv file, without the ending.
    caption
        What it says.
    columns
        What the csv holds, and the page too unless `view` is given.
    definitions
        What the words in the table mean, shown below it.
    notes
        Sentences shown below it.
    view
        What the page shows, where that is laid out otherwise than the csv. Columns that hold nothing, or the same cell
        in row after row, are left out anyway; a remark that is the same in every row stands below the table.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    definitions: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    view: Sequence[Column] = ()

    def csv(self) -> str:
        """The table as comma-separated text, units in the header: ``mid [V]``."""
        header: list[str] = []
        content: list[Sequence[object]] = []
        for column in self.columns:
            units = f" [{column.units}]" if column.units not in {"", "1"} else ""
            header.append(f"{column.name}{units}")
            content.append(column.values)
            if column.stderr is not None:
                header.append(f"{column.name}_stderr{units}")
                content.append(column.stderr)
        target = io.StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_plain(value) for value in row] for row in zip(*content, strict=True))
        return target.getvalue()

    def html(self) -> str:
        """The table as HTML; rows that begin with the same word are one group, which names it once."""
        shown = self._shown()
        repeated = [column for column in shown[1:] if _is_repeated(column)]
        columns = [column for column in shown if column not in repeated]
        kinds = ["number" if column.is_number() else "text" for column in columns]
        heads = "".join(
            f'<th class="{kind}">{_header(column)}</th>' for kind, column in zip(kinds, columns, strict=True)
        )
        rows = list(zip(*(column.shown() for column in columns), strict=True))
        groups = "".join(f"<tbody>{''.join(_row(kinds, row) for row in group)}</tbody>" for group in _groups(rows))
        terms = "".join(
            f"<dt>{escape(heading(term))}</dt><dd>{escape(definition(text))}</dd>" for term, text in self.definitions
        )
        same = [f"{heading(column.name).capitalize()}, in every row: {column.values[0]}." for column in repeated]
        notes = "".join(f"<p>{escape(typeset(note))}</p>" for note in [*same, *self.notes])
        body = f'<div class="scroll"><table><thead><tr>{heads}</tr></thead>{groups}</table></div>'
        whole = "table whole" if len(rows) <= _ROWS_NEVER_DIVIDED else "table"
        caption = f"{escape(typeset(self.caption))} <small>{self.name}.csv</small>"
        return (
            f'<figure class="{whole}"><figcaption>{caption}</figcaption>'
            f"{body if rows else ''}{f'<dl>{terms}</dl>' if terms else ''}{notes}</figure>"
        )

    def text(self) -> str:
        """The table as aligned text."""
        columns = self._shown()
        lines = [[_header(column, text=True), *column.shown()] for column in columns]
        widths = [max(map(len, line)) for line in lines]
        flush = [str.rjust if column.is_number() else str.ljust for column in columns]
        rows = zip(*lines, strict=True)
        return "\n".join(
            "  ".join(set_(word, width) for set_, word, width in zip(flush, row, widths, strict=True)).rstrip()
            for row in rows
        )

    def _shown(self) -> list[Column]:
        """Columns on the page: those that hold nothing, or the same cell in row after row, are left out."""
        columns = [column for column in self.view or self.columns if any(column.shown())]
        return [
            column
            for column in columns
            if column.name != "cell" or len({*column.values}) > 1 or len(column.values) == 1
        ]

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, object]]:
        bundle = {"text/plain": self.text(), "text/html": self.html(), "text/csv": self.csv()}
        return bundle, {"text/csv": {"name": self.name}}


def decimals(largest: float, figures: int = _FIGURES) -> int:
    """Decimals that give a number of this size so many significant figures."""
    size = float(f"{largest:.{figures - 1}e}")  # 0.99999 is written as 1.000
    return max(0, figures - 1 - math.floor(math.log10(size))) if size > 0 else 0


def readable(value: object, digits: int = 0) -> str:
    """A value as a person reads it; nothing for what is not known."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    # adding 0.0 takes the sign off a zero that rounding left
    text = f"{int(value):,}" if isinstance(value, Integral) else f"{round(float(value), digits) + 0.0:,.{digits}f}"
    return text.replace(",", _NARROW_SPACE).replace("-", "−")


def _header(column: Column, *, text: bool = False) -> str:
    name, units = heading(column.name), pretty(column.units)
    if text:
        return f"{name} / {units}" if units else name
    return f"{escape(name)}<br><small>{escape(units)}</small>" if units else escape(name)


def _row(kinds: Sequence[str], texts: Sequence[str]) -> str:
    classes = [
        kind if kind == "number" else f"{kind}{_breaks(text, first=not place)}"
        for place, (kind, text) in enumerate(zip(kinds, texts, strict=True))
    ]
    cells = (f'<td class="{of}">{escape(typeset(text))}</td>' for of, text in zip(classes, texts, strict=True))
    return f"<tr>{''.join(cells)}</tr>"


def _breaks(text: str, *, first: bool) -> str:
    """How a text may be broken: anywhere if a word, or the name it begins with, is too long; not if it is short."""
    longest = len(text) if first else max(map(len, text.split()), default=0)
    return " long" if longest > _LONGEST_UNBROKEN else " short" if len(text) <= _SHORT else ""


def _is_repeated(column: Column) -> bool:
    """Whether a column holds one remark in row after row."""
    texts = column.shown()
    return len(texts) > _ALIKE and len({*texts}) == 1 and not column.is_number() and column.name in _REMARKS


def _groups(rows: Iterable[tuple[str, ...]]) -> Iterable[list[tuple[str, ...]]]:
    """Runs of rows with the same first word, which all but the first of a run leave out."""
    for _, run in groupby(rows, key=itemgetter(0)):
        first, *others = run
        yield [first, *(("", *row[1:]) for row in others)]


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _plain(value: object) -> object:
    """A value in the csv: every digit of a number that another computer would find too."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.10g}" if isinstance(value, float) else value
