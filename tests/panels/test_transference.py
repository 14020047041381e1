from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import TransferencePanel
from pchp_widgets.analysis import transference as analysis
from pchp_widgets.panels.transport_controls import circuit_box

Cells = Callable[[str], list[xr.DataTree]]
FIGURES = ["relaxation", "beginning", "spectra", "fractions"]


@pytest.fixture(scope="module")
def cells(demo_cells: Cells) -> list[xr.DataTree]:
    return demo_cells("BV-")


def test_a_panel_needs_no_notebook_and_shows_what_the_analysis_says(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel(cells)
    assert panel.status == ""
    assert panel._widget is None
    assert list(panel.figures) == FIGURES
    found = analysis.transference(analysis.from_cells(cells), initial="ohmic")
    np.testing.assert_allclose(panel.found()["current_fraction"], found["current_fraction"])
    assert panel.found()["current_fraction"].sel(cell="BV-PCHP-1").item() == pytest.approx(0.736, abs=0.01)


def test_only_polarized_cells_are_taken_and_the_others_are_named(cells: list[xr.DataTree], demo_cells: Cells) -> None:
    panel = TransferencePanel([*cells[:2], *demo_cells("warm-bare-1")])
    assert panel.cells.names == ("BV-bare-1", "BV-bare-2")
    assert panel.status == "No polarization with spectra, and left out: warm-bare-1."
    with pytest.raises(ValueError, match=r"none of the cells has a polarization \(warm-bare-1\)"):
        TransferencePanel(demo_cells("warm-bare-1"))


def test_choices_change_the_fraction_and_only_what_depends_on_them(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel(cells)
    before, traces = panel.found(), panel.result.data["relaxation"]["traces"]
    panel.initial = "extrapolated"
    assert panel.found()["initial_current"].values != pytest.approx(before["initial_current"].values, rel=1e-6)
    assert panel.result.data["relaxation"]["traces"] is traces
    panel.counted = ("charge_transfer",)
    assert (panel.found()["bulk_resistance"] > before["bulk_resistance"]).all()
    panel.initial, panel.counted = "ohmic", ("sei", "charge_transfer")
    assert panel.found() is before


def test_errors_of_the_instrument_widen_the_interval(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel(cells, voltage_error=0.0, current_error=0.0, resistance_error=0.0)
    narrow = panel.found()["current_fraction_stderr"].values
    panel.resistance_error = 0.02
    assert (panel.found()["current_fraction_stderr"].values > 2 * narrow).all()


def test_the_readout_has_a_line_per_cell_and_per_coating(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel(cells)
    lines = panel.lines()
    assert [line.name for line in lines[-2:]] == ["mean of bare (3 cells)", "mean of PCHP (3 cells)"]
    assert len(panel.heads()) == len(lines[0].values)
    assert lines[0].values[2] == "usable"
    assert lines[-1].values[0].startswith("0.73")
    assert "Coating alone: ρ_c 1.0" in lines[-1].remarks[0]
    assert panel.heads()[1] == "95% interval"


def test_no_cell_and_one_cell_are_shown_too(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel(cells)
    panel.shown = ()
    assert panel.status == "No cell is selected: choose one in the list."
    assert panel.lines() == []
    panel.shown = ("BV-PCHP-2",)
    assert panel.status == ""
    assert len(panel.lines()) == 2
    assert panel.pictures()["fractions"].x.ticks == ((0.0, "PCHP"),)


def test_a_circuit_of_one_arc_gives_the_same_sum_worse(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel(cells[3:], circuit="R0-p(R1,CPE1)")
    assert panel.found()["current_fraction"].values == pytest.approx([0.736, 0.747, 0.735], abs=0.03)
    with pytest.raises(traitlets.TraitError, match="circuit"):
        panel.circuit = "R0-p(R1"
    with pytest.raises(traitlets.TraitError, match="has 0 arcs"):
        panel.circuit = "R0"


def test_controls_and_state_follow_each_other(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel(cells)
    box = circuit_box(panel)
    box.value = "R0-p(R1"
    assert panel.status.startswith("circuit:")
    assert panel.circuit == "R0-p(R1,CPE1)-p(R2,CPE2)"
    box.value = "R0-p(R1,CPE1)"
    assert panel.circuit == "R0-p(R1,CPE1)"
    _ = panel.widget
    panel.counted = ("coating",)
    assert np.isnan(panel.found()["current_fraction"].values).all() or panel.status


def test_cells_may_have_other_names_than_their_files(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel({"first": cells[0], "coated": cells[3]})
    assert panel.status == ""
    assert panel.found()["cell"].values.tolist() == ["first", "coated"]
    assert [line.name for line in panel.lines()[:2]] == ["first", "coated"]
    assert len(panel.pictures()["relaxation"].layers[0].x) == 2  # type: ignore[union-attr]


def test_live_figures_follow_every_choice(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel(cells)
    marks = panel.figures["relaxation"].renderers[1].data_source
    before = list(marks.data["y"])
    panel.initial = "extrapolated"
    assert panel.status == ""
    assert list(marks.data["y"]) != before
    panel.shown = ("BV-bare-1",)
    assert len(marks.data["y"]) == 1
    panel.shown = ()
    assert panel.error is None
    panel.shown = panel.cells.names
    assert panel.error is None
    assert panel.status == ""


def test_wrong_states_are_refused(cells: list[xr.DataTree]) -> None:
    with pytest.raises(traitlets.TraitError, match="'sie' is no arc"):
        TransferencePanel(cells, counted=("sie",))
    with pytest.raises(traitlets.TraitError):
        TransferencePanel(cells, initial="last")
    with pytest.raises(TypeError, match="no state cycle"):
        TransferencePanel(cells, cycle=3)


def test_the_code_makes_the_same_panel(cells: list[xr.DataTree]) -> None:
    panel = TransferencePanel(cells, shown=("BV-bare-1", "BV-PCHP-1"), initial="first")
    assert "initial='first'" in panel.to_code().replace('"', "'")


def test_tables_and_pictures_are_written(cells: list[xr.DataTree], tmp_path: Path) -> None:
    panel = TransferencePanel(cells)
    written = {path.stem: path for path in panel.export(tmp_path / "out.csv")}
    assert set(written) == {f"out_{name}" for name in FIGURES}
    with written["out_fractions"].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["cell"] for row in rows} == set(panel.cells.names)
    assert all(path.stat().st_size > 2000 for path in panel.export(tmp_path / "out.svg"))
