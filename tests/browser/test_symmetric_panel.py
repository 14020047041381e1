"""`SymmetricPanel` in real pages: what a user sees, and what happens at a key, a wheel or a click."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.browser

CELLS = """
import numpy as np, xarray as xr
from pchp_widgets import SymmetricPanel
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.cycles import steps

def cell(name, coating, cycles=40, **recipe):
    points = symmetric_cell(state(coating, cycles), Recipe(cycles=cycles, **recipe)).points
    counted = steps(points, rule="plating_first", cell=name, area=1.327)
    counted = counted.assign_coords(coating=("cell", [coating]), area=("cell", [1.327]))
    return xr.DataTree.from_dict({"steps": counted, "points": points}, name=name)
"""
ONE = "panel = SymmetricPanel(cell('long', 'PCHP', cycles=100, points=2000))"
TWO = "panel = SymmetricPanel([cell('bare-1', 'bare', short_at=30), cell('PCHP-1', 'PCHP')])"
TRACE, CYCLE, POLARIZATION = (f"shown.children[{at}]" for at in ("0].children[0", "1].children[0", "1].children[1"))
"""The three figures, as they stand in the layout."""
FINGERPRINTS = POLARIZATION
"""In the view of the shape map."""
LEGEND = f"{TRACE}.above[0].items.filter((item) => item.visible)"


def curve(figure: str, layer: int) -> str:
    return f"{figure}.renderers[{layer}].data_source.data"


def test_panel_is_drawn_with_its_controls_and_readout(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 3
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "failed at cycle 31" in text
    assert "no failure: censored at cycle 40" in text
    assert "|V| where half of the half-cycle's charge has passed" in text


def test_key_on_the_slider_changes_the_cycle_in_the_browser(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    before = page.in_bokeh(f"{curve(CYCLE, 0)}.ys[0][0]")
    page.page.locator(".noUi-handle").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_in_bokeh(f"{curve(CYCLE, 0)}.ys[0][0] !== {before}")
    page.wait_in_bokeh(f"{CYCLE}.title.text === 'cycle 2'")
    assert page.python("panel.cycle") == 2
    page.page.get_by_text("polarization, cycle 2").wait_for()


def test_zoom_refines_and_double_click_brings_everything_back(run_cells):
    page = run_cells(CELLS, ONE, "panel")
    page.wait_painted()
    shown = f"[{TRACE}.x_range.start, {TRACE}.x_range.end]"
    points = f"Array.from({curve(TRACE, 1)}.xs[0])"
    whole, coarse = page.in_bokeh(shown), np.array(page.in_bokeh(points))
    page.page.mouse.move(*page.place(TRACE))
    for _ in range(8):
        page.page.mouse.wheel(0, -200)
    page.wait_in_bokeh(f"{points}.at(-1) - {points}[0] < 20")
    page.settle()
    fine, (start, end) = np.array(page.in_bokeh(points)), page.in_bokeh(shown)
    assert ((fine > start) & (fine < end)).sum() > 5 * ((coarse > start) & (coarse < end)).sum()
    assert page.python("panel.window") == (start, end)
    page.page.mouse.dblclick(*page.place(TRACE))
    page.wait_in_bokeh(f"{TRACE}.x_range.start === {whole[0]} && {TRACE}.x_range.end === {whole[1]}")
    page.wait_in_python("panel.window == ()")
    page.wait_in_bokeh(f"{points}.length === {len(coarse)}")


def test_click_on_the_polarization_selects_that_cycle(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    page.click(POLARIZATION)
    page.wait_in_python("15 < panel.cycle < 25")
    cycle = page.python("panel.cycle")
    page.wait_in_bokeh(f"{CYCLE}.title.text === 'cycle {cycle}'")
    slider = page.page.locator(".widget-text input[type=number], .widget-bounded-int-text input").first
    assert slider.input_value() == str(cycle)


def test_choosing_cells_changes_curves_legend_and_readout(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    page.page.locator("select[multiple]").select_option("PCHP-1 · PCHP")
    page.wait_in_bokeh(f"{curve(TRACE, 1)}.xs.length === 1")
    assert page.in_bokeh(f"{LEGEND}.length") == 0
    page.page.get_by_text("failed at cycle 31").wait_for(state="detached")
    page.page.get_by_role("button", name="all", exact=True).click()
    page.wait_in_bokeh(f"{curve(TRACE, 1)}.xs.length === 2 && {LEGEND}.length === 2")


def test_error_is_told_in_the_panel_and_goes_away(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    page.page.get_by_role("button", name="none", exact=True).click()
    page.page.get_by_text("No cell is selected: choose one in the list.").wait_for()
    page.page.get_by_role("button", name="all", exact=True).click()
    page.page.get_by_text("No cell is selected").wait_for(state="detached")


def test_views_take_turns_and_keep_what_they_showed(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    page.page.get_by_role("button", name="shape map", exact=True).click()
    page.wait_in_bokeh("shown.children[0].children.length === 2")
    page.page.get_by_text("from peaks to arcs").first.wait_for()
    page.settle()
    hues = np.ptp(page.pixels(0).reshape(-1, 3).astype(int), axis=-1)
    assert (hues > 60).mean() > 0.3  # the map fills its figure with colours
    page.click(TRACE)  # the map, which stands in its place
    page.wait_in_python("15 < panel.cycle < 25")
    cycle = page.python("panel.cycle")
    page.wait_in_bokeh(f"{FINGERPRINTS}.renderers[4].data_source.data.x0[0] === {cycle} - 0.5")
    page.page.get_by_role("button", name="shorts", exact=True).click()
    page.page.get_by_text("step (cycle 31").wait_for()
    page.page.get_by_role("button", name="polarization", exact=True).click()
    page.wait_in_bokeh(f"{CYCLE}.title.text === 'cycle {cycle}'")
    page.page.get_by_role("button", name="mean", exact=True).click()
    page.page.get_by_text("bare (1 cell)").first.wait_for()
    page.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.wait_painted()
    assert page.in_bokeh(f"{CYCLE}.title.text") == f"cycle {cycle}"


def test_code_and_files_are_a_click_away(run_cells, lab):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    page.python("0", "panel.cycle = 5")
    page.page.get_by_role("button", name="copy as code").click()
    page.page.get_by_text("SymmetricPanel(cells, cycle=5)").wait_for()
    page.page.get_by_role("button", name="save", exact=True).click()
    page.page.get_by_text("saved symmetric_trace.csv, symmetric_cycle.csv, symmetric_polarization.csv").wait_for()
    assert (lab.root / "symmetric_cycle.csv").read_text("utf-8").startswith("cell,coating,direction,areal capacity")


def test_reloaded_page_shows_the_present_state(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    page.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.python("0", "panel.cycle = 7; panel.window = (10, 20); panel.definition = 'max'")
    page.reload()
    page.wait_painted()
    assert page.in_bokeh(f"{CYCLE}.title.text") == "cycle 7"
    assert page.in_bokeh(f"[{TRACE}.x_range.start, {TRACE}.x_range.end]") == [10, 20]
    page.page.get_by_text("polarization, cycle 7").wait_for()


def test_panel_displayed_twice_stays_in_step(run_cells):
    page = run_cells(CELLS, TWO, "panel", "panel")
    page.wait_painted(2)
    page.page.locator(".noUi-handle").first.focus()
    page.page.keyboard.press("ArrowRight")
    for view in (0, 1):
        page.wait_in_bokeh(f"{CYCLE}.title.text === 'cycle 2'", view=view)
    assert page.page.get_by_text("polarization, cycle 2").count() == 2


def test_dark_theme_is_readable(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    theme = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
    page.page.evaluate(theme, "JupyterLab Dark")
    page.wait_in_bokeh(f"{POLARIZATION}.background_fill_color !== '#ffffff'")
    page.settle()
    for figure in range(3):
        picture = page.pixels(figure).astype(int)
        background = np.median(picture.reshape(-1, 3), axis=0)
        assert background.max() < 60
        assert (picture.max(-1) > 150).sum() > 500  # curves and labels stand out
    page.page.evaluate(theme, "JupyterLab Light")


def test_panel_works_in_voila(voila):
    page = voila(CELLS, TWO, "panel")
    page.wait_painted()
    page.page.locator(".noUi-handle").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_in_bokeh(f"{CYCLE}.title.text === 'cycle 2'")
