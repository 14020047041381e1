"""Every panel of cells in a real page: it is drawn, a key and a click select a cycle everywhere, its help unfolds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.browser

RAW = Path(__file__).parents[2] / "data" / "pchp-study" / "raw"
OPEN = f"""
from pathlib import Path
import pchp_widgets as pchp

def cell(file, **known):
    known = {{"area": "1.327 cm2", "coating": "bare" if "bare" in file else "PCHP", **known}}
    return pchp.open_cell(Path({str(RAW)!r}) / file, name=file.split(".")[0], **known)

copper = {{"kind": "li_cu"}}
full = {{"kind": "full", "loading": "16.3 mg cm-2", "nominal_capacity": "2.8 mA h cm-2", "lithium_thickness": "35 um"}}
"""
PANELS = {
    "symmetric": "panel = pchp.SymmetricPanel([cell('bare-1.mpr'), cell('PCHP-1.mpr')])",
    "cycling": "panel = pchp.CyclingPanel([cell('LFP-bare-1.mpr', **full), cell('LFP-PCHP-2.mpr', **full)])",
    "rate": "panel = pchp.RatePanel([cell('rate-bare-1.mpr', **full), cell('rate-PCHP-1.mpt', **full)])",
    "inventory": "panel = pchp.InventoryPanel([cell('LFP-bare-1.mpr', **full), cell('LFP-PCHP-2.mpr', **full)])",
    "coulombic": "panel = pchp.CoulombicPanel([cell('Cu-bare-1.mpr', **copper), cell('Cu-PCHP-3.mpr', **copper)])",
}
CLICKED = {"symmetric": 2, "cycling": 1, "rate": 0, "inventory": 0, "coulombic": 2}
"""The figure of each panel, by its place on the page, whose axis counts cycles."""


@pytest.mark.parametrize("technique", PANELS)
def test_a_key_and_a_click_select_the_cycle_everywhere(run_cells, technique):
    page = run_cells(OPEN, PANELS[technique], "panel")
    page.wait_painted()
    canvases = page.page.locator(".bk-Canvas")
    for figure in range(canvases.count()):
        assert len(np.unique(page.pixels(figure).reshape(-1, 3), axis=0)) > 20
    assert page.python("panel.status") == ""

    before = page.python("panel.cycle")
    page.page.locator(".noUi-handle").first.focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_in_python(f"panel.cycle == {before + 1}")

    clicked = canvases.nth(CLICKED[technique])
    clicked.scroll_into_view_if_needed()
    box = clicked.bounding_box()
    page.page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    page.wait_in_python(f"panel.cycle > {before + 1}")
    cycle = page.python("panel.cycle")
    page.page.wait_for_function(f"() => [...document.querySelectorAll('input')].some((one) => one.value === '{cycle}')")
    page.page.locator(f"text=/cycle {cycle}/").first.wait_for()

    page.page.get_by_text("What the numbers mean").click()
    page.page.locator("details[open] dd").first.wait_for()
