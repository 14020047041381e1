"""The panel of composition in a real page: it is drawn, and everything follows the region that is dragged."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.browser

MAKE = """
from pchp_widgets import CompositionPanel
from pchp_widgets.io.synthetic.composition import composition_study
"""
PANEL = "panel = CompositionPanel(composition_study())"
BAND = "[...doc._all_models.values()].find((one) => one.type === 'BoxAnnotation' && one.name === 'acid')"
SPECTRUM = f"[...doc._all_models.values()].find((one) => one.center?.includes({BAND}))"


def test_a_region_is_dragged_and_conversion_and_stoichiometry_follow(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    for figure in range(5):
        assert len(np.unique(page.pixels(figure).reshape(-1, 3), axis=0)) > 20
    page.keep_picture()
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert page.python("panel.lines()[2].values[0]") in text
    assert "below" in text
    low, high = page.python("panel.regions()['acid']")
    before = page.python("panel.conversion()['nmr'].values.tolist()")
    page.drag(page.place(SPECTRUM, low, down=0.6), page.place(SPECTRUM, 13.2, down=0.6))
    page.wait_in_python(f"panel.acid and 13.1 < panel.acid[0] < 13.3 and abs(panel.acid[1] - {high}) < 1e-6")
    page.settle()
    after = page.python("panel.conversion()['nmr'].values.tolist()")
    assert after[2] < 0.7 * before[2]
    page.page.get_by_text("there is no joint number").first.wait_for()
    page.page.get_by_role("button", name="usual regions").click()
    page.wait_in_python("panel.acid == ()")
    page.wait_in_bokeh(f"Math.abs({BAND}.right - {low}) < 1e-6")


def test_another_group_is_sought_and_samples_are_taken_away(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    boxes = page.page.locator(".jp-OutputArea-output select:not([multiple])")
    boxes.nth(2).select_option("amide (1H)")
    page.wait_in_python("panel.group == 'amide'")
    page.page.get_by_text("CONH2, the step between nitrile and acid").first.wait_for()
    page.page.locator("select[multiple]").select_option("PCH EA · PCH")
    page.wait_in_python("panel.shown == ('PCH EA',)")
    page.settle()
    assert page.figures_drawn() == len(page.python("list(panel.figures)"))  # empty ones say so and keep their place
    assert "No sample shown has a 1H spectrum" in page.python("panel.status")
