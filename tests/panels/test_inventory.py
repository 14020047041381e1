"""The panel of the lithium ledger: with cells, and as a calculator without any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import InventoryPanel
from pchp_widgets.analysis import ledger
from pchp_widgets.model.cycles import steps
from pchp_widgets.model.schema import dataset

AREA = 1.327


def worn(name: str, coating: str, efficiency: float, cycles: int, **metadata: float) -> xr.DataTree:
    """A full cell of 3 mA h cm-2 on 35 um of lithium, of which nothing but the lithium wears out."""
    discharged = ledger.course(7.2143, 3.0, efficiency, cycles).capacity
    charged = np.append(3.0, discharged[:-1])
    hours = np.stack([charged, discharged], axis=1).ravel() / 2  # at 2 mA cm-2
    ends = np.cumsum(hours) * 3600
    time = np.stack([ends - 3600 * hours + 1, ends], axis=1).ravel()
    current = np.repeat(np.tile([2.0, -2.0], cycles), 2) * AREA
    voltage = np.where(current > 0, 3.9, 3.7)
    points = dataset("points", {"time": time, "voltage": voltage, "current": current})
    known = {"area": AREA, "lithium_thickness": 35.0, "nominal_capacity": 3.0, "loading": 15.0} | metadata
    texts = {"coating": coating, "cathode": "NCM83", "kind": "full"}
    counted = steps(points, rule="charge_first", cell=name, area=AREA)
    counted = counted.assign_coords({key: ("cell", [value]) for key, value in {**known, **texts}.items()})
    return xr.DataTree.from_dict({"steps": counted, "points": points}, name=name)


@pytest.fixture(scope="module")
def cells() -> list[xr.DataTree]:
    return [worn("bare-1", "bare", 0.985, 200), worn("PCHP-1", "PCHP", 0.996, 250, lithium_thickness=np.nan)]


def test_without_cells_it_is_a_calculator() -> None:
    panel = InventoryPanel(lithium_thickness=34.983, capacity=3.0, efficiency=0.99)
    assert list(panel.figures) == ["capacity", "excess"]
    assert panel.lines()[0].values[-1].startswith("263 (")
    assert panel.lines()[0].values[1] == "2.40 · 3.40"
    panel.efficiency = 0.995
    assert panel.lines()[0].values[-1].startswith("525 (")
    again = eval(panel.to_code().split("\n\n")[1], {"InventoryPanel": InventoryPanel})  # noqa: S307  our own code
    assert again.state() == panel.state()


def test_it_begins_with_what_is_known_of_the_first_cell(cells: list[xr.DataTree]) -> None:
    panel = InventoryPanel(cells)
    assert panel.shown == ("bare-1",)
    assert (panel.lithium_thickness, panel.loading, panel.coating_thickness) == (35.0, 15.0, 0.0)
    assert panel.capacity == pytest.approx(3.0, abs=2e-3)
    assert panel.efficiency == pytest.approx(0.985, abs=1e-3)
    assert panel.voltage == pytest.approx(3.7, abs=1e-3)


def test_readouts_tell_where_the_lithium_ran_out_and_what_contradicts(cells: list[xr.DataTree]) -> None:
    panel = InventoryPanel(cells, shown=("bare-1", "PCHP-1"), cycle=100)
    of_ledger, bare, coated = panel.lines()
    assert of_ledger.values[0] == "7.22 ± 0.72 mA h cm⁻²"
    assert bare.values[1:3] == ("2.41 · 3.41", "2.41 · 3.41")
    assert bare.values[5].startswith("98.5")
    assert "used up at 1" in bare.values[6]
    assert coated.values[5].startswith("≥ 99.0")
    assert "thickness of the lithium is not stated; 35 µm is assumed" in coated.remarks
    assert panel.heads()[4] == "excess, cycle 100"
    panel.lithium_thickness = 50
    assert "lithium stated as 35 µm, shown as if it were 50 µm" in panel.lines()[1].remarks


def test_sliders_move_the_ledger_and_leave_the_cells(cells: list[xr.DataTree]) -> None:
    panel = InventoryPanel(cells)
    before = panel.figures["capacity"].renderers[4].data_source.data["ys"][0].copy()
    end = panel.result.data["capacity"]["model"]["end"].values
    panel.lithium_thickness = 70.0
    assert (panel.result.data["capacity"]["model"]["end"].values > end).all()
    np.testing.assert_array_equal(panel.figures["capacity"].renderers[4].data_source.data["ys"][0], before)


def test_the_second_view_is_the_energy_of_the_stack() -> None:
    panel = InventoryPanel(view="energy", cathode="LFP", capacity=2.8, voltage=3.35, loading=16.3, coating_thickness=8)
    assert list(panel.figures)[:2] == ["specific_energy", "energy_density"]
    values = panel.lines()[0].values
    assert values[:2] == ("261.0 W h kg⁻¹, 603 W h L⁻¹", "267.6 W h kg⁻¹, 636 W h L⁻¹")
    panel.assumptions = {"electrolyte_per_capacity": 6.0}
    assert panel.lines()[0].values != values
    panel.cathode = "S8"
    assert any("density of this cathode is not known" in remark for remark in panel.lines()[0].remarks)
    panel.view = "lithium"
    assert panel.status == ""


def test_an_impossible_assumption_is_told_and_the_figures_stay() -> None:
    panel = InventoryPanel(view="energy")
    before = panel.lines()
    panel.assumptions = {"cathode_porosity": 1.0}
    assert panel.status.startswith("cathode_porosity: 1.0 is not below 1")
    assert panel.lines() == before
    with pytest.raises(traitlets.TraitError):
        panel.efficiency = 99.5


def test_no_cell_selected_leaves_the_ledger_alone(cells: list[xr.DataTree]) -> None:
    panel = InventoryPanel(cells)
    assert "bound" in panel.result.data
    panel.shown = ()
    assert panel.status == "No cell is selected: the ledger alone."
    assert list(panel.result.data) == ["capacity", "excess"]
    panel.take_from_cell()
    assert panel.lithium_thickness == 35.0


def test_widgets_follow_the_state_and_values_between_their_steps_stay(cells: list[xr.DataTree]) -> None:
    panel = InventoryPanel(cells, capacity=2.778, lithium_thickness=400.0)
    assert panel.widget is not None
    assert (panel.capacity, panel.lithium_thickness) == (2.778, 400.0)
    panel.view, panel.assumptions = "energy", {"copper_thickness": 6.0}
    assert panel.assumptions == {"copper_thickness": 6.0}
    assert panel.capacity == 2.778


def test_what_is_shown_can_be_saved(cells: list[xr.DataTree], tmp_path: Path) -> None:
    written = InventoryPanel(cells).export(tmp_path / "ledger.csv")
    assert [path.name for path in written] == ["ledger_capacity.csv", "ledger_excess.csv", "ledger_bound.csv"]
    assert "ledger" in written[0].read_text("utf-8")
    assert InventoryPanel(view="energy").export(tmp_path / "stack.png")
