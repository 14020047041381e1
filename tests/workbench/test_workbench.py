"""The workbench: a panel per technique, one selection for all, notes and reports."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import ipywidgets
import pytest
import traitlets

from pchp_widgets import Study, SymmetricPanel, Workbench, open_study
from pchp_widgets.reports.source import study_folder


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(study_folder("demo"))


def test_every_technique_of_a_study_has_a_tab_that_opens(study: Study) -> None:
    bench = Workbench(study)
    assert {"symmetric", "cycling", "impedance", "coulombic", "transference"} <= bench.tabs.keys()
    assert study.measurements.keys() <= bench.tabs.keys()
    for name in bench.tabs:
        assert bench.panel(name).shown, name


def words(widget: ipywidgets.Widget) -> str:
    """All HTML that a widget and those in it hold."""
    inside = [words(one) for one in getattr(widget, "children", ())]
    return " ".join([unescape(widget.value) if isinstance(widget, ipywidgets.HTML) else "", *inside])


def test_the_notice_of_a_study_stands_once_whichever_tabs_are_open(study: Study) -> None:
    bench = Workbench(study)
    for tab in ("", "symmetric", "thermal", "audit"):
        bench.tab = tab
        assert words(bench.widget).count(study.notice) == 1, tab
    alone = SymmetricPanel(study)
    assert words(alone.widget).count(study.notice) == 1


def test_panels_are_made_when_they_are_first_opened(study: Study) -> None:
    bench = Workbench(study)
    assert bench.panels == {}
    bench.widget  # noqa: B018
    assert bench.panels == {}
    bench.tab = "cycling"
    assert list(bench.panels) == ["cycling"]


def test_cells_selected_in_one_panel_are_selected_in_the_others(study: Study) -> None:
    bench = Workbench(study)
    symmetric, impedance = bench.panel("symmetric"), bench.panel("impedance")
    cycling = bench.panel("cycling").shown
    symmetric.shown = ("bare-1", "PCHP-1")
    assert list(impedance.shown) == ["bare-1", "PCHP-1"]
    assert bench.panel("cycling").shown == cycling  # none of its cells was asked for
    impedance.shown = ("PCHP-1",)
    assert list(symmetric.shown) == list(bench.selected) == ["PCHP-1"]


def test_a_panel_that_has_not_the_cycle_selects_the_nearest_one(study: Study) -> None:
    bench = Workbench(study)
    symmetric, impedance = bench.panel("symmetric"), bench.panel("impedance")
    symmetric.shown = ("bare-1", "PCHP-1")
    symmetric.cycle = 37  # type: ignore[attr-defined]
    assert impedance.cycle == 40  # type: ignore[attr-defined]
    assert symmetric.cycle == 37  # type: ignore[attr-defined]


def test_a_panel_opened_later_shows_what_is_selected(study: Study) -> None:
    bench = Workbench(study, selected=("PCHP-2", "PCHP"))
    assert bench.panel("symmetric").shown == ("PCHP-2",)
    assert bench.panel("thermal").shown == ("PCHP",)


def test_samples_go_together_over_the_techniques(study: Study) -> None:
    bench = Workbench(study)
    thermal, sorption = bench.panel("thermal"), bench.panel("sorption")
    thermal.shown = ("PCH", "PCHP")
    assert sorption.shown == ("PCH", "PCHP")


def test_what_is_in_the_study_is_counted(study: Study) -> None:
    assert ("Li||Li cells", "3 bare, 5 PCHP") in Workbench(study).content()


def test_an_unknown_tab_or_name_is_refused_with_those_there_are(study: Study) -> None:
    with pytest.raises(traitlets.TraitError, match="there is no 'ratee'; the study has symmetric"):
        Workbench(study, tab="ratee")
    with pytest.raises(traitlets.TraitError, match="no cell or sample 'X'"):
        Workbench(study, selected=("X",))


def test_a_tab_that_cannot_be_made_says_why(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench(study)

    def fail(*_: object) -> None:
        raise ValueError("the files of this technique are empty")

    monkeypatch.setattr(type(bench.tabs["rate"]), "made", fail)
    bench.widget  # noqa: B018
    bench.tab = "rate"
    shelf = next(one for one in bench.widget.children if isinstance(one, ipywidgets.Stack))
    assert "are empty" in shelf.children[shelf.selected_index].children[0].value


def test_notes_are_kept_beside_the_study(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "folder", tmp_path)
    bench = Workbench(study)
    bench.notes = "bare-3 is doubtful"
    assert bench.save_notes() == tmp_path / "notes.md"
    assert Workbench(study).notes == "bare-3 is doubtful"


def test_the_report_is_on_what_is_shown(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def note(name: str, page: Path, **parameters: object) -> Path:
        asked.append((name, page.name, parameters))
        return page

    monkeypatch.setattr("pchp_widgets.reports.runner.report", note)
    bench = Workbench(study, tab="sorption", selected=("PCH", "bare-1"))
    bench.report(tmp_path)
    bench.tab = "symmetric"
    bench.report(tmp_path)
    folder = str(study.folder)
    assert asked == [
        ("materials", "materials_sorption.html", {"study": folder, "technique": "sorption", "samples": ["PCH"]}),
        ("symmetric_cell", "symmetric_cell.html", {"study": folder, "cells": ["bare-1"]}),
    ]
