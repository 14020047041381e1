"""What a report says of itself while it is made."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from pchp_widgets.reports.progress import ALOUD, begins
from pchp_widgets.reports.runner import report


def test_headings_are_said_once_as_their_cells_begin_and_parts_of_a_cell_past_the_notebook(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    notebook = nbformat.v4.new_notebook()
    parameters = nbformat.v4.new_code_cell("n: int = 1", metadata={"tags": ["parameters"]})
    inside = "from pchp_widgets.reports.progress import begins\nbegins('inside')"
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# Title"),
        parameters,
        nbformat.v4.new_markdown_cell("## First\n\nwords"),
        nbformat.v4.new_code_cell(inside),
        nbformat.v4.new_code_cell("n"),
        nbformat.v4.new_markdown_cell("## Second"),
        nbformat.v4.new_code_cell("n"),
    ]
    nbformat.write(notebook, tmp_path / "own.ipynb")
    said: list[str] = []
    report(tmp_path / "own.ipynb", tmp_path / "page.html", progress=said.append, n=2)
    assert said == ["Title", "First", "Second"]
    assert "inside" in capfd.readouterr().err
    done = nbformat.read(tmp_path / "page.ipynb", 4)
    assert not [one for cell in done.cells for one in cell.get("outputs", []) if one.output_type == "stream"]


def test_nothing_is_said_where_nobody_waits(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv(ALOUD, raising=False)
    begins("part")
    assert capfd.readouterr().err == ""
