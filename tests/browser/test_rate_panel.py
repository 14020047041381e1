"""`RatePanel` in a real page: a click and a switch reach the figures."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CELL = """
import xarray as xr
from pchp_widgets import RatePanel
from pchp_widgets.io.synthetic.full import full_cell, full_state, rate_recipe
from pchp_widgets.io.synthetic.full_designs import DESIGNS
from pchp_widgets.model.cycles import steps

def cell(name, coating):
    design = DESIGNS[f"rate-{coating}"]
    points = full_cell(design, full_state(design, 40), rate_recipe()).points
    known = {"coating": ("cell", [coating]), "area": ("cell", [1.327]), "loading": ("cell", [15.0])}
    counted = steps(points, rule="charge_first", cell=name, area=1.327, coords=known)
    return xr.DataTree.from_dict({"steps": counted, "points": points}, name=name)
"""
TWO = "panel = RatePanel([cell('bare-1', 'bare'), cell('PCHP-1', 'PCHP')])"


def test_a_click_selects_the_cycle_and_a_switch_changes_the_axis(run_cells):
    page = run_cells(CELL, TWO, "panel")
    page.wait_painted()
    page.click(page.figure("capacity"), across=0.8)
    page.page.get_by_text("current density, cycle 1", exact=True).wait_for(state="detached")
    assert page.python("panel.cycle") > 25
    page.page.get_by_role("button", name="current density").click()
    page.settle()
    assert page.python("panel.against") == "current density"
    assert page.python("panel.figures['capacity'].xaxis[0].axis_label") == "current density (mA cm⁻²)"
