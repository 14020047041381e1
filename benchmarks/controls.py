"""From a key on any control of any panel to the new picture, on a cell of 1,000 cycles.

``python benchmarks/controls.py`` prints medians, ``-k CyclingPanel`` those of one panel.

Every control is used in turn: sliders, lists, toggle buttons, boxes, and ranges that are dragged in a figure.
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
PRESSES, PATIENCE = 12, 1500
TABLE = Table(
    "Every control of every panel in a browser",
    "From a key, a choice or a small move of the mouse in JupyterLab with Chromium to the animation frame after the "
    "new picture is drawn, on a cell of 1,000 cycles, or the samples of a study of a material. A control that "
    "changed nothing on the screen is named, not timed. There is no peer.",
    ("panel", "control", "median", "slowest", "times"),
)
AGED = """
from pchp_widgets.io.synthetic.full import ageing_recipe, full_cell, full_state
from pchp_widgets.io.synthetic.full_designs import DESIGNS
design = DESIGNS["LFP-PCHP"]
points = full_cell(design, full_state(design, 1000), ageing_recipe(2.0, 1000, 0.3)).points
"""
DEMO = f"""
from pathlib import Path
from pchp_widgets import open_cell
def demo(what):
    known = {{"area": "1.327 cm2", "coating_thickness": "8 um", "coated_faces": 2, "kind": "transport"}}
    files = sorted(Path({str(ROOT / "data" / "pchp-study" / "raw")!r}).glob(f"{{what}}-*"))
    return [open_cell(file, name=file.stem, coating=file.stem.split("-")[1], **known) for file in files]
"""
PANELS = {
    "SymmetricPanel": """
from pchp_widgets.io.synthetic.cells import Recipe, state, symmetric_cell
points = symmetric_cell(state("PCHP", 1000), Recipe(cycles=1000, points=61)).points
panel = SymmetricPanel(cell(points, "plating_first", "symmetric"))
""",
    "CyclingPanel": f"{AGED}panel = CyclingPanel(cell(points, 'charge_first', 'full'))",
    "RatePanel": """
from pchp_widgets.io.synthetic.full import full_cell, full_state, rate_recipe
from pchp_widgets.io.synthetic.full_designs import DESIGNS
design = DESIGNS["rate-PCHP"]
points = full_cell(design, full_state(design, 1000), rate_recipe(125)).points
panel = RatePanel(cell(points, "charge_first", "full"))
""",
    "InventoryPanel": f"{AGED}panel = InventoryPanel(cell(points, 'charge_first', 'full'))",
    "CoulombicPanel": """
from pchp_widgets.io.synthetic.li_cu import Copper, galvanostatic_cell
points = galvanostatic_cell(Copper(np.array([0.95, 0.98]), np.array([0.03])), cycles=1000).points
panel = CoulombicPanel(cell(points, "plating_first", "li_cu"))
""",
    "ImpedancePanel": """
from pchp_widgets.io.synthetic.impedance import known_spectra
many = known_spectra("lili", 1000).spectra  # each of another cell: more than a key has to do in earnest
columns = {name: many[name].values.swapaxes(0, 1) for name in ("z_real", "z_imag")}
place = {"cell": ["cell"], "spectrum": np.arange(1, 1001), "frequency": many["frequency"].values}
spectra = xr.Dataset({name: (("cell", "spectrum", "frequency"), values) for name, values in columns.items()}, place)
spectra["cycle"] = ("cell", "spectrum"), np.arange(1, 1001)[None]
panel = ImpedancePanel(xr.DataTree.from_dict({"spectra": spectra}, name="cell"))
""",
    "TransferencePanel": f"{DEMO}panel = TransferencePanel(demo('BV'))",
    "ConductivityPanel": f"{DEMO}panel = ConductivityPanel(demo('warm'))",
    **{
        f"{technique.capitalize()}Panel": (
            f"from pchp_widgets.io.synthetic import {technique} as made\n"
            f"panel = {technique.capitalize()}Panel({samples})"
        )
        for technique, samples in {
            "thermal": "made.thermal_study()",
            "diffraction": "made.patterns()",
            "sorption": "made.cross_linked()",
            "indentation": "[made.indented(made.Indent(tests=20))]",
            "photoemission": "made.layers()",
            "adhesion": "made.peel_study()",
            "composition": "made.composition_study()",
            "micrograph": "made.cross_section(camera=made.Camera(rows=768, columns=1024, pixel_size=0.02))",
        }.items()
    },
}
OPEN = """
import numpy as np, xarray as xr
from pchp_widgets import {name}
from pchp_widgets.model.cycles import steps

def cell(points, rule, kind):
    known = {{"coating": "PCHP", "kind": kind, "area": 1.327, "loading": 16.3, "lithium_thickness": 35.0,
             "nominal_capacity": 2.8}}
    coords = {{name: ("cell", [value]) for name, value in known.items()}}
    counted = steps(points, rule=rule, cell="cell", area=1.327, coords=coords)
    return xr.DataTree.from_dict({{"steps": counted, "points": points}}, name="cell")
"""
# Once armed by a change of any column, notes the drawing that follows it, and the frame after that.
WATCH = """
    const wait = (globalThis.wait = { armed: false, since: 0, shown: 0 });
    const arm = () => { wait.armed = wait.since > 0 && !wait.shown; };
    for (const model of doc._all_models.values())
        if (model.type === "ColumnDataSource") model.properties.data.change.connect(arm);
    for (const word of ["lineTo", "arc", "fillRect", "drawImage", "rect"]) {
        const draw = CanvasRenderingContext2D.prototype[word];
        CanvasRenderingContext2D.prototype[word] = function (...place) {
            if (wait.armed) {
                wait.armed = false;
                requestAnimationFrame(() => (wait.shown = performance.now()));
            }
            return draw.apply(this, place);
        };
    }
"""
TAKES_EFFECT = {"slider": "keydown", "buttons": "keydown", "select": "input", "input": "change"}
"""Event with which a control gives its value: a number does so when the key is let go."""
DRAGGED = """[...doc._all_models.values()].filter(({ type }) => type === "Plot").flatMap(({ id, center, x_range }) => {
    const across = (x) => (x - x_range.start) / (x_range.end - x_range.start), inside = (x) => x > 0.02 && x < 0.98;
    return center.filter((one) => one.type === "BoxAnnotation" && one.editable).flatMap(({ left, right, top }) => {
        const place = [right, (left + right) / 2].find((x) => inside(across(x)));
        return place === undefined ? [] : [[id, place, typeof top === "number" ? top : null]];
    }).slice(0, 1);
})"""
"""Where to grasp a range, at its right edge if that is in sight, or the end of a line: figure, x, and y of a line."""
GRASP, STEP = 12, 3  # pixels: a mouse that is held and hardly moves does not drag
CONTROLS = ".jp-OutputArea-output :is(.noUi-handle, select, .widget-toggle-buttons, input[type=number])"


@pytest.mark.parametrize("name", PANELS)
def test_controls(run_cells: Callable[..., Any], name: str) -> None:
    page = run_cells(OPEN.format(name=name), PANELS[name], "panel", alone=True)
    page.wait_painted()
    page.in_bokeh(f"(() => {{ {WATCH} }})()")
    for figure, *place in page.in_bokeh(DRAGGED):
        note(name, "drag in a figure", dragged(page, f"doc.get_model_by_id({figure!r})", *place))
    for place in range(page.page.locator(CONTROLS).count()):
        control = page.page.locator(CONTROLS).nth(place)
        if not control.is_visible():
            continue
        waits = [time for press in range(PRESSES) if (time := waited(page, control, press))]
        note(name, said(control), waits)


def note(panel: str, what: str, waits: list[float]) -> None:
    """A row with the median of some waits."""
    if waits:
        middle, worst = (duration(value / 1e3) for value in (statistics.median(waits), max(waits)))
        TABLE.row(panel, what, middle, worst, str(len(waits)))
    else:
        TABLE.row(panel, what, "changed nothing")


def dragged(page: Any, figure: str, at: float, height: float | None) -> list[float]:
    """Waits for each small move of what is grasped there."""
    x, y = page.place(figure, at, height, down=0.9)
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    page.page.mouse.move(x - GRASP, y)
    waits = [wait for press in range(PRESSES) if (wait := moved(page, x - GRASP - STEP * (1 + press % 6), y))]
    page.page.mouse.up()
    return waits


def moved(page: Any, x: float, y: float) -> float:
    """Milliseconds from a move of the mouse to the frame with what follows from it."""
    begin(page, "pointermove")
    page.page.mouse.move(x, y)
    return ended(page)


def said(control: Any) -> str:
    """What a control is called."""
    named = "*[self::label or contains(@class, 'widget-label')][normalize-space()]"
    few = "count(.//select | .//input[@type='number']) < 3"  # a box with more of them names none of them
    labels = control.locator(f"xpath=ancestor::*[contains(@class, 'hbox')][.//{named}][{few}][1]//{named}")
    label = labels.first.inner_text() if labels.count() else ""
    return f"{kind_of(control)} {label}".strip()


def kind_of(control: Any) -> str:
    """Slider, select, input or buttons."""
    name: str = control.evaluate("one => one.localName")
    return name if name != "div" else "slider" if "noUi" in control.get_attribute("class") else "buttons"


def act(page: Any, control: Any, press: int) -> None:
    """Give a control another value, by turns up and down."""
    kind, up = kind_of(control), press % 4 < 2
    if kind == "buttons":
        buttons = control.locator("button")
        buttons.nth((press + 1) % buttons.count()).focus()
        page.page.keyboard.press("Enter")
    elif kind == "select":
        control.select_option(index=(press + 1) % control.locator("option").count())
    else:
        control.focus()
        page.page.keyboard.press(("ArrowRight" if up else "ArrowLeft") if kind == "slider" else "ArrowUp")


def waited(page: Any, control: Any, press: int) -> float:
    """Milliseconds from a key or a choice to the frame with the new picture; 0 where none came."""
    begin(page, TAKES_EFFECT[kind_of(control)])
    act(page, control, press)
    return ended(page)


def begin(page: Any, event: str) -> None:
    """Take the time from the next event of this kind."""
    page.page.evaluate(
        """(event) => {
            Object.assign(wait, { armed: false, since: 0, shown: 0 });
            const note = ({ timeStamp }) => { wait.since ||= timeStamp; };
            addEventListener(event, note, { capture: true, once: true });
        }""",
        event,
    )


def ended(page: Any) -> float:
    """Milliseconds from that event to the frame with the new picture; 0 where none came."""
    try:
        page.page.wait_for_function("() => wait.shown", timeout=PATIENCE)
    except Exception:  # noqa: BLE001  a key that changes nothing is told apart by the time that passes
        return 0.0
    time: float = page.page.evaluate("() => wait.shown - wait.since")
    page.page.wait_for_timeout(250)
    return time


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("browser", "shared")]
    quiet = ["-q", "-s", "--no-header", "--no-summary", "-p", "no:cacheprovider"]
    sys.exit(pytest.main([*quiet, "-p", "conftest", f"--rootdir={ROOT}", *sys.argv[1:], __file__]))
