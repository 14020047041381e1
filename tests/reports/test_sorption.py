"""The section on gas sorption of a report."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from pchp_widgets.io.synthetic.sorption import Layered, Run, cross_linked, isotherm
from pchp_widgets.model.measurements import merged
from pchp_widgets.reports.sections import Section
from pchp_widgets.reports.sorption import section


@pytest.fixture(scope="module")
def made() -> Section:
    return section(merged(cross_linked()), reference="PCH")


def test_the_micropore_volume_comes_first_and_the_area_is_called_apparent(made: Section) -> None:
    assert made.paragraphs[0].startswith("PCH (CO2 at 277.00 K): W₀ 0.2200 (")
    assert "by the conventions of the density" in made.paragraphs[0]
    assert "apparent" in made.paragraphs[0]
    assert "3 failed" in made.paragraphs[0]


def test_a_dense_polymer_has_a_limit_of_detection(made: Section) -> None:
    (said,) = [text for text in made.paragraphs if text.startswith("PEO (")]
    assert "No micropores seen" in said


def test_changes_stand_with_their_intervals(made: Section) -> None:
    assert any(text.startswith("PCHP against PCH: W₀ -4") for text in made.paragraphs)
    assert set(made.tables) == {"micropore_volumes", "bet_areas", "sorption_changes"}


def test_the_findings_give_the_volume_where_there_are_micropores_and_the_verdict_on_the_area_once(
    made: Section,
) -> None:
    volumes, areas, *changes = made.findings
    assert volumes.startswith("Micropore volume W₀ (CO2; 95 % intervals) of PCH: 0.2200 (")
    assert "of PEO: none seen, less than " in volumes
    assert areas.count("criteria 1 2 passed, 3 failed, 4 undecided") == 1
    assert areas.startswith("BET area (apparent: ")
    assert changes[0].startswith("PCHP against PCH: W₀ -4")


def test_samples_of_several_gases_say_which_and_a_sound_area_is_not_called_apparent() -> None:
    degassed = {"degas_temperature": 80.0, "degas_time": 12.0, "mass": 60.0}
    layered = isotherm(Layered(), Run(np.geomspace(1e-4, 0.5, 60)), name="powder", **degassed)
    volumes, areas = section(merged([*cross_linked()[:1], layered])).findings
    assert "of PCH (CO2): 0.2200 (" in volumes
    assert "; of powder (N2): " in volumes
    assert ", apparent: Rouquerol's criteria 1 2 passed" in areas
    assert areas.endswith(" m² g⁻¹, Rouquerol's criteria 1 2 3 4 passed.")


def test_what_must_not_be_overlooked_is_said_once(made: Section) -> None:
    assert len(made.notices) == len(set(made.notices))
    assert any(text.startswith("All samples: BET is not recommended for CO2") for text in made.notices)


def test_without_a_reference_there_are_no_changes() -> None:
    assert set(section(merged(cross_linked())).tables) == {"micropore_volumes", "bet_areas"}


def test_the_section_shows_itself_in_a_report(made: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCHP_REPORT", "1")
    html = [part._repr_mimebundle_() for part in made.parts()]  # type: ignore[attr-defined]
    assert len(html) == 3 + len(made.figures) + len(made.tables)


def test_a_wrong_parameter_is_named() -> None:
    with pytest.raises(traitlets.TraitError, match="density"):
        section(merged(cross_linked()), density="lead")
