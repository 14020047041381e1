"""The panel of isotherms in a real page: drawn, and following the bands that are dragged."""

from __future__ import annotations

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
    "isotherm": "shown.children[0].children[0]",
    "dubinin": "shown.children[0].children[1]",
    "bet": "shown.children[1].children[0]",
    "rouquerol": "shown.children[1].children[1]",
}
BAND = "{figure}.center.find((one) => one.type === 'BoxAnnotation')"


def drag_band(page, name, by):
    """Move the whole band of a figure by some units of its axis."""
    figure = FIGURES[name]
    box = BAND.format(figure=figure)
    middle = page.in_bokeh(f"({box}.left + {box}.right) / 2")
    page.drag(page.place(figure, middle, down=0.6), page.place(figure, middle + by, down=0.6))


def test_dragging_the_band_moves_the_fit_the_other_figures_and_the_lights(run_cells):
    page = run_cells(MAKE, NITROGEN, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 4
    page.keep_picture()
    lights = page.page.locator("table.pchp-lights")
    assert lights.inner_text().count("passed") == 12
    low, high = page.python("panel.span")
    line = f"{FIGURES['bet']}.renderers[1].data_source.data.xs[0][1]"
    before = page.in_bokeh(line)
    drag_band(page, "bet", 0.2)
    page.wait_in_python(f"panel.window and panel.window[0] > {low} + 0.1")
    page.wait_in_bokeh(f"{line} > {before} + 0.1")
    lights.get_by_text("failed").first.wait_for()
    for name in ("isotherm", "rouquerol"):
        page.wait_in_bokeh(f"{BAND.format(figure=FIGURES[name])}.left > {low} + 0.1")
    page.page.get_by_role("button", name="suggested ranges").click()
    page.wait_in_python("panel.window == ()")
    page.wait_in_bokeh(f"Math.abs({BAND.format(figure=FIGURES['bet'])}.right - {high}) < 1e-6")


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


@pytest.mark.parametrize("width", [800, 1280])
def test_long_names_stand_whole_in_the_list(run_cells, width):
    long = "2024-01-12_PCHP_cross-linked_with_PEGDE_degassed_at_80_degC_for_12_h_batch07_replicate-"
    parts = f"[isotherm(Layered(4.0 + at), run, name='{long}' + str(at)) for at in range(3)]"
    page = run_cells(MAKE, f"panel = SorptionPanel({parts})", "panel", alone=True)
    page.page.set_viewport_size({"width": width, "height": 1100})
    page.wait_painted()
    page.settle()
    page.keep_picture()
    names = page.page.locator("select[multiple]")
    said = names.locator("option").all_inner_texts()
    assert [text.split()[0] for text in said] == [f"{long}{n}" for n in range(3)]
    clipped = "e => [e, ...e.options].some((one) => one.scrollWidth > one.offsetWidth)"
    assert not names.evaluate(clipped)
    assert names.evaluate("e => e.getBoundingClientRect().right <= window.innerWidth")
