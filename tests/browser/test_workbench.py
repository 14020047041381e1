"""The workbench in a real page: a tab draws when it is opened, and all share one selection; so in Voila."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "data" / "pchp-study"
PICTURE = ROOT / "docs" / "images" / "workbench.png"
COLOURS = 128
"""Of the picture: enough for text and a few curves, and a fifth of the bytes."""
BENCH = f"import pchp_widgets as pchp\nbench = pchp.Workbench({str(STUDY)!r})\nbench"
DIFFERS = "[one.check for one in panel.findings() if one.verdict == 'differs']"


def open_tab(page, name, title):
    """Click a tab, and wait until its panel, and no other, is drawn."""
    page.page.get_by_role("button", name=title, exact=True).click()
    page.wait_in_python(f"{name!r} in bench.panels")
    layout = page.python("panel.screen.layout.id", f"panel = bench.panels[{name!r}]")
    page.wait_in_bokeh(f"documents.length === 1 && root.id === {layout!r} && doc.is_idle")
    assert page.python("panel.status") == ""
    assert page.figures_drawn() == page.python("len(panel.figures)")


def chosen(page):
    return page.page.locator("select[multiple] option:checked").evaluate_all("(all) => all.map((one) => one.label)")


def test_tabs_draw_their_figures_and_share_what_is_selected(run_cells):
    page = run_cells(BENCH)
    page.page.get_by_text("not measured data").wait_for()
    open_tab(page, "symmetric", "Li||Li")
    assert len(chosen(page)) > 2
    page.page.locator("select[multiple]").select_option(index=3)
    page.wait_in_python("bench.selected == ('PCHP-1',)")
    page.page.locator(".noUi-handle").first.focus()
    page.page.keyboard.press("PageUp")
    page.wait_in_python("bench.cycle > 1")

    open_tab(page, "thermal", "DSC")
    page.page.locator("select[multiple]").select_option(index=1)
    page.wait_in_python("bench.selected == ('PCHP-1', 'PCHP')")
    open_tab(page, "sorption", "sorption")
    assert [one.replace("\xa0", " ") for one in chosen(page)] == ["PCHP"]
    open_tab(page, "symmetric", "Li||Li")
    assert [one.replace("\xa0", " ") for one in chosen(page)] == ["PCHP-1 · PCHP"]


def test_a_fact_that_is_changed_turns_a_verdict_of_the_audit(run_cells):
    page = run_cells(BENCH)
    open_tab(page, "audit", "audit")
    before = page.python(DIFFERS)
    page.page.get_by_label("what if").select_option(label="Li||Li bare: polarization")
    value = page.page.locator("input[type=number]")
    expect(value).to_have_value(re.compile("^40"))  # as it is, which Python says
    value.fill("400")
    value.press("Enter")
    page.wait_in_python(f"{DIFFERS} != {before!r}")
    assert set(page.python(DIFFERS)) - set(before) == {"impedance and polarization"}
    row = page.page.locator("tr", has_text="impedance and polarization").filter(has_text="Li||Li bare")
    row.filter(has_text="differs").wait_for()
    page.page.get_by_role("button", name="as it is").click()
    row.filter(has_text="agrees").wait_for()
    assert page.python(DIFFERS) == before


def test_voila_shows_the_workbench(voila):
    page = voila(BENCH)
    page.page.get_by_role("button", name="Li||Li", exact=True).click()
    page.wait_painted()
    assert page.figures_drawn() == 3


@pytest.mark.skipif(
    "PCHP_SCREENSHOTS" not in os.environ, reason="pictures of the documentation: set PCHP_SCREENSHOTS=1"
)
def test_picture_for_the_documentation(run_cells):
    page = run_cells(
        BENCH,
        "panel = bench.panel('symmetric')\npanel.shown = ('bare-1', 'PCHP-1')\npanel.cycle = 150",
        "bench.tab = 'symmetric'",
    )
    page.wait_painted()
    page.settle()
    shot = page.page.locator(".jp-OutputArea-output .widget-vbox").first.screenshot()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
