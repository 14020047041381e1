"""The panel of micrographs in a real page: the picture is drawn, zoomed in its own detail, and the line is dragged."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.browser

MAKE = """
from pchp_widgets import MicrographPanel
from pchp_widgets.io.synthetic.micrograph import micrograph_study
"""
PANEL = "panel = MicrographPanel(micrograph_study())"
PHOTO, HISTOGRAM = (
    f"[...doc.views_manager.query((view) => view.model.type === 'Plot' && view.el.offsetParent)][{at}].model"
    for at in range(2)
)


def test_the_line_across_a_coating_is_dragged_and_the_thickness_follows(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    for figure in range(3):
        assert len(np.unique(page.pixels(figure).reshape(-1, 3), axis=0)) > 20
    page.keep_picture("-thickness")
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "5.89 µm (5.70 to 6.10)" in text
    line = page.python("panel.pictured.on_axes('PCH', panel._drawn_line('PCH'), 0.05)")
    page.drag(page.place(PHOTO, *line[:2]), page.place(PHOTO, line[0] - 4, line[1] + 0.5))
    page.wait_in_python("'PCH' in panel.across")
    page.settle()
    moved = page.python("panel.pictured.on_axes('PCH', panel.across['PCH'], 0.05)")
    np.testing.assert_allclose(moved, [line[0] - 4, line[1] + 0.5, *line[2:]], atol=0.2)
    assert page.python("panel.status") == ""
    page.page.get_by_role("button", name="line as suggested").click()
    page.wait_in_python("panel.across == {}")


def test_a_zoom_brings_the_detail_of_the_picture(run_cells):
    page = run_cells(
        MAKE,
        "from pchp_widgets.io.synthetic.micrograph import Camera, cross_section",
        "panel = MicrographPanel(cross_section(camera=Camera(rows=1536, columns=2048, pixel_size=0.0125)))",
        "panel",
    )
    page.wait_painted()
    assert page.python("panel.result.data['section']['seen'].grey.shape") == (384, 512)
    page.page.mouse.move(*page.place(PHOTO, 12.0, 9.0))
    for _ in range(8):
        page.page.mouse.wheel(0, -240)
    page.wait_in_python("len(panel.frame) == 4")
    page.wait_in_python("panel.result.data['section']['seen'].x[1] - panel.result.data['section']['seen'].x[0] < 0.03")
    page.settle()
    left, bottom, right, top = page.python("panel.frame")
    assert left < 12.0 < right
    assert bottom < 9.0 < top


def test_the_band_of_thresholds_is_dragged_and_the_scale_is_compared(run_cells):
    page = run_cells(MAKE, PANEL, "panel")
    page.wait_painted()
    page.page.get_by_role("button", name="pores").click()
    page.wait_in_python("panel.view == 'pores'")
    page.wait_painted()
    page.settle()
    page.keep_picture("-pores")
    before = page.python("panel.pores()['pore_fraction'].values.tolist()")
    page.drag(page.place(HISTOGRAM, 0.65, 0.93), page.place(HISTOGRAM, 0.9, 0.93))
    page.wait_in_python("panel.window and abs(panel.window[1] - 0.9) < 0.03 and abs(panel.window[0] - 0.35) < 1e-6")
    page.settle()
    assert all(np.array(page.python("panel.pores()['pore_fraction'].values.tolist()")) > before)
    page.page.get_by_role("button", name="scale").click()
    page.wait_in_python("panel.view == 'scale'")
    page.settle()
    page.page.get_by_label("line (µm)").fill("6")
    page.page.get_by_label("line (µm)").press("Enter")
    page.wait_in_python("panel.lengths == {'PCH': 6.0}")
    page.page.get_by_text("one of them is wrong").first.wait_for()
    page.keep_picture("-scale")
