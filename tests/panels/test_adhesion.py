"""`AdhesionPanel` without a browser: its state, what it computes, and what it says."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets
from painted import below

from pchp_widgets import AdhesionPanel
from pchp_widgets.analysis.adhesion import peel_strength, plateau_window, strips
from pchp_widgets.io.synthetic.adhesion import PeelTruth, peel, peel_study


@pytest.fixture(scope="module")
def study():
    return peel_study(strips=3)


@pytest.fixture
def panel(study):
    return AdhesionPanel(study)


def test_the_range_of_the_rule_is_where_it_begins(panel, study):
    assert panel.span == plateau_window(strips(study), "ISO 8510-2")
    assert panel.window == ()
    panel.rule = "ASTM D3330"
    assert panel.span[1] - panel.span[0] == pytest.approx(100.0)
    assert panel.error is None


def test_dragging_refits_every_number(panel, study):
    before = panel.lines()
    panel.drag("window", 120.0, 80.0)
    assert panel.window == (80.0, 120.0)
    found = peel_strength(study, window=(80.0, 120.0))
    assert panel.found()["strength"].identical(found["strength"])
    assert panel.lines() != before
    assert panel.result.data["force"]["found"].attrs["window"] == [80.0, 120.0]
    panel.window = ()
    assert panel.lines() == before


def test_the_reference_is_one_of_the_materials(panel):
    assert panel.base() == "PCH"
    panel.reference = "PCHP"
    assert list(panel.compared()["material"].values) == ["PCH", "PCHP2", "PCHP3"]
    with pytest.raises(traitlets.TraitError, match="reference 'PEO': choose one of PCH"):
        panel.reference = "PEO"
    panel.shown = ("PCH", "PCHP3")  # the reference is not shown: the first one stands in
    assert panel.base() == "PCH"


def test_what_cannot_be_claimed_is_said(panel):
    lines = {line.name: line for line in panel.lines()}
    assert "undecided" in lines["PCHP3"].values[-1]
    assert "undecided" not in lines["PCHP"].values[-1]
    assert any("cohesive failure" in text for text in lines["PCHP3"].remarks)
    assert any("3 strips; standards ask for at least 5" in text for text in lines["PCH"].remarks)
    assert lines["PCH"].values[-1] == "reference"


def test_nothing_shown_is_no_error(panel):
    panel.shown = ()
    assert panel.error is None
    assert "No sample is selected" in panel.status
    assert panel.lines() == []
    assert set(panel.pictures()) == {"force", "strength"}
    panel.shown = ("PCH", "PCHP")
    assert set(panel.figures) == {"force", "strength", "ratio"}


def test_a_range_without_a_plateau_is_said(panel):
    panel.window = (400.0, 500.0)
    assert panel.error is None
    assert panel.lines()[0].values[0] == "undecided"
    assert any("left out" in text for text in panel.lines()[0].remarks)


def test_statistics_change_what_is_shown(panel):
    mean = float(panel.grouped()["mean"][0])
    panel.statistic = "strength_peaks"
    assert float(panel.grouped()["mean"][0]) > mean
    assert "mean of peaks" in panel.pictures()["strength"].y.label


def test_a_width_is_asked_for():
    with pytest.raises(ValueError, match="width='25 mm'"):
        AdhesionPanel(peel(PeelTruth()).drop_vars("width"))


def test_controls_follow_the_state(panel):
    text = str(panel.widget)
    assert text
    panel.window = (60.0, 200.0)
    assert "window=(60.0, 200.0)" in panel.to_code()


def test_one_sample_of_no_material_is_enough():
    panel = AdhesionPanel(peel(PeelTruth(), name="strip"))
    assert panel.lines()[0].values[0].endswith("one strip")
    assert panel.lines()[0].values[-1] == ""


def test_a_drag_leaves_the_curves_as_they_were_painted(panel):
    panel.screen  # noqa: B018  made when first asked for
    before = below(panel.figures["force"])
    panel.drag("window", 80.0, 120.0)
    np.testing.assert_equal(below(panel.figures["force"]), before)
    panel.shown = panel.shown[:2]
    with pytest.raises(AssertionError):
        np.testing.assert_equal(below(panel.figures["force"]), before)
