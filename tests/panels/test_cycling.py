from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import CyclingPanel
from pchp_widgets.analysis import cycling as analysis
from pchp_widgets.analysis.knee import knees

MakeCell = Callable[..., xr.DataTree]
DETAIL, CAPACITY, EFFICIENCY = "detail", "capacity", "efficiency"
BAND, RIBBON, SOLID, DASHED = range(4)


def column(panel: CyclingPanel, figure: str, layer: int, name: str) -> Any:
    return panel.figures[figure].renderers[layer].data_source.data[name]


def inside(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


@pytest.fixture(scope="module")
def cells(make_full_cell: MakeCell) -> list[xr.DataTree]:
    return [make_full_cell("PCHP-1"), make_full_cell("PCHP-2", seed=1), make_full_cell("bare-1", "NCM-bare", cycles=30)]


@pytest.fixture(scope="module")
def found(cells: list[xr.DataTree]) -> xr.Dataset:
    return analysis.per_cycle(cells[0]["steps"].to_dataset())


def legend(panel: CyclingPanel) -> list[str]:
    return [item.label.value for item in panel.figures[CAPACITY].above[0].items if item.visible]


def test_a_panel_needs_no_notebook_and_makes_no_widgets(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells)
    assert panel.status == ""
    assert panel._widget is None
    assert list(panel.figures) == [DETAIL, CAPACITY, EFFICIENCY]
    assert panel.shown == ("PCHP-1", "PCHP-2", "bare-1")


def test_the_selected_cycle_is_seen_in_every_figure(cells: list[xr.DataTree], found: xr.Dataset) -> None:
    panel = CyclingPanel(cells, cycle=12)
    assert panel.figures[DETAIL].title.text == "cycle 12"
    assert list(column(panel, DETAIL, SOLID, "cycle")) == [12, 12, 12]
    ends = [line[-1] for line in column(panel, DETAIL, SOLID, "xs")]
    assert ends[0] == pytest.approx(found["charge_areal_capacity"].sel(cycle=12).item(), rel=1e-6)
    for figure in (CAPACITY, EFFICIENCY):
        assert column(panel, figure, BAND, "x0").tolist() == [11.6]
    panel.cycle = 13
    assert panel.figures[DETAIL].title.text == "cycle 13"
    assert column(panel, EFFICIENCY, BAND, "x1").tolist() == [13.4]


def test_chosen_cycles_stand_beside_the_selected_one(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells, shown=("PCHP-1",), cycles=(30, 2, 2), cycle=5)
    assert panel.cycles == (2, 30)
    assert list(column(panel, DETAIL, SOLID, "cycle")) == [2, 5, 30]
    assert len(set(column(panel, DETAIL, SOLID, "color"))) == 3


def test_a_single_cell_shows_some_cycles_of_its_life(cells: list[xr.DataTree]) -> None:
    assert len(CyclingPanel(cells[0]).cycles) == 5
    assert CyclingPanel(cells).cycles == ()


@pytest.mark.parametrize(
    ("basis", "name", "units"),
    [
        ("areal", "discharge_areal_capacity", "mA h cm⁻²"),
        ("specific", "discharge_specific_capacity", "mA h g⁻¹"),
        ("absolute", "discharge_capacity", "mA h"),
    ],
)
def test_capacities_follow_the_basis(
    cells: list[xr.DataTree], found: xr.Dataset, basis: str, name: str, units: str
) -> None:
    panel = CyclingPanel(cells[0], basis=basis)
    np.testing.assert_allclose(column(panel, CAPACITY, 2, "ys")[0], found[name].values[0])
    assert panel.figures[CAPACITY].left[0].axis_label == f"discharge capacity ({units})"
    assert panel.figures[DETAIL].below[0].axis_label == f"capacity ({units})"
    assert panel.lines()[0].values[0].endswith(units)


def test_relative_capacity_is_the_retention_against_the_reference_cycle(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells[0], basis="relative", reference_cycle=5)
    curve = column(panel, CAPACITY, 2, "ys")[0]
    assert curve[4] == pytest.approx(100.0)
    panel.reference_cycle = 8
    assert column(panel, CAPACITY, 2, "ys")[0][7] == pytest.approx(100.0)
    assert "retention against cycle 8" in panel.heads()


def test_an_unknown_area_is_said_and_absolute_capacity_is_shown(make_full_cell: MakeCell) -> None:
    panel = CyclingPanel(make_full_cell("unknown", area="", loading=""))
    assert panel.basis == "absolute"
    assert panel.status == ""
    assert panel.lines()[0].remarks == ("area unknown", "loading unknown")
    panel.basis = "areal"
    assert panel.status.startswith("No areal capacity of this cell: the area is not known: give area=")
    panel.basis = "specific"
    assert "loading" in panel.status


@pytest.mark.parametrize(
    ("view", "label"),
    [
        ("profiles", "cell voltage (V)"),
        ("dq_dv", "dQ/dV (mA h cm⁻² V⁻¹)"),
        ("dv_dq", "dV/dQ (V mA⁻¹ h⁻¹ cm²)"),
        ("voltage", "mean voltage (V)"),
        ("voltage_gap", "voltage gap (mV)"),
    ],
)
def test_every_view_has_its_axis(cells: list[xr.DataTree], view: str, label: str) -> None:
    panel = CyclingPanel(cells, cycle=2)
    figure = panel.figures[DETAIL]
    panel.view = view
    assert panel.error is None
    assert panel.figures[DETAIL] is figure
    assert figure.left[0].axis_label == label
    assert len(column(panel, DETAIL, SOLID, "xs")) == 3


def test_tips_speak_of_what_is_shown_now(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells, cycle=2)
    panel.figures  # noqa: B018  made before the view changes
    panel.view = "voltage_gap"
    tips = [str(tool.tooltips) for tool in panel.figures[DETAIL].toolbar.tools if hasattr(tool, "tooltips")]
    assert any("mV" in text for text in tips)
    assert not any("mA h" in text for text in tips)


def test_a_cycle_without_a_derivative_is_said_with_the_reason(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells, cycle=17, view="dq_dv")
    assert "points are too few to differentiate" in panel.status
    panel.cycle = 2
    assert panel.status == ""


def test_the_mean_of_replicates_is_one_curve_per_coating_with_a_ribbon(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells, replicates="mean", cycle=4)
    assert list(column(panel, CAPACITY, 2, "curve")) == ["PCHP", "bare"]
    assert len(column(panel, CAPACITY, RIBBON, "xs")) == 1
    assert [line.name for line in panel.lines()] == ["PCHP (2 cells)", "bare"]
    assert legend(panel)[0] == "PCHP (mean ± sd of 2)"
    panel.replicates = "each"
    assert len(column(panel, CAPACITY, 2, "curve")) == 3


def test_a_click_in_any_figure_selects_the_cycle(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells, cycles=(2, 30))
    panel.select_at(CAPACITY, 14.3, 2.0)
    assert panel.cycle == 14
    panel.against, panel.shown = "time", ("PCHP-1",)
    begin = analysis.per_cycle(cells[0]["steps"].to_dataset())["time_start"].sel(cycle=21).item() / 3600
    panel.select_at(EFFICIENCY, begin + 0.1, 99.0)
    assert panel.cycle == 21
    x, y = (column(panel, DETAIL, SOLID, name)[2][5] for name in ("xs", "ys"))
    assert column(panel, DETAIL, SOLID, "cycle")[2] == 30
    panel.select_at(DETAIL, float(x), float(y))
    assert panel.cycle == 30


def test_capacity_and_efficiency_share_their_axis_of_cycles(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells)
    assert panel.figures[CAPACITY].x_range is panel.figures[EFFICIENCY].x_range
    assert panel.figures[DETAIL].x_range is not panel.figures[CAPACITY].x_range
    panel.against = "time"
    assert panel.figures[EFFICIENCY].below[0].axis_label == "time (h)"


def test_readouts_tell_what_the_analysis_found(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells, cycle=20, level=0.9, first_cycle=5)
    one = analysis.per_cycle(cells[1]["steps"].to_dataset())
    kept = analysis.retention(one)
    mean = analysis.mean_efficiency(one, 5)
    capacity, left, efficiency, end, knee = {line.name: line.values for line in panel.lines()}["PCHP-2"]
    assert capacity == f"{one['discharge_areal_capacity'].sel(cycle=20).item():.4g} mA h cm⁻²"
    assert left == f"{100 * kept['retention'].sel(cycle=20).item():.1f} %"
    assert efficiency.startswith(f"{100 * mean['arithmetic'].item():.3f} ± ")
    assert efficiency.endswith(f"(n = {mean['n'].item()})")
    assert end == f"{analysis.cycle_at(kept, 0.9)['cycle'].item():.0f}"
    assert (knee == "none") == (knees(kept)["observed"].item() == 0)
    assert panel.heads() == (
        "discharge capacity, cycle 20",
        "retention against cycle 3",
        "mean CE from cycle 5",
        "cycle at 90 %",
        "knee",
    )
    panel.cycle = 35
    assert {line.name: line.values for line in panel.lines()}["bare-1"][0] == "no cycle 35"


def test_a_cell_that_lives_on_is_censored_in_words(make_full_cell: MakeCell) -> None:
    panel = CyclingPanel(make_full_cell("alive", fade=0.05))
    assert panel.lines()[0].values[3] == "> 40"


def test_fifty_cells_are_told_by_coating(make_full_cell: MakeCell) -> None:
    many = [
        make_full_cell(f"{coating}-{n}", f"NCM-{coating}", cycles=6, seed=n)
        for n in range(25)
        for coating in ("bare", "PCHP")
    ]
    panel = CyclingPanel(many, shown=tuple(str(cell.name) for cell in many))
    assert [line.name for line in panel.lines()] == ["bare (25 cells)", "PCHP (25 cells)"]
    assert len(column(panel, CAPACITY, 2, "xs")) == 50
    assert legend(panel)[:2] == [
        "bare (25 cells)",
        "PCHP (25 cells)",
    ]


def test_of_many_cells_of_two_cathodes_one_family_is_shown_first(make_full_cell: MakeCell) -> None:
    many = [
        make_full_cell(f"{kind}-{n}", f"{kind}-PCHP", cycles=4, seed=n) for kind in ("NCM", "LFP") for n in range(7)
    ]
    assert CyclingPanel(many).shown == tuple(f"NCM-{n}" for n in range(7))


def test_a_half_cell_begins_with_a_discharge(shared_data: Path) -> None:
    from pchp_widgets import open_cell

    file = shared_data / "cycler/yadg/tests/test_x_eclab/gcpl.pr_182.1.mpr"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    panel = CyclingPanel(open_cell(file, kind="half"), cycle=2)
    assert panel.error is None
    assert panel.result.data[CAPACITY]["curves"]["coulombic_efficiency"].sel(cycle=2).item() < 1


def test_no_cell_selected_says_what_to_do(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells)
    for view in ("profiles", "voltage"):
        panel.view, panel.shown = view, ()
        assert panel.status == "No cell is selected: choose one in the list."
        panel.shown = ("PCHP-1",)
        assert panel.status == ""


def test_wrong_state_is_refused_with_the_remedy(cells: list[xr.DataTree]) -> None:
    with pytest.raises(ValueError, match="choose one from 1 to 40"):
        CyclingPanel(cells, cycle=99)
    with pytest.raises(traitlets.TraitError, match="give a retention between 0 and 1"):
        CyclingPanel(cells, level=80.0)
    with pytest.raises(traitlets.TraitError, match="give numbers of cycles"):
        CyclingPanel(cells, cycles=("one",))
    with pytest.raises(traitlets.TraitError, match="there is no cell 'x'"):
        CyclingPanel(cells, shown=("x",))


def test_figures_are_patched_and_never_made_again(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells)
    before = {name: id(figure) for name, figure in panel.figures.items()}
    for name, value in {
        "cycle": 3,
        "view": "voltage",
        "basis": "specific",
        "against": "time",
        "replicates": "mean",
        "shown": ("bare-1",),
        "level": 0.7,
        "first_cycle": 9,
        "reference_cycle": 4,
    }.items():
        setattr(panel, name, value)
        assert panel.error is None
    assert {name: id(figure) for name, figure in panel.figures.items()} == before


def test_widgets_and_state_are_one(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells)
    widgets = list(inside(panel.widget))
    choices = [widget for widget in widgets if type(widget).__name__ == "Dropdown"]
    next(one for one in choices if one.description == "view").value = "dq_dv"
    next(one for one in choices if one.description == "capacity").value = "specific"
    assert (panel.view, panel.basis) == ("dq_dv", "specific")
    tags = next(widget for widget in widgets if type(widget).__name__ == "IntsInput")
    tags.value = [7, 3]
    assert panel.cycles == (3, 7)
    panel.cycle = 11
    next(one for one in widgets if getattr(one, "description", "") == "keep selected").click()
    assert panel.cycles == (3, 7, 11)
    assert tags.value == [3, 7, 11]
    assert {"retention", "CE", "knee", "cycle at 80 %", "capacity"} <= panel.explained.keys()


def test_tables_of_the_figures_carry_units_and_every_point(cells: list[xr.DataTree], tmp_path: Path) -> None:
    panel = CyclingPanel(cells, cycle=3)
    written = {path.stem: path for path in panel.export(tmp_path / "out.csv")}
    assert set(written) == {"out_detail", "out_capacity", "out_efficiency"}
    with written["out_capacity"].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {"curve", "cycle", "discharge capacity (mA h cm⁻²)"} <= rows[0].keys()
    assert len(rows) == 40 + 40 + 30


@pytest.mark.parametrize("ending", [".svg", ".html"])
def test_figures_are_written_for_paper_and_page(cells: list[xr.DataTree], tmp_path: Path, ending: str) -> None:
    written = CyclingPanel(cells).export(tmp_path / f"out{ending}")
    assert all(path.stat().st_size > 2000 for path in written)


def test_the_text_of_a_panel_makes_it_again(cells: list[xr.DataTree]) -> None:
    panel = CyclingPanel(cells, cycle=2, view="voltage", cycles=(1, 30))
    assert repr(panel) == "CyclingPanel(cycle=2, cycles=(1, 30), view='voltage')"
    again = CyclingPanel(cells, **panel.changed())
    assert again.state() == panel.state()
    assert "CyclingPanel" in panel.to_code()
