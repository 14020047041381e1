"""The workbench in a real page, and the picture of it in the documentation."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/images/workbench.png"
COLOURS = 128
"""Of the picture: enough for text and a few curves, and a fifth of the bytes."""
OPEN = f"""
from pchp_widgets import Workbench
bench = Workbench({str(ROOT / "data" / "pchp-study")!r})
"""


def test_a_tab_shows_the_panel_of_its_technique_and_the_notice_of_the_study(run_cells):
    page = run_cells(OPEN, "bench")
    page.page.get_by_text("not measured data").wait_for()
    page.page.get_by_role("button", name="Li||Li", exact=False).first.click()
    page.wait_painted()
    assert page.python("bench.tab") == "symmetric"
    assert page.figures_drawn() == page.python("len(bench.panel('symmetric').figures)")


@pytest.mark.skipif(
    "PCHP_SCREENSHOTS" not in os.environ, reason="pictures of the documentation: set PCHP_SCREENSHOTS=1"
)
def test_picture_for_the_documentation(run_cells):
    page = run_cells(
        f"{OPEN}panel = bench.panel('symmetric')\npanel.shown = ('bare-1', 'PCHP-1')\npanel.cycle = 150\n"
        "bench.tab = 'symmetric'",
        "bench",
    )
    page.wait_painted()
    page.page.wait_for_timeout(1000)
    shot = page.page.locator(".jp-OutputArea-output .widget-vbox").first.screenshot()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
