"""The section on composition claims what its intervals allow, and says what it cannot."""

from __future__ import annotations

import csv
import io

import pytest

from pchp_widgets.io.elemental import elemental_analysis
from pchp_widgets.io.synthetic.composition import CompositionTruth, composition_study, elemental, spectrum
from pchp_widgets.model.measurements import merged
from pchp_widgets.reports.composition import section
from pchp_widgets.reports.materials import Materials, missing_metadata, sections


@pytest.fixture(scope="module")
def found():
    return section(composition_study())


def rows(table):
    return list(csv.DictReader(io.StringIO(table.csv())))


def test_conversions_are_told_with_their_ways_and_intervals(found) -> None:
    text = "\n".join(found.paragraphs)
    assert "PCH: 92.26 ± 0." in text
    assert "of the nitriles are acids (1H NMR and N)" in text
    assert "PCHP 13C: epoxide is not seen, below" in text
    assert "PCHP3 13C: epoxide is seen" in text
    assert any("lower bound" in notice for notice in found.notices)
    assert list(found.figures) == ["spectrum", "conversion", "stoichiometry", "search", "presence"]


def test_the_findings_are_the_joint_conversion_and_what_was_sought(found) -> None:
    conversion, epoxide = found.findings
    assert conversion.startswith("Conversion of nitriles to acids (± 95 %) in PIM-1: -0.05 ± 0.")
    assert "; in PCH: 92." in conversion
    assert conversion.endswith(" % by 1H NMR and N.")
    assert epoxide.startswith("Share of epoxide (± 95 %) in PCH 13C: not seen, below ")


def test_tables_hold_every_number_with_its_error(found) -> None:
    assert list(found.tables) == ["conversions", "stoichiometry", "integrals", "sought", "elements"]
    conversions = {row["material"]: row for row in rows(found.tables["conversions"])}
    assert float(conversions["PCH"]["nmr [percent]"]) == pytest.approx(92.0, abs=1.5)
    assert float(conversions["PCH"]["nmr_stderr [percent]"]) > 0
    assert len(rows(found.tables["integrals"])) == 9
    seen = {row["sample"]: row["seen"] for row in rows(found.tables["sought"]) if row["region"] == "epoxide"}
    assert seen == {"PCH 13C": "no", "PCHP 13C": "no", "PCHP2 13C": "no", "PCHP3 13C": "yes"}
    for table in found.tables.values():
        assert "<table>" in table.html()


def test_what_disagrees_is_not_claimed() -> None:
    truth = CompositionTruth(conversion=0.9, exchanged=0.3, element_error=0.0005)
    parts = [spectrum(truth, name="PCH", material="PCH"), elemental(truth, name="PCH EA", material="PCH")]
    one = section(merged(parts))
    assert "they disagree, and nothing is claimed" in "\n".join(one.paragraphs)
    assert "in PCH: undecided, the ways to it disagree" in one.findings[0]
    assert any("there is no joint number" in notice for notice in one.notices)


def test_elements_alone_make_a_section() -> None:
    one = section(elemental_analysis({"PCH": {"C": 70.1, "N": 0.45}}, error=0.1), molar_mass=1000.0)
    assert list(one.tables) == ["conversions", "stoichiometry", "elements"]
    assert "of the nitriles are acids (N)" in one.paragraphs[1]
    assert "g mol⁻¹" in one.figures["stoichiometry"].pictures[0].y.label


def test_the_report_on_materials_has_the_section_and_asks_what_is_not_known() -> None:
    typed = elemental_analysis({"PCH": {"N": 0.45}})
    bare = spectrum(name="PCH").drop_vars(["relaxation_delay"])
    whole = Materials({"composition": [typed, spectrum(name="PCH", material="PCH")]}, "two")
    (one,) = sections(Materials({"composition": [typed]}, "one"))
    assert one.title == "Composition"
    asked = {(row["field"], row["sample"]) for row in rows(missing_metadata(whole))}
    assert ("element_error", "composition of PCH EA") in asked
    asked = {row["field"] for row in rows(missing_metadata(Materials({"composition": [bare]}, "bare")))}
    assert {"material", "relaxation_delay"} <= asked
