"""`MicrographPanel` without a browser: its state, what it computes, and what it says."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from pchp_widgets import MicrographPanel
from pchp_widgets.analysis import micrograph as analysis
from pchp_widgets.io.synthetic.micrograph import (
    Camera,
    CoatingTruth,
    LithiumTruth,
    cross_section,
    micrograph_study,
    surface,
)
from pchp_widgets.model.measurements import merged


@pytest.fixture(scope="module")
def study():
    return micrograph_study()


@pytest.fixture
def panel(study):
    return MicrographPanel(study)


def test_each_view_is_about_the_pictures_it_is_for(panel, study):
    assert panel.view == "thickness"
    assert panel.measured == ("PCH", "PCHP", "PCHP2")
    assert list(panel.result.data) == ["section", "thickness", "coatings"]
    panel.view = "pores"
    assert len(panel.measured) == 4
    assert list(panel.result.data) == ["surface", "darker", "fractions", "orientation"]
    panel.view = "scale"
    assert panel.measured == panel.samples.names
    assert list(panel.result.data) == ["ruler", "sources"]
    assert MicrographPanel(study.isel(sample=slice(3, None))).view == "pores"


def test_what_is_shown_is_what_the_analysis_says(panel, study):
    found = analysis.thickness(study.isel(sample=[1]))
    assert panel.thicknesses()["PCHP"]["mean"].item() == pytest.approx(found["mean"].item(), abs=1e-3)
    panel.view = "pores"
    porous = analysis.pores(study.isel(sample=slice(3, None)))
    np.testing.assert_allclose(panel.pores()["pore_fraction"], porous["pore_fraction"])
    np.testing.assert_allclose(panel.sizes()["pixel_size"], 0.05)


def test_an_end_of_the_line_is_dragged_and_only_that_coating_is_measured_anew(panel):
    before = panel.thicknesses()
    line = panel.pictured.on_axes("PCH", panel._drawn_line("PCH"), 0.05)
    panel.drag_end("across", 0, line[0] + 1.0, line[1] - 0.4)
    assert panel.error is None
    moved = panel.pictured.on_axes("PCH", panel.across["PCH"], 0.05)
    np.testing.assert_allclose(moved, [line[0] + 1.0, line[1] - 0.4, *line[2:]])
    after = panel.thicknesses()
    assert after["PCHP"] is before["PCHP"]
    assert after["PCH"] is not before["PCH"]
    assert after["PCH"]["mean"].item() == pytest.approx(before["PCH"]["mean"].item(), rel=0.02)
    panel.picture = "PCHP2"
    panel.drag_end("across", 1, 10.0, 1.0)
    assert set(panel.across) == {"PCH", "PCHP2"}


def test_a_line_that_crosses_no_layer_is_said(panel):
    panel.across = {"PCH": (10.0, 300.0, 12.0, 301.0)}
    line = next(line for line in panel.lines() if line.name == "PCH")
    assert line.values[0] == "no thickness"
    assert any("no layer was found" in text for text in line.remarks)
    assert panel.error is None
    assert len(panel.pictures()["thickness"].layers[1].x) == 2


def test_a_line_along_the_scale_bar_is_compared_with_the_file(panel):
    panel.view = "scale"
    assert panel.lines()[0].values[:4] == ("50 nm", "file", "50 nm", "50 nm")
    panel.lengths = {"PCH": 5.0}  # the line lies along the bar that was found
    assert panel.lines()[0].values[4:] == ("50 nm", "yes")
    assert "100.0 pixels = 5 µm: 0.05 µm per pixel" in panel.pictures()["ruler"].title
    panel.drag_end("rulers", 1, 112.5 + 12.5, 30.0)
    assert panel.rulers["PCH"][2] == pytest.approx(124.5)
    panel.lengths = {"PCH": 8.0}
    assert panel.lines()[0].values[5] == "no"
    assert any("one of them is wrong" in text for text in panel.lines()[0].remarks)


def test_a_picture_without_a_scale_gets_one_from_its_line():
    made = cross_section(CoatingTruth(), Camera(bar=5.0), name="a")
    panel = MicrographPanel(made.drop_vars(["pixel_size", "pixel_height", "bar_length"]))
    assert panel.lines()[0].values[0] == "no thickness"
    assert panel.pictures()["section"].x.units == "pixels"
    panel.lengths = {"a": 5.0}
    assert panel.thicknesses()["a"]["mean"].item() == pytest.approx(8.0, abs=0.3)
    assert panel.pictures()["section"].x.units == "µm"


def test_the_angle_of_the_section_holds_for_all(panel):
    straight = panel.thicknesses()["PCHP"]["mean"].item()
    panel.section_angle = 30.0
    assert panel.thicknesses()["PCHP"]["mean"].item() == pytest.approx(2 * straight)
    assert panel.lines()[0].values[-1] == "30°"
    with pytest.raises(traitlets.TraitError, match="write 0 to 90 degree"):
        panel.section_angle = 120.0


def test_the_band_is_dragged(panel):
    panel.view = "pores"
    assert panel.span == analysis.BAND
    before = panel.pores()
    panel.drag("window", 0.8, 0.5)
    assert panel.window == (0.5, 0.8)
    assert (panel.pores()["pore_fraction"] > before["pore_fraction"]).all()
    assert panel.pores()["band_low"].values == pytest.approx(before["pore_fraction"].values)
    panel.window = ()
    assert panel.pores() is before


def test_pores_are_compared_with_a_reference_of_the_same_magnification():
    far = surface(LithiumTruth(0.2), Camera(pixel_size=0.1), name="far")
    panel = MicrographPanel(merged([surface(name="a"), surface(LithiumTruth(0.1), seed=2, name="b"), far]))
    lines = {line.name: line for line in panel.lines()}
    assert lines["a"].values[-1] == "reference"
    assert "points" in lines["b"].values[-1]
    assert lines["far"].values[-1] == "not compared"
    assert any("equal magnification only" in text for text in lines["far"].remarks)
    panel.reference = "far"
    assert [line.values[-1] for line in panel.lines()] == ["not compared", "not compared", "reference"]
    with pytest.raises(traitlets.TraitError, match="reference 'c': choose one of a, b, far"):
        panel.reference = "c"


def test_a_zoom_brings_detail_and_the_whole_picture_comes_back():
    panel = MicrographPanel(cross_section(camera=Camera(rows=1000, columns=1500, pixel_size=0.02)))
    whole = panel.result.data["section"]["seen"]
    assert max(whole.grey.shape) <= 640
    assert whole.x[1] - whole.x[0] == pytest.approx(0.06)
    panel.zoom(5.0, 4.0, 12.0, 9.0)
    part = panel.result.data["section"]["seen"]
    assert part.x[1] - part.x[0] == pytest.approx(0.02)
    assert part.x[0] <= 5.0
    assert part.x[-1] >= 12.0
    assert panel.pictures()["section"].xlim == (0.0, pytest.approx(30.0))  # the user's zoom is not moved
    panel.zoom(-20.0, -1.0, 60.0, 21.0)
    assert panel.frame == ()
    assert panel.result.data["section"]["seen"] is whole
    with pytest.raises(traitlets.TraitError, match="left, bottom, right, top"):
        panel.frame = (1.0, 2.0, 0.0, 3.0)


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("across", {"PCH": (1.0, 2.0)}, "across: write a sample, and column and row of both ends"),
        ("rulers", {"other": (1.0, 2.0, 3.0, 4.0)}, "rulers: write a sample"),
        ("lengths", {"PCH": -1.0}, "micrometres above 0"),
        ("picture", "other", "picture 'other': choose one of PCH"),
        ("view", "depth", "depth"),
        ("window", (0.6, 0.4), "window"),
    ],
)
def test_what_cannot_be_is_refused(panel, trait, value, message):
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(panel, trait, value)


@pytest.mark.parametrize("view", ["scale", "thickness", "pores"])
def test_nothing_shown_is_no_error(panel, view):
    panel.view = view
    panel.shown = ()
    assert panel.error is None
    assert "No sample is selected" in panel.status
    assert panel.lines() == []
    assert panel.figures
    panel.shown = ("PCH", "bare, 50 cycles")
    assert panel.error is None
    assert panel.status == ""


def test_a_view_without_a_picture_says_so(study):
    panel = MicrographPanel(study.isel(sample=slice(3)), view="pores")
    assert "No sample shown is for the view pores: they are marked as sections." in panel.status
    assert panel.lines() == []
    assert panel.figures


def test_controls_follow_the_state(panel):
    assert panel.widget
    panel.lengths = {"PCH": 5.0}
    panel.view = "scale"
    panel.picture = "PCHP"
    assert panel.error is None
    code = panel.to_code()
    assert "view='scale'" in code
    assert "lengths={'PCH': 5.0}" in code
    assert set(panel.explained) >= {"pixel", "mean thickness", "pore fraction", "anisotropy"}


def test_figures_are_written_to_paper_and_tables(panel, tmp_path):
    written = []
    for view in ("thickness", "scale", "pores"):
        panel.view = view
        written += panel.export(tmp_path / f"{view}.csv")
    panel.view = "pores"
    assert all(path.stat().st_size > 10_000 for path in panel.export(tmp_path / "pores.png"))
    tables = {path: path.read_text(encoding="utf-8").splitlines() for path in written}
    assert any("thickness (µm)" in lines[0] and len(lines) > 1000 for lines in tables.values())
