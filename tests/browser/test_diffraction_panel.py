"""The panel of diffraction patterns in a real page: it is drawn, and the fits follow the window that is dragged."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.browser

MAKE = """
from pchp_widgets import DiffractionPanel
from pchp_widgets.io.synthetic.diffraction import patterns
"""
PANEL = "panel = DiffractionPanel(patterns())"
PATTERN, RESIDUALS, DISTANCES = (f"root.children[{at}].children[0]" for at in range(3))
BAND = f"{PATTERN}.center.find((one) => one.type === 'BoxAnnotation')"
FIT = f"{PATTERN}.renderers[4].data_source.data"
FRAME = f"""(() => {{
    const view = doc.views_manager.find_one({PATTERN}), page = view.el.getBoundingClientRect(), frame = view.frame.bbox;
    const {{start, end}} = {PATTERN}.x_range;
    return [page.x + frame.left, page.y + frame.top, frame.width, frame.height, start, end];
}})()"""


def place_of(page, angle):
    """Place of an angle on the page, at a height where there is nothing else to grasp."""
    page.page.locator(".bk-Canvas").first.scroll_into_view_if_needed()
    left, top, width, height, start, end = page.in_bokeh(FRAME)
    return left + (angle - start) / (end - start) * width, top + 0.2 * height


def test_the_edge_of_the_window_is_dragged_and_every_figure_follows(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    for figure in range(3):
        assert len(np.unique(page.pixels(figure).reshape(-1, 3), axis=0)) > 20
    folder = os.environ.get("PCHP_PICTURES_TO")
    if folder:
        page.page.set_viewport_size({"width": 1280, "height": 1800})
        page.settle()
        page.page.screenshot(path=Path(folder) / "DiffractionPanel.png")
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "the choice of the background moves d" in text
    before = page.python("panel.summary()['spacing'].values[0].tolist()")
    x, y = place_of(page, 70.0)
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    target, _ = place_of(page, 52.0)
    for share in (0.25, 0.5, 0.75, 1.0):
        page.page.mouse.move(x + share * (target - x), y)
    page.page.mouse.up()
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
    x, y = place_of(page, 35.0)
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    target, _ = place_of(page, 40.0)
    page.page.mouse.move(target, y, steps=5)
    page.page.mouse.up()
    page.wait_in_python("abs(panel.window[0] - 16) < 0.3 and abs(panel.window[1] - 65) < 0.3")
    page.settle()
    assert page.python("panel.status") == ""
    page.python("None", "panel.window = ()")
    page.wait_in_bokeh(f"{BAND}.left === 10 && Math.abs({BAND}.right - 70) < 1e-6")
    assert page.python("panel.window") == ()
