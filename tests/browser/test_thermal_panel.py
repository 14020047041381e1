"""`ThermalPanel` in a real page: it is drawn, windows are dragged with the mouse, and the numbers follow in time."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SETUP = """
from pchp_widgets import ThermalPanel
from pchp_widgets.io.synthetic.thermal import thermal_study
"""
PANEL = "panel = ThermalPanel(thermal_study(), window=(40, 78), glass=(85, 150))"
CURVES = "shown.children[0].children[0]"
MELTING, GLASS = (f"{CURVES}.center.find((one) => one.name === '{name}')" for name in ("window", "glass"))


def drag(page, start, stop):
    """From one temperature to another, at a height where there is nothing else to grasp."""
    page.drag(page.place(CURVES, start, down=0.45), page.place(CURVES, stop, down=0.45))


def test_both_windows_are_dragged_and_every_number_follows(run_cells):
    page = run_cells(SETUP, PANEL, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 5
    page.keep_picture()
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
