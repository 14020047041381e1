"""The panels of transference and of coating conductivity in a real page: drawn, and following controls and clicks."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

RAW = Path(__file__).parents[2] / "data" / "pchp-study" / "raw"
OPEN = f"""
from pathlib import Path
import pchp_widgets as pchp

def cells(what, *numbers):
    known = {{"area": "1.327 cm2", "coating_thickness": "8 um", "coated_faces": 2, "kind": "transport"}}
    files = sorted(Path({str(RAW)!r}).glob(f"{{what}}-*"))
    return [
        pchp.open_cell(file, name=file.stem, coating=file.stem.split("-")[1], **known)
        for file in files
        if int(file.stem[-1]) in numbers
    ]
"""


def test_a_choice_of_the_initial_current_is_followed_everywhere(run_cells):
    page = run_cells(OPEN, "panel = pchp.TransferencePanel(cells('BV', 1, 2, 3))", "panel")
    page.wait_painted()
    assert page.figures_drawn() == 4
    page.keep_picture()
    assert page.python("panel.status") == ""
    page.page.get_by_text("0.734", exact=True).first.wait_for()
    page.page.locator(".jp-OutputArea-output select").nth(2).select_option("extrapolated")
    page.wait_in_python("panel.initial == 'extrapolated'")
    page.page.get_by_text("extrapolation of the first half").first.wait_for()
    page.page.locator(".jp-OutputArea-output select").nth(1).select_option("charge transfer only")
    page.wait_in_python("panel.counted == ('charge_transfer',)")
    page.page.get_by_text("What the numbers mean").click()
    page.page.locator("details[open] dd").first.wait_for()


def test_a_click_and_a_key_select_a_temperature(run_cells):
    page = run_cells(OPEN, "panel = pchp.ConductivityPanel(cells('warm', 1, 2, 3))", "panel")
    page.wait_painted()
    assert page.figures_drawn() == 3
    page.keep_picture()
    assert page.python("panel.temperature") == 25.0
    page.page.locator(".noUi-handle").first.focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_in_python("panel.temperature == 35.0")
    page.click(page.figure("series"), across=0.9)
    page.wait_in_python("panel.temperature > 50")
    page.page.get_by_text("54.9 °C").first.wait_for()
