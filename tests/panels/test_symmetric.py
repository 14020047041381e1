from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
import xarray as xr

from pchp_widgets import SymmetricPanel, open_study
from pchp_widgets.analysis import symmetric

from .conftest import MakeCell

TRACE, CYCLE, POLARIZATION = "trace", "cycle", "polarization"


def column(panel: SymmetricPanel, figure: str, layer: int, name: str) -> Any:
    return panel.figures[figure].renderers[layer].data_source.data[name]


@pytest.fixture
def cells(make_cell: MakeCell) -> list[xr.DataTree]:
    return [make_cell("bare-1", "bare", cycles=20, short_at=12), make_cell("PCHP-1", cycles=20)]


def test_a_panel_needs_no_notebook_and_makes_no_widgets(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells)
    assert panel.status == ""
    assert panel._widget is None
    assert list(panel.figures) == [TRACE, CYCLE, POLARIZATION]


def test_an_unattended_run_imports_no_widgets_before_figures_are_shown() -> None:
    heavy = "{'bokeh', 'holoviews', 'ipywidgets'} & set(sys.modules)"
    code = f"import sys; from pchp_widgets import SymmetricPanel; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_the_selected_cycle_is_what_the_second_figure_shows(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells, cycle=5)
    assert panel.figures[CYCLE].title.text == "cycle 5"
    charge = symmetric.half_cycle_trace(cells[1], 5).where(lambda half: half.direction == 0, drop=True)
    np.testing.assert_allclose(column(panel, CYCLE, 0, "ys")[1], np.abs(charge["voltage"]) * 1e3)
    np.testing.assert_allclose(column(panel, CYCLE, 0, "xs")[1], charge["capacity"])
    panel.cycle = 6
    assert panel.figures[CYCLE].title.text == "cycle 6"


def test_the_polarization_follows_the_definition_in_millivolt(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells)
    found = symmetric.polarization(cells)
    for definition in ("mid", "max", "hysteresis"):
        panel.definition = definition
        expected = symmetric.per_cycle(found, definition) * 1e3  # type: ignore[arg-type]
        np.testing.assert_allclose(column(panel, POLARIZATION, 2, "ys")[0], expected.values[0])
        assert definition in panel.figures[POLARIZATION].left[0].axis_label
        assert "mV" in panel.figures[POLARIZATION].left[0].axis_label


def test_figures_are_patched_and_never_made_again(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells)
    before = {name: id(figure) for name, figure in panel.figures.items()}
    panel.cycle, panel.definition, panel.against, panel.shown = 3, "last", "time", ("bare-1",)
    assert {name: id(figure) for name, figure in panel.figures.items()} == before
    assert panel.figures[POLARIZATION].below[0].axis_label == "time (h)"
    assert len(column(panel, TRACE, 1, "xs")) == 1


def test_a_window_shows_every_point_in_it(make_cell: MakeCell) -> None:
    cell = make_cell("long", cycles=20, points=3000)
    panel = SymmetricPanel(cell)
    assert len(column(panel, TRACE, 1, "xs")[0]) <= 2100
    panel.window = (10.0, 10.2)
    hours = cell["points"]["time"].values / 3600
    shown = np.asarray(column(panel, TRACE, 1, "xs")[0])
    inside = hours[(hours >= 10.0) & (hours <= 10.2)]
    np.testing.assert_allclose(shown[1:-1], inside)
    assert (panel.figures[TRACE].x_range.start, panel.figures[TRACE].x_range.end) == (10.0, 10.2)


def test_readouts_tell_polarization_life_and_what_is_missing(make_cell: MakeCell) -> None:
    panel = SymmetricPanel([make_cell("a", "bare", cycles=20, short_at=12), make_cell("b", area=np.nan)], cycle=3)
    lines = {line.name: line for line in panel.lines()}
    value = symmetric.per_cycle(symmetric.polarization(panel.cells["a"].tree)).sel(cycle=3).item()
    assert lines["a"].values[0].startswith(f"{value * 1e3:.2f} mV ± ")
    assert lines["a"].values[1] == "failed at cycle 13 (24 h): short"
    assert lines["b"].values[1] == "no failure: censored at cycle 8 (16 h)"
    assert lines["b"].remarks == ("area unknown: capacity in mA h",)
    panel.cycle = 15
    assert {line.name: line for line in panel.lines()}["b"].values[0] == "no cycle 15"


def test_fifty_cells_are_told_by_coating(make_cell: MakeCell) -> None:
    cells = [
        make_cell(f"{coating}-{n}", coating, cycles=4, points=5) for n in range(25) for coating in ("bare", "PCHP")
    ]
    panel = SymmetricPanel(cells, shown=tuple(cell.name for cell in cells))
    assert [line.name for line in panel.lines()] == ["bare (25 cells)", "PCHP (25 cells)"]
    assert sum(item.visible for item in panel.figures[TRACE].above[0].items) == 2
    assert len(column(panel, TRACE, 1, "xs")) == 50


def test_no_cell_selected_says_what_to_do(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells)
    panel.shown = ()
    assert panel.status == "No cell is selected: choose one in the list."
    panel.shown = ("PCHP-1",)
    assert panel.status == ""


def test_a_cycle_no_cell_has_is_told_and_refused_at_the_start(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells)
    panel.cycle = 99
    assert panel.status == "No cell shown has a cycle 99: choose one from 1 to 20."
    with pytest.raises(ValueError, match="choose one from 1 to 20"):
        SymmetricPanel(cells, cycle=99)


def test_unknown_state_and_cells_are_refused_with_the_list(cells: list[xr.DataTree]) -> None:
    with pytest.raises(TypeError, match="no state cylce; it has"):
        SymmetricPanel(cells, cylce=3)
    with pytest.raises(traitlets.TraitError, match="there is no cell 'x'; there are bare-1, PCHP-1"):
        SymmetricPanel(cells, shown=("x",))


def test_the_code_makes_the_same_panel(built_demo_study: Path) -> None:
    panel = SymmetricPanel(open_study(built_demo_study), cycle=7, definition="last", shown=("bare-1", "PCHP-1"))
    place: dict[str, Any] = {}
    *lines, last = panel.to_code().strip().splitlines()
    exec("\n".join([*lines, f"again = {last}"]), place)  # noqa: S102  that is what the code is for
    assert place["again"].state() == panel.state()


def test_the_text_of_a_panel_is_the_same_each_time(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells, cycle=2)
    assert repr(panel) == repr(SymmetricPanel(cells, cycle=2)) == "SymmetricPanel(cycle=2)"


def test_an_unattended_run_gets_figures_without_widgets(
    cells: list[xr.DataTree], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PCHP_REPORT", "1")
    panel = SymmetricPanel(cells)
    bundle = panel._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert panel._widget is None
    assert asks_for_nothing(bundle["text/html"])


def test_widgets_and_state_are_one(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells)
    widgets = list(inside(panel.widget))
    slider = next(widget for widget in widgets if type(widget).__name__ in {"IntSlider", "SelectionSlider"})
    slider.value = 4
    assert panel.cycle == 4
    panel.cycle = 9
    assert slider.value == 9
    definition = next(widget for widget in widgets if type(widget).__name__ == "Dropdown")
    definition.value = "max"
    assert panel.definition == "max"


def inside(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


def asks_for_nothing(html: str) -> bool:
    """Whether no tag of a page refers to another place; what stands inside a script is no tag."""
    tags = re.sub(r"<script[^>]*>.*?</script>", "", html, flags=re.DOTALL)
    return re.search(r"""(?:src|href)=["']""", tags) is None


def test_tables_of_the_figures_carry_units_and_every_point(cells: list[xr.DataTree], tmp_path: Path) -> None:
    panel = SymmetricPanel(cells, cycle=3)
    written = {path.stem: path for path in panel.export(tmp_path / "out.csv")}
    assert set(written) == {"out_trace", "out_cycle", "out_polarization"}
    with written["out_cycle"].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {"cell", "direction", "areal capacity (mA h cm⁻²)", "|V| (mV)"} <= rows[0].keys()
    assert len(rows) == 4 * 31
    with written["out_polarization"].open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 40


@pytest.mark.parametrize("ending", [".svg", ".pdf", ".png", ".html"])
def test_figures_are_written_for_paper_and_page(cells: list[xr.DataTree], tmp_path: Path, ending: str) -> None:
    written = SymmetricPanel(cells).export(tmp_path / f"out{ending}")
    assert all(path.stat().st_size > 2000 for path in written)
    if ending == ".html":
        assert asks_for_nothing(written[0].read_text("utf-8"))


def test_an_ending_nobody_can_write_is_refused_with_the_list(cells: list[xr.DataTree], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot write \.xlsx; choose \.csv, \.svg"):
        SymmetricPanel(cells).export(tmp_path / "out.xlsx")


def test_a_fresh_element_can_be_combined(cells: list[xr.DataTree]) -> None:
    panel = SymmetricPanel(cells)
    assert len(panel.element()) == 3
    assert panel.element() is not panel.element()


def test_buttons_choose_the_cells_of_one_coating(make_cell: MakeCell) -> None:
    panel = SymmetricPanel(
        [make_cell(f"{coating}-{n}", coating, cycles=3) for n in (1, 2) for coating in ("bare", "PCHP")]
    )
    buttons = {each.description: each for each in inside(panel.widget) if type(each).__name__ == "Button"}
    buttons["bare"].click()
    assert panel.shown == ("bare-1", "bare-2")
    buttons["none"].click()
    assert panel.shown == ()
    buttons["all"].click()
    assert panel.shown == panel.cells.names


def test_every_number_shown_is_explained_on_demand(make_cell: MakeCell) -> None:
    panel = SymmetricPanel(make_cell("a"))
    shown = "".join(getattr(widget, "value", "") for widget in panel.widget.children if hasattr(widget, "value"))
    for definition in symmetric.DEFINITIONS.values():
        assert escape(definition) in shown
