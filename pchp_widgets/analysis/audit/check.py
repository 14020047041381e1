"""What a check is, and how two numbers are held against each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .facts import FACTS, Facts
from .interval import UNKNOWN, Interval, propagated

Verdict = Literal["agrees", "differs", "undecided", "missing"]
Relation = Literal["equal", "at most", "at least"]


@dataclass(frozen=True)
class Finding:
    """What one check found of one subject: a row of the audit.

    Attributes
    ----------
    check, subject
        Name of the check, and of whom it is; the subject is empty where it is about all.
    left, right
        The two numbers that are held against each other, each with its interval.
    units
        Of both; empty for words.
    verdict
        ``"agrees"``, ``"differs"``, ``"undecided"``, or ``"missing"`` of what is not stated.
    words
        Why, in a sentence.
    equation
        What was compared.
    missing
        Facts that were not known.
    """

    check: str
    subject: str
    verdict: Verdict
    words: str
    equation: str = ""
    left: Interval = UNKNOWN
    right: Interval = UNKNOWN
    units: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """Two formulas of facts that have to agree.

    Attributes
    ----------
    name
        Of the check.
    equation
        Both sides in the words of the field.
    left, right
        Formulas; their arguments are facts by name.
    left_of, right_of
        Names of these facts.
    units
        Of both sides.
    relation
        What the left side has to be to the right one.
    tolerance
        Relative difference that rounding and simple models leave open.
    agrees, differs
        What it means, in a sentence.
    """

    name: str
    equation: str
    left: Callable[..., float]
    left_of: tuple[str, ...]
    right: Callable[..., float]
    right_of: tuple[str, ...]
    units: str
    agrees: str
    differs: str
    relation: Relation = "equal"
    tolerance: float = 0.02

    def findings(self, facts: Facts) -> list[Finding]:
        """A finding per subject of which something is known that this check asks for."""
        own = [name for name in (*self.left_of, *self.right_of) if facts.of("", name) is None]
        subjects = [name for name, known in facts.numbers.items() if name and known.keys() & set(own)]
        if not own:
            subjects = [""]
        return [finding for subject in subjects if (finding := self._finding(facts, subject))]

    def _finding(self, facts: Facts, subject: str) -> Finding | None:
        left, right = (
            self._side(facts, subject, *side) for side in ((self.left, self.left_of), (self.right, self.right_of))
        )
        if not left.known and not right.known:
            return None
        missing = [name for name in dict.fromkeys((*self.left_of, *self.right_of)) if facts.of(subject, name) is None]
        if missing:
            lacks = "; ".join(f"{name.replace('_', ' ')} ({FACTS[name][1]})" for name in missing)
            said = f"not known: {lacks}"
            lacking = tuple(missing)
            return Finding(self.name, subject, "undecided", said, self.equation, left, right, self.units, lacking)
        verdict = compared(left, right, self.relation, self.tolerance)
        words = {"agrees": self.agrees, "differs": self.differs, "undecided": "one side cannot be computed"}.get(
            verdict, ""
        )
        return Finding(self.name, subject, verdict, words, self.equation, left, right, self.units)

    @staticmethod
    def _side(facts: Facts, subject: str, formula: Callable[..., float], names: tuple[str, ...]) -> Interval:
        known = [facts.of(subject, name) for name in names]
        return propagated(formula, *known) if all(known) else UNKNOWN  # type: ignore[arg-type]


def compared(left: Interval, right: Interval, relation: Relation, tolerance: float) -> Verdict:
    """Whether two numbers can be what they should be to each other, given their intervals.

    Parameters
    ----------
    left, right
        The numbers.
    relation
        What `left` should be to `right`.
    tolerance
        Relative; widens both intervals.
    """
    if not (left.known and right.known):
        return "undecided"
    room = tolerance * max(abs(left.value), abs(right.value))
    above, below = left.low - right.high > room, right.low - left.high > room
    wrong = {"equal": above or below, "at most": above, "at least": below}[relation]
    return "differs" if wrong else "agrees"
