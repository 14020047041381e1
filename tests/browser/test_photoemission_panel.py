"""The panel of photoemission in a real page: drawn, and fitted anew while its window is dragged."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.browser

MAKE = """
from pchp_widgets import PhotoemissionPanel
from pchp_widgets.io.synthetic.photoemission import layers
"""
PANEL = "panel = PhotoemissionPanel(layers(), window=(281.5, 294.5))"
SPECTRA, RESIDUALS = "root.children[0].children[0]", "root.children[1].children[0]"
BOX = f"{SPECTRA}.center.find((one) => one.type === 'BoxAnnotation')"
LEFT_BORDER = 70


def place(page, energy):
    """Where a binding energy stands in the first figure on the page."""
    start, end, width = page.in_bokeh(f"[{SPECTRA}.x_range.start, {SPECTRA}.x_range.end, {SPECTRA}.inner_width]")
    canvas = page.page.locator(".bk-Canvas").nth(0)
    canvas.scroll_into_view_if_needed()
    frame = canvas.bounding_box()
    x = frame["x"] + LEFT_BORDER + (energy - start) / (end - start) * width
    return x, frame["y"] + 0.6 * frame["height"]


def drag(page, begin, end):
    """Press at one binding energy, move to another, and let go."""
    (x, y), (to, _) = place(page, begin), place(page, end)
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    for share in (0.25, 0.5, 0.75, 1.0):
        page.page.mouse.move(x + share * (to - x), y)
    page.page.mouse.up()


def pictured(page):
    for figure in range(5):
        assert len(np.unique(page.pixels(figure).reshape(-1, 3), axis=0)) > 20
    folder = os.environ.get("PCHP_PICTURES_TO")
    if folder:
        page.page.wait_for_timeout(800)
        page.page.screenshot(path=Path(folder) / "PhotoemissionPanel.png", full_page=True)


def test_dragging_an_edge_and_the_whole_window_fits_anew(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    pictured(page)
    text = page.page.locator(".jp-OutputArea-output").first.inner_text()
    assert re.search(r"4\d\s%, \d\d to \d\d\s%", text)
    assert "Li2CO3 (carbonate) lies under" in text
    ends = f"{RESIDUALS}.renderers[1].data_source.data.xs[0].length"
    before = page.in_bokeh(ends)
    drag(page, 294.5, 292.5)
    page.wait_in_python("abs(panel.window[1] - 292.5) < 0.2 and panel.window[0] == 281.5")
    page.wait_in_bokeh(f"{ends} < {before} - 15")
    drag(page, 288.0, 288.6)
    page.wait_in_python("panel.window[0] > 281.8 and panel.window[1] > 292.9")
    assert page.python("panel.status") == ""
    assert page.python("float(panel.found()['lithiated_fraction'][1])") == pytest.approx(0.45, abs=0.06)


def test_another_region_changes_the_figures_and_comes_back(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    page.page.get_by_label("region", exact=True).select_option("Li 1s")
    page.wait_in_python("panel.region == 'Li 1s'")
    page.page.get_by_text("C–O–Li").first.wait_for()
    page.wait_in_bokeh(f"Math.abs({BOX}.right - 50) < 2")
    page.page.get_by_label("region", exact=True).select_option("C 1s")
    page.page.locator(".jp-OutputArea-output").get_by_text("COOLi of acid").first.wait_for()
