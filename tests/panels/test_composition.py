"""`CompositionPanel` without a browser: its state, what it computes, and what it says."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

from pchp_widgets import CompositionPanel, elemental_analysis
from pchp_widgets.analysis import composition as analysis
from pchp_widgets.io.synthetic.composition import CompositionTruth, composition_study, elemental, spectrum
from pchp_widgets.model.measurements import merged


@pytest.fixture(scope="module")
def study():
    return composition_study()


@pytest.fixture
def panel(study):
    return CompositionPanel(study)


def line(panel, name):
    return next(one for one in panel.lines() if one.name == name)


def test_it_begins_with_the_usual_regions_and_noise_beside_them(panel) -> None:
    assert panel.regions() == analysis.suggested_regions("1H")
    low, high = panel.span
    assert 7.9 < low < high <= 12.0
    assert panel.group == "epoxide"
    assert set(panel.result.data) == {"spectrum", "conversion", "stoichiometry", "search", "presence"}
    assert panel.error is None


def test_what_it_shows_is_what_the_analysis_says(panel, study) -> None:
    found = analysis.spectra(study.isel(sample=[0, 2, 4]), panel.span)
    areas = analysis.integrals(found, panel.regions(), reference="aromatic")
    joined = analysis.conversion(areas, analysis.elements(study))
    for name in ("PIM-1", "PCH-50", "PCH"):
        for kind in ("nmr", "nitrogen", "conversion"):
            assert float(panel.conversion()[kind].sel(material=name)) == float(joined[kind].sel(material=name))
    assert line(panel, "PCH").values[0].startswith(f"{100 * float(joined['nmr'].sel(material='PCH')):.2f} ±")


@pytest.mark.parametrize("name", ["acid", "aromatic", "amide"])
def test_dragging_a_region_changes_the_numbers(name, panel) -> None:
    before = panel.lines()
    low, high = panel.regions()[name]
    panel.drag(name, high - 0.2, low)
    assert getattr(panel, name) == (low, pytest.approx(high - 0.2))
    assert panel.lines() != before
    assert panel.result.data["spectrum"]["windows"][name] == getattr(panel, name)
    setattr(panel, name, ())
    assert panel.lines() == before


def test_dragging_the_noise_changes_the_errors_alone(panel) -> None:
    before = panel.integrals()
    panel.drag("window", 9.0, 11.0)
    after = panel.integrals()
    np.testing.assert_array_equal(before["integral"].values, after["integral"].values)
    assert (before["integral_stderr"].values != after["integral_stderr"].values).all()


def test_a_group_is_sought_in_its_own_region(panel) -> None:
    assert list(panel.sought()) == ["epoxide", "aryl ether"]
    assert line(panel, "PCHP3").values[-1].startswith("5")
    assert line(panel, "PCHP").values[-1].startswith("below ")
    panel.drag("searched", 42.0, 53.0)
    panel.drag("compared", 134.0, 157.0)
    assert panel.presence()["low"].values.tolist() == [42.0, 134.0]
    panel.group = "amide"
    assert (panel.searched, panel.compared) == ((), ())
    assert list(panel.presence()["sample"].values) == ["PIM-1", "PCH-50", "PCH"]
    assert line(panel, "PCH-50").values[-1].startswith("19.")
    panel.group = "aromatic"  # a reference is compared with another one
    assert panel.reference == "aliphatic"
    assert panel.error is None


@pytest.mark.parametrize(
    ("trait", "value", "of"),
    [
        ("baseline", "line", "integrals"),
        ("route", "ratio", "conversion"),
        ("molar_mass", 1000.0, "stoichiometry"),
        ("functionality", 1.8, "stoichiometry"),
    ],
)
def test_every_choice_has_its_effect(trait, value, of, panel) -> None:
    before = getattr(panel, of)()
    setattr(panel, trait, value)
    assert panel.error is None
    assert not getattr(panel, of)().identical(before)
    assert f"{trait}={value!r}" in panel.to_code()


def test_the_error_of_a_run_counts_where_none_is_stated(study) -> None:
    typed = elemental_analysis({"PCH": {"N": 0.45}})
    panel = CompositionPanel([typed])
    assert set(panel.result.data) == {"conversion", "stoichiometry"}
    wide = float(panel.conversion()["nitrogen_stderr"][0])
    panel.element_error = 0.001
    assert float(panel.conversion()["nitrogen_stderr"][0]) == pytest.approx(wide / 3, rel=1e-9)
    assert any("0.1 % are taken" in text for text in panel.lines()[0].remarks)
    assert "No sample shown has a 1H spectrum" in panel.status


def test_spectra_are_apart_or_over_each_other(panel) -> None:
    assert "apart" in panel.pictures()["spectrum"].y.label
    panel.stacked = False
    assert "apart" not in panel.pictures()["spectrum"].y.label


def test_disagreement_is_undecided_and_said() -> None:
    truth = CompositionTruth(conversion=0.9, exchanged=0.3, element_error=0.0005)
    parts = [spectrum(truth, name="PCH", material="PCH"), elemental(truth, name="PCH EA", material="PCH")]
    panel = CompositionPanel(merged(parts))
    (one,) = panel.lines()
    assert one.values[4] == "undecided"
    assert one.values[5] == ""
    assert any("there is no joint number" in text for text in one.remarks)


def test_a_spectrum_of_unknown_nucleus_is_asked_about(study) -> None:
    bare = study.isel(sample=[4]).assign_coords(nucleus=("sample", [""]))
    panel = CompositionPanel(bare)
    assert "PCH: the nucleus is not known, open with nucleus='1H' or '13C'." in panel.status
    assert panel.integrals() is None


def test_nothing_shown_is_no_error(panel) -> None:
    panel.shown = ()
    assert panel.error is None
    assert "No sample is selected" in panel.status
    assert panel.lines() == []
    panel.shown = ("PCH 13C",)
    assert set(panel.figures) >= {"search", "presence"}
    assert panel.error is None
    panel.shown = ("PCH", "PCH EA")
    assert panel.error is None


@pytest.mark.parametrize("shown", [(), ("PCH 13C",), ("PCH EA",), ("PCH",)])
def test_figures_stay_whichever_samples_are_shown(shown, panel) -> None:
    figures = set(panel.result.data)
    panel.shown = shown
    assert panel.error is None
    assert set(panel.result.data) == figures
    said = {name: picture.title for name, picture in panel.pictures().items()}
    assert bool(said["spectrum"]) == ("PCH" not in shown)
    assert bool(said["search"]) == ("PCH 13C" not in shown)
    assert bool(said["conversion"]) == ("PCH" not in shown and "PCH EA" not in shown)


def test_state_that_cannot_be_is_refused(panel) -> None:
    with pytest.raises(traitlets.TraitError, match="acid"):
        panel.acid = (14.0, 12.0)
    with pytest.raises(traitlets.TraitError):
        panel.group = "ketone"
    panel.acid = (40.0, 50.0)  # beyond the spectrum: said, and no number
    assert panel.error is None
    assert line(panel, "PCH").values[0] == ""
    assert any("acid: the spectrum does not reach there" in text for text in line(panel, "PCH").remarks)


def test_controls_follow_the_state_and_lead_back(panel) -> None:
    import ipywidgets

    def buttons(widget):
        own = [widget] if isinstance(widget, ipywidgets.Button) else []
        return own + [one for child in getattr(widget, "children", ()) for one in buttons(child)]

    back = next(one for one in buttons(panel.widget) if one.description == "usual regions")
    assert back.disabled
    panel.acid = (12.2, 14.2)
    assert not back.disabled
    back.click()
    assert panel.acid == ()
    assert "what the numbers mean" in str(panel.widget.children).lower()


def test_numbers_are_exported_and_made_again(panel, tmp_path) -> None:
    panel.acid = (12.2, 14.2)
    assert "acid=(12.2, 14.2)" in panel.to_code()
    written = panel.export(tmp_path / "composition.csv")
    assert len(written) == 5
    assert "PCH-50" in next(path for path in written if "conversion" in path.name).read_text()
