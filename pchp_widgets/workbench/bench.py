"""The workbench: a state that all panels of a study have in common, and the panels, each made when it is opened."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from ..model.measurements import TECHNIQUES
from ..panels.of_cells import CellsPanel
from ..reports.provenance import known_metadata
from .tabs import Tab, tabs

if TYPE_CHECKING:
    from ..io.study import Study
    from ..panels.of_cells import ShownPanel

NOTES = "notes.md"
"""File beside ``study.toml`` into which the notes are written."""
OVERVIEW = ""
"""Name of the tab that says what is in the study."""


class Workbench(traitlets.HasTraits):
    """One widget on a study: what is in it, a panel per technique, notes, and reports.

    Cells, samples and a cycle that are selected in one panel are selected in all others that have them.

    Parameters
    ----------
    study
        An opened study, the folder of one, or ``"demo"`` for the one that comes with the package.
    **state
        ``tab``: word of the technique that is open, empty for the overview; ``selected``: names of the cells and
        samples looked at, empty for those each panel shows by itself; ``cycle``: the selected one, -1 for none.

    Attributes
    ----------
    tabs
        Techniques of the study, by their word.
    panels
        The panels that were opened so far.

    Raises
    ------
    StudyError
        When the study cannot be opened.
    TraitError
        When the study has no such technique or name.

    Examples
    --------
    >>> Workbench("demo", tab="symmetric")  # doctest: +SKIP
    """

    tab = traitlets.Unicode(OVERVIEW)
    selected = traitlets.Tuple()
    cycle = traitlets.Int(-1)
    notes = traitlets.Unicode()
    status = traitlets.Unicode()

    def __init__(self, study: Study | Path | str = "demo", **state: Any) -> None:
        self.study = _opened(study)
        self.known = {name: known_metadata(self.study.cell(name)) for name in self.study.cells}
        self.tabs: Mapping[str, Tab] = tabs(self.study, [one.kind for one in self.known.values()])
        self.panels: dict[str, ShownPanel] = {}
        self._following = False
        self._making = threading.Lock()  # a tab may be clicked while a cell asks for its panel, in another thread
        self._widget: Any = None
        kept = self.study.folder / NOTES
        super().__init__(notes=kept.read_text("utf-8") if kept.is_file() else "", **state)

    @traitlets.validate("tab")
    def _known_tab(self, proposal: Mapping[str, Any]) -> str:
        if proposal["value"] not in {OVERVIEW, *self.tabs}:
            raise traitlets.TraitError(f"there is no {proposal['value']!r}; the study has {', '.join(self.tabs)}")
        return str(proposal["value"])

    @traitlets.validate("selected")
    def _known_names(self, proposal: Mapping[str, Any]) -> tuple[str, ...]:
        there = {*self.study.cells, *(name for names in self.study.measurements.values() for name in names)}
        unknown = [name for name in proposal["value"] if name not in there]
        if unknown:
            raise traitlets.TraitError(f"there is no cell or sample {unknown[0]!r} in the study")
        return tuple(dict.fromkeys(proposal["value"]))

    @traitlets.observe("selected", "cycle")
    def _pass_on(self, _: object) -> None:
        if not self._following:
            with self._quiet():
                for panel in self.panels.values():
                    self._follow(panel)

    def panel(self, name: str) -> ShownPanel:
        """The panel of a technique, made when it is first asked for.

        Raises
        ------
        TraitError
            When the study has no such technique.
        ValueError
            When the study has nothing that this panel can show.
        """
        if name not in self.tabs:
            raise traitlets.TraitError(f"there is no {name!r}; the study has {', '.join(self.tabs)}")
        with self._making:
            if name not in self.panels:
                self.panels[name] = self._made(name)
            return self.panels[name]

    def _made(self, name: str) -> ShownPanel:
        made = self.tabs[name].made(self.study)
        made.cells.notice = ""  # it stands at the head of the workbench
        with self._quiet():
            self._follow(made)
        made.observe(lambda _: self._learn(made), ["shown", "cycle"] if isinstance(made, CellsPanel) else ["shown"])
        return made

    def content(self) -> list[tuple[str, str]]:
        """What is in the study: kinds of cells and techniques of materials, and how many there are of which coating."""
        rows = []
        for kind in dict.fromkeys(one.kind for one in self.known.values()):
            coatings = Counter(one.coating or "coating unknown" for one in self.known.values() if one.kind == kind)
            counted = ", ".join(f"{n} {coating}" for coating, n in coatings.items())
            rows.append((_KINDS.get(kind, kind or "kind unknown"), counted))
        for technique, samples in self.study.measurements.items():
            rows.append((TECHNIQUES[technique].title, ", ".join(samples)))
        return rows

    def save_notes(self) -> Path:
        """Write the notes beside ``study.toml``."""
        file = self.study.folder / NOTES
        file.write_text(self.notes, "utf-8")
        return file

    def report(self, folder: Path | str | None = None) -> Path:
        """Make the report on what is open, of what is shown there; of the overview, the audit of the whole study.

        Parameters
        ----------
        folder
            Where it is written; ``reports`` beside ``study.toml`` when left out.

        Raises
        ------
        ReportError
            When it cannot be made; says why.
        """
        from ..reports.runner import report

        folder = Path(folder or self.study.folder / "reports")
        folder.mkdir(parents=True, exist_ok=True)
        if self.tab == OVERVIEW:
            return report("consistency_audit", folder / "consistency_audit.html", study=str(self.study.folder))
        tab, panel = self.tabs[self.tab], self.panel(self.tab)
        chosen: dict[str, Any] = {**tab.fixed, tab.names: list(panel.shown)}
        page = folder / f"{'_'.join([tab.report, *tab.fixed.values()])}.html"
        return report(tab.report, page, study=str(self.study.folder), **chosen)

    @property
    def widget(self) -> Any:
        """The workbench as a widget, made when first asked for."""
        if self._widget is None:
            from .screen import bench_box

            self._widget = bench_box(self)
        return self._widget

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {**self.widget._repr_mimebundle_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Workbench({str(self.study.folder)!r}, tab={self.tab!r})"

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Inside, what panels do is an answer and no new selection."""
        before, self._following = self._following, True
        try:
            yield
        finally:
            self._following = before

    def _learn(self, panel: ShownPanel) -> None:
        """A panel was changed by the user: what it shows becomes the selection, as far as it has a say in it."""
        if self._following:
            return
        others = tuple(name for name in self.selected if name not in panel.cells.names)
        with self._quiet():
            self.selected = (*others, *panel.shown)
            if isinstance(panel, CellsPanel):
                self.cycle = panel.cycle
            for other in self.panels.values():
                if other is not panel:
                    self._follow(other)

    def _follow(self, panel: ShownPanel) -> None:
        """Show in a panel what is selected, as far as it is there."""
        wanted = tuple(name for name in panel.cells.names if name in self.selected)
        if wanted:
            panel.shown = wanted
        if isinstance(panel, CellsPanel) and self.cycle >= 0 and panel.shown:
            numbers = panel.cells.cycle_numbers(panel.shown)
            if len(numbers):
                panel.cycle = int(numbers[np.abs(numbers - self.cycle).argmin()])


_KINDS = {
    "symmetric": "Li||Li cells",
    "full": "full cells",
    "half": "half cells",
    "li_cu": "Li||Cu cells",
    "transport": "cells polarized or measured by impedance",
}


def _opened(study: Study | Path | str) -> Study:
    if isinstance(study, str | Path):
        from ..io.study import open_study
        from ..reports.source import study_folder

        return open_study(study_folder(str(study)))
    return study
