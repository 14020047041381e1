from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import ConductivityPanel

Cells = Callable[[str], list[xr.DataTree]]


@pytest.fixture(scope="module")
def cells(demo_cells: Cells) -> list[xr.DataTree]:
    return demo_cells("warm-")


def test_a_panel_shows_the_conductivity_of_the_coating_over_temperature(cells: list[xr.DataTree]) -> None:
    panel = ConductivityPanel(cells)
    assert panel.status == ""
    assert list(panel.figures) == ["series", "conductivity", "spectra"]
    assert panel.temperature == 25.0
    found = panel.found().sel(coating="PCHP")
    assert found["conductivity"].values[0] == pytest.approx(1.26e-4, rel=0.05)
    assert found["conductivity_low"].values[0] < 1.26e-4 < found["conductivity_high"].values[0]
    arrhenius, _ = panel.laws()
    assert arrhenius["activation_energy_low"].item() < 0.35 < arrhenius["activation_energy_high"].item()


def test_a_click_selects_the_nearest_temperature(cells: list[xr.DataTree]) -> None:
    panel = ConductivityPanel(cells)
    panel.select_at("series", 44.0, 1.0)
    assert panel.temperature == 45.0
    panel.select_at("conductivity", 1e3 / (273.15 + 34), 1e-4)
    assert panel.temperature == 35.0
    panel.select_at("spectra", 10.0, 1.0)
    assert panel.temperature == 35.0
    assert panel.pictures()["spectra"].title == "at 35 °C"


def test_what_is_said_of_the_geometry_counts(cells: list[xr.DataTree]) -> None:
    panel = ConductivityPanel(cells)
    before = panel.found()["conductivity"].values
    panel.faces = 1
    np.testing.assert_allclose(panel.found()["conductivity"].values, before / 2)
    panel.faces, panel.thickness = 0, 16.0
    np.testing.assert_allclose(panel.found()["conductivity"].values, 2 * before)
    panel.thickness, panel.thickness_error = 0.0, 0.2
    error = panel.found()["conductivity_stderr"].values / before
    assert (error > 0.2).all()


def test_bare_and_coated_cells_are_needed(cells: list[xr.DataTree]) -> None:
    panel = ConductivityPanel(cells)
    panel.shown = ("warm-bare-1",)
    assert panel.status == "Coated cells are compared with bare ones: show both."
    panel.shown = ()
    assert panel.status == "No cell is selected: choose one in the list."
    panel.shown = ("warm-bare-1", "warm-PCHP-1")
    assert panel.status == ""
    assert panel.lines()[0].values[1].endswith("± ? Ω")
    assert "one of each kind" in panel.lines()[0].remarks[0]
    panel.scatter = 0.3
    assert panel.lines()[0].remarks == ()


def test_cells_of_unknown_temperature_are_not_shown_at_first(cells: list[xr.DataTree], demo_cells: Cells) -> None:
    panel = ConductivityPanel([*cells, *demo_cells("BV-bare")])
    assert set(panel.shown) == {str(tree.name) for tree in cells}
    alone = ConductivityPanel(demo_cells("BV-"))
    assert alone.temperature is None
    assert "temperature is not stated" in alone.lines()[0].remarks[-1]
    assert alone.lines()[0].name == "PCHP, temperature unknown"
    _ = alone.widget


def test_the_readout_names_the_printed_formula_and_the_law(cells: list[xr.DataTree]) -> None:
    panel = ConductivityPanel(cells, vogel=True, form="sigma_T")
    assert panel.heads()[-1] == "1/(ΔRₛ A), as printed"
    assert panel.lines()[-1].name == "PCHP: E_a (ln (σ T) against 1/T)"
    assert "no curvature found" in panel.lines()[-1].remarks[0]
    assert len(panel.heads()) == len(panel.lines()[0].values)
    _ = panel.widget


def test_cells_may_have_other_names_than_their_files(cells: list[xr.DataTree]) -> None:
    panel = ConductivityPanel({"b": cells[0], "c": cells[3]})
    assert panel.status == ""
    assert set(panel.samples()["cell"].values) == {"b", "c"}
    assert panel.pictures()["spectra"].layers


def test_live_figures_follow_every_choice(cells: list[xr.DataTree]) -> None:
    panel = ConductivityPanel(cells)
    source = panel.figures["conductivity"].renderers[0].data_source
    assert len(source.data["xs"]) == 0
    panel.vogel = True
    assert panel.status == ""
    assert len(source.data["xs"]) == 1
    panel.temperature, panel.scatter, panel.form = 45.0, 1.0, "sigma_T"
    panel.shown = ("warm-bare-1",)
    panel.shown = ()
    assert panel.status == "No cell is selected: choose one in the list."
    assert panel.error is None


def test_wrong_states_are_refused(cells: list[xr.DataTree]) -> None:
    with pytest.raises(traitlets.TraitError):
        ConductivityPanel(cells, faces=3)
    with pytest.raises(traitlets.TraitError):
        ConductivityPanel(cells, form="ln")


@pytest.mark.parametrize("ending", [".csv", ".svg", ".html"])
def test_figures_are_written(cells: list[xr.DataTree], tmp_path: Path, ending: str) -> None:
    written = ConductivityPanel(cells).export(tmp_path / f"out{ending}")
    assert all(path.stat().st_size > 200 for path in written)
