"""What a report is at, said to whoever waits for it; nothing of it is kept in the notebook."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

import nbformat

Progress = Callable[[str], None]
"""Told the heading of each part as it begins."""
ALOUD = "PCHP_REPORT_ALOUD"
"""Environment variable of a run whose parts are said on the terminal."""


def begins(part: str) -> None:
    """Say on the terminal, past the notebook, that a part of a long cell begins."""
    if os.environ.get(ALOUD) and sys.__stderr__ is not None:
        print(f"  {part}", file=sys.__stderr__, flush=True)


def heard(notebook: nbformat.NotebookNode, progress: Progress | None) -> dict[str, Any]:
    """Hook of the notebook's run that says each heading when the first cell below it begins."""
    if progress is None:
        return {}
    headings = _headings(notebook)
    said: list[str] = []

    def cell_begins(cell: nbformat.NotebookNode, **_: object) -> None:
        heading = headings.get(cell.get("id", ""), "")
        if heading and heading not in said:
            said.append(heading)
            progress(heading)

    return {"on_cell_execute": cell_begins}


def _headings(notebook: nbformat.NotebookNode) -> Mapping[str, str]:
    """By the id of each cell of code, the heading it stands below."""
    found, last = {}, ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            titles = re.findall(r"^##?\s+(.+)$", cell.source, re.MULTILINE)
            last = titles[-1].strip() if titles else last
        else:
            found[cell.get("id", "")] = last
    return found
