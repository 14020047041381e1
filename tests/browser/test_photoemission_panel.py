"""The panel of photoemission in a real page: drawn, and fitted anew while its window is dragged."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

MAKE = """
from pchp_widgets import PhotoemissionPanel
from pchp_widgets.io.synthetic.photoemission import layers
"""
PANEL = "panel = PhotoemissionPanel(layers(), window=(281.5, 294.5))"
SPECTRA, RESIDUALS = "shown.children[0].children[0]", "shown.children[1].children[0]"
BOX = f"{SPECTRA}.center.find((one) => one.type === 'BoxAnnotation')"


def drag(page, start, stop):
    """From one binding energy to another."""
    page.drag(page.place(SPECTRA, start, down=0.6), page.place(SPECTRA, stop, down=0.6))


def test_dragging_an_edge_and_the_whole_window_fits_anew(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 5
    page.keep_picture()
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
