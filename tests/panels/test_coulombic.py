from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import CoulombicPanel, Study
from pchp_widgets.analysis import coulombic
from pchp_widgets.io.synthetic.li_cu import Copper, LiCuCell, galvanostatic_cell, modified_cell, reservoir_cell
from pchp_widgets.io.synthetic.study import write_demo_study
from pchp_widgets.model.cycles import steps
from pchp_widgets.panels.coulombic_controls import in_text, numbers

TRACE, CYCLE, EFFICIENCY = "trace", "cycle", "efficiency"


def cell(made: LiCuCell, name: str, coating: str, area: float = 1.327) -> xr.DataTree:
    counted = steps(made.points, rule="plating_first", cell=name, area=area)
    counted = counted.assign_coords(coating=("cell", [coating]), area=("cell", [area]))
    return xr.DataTree.from_dict({"steps": counted, "points": made.points}, name=name)


def copper(efficiency: float) -> Copper:
    return Copper(np.array([efficiency - 0.05, efficiency]), np.array([0.03]), area=1.327)


@pytest.fixture(scope="module")
def cells() -> list[xr.DataTree]:
    return [
        cell(galvanostatic_cell(copper(0.95), cycles=8, seed=1), "bare-1", "bare"),
        cell(galvanostatic_cell(copper(0.94), cycles=6, seed=2), "bare-2", "bare"),
        cell(modified_cell(copper(0.98), cycles=6, seed=3), "PCHP-1", "PCHP"),
    ]


def column(panel: CoulombicPanel, figure: str, layer: int, name: str) -> Any:
    return panel.figures[figure].renderers[layer].data_source.data[name]


def inside(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


def test_a_panel_needs_no_notebook_and_makes_no_widgets(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells)
    assert panel.status == ""
    assert panel._widget is None
    assert list(panel.figures) == [TRACE, CYCLE, EFFICIENCY]


def test_the_selected_cycle_is_shown_in_every_figure(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells, cycle=3)
    assert panel.figures[CYCLE].title.text == "cycle 3"
    assert column(panel, EFFICIENCY, 0, "x0")[0] == pytest.approx(2.6)
    before = column(panel, TRACE, 0, "x0").copy()
    panel.cycle = 4
    assert panel.figures[CYCLE].title.text == "cycle 4"
    assert column(panel, EFFICIENCY, 0, "x0")[0] == pytest.approx(3.6)
    assert column(panel, TRACE, 0, "x0")[0] > before[0]


def test_a_click_selects_the_cycle(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells)
    panel.select_in(EFFICIENCY, 5.2)
    assert panel.cycle == 5
    panel.select_in(TRACE, 6.0)
    assert panel.cycle == 2
    panel.select_in(TRACE, -1.0)
    assert panel.cycle == 2


def test_cycles_left_out_leave_the_mean(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells, shown=("bare-1",), exclude=())
    everything = panel.found()["coulombic_efficiency"].item()
    panel.exclude = (1,)
    assert panel.found()["coulombic_efficiency"].item() == pytest.approx(0.95)
    assert everything < 0.95
    assert column(panel, EFFICIENCY, 4, "x").tolist() == [1.0]
    assert panel.lines()[0].remarks == ("not in the mean: cycle 1 (left out on request)",)


def test_the_protocol_can_be_given(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells, shown=("bare-1", "PCHP-1"))
    first, last = panel.lines()
    assert first.values[4].startswith("galvanostatic: mean of 7 cycles, median 95.00 %")
    assert last.values[:2] == ("98.00 %", "97.89 to 98.11 %")
    assert last.values[4] == "modified: n 6, Q_T 4, Q_c 1, Q_s 3.8 mA h cm⁻²"
    assert last.values[2].endswith("% (not of the test)")
    panel.cycle = 4
    assert panel.lines()[1].values[2] == "set by the protocol"
    panel.protocol = "modified"
    assert panel.lines()[0].values[0] == "undecided"
    assert "no reservoir" in panel.lines()[0].remarks[0]


def test_the_error_of_the_charges_sets_the_interval(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells, shown=("PCHP-1",), charge_error=0.0)
    assert panel.lines()[0].values[1] == "98.00 to 98.00 %"
    panel.charge_error = 0.002
    assert panel.lines()[0].values[1] == "97.79 to 98.21 %"


def test_replicates_are_drawn_each_or_as_their_mean(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells)
    assert len(column(panel, EFFICIENCY, 2, "xs")) == 3
    panel.replicates = "mean"
    assert len(column(panel, EFFICIENCY, 2, "xs")) == 2
    assert panel.figures[EFFICIENCY].title.text.startswith("dashed: mean of the tests, with its spread")


def test_the_window_is_the_time_in_view(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells)
    panel.window = (1.0, 5.0)
    assert (panel.figures[TRACE].x_range.start, panel.figures[TRACE].x_range.end) == (1.0, 5.0)
    panel.window = ()
    assert panel.figures[TRACE].x_range.end > 20
    with pytest.raises(traitlets.TraitError, match="start, stop"):
        panel.window = (5.0, 1.0)


def test_no_cell_selected_says_what_to_do(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells)
    panel.shown = ()
    assert panel.status == "No cell is selected: choose one in the list."
    panel.shown = ("PCHP-1",)
    assert panel.status == ""
    panel.cycle = 99
    assert "choose one from 1 to 8" in panel.status


def test_a_reservoir_test_tells_the_balance_beside_the_formula() -> None:
    made = cell(reservoir_cell(Copper(np.array([0.9]), np.array([0.03]), sei=0.0, area=1.327)), "a", "", np.nan)
    line = CoulombicPanel(made).lines()[0]
    assert line.values[4].startswith("reservoir: N ")
    assert line.values[4].endswith("mA h, charge balance 90.00 %")
    assert set(line.remarks) == {"area unknown: capacity in mA h", "coating unknown"}


def test_many_cells_are_told_by_coating_and_protocol(cells: list[xr.DataTree]) -> None:
    many = {f"{one.name}-{n}": one for n in range(5) for one in cells}
    panel = CoulombicPanel(many, shown=tuple(many))
    assert [(line.name, line.values[4]) for line in panel.lines()] == [
        ("bare (10 cells)", "galvanostatic"),
        ("PCHP (5 cells)", "modified"),
    ]
    assert panel.lines()[0].values[0] == "94.50 ± 0.53 % (mean and sd of 10)"


def test_widgets_and_state_are_one(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells)
    widgets = list(inside(panel.widget))
    slider = next(widget for widget in widgets if type(widget).__name__ in {"IntSlider", "SelectionSlider"})
    slider.value = 4
    assert panel.cycle == 4
    protocol = next(widget for widget in widgets if type(widget).__name__ == "Dropdown")
    protocol.value = "galvanostatic"
    assert panel.protocol == "galvanostatic"
    box = next(widget for widget in widgets if type(widget).__name__ == "Text")
    assert box.value == "1"
    box.value = "1-3, 5"
    assert panel.exclude == (1, 2, 3, 5)
    panel.exclude = (1, 2)
    assert box.value == "1, 2"
    box.value = "first"
    assert "write numbers of cycles" in panel.status
    assert panel.exclude == (1, 2)
    error = next(widget for widget in widgets if type(widget).__name__ == "BoundedFloatText")
    error.value = 0.05
    assert panel.charge_error == pytest.approx(5e-4)


@pytest.mark.parametrize("text", ["", "1", "1, 2", "1-3, 5", "4-6, 9, 10, 12"])
def test_numbers_of_cycles_are_read_as_they_are_written(text: str) -> None:
    assert in_text(numbers(text)) == text


def test_the_code_makes_the_same_panel(tmp_path: Path) -> None:
    write_demo_study(tmp_path, kinds=("li_cu",))
    study = Study.build(tmp_path)
    panel = CoulombicPanel(study, cycle=7, exclude=(1, 2), replicates="mean", shown=("Cu-bare-1", "Cu-PCHP-1"))
    place: dict[str, Any] = {}
    *lines, last = panel.to_code().strip().splitlines()
    exec("\n".join([*lines, f"again = {last}"]), place)  # noqa: S102  that is what the code is for
    assert place["again"].state() == panel.state()
    assert set(panel.cells.names) == set(study.cells)


def test_tables_of_the_figures_carry_units_and_every_cycle(cells: list[xr.DataTree], tmp_path: Path) -> None:
    panel = CoulombicPanel(cells, cycle=2)
    written = {path.stem: path for path in panel.export(tmp_path / "out.csv")}
    assert set(written) == {"out_trace", "out_cycle", "out_efficiency"}
    with written["out_cycle"].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {"cell", "half_cycle", "areal capacity (mA h cm⁻²)", "cell voltage (mV)"} <= rows[0].keys()
    with written["out_efficiency"].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8 + 6 + 1
    assert {"curve", "cycle", "use", "Coulombic efficiency (%)"} <= rows[0].keys()


@pytest.mark.parametrize("ending", [".svg", ".html"])
def test_figures_are_written_for_paper_and_page(cells: list[xr.DataTree], tmp_path: Path, ending: str) -> None:
    written = CoulombicPanel(cells).export(tmp_path / f"out{ending}")
    assert all(path.stat().st_size > 2000 for path in written)


def test_every_word_of_the_readout_is_explained(cells: list[xr.DataTree]) -> None:
    panel = CoulombicPanel(cells)
    assert coulombic.DEFINITIONS.items() <= panel.explained.items()
    assert {"95 % interval", "soft short", "nucleation overpotential"} <= panel.explained.keys()


def test_wrong_states_are_refused(cells: list[xr.DataTree]) -> None:
    with pytest.raises(traitlets.TraitError):
        CoulombicPanel(cells, protocol="adams")
    with pytest.raises(traitlets.TraitError, match="write numbers of cycles"):
        CoulombicPanel(cells, exclude=("1",))
    with pytest.raises(TypeError, match="no state cylce"):
        CoulombicPanel(cells, cylce=3)
