"""Quantities of materials against what a study was made from, and what they say of evidence that is not enough."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pchp_widgets import Study
from pchp_widgets.analysis.audit import Interval
from pchp_widgets.io.synthetic.study import write_study
from pchp_widgets.io.synthetic.study_materials import LAYERS, MODULI, demo_measurements
from pchp_widgets.reports.errors import NotInStudyError
from pchp_widgets.reports.quantities import QUANTITIES, Evidence
from pchp_widgets.reports.quantities.materials import moduli


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    folder: Path = tmp_path_factory.mktemp("materials")
    techniques = ("indentation", "photoemission", "sorption", "thermal", "composition", "diffraction")
    write_study(folder, (), demo_measurements(techniques))
    return Evidence(Study.build(folder, jobs=1))


def _found(evidence: Evidence, quantity: str, sample: str, **conditions: object) -> Interval:
    return QUANTITIES[quantity].measure(evidence, sample, conditions).interval


def test_moduli_of_all_samples_come_with_their_standard_errors(evidence: Evidence) -> None:
    modulus, error = moduli(evidence)
    assert modulus["sample"].values.tolist() == list(MODULI)
    assert modulus.attrs["units"] == error.attrs["units"] == "GPa"
    truth = np.array([of for of, _ in MODULI.values()])
    assert (np.abs(modulus.values - truth) < 4 * error.values).all()


@pytest.mark.parametrize(("layer", "truth"), list(zip(LAYERS.names, LAYERS.lithiated, strict=True)))
def test_the_lithiated_fraction_of_a_layer_covers_its_truth(evidence: Evidence, layer: str, truth: float) -> None:
    value, low, high = _found(evidence, "lithiated_fraction", "PCHP", layer=layer)
    assert low - 0.02 <= truth <= high + 0.02
    assert low <= value <= high


def test_what_melts_has_a_crystallinity_and_what_does_not_a_limit(evidence: Evidence) -> None:
    value, low, high = _found(evidence, "crystallinity", "PEO")
    assert low < 0.72 < high
    assert value == pytest.approx(0.72, rel=0.05)
    assert _found(evidence, "crystallinity", "PCHP")[:2] == (0.0, 0.0)


def test_pores_that_are_there_have_a_volume(evidence: Evidence) -> None:
    value, low, high = _found(evidence, "micropore_volume", "PCH")
    assert low <= value <= high
    assert value == pytest.approx(0.22, rel=0.1)


def test_an_uptake_beyond_the_measured_pressures_is_unknown(evidence: Evidence) -> None:
    assert np.isnan(_found(evidence, "uptake_ratio", "PCHP", to="PCH", pressure=2.0)[0])
    assert _found(evidence, "uptake_ratio", "PCH", to="PCH", pressure=0.5)[0] == pytest.approx(1.0)


def test_conversions_by_all_ways_agree(evidence: Evidence) -> None:
    for way in ("nmr", "nitrogen", "ratio", "conversion"):
        _, low, high = _found(evidence, "conversion", "PCH", by=way)
        assert low < 0.92 < high, way


def test_a_halo_that_is_there_has_a_share(evidence: Evidence) -> None:
    _, low, high = _found(evidence, "halo_share", "PCH", low=6, high=8)
    assert 0.15 < low < high < 0.5


@pytest.mark.parametrize(
    ("quantity", "conditions", "message"),
    [
        ("conversion", {"by": "guess"}, "conditions: by 'guess': choose one of nmr"),
        ("binding_energy", {"component": "C-O"}, "conditions: component 'C-O': those of C 1s are C–C, C–O"),
        ("uptake_ratio", {"to": 3, "pressure": 1}, "conditions: to has to be a word, found 3"),
        ("halo_distance", {}, "conditions: near has to be a plain number"),
    ],
)
def test_a_condition_that_cannot_be_met_is_refused_by_name(
    evidence: Evidence, quantity: str, conditions: dict[str, object], message: str
) -> None:
    sample = "PCH" if quantity != "binding_energy" else "PCHP"
    with pytest.raises(ValueError, match=message):
        QUANTITIES[quantity].measure(evidence, sample, conditions)


@pytest.mark.parametrize(
    ("quantity", "sample", "conditions"),
    [
        ("youngs_modulus", "PEO", {}),
        ("coating_thickness", "PCHP", {}),
        ("binding_energy", "PCHP", {"region": "N 1s", "component": "C≡N, amide"}),
        ("lithiated_fraction", "PCHP", {"layer": "middle"}),
        ("line_position", "PIM-1", {"low": 5, "high": 9}),
    ],
)
def test_what_is_not_in_the_study_is_said(
    evidence: Evidence, quantity: str, sample: str, conditions: dict[str, object]
) -> None:
    with pytest.raises(NotInStudyError):
        QUANTITIES[quantity].measure(evidence, sample, conditions)
