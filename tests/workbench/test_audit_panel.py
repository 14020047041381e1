"""The audit on the screen: findings follow the subjects, the table, and a fact that is changed."""

from __future__ import annotations

import pytest
import traitlets

from pchp_widgets import AuditPanel
from pchp_widgets.analysis.audit import Facts, fact

SAID = {"resistance_sum": "19.6 ohm", "area": "1.327 cm2", "current_density": "1 mA cm-2", "polarization": "26 mV"}


def _panel(**state: object) -> AuditPanel:
    numbers = {
        "PCHP": {name: fact(name, said) for name, said in SAID.items()},
        "bare": {"hours": fact("hours", "344 h")},
    }
    return AuditPanel(Facts(numbers), **state)


def _verdicts(panel: AuditPanel) -> dict[str, str]:
    return {one.check: one.verdict for one in panel.findings()}


def test_a_fact_that_is_changed_turns_the_checks_it_is_in() -> None:
    panel = _panel()
    assert _verdicts(panel)["impedance and polarization"] == "agrees"
    panel.changed_facts = {"PCHP: polarization": 4.0}
    assert _verdicts(panel)["impedance and polarization"] == "differs"
    assert panel.error is None
    panel.changed_facts = {}
    assert _verdicts(panel)["impedance and polarization"] == "agrees"


def test_the_table_shows_what_it_is_asked_for() -> None:
    panel = _panel(table="contradictions")
    assert panel.lines() == []
    panel.table = "decided"
    assert [line.name for line in panel.lines()] == ["impedance and polarization"]
    panel.table = "all"
    assert {line.values[0] for line in panel.lines()} == {"agrees", "undecided"}


def test_subjects_are_chosen() -> None:
    panel = _panel()
    panel.shown = ("bare",)
    assert {one.subject for one in panel.findings()} == {"bare"}
    assert panel.pictures()["overview"].layers[1].columns["xs"] == []


def test_the_paper_is_audited_by_its_words() -> None:
    panel = AuditPanel("paper", table="contradictions")
    assert len(panel.lines()) >= 17
    panel.shown = ("in general",)
    assert "formula of the conductivity" in {line.name for line in panel.lines()}


def test_an_unknown_fact_or_subject_is_refused() -> None:
    with pytest.raises(traitlets.TraitError, match="write 'subject: fact'"):
        _panel(changed_facts={"PCHP: colour": 1.0})
    with pytest.raises(traitlets.TraitError, match="there is no subject 'LTO'"):
        _panel(shown=("LTO",))


def test_the_controls_change_a_fact() -> None:
    panel = _panel()
    row = panel.own_controls()[1]
    which, value, units, reset = row.children
    which.value = ("PCHP", "polarization")
    assert (value.value, units.value) == (26.0, "mV")
    value.value = 5.0
    assert panel.changed_facts == {"PCHP: polarization": 5.0}
    reset.click()
    assert panel.changed_facts == {}
    assert value.value == 26.0
