"""One technique's part of a report: what it says, shows and tabulates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from ..panels.readout import Line, by_remark
from .display import Figure, Text, show
from .tables import Table

_LISTED = 10  # in one sentence


@dataclass(frozen=True)
class Section:
    """What a report says about one technique, shown where it is the last expression of a cell.

    Attributes
    ----------
    title
        Heading.
    paragraphs
        Sentences below it; nothing in them is taken for markup, and empty ones are left out.
    figures
        By name, with their captions.
    tables
        By name, which is that of the csv too.
    notices
        What must not be overlooked, shown first: what could not be decided, what was assumed.
    findings
        What the summary of a report takes from it, a sentence per quantity; empty ones are left out.
    level
        Of the heading, 2 for a chapter of the page.
    """

    title: str
    paragraphs: Sequence[str] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    notices: Sequence[str] = ()
    findings: Sequence[str] = ()
    level: int = 2

    def __post_init__(self) -> None:
        wrong = [f"{key!r} holds the table {table.name!r}" for key, table in self.tables.items() if key != table.name]
        if wrong:
            raise ValueError(f"section {self.title!r}: a table stands under its own name; {'; '.join(wrong)}")

    def parts(self) -> tuple[object, ...]:
        """What is shown, in order: heading, notices, paragraphs, figures, tables."""
        notices, paragraphs = Text(*self.notices, role="notice"), Text(*self.paragraphs)
        heading = Heading(self.title, self.level)
        return heading, notices, paragraphs, *self.figures.values(), *self.tables.values()

    def _ipython_display_(self) -> None:
        show(*self.parts())


@dataclass(frozen=True)
class Heading:
    """The title of a section, as a heading of the page."""

    title: str
    level: int = 2

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        html = f"<h{self.level}>{escape(self.title)}</h{self.level}>"
        return {"text/plain": self.title, "text/html": html}


def finding(quantity: str, said: Iterable[tuple[str, str]], word: str = "of") -> str:
    """One sentence on a quantity; empty where nothing is said, and of many only the first.

    Parameters
    ----------
    quantity
        What was found.
    said
        Names, and what it is of each; names of which it is the same stand together.
    word
        Between the quantity and a name.
    """
    parts = [f"{word} {', '.join(names)}: {text}" for text, names in by_remark(said).items()]
    more = [f"{len(parts) - _LISTED} more stand in the tables"] if len(parts) > _LISTED else []
    return f"{quantity} {'; '.join([*parts[:_LISTED], *more])}." if parts else ""


def notices(lines: Sequence[Line], every: str = "All samples") -> list[str]:
    """A sentence for each remark of a panel, once, with the names it is about.

    Parameters
    ----------
    lines
        What the panel says.
    every
        What stands for the names where those are all of them.
    """
    said = ((line.name, remark) for line in lines for remark in line.remarks)
    return noticed(said, [line.name for line in lines], every)


def noticed(said: Iterable[tuple[str, str]], whole: Sequence[str], every: str = "All samples") -> list[str]:
    """The same of pairs of a name and a remark, where `whole` are the names that make `every`."""
    return [f"{every if names == whole else ', '.join(names)}: {text}." for text, names in by_remark(said).items()]
