"""The section on calorimetry says what melts, what does not, and what that means."""

from __future__ import annotations

import csv
import io

import pytest
import xarray as xr

from pchp_widgets.io.synthetic.thermal import MATERIALS, thermal_study
from pchp_widgets.reports.sections import Section
from pchp_widgets.reports.thermal import section


@pytest.fixture(scope="module")
def study() -> xr.Dataset:
    return thermal_study()


@pytest.fixture(scope="module")
def found(study: xr.Dataset) -> Section:
    return section(study, glass=(80, 150))


def rows(found: Section, name: str) -> dict[str, dict[str, str]]:
    return {row["sample"]: row for row in csv.DictReader(io.StringIO(found.tables[name].csv()))}


def test_every_sample_melts_or_has_a_limit(found: Section) -> None:
    text = "\n".join(found.paragraphs)
    assert "in PEO: 72.0 % (65.0 to 72.7 %)" in text
    assert "in PCHP: no melting, less than 0." in text
    assert (
        "PEG (limits of 95 %; in brackets over base lines and reference enthalpies) in PCH: no melting, it holds"
        in text
    )
    assert any("above the glass transition of PEO" in notice for notice in found.notices)


def test_the_findings_are_the_numbers_of_the_tables(found: Section) -> None:
    glass, crystals = found.findings
    own = rows(found, "glass_transitions")["PCHP"]
    value, low, high = (float(own[f"half_step{end} [degC]"]) for end in ("", "_low", "_high"))
    assert f"of PCHP: {value:.2f} ({low:.2f} to {high:.2f}) °C" in glass
    assert "of PCH, PCHP2, PEO: no step" in glass
    limit = float(rows(found, "crystallinity")["PCHP3"]["upper_limit [percent]"])
    assert f"in PCHP3: no melting, less than {limit:.2g} %" in crystals


def test_tables_hold_the_truth_with_errors_and_bands(found: Section) -> None:
    glass = rows(found, "glass_transitions")["PCHP"]
    truth = MATERIALS["PCHP"].glass_temperature
    assert abs(float(glass["half_step [degC]"]) - truth) < 4 * float(glass["half_step_stderr [degC]"])
    melting = rows(found, "melting")["PEO"]
    assert float(melting["heat [J g-1]"]) == pytest.approx(MATERIALS["PEO"].enthalpy, rel=0.01)
    assert float(melting["heat_low [J g-1]"]) < float(melting["heat_high [J g-1]"])
    share = rows(found, "crystallinity")
    assert share["PEO"]["upper_limit [percent]"] == ""
    assert share["PCHP3"]["crystallinity [percent]"] == ""
    assert float(share["PCHP3"]["upper_limit [percent]"]) < 2


def test_figures_and_tables_show(found: Section) -> None:
    assert list(found.figures) == ["curves", "heat", "step", "crystallinity"]
    for table in found.tables.values():
        bundle, _ = table._repr_mimebundle_()
        assert "<table>" in bundle["text/html"]


def test_a_temperature_that_never_changes_is_refused(study: xr.Dataset) -> None:
    still = study.assign(temperature=study["temperature"] * 0 + 25).drop_vars("segment")
    with pytest.raises(ValueError, match="the same all the time"):
        section(still)
