"""The panel of isotherms in a real page: drawn, and following the bands that are dragged."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.browser

MAKE = """
import numpy as np
from pchp_widgets import SorptionPanel
from pchp_widgets.io.synthetic.sorption import Layered, Run, cross_linked, isotherm

run = Run(np.geomspace(1e-4, 0.9, 80))
"""
NITROGEN = "panel = SorptionPanel([isotherm(Layered(4.0 - at), run, name=f'N2-{at}') for at in range(3)])"
FIGURES = {
    "isotherm": (0, "root.children[0].children[0]"),
    "dubinin": (1, "root.children[0].children[1]"),
    "bet": (2, "root.children[1].children[0]"),
    "rouquerol": (3, "root.children[1].children[1]"),
}
BAND = "{figure}.center.find((one) => one.type === 'BoxAnnotation')"
RIGHT_BORDER = 5


def middle_of_band(page, name):
    """Place of the middle of the band on the page, and how many pixels one unit of the axis takes."""
    at, figure = FIGURES[name]
    box = BAND.format(figure=figure)
    ends = f"[{box}.left, {box}.right, {figure}.x_range.start, {figure}.x_range.end, {figure}.inner_width]"
    left, right, start, end, width = page.in_bokeh(ends)
    canvas = page.page.locator(".bk-Canvas").nth(at)
    canvas.scroll_into_view_if_needed()
    frame = canvas.bounding_box()
    begin = frame["x"] + frame["width"] - width - RIGHT_BORDER
    x = begin + ((left + right) / 2 - start) / (end - start) * width
    return x, frame["y"] + 0.6 * frame["height"], width / (end - start)


def drag_band(page, name, by):
    """Move the whole band of a figure by some units of its axis, in a few steps."""
    x, y, scale = middle_of_band(page, name)
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    for share in (0.25, 0.5, 0.75, 1.0):
        page.page.mouse.move(x + share * by * scale, y)
    page.page.mouse.up()


def pictured(page):
    for figure in range(4):
        assert len(np.unique(page.pixels(figure).reshape(-1, 3), axis=0)) > 20
    folder = os.environ.get("PCHP_PICTURES_TO")
    if folder:
        page.page.wait_for_timeout(800)
        page.page.screenshot(path=Path(folder) / "SorptionPanel.png", full_page=True)


def test_dragging_the_band_moves_the_fit_the_other_figures_and_the_lights(run_cells):
    page = run_cells(MAKE, NITROGEN, "panel")
    page.wait_painted()
    pictured(page)
    lights = page.page.locator("table.pchp-lights")
    assert lights.inner_text().count("passed") == 12
    low, high = page.python("panel.span")
    line = f"{FIGURES['bet'][1]}.renderers[1].data_source.data.xs[0][1]"
    before = page.in_bokeh(line)
    drag_band(page, "bet", 0.2)
    page.wait_in_python(f"panel.window and panel.window[0] > {low} + 0.1")
    page.wait_in_bokeh(f"{line} > {before} + 0.1")
    lights.get_by_text("failed").first.wait_for()
    for name in ("isotherm", "rouquerol"):
        page.wait_in_bokeh(f"{BAND.format(figure=FIGURES[name][1])}.left > {low} + 0.1")
    page.page.get_by_role("button", name="suggested ranges").click()
    page.wait_in_python("panel.window == ()")
    page.wait_in_bokeh(f"Math.abs({BAND.format(figure=FIGURES['bet'][1])}.right - {high}) < 1e-6")


def test_dragging_the_band_of_dubinin_moves_the_volume_and_nothing_else(run_cells):
    page = run_cells(MAKE, "panel = SorptionPanel(cross_linked(), reference='PCH')", "panel")
    page.wait_painted()
    area = page.python("float(panel.areas()['area'].values[0])")
    drag_band(page, "dubinin", 2.0)
    page.wait_in_python("panel.micropores")
    page.settle()
    assert page.python("panel.window") == ()
    assert page.python("float(panel.areas()['area'].values[0])") == area
    assert page.python("float(panel.volumes()['window_high'].values[0])") < 0.02
    page.page.get_by_text("reference", exact=True).first.wait_for()
    page.page.locator(".jp-OutputArea-output").get_by_text("apparent").first.wait_for()
