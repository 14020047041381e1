"""A coating or material has one look in all panels and report sections of its study."""

from __future__ import annotations

from pathlib import Path

import pytest

from pchp_widgets import Study, open_study
from pchp_widgets.analysis import cycling
from pchp_widgets.model.cycles import merged_steps
from pchp_widgets.model.measurements import merged
from pchp_widgets.panels.cells import Cells
from pchp_widgets.panels.samples import Samples
from pchp_widgets.panels.spectra_cells import SpectraCells
from pchp_widgets.plots.theme import looks
from pchp_widgets.reports.cells import looks_of


@pytest.fixture(scope="module")
def study(built_demo_study: Path) -> Study:
    return open_study(built_demo_study)


@pytest.fixture(scope="module")
def meant(study: Study) -> dict[str, tuple[str, str]]:
    """Colour and marker by name of the material."""
    return {name: look[1:] for name, look in looks({name: name for name in study.coatings}, study.coatings).items()}


@pytest.mark.parametrize(
    "technique", ["thermal", "diffraction", "sorption", "photoemission", "indentation", "adhesion", "composition"]
)
def test_a_material_has_the_look_of_its_name_in_the_panel_and_in_the_report(
    technique: str, study: Study, meant: dict[str, tuple[str, str]]
) -> None:
    reported = merged([study.measurement(technique, name).load() for name in study.measurements[technique]])
    for given in (study, reported):
        of_materials: dict[str, tuple[str, str]] = {}
        for look in Samples(given, (technique,)).looks.values():  # the first replicate has the hue itself
            of_materials.setdefault(look.coating, look[1:])
        assert of_materials == {name: meant[name] for name in of_materials}


def test_cells_have_the_colours_of_the_materials_they_are_coated_with(
    study: Study, meant: dict[str, tuple[str, str]]
) -> None:
    coated = [name for name in study.cells if name.startswith("NCM-PCHP")]
    trees = [study.cell(name) for name in coated]
    found = cycling.per_cycle(merged_steps([tree["steps"].to_dataset() for tree in trees]))
    for every in (Cells(trees).looks, looks_of(found), Cells(study).looks):
        assert every[coated[0]].marker == meant["PCHP"][1]
    assert Cells(trees).looks[coated[0]].color == looks_of(found)[coated[0]].color == meant["PCHP"][0]
    with_spectra = SpectraCells(study)
    first = next(name for name in with_spectra.names if with_spectra.looks[name].coating == "PCHP")
    assert with_spectra.looks[first].color == meant["PCHP"][0]
