"""The section on photoemission of a report."""

from __future__ import annotations

import pytest
import traitlets

from pchp_widgets.io.synthetic.photoemission import layers
from pchp_widgets.reports.photoemission import section
from pchp_widgets.reports.sections import Section


@pytest.fixture(scope="module")
def made() -> Section:
    return section(layers())


def test_every_layer_has_its_share_of_lithiated_acid(made: Section) -> None:
    assert [text.partition(":")[0] for text in made.paragraphs[1:]] == ["original", "intermediate", "activated"]
    assert "of the acid, below" in made.paragraphs[1]
    rows = made.tables["lithiated_acid"].csv().splitlines()
    assert rows[0].startswith("sample,lithiated_fraction,low,high,on_shirley,on_tougaard,on_linear")
    name, value, low, high = rows[2].split(",")[:4]
    assert name == "intermediate"
    assert float(low) < 0.45 < float(high)
    assert float(low) < float(value) < float(high)


def test_the_finding_says_what_the_choice_of_the_background_makes_of_it(made: Section) -> None:
    (text,) = made.findings
    assert text.startswith("Share of the acid that is COOLi (95 % intervals) in original: below 3 % (0 to ")
    rows = [line.split(",") for line in made.tables["lithiated_acid"].csv().splitlines()]
    by = [100 * float(value) for name, value in zip(rows[0], rows[2], strict=True) if name.startswith("on_")]
    assert f"({min(by):.0f} to {max(by):.0f} % over backgrounds); in activated: " in text


def test_it_is_said_how_the_numbers_were_found(made: Section) -> None:
    assert "fitted at once from 281.1 to 295.7 eV" in made.paragraphs[0]
    assert "C–C stands at 284.5 eV" in made.paragraphs[0]
    assert any("carbonate" in text for text in made.notices)


def test_carbon_stands_beside_the_repeat_unit_and_every_region_has_its_area(made: Section) -> None:
    assert "0.0634" in made.tables["carbon"].csv()
    assert len(made.tables["regions"].csv().splitlines()) == 1 + 9
    assert len(made.tables["components"].csv().splitlines()) == 1 + 12


def test_the_section_shows_itself_in_a_report(made: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCHP_REPORT", "1")
    shown = [part._repr_mimebundle_() for part in made.parts()]  # type: ignore[attr-defined]
    assert len(shown) == 3 + len(made.figures) + len(made.tables)
    assert list(made.figures) == ["spectra", "fractions", "carbon", "acid", "residuals"]


def test_another_region_and_a_wrong_parameter() -> None:
    lithium = section(layers(), region="Li 1s")
    assert list(lithium.figures) == ["spectra", "areas", "residuals"]
    assert "lithiated_acid" not in lithium.tables
    assert lithium.findings[0].startswith("Area of Li 1s (± 95 %) in original: ")
    assert (
        section(layers(), components=[("C–C", 284.5, 0.0), ("C–O", 286.2, 0.5)])
        .findings[0]
        .startswith("Components of C 1s (± 95 %) in original: C–C ")
    )
    with pytest.raises(traitlets.TraitError, match="region 'N 1s'"):
        section(layers(), region="N 1s")
    with pytest.raises(ValueError, match="make it wider"):
        section(layers(), window=(284.0, 284.2))
