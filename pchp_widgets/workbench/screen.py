"""The workbench on the screen: a tab per technique, whose panel is made when the tab is first opened."""

from __future__ import annotations

import threading
from html import escape
from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..panels.status import in_words, status_html
from .bench import OVERVIEW

if TYPE_CHECKING:
    from .bench import Workbench

_WIDE = {"width": "auto"}


def bench_box(bench: Workbench) -> ipywidgets.VBox:
    """A button per technique and its panel; below them status, notes and the button for a report."""
    names = [OVERVIEW, *bench.tabs]
    places = [ipywidgets.VBox(layout=_WIDE) for _ in names]
    places[0].children = [_overview(bench)]
    titles = ["study", *(tab.title for tab in bench.tabs.values())]
    chosen = ipywidgets.ToggleButtons(
        options=[*zip(titles, names, strict=True)], value=bench.tab, style={"button_width": "auto"}, layout=_WIDE
    )
    shelf = ipywidgets.Stack(places, selected_index=names.index(bench.tab), layout=_WIDE)
    traitlets.link((bench, "tab"), (chosen, "value"))
    status = ipywidgets.HTML()
    traitlets.dlink((bench, "status"), (status, "value"), status_html)

    def opened(_: object = None) -> None:
        place = places[names.index(bench.tab)]
        if not place.children:
            place.children = [ipywidgets.HTML("opening …")]
            place.children = [_panel(bench, bench.tab)]

    def follow(_: object) -> None:
        shelf.selected_index = names.index(bench.tab)
        bench.status = ""
        opened()

    opened()
    bench.observe(follow, "tab")
    return ipywidgets.VBox([_heading(bench), chosen, shelf, status, _below(bench)], layout=_WIDE)


def _heading(bench: Workbench) -> ipywidgets.HTML:
    study = bench.study
    faint = "color:var(--jp-ui-font-color2,#555)"
    notice = f"<div style='{faint}'>{escape(study.notice)}</div>" if study.notice else ""
    said = f"<b>{escape(study.name)}</b> {escape(study.description)}{notice}"
    return ipywidgets.HTML(f"<div style='line-height:1.4;margin-bottom:4px'>{said}</div>", layout=_WIDE)


def _overview(bench: Workbench) -> ipywidgets.Widget:
    """What is in the study, and what could not be built."""
    rows = "".join(
        f"<tr><td style='padding-right:2em'>{escape(what)}</td><td>{escape(which)}</td></tr>"
        for what, which in bench.content()
    )
    problems = "".join(f"<li>{escape(text)}</li>" for text in bench.study.problems.values())
    missing = f"<p>Not built:</p><ul>{problems}</ul>" if problems else ""
    table = f"<table style='line-height:1.6;margin:8px 0'>{rows}</table>"
    return ipywidgets.HTML(f"{table}{missing}", layout=_WIDE)


def _panel(bench: Workbench, name: str) -> ipywidgets.Widget:
    """A panel, or why there is none."""
    try:
        made: ipywidgets.Widget = bench.panel(name).widget
    except (ValueError, LookupError) as error:
        return ipywidgets.HTML(f"<p>{escape(in_words(error))}</p>")
    return made


def _below(bench: Workbench) -> ipywidgets.Widget:
    """Notes and reports."""
    notes = ipywidgets.Textarea(
        bench.notes, placeholder="notes, kept in notes.md beside study.toml", layout={"width": "auto", "height": "4em"}
    )
    traitlets.link((bench, "notes"), (notes, "value"))
    save = ipywidgets.Button(description="save notes", layout={"width": "auto"})
    make = ipywidgets.Button(description="report on this", layout={"width": "auto"}, tooltip="of what is shown above")

    def keep(_: object) -> None:
        try:
            bench.status = f"Written: {bench.save_notes()}"
        except OSError as error:
            bench.status = f"The notes cannot be written ({error.strerror})."

    def report(_: object) -> None:
        make.disabled, bench.status = True, "The report is being made; the panels can be used meanwhile."
        threading.Thread(target=work, daemon=True).start()

    def work() -> None:
        try:
            bench.status = f"Written: {bench.report()}"
        except Exception as error:  # noqa: BLE001  shown to the user, who is far from any traceback
            bench.status = in_words(error)
        finally:
            make.disabled = False

    save.on_click(keep)
    make.on_click(report)
    return ipywidgets.VBox([notes, ipywidgets.HBox([make, save])], layout=_WIDE)
