"""A section shows what it is given, in order, and its tables are files of their own."""

from __future__ import annotations

import pytest

from pchp_widgets.reports.display import Text
from pchp_widgets.reports.sections import Heading, Section, finding
from pchp_widgets.reports.tables import Column, Table

TABLE = Table("melting", "What melts.", [Column("sample", ["PCH"]), Column("enthalpy", [1.0], "J g-1")])


def test_a_section_begins_with_its_heading_and_what_must_not_be_overlooked() -> None:
    section = Section("Heat <flow>", ["One."], tables={"melting": TABLE}, notices=["No mass."])
    heading, notices, paragraphs, table = section.parts()
    assert heading == Heading("Heat <flow>")
    assert heading._repr_mimebundle_()["text/html"] == "<h2>Heat &lt;flow&gt;</h2>"
    assert notices == Text("No mass.", role="notice")
    assert paragraphs == Text("One.")
    assert table is TABLE


def test_nothing_is_shown_for_sentences_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    Section("Heat flow", tables={"melting": TABLE})._ipython_display_()
    assert shown == [Heading("Heat flow"), TABLE]


def test_a_finding_names_those_of_which_the_same_was_found_together() -> None:
    said = [("a", "none"), ("b", "1 mm"), ("c", "none")]
    assert finding("Thickness", said) == "Thickness of a, c: none; of b: 1 mm."
    assert finding("Heat", said[:1], "in") == "Heat in a: none."
    assert not finding("Thickness", [])


def test_of_many_samples_a_sentence_names_the_first_and_says_how_many_more_there_are() -> None:
    text = finding("Thickness", [(f"s{at}", f"{at} mm") for at in range(14)])
    assert text.endswith("of s8: 8 mm; of s9: 9 mm; 4 more stand in the tables.")


def test_a_table_stands_under_its_own_name() -> None:
    with pytest.raises(ValueError, match="'heat' holds the table 'melting'"):
        Section("Heat flow", tables={"heat": TABLE})
