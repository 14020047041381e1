"""``report(name, ...)``: run a report notebook and write its HTML, its notebook and its tables."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat

from .catalogue import ReportNotebook, find, read_notebook
from .errors import NothingToReportError, NotInStudyError, ReportError
from .progress import Progress


def report(
    name: str | Path,
    output: str | Path | None = None,
    *,
    formats: Sequence[str] = (),
    progress: Progress | None = None,
    **parameters: object,
) -> Path:
    """Make a report.

    Beside ``out.html``, which opens without a network, stand ``out.ipynb``, the executed notebook, and ``out_tables/``
    with every table as csv.

    Parameters
    ----------
    name
        A report of the catalogue, for example ``"symmetric_cell"``, or the path of a notebook of your own.
    output
        The HTML file to write; ``<name>.html`` in the working directory when left out.
    formats
        Of :data:`~.formats.FORMATS`: ``"xlsx"`` puts all tables into ``out.xlsx``; ``"svg"``, ``"pdf"`` and ``"png"``
        draw every figure in publication size into ``out_figures/``.
    progress
        Called with the heading of each part as it begins.
    **parameters
        Values for the parameters of the notebook; ``pchp reports`` lists them. Relative paths start from the working
        directory.

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    ReportError
        When there is no such report, a parameter is unknown or of another type, or a cell fails. The error then says
        what the cell said, and names the notebook as far as it ran (``out.failed.ipynb``); an earlier report stays
        untouched.

    Examples
    --------
    >>> report("symmetric_cell", "a.html", file="a.mpr", meta={"area": "1.327 cm2"})  # doctest: +SKIP
    """
    notebook = find(name)
    values = notebook.checked(parameters)
    page = _output(notebook, output)
    from .formats import checked_formats, write_workbook
    from .page import html
    from .table_files import tables, write_tables

    formats = checked_formats(formats)
    failed = page.with_suffix(".failed.ipynb")
    done = _run(notebook, values, failed, page.with_name(f"{page.stem}_figures"), formats, progress)
    write_tables(done, page.with_name(f"{page.stem}_tables"), _tables_of(page.with_suffix(".ipynb")))
    if "xlsx" in formats:
        write_workbook(tables(done), page.with_suffix(".xlsx"))
    _replace(page, html(done, notebook, values))
    failed.replace(page.with_suffix(".ipynb"))
    return page


def _run(
    notebook: ReportNotebook,
    values: Mapping[str, object],
    failed: Path,
    figures: Path,
    formats: Sequence[str],
    progress: Progress | None,
) -> nbformat.NotebookNode:
    """The executed notebook; as far as it ran, it stands in `failed`."""
    from .execution import CellError, executed
    from .formats import figures_environment

    try:
        told = figures_environment(figures, formats)
        return executed(read_notebook(notebook.path), values, failed, told, progress)
    except CellError as failure:
        said = f"report {notebook.name!r}, {failure} (the notebook as far as it ran: {failed})"
        if failure.kind == NotInStudyError.__name__:
            raise NothingToReportError(said, failure.why) from None
        raise ReportError(said) from None
    except OSError as error:
        raise ReportError(f"report {notebook.name!r}: {failed} cannot be written ({error.strerror})") from None


def _output(notebook: ReportNotebook, output: str | Path | None) -> Path:
    page = Path(output or f"{notebook.name}.html")
    if page.is_dir():
        page /= f"{notebook.name}.html"
    if page.suffix not in {".html", ".htm"}:
        raise ReportError(f"output {str(page)!r}: a report is an HTML file; write {page.name}.html")
    if page.with_suffix(".ipynb").resolve() == notebook.path.resolve():
        raise ReportError(f"output {str(page)!r}: the report's own notebook would be overwritten; choose another name")
    page.parent.mkdir(parents=True, exist_ok=True)
    return page


def _tables_of(executed_before: Path) -> set[str]:
    """Names of the tables an earlier run with the same output wrote."""
    from .table_files import tables

    try:
        return set(tables(nbformat.read(executed_before, as_version=4)))
    except (OSError, ValueError):
        return set()


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)
