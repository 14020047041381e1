from __future__ import annotations

from pathlib import Path

import pytest

from pchp_widgets.model.study import StudyError, read_study_file

GOOD = """
[study]
name = "Coatings"

[defaults]
kind = "symmetric"
area = "1.327 cm2"

[[cells]]
name = "bare-1"
file = "raw/bare-1.mpr"
coating = "bare"

[[cells]]
name = "PCHP-1"
file = "raw/PCHP-1.mpr"
coating = "PCHP"
area = "0.5 cm2"
"""


def read(folder: Path, text: str) -> object:
    path = folder / "study.toml"
    path.write_text(text, "utf-8")
    return read_study_file(path)


def test_defaults_hold_where_a_cell_says_nothing_else(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert [cell.area for cell in found.cells] == pytest.approx([1.327, 0.5])  # type: ignore[attr-defined]
    assert {cell.kind for cell in found.cells} == {"symmetric"}  # type: ignore[attr-defined]


def test_metadata_are_handed_on_with_units(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert found.cells[1].metadata() == {"kind": "symmetric", "coating": "PCHP", "area": "0.5 cm2"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('area = "0.5 cm2"', 'area = "0.5 cm3"', "line 18: cells[1].area: '0.5 cm3'"),
        ('area = "1.327 cm2"', "area = 1.327", "line 7: defaults.area: 1.327 has no unit"),
        ('coating = "PCHP"', 'coatng = "PCHP"', "cells[1].coatng: no such field; did you mean 'coating'?"),
        ('file = "raw/bare-1.mpr"', "", "line 9: cells[0]: neither file nor files is there"),
        ('file = "raw/bare-1.mpr"', 'file = "a"\nfiles = "b"', "cells[0]: file and files are both there; keep one"),
        ('name = "PCHP-1"', 'name = "bare-1"', "cell 'bare-1' stands more than once"),
        ("[study]", "[studdy]", "studdy: no such field; did you mean 'study'?"),
        ("[study]", "[study", "not valid TOML"),
    ],
)
def test_an_error_names_line_key_and_remedy(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(StudyError) as error:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert said in str(error.value)
    assert "study.toml" in str(error.value)


def test_a_folder_without_a_study_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"a study folder holds a study\.toml"):
        read_study_file(tmp_path / "study.toml")


MEASURED = """
[study]
name = "films"

[[measurements]]
name = "PCHP"
technique = "diffraction"
file = "PCHP.xy"
wavelength = "1.5406 angstrom"
material = "PCHP"
"""


def test_materials_alone_are_a_study(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, MEASURED).measurements
    assert entry.metadata() == {"wavelength": "1.5406 angstrom", "material": "PCHP"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"diffraction"', '"xrd"', "line 7: measurements[0].technique: 'xrd' is no technique; choose one of thermal"),
        ("material =", "materiel =", "did you mean 'material'?"),
        ("1.5406 angstrom", "1.5406 s", "wavelength"),
    ],
)
def test_an_error_of_a_measurement_names_line_key_and_remedy(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(StudyError) as error:
        read(tmp_path, MEASURED.replace(old, new, 1))
    assert said in str(error.value)


def test_one_sample_may_be_measured_by_two_techniques_but_not_twice_by_one(tmp_path: Path) -> None:
    table = MEASURED[MEASURED.index("[[measurements]]") :]
    other = "\n".join(line for line in table.splitlines() if not line.startswith("wavelength"))
    twice = read(tmp_path, MEASURED + other.replace('"diffraction"', '"thermal"'))
    assert [entry.key for entry in twice.measurements] == ["diffraction/PCHP", "thermal/PCHP"]
    with pytest.raises(StudyError, match="diffraction of 'PCHP' stands more than once"):
        read(tmp_path, MEASURED + table)
    with pytest.raises(StudyError, match=r"line \d+: .*wavelength concerns diffraction, and not thermal: leave it out"):
        read(tmp_path, MEASURED + table.replace('"diffraction"', '"thermal"'))
