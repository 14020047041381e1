"""The section on diffraction of a report."""

from __future__ import annotations

from dataclasses import replace

import pytest
import traitlets

from pchp_widgets.io.synthetic.diffraction import FILMS, Halo, pattern, patterns
from pchp_widgets.model.measurements import merged
from pchp_widgets.reports.diffraction import section
from pchp_widgets.reports.sections import Section


@pytest.fixture(scope="module")
def made() -> Section:
    dirty = pattern(replace(FILMS["PCHP"], lines=(Halo(900.0, 43.32, 0.2),)), name="on copper", step=0.05)
    return section(merged([*patterns(("PCH", "PCHP"), step=0.05), dirty]), count=3, references=("Cu",))


def test_every_sample_has_its_distances_with_both_errors(made: Section) -> None:
    assert made.paragraphs[1].startswith("PCH: d 6.8")
    assert " Å (" in made.paragraphs[1]
    table = made.tables["halo_distances"].csv().splitlines()
    assert table[0].startswith("sample,halo,position [degree],position_stderr [degree],d [angstrom]")
    assert len(table) == 1 + 9


def test_the_finding_has_every_distance_with_both_errors(made: Section) -> None:
    (text,) = made.findings
    said = made.paragraphs[1].removeprefix("PCH: d ").partition(";")[0]
    assert f"over backgrounds) of PCH: {said}; of PCHP: 6." in text


def test_it_is_said_how_the_numbers_were_found(made: Section) -> None:
    assert "fitted together" in made.paragraphs[0]
    assert "No Lorentz and polarization factor was divided out." in made.paragraphs[0]
    assert "around sharp lines nothing was fitted" in made.paragraphs[0]


def test_the_choice_of_the_background_is_a_notice(made: Section) -> None:
    assert any("moves d of halo" in text for text in made.notices)
    rows = made.tables["backgrounds"].csv().splitlines()
    assert len(rows) == 1 + 3 * 5


def test_sharp_lines_are_listed_with_the_source_of_their_phase(made: Section) -> None:
    table = made.tables["sharp_lines"]
    assert "Cu 111" in table.csv()
    assert any("NBS Circular 539" in text for _, text in table.definitions)
    assert "sharp_lines" not in section(merged(patterns(("PCH",), step=0.05))).tables


def test_the_section_shows_itself_in_a_report(made: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCHP_REPORT", "1")
    shown = [part._repr_mimebundle_() for part in made.parts()]  # type: ignore[attr-defined]
    assert len(shown) == 3 + len(made.figures) + len(made.tables)
    assert len(made.figures) == 2 + 3


def test_a_wrong_parameter_is_named() -> None:
    with pytest.raises(traitlets.TraitError, match="references 'Fe'"):
        section(merged(patterns(("PCH",), step=0.05)), references=("Fe",))
