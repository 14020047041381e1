"""The panel of peel tests in a real page: it is drawn, and everything follows the range that is dragged."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

MAKE = """
from pchp_widgets import AdhesionPanel
from pchp_widgets.io.synthetic.adhesion import peel_study
"""
PANEL = "panel = AdhesionPanel(peel_study())"
FORCE = "shown.children[0].children[0]"
BAND = f"{FORCE}.center.find((one) => one.type === 'BoxAnnotation')"


def test_the_range_is_dragged_and_strengths_and_ratios_follow(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 3
    page.keep_picture()
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "2.02 (1.91 to 2.13)" in text
    assert "cohesive failure, inside the film" in text
    low, high = page.python("panel.span")
    before = page.python("panel.grouped()['mean'].values.tolist()")
    page.drag(*(page.place(FORCE, travel, down=0.9) for travel in (high, 150.0)))  # near the lower edge is no curve
    page.wait_in_python(f"panel.window and 148 < panel.window[1] < 152 and abs(panel.window[0] - {low}) < 1e-6")
    page.settle()
    after = page.python("panel.grouped()['mean'].values.tolist()")
    assert after != before
    shown = page.page.locator(".jp-OutputArea-output").inner_text()
    assert f"{after[1]:.1f} ±" in shown
    page.page.get_by_text("50 mm of bond are in the range; ISO 8510-2 asks for 100").first.wait_for()
    page.page.get_by_role("button", name="range of the rule").click()
    page.wait_in_python("panel.window == ()")
    page.wait_in_bokeh(f"Math.abs({BAND}.right - {high}) < 1e-6")


def test_a_rule_is_chosen_and_a_material_taken_away(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    page.page.locator(".jp-OutputArea-output select:not([multiple])").first.select_option("ASTM D3330")
    page.wait_in_python("panel.rule == 'ASTM D3330'")
    page.wait_in_bokeh(f"Math.abs({BAND}.right - {BAND}.left - 100) < 1e-6")
    page.page.locator("select[multiple]").select_option("PCHP")
    page.wait_in_python("panel.shown == ('PCHP',)")
    page.wait_in_bokeh("shown.children[1].children.length === 1")
    assert page.python("panel.status") == ""
