"""Widgets that panels have in common, and the box they stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from .code_button import CodeButton
from .status import in_words, status_html

if TYPE_CHECKING:
    from .base import Panel
    from .of_cells import CellsPanel, ShownPanel

_LABEL = {"description_width": "84px"}
_MANY_COATINGS = 8
_PICKER, _LETTER, _LINE = (280, 480), 7, 17
"""Least and greatest width of the list of cells, width of a letter and height of a line in it, in pixels."""

_NAMES_IN_VIEW, _ROWS = 7, (4, 12)
"""At most, in the list of cells; and its fewest and most lines, where names are so long that they take several."""

_WRAPPED = (
    "<style>.pchp-names option {white-space: normal; overflow-wrap: anywhere; padding-left: 1em; text-indent: -1em}"
    "</style>"
)
"""A name longer than the list is wide goes on in the next line: replicates differ at the end of their names."""
_ROW = {"flex_flow": "row wrap", "align_items": "center", "width": "100%"}


def panel_box(panel: Panel) -> ipywidgets.VBox:
    """A panel as it stands in a notebook: controls, status, figures, readouts."""
    status = ipywidgets.HTML()
    traitlets.dlink((panel, "status"), (status, "value"), status_html)
    parts = [*panel.controls(), status, panel.screen.pane, *panel.readouts(), *_help(panel), export_row(panel)]
    return ipywidgets.VBox(parts, layout={"width": "100%"})


def cell_controls(panel: CellsPanel, own: Sequence[ipywidgets.Widget], label: str = "cycle") -> list[ipywidgets.Widget]:
    """Which cells are shown and which cycle is selected, beside the controls that only this panel has."""
    cycle, slider = number_slider(panel, "cycle", label)

    def follow(_: object = None) -> None:
        numbers = panel.cells.cycle_numbers(panel.shown or panel.cells.names)
        with slider.hold_trait_notifications():
            slider.min, slider.max = int(numbers.min()), int(numbers.max())

    follow()
    panel.observe(follow, "result")
    return shown_controls(panel, [cycle, *own])


def shown_controls(panel: ShownPanel, own: Sequence[ipywidgets.Widget]) -> list[ipywidgets.Widget]:
    """Which cells are shown, beside the other controls of the panel."""
    which = [ipywidgets.VBox(own, layout={"flex": "1 1 440px"})]
    if len(panel.cells.names) > 1:
        names = {name: _called(name, look.coating) for name, look in panel.cells.looks.items()}
        which.insert(0, cell_picker(panel, names, _coatings(panel)))
    return [ipywidgets.HBox(which, layout={"flex_flow": "row wrap", "grid_gap": "4px 24px"})]


def _called(name: str, coating: str) -> str:
    """A name in the list, with the coating where that is another word."""
    return name if coating == name else f"{name} · {coating or '?'}"


def listed_cycles(panel: CellsPanel, label: str) -> ipywidgets.SelectionSlider:
    """A slider over those cycles alone that a cell shown has: spectra are taken every so many cycles."""
    slider = ipywidgets.SelectionSlider(
        options=[panel.cycle], description=label, style=_LABEL, layout={"width": "400px"}
    )
    busy = False

    def choose(change: dict[str, int]) -> None:
        if not busy:  # new options choose their first one: that is nobody's choice
            panel.cycle = change["new"]

    def follow(_: object = None) -> None:
        nonlocal busy
        numbers = panel.cells.cycle_numbers(panel.shown or panel.cells.names).tolist()
        busy = True
        try:
            if list(slider.options) != numbers:
                slider.options = numbers
            if panel.cycle in numbers:
                slider.value = panel.cycle
        finally:
            busy = False

    follow()
    slider.observe(choose, "value")
    panel.observe(follow, ["shown", "cycle"])
    return slider


def _coatings(panel: ShownPanel) -> dict[str, tuple[str, ...]]:
    """Cells by coating, where that says more than their names."""
    found: dict[str, tuple[str, ...]] = {}
    for name, look in panel.cells.looks.items():
        if look.coating:
            found[look.coating] = (*found.get(look.coating, ()), name)
    return found if 1 < len(found) < min(len(panel.cells.names), _MANY_COATINGS) else {}


def in_a_row(*widgets: ipywidgets.Widget) -> ipywidgets.HBox:
    """Widgets side by side, as far as there is room."""
    return ipywidgets.HBox(widgets, layout={"flex_flow": "row wrap"})


def cell_picker(panel: Panel, labels: Mapping[str, str], groups: Mapping[str, Sequence[str]]) -> ipywidgets.VBox:
    """A list to choose cells from, as the trait ``shown``, and buttons for all, none or one group of them.

    Parameters
    ----------
    panel
        The panel.
    labels
        What to call each cell, by its name.
    groups
        Names of cells that belong together, by what a button calls them.
    """
    lengths = [_LETTER * (len(label) + 2) for label in labels.values()]
    wide = min(max(*lengths, _PICKER[0]), _PICKER[1])
    lines = sum(ceil(length / wide) for length in lengths[:_NAMES_IN_VIEW])
    rows = min(max(lines, _ROWS[0]), _ROWS[1])
    chosen = ipywidgets.SelectMultiple(
        options=[(label, name) for name, label in labels.items()],
        rows=rows,
        # a browser reckons the height of a list by its highest row, which may be a name on several lines
        layout={"width": f"{wide}px", "max_width": "100%", "height": f"{_LINE * rows + 6}px"},
        tooltip="ctrl-click adds a cell or removes it, shift-click takes all in between",
    )
    chosen.add_class("pchp-names")
    traitlets.link((panel, "shown"), (chosen, "value"))
    choices = {"all": tuple(labels), "none": (), **groups}
    buttons = [_button(word, lambda names=names: setattr(panel, "shown", names)) for word, names in choices.items()]
    row = ipywidgets.HBox(buttons, layout={"flex_flow": "row wrap", "width": f"{wide}px", "max_width": "100%"})
    return ipywidgets.VBox([chosen, row, ipywidgets.HTML(_WRAPPED, layout={"display": "none"})])


def number_slider(panel: Panel, name: str, label: str) -> tuple[ipywidgets.HBox, ipywidgets.IntSlider]:
    """A slider with a box to type in, both for one integer trait; the slider is returned too, to set its limits."""
    value = getattr(panel, name)
    slider = ipywidgets.IntSlider(
        value, min=value, max=value, description=label, readout=False, style=_LABEL, layout={"width": "380px"}
    )
    box = ipywidgets.BoundedIntText(value, min=value, max=value, layout={"width": "80px"})
    for limit in ("min", "max"):
        traitlets.dlink((slider, limit), (box, limit))
    for widget in (slider, box):
        traitlets.link((panel, name), (widget, "value"))
    return ipywidgets.HBox([slider, box]), slider


def choice(
    panel: Panel, name: str, label: str, explained: Mapping[str, str], called: Mapping[str, str] | None = None
) -> tuple[ipywidgets.Dropdown, ipywidgets.HTML]:
    """A list of named options for one trait, and a line that explains the one chosen."""
    words = called or {}
    options = [(words.get(option, option.replace("_", " ")), option) for option in explained]
    chosen = ipywidgets.Dropdown(options=options, description=label, style=_LABEL, layout={"width": "260px"})
    traitlets.link((panel, name), (chosen, "value"))
    meaning = ipywidgets.HTML(layout={"margin": "0 0 0 92px"})
    traitlets.dlink((panel, name), (meaning, "value"), lambda option: _small(explained[option]))
    return chosen, meaning


def toggle(panel: Panel, name: str, label: str, options: Sequence[str], width: str = "68px") -> ipywidgets.HBox:
    """Buttons for the few values of one trait, each of that width."""
    buttons = ipywidgets.ToggleButtons(options=options, style={"button_width": width}, layout={"width": "auto"})
    traitlets.link((panel, name), (buttons, "value"))
    return ipywidgets.HBox([ipywidgets.Label(label), buttons])


def export_row(panel: Panel) -> ipywidgets.HBox:
    """Save what is shown under a name whose ending says how, and the Python that shows it again."""
    stem = type(panel).__name__.removesuffix("Panel").lower()
    target = ipywidgets.Combobox(
        value=f"{stem}.csv",
        options=[f"{stem}.{ending}" for ending in ("csv", "svg", "pdf", "png", "html")],
        tooltip="in the notebook's folder; the ending decides: csv, svg, pdf, png or html",
        layout={"width": "220px"},
    )
    said = ipywidgets.HTML()

    def save() -> None:
        try:
            written = panel.export(Path(target.value))
        except Exception as error:  # noqa: BLE001  a click has no traceback
            panel.error = error
            said.value = status_html(f"Not saved: {in_words(error)}")
        else:
            said.value = _small("saved " + ", ".join(path.name for path in written))

    return ipywidgets.HBox([target, _button("save", save), said, CodeButton(panel.to_code)], layout=_ROW)


def _help(panel: Panel) -> list[ipywidgets.Widget]:
    """What the numbers mean, folded up until someone asks."""
    if not panel.explained:
        return []
    rows = "".join(f"<dt><b>{escape(word)}</b></dt><dd>{escape(text)}</dd>" for word, text in panel.explained.items())
    style = "font-size:13px;line-height:1.4;color:var(--jp-ui-font-color1,#222)"
    summary = '<summary style="cursor:pointer">What the numbers mean</summary>'
    return [ipywidgets.HTML(f'<details style="{style}">{summary}<dl style="margin:4px 0">{rows}</dl></details>')]


def _button(word: str, act: Any) -> ipywidgets.Button:
    button = ipywidgets.Button(description=word, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button


def _small(text: str) -> str:
    return f'<span style="font-size:12px;line-height:1.3;color:var(--jp-ui-font-color2,#555)">{escape(text)}</span>'
