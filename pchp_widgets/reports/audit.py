"""The consistency audit of a study, or of the words of a paper, as a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from ..analysis.audit import FACTS, Facts, Finding, audit, stated_facts
from ..io.study import open_study
from ..model.claims import ClaimsError, read_claims_file
from ..plots import claims as plots
from .claims import LIGHTS, claims_file
from .display import Figure, Text
from .intervals import interval_in_words
from .quantities import Evidence
from .source import study_folder
from .study_facts import study_facts
from .tables import Column, Table
from .typography import heading


@dataclass(frozen=True)
class Audit:
    """What the report is about: facts, and what was found of them.

    Attributes
    ----------
    facts
        Of the study, or of the paper.
    findings
        A row each.
    title, notice
        Whose they are, and what has to stand with them.
    trees
        Cells of the study; none of a paper.
    """

    facts: Facts
    findings: Sequence[Finding]
    title: str
    notice: str = ""
    trees: Sequence[xr.DataTree] = ()


def consistency_audit(*, study: str = "demo", claims: str = "", subjects: Sequence[str] = ()) -> Audit:
    """Hold the numbers of a study against each other, or those of a paper.

    Parameters
    ----------
    study
        Folder of a study, or ``"demo"``.
    claims
        A ``claims.toml``, or ``"paper"``: what is stated there is audited in place of the study.
    subjects
        Whose findings are shown; all when empty.

    Raises
    ------
    ClaimsError, StudyError
        When the file or the study cannot be opened, or a stated number is not what it should be.
    ValueError
        When nothing is known of a subject.
    """
    if not claims:
        evidence = Evidence(open_study(study_folder(study)))
        return study_audit(evidence, study_facts(evidence), subjects)
    path = claims_file(claims)
    file = read_claims_file(path)
    try:
        facts = stated_facts(file)
    except ValueError as error:
        raise ClaimsError(f"{path}: {error}") from None
    return Audit(facts, _findings(facts, subjects), f"What is stated in “{file.source.title}”")


def study_audit(evidence: Evidence, facts: Facts, subjects: Sequence[str] = ()) -> Audit:
    """The facts of a study that is open already held against each other; see :func:`consistency_audit`."""
    of = evidence.study
    return Audit(facts, _findings(facts, subjects), f"Study {of.name}", of.notice, evidence.trees)


def _findings(facts: Facts, subjects: Sequence[str]) -> list[Finding]:
    unknown = [name for name in subjects if name not in facts.numbers]
    if unknown:
        raise ValueError(
            f"subjects: nothing is known of {unknown[0]!r}; there are {', '.join(filter(None, facts.numbers))}"
        )
    return [one for one in audit(facts) if not subjects or one.subject in subjects]


def summary(of: Audit) -> Text:
    """How many checks agree, and every contradiction in a sentence."""
    counts = Counter(one.verdict for one in of.findings)
    first = (
        f"{len(of.findings)} checks: {counts['agrees']} agree, {counts['differs']} differ, "
        f"{counts['undecided']} are undecided, {counts['missing']} items are not stated."
    )
    return Text(first, *(_sentence(one) for one in of.findings if one.verdict == "differs"))


def overview(of: Audit) -> Figure:
    """Checks of two numbers that should be the same: the left one over the right one."""
    said = "Left over right side of the checks whose sides should be the same, with the intervals of both."
    return Figure((plots.left_over_right(of.findings),), said)


def audit_table(of: Audit) -> Table:
    """Every check with two sides: both numbers with their intervals, and the verdict; shown are the decided ones."""
    rows = [one for one in of.findings if one.units]
    shown = [one for one in rows if one.verdict in {"agrees", "differs"}]
    return Table(
        "audit",
        "Numbers that have to fit each other.",
        [
            Column("check", [one.check for one in rows]),
            Column("left", [one.left.value for one in rows]),
            Column("right", [one.right.value for one in rows]),
            Column("low", [one.left.low for one in rows]),
            Column("high", [one.left.high for one in rows]),
            Column("unit", [one.units for one in rows]),
            Column("verdict", [one.verdict for one in rows]),
            Column("subject", [one.subject for one in rows]),
            Column("right_low", [one.right.low for one in rows]),
            Column("right_high", [one.right.high for one in rows]),
            Column("equation", [one.equation for one in rows]),
            Column("words", [one.words for one in rows]),
        ],
        definitions=_equations(shown),
        view=[
            Column("check", [one.check for one in shown]),
            Column("of", [one.subject for one in shown]),
            Column("left", [interval_in_words(one.left, one.units) for one in shown]),
            Column("right", [interval_in_words(one.right, one.units) for one in shown]),
            Column("verdict", [LIGHTS[one.verdict] for one in shown]),
        ],
    )


def undecided_table(of: Audit) -> Table:
    """Checks of which one side is known, and what the other one lacks."""
    rows = [one for one in of.findings if one.units and one.verdict == "undecided"]
    known = [one.left if one.left.known else one.right for one in rows]
    return Table(
        "audit_undecided",
        "Checks of which one side only is known.",
        [
            Column("check", [one.check for one in rows]),
            Column("of", [one.subject for one in rows]),
            Column("known_side", [interval_in_words(side, one.units) for side, one in zip(known, rows, strict=True)]),
            Column("lacking", [heading(", ".join(one.missing)) for one in rows]),
        ],
        definitions=_equations([one for one in rows if one.check not in _decided(of)]),
    )


def wording_table(of: Audit) -> Table:
    """Names and statements that contradict each other."""
    return _words("audit_wording", "Names and statements.", [one for one in of.findings if _is_wording(one)])


def reporting_table(of: Audit) -> Table:
    """What a reader needs to repeat the work, and whether it is stated."""
    rows = [one for one in of.findings if one.check == "reporting"]
    return _words("audit_reporting", "What a reader needs to compare the numbers, and whether it is stated.", rows)


def _is_wording(one: Finding) -> bool:
    return not one.units and one.check != "reporting"


def _decided(of: Audit) -> set[str]:
    return {one.check for one in of.findings if one.verdict in {"agrees", "differs"}}


def _equations(rows: Sequence[Finding]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one.check, one.equation) for one in rows))


def _words(name: str, caption: str, rows: Sequence[Finding]) -> Table:
    return Table(
        name,
        caption,
        [
            Column("check", [one.check for one in rows]),
            Column("subject", [one.subject.replace("_", " ") for one in rows]),
            Column("words", [one.words for one in rows]),
            Column("verdict", [LIGHTS[one.verdict] for one in rows]),
        ],
        notes=[] if rows else ["Nothing was found that could be held against each other."],
    )


def facts_table(of: Audit) -> Table:
    """The facts behind all checks."""
    rows = [(subject, name, value) for subject, known in of.facts.numbers.items() for name, value in known.items()]
    return Table(
        "facts",
        "The numbers that were held against each other.",
        [
            Column("subject", [subject or "all" for subject, _, _ in rows]),
            Column("fact", [name for _, name, _ in rows]),
            Column("value", [value.value for _, _, value in rows]),
            Column("low", [value.low for _, _, value in rows]),
            Column("high", [value.high for _, _, value in rows]),
            Column("unit", [FACTS[name][0] for _, name, _ in rows]),
        ],
        view=[
            Column("subject", [subject or "all" for subject, _, _ in rows]),
            Column("fact", [f"{name.replace('_', ' ')}: {FACTS[name][1]}" for _, name, _ in rows]),
            Column("value", [interval_in_words(value, FACTS[name][0]) for _, name, value in rows]),
        ],
    )


def _sentence(one: Finding) -> str:
    numbers = [interval_in_words(side, one.units) for side in (one.left, one.right)]
    said = f" ({numbers[0]} against {numbers[1]})" if all(numbers) else ""
    return f"{one.check}{f', {one.subject}' if one.subject else ''}: {one.words}{said}."
