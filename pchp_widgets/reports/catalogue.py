"""Which reports there are, and what each of them can be told."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from .bundled import bundled
from .errors import ReportError
from .parameters import TYPES, Parameter, ParameterError


@dataclass(frozen=True)
class ReportNotebook:
    """One report: its notebook and its parameters.

    Attributes
    ----------
    name
        What it is asked for by: the name of the notebook without its ending.
    path
        The notebook; it is never written to.
    title
        Its first heading.
    parameters
        By name, in the order of the cell tagged ``parameters``.
    """

    name: str
    path: Path
    title: str
    parameters: Mapping[str, Parameter]

    def checked(self, values: Mapping[str, object]) -> dict[str, Any]:
        """Values as the notebook takes them.

        Raises
        ------
        ReportError
            When a parameter is unknown, saying which ones there are, or has a value of another type.
        """
        try:
            return {key: self._parameter(key).checked(value) for key, value in values.items()}
        except ParameterError as error:
            raise ReportError(f"report {self.name!r}: {error}") from None

    def from_text(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Values typed on a command line, as the notebook takes them; raises as :meth:`checked`."""
        try:
            return {key: self._parameter(key).from_text(text) for key, text in values.items()}
        except ParameterError as error:
            raise ReportError(f"report {self.name!r}: {error}") from None

    def _parameter(self, name: str) -> Parameter:
        if name in self.parameters:
            return self.parameters[name]
        known = ", ".join(self.parameters) or "none"
        raise ParameterError(f"there is no parameter {name!r}{_near(name, self.parameters)} It takes {known}")


def catalogue() -> dict[str, ReportNotebook]:
    """Every report that comes with the package, by name; notebooks whose name begins with ``_`` are templates."""
    paths = sorted(bundled("notebooks/reports").glob("[!_]*.ipynb"))
    return {path.stem: report_notebook(path) for path in paths}


def find(name: str | Path) -> ReportNotebook:
    """The report of this name, or the notebook at this path.

    Raises
    ------
    ReportError
        When there is no such report or notebook.
    """
    path = Path(name)
    if path.suffix == ".ipynb":
        return report_notebook(path)
    known = {path.stem: path for path in bundled("notebooks/reports").glob("[!_]*.ipynb")}
    if str(name) in known:
        return report_notebook(known[str(name)])
    listed = ", ".join(sorted(known)) or "none"
    near = _near(str(name), known)
    raise ReportError(f"there is no report {str(name)!r}{near} There are {listed}; or give the path of a notebook")


def report_notebook(path: Path) -> ReportNotebook:
    """Read the title and the parameters of a report notebook.

    Raises
    ------
    ReportError
        When the file is no notebook, or a parameter is not a plain literal.
    """
    from papermill import inspect_notebook

    notebook = read_notebook(path)
    parameters = {}
    for name, found in inspect_notebook(notebook).items():
        annotation = found["inferred_type_name"]
        try:
            default = ast.literal_eval(found["default"])
        except (ValueError, SyntaxError):
            raise ReportError(f"{path}: the default of {name} is no plain literal: {found['default']}") from None
        if annotation == "None":
            annotation = type(default).__name__
        if annotation not in TYPES:
            raise ReportError(f"{path}: parameter {name} is of type {annotation}; use one of {', '.join(TYPES)}")
        parameters[name] = Parameter(name, annotation, default, found["help"].strip())
    return ReportNotebook(path.stem, path, _title(notebook) or path.stem, parameters)


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a notebook; whatever kernel it names, it is one of Python.

    Raises
    ------
    ReportError
        When the file cannot be read or is no notebook.
    """
    try:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    except OSError as error:
        raise ReportError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:  # what nbformat raises for text that is no notebook
        raise ReportError(f"{path}: is not a notebook ({str(error).splitlines()[0]})") from None
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def _title(notebook: nbformat.NotebookNode) -> str:
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    return heading[1].strip() if heading else ""


def _near(name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else "."
