"""Notebooks as they are kept: reports run unattended, nothing is defined in them, references are short."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from pchp_widgets.reports.catalogue import catalogue

ROOT = Path(__file__).parents[2] / "notebooks"
REPORTS = sorted((ROOT / "reports").glob("*.ipynb"))
NOTEBOOKS = sorted(ROOT.rglob("*.ipynb"))

if not REPORTS:
    pytest.skip("there are no notebooks beside the tests", allow_module_level=True)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", REPORTS, ids=name)
def test_a_report_notebook_defines_nothing(path: Path) -> None:
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    trees = [ast.parse(cell.source) for cell in code_cells(path)]
    assert [node for tree in trees for node in ast.walk(tree) if isinstance(node, defined)] == []


@pytest.mark.parametrize("path", REPORTS, ids=name)
def test_a_report_notebook_has_one_cell_of_parameters(path: Path) -> None:
    tagged = [cell for cell in code_cells(path) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_saved_outputs_are_short_references_of_checked_cells(path: Path) -> None:
    for cell in code_cells(path):
        checked = "nbval-check-output" in cell.metadata.get("tags", [])
        assert bool(cell.outputs) == checked, cell.source
        assert all(set(output.get("data", {})) <= {"text/plain", "text/html"} for output in cell.outputs)
        assert sum(len(str(output)) for output in cell.outputs) < 8000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_notebook_names_no_version_and_no_machine(path: Path) -> None:
    metadata = nbformat.read(path, 4).metadata
    assert set(metadata) <= {"kernelspec", "language_info"}
    assert set(metadata.get("language_info", {})) <= {"name"}


@pytest.mark.parametrize("name", [*catalogue(), str(ROOT / "reports" / "_template.ipynb")])
def test_every_report_runs_with_what_stands_in_its_parameters(name: str, default_report: Callable[[str], Path]) -> None:
    page = default_report(name)
    tables = {path.stem for path in (page.parent / "report_tables").iterdir()}
    assert {"missing_metadata", "assumptions", "provenance"} <= tables
    assert "Traceback" not in page.read_text("utf-8")
