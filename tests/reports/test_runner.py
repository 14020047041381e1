from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest

from pchp_widgets.reports.catalogue import catalogue, find
from pchp_widgets.reports.errors import ReportError
from pchp_widgets.reports.runner import report

from .conftest import Write

PARAMETERS = "count: int = 3  # how many\nwho: str = ''  # a name\n"
TABLE = "from pchp_widgets.reports.tables import Column, Table\nTable('numbers', 'N', [Column('n', [count], 'mA h')])"


def test_a_report_is_html_notebook_and_tables_and_the_source_is_untouched(notebook: Write, tmp_path: Path) -> None:
    source = notebook(PARAMETERS, "# A title", TABLE)
    before = source.read_bytes()
    page = report(source, tmp_path / "out" / "a.html", count=5)
    assert sorted(path.name for path in page.parent.rglob("*")) == ["a.html", "a.ipynb", "a_tables", "numbers.csv"]
    assert (page.parent / "a_tables" / "numbers.csv").read_text("utf-8") == "n [mA h]\n5\n"
    assert "<title>A title</title>" in page.read_text("utf-8")
    assert source.read_bytes() == before


def test_the_kernel_is_this_interpreter_and_knows_that_nobody_watches(notebook: Write, tmp_path: Path) -> None:
    code = "import os, sys; print(sys.executable, os.environ['PCHP_REPORT'], os.getcwd())"
    page = report(notebook(PARAMETERS, code), tmp_path / "a.html")
    (text,) = [o.text for c in nbformat.read(page.with_suffix(".ipynb"), 4).cells for o in c.get("outputs", [])]
    executable, mode, folder = text.split()
    assert Path(executable).samefile(sys.executable)
    assert (mode, Path(folder)) == ("1", Path.cwd())


def test_an_unknown_parameter_is_refused_before_anything_runs(notebook: Write, tmp_path: Path) -> None:
    source = notebook(PARAMETERS, "raise SystemExit('it ran')")
    with pytest.raises(ReportError, match=r"no parameter 'cuont'; did you mean 'count'\? It takes count, who"):
        report(source, tmp_path / "a.html", cuont=3)
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


def test_a_parameter_of_another_type_is_refused(notebook: Write, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"count must be int \(found '3'\)"):
        report(notebook(PARAMETERS), tmp_path / "a.html", count="3")


def test_a_failing_cell_gives_one_line_and_the_notebook_as_far_as_it_ran(notebook: Write, tmp_path: Path) -> None:
    source = notebook(PARAMETERS, "1 + 1", "raise ValueError('file.mpr: damaged\\n  at byte 7')", "print('never')")
    page = tmp_path / "a.html"
    page.write_text("an earlier report")
    with pytest.raises(ReportError) as raised:
        report(source, page)
    message = str(raised.value)
    assert "\n" not in message
    assert "ValueError: file.mpr: damaged; at byte 7" in message
    failed = tmp_path / "a.failed.ipynb"
    assert str(failed) in message
    cells = nbformat.read(failed, 4).cells
    assert [cell.execution_count for cell in cells if cell.cell_type == "code" and cell.source == "1 + 1"] == [2]
    assert page.read_text() == "an earlier report"


def test_a_report_that_works_leaves_no_failed_notebook(notebook: Write, tmp_path: Path) -> None:
    page = report(notebook(PARAMETERS, TABLE), tmp_path / "a.html")
    assert not page.with_suffix(".failed.ipynb").exists()


def test_an_output_that_would_overwrite_the_notebook_is_refused(notebook: Write, tmp_path: Path) -> None:
    source = notebook(PARAMETERS)
    with pytest.raises(ReportError, match="choose another name"):
        report(source, source.with_suffix(".html"))
    with pytest.raises(ReportError, match=r"write a\.pdf\.html"):
        report(source, tmp_path / "a.pdf")


def test_braces_in_a_path_are_only_letters(notebook: Write, tmp_path: Path) -> None:
    assert report(notebook(PARAMETERS), tmp_path / "{count}.html").name == "{count}.html"


def test_a_report_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ReportError, match=r"no report 'symetric_cell'; did you mean 'symmetric_cell'\? There are"):
        find("symetric_cell")


def test_a_file_that_is_no_notebook_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("not json")
    with pytest.raises(ReportError, match=r"a\.ipynb: is not a notebook"):
        find(tmp_path / "a.ipynb")
    with pytest.raises(ReportError, match=r"b\.ipynb: cannot be read"):
        find(tmp_path / "b.ipynb")


def test_the_catalogue_has_every_report_with_typed_and_explained_parameters() -> None:
    found = catalogue()
    assert "symmetric_cell" in found
    assert not [name for name in found if name.startswith("_")]
    for made in found.values():
        assert made.title
        assert [name for name, parameter in made.parameters.items() if not parameter.help] == []


def test_the_page_asks_nothing_of_the_network(notebook: Write, tmp_path: Path) -> None:
    picture = "from IPython.display import Markdown, SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>')"
    html = report(notebook(PARAMETERS, "# T", TABLE, picture), tmp_path / "a.html").read_text("utf-8")
    assert re.findall(r"""(?:src|href|action|poster)\s*=\s*["']?(?:https?:)?//""", html) == []
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_code_is_there_but_hidden(notebook: Write, tmp_path: Path) -> None:
    html = report(notebook(PARAMETERS, "1 < 2"), tmp_path / "a.html").read_text("utf-8")
    assert '<pre class="code">1 &lt; 2</pre>' in html
    assert "pre.code { display: none" in html
