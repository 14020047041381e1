"""`ThermalPanel` in a real page: it is drawn, windows are dragged with the mouse, and the numbers follow in time."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.browser

SETUP = """
from pchp_widgets import ThermalPanel
from pchp_widgets.io.synthetic.thermal import thermal_study
"""
PANEL = "panel = ThermalPanel(thermal_study(), window=(40, 78), glass=(85, 150))"
CURVES = "root.children[0].children[0]"
MELTING, GLASS = (f"{CURVES}.center.find((one) => one.name === '{name}')" for name in ("window", "glass"))
RIGHT_BORDER = 5


def place_of(page, degrees):
    """Place of a temperature on the page, at a height where there is nothing else to grasp."""
    start, end, width = page.in_bokeh(f"[{CURVES}.x_range.start, {CURVES}.x_range.end, {CURVES}.inner_width]")
    canvas = page.page.locator(".bk-Canvas").first
    canvas.scroll_into_view_if_needed()
    frame = canvas.bounding_box()
    begin = frame["x"] + frame["width"] - width - RIGHT_BORDER
    return begin + (degrees - start) / (end - start) * width, frame["y"] + 0.45 * frame["height"]


def drag(page, start, stop):
    x, y = place_of(page, start)
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    target, _ = place_of(page, stop)
    page.page.mouse.move(target, y, steps=5)
    page.page.mouse.up()


def test_both_windows_are_dragged_and_every_number_follows(run_cells):
    page = run_cells(SETUP, PANEL, "panel")
    page.wait_painted()
    canvases = page.page.locator(".bk-Canvas")
    assert canvases.count() == 5
    for figure in range(canvases.count()):
        assert len(np.unique(page.pixels(figure).reshape(-1, 3), axis=0)) > 20
    folder = os.environ.get("PCHP_PICTURES_TO")
    if folder:
        page.page.set_viewport_size({"width": 1280, "height": 1800})
        page.settle()
        page.page.screenshot(path=Path(folder) / "ThermalPanel.png")
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "below 0." in text
    assert "72.0 %" in text
    drag(page, 45.0, 69.0)
    page.wait_in_python("abs(panel.window[0] - 64) < 0.6 and abs(panel.window[1] - 102) < 0.6")
    page.wait_in_bokeh(f"Math.abs({MELTING}.left - 64) < 0.6")
    drag(page, 130.0, 120.0)
    page.wait_in_python("abs(panel.glass[0] - 75) < 0.6 and abs(panel.glass[1] - 140) < 0.6")
    page.settle()
    assert page.python("panel.error") is None
    half_step = page.python("float(panel.transitions()['glass_temperature'].sel(sample='PCHP'))")
    assert abs(half_step - 112) < 2
    assert "72.0 %" not in page.page.locator(".jp-OutputArea-output").inner_text()
    page.page.get_by_text("What the numbers mean").click()
    page.page.locator("details[open] dd").first.wait_for()
