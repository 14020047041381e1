"""The panel of calorimetry: its state, what would be drawn, and what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import ThermalPanel
from pchp_widgets.io.synthetic.thermal import MATERIALS, thermal, thermal_study
from pchp_widgets.plots.export import table
from pchp_widgets.plots.layers import Window


@pytest.fixture(scope="module")
def study() -> xr.Dataset:
    return thermal_study()


def words(panel: ThermalPanel, name: str) -> str:
    line = next(line for line in panel.lines() if line.name == name)
    return " | ".join([*line.values, *line.remarks])


def test_the_last_heating_is_evaluated_and_every_number_has_its_error(study: xr.Dataset) -> None:
    panel = ThermalPanel(study, glass=(85.0, 150.0))
    assert panel.chosen == "heating 2"
    assert "± " in words(panel, "PCHP")
    assert float(panel.transitions()["glass_temperature"].sel(sample="PCHP")) == pytest.approx(112.0, abs=1.0)
    assert "below 0." in words(panel, "PCHP")
    assert "72.0 %" in words(panel, "PEO")
    assert "it holds no PEG" in words(panel, "PCH")
    assert "above the glass transition of PEO" in words(panel, "PCHP3")


def test_dragging_a_window_evaluates_anew(study: xr.Dataset) -> None:
    panel = ThermalPanel(study, shown=("PEO",))
    before = float(panel.melted()["melting_enthalpy"].item())
    panel.drag("window", 90.0, 60.0)
    assert panel.window == (60.0, 90.0)
    assert float(panel.melted()["melting_enthalpy"].item()) < before
    panel.drag("glass", 100.0, 150.0)
    assert panel.glass_span == (100.0, 150.0)
    windows = [layer for layer in panel.pictures()["curves"].layers if isinstance(layer, Window)]
    assert {one.name: (one.start[0], one.stop[0]) for one in windows} == {
        "window": (60.0, 90.0),
        "glass": (100.0, 150.0),
    }
    panel.drag("window", 60.0, 90.0)
    assert "ThermalPanel" in panel.to_code()


def test_exothermic_up_turns_the_figure_and_no_number(study: xr.Dataset) -> None:
    panel = ThermalPanel(study, shown=("PEO",))
    heat = float(panel.melted()["melting_enthalpy"].item())
    top = panel.pictures()["curves"].ylim
    panel.exo_up = True
    assert panel.pictures()["curves"].ylim[0] < -top[0]
    assert "exo up" in panel.pictures()["curves"].y.label
    assert float(panel.melted()["melting_enthalpy"].item()) == heat


def test_a_cooling_is_evaluated_with_the_sign_of_its_heat(study: xr.Dataset) -> None:
    panel = ThermalPanel(study, shown=("PEO",), run="cooling 1", window=(20.0, 70.0))
    assert float(panel.melted()["melting_enthalpy"].item()) == pytest.approx(-MATERIALS["PEO"].enthalpy, rel=0.01)
    assert "the run is no heating" in words(panel, "PEO")


def test_no_sample_one_and_all_are_drawn(study: xr.Dataset, tmp_path: Path) -> None:
    panel = ThermalPanel(study)
    for shown in ((), ("PCHP",), panel.samples.names):
        panel.shown = shown
        assert panel.error is None, panel.status
        assert set(panel.pictures()) == {"program", "curves", "step", "heat", "crystallinity"}
    panel.shown = ()
    assert "No sample is selected" in panel.status
    panel.shown = ("PEO",)
    headers, rows = table(panel.pictures()["heat"])
    assert "temperature (°C)" in headers
    assert len(rows) > 50
    assert [path.name for path in panel.export(tmp_path / "dsc.csv")]


def test_state_that_cannot_be_is_refused(study: xr.Dataset) -> None:
    with pytest.raises(traitlets.TraitError, match="there are heating 1, cooling 1, heating 2"):
        ThermalPanel(study, run="heating 9")
    with pytest.raises(traitlets.TraitError, match="glass"):
        ThermalPanel(study, glass=(100.0, 50.0))


def test_a_sample_without_mass_is_named_with_the_remedy() -> None:
    data = thermal(name="a").assign_coords(mass=("sample", [np.nan], {"units": "mg"}))
    panel = ThermalPanel([data, thermal(name="b")])
    assert panel.error is None, panel.status
    assert "its mass is not known: give mass='5.2 mg'" in words(panel, "a")
    assert np.isfinite(panel.melted()["melting_enthalpy"].sel(sample="b"))
    alone = ThermalPanel(data)
    assert alone.error is None, alone.status


def test_a_short_window_narrows_the_endotherm_and_says_so(study: xr.Dataset) -> None:
    panel = ThermalPanel(study, window=(50.0, 62.0))
    assert "too short for an endotherm of 8 K: 4.0 K is taken" in panel.status
    assert panel.error is None


def test_base_lines_are_chosen_with_the_panel_on_the_screen(study: xr.Dataset) -> None:
    panel = ThermalPanel(study)
    assert panel.widget is not None
    panel.baseline = "sigmoidal"
    panel.base = 0.2
    assert panel.error is None
    assert panel.melted()["melting_outcome"].sel(sample="PEO") == "peak"
