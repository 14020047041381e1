"""`CyclingPanel` in a real page: what a user sees, and what happens at a click."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CELLS = """
import numpy as np, xarray as xr
from pchp_widgets import CyclingPanel
from pchp_widgets.io.synthetic.full import ageing_recipe, full_cell, full_state
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.model.cycles import steps

def cell(name, design, cycles=30):
    of = DESIGNS[design]
    points = full_cell(of, full_state(of, cycles), ageing_recipe(2.0, cycles, 0.5)).points
    counted = steps(points, rule="charge_first", cell=name, area=1.327)
    counted = counted.assign_coords(coating=("cell", [design[4:]]), area=("cell", [1.327]))
    return xr.DataTree.from_dict({"steps": counted, "points": points}, name=name)
"""
TWO = 'panel = CyclingPanel([cell("bare-1", "NCM-bare"), cell("PCHP-1", "NCM-PCHP")])'


def test_panel_is_drawn_with_its_controls_and_readout(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 3
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "retention against cycle 3" in text
    assert "area unknown" not in text
    assert "all: loading unknown" in text


def test_a_click_at_a_capacity_selects_its_cycle_everywhere(run_cells):
    page = run_cells(CELLS, TWO, "panel")
    page.wait_painted()
    page.click(page.figure("capacity"))
    page.page.get_by_text("discharge capacity, cycle 1", exact=True).wait_for(state="detached")
    cycle = page.python("panel.cycle")
    assert 5 < cycle < 25
    page.page.get_by_text(f"discharge capacity, cycle {cycle}", exact=True).wait_for()
    assert page.python("panel.figures['detail'].title.text") == f"cycle {cycle}"
    assert page.python("float(panel.figures['efficiency'].renderers[0].data_source.data['x0'][0])") == cycle - 0.4
