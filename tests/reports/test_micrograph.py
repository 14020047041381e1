"""The section on micrographs says what was measured and what was not compared."""

from __future__ import annotations

import csv
import io

import pytest

from pchp_widgets.io.synthetic.micrograph import Camera, cross_section, micrograph_study, surface
from pchp_widgets.model.measurements import merged
from pchp_widgets.reports.micrograph import section


@pytest.fixture(scope="module")
def found():
    return section(micrograph_study())


def rows(table):
    return list(csv.DictReader(io.StringIO(table.csv())))


def test_sections_and_surfaces_each_have_their_numbers(found):
    text = "\n".join(found.paragraphs)
    assert "PCHP: 8.02 µm (95 % 7.88 to 8.16) thick" in text
    assert "bare, 50 cycles: 34.0 % (30.1 to 38.1) pores" in text
    assert "less bare, 50 cycles -22.9 points" in text
    assert "They agree within 2 % for 7 of 7 pictures" in text
    assert {"sources", "section_PCHP", "thickness", "coatings", "surface_bare, 50 cycles", "fractions"} <= set(
        found.figures
    )
    assert "section_bare, 50 cycles" not in found.figures
    assert len(rows(found.tables["coating_thickness"])) == 3
    assert len(rows(found.tables["surface_pores"])) == 4
    assert rows(found.tables["micrograph_scale"])[0]["taken_from"] == "file"
    for table in found.tables.values():
        assert "<table>" in table.html()


def test_the_findings_are_thickness_and_pores_with_intervals(found):
    thickness, pores = found.findings
    assert "of PCHP: 8.02 µm (7.88 to 8.16)" in thickness
    assert "of bare, 50 cycles: 34.0 % (30.1 to 38.1) pores" in pores
    assert "less bare, 50 cycles -22.9 points" in pores


def test_other_magnifications_are_not_compared_and_that_is_said():
    both = merged([surface(name="a"), surface(camera=Camera(pixel_size=0.1), name="b")])
    one = section(both)
    assert one.findings[1].endswith(" pores, not compared with a.")
    assert any("not compared: pixels of 0.1 and 0.05 µm" in text for text in one.paragraphs)
    assert any(text.startswith("b: pixels of 0.1 and 0.05 µm") for text in one.notices)
    assert rows(one.tables["surface_pores"])[1]["less_the_reference"] == "not compared"


def test_a_picture_of_one_grey_has_no_pore_fraction_and_is_not_said_to_have_no_pores():
    flat = surface(name="flat")
    one = section(flat.assign(intensity=flat["intensity"] * 0 + 7))
    assert one.findings[1] == "Surface (95 % intervals) of flat: pores undecided."
    assert "flat: pores undecided." in one.paragraphs


def test_a_single_section_of_no_material_makes_a_section():
    one = section(cross_section(name="film"), section_angle=54.0)
    assert "coating_thickness" in one.tables
    assert "surface_pores" not in one.tables
    assert [bool(text) for text in one.findings] == [True, False]
    assert rows(one.tables["coating_thickness"])[0]["section_angle [degree]"] == "54"
