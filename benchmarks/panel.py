"""How long a user of the panel waits, seen in a real browser: ``python benchmarks/panel.py`` prints medians.

Three waits, each from the event in the page until the new picture is on the screen:

- start: "run all" with a fresh kernel until the traces of the demo study are drawn, all imports included;
- slider: a key on the cycle slider until the changed cycle is drawn, at one million points;
- zoom: a notch of the wheel on the trace until its new detail is drawn, at one million points.

"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from record import Table, duration

ROOT = Path(__file__).parents[1]
SLIDER_KEYS, ZOOM_NOTCHES, STARTS = 30, 24, 5
TABLE = Table(
    "The panel of symmetric cells in a browser",
    "Waits of a user in JupyterLab with Chromium, from the event in the page until the new picture is on the screen: "
    'from "run all" with a fresh kernel until the traces of the demo study are drawn, all imports included; from a key '
    "on the slider of cycles, and from a notch of the wheel on the trace, at a million points. Painted is the end of "
    "BokehJS's drawing, shown the animation frame after it, up to 17 ms later. There is no peer.",
    ("wait", "painted", "shown", "90 % within", "waits"),
)
MILLION = """
import xarray as xr
from pchp_widgets import SymmetricPanel
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
from pchp_widgets.model.cycles import steps
points = symmetric_cell(state("PCHP", 500), Recipe(points=1000)).points
tree = xr.DataTree.from_dict({"steps": steps(points, rule="plating_first"), "points": points}, name="cell")
panel = SymmetricPanel(tree)
"""
START = f"""
from pchp_widgets import SymmetricPanel, open_study
panel = SymmetricPanel(open_study({str(ROOT / "data" / "pchp-study")!r}))
"""
# Once armed, notes when the next drawing ended, and the frame that followed it.
WATCH = """() => {
    const wait = (globalThis.wait = { armed: false, since: 0, painted: 0, shown: 0, lines: 0, enough: 1 });
    const { lineTo } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.lineTo = function (...place) {
        if (wait.armed) {
            wait.painted = performance.now();
            if (++wait.lines === wait.enough) requestAnimationFrame(() => {
                wait.armed = false;
                wait.shown = performance.now();
            });
        }
        return lineTo.apply(this, place);
    };
    wait.result = () => wait.shown && [wait.painted - wait.since, wait.shown - wait.since];
}"""
# Armed from "run all" on, until the first thousand pieces of curves are drawn.
WATCH_START = f"""
    ({WATCH})();
    wait.enough = 1000;
    const attach = setInterval(() => {{
        if (!globalThis.jupyterapp) return;
        clearInterval(attach);
        jupyterapp.commands.commandExecuted.connect((_, {{ id }}) => {{
            if (id === "notebook:run-all-cells") Object.assign(wait, {{ since: performance.now(), armed: true }});
        }});
    }}, 5);
"""
# Armed when the columns of a curve change, that is, when Python has answered.
WATCH_CHANGE = """((figure, layer) => {
    figure.renderers[layer].data_source.properties.data.change.connect(() => {
        wait.armed = wait.since > 0 && !wait.shown;
    });
})"""

Wait = tuple[float, float]
started: list[Wait] = []


@pytest.mark.parametrize("attempt", range(STARTS))
def test_start(notebook_page: Any, run_cells: Callable[..., Any], attempt: int) -> None:
    notebook_page.page.add_init_script(WATCH_START)
    page = run_cells(START, "panel", alone=True)
    page.page.wait_for_function("() => wait.result()", timeout=60_000)
    started.append(page.page.evaluate("() => wait.result()"))
    if attempt == STARTS - 1:
        report('"run all" to first pixels', started)


def test_slider_and_zoom(run_cells: Callable[..., Any]) -> None:
    page = run_cells(MILLION, "panel", alone=True)
    page.wait_painted()
    page.page.evaluate(WATCH)
    page.in_bokeh(f"{WATCH_CHANGE}(shown.children[1].children[0], 0)")
    page.page.locator(".noUi-handle").focus()
    keys = [waited(page, "keydown", lambda: page.page.keyboard.press("ArrowRight")) for _ in range(SLIDER_KEYS)]
    report("slider key to new pixels, 1 M points", keys)
    page.in_bokeh(f"{WATCH_CHANGE}(shown.children[0].children[0], 1)")
    page.page.locator(".bk-Canvas").first.hover()
    notches = [waited(page, "wheel", lambda: page.page.mouse.wheel(0, -100)) for _ in range(ZOOM_NOTCHES)]
    report("zoom to refined pixels, 1 M points", notches)


def waited(page: Any, event: str, act: Callable[[], None]) -> Wait:
    """Milliseconds from an event to the end of the drawing it causes, and to the frame after it."""
    page.page.evaluate(
        """(event) => {
            Object.assign(wait, { armed: false, since: 0, shown: 0, lines: 0 });
            addEventListener(event, ({ timeStamp }) => (wait.since = timeStamp), { capture: true, once: true });
        }""",
        event,
    )
    act()
    page.page.wait_for_function("() => wait.result()")
    times: Wait = page.page.evaluate("() => wait.result()")
    page.page.wait_for_timeout(700)  # BokehJS draws once more when a gesture is over
    return times


def report(what: str, waits: list[Wait]) -> None:
    painted, shown = (statistics.median(column) for column in zip(*waits, strict=True))
    slowest = sorted(shown for _, shown in waits)[int(0.9 * len(waits))]
    TABLE.row(what, *(duration(value / 1e3) for value in (painted, shown, slowest)), str(len(waits)))


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("browser", "shared")]
    quiet = ["-q", "-s", "--no-header", "--no-summary", "-p", "no:cacheprovider"]
    sys.exit(pytest.main([*quiet, "-p", "conftest", f"--rootdir={ROOT}", __file__]))
