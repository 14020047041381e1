"""The csv files beside a report: taken out of the executed notebook, so that page, notebook and files say the same."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import nbformat


def write_tables(notebook: nbformat.NotebookNode, folder: Path, earlier: Collection[str] = ()) -> list[Path]:
    """Write every table shown in an executed notebook as ``<folder>/<name>.csv``.

    Parameters
    ----------
    notebook
        The executed notebook.
    folder
        Made where it is not there.
    earlier
        Names of the tables of an earlier run: those that are no longer made are removed.
    """
    found = tables(notebook)
    for name in set(earlier) - found.keys():
        (folder / f"{name}.csv").unlink(missing_ok=True)
    if found:
        folder.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        (folder / f"{name}.csv").write_text(text, "utf-8", newline="")
    return [folder / f"{name}.csv" for name in found]


def tables(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """The csv text of every table shown in an executed notebook, by name."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output)
    named = ((output.metadata.get("text/csv", {}).get("name"), output.data.get("text/csv", "")) for output in outputs)
    return {name: text for name, text in named if name}
