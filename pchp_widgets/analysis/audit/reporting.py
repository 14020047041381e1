"""Checks of what is said: names, contradictions, the printed formula, and what a reader needs to repeat the work."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import groupby

from ...model.units import pretty
from .check import Finding
from .facts import ITEMS, Facts

_CONDUCTIVITY = {"l": 1, "R": -1, "A": -1}
"""Powers of thickness, resistance and area."""


def statement_findings(facts: Facts) -> list[Finding]:
    """Places that say different things of one subject."""
    found = []
    for subject, group in groupby(sorted(facts.statements, key=lambda one: one.subject), key=lambda one: one.subject):
        places: dict[str, list[str]] = {}
        for one in group:
            places.setdefault(one.says, []).append(one.where)
        if len(places) > 1:
            words = "; ".join(f"{says} ({', '.join(where)})" for says, where in places.items())
            found.append(Finding("said in two ways", subject, "differs", words))
        elif sum(map(len, places.values())) > 1:
            found.append(Finding("said in two ways", subject, "agrees", f"{next(iter(places))} everywhere"))
    return found


def name_findings(facts: Facts) -> list[Finding]:
    """Names of samples that no sample has."""
    found = []
    for name, where in facts.used.items():
        if name not in facts.samples:
            near = get_close_matches(name, facts.samples, n=1)
            meant = f"; {near[0]} is meant?" if near else ""
            found.append(Finding("names of samples", name, "differs", f"no sample is called so ({where}){meant}"))
    if facts.used and not found:
        found.append(Finding("names of samples", "", "agrees", "every name is that of a sample"))
    return found


def formula_findings(facts: Facts) -> list[Finding]:
    """Whether the printed formula of a conductivity gives one."""
    if facts.powers is None:
        return []
    powers = {name: facts.powers.get(name, 0) for name in _CONDUCTIVITY}
    wrong = [name for name, power in _CONDUCTIVITY.items() if powers[name] != power]
    gives = f"S{-powers['R']} cm{powers['l'] + 2 * powers['A']}"
    equation = "σ = n l / (ΔR A)"
    if not wrong:
        return [
            Finding("formula of the conductivity", "", "agrees", "the printed formula gives a conductivity", equation)
        ]
    words = f"the printed formula gives {pretty(gives)}, no conductivity: {', '.join(wrong)} is wrong or missing"
    return [Finding("formula of the conductivity", "", "differs", words, equation)]


def reporting_findings(facts: Facts) -> list[Finding]:
    """What is stated of that which a reader needs, and what is not."""
    return [
        Finding("reporting", name, "agrees", ITEMS[name])
        if stated
        else Finding("reporting", name, "missing", f"not stated: {ITEMS[name]}")
        for name, stated in facts.reported.items()
    ]
