"""Cross-technique audit: numbers of different techniques that have to fit each other, and what is not said.

Every check is an equation between facts. Its two sides are computed with their intervals; they agree when the intervals
meet, they differ when they do not, and a side that cannot be computed leaves the check undecided. A study gives its
facts by its data, a paper by its words: the checks are the same.
"""

from __future__ import annotations

from .cells import CELL_CHECKS
from .check import Check, Finding, Verdict, compared
from .facts import FACTS, ITEMS, Facts, Statement, converted, fact, stated_facts
from .interval import UNKNOWN, Interval, interval, propagated
from .materials import MATERIAL_CHECKS
from .reporting import formula_findings, name_findings, reporting_findings, statement_findings

CHECKS: tuple[Check, ...] = (*CELL_CHECKS, *MATERIAL_CHECKS)
"""All equations."""


def audit(facts: Facts) -> list[Finding]:
    """Hold all facts against each other.

    Parameters
    ----------
    facts
        Numbers with their intervals, statements, names.

    Returns
    -------
    list of Finding
        One per check and subject to which it applies: equations of cells and materials first, then what is said.
    """
    found = [finding for check in CHECKS for finding in check.findings(facts)]
    for words in (formula_findings, name_findings, statement_findings, reporting_findings):
        found += words(facts)
    return found


__all__ = [
    "CHECKS",
    "FACTS",
    "ITEMS",
    "UNKNOWN",
    "Check",
    "Facts",
    "Finding",
    "Interval",
    "Statement",
    "Verdict",
    "audit",
    "compared",
    "converted",
    "fact",
    "interval",
    "propagated",
    "stated_facts",
]
