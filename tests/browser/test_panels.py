"""Every panel in a real page: it is drawn, its help unfolds; what is selected, a cycle or samples, is so everywhere."""

from __future__ import annotations

from pathlib import Path

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
CLICKED = {
    "symmetric": "polarization",
    "cycling": "capacity",
    "rate": "capacity",
    "inventory": "capacity",
    "coulombic": "efficiency",
}
"""The figure of each panel whose axis counts cycles."""


@pytest.mark.parametrize("technique", PANELS)
def test_a_key_and_a_click_select_the_cycle_everywhere(run_cells, technique):
    page = run_cells(OPEN, PANELS[technique], "panel")
    page.wait_painted()
    assert page.figures_drawn() == page.python("len(panel.figures)")
    assert page.python("panel.status") == ""

    before = page.python("panel.cycle")
    page.page.locator(".noUi-handle").first.focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_in_python(f"panel.cycle == {before + 1}")

    page.click(page.figure(CLICKED[technique]), across=0.6)
    page.wait_in_python(f"panel.cycle > {before + 1}")
    cycle = page.python("panel.cycle")
    page.page.wait_for_function(f"() => [...document.querySelectorAll('input')].some((one) => one.value === '{cycle}')")
    page.page.locator(f"text=/cycle {cycle}/").first.wait_for()

    page.page.get_by_text("What the numbers mean").click()
    page.page.locator("details[open] dd").first.wait_for()


SAMPLES = {
    "ThermalPanel": {"mass": "5.2 mg"},
    "DiffractionPanel": {"wavelength": "1.5406 angstrom"},
    "SorptionPanel": {},
    "PhotoemissionPanel": {},
    "IndentationPanel": {"poisson_ratio": "0.35"},
    "AdhesionPanel": {"width": "25 mm", "peel_angle": "180 degree", "failure_mode": "adhesive"},
}
"""Panels of samples, and what is to be said of their files."""


@pytest.mark.parametrize("panel", SAMPLES)
def test_samples_that_are_taken_away_leave_every_figure(run_cells, panel):
    technique = panel.removesuffix("Panel").lower()
    files = f"sorted(Path({str(RAW)!r}).glob('{technique}-*'))"
    known = f"technique={technique!r}, material=file.name.split('-')[1].split('.')[0], **{SAMPLES[panel]!r}"
    page = run_cells(
        "import warnings; warnings.simplefilter('ignore')  # what readers take for granted is said elsewhere",
        f"{OPEN}samples = [pchp.open_measurement(file, name=file.name.split('.')[0], {known}) for file in {files}]",
        f"panel = pchp.{panel}(samples)",
        "panel",
    )
    page.wait_painted()
    assert page.figures_drawn() == page.python("len(panel.figures)")
    assert page.python("panel.status") == ""

    there = page.python("list(panel.shown)")
    assert len(there) > 1
    page.page.locator("select[multiple]").select_option(index=1)
    page.wait_in_python(f"panel.shown == ({there[1]!r},)")
    page.settle()
    assert page.python("panel.status") == ""
    left = page.page.locator(".jp-OutputArea-output td[title]")
    assert {one.get_attribute("title") for one in left.all()} <= {there[1], there[1].split("-")[1]}

    page.page.get_by_text("What the numbers mean").click()
    page.page.locator("details[open] dd").first.wait_for()
