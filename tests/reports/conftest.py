from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

Write = Callable[..., Path]


@pytest.fixture
def notebook(tmp_path: Path) -> Write:
    """Write a report notebook: its parameters, then further code cells; a text that begins with # is prose."""

    def write(parameters: str, *cells: str, name: str = "small") -> Path:
        path = tmp_path / f"{name}.ipynb"
        v4 = nbformat.v4
        made = [v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
        made += [v4.new_markdown_cell(text) if text.startswith("#") else v4.new_code_cell(text) for text in cells]
        nbformat.write(v4.new_notebook(cells=made), path)
        return path

    return write
