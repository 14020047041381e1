"""`IndentationPanel` in a real page: what a user sees, and what happens when a window is dragged."""

from __future__ import annotations

import statistics

import pytest

pytestmark = pytest.mark.browser

SAMPLES = """
from pchp_widgets import IndentationPanel
from pchp_widgets.io.synthetic.indentation import Indent, indented

samples = [
    indented(
        Indent(modulus=E, hardness=E / 18, tests=10, spread=0.03, depth_noise=0.3, continuous=name == "PCH"),
        seed=seed, name=name, material=name,
    )
    for seed, (name, E) in enumerate({"PCH": 3.46, "PCHP": 3.85, "PEO": 1.1}.items())
]
panel = IndentationPanel(samples)
"""
UNLOADING, DEPTH = (f"shown.children[{row}].children[{at}]" for row, at in ((0, 1), (1, 0)))
FIT = f"{UNLOADING}.renderers.find((one) => one.data_source.data.ys).data_source.data.ys[0][0]"
BAND = "{figure}.center.find((one) => one.type === 'BoxAnnotation')"
REFIT = """(async () => {{
    const box = {band}, spent = [];
    for (let step = 1; step <= 15; step++) {{
        const before = {fit}, begin = performance.now();
        box.left = 0.3 + 0.01 * step;
        while ({fit} === before && performance.now() - begin < 5000) await new Promise((done) => setTimeout(done, 2));
        spent.push(performance.now() - begin);
    }}
    return spent;
}})()"""
"""Milliseconds from a window that moved to the fit that followed, one after the other."""


def drag_band(page, figure, by):
    """Move the whole band of a figure by some units of its axis."""
    box = BAND.format(figure=figure)
    middle = page.in_bokeh(f"({box}.left + {box}.right) / 2")
    page.drag(page.place(figure, middle, down=0.6), page.place(figure, middle + by, down=0.6))


def test_panel_is_drawn_with_its_controls_and_readout(run_cells):
    page = run_cells(SAMPLES, "panel")
    page.wait_painted()
    assert page.figures_drawn() == 4
    page.keep_picture()
    text = page.page.locator(".jp-OutputArea-output").inner_text()
    assert "E for ε, β, ν in use" in text
    assert "E less that of PCHP: -0." in text


def test_dragging_the_window_refits_every_indent(run_cells):
    page = run_cells(SAMPLES, "panel")
    page.wait_painted()
    before = page.in_bokeh(FIT)
    drag_band(page, UNLOADING, -0.2)
    page.wait_in_python("panel.window and panel.window[0] < 0.4")
    page.wait_in_bokeh(f"{FIT} !== {before}")
    page.page.get_by_role("button", name="usual window").click()
    page.wait_in_python("panel.window == ()")
    page.wait_in_bokeh(f"{BAND.format(figure=UNLOADING)}.left === 0.5")


def test_the_fit_follows_each_step_of_a_drag(run_cells):
    page = run_cells(SAMPLES, "panel")
    page.wait_painted()
    spent = page.in_bokeh(REFIT.format(band=BAND.format(figure=UNLOADING), fit=FIT))
    print(f"from drag to refit: median {statistics.median(spent):.0f} ms")  # noqa: T201
    assert len(spent) == 15
    assert max(spent) < 5000
    assert page.python("panel.window[0]") == pytest.approx(0.45)


def test_dragging_the_depths_changes_their_mean_and_nothing_else(run_cells):
    page = run_cells(SAMPLES, "panel.source = 'continuous'; panel")
    page.wait_painted()
    drag_band(page, DEPTH, -30.0)
    page.wait_in_python("panel.depths and panel.depths[1] < 1030")
    assert page.python("panel.window") == ()


def test_hardness_and_one_sample_are_a_click_away(run_cells):
    page = run_cells(SAMPLES, "panel")
    page.wait_painted()
    page.page.get_by_role("button", name="hardness", exact=True).click()
    page.wait_in_bokeh(f"{DEPTH}.left[0].axis_label.startsWith('hardness')")
    page.page.get_by_text("H less that of PCHP").first.wait_for()
    page.page.locator("select[multiple]").select_option("PEO")
    page.wait_in_python("panel.shown == ('PEO',)")
