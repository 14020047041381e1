"""`ImpedancePanel` in a real page: what a user sees, and what a key, a click and a box do."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CELLS = """
import numpy as np, xarray as xr
from pchp_widgets import ImpedancePanel
from pchp_widgets.analysis.circuits import circuit
from pchp_widgets.model.schema import dataset

def cell(name, coating, values, cycles=(0, 20, 40)):
    frequency, rng = np.geomspace(3e5, 1, 56), np.random.default_rng(len(name))
    grown = np.array(values) + np.array([0, 0, 0, 0, 10.0, 0, 0]) * np.arange(len(cycles))[:, None]
    z = circuit("R0-p(R1,CPE1)-p(R2,CPE2)").impedance(grown, frequency)
    z = z * (1 + 2e-3 * (rng.standard_normal(z.shape) + 1j * rng.standard_normal(z.shape)))
    columns = {"z_real": z.real[None], "z_imag": z.imag[None], "cycle": np.array([cycles])}
    place = {"cell": [name], "spectrum": np.arange(len(cycles)) + 1, "frequency": frequency}
    own = dataset("spectra", columns, coords=place)
    known = {"coating": ("cell", [coating]), "area": ("cell", [1.327]), "kind": ("cell", ["symmetric"])}
    return xr.DataTree.from_dict({"spectra": own.assign_coords(known)}, name=name)
"""
ONE = "panel = ImpedancePanel(cell('bare-1', 'bare', (3, 60, 4e-6, .85, 40, 6e-4, .82)))"
TWO = """
panel = ImpedancePanel([
    cell('bare-1', 'bare', (3, 60, 4e-6, .85, 40, 6e-4, .82)),
    cell('PCHP-1', 'PCHP', (9, 30, 4e-6, .85, 20, 6e-4, .82)),
])
"""
NYQUIST = "shown.children[0].children[0]"
MODULUS, PHASE = (f"shown.children[0].children[1].children[{at}]" for at in (0, 1))
SPAN = "({range}.end - {range}.start)"
RATIO = (
    f"{SPAN} / {SPAN} / ({NYQUIST}.inner_width / {NYQUIST}.inner_height)".replace("{range}", f"{NYQUIST}.x_range", 2)
    .replace("{range}", f"{NYQUIST}.y_range", 2)
)  # fmt: skip


def test_the_panel_is_drawn_with_equal_axes_that_fill_their_frame(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 5
    assert page.in_bokeh(RATIO) == pytest.approx(1, rel=0.02)
    page.page.set_viewport_size({"width": 800, "height": 1400})
    page.wait_in_bokeh(f"{NYQUIST}.inner_width > 1.2 * {NYQUIST}.inner_height")
    page.wait_in_bokeh(f"Math.abs({RATIO} - 1) < 0.02")
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "passes" in text
    assert "± " in text


def test_a_key_selects_the_next_spectrum_and_everything_follows(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    page.page.locator(".noUi-handle").first.focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_in_python("panel.cycle == 20")
    page.wait_in_bokeh(f"{NYQUIST}.title.text === 'cycle 20'")
    found = page.python("float(panel.found()['value'].sel(parameter='R2').values[0, 0])")
    assert found == pytest.approx(50, rel=0.03)


def test_a_click_marks_a_frequency_and_hovering_shows_the_point_in_every_figure(run_cells):
    page = run_cells(CELLS, ONE, "panel")
    page.wait_painted()
    page.click(MODULUS)
    page.wait_in_python("panel.frequency > 0")
    page.wait_in_bokeh(f"{NYQUIST}.title.text.endsWith('marked')")
    place = page.in_bokeh(
        "(({ frame: { x_scale, y_scale } }, { data }) => "
        "[x_scale.compute(data.frequency[30]), y_scale.compute(data.phase[30])])"
        f"(doc.views_manager.find_one({PHASE}), {PHASE}.renderers[1].data_source)"
    )
    corner = page.page.locator(".bk-Canvas").nth(2).bounding_box()
    page.page.mouse.move(corner["x"] + place[0] + 1, corner["y"] + place[1] + 1)
    page.wait_in_bokeh(f"[...{NYQUIST}.renderers[1].data_source.inspected.indices].includes(30)")


def test_a_box_drawn_with_the_brush_leaves_points_out(run_cells):
    page = run_cells(CELLS, ONE, "panel")
    page.wait_painted()
    page.page.get_by_role("button", name="leave out points").click()
    page.settle()
    page.drag(page.place(MODULUS, across=0.85, down=0.05), page.place(MODULUS, across=0.99, down=0.98))
    page.wait_in_python("panel.left_out")
    page.settle()
    left = page.python("len(panel.left_out)")
    assert 3 < left < 25
    page.wait_in_bokeh(f"{NYQUIST}.renderers[2].data_source.data.z_real.length === {left}")
    page.page.get_by_text(f"{left} of 56 points left out").wait_for()
    page.page.get_by_role("button", name="take all back").click()
    page.wait_in_python("not panel.left_out")


def test_a_slider_holds_a_parameter_and_the_others_are_fitted_again(run_cells):
    page = run_cells(CELLS, ONE, "panel")
    page.wait_painted()
    handle = page.page.locator(".noUi-handle").nth(2)
    handle.scroll_into_view_if_needed()
    handle.focus()
    for _ in range(4):
        page.page.keyboard.press("ArrowRight")
    page.wait_in_python("'R1' in panel.fixed")
    page.settle()
    assert page.python("panel.status") == ""
    assert page.python("panel.fixed['R1']") > 60


def test_a_wrong_circuit_is_told_and_the_last_good_fit_stays(run_cells):
    page = run_cells(CELLS, ONE, "panel")
    page.wait_painted()
    box = page.page.locator(".jp-OutputArea-output input[list]").first
    box.fill("R0-p(R1,")
    box.press("Enter")
    page.page.locator("[role=status]").get_by_text("an element is needed").wait_for()
    assert page.python("panel.circuit") == "R0-p(R1,CPE1)-p(R2,CPE2)"
    assert page.in_bokeh(f"{NYQUIST}.renderers[0].data_source.data.xs.length") == 1


def test_a_double_click_brings_a_zoomed_nyquist_plot_back(run_cells):
    page = run_cells(CELLS, ONE, "panel")
    page.wait_painted()
    whole = page.in_bokeh(f"{NYQUIST}.x_range.end - {NYQUIST}.x_range.start")
    page.drag(page.place(NYQUIST, across=0.3, down=0.3), page.place(NYQUIST, across=0.5, down=0.6))
    page.wait_in_bokeh(f"{NYQUIST}.x_range.end - {NYQUIST}.x_range.start < 0.7 * {whole}")
    assert page.in_bokeh(RATIO) == pytest.approx(1, rel=0.02)
    page.page.mouse.dblclick(*page.place(NYQUIST))
    page.wait_in_bokeh(f"Math.abs({NYQUIST}.x_range.end - {NYQUIST}.x_range.start - {whole}) < 0.02 * {whole}")
