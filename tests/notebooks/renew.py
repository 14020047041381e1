"""Run notebooks and save the outputs of the cells tagged ``nbval-check-output``, which are the references of the tests.

    python tests/notebooks/renew.py notebooks/reports/symmetric_cell.ipynb ...

Look at the difference before committing it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def renew(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": path.parent}}).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code" and "nbval-check-output" not in cell.metadata.get("tags", []):
            cell.update(outputs=[], execution_count=None)
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        renew(Path(argument))
