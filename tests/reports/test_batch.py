"""All reports of a study, and the further files of a report."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from openpyxl import load_workbook  # type: ignore[import-untyped]
from typer.testing import CliRunner

from pchp_widgets.cli import app
from pchp_widgets.plots.element import drawing_for, element
from pchp_widgets.plots.export import export
from pchp_widgets.plots.picture import Axis, Entry, Lines, Marks, Picture
from pchp_widgets.plots.theme import MARKERS
from pchp_widgets.reports import batch, formats
from pchp_widgets.reports.errors import NothingToReportError, ReportError


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """Reports that were asked for; none is run, and two cannot be made."""
    made: list[tuple[str, object]] = []

    def note(path: Path, page: Path, **parameters: object) -> Path:
        made.append((path.stem, parameters["study"]))
        if path.stem == "transference":
            why = "study 'x' has no cell of kind 'transport'"
            said = f"report 'transference', cell 4: NotInStudyError: {why} (the notebook as far as it ran: x.ipynb)"
            raise NothingToReportError(said, why)
        if path.stem == "materials":
            raise ReportError("report 'materials', cell 4: KeyError: 'mass'")
        return page

    monkeypatch.setattr(batch, "report", note)
    return made


def test_every_report_is_made_and_listed_and_what_a_study_has_nothing_for_is_no_fault(
    asked: list[tuple[str, object]], tmp_path: Path
) -> None:
    done: list[tuple[str, int, int]] = []
    made = {one.name: one for one in batch.all_reports("x", tmp_path, jobs=2, progress=lambda *at: done.append(at))}
    assert {name for name, _ in asked} == made.keys() >= {"symmetric_cell", "consistency_audit", "full_study"}
    assert (made["symmetric_cell"].page, made["symmetric_cell"].failed) == (tmp_path / "symmetric_cell.html", False)
    assert (made["transference"].page, made["transference"].failed) == (None, False)
    assert (made["materials"].page, made["materials"].failed) == (None, True)
    assert sorted(at for _, at, _ in done) == list(range(1, len(made) + 1))
    index = (tmp_path / "index.html").read_text("utf-8")
    assert 'href="symmetric_cell.html"' in index
    assert "not made. study &#x27;x&#x27; has no cell of kind &#x27;transport&#x27;</small>" in index


def test_a_report_is_named_when_it_begins_and_when_it_is_done(asked: list[tuple[str, object]], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["report", "all", "--study", "x", "-o", str(tmp_path)])
    of = len(asked)
    told = [line for at, (name, _) in enumerate(asked, 1) for line in (f"begins: {name}", f"{at}/{of} {name}")]
    assert done.stderr.splitlines() == told
    assert "\r" not in done.stderr


def test_of_several_jobs_every_line_says_which_report_it_is_about(
    asked: list[tuple[str, object]], tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["report", "all", "--study", "x", "-o", str(tmp_path), "--jobs", "3"])
    said = done.stderr.splitlines()
    ends = [line for line in said if not line.startswith("begins: ")]
    assert [line.split("/")[0] for line in ends] == [str(at) for at in range(1, len(asked) + 1)]
    assert len(said) == 2 * len(asked)
    for end in ends:
        assert said.index(f"begins: {end.split()[1]}") < said.index(end)


def test_an_unknown_report_or_format_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="there is no report 'symetric'"):
        batch.all_reports("demo", tmp_path, names=["symetric"])
    with pytest.raises(ReportError, match="format 'docx': there is none; choose of xlsx, svg"):
        formats.checked_formats(["docx"])


def test_a_workbook_has_a_sheet_per_table_with_numbers_as_numbers(tmp_path: Path) -> None:
    long = "a_name_that_is_longer_than_excel_allows_one"
    formats.write_workbook(
        {"life": "cell,time [h]\nA,1.5\n=SUM(A1),2\n", long: "x\n1\n", f"{long}_more": "x\n\n"}, tmp_path / "t.xlsx"
    )
    book = load_workbook(tmp_path / "t.xlsx")
    assert [len(name) <= 31 for name in book.sheetnames] == [True] * 3
    assert [[cell.value for cell in row] for row in book["life"].rows] == [
        ["cell", "time [h]"],
        ["A", 1.5],
        ["'=SUM(A1)", 2],
    ]


def test_figures_are_drawn_in_publication_size_where_a_run_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.arange(3.0)
    picture = Picture(Axis("x"), Axis("y"), [Lines([x], [x], {"color": ["#000000"]})], (0.0, 2.0), (0.0, 2.0))
    formats.write_figures([picture])
    told = formats.figures_environment(tmp_path / "figures", ["xlsx", "svg"])
    assert formats.figures_environment(tmp_path, ["xlsx"]) == {}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    formats.write_figures([picture, picture])
    written = sorted((tmp_path / "figures").iterdir())
    assert [file.name.rpartition("-")[2] for file in written] == ["1.svg", "2.svg"]
    assert "<svg" in written[0].read_text("utf-8")


def test_words_of_a_pdf_are_truetype_as_journals_want_them(tmp_path: Path) -> None:
    x = np.arange(3.0)
    picture = Picture(Axis("x"), Axis("y"), [Lines([x], [x], {"color": ["#000000"]})], (0.0, 2.0), (0.0, 2.0))
    (file,) = export({"a": picture}, tmp_path / "a.pdf", arrange=list)
    assert b"/TrueType" in file.read_bytes() or b"/CIDFontType2" in file.read_bytes()
    assert b"/Type3" not in file.read_bytes()


@pytest.mark.parametrize("shape", ["dash", "x", "triangle", *MARKERS])
def test_every_marker_of_a_figure_can_be_printed(shape: str, tmp_path: Path) -> None:
    x = np.arange(3.0)
    picture = Picture(Axis("x"), Axis("y"), [Marks(x, x, {"color": ["#000000"] * 3}, shape)], (0.0, 2.0), (0.0, 2.0))
    assert export({"a": picture}, tmp_path / "a.svg", arrange=list)[0].stat().st_size > 0


def test_a_dash_is_printed_wider_than_high_in_figure_and_legend(tmp_path: Path) -> None:
    one = np.zeros(1)
    marks = Marks(one, one, {"color": ["#000000"]}, "dash", size=12)
    legend = [Entry("dash", "#0072B2", shape="dash")]
    picture = Picture(Axis("x"), Axis("y"), [marks], (-1.0, 1.0), (-1.0, 1.0), legend=legend)
    (file,) = export({"a": picture}, tmp_path / "a.svg", arrange=list)
    drawn = re.findall(r'<g id="PathCollection_\d+">\s*<(?:defs>\s*<)?path[^>]* d="([^"]*)"', file.read_text("utf-8"))
    assert len(drawn) == 2
    for path in drawn:
        x, y = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path), float).T
        assert np.ptp(x) > 5 * np.ptp(y)


@pytest.mark.parametrize("words", [1, 3, 6, 12])
def test_entries_of_a_printed_legend_do_not_run_into_each_other(words: int) -> None:
    legend = [Entry("means " * words + text, "#0072B2") for text in ("a", "b")]
    line = Lines([np.arange(3.0)], [np.arange(3.0)], {"color": ["#000000"]})
    picture = Picture(Axis("x"), Axis("y"), [line], (0.0, 2.0), (0.0, 2.0), legend=legend)
    with drawing_for("matplotlib") as hv:
        figure = hv.render(element(picture, "matplotlib"), backend="matplotlib")
        FigureCanvasAgg(figure).draw()
        one, two = (text.get_window_extent() for text in figure.axes[0].get_legend().get_texts())
    assert not one.overlaps(two)
