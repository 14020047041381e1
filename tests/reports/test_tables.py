from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pchp_widgets.reports.table_files import write_tables
from pchp_widgets.reports.tables import Column, Table, decimals, readable


def rows(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.csv())))


def test_the_csv_has_units_in_its_header_and_every_digit() -> None:
    table = Table("t", "", [Column("cell", ["a"]), Column("capacity", [1 / 3], "mA h cm-2", stderr=[0.001])])
    assert rows(table) == [
        ["cell", "capacity [mA h cm-2]", "capacity_stderr [mA h cm-2]"],
        ["a", "0.3333333333", "0.001"],
    ]


def test_what_is_not_known_is_an_empty_field_and_never_nan() -> None:
    table = Table("t", "", [Column("a", [math.nan, None, 1.0])])
    assert rows(table)[1:] == [[""], [""], ["1"]] or rows(table)[1:] == [[], [], ["1"]]
    assert "nan" not in table.html() + table.text()


def test_the_page_has_readable_units_and_plain_unicode() -> None:
    html = Table("t", "Cap.", [Column("current_density", [-0.5], "mA cm-2")]).html()
    assert "current density<br><small>mA cm⁻²</small>" in html
    assert "−0.5<" in html


def test_names_of_cells_are_not_taken_for_markup() -> None:
    assert "<script>" not in Table("t", "<b>", [Column("cell", ["<script>"])], notes=["<i>"]).html().replace(
        "<table>", ""
    )


def test_a_column_has_the_decimals_its_numbers_need_and_no_more_than_four_figures() -> None:
    assert Column("current", [1.0, 0.1]).shown() == ["1.0", "0.1"]
    assert Column("area", [1.327, 1.0]).shown() == ["1.327", "1.000"]
    assert Column("share", [1 / 3]).shown() == ["0.3333"]


def test_a_remark_on_every_row_stands_once_below_the_table() -> None:
    names = Column("cell", list("abcd"))
    html = Table("t", "", [names, Column("remark", ["too few points"] * 4)]).html()
    assert html.count("too few points") == 1
    assert "<p>Remark, in every row: too few points.</p>" in html
    assert Table("t", "", [names, Column("remark", ["too few points", "", "", ""])]).html().count("<td") == 8


def test_a_verdict_is_not_broken_and_a_path_may_be() -> None:
    html = Table("t", "", [Column("cell", ["a"]), Column("verdict", ["● agrees"]), Column("file", ["x" * 40])]).html()
    assert '<td class="text short">● agrees</td>' in html
    assert f'<td class="text long">{"x" * 40}</td>' in html


def test_definitions_and_headers_are_typeset() -> None:
    columns = [Column("cell", ["a"]), Column("c_rate", [0.1]), Column("sei_resistance", [1.0], "ohm cm2")]
    html = Table("t", "", columns, [("c rate", "j / (2 mA cm-2) - 1; NaN at 5% or 1e-05 A")]).html()
    assert "C-rate" in html
    assert "SEI resistance<br><small>Ω cm²</small>" in html
    assert "<dd>j / (2 mA cm⁻²) − 1; empty at 5 % or 1 × 10⁻⁵ A</dd>" in html


def test_a_standard_error_stands_behind_the_value_unless_it_rounds_to_nothing() -> None:
    assert Column("x", [10.0, 10.0], stderr=[0.26, 0.01], digits=1).shown() == ["10.0 ± 0.3", "10.0"]


def test_a_group_names_its_cell_once() -> None:
    html = Table("t", "", [Column("cell", ["a", "a", "b"]), Column("n", [1, 2, 3])]).html()
    assert html.count(">a</td>") == 1
    assert html.count("<tbody>") == 2


def test_text_is_aligned() -> None:
    text = Table("t", "", [Column("cell", ["a", "bb"]), Column("n", [1, 10])]).text()
    assert text.splitlines() == ["cell   n", "a      1", "bb    10"]


@given(st.floats(1e-6, 1e6))
def test_decimals_give_four_significant_figures_or_more(value: float) -> None:
    digits = f"{value:.{decimals(value)}f}".replace(".", "").lstrip("0")
    assert len(digits) >= 4
    assert decimals(value) == 0 or len(digits) <= 5


@pytest.mark.parametrize(("value", "text"), [(57820, "57 820"), (-0.5, "−0.5"), (True, "True"), ("a", "a")])
def test_numbers_read_well(value: object, text: str) -> None:
    assert readable(value, 1).replace("\N{NARROW NO-BREAK SPACE}", " ") == text


def test_tables_no_longer_made_do_not_stay_behind(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("stale")
    (tmp_path / "mine.csv").write_text("not of a report")
    output = nbformat.v4.new_output("display_data", {"text/csv": "a\n1\n"}, metadata={"text/csv": {"name": "new"}})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    write_tables(notebook, tmp_path, earlier={"old", "new"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.csv", "new.csv"]


def test_a_long_name_breaks_before_it_pushes_the_numbers_off_the_page() -> None:
    columns = [Column("cell", ["short", "a_name_of_more_than_thirty_letters"]), Column("cycles", [1, 2])]
    html = Table("cells", "The cells.", columns).html()
    assert '<td class="text short">short</td>' in html
    assert '<td class="text long">a_name_of_more_than_thirty_letters</td>' in html
