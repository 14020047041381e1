"""The table below the figures of a panel: a line per cell, or per coating, and what to know about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from ..plots.theme import elided

if TYPE_CHECKING:
    from .of_cells import ShownPanel

GROUPED_ABOVE = 12
"""With more cells than this, a line per coating says more than a line per cell."""

_LONGEST = 28


class Line(NamedTuple):
    """One line: colour and name of a cell or of a group, what is said of it, and what to know about it."""

    color: str
    name: str
    values: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def group_label(coating: str, count: int) -> str:
    """What the cells of one coating are called together."""
    return f"{coating or 'coating unknown'} ({count} cell{'s' * (count != 1)})"


def readout(panel: ShownPanel, heads: Callable[[], Sequence[str]], lines: Callable[[], Sequence[Line]]) -> Any:
    """A widget that shows a table of what a panel says in words.

    Parameters
    ----------
    panel
        Whose result it follows.
    heads
        Gives what stands above the columns of values.
    lines
        Gives the lines, with as many values.
    """
    import ipywidgets
    import traitlets

    table = ipywidgets.HTML(layout={"width": "100%"})
    traitlets.dlink((panel, "result"), (table, "value"), lambda _: table_html(heads(), lines(), panel.cells.notice))
    return table


def table_html(heads: Sequence[str], lines: Sequence[Line], notice: str = "") -> str:
    """HTML of a table; each remark stands below it once, with the cells it is about."""
    cell, faint = "padding:1px 16px 1px 0;text-align:left;white-space:nowrap", "color:var(--jp-ui-font-color2,#555)"
    head = "".join(f'<th style="{cell};font-weight:normal;{faint}">{escape(text)}</th>' for text in ("", *heads))
    rows = "".join(
        f'<tr><td style="{cell}" title="{escape(line.name, quote=True)}">'
        f'<span style="color:{line.color}">&#9632;</span> {escape(elided(line.name, _LONGEST))}</td>'
        + "".join(f'<td style="{cell}">{escape(value)}</td>' for value in line.values)
        + "</tr>"
        for line in lines
    )
    notes = "".join(f"<div>{escape(note)}</div>" for note in [*_notes(lines), notice] if note)
    return scrolled(f"<table><tr>{head}</tr>{rows}</table>", f'<div style="{faint}">{notes}</div>')


def scrolled(table: str, below: str = "") -> str:
    """HTML of a table that is scrolled where the window is narrower, and of words below it, which are wrapped there."""
    # its own width must not count, else the widget grows with the table, and its end is cut off
    return (
        '<div style="width:0;min-width:100%;line-height:1.4;font-size:13px;color:var(--jp-ui-font-color1,#222)">'
        f'<div style="overflow-x:auto">{table}</div>{below}</div>'
    )


def by_remark(said: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Each remark once, with the names it is about; `said` holds a name and a remark each."""
    about: dict[str, list[str]] = {}
    for name, remark in said:
        about.setdefault(remark, []).append(name)
    return about


def _notes(lines: Sequence[Line]) -> list[str]:
    """Each remark once, with the cells it is about where there are several."""
    about = by_remark((elided(line.name, _LONGEST), remark) for line in lines for remark in line.remarks)
    if len(lines) == 1:
        return list(about)
    return [
        f"{', '.join(dict.fromkeys(names)) if len(names) < len(lines) else 'all'}: {remark}"
        for remark, names in about.items()
    ]
