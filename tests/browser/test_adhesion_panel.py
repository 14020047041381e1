"""The panel of peel tests in a real page: it is drawn, and everything follows the range that is dragged."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.browser

MAKE = """
from pchp_widgets import AdhesionPanel
from pchp_widgets.io.synthetic.adhesion import peel_study
"""
PANEL = "panel = AdhesionPanel(peel_study())"
FORCE = "root.children[0].children[0]"
BAND = f"{FORCE}.center.find((one) => one.type === 'BoxAnnotation')"
FRAME = f"""(() => {{
    const view = doc.views_manager.find_one({FORCE}), page = view.el.getBoundingClientRect(), frame = view.frame.bbox;
    const {{start, end}} = {FORCE}.x_range;
    return [page.x + frame.left, page.y + frame.top, frame.width, frame.height, start, end];
}})()"""


def place_of(page, travel):
    """Place of a travel on the page, near the lower edge, where no curve is."""
    page.page.locator(".bk-Canvas").first.scroll_into_view_if_needed()
    left, top, width, height, start, end = page.in_bokeh(FRAME)
    return left + (travel - start) / (end - start) * width, top + 0.9 * height


def test_the_range_is_dragged_and_strengths_and_ratios_follow(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    for figure in range(3):
        assert len(np.unique(page.pixels(figure).reshape(-1, 3), axis=0)) > 20
    folder = os.environ.get("PCHP_PICTURES_TO")
    if folder:
        page.page.set_viewport_size({"width": 1280, "height": 1500})
        page.settle()
        page.page.screenshot(path=Path(folder) / "AdhesionPanel.png")
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "2.02 (1.91 to 2.13)" in text
    assert "cohesive failure, inside the film" in text
    low, high = page.python("panel.span")
    before = page.python("panel.grouped()['mean'].values.tolist()")
    x, y = place_of(page, high)
    target, _ = place_of(page, 150.0)
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    for share in (0.25, 0.5, 0.75, 1.0):
        page.page.mouse.move(x + share * (target - x), y)
    page.page.mouse.up()
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
    page.page.locator("select[multiple]").select_option("PCHP · PCHP")
    page.wait_in_python("panel.shown == ('PCHP',)")
    page.wait_in_bokeh("root.children[1].children.length === 1")
    assert page.python("panel.status") == ""
