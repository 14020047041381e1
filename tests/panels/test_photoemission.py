"""`PhotoemissionPanel` without a browser: traits in, what would be drawn and said out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import traitlets
import xarray as xr
from painted import below

from pchp_widgets import PhotoemissionPanel
from pchp_widgets.io.synthetic.photoemission import Coating, layers
from pchp_widgets.panels.photoemission_controls import components, in_text


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return layers()


@pytest.fixture
def panel(data: xr.Dataset) -> PhotoemissionPanel:
    return PhotoemissionPanel(data)


def test_a_panel_needs_no_notebook_and_makes_no_widgets(panel: PhotoemissionPanel) -> None:
    assert panel.status == ""
    assert panel._widget is None
    assert panel.region == "C 1s"
    assert list(panel.figures) == ["spectra", "residuals", "acid", "fractions", "carbon"]


def test_dragging_the_window_fits_anew_between_its_ends(panel: PhotoemissionPanel) -> None:
    before = panel.found()
    panel.drag("window", 294.0, 282.0)
    assert panel.window == (282.0, 294.0)
    found = panel.found()
    moved = found["binding_energy"] + found["charge_shift"]
    assert 281.9 <= float(moved.min()) <= 282.2
    assert 293.8 <= float(moved.max()) <= 294.1
    assert not np.array_equal(found["area"], before["area"])
    np.testing.assert_allclose(found["lithiated_fraction"], before["lithiated_fraction"], atol=0.05)
    band = panel.pictures()["spectra"].layers[0]
    assert (band.start[0], band.stop[0]) == (294.0, 282.0)  # type: ignore[union-attr]


def test_a_window_that_holds_too_little_leaves_the_figures_and_says_so(panel: PhotoemissionPanel) -> None:
    panel.screen  # noqa: B018  made when first asked for
    panel.drag("window", 284.4, 284.6)
    assert "make it wider" in panel.status
    panel.window = ()
    assert panel.status == ""


def test_the_readout_has_intervals_and_warnings(panel: PhotoemissionPanel) -> None:
    lines = panel.lines()
    assert panel.heads()[0] == "COOLi of acid"
    assert lines[0].values[0].startswith("below")
    assert lines[1].values[0].startswith("43 %, 40 to")
    assert any("carbonate" in text for text in lines[0].remarks)


def test_another_region_is_on_the_scale_that_carbon_gives(panel: PhotoemissionPanel) -> None:
    panel.window = (282.0, 294.0)
    panel.region = "O 1s"
    assert panel.window == ()
    assert list(panel.result.data) == ["spectra", "residuals", "areas"]
    np.testing.assert_allclose(panel.found()["charge_shift"], [0.6, -0.3, 1.1], atol=0.02)
    panel.region = "C 1s"
    assert "fractions" in panel.result.data


def test_a_region_nobody_assigned_shows_its_net_area_and_asks(data: xr.Dataset) -> None:
    panel = PhotoemissionPanel(data.assign_coords(region=["C 1s", "Zn 2p", "Li 1s"]), region="Zn 2p")
    assert "Nobody said what Zn 2p consists of" in panel.status
    assert panel.heads() == ("net area", "charging")
    panel.components = (("oxide", 531.8, 0.4), ("ether", 533.2, 0.4))
    assert panel.status == ""
    assert panel.found().sizes["component"] == 2


def test_a_sample_without_the_region_is_named(data: xr.Dataset) -> None:
    bare = data.isel(sample=[0]).sel(region=["C 1s"]).assign_coords(sample=["bare"])
    panel = PhotoemissionPanel([data.isel(sample=[1]), bare], region="Li 1s")
    assert panel.status == "bare: no region Li 1s."


def test_state_that_cannot_be_is_refused(data: xr.Dataset, panel: PhotoemissionPanel) -> None:
    with pytest.raises(traitlets.TraitError, match="there are C 1s, O 1s, Li 1s"):
        panel.region = "Au 4f"
    with pytest.raises(traitlets.TraitError, match="write \\(name"):
        panel.components = (("C",),)
    with pytest.raises(TypeError, match="has no state"):
        PhotoemissionPanel(data, shirley=True)


@pytest.mark.parametrize("state", [{"background": "linear"}, {"active": False}, {"shake_up": True}, {"shape": "sum"}])
def test_every_choice_of_the_model_gives_figures(data: xr.Dataset, state: dict[str, object]) -> None:
    panel = PhotoemissionPanel(data, **state)
    assert panel.error is None
    assert len(panel.pictures()) == 5


def test_no_sample_and_a_single_one_are_drawn(panel: PhotoemissionPanel) -> None:
    panel.shown = ()
    assert "No sample is selected" in panel.status
    assert panel.lines() == []
    assert panel.pictures()
    panel.shown = ("activated",)
    assert panel.pictures()["spectra"].y.label == "intensity"


def test_many_samples_are_one_fit() -> None:
    count = 10
    coating = Coating(
        lithiated=tuple(np.linspace(0, 0.9, count)),
        charging=(0.2,) * count,
        names=[f"layer {at}" for at in range(count)],
    )
    panel = PhotoemissionPanel(layers(coating))
    assert panel.found().sizes["sample"] == count
    assert float(np.ptp(panel.found()["position"].sel(component="COOH").values)) < 1e-9


def test_components_are_written_as_a_person_does() -> None:
    assert components("C–C 284.5 0.2; C–O, ether 285.9") == (("C–C", 284.5, 0.2), ("C–O, ether", 285.9, 0.2))
    assert components(in_text((("C–C", 284.5, 0.2),))) == (("C–C", 284.5, 0.2),)
    assert components("") == ()
    with pytest.raises(ValueError, match="write name"):
        components("C–C here")
    with pytest.raises(ValueError, match="has no name"):
        components("284.5")


def test_widgets_drive_the_traits_and_the_code_makes_it_again(panel: PhotoemissionPanel, tmp_path: Path) -> None:
    assert panel.widget is panel.widget
    panel.background = "linear"
    panel.mixing = 0.4
    assert "background='linear', mixing=0.4" in panel.to_code().replace(
        "mixing=0.4, background='linear'", "background='linear', mixing=0.4"
    )
    written = panel.export(tmp_path / "xps.csv")
    assert all(path.stat().st_size for path in written)


@pytest.mark.parametrize("figure", ["spectra", "acid"])
def test_a_drag_leaves_the_spectra_as_they_were_painted(figure: str, panel: PhotoemissionPanel) -> None:
    panel.screen  # noqa: B018  made when first asked for
    before = below(panel.figures[figure])
    panel.drag("window", 281.8, 294.0)
    panel.drag("window", 282.0, 294.0)
    np.testing.assert_equal(below(panel.figures[figure]), before)
    panel.shown = panel.shown[:2]
    with pytest.raises(AssertionError):
        np.testing.assert_equal(below(panel.figures[figure]), before)
