"""`CoulombicPanel` in a real page: what a user sees, and what happens at a key and a click."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CELLS = """
import numpy as np, xarray as xr
from pchp_widgets import CoulombicPanel
from pchp_widgets.io.synthetic.li_cu import Copper, galvanostatic_cell, modified_cell
from pchp_widgets.model.cycles import steps

def cell(name, coating, made):
    counted = steps(made.points, rule="plating_first", cell=name, area=1.327)
    counted = counted.assign_coords(coating=("cell", [coating]), area=("cell", [1.327]))
    return xr.DataTree.from_dict({"steps": counted, "points": made.points}, name=name)

def copper(efficiency):
    return Copper(np.array([efficiency - 0.03, efficiency]), np.array([0.03]), area=1.327)
"""
TWO = """
panel = CoulombicPanel([
    cell("bare-1", "bare", galvanostatic_cell(copper(0.95), cycles=20)),
    cell("PCHP-1", "PCHP", modified_cell(copper(0.98))),
])
"""
CYCLE, EFFICIENCY = (f"shown.children[1].children[{at}]" for at in (0, 1))


def test_panel_is_drawn_with_its_controls_and_readout(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 3
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "galvanostatic: mean of 19 cycles, median 95.00 %" in text
    assert "modified: n 10, Q_T 4, Q_c 1, Q_s 3.72 mA h cm⁻²" in text


def test_a_click_at_an_efficiency_selects_its_cycle_everywhere(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    page.click(EFFICIENCY)
    page.wait_in_bokeh(f"{CYCLE}.title.text !== 'cycle 1'")
    cycle = page.python("panel.cycle")
    assert cycle > 1
    page.wait_in_bokeh(f"{CYCLE}.title.text === 'cycle {cycle}'")
    page.wait_in_bokeh(f"{EFFICIENCY}.renderers[0].data_source.data.x0[0] === {cycle} - 0.4")
    page.page.get_by_text(f"CE, cycle {cycle}").wait_for()
