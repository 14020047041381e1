"""The consistency audit on the screen: numbers that have to fit each other, and what follows if one were another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from ..analysis.audit import FACTS, Facts, Finding, audit, interval, stated_facts
from ..model.claims import read_claims_file
from ..model.units import pretty
from ..panels.base import Result
from ..panels.cells import Cells, is_study
from ..panels.of_cells import ShownPanel
from ..panels.readout import Line
from ..plots import claims as plots
from ..plots import theme
from ..reports.claims import PAPER, claims_file
from ..reports.intervals import interval_in_words

if TYPE_CHECKING:
    from ..io.study import Study

EVERYTHING = "all"
SHOWN = (EVERYTHING, "decided", "contradictions")
"""Which findings stand in the table."""
_LIGHTS = {"agrees": theme.HUES[1], "differs": theme.BARE, "undecided": theme.FAINT, "missing": theme.HUES[3]}
_KEPT = {EVERYTHING: {*_LIGHTS}, "decided": {"agrees", "differs"}, "contradictions": {"differs"}}
_GENERAL = "in general"


class Subjects(Cells):
    """What facts are about, in place of cells."""

    def __init__(self, given: Any, kinds: Sequence[str] = ()) -> None:  # noqa: ARG002  an audit is of all kinds
        self.given: Any = given
        self.notice = str(getattr(given, "notice", ""))
        self.facts = _facts(given)
        self.names = (*filter(None, self.facts.numbers), _GENERAL)
        self.looks = theme.looks({name: name for name in self.names}, getattr(given, "coatings", ()))


class AuditPanel(ShownPanel):
    """Numbers of different techniques held against each other, with equation, intervals and verdict.

    Change a fact to see which checks turn: what would have to be true for the others to fit.

    Parameters
    ----------
    cells
        A study, a ``claims.toml`` (``"paper"`` for the one that comes with the package), or
        :class:`~pchp_widgets.analysis.audit.Facts`.
    **state
        ``shown``: subjects whose findings are shown; ``table``: one of :data:`SHOWN`; ``changed_facts``: values that
        are taken in place of what is known, by ``"subject: fact"``, in the units of the fact.

    Raises
    ------
    StudyError, ClaimsError
        When what is given cannot be opened.
    TraitError
        When a subject or a fact is not known.
    """

    def __init__(self, cells: Study | Facts | Path | str, **state: Any) -> None:
        given: Any = cells  # subjects take the place of cells
        super().__init__(given, **state)

    collection: ClassVar[type[Cells]] = Subjects
    called: ClassVar[str] = "subject"
    explained: ClassVar[Mapping[str, str]] = {
        "agrees": "the intervals of both sides meet, within the tolerance of the check",
        "differs": "the intervals do not meet: one of the numbers, or the assumption of the equation, is wrong",
        "undecided": "one side cannot be computed; what is missing is said",
        "missing": "not stated, though a reader needs it to compare the numbers",
        "interval": "95 %, of the mean of replicates by their spread; errors of the facts go through the equation",
    }

    table = traitlets.Enum(list(SHOWN), "decided")
    changed_facts = traitlets.Dict(key_trait=traitlets.Unicode(), value_trait=traitlets.Float())

    draw: ClassVar[Mapping[str, Any]] = {"overview": plots.left_over_right}

    @traitlets.default("shown")
    def _all_subjects(self) -> tuple[str, ...]:
        return self.cells.names

    @traitlets.validate("changed_facts")
    def _known_facts(self, proposal: Mapping[str, Any]) -> dict[str, float]:
        for key in proposal["value"]:
            subject, _, name = key.rpartition(": ")
            if subject not in self.cells.names or name not in FACTS:
                raise traitlets.TraitError(f"{key!r}: write 'subject: fact'; facts are {', '.join(FACTS)}")
        return dict(proposal["value"])

    @property
    def facts(self) -> Facts:
        """What is known, with the changes."""
        known: Facts = self.cells.facts  # type: ignore[attr-defined]
        numbers = {subject: dict(of) for subject, of in known.numbers.items()}
        for key, value in self.changed_facts.items():
            subject, _, name = key.rpartition(": ")
            numbers.setdefault("" if subject == _GENERAL else subject, {})[name] = interval(value)
        return replace(known, numbers=numbers)

    def findings(self) -> tuple[Finding, ...]:
        """What is found of the subjects shown; what is about no subject belongs to "in general"."""
        every: tuple[Finding, ...] = self.remembered(self._findings, *sorted(self.changed_facts.items()))
        subjects = {*self.cells.names}
        return tuple(one for one in every if (one.subject if one.subject in subjects else _GENERAL) in self.shown)

    def _findings(self, *_: object) -> tuple[Finding, ...]:
        return tuple(audit(self.facts))

    def data(self, *, live: bool = True) -> Result:  # noqa: ARG002  nothing is thinned
        """The checks with two numbers; see :class:`~pchp_widgets.panels.base.Panel`."""
        return Result({"overview": {"findings": self.findings()}}, self.remark())

    def arrange(self, figures: Mapping[str, Any]) -> Any:
        """The one figure."""
        from ..plots.render import wrapped

        return wrapped([[figures["overview"]]])

    def heads(self) -> Sequence[str]:
        """What stands above the columns of :meth:`lines`."""
        return ("verdict", "of", "left", "right", "equation")

    def lines(self) -> list[Line]:
        """A line per finding that the table shows."""
        return [
            Line(
                _LIGHTS[one.verdict],
                one.check,
                (
                    one.verdict,
                    one.subject.replace("_", " "),
                    interval_in_words(one.left, one.units),
                    interval_in_words(one.right, one.units),
                    one.equation,
                ),
                () if one.verdict == "agrees" else (one.words,),
            )
            for one in self.findings()
            if one.verdict in _KEPT[self.table]
        ]

    def own_controls(self) -> Sequence[Any]:
        """Which findings stand in the table, and a fact to change."""
        from ..panels.controls import toggle

        return [toggle(self, "table", "table", list(SHOWN), width="auto"), _changer(self)]


def _facts(given: Any) -> Facts:
    if isinstance(given, Facts):
        return given
    if is_study(given):
        from ..reports.quantities import Evidence
        from ..reports.study_facts import study_facts

        return study_facts(Evidence(given))
    return stated_facts(read_claims_file(claims_file(str(given)) if given == PAPER else Path(str(given))))


def _changer(panel: AuditPanel) -> Any:
    """A fact, and what it would be."""
    import ipywidgets

    known = panel.facts.numbers
    options = [
        (f"{subject or _GENERAL}: {name.replace('_', ' ')}", (subject, name))
        for subject in known
        for name in known[subject]
    ]
    which = ipywidgets.Dropdown(options=options, description="what if", layout={"width": "420px"})
    value, units = ipywidgets.FloatText(layout={"width": "120px"}), ipywidgets.Label()
    reset = ipywidgets.Button(description="as it is", layout={"width": "auto"})
    busy = False

    def show(_: object = None) -> None:
        nonlocal busy
        subject, name = which.value
        busy = True
        value.value = float(f"{panel.facts.numbers[subject][name].value:.6g}")
        busy = False
        units.value = pretty(FACTS[name][0])

    def change(_: object) -> None:
        if not busy:
            subject, name = which.value
            panel.changed_facts = {**panel.changed_facts, f"{subject or _GENERAL}: {name}": value.value}

    def as_it_is(_: object) -> None:
        panel.changed_facts = {}
        show()

    if options:
        show()
    which.observe(show, "value")
    value.observe(change, "value")
    reset.on_click(as_it_is)
    return ipywidgets.HBox([which, value, units, reset], layout={"flex_flow": "row wrap"})
