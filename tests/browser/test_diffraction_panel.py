"""The panel of diffraction patterns in a real page: it is drawn, and the fits follow the window that is dragged."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

MAKE = """
from pchp_widgets import DiffractionPanel
from pchp_widgets.io.synthetic.diffraction import patterns
"""
PANEL = "panel = DiffractionPanel(patterns())"
PATTERN, RESIDUALS, DISTANCES = (f"shown.children[{at}].children[0]" for at in range(3))
BAND = f"{PATTERN}.center.find((one) => one.type === 'BoxAnnotation')"
FIT = f"{PATTERN}.renderers[4].data_source.data"


def drag(page, start, stop):
    """From one angle to another, at a height where there is nothing else to grasp."""
    page.drag(page.place(PATTERN, start, down=0.2), page.place(PATTERN, stop, down=0.2))


def test_the_edge_of_the_window_is_dragged_and_every_figure_follows(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 3
    page.keep_picture()
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "the choice of the background moves d" in text
    before = page.python("panel.summary()['spacing'].values[0].tolist()")
    drag(page, 70.0, 52.0)
    page.wait_in_python("panel.window and 51 < panel.window[1] < 53 and panel.window[0] == 10")
    page.wait_in_bokeh(f"Math.max(...{FIT}.xs[0].filter(Number.isFinite)) < 53.1")
    page.settle()
    after = page.python("panel.summary()['spacing'].values[0].tolist()")
    assert after != before
    shown = page.page.locator(".jp-OutputArea-output").inner_text()
    assert f"{after[0]:.3f} ±" in shown


def test_the_window_is_moved_as_a_whole_and_the_kernel_moves_it_back(run_cells):
    page = run_cells(MAKE, "panel = DiffractionPanel(patterns(), window=(11, 60), count=3)", "panel")
    page.wait_painted()
    drag(page, 35.0, 40.0)
    page.wait_in_python("abs(panel.window[0] - 16) < 0.3 and abs(panel.window[1] - 65) < 0.3")
    page.settle()
    assert page.python("panel.status") == ""
    page.python("None", "panel.window = ()")
    page.wait_in_bokeh(f"{BAND}.left === 10 && Math.abs({BAND}.right - 70) < 1e-6")
    assert page.python("panel.window") == ()
