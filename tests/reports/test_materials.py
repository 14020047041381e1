"""What the report on materials opens, and what it says of what is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from pchp_widgets.io.study import Study
from pchp_widgets.io.synthetic.diffraction import patterns
from pchp_widgets.io.synthetic.powder_files import write_xrdml, write_xy
from pchp_widgets.reports import materials as report
from pchp_widgets.reports.sections import Section


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two patterns, of one of which the wavelength is not known."""
    first, second = patterns(("PCH", "PCHP"))
    for data, write, name in ((first, write_xrdml, "PCH.xrdml"), (second, write_xy, "PCHP.xy")):
        write(tmp_path / name, data["two_theta"].values[0], data["intensity"].values[0])
    tables = "".join(
        f'\n[[measurements]]\nname = "{name}"\ntechnique = "diffraction"\nfile = "{name}{suffix}"\nmaterial = "PCH"\n'
        for name, suffix in (("PCH", ".xrdml"), ("PCHP", ".xy"))
    )
    (tmp_path / "study.toml").write_text(f'[study]\nname = "films"\n{tables}', "utf-8")
    Study.build(tmp_path)
    return tmp_path


def test_a_study_of_materials_alone_is_built_and_opened(study: Path) -> None:
    found = report.materials(study=str(study))
    assert list(found.measured) == ["diffraction"]
    assert [str(tree.name) for tree in found.trees] == ["diffraction of PCH", "diffraction of PCHP"]


def test_the_summary_says_what_was_found_and_how_many_remarks_there_are(study: Path) -> None:
    (made,) = report.sections(report.materials(study=str(study)))
    (text,) = report.summary([made]).entries.values()
    assert text == f"{made.findings[0]} {len(made.notices)} remarks below."
    assert "of PCH: 6." in text
    assert "of PCHP: at " in text
    assert "wavelength not known" in text


def test_a_technique_without_a_number_says_so() -> None:
    assert report.summary([Section("Micrographs", findings=["", ""], notices=["No scale."])]).entries == {
        "Micrographs": "No number could be found. 1 remark below."
    }


def test_a_technique_of_which_nothing_can_be_said_does_not_stop_the_others(study: Path) -> None:
    (study / "peel.csv").write_text("Displacement (mm), Force (N)\n" + "".join(f"{at}, 1.5\n" for at in range(60)))
    with (study / "study.toml").open("a") as file:
        file.write('\n[[measurements]]\nname = "strip"\ntechnique = "adhesion"\nfile = "peel.csv"\n')
    Study.build(study)
    made = list(report.sections(report.materials(study=str(study))))
    assert [one.title for one in made] == ["X-ray diffraction", "Peel test"]
    assert made[0].findings
    assert "strip: the width of the strip is not known" in made[1].notices[0]


def test_what_nobody_said_is_named_with_what_it_costs(study: Path) -> None:
    table = report.missing_metadata(report.materials(study=str(study)))
    rows = {column.name: list(column.values) for column in table.columns}
    assert rows["field"] == ["wavelength"]
    assert rows["sample"] == ["diffraction of PCHP"]
    assert rows["why_it_matters"] == ["no distances"]


def test_samples_can_be_chosen_and_what_is_not_there_is_said(study: Path) -> None:
    found = report.materials(study=str(study), samples=["PCH"])
    assert [str(part["sample"].item()) for part in found.measured["diffraction"]] == ["PCH"]
    with pytest.raises(ValueError, match="has no thermal; it has diffraction: PCH, PCHP"):
        report.materials(study=str(study), technique="thermal")
    with pytest.raises(ValueError, match="either a file, or a study"):
        report.materials(file="PCH.xrdml", study=str(study))


def test_a_file_is_shown_alone(study: Path) -> None:
    found = report.materials(file=str(study / "PCH.xrdml"), meta={"material": "PCH"})
    assert found.title == "File PCH.xrdml"
    (section,) = report.sections(found)
    assert section.title == "X-ray diffraction"
