"""`BokehPane` in real pages: what is drawn, what reaches Python, and what does not happen."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.browser

FIGURE = """
import numpy as np
from bokeh.events import RangesUpdate
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, Div, Range1d
from bokeh.plotting import figure
from pchp_widgets.panels.pane import BokehPane

source = ColumnDataSource({"x": np.arange(100.0), "y": np.sin(np.arange(100) / 8)}, name="trace")
plot = figure(height=300, sizing_mode="stretch_width", x_range=Range1d(0, 99), title="voltage",
              tools="pan,xwheel_zoom,tap,xbox_select,reset", active_scroll="xwheel_zoom")
plot.scatter("x", "y", source=source, size=4)
zooms, moves, selections, sent = [], [], [], []
plot.on_event(RangesUpdate, lambda event: zooms.append((event.x0, event.x1)))
plot.x_range.on_change("start", lambda name, old, new: moves.append((plot.x_range.start, plot.x_range.end)))
source.selected.on_change("indices", lambda name, old, new: selections.append(new))
"""
PANE = "pane = BokehPane(plot)"
BUSY = """
import time
from pathlib import Path

def until_told(name, old, new):
    while not Path("go_on").exists():
        time.sleep(0.01)

plot.x_range.on_change("end", until_told)
"""
COUNT_PATCHES = """documents.forEach((doc) => {
    const apply = doc.apply_json_patch.bind(doc);
    doc.patches = 0;
    doc.apply_json_patch = (...patch) => { doc.patches += 1; apply(...patch); };
})"""
OVERDUE = """AbortSignal.timeout = () => {
    const over = new AbortController();
    queueMicrotask(() => over.abort());
    return over.signal;
}"""
X_RANGE = "[root.x_range.start, root.x_range.end]"
TRACE = "doc.get_model_by_name('trace')"
DATA = f"{TRACE}.data"


def wheel(page, view=0):
    canvas = page.page.locator(".bk-Canvas").nth(view)
    canvas.hover()
    place = None
    while place != (place := canvas.bounding_box()):  # the notebook may still scroll to it
        page.page.wait_for_timeout(100)
        canvas.hover()
    page.page.mouse.wheel(0, -100)


def drag(page, view=0, by=-200):
    box = page.page.locator(".bk-Canvas").nth(view).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    page.page.mouse.move(x + by, y, steps=20)
    page.page.mouse.up()


def set_theme(page, name):
    page.page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", name)


def test_figure_is_drawn_and_follows_the_width_of_the_window(run_cells):
    page = run_cells(FIGURE, PANE, "pane")
    page.wait_painted()
    picture = page.pixels()
    assert np.unique(picture.reshape(-1, 3), axis=0).shape[0] > 20
    assert picture.shape[1] > 1000
    page.page.set_viewport_size({"width": 800, "height": 1400})
    page.wait_in_bokeh("root.outer_width < 750 && root.outer_width > 500")
    assert page.pixels().shape[1] < 750


def test_figure_is_drawn_while_a_later_cell_still_runs(run_cells):
    page = run_cells(FIGURE, PANE, "pane", "import time; time.sleep(600)")
    page.wait_painted()
    page.interrupt()


def test_change_in_python_is_drawn_in_one_message_per_batch(run_cells):
    page = run_cells(FIGURE, PANE, "pane")
    page.wait_painted()
    before = page.pixels()
    page.in_bokeh(COUNT_PATCHES)
    page.python(
        "0",
        "with pane.batch():\n"
        "    source.data = {'x': np.arange(50.0), 'y': np.cos(np.arange(50))}\n"
        "    plot.x_range.update(start=0, end=49)\n"
        "    plot.title.text = 'another'\n",
    )
    page.wait_in_bokeh("root.title.text === 'another'")
    assert page.in_bokeh(f"[{DATA}.y.length, {DATA}.y[0], {DATA}.y instanceof Float64Array]") == [50, 1, True]
    assert page.in_bokeh(X_RANGE) == [0, 49]
    assert page.in_bokeh("doc.patches") == 1
    assert not np.array_equal(before, page.pixels())


def test_a_band_over_the_curves_ends_at_the_frame_when_it_reaches_out_of_the_zoom(run_cells):
    band = "strip = plot.vstrip(x0=[10], x1=[90], level='overlay', fill_color='black', fill_alpha=1)"
    page = run_cells(FIGURE + band, PANE, "pane")
    page.wait_painted()
    page.python("0", "plot.x_range.update(start=40, end=60)")
    page.wait_in_bokeh("root.x_range.start === 40")
    page.wait_painted()
    dark = (page.pixels().max(axis=-1) < 60).mean(axis=0)  # a share of each column of pixels
    assert dark[len(dark) // 2] > 0.7
    assert dark[:20].max() < 0.2


def test_words_go_with_their_rows_when_the_figure_is_laid_out_anew_too(run_cells):
    words = """
words = ColumnDataSource({"x": [20.0, 50.0, 80.0], "word": ["one", "two", "three"], "color": ["red", "green", "blue"]})
said = plot.text("x", 0, "word", text_color="color", source=words)
"""
    page = run_cells(FIGURE + words, PANE, "pane")
    page.wait_painted()
    page.python(
        "0",
        "with pane.batch():\n"
        "    words.data = {'x': [50.0], 'word': ['four'], 'color': ['black']}\n"
        "    plot.height = 350\n",
    )
    page.wait_in_bokeh("root.height === 350 && root.inner_height > 0")
    page.wait_painted()
    drawn = f"doc.views_manager.find_one(doc.get_model_by_id({page.python('said.id')!r})).glyph"
    assert page.in_bokeh(f"{drawn}.labels.map(({{ text }}) => text)") == ["four"]


def test_models_added_and_removed_in_python_come_and_go(run_cells):
    page = run_cells(FIGURE, PANE, "pane")
    page.wait_painted()
    page.python("0", "line = plot.line([0, 99], [1, 1], name='limit')")
    page.wait_in_bokeh("root.renderers.length === 2")
    page.python("0", "line.glyph.line_width = 5")
    page.wait_in_bokeh("root.renderers[1].glyph.line_width.value === 5")
    page.python("0", "plot.renderers = plot.renderers[:1]")
    page.wait_in_bokeh("root.renderers.length === 1")
    assert page.in_bokeh("documents.length") == 1


def test_zoom_reaches_python_once_with_both_ends_of_the_range(run_cells):
    page = run_cells(f"{FIGURE}plot.lod_timeout = 600_000", PANE, "pane")  # ms until BokehJS itself tells of a zoom
    page.wait_painted()
    wheel(page)
    page.wait_in_python("zooms")
    page.settle()
    assert page.in_bokeh("doc.interactive_duration()") == -1  # it has no late word of it left to tell
    (zoom,), (move,) = page.python("(zooms, moves)")
    assert 0 < zoom[0] < zoom[1] < 99
    assert zoom == move
    assert list(zoom) == page.in_bokeh(X_RANGE) == page.python("[plot.x_range.start, plot.x_range.end]")


def test_zooms_made_while_python_is_busy_arrive_as_the_newest(run_cells, lab):
    page = run_cells(FIGURE, PANE, BUSY, "pane")
    page.wait_painted()
    for _ in range(20):
        wheel(page)
    shown = None
    while shown != (shown := page.in_bokeh(X_RANGE)):
        page.page.wait_for_timeout(200)
    start, end = shown
    (lab.root / "go_on").touch()
    page.wait_in_python(f"moves and moves[-1] == ({start}, {end})")
    assert 1 < page.python("len(moves)") < 5


def test_selection_reaches_python_once(run_cells):
    page = run_cells(FIGURE, PANE, "pane")
    page.wait_painted()
    page.python("0", "plot.toolbar.active_drag = plot.tools[3]")
    page.wait_in_bokeh("root.toolbar.active_drag.type === 'BoxSelectTool'")
    drag(page)
    page.wait_in_python("selections")
    page.settle()
    (selection,) = page.python("selections")
    assert 10 < len(selection) < 30
    assert selection == page.python("source.selected.indices")


def test_columns_changed_in_the_browser_reach_python(run_cells):
    page = run_cells(FIGURE, PANE, "pane", "pane")
    page.wait_painted(2)
    page.in_bokeh(
        "doc.get_model_by_name('trace').setv({data: {x: new Float64Array([1, 2]), y: new Float32Array([3, 4])}})"
    )
    page.wait_in_python("len(source.data['x']) == 2")
    page.in_bokeh(f"{TRACE}.stream({{x: [5], y: [6]}})")
    page.in_bokeh(f"{TRACE}.patch({{y: [[0, 7]]}})")
    page.wait_in_python("source.data['y'][0] == 7")
    assert page.python("{name: list(map(float, column)) for name, column in source.data.items()}") == {
        "x": [1, 2, 5],
        "y": [7, 4, 6],
    }
    page.wait_in_bokeh(f"{DATA}.y.length === 3 && {DATA}.y[0] === 7", view=1)


def test_reloaded_page_shows_the_present_state(run_cells):
    page = run_cells(FIGURE, PANE, "pane")
    page.wait_painted()
    wheel(page)
    page.wait_in_python("zooms")
    page.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.python("0", "source.data = {'x': np.arange(7.0), 'y': np.arange(7.0)}")
    page.reload()
    page.wait_painted()
    assert page.in_bokeh(f"{DATA}.y.length") == 7
    assert page.in_bokeh(X_RANGE) == page.python("[plot.x_range.start, plot.x_range.end]")
    assert page.python("pane.views") == 1


def test_two_views_stay_in_step_without_echo(run_cells):
    page = run_cells(
        FIGURE, PANE, "pane", "import ipywidgets; ipywidgets.HBox([ipywidgets.Label('beside'), pane])", alone=True
    )
    page.wait_painted(2)
    page.settle()
    page.in_bokeh(COUNT_PATCHES)
    drag(page)
    page.wait_in_python("zooms")
    page.settle()
    assert page.python("len(zooms)") > 2
    dragged = page.in_bokeh(X_RANGE)
    assert dragged[0] > 10
    assert dragged == page.in_bokeh(X_RANGE, view=1) == page.python("[plot.x_range.start, plot.x_range.end]")
    assert page.in_bokeh("doc.patches") == 0
    assert page.in_bokeh("doc.patches", view=1) > 0
    page.settle()
    wheel(page, view=1)
    page.wait_in_bokeh(f"{X_RANGE}[0] !== {dragged[0]}")
    page.settle()
    assert page.in_bokeh(X_RANGE) == page.in_bokeh(X_RANGE, view=1)
    assert page.python("pane.views") == 2


def test_automatic_ranges_of_two_views_agree_and_come_to_rest(run_cells):
    page = run_cells(
        FIGURE,
        "auto = figure(height=200, sizing_mode='stretch_width', tools='ywheel_zoom', "
        "active_scroll='ywheel_zoom')\nauto.line('x', 'y', source=source)\npane = BokehPane(auto)",
        "pane",
        "import ipywidgets; ipywidgets.HBox([pane, ipywidgets.HTML('<p style=\"width: 300px\">')])",
    )
    y_range = "[root.y_range.start, root.y_range.end]"
    page.wait_painted(2)
    page.python("0", "source.data = {'x': np.arange(9.0), 'y': np.arange(9.0)}")
    page.wait_in_bokeh("root.y_range.end > 8", view=1)
    page.settle()
    wheel(page)
    page.wait_in_bokeh(f"{y_range}[1] < 8", view=1)
    page.settle()
    zoomed = page.in_bokeh(y_range)
    page.python("0", "source.data = {'x': np.arange(9.0), 'y': np.arange(9.0) / 2}")
    page.settle()
    page.in_bokeh(COUNT_PATCHES)
    page.settle()
    assert page.in_bokeh(y_range) == page.in_bokeh(y_range, view=1) == zoomed
    assert page.in_bokeh("documents.map((doc) => doc.patches)") == [0, 0]


def test_foreign_bokehjs_is_neither_used_nor_replaced(run_cells, notebook_page):
    notebook_page.page.add_init_script("window.Bokeh = Object.freeze({ __bokeh__: true, version: '2.4.3' });")
    page = run_cells(FIGURE, PANE, "pane", alone=True)
    page.wait_painted()
    assert page.page.evaluate("() => window.Bokeh.version") == "2.4.3"
    assert len(np.unique(page.pixels())) > 20


def test_page_without_bokehjs_stays_without_it(run_cells):
    page = run_cells(FIGURE, PANE, "pane")
    page.wait_painted()
    assert page.page.evaluate("() => typeof window.Bokeh") == "undefined"


def test_bokeh_widgets_are_drawn(run_cells):
    page = run_cells(FIGURE, "pane = BokehPane(column(Div(text='a heading'), plot, sizing_mode='stretch_width'))\npane")
    page.wait_painted()
    assert page.page.locator(".bk-clearfix", has_text="a heading").is_visible()


def test_dark_theme_is_readable_and_stays_in_the_page(run_cells):
    page = run_cells(FIGURE, PANE, "pane")
    page.wait_painted()
    light = page.pixels()
    set_theme(page, "JupyterLab Dark")
    page.wait_in_bokeh("root.background_fill_color !== '#ffffff'")
    page.settle()
    dark = page.pixels().astype(int)
    assert np.median(dark) < 40
    assert dark[:2].max() < 40, "remains of the light paper at the edge"
    title = dark[:25].max(axis=(0, 1))
    assert title.min() > 150
    page.python("0", "plot.title.text_color = '#444444'; plot.line([0, 9], [0, 0], line_color='black', name='black')")
    page.wait_in_bokeh("root.renderers.length === 2 && root.renderers[1].glyph.line_color.value !== 'black'")
    page.settle()
    assert page.python("(plot.background_fill_color, plot.title.text_color)") == ("#ffffff", "#444444")
    page.python("0", "plot.renderers.pop()")
    set_theme(page, "JupyterLab Light")
    page.wait_in_bokeh("root.background_fill_color === '#ffffff' && root.renderers.length === 1")
    page.settle()
    assert np.mean(light != page.pixels()) < 0.01


def test_replaced_figure_is_drawn_in_every_view(run_cells):
    page = run_cells(FIGURE, PANE, "pane", "pane")
    page.wait_painted(2)
    page.python(
        "0", "old, other = plot, figure(height=200, sizing_mode='stretch_width', title='other')\npane.replace(other)"
    )
    page.wait_in_bokeh("documents.every((doc) => doc.roots()[0].title.text === 'other')")
    page.wait_painted(2)
    page.python("0", "other.title.text = 'changed'; plot.title.text = 'unseen'")
    page.wait_in_bokeh("documents.every((doc) => doc.roots()[0].title.text === 'changed')")
    assert page.python("pane.views") == 2


def test_closed_view_ends_its_traffic(run_cells):
    page = run_cells(FIGURE, PANE, "pane", alone=True)
    page.wait_painted()
    page.python("0", "pane.send = lambda message, buffers=None: sent.append(message['kind'])")
    page.python("0", "plot.title.text = 'seen'")
    assert page.python("sent.count('patch')") == 1
    page.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_in_python("pane.views == 0")
    page.python("0", "plot.title.text = 'unseen'")
    assert page.python("sent.count('patch')") == 1
    assert page.in_bokeh("documents.length") == 0


def test_views_of_a_restarted_kernel_are_replaced_without_remains(run_cells):
    page = run_cells(FIGURE, PANE, "pane", "pane")
    page.wait_painted(2)
    page.page.evaluate(
        "async () => {"
        " const { sessionContext } = window.jupyterapp.shell.currentWidget; await sessionContext.restartKernel();"
        " window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
    )
    page.page.locator(".jp-InputPrompt", has_text="[4]").wait_for()
    page.wait_painted(2)
    page.wait_in_python("pane.views == 2")
    page.python("0", "pane.close()")
    page.wait_in_bokeh("documents.length === 0")


def test_view_that_python_lost_sight_of_recovers(run_cells):
    page = run_cells(FIGURE, PANE, "pane")
    page.wait_painted()
    page.python("0", "pane._views.clear(); plot.title.text = 'unseen'")
    wheel(page)
    page.wait_in_bokeh("root?.title.text === 'unseen'")
    assert page.python("pane.views") == 1


def test_failure_is_told_in_the_pane(run_cells):
    page = run_cells(
        FIGURE, "from bokeh.model import Model\nclass Unknown(Model): pass\npane = BokehPane(Unknown())\npane"
    )
    page.page.get_by_text("The figure could not be drawn").wait_for()
    assert "Unknown" in page.page.locator("pre", has_text="could not be drawn").inner_text()
    assert page.errors
    page.errors.clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_voila_shows_the_figure_and_zooms(voila, theme):
    page = voila(
        FIGURE, PANE, "plot.on_event(RangesUpdate, lambda event: plot.title.update(text='zoomed'))", "pane", theme=theme
    )
    page.wait_painted()
    paper = np.median(page.pixels(), axis=(0, 1))
    assert (paper < 40).all() if theme == "dark" else (paper > 250).all()
    wheel(page)
    page.wait_in_bokeh("root.title.text === 'zoomed'")


def test_a_pane_that_came_up_too_late_for_anywidget_follows_python(run_cells, notebook_page):
    notebook_page.page.add_init_script(OVERDUE)
    button = "from pchp_widgets.panels.code_button import CodeButton\nCodeButton(lambda: str(2 + 2) + ' in all')"
    page = run_cells(FIGURE, PANE, button, "pane", alone=True)
    page.wait_painted()
    page.python("0", "plot.title.text = 'heard'")
    page.wait_in_bokeh("root.title.text === 'heard'")
    page.page.get_by_text("copy as code").click()
    page.page.get_by_text("4 in all").wait_for()
    assert page.python("pane.views") == 1
