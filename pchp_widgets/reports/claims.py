"""Claims of a paper beside what a study says: value, interval, verdict, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from ..analysis.audit import UNKNOWN, Interval, Verdict
from ..io.study import open_study
from ..model.claims import FILE_NAME, Claim, ClaimsError, ClaimsFile, read_claims_file
from ..model.study import FILE_NAME as STUDY_FILE
from ..model.units import UnitError, magnitude, pretty
from ..plots import claims as plots
from .bundled import DEMO_CLAIMS, DEMO_STUDY, bundled
from .display import Figure, Text
from .errors import NotInStudyError
from .intervals import interval_in_words
from .paper_figures import redrawn
from .quantities import QUANTITIES, Evidence, Found
from .source import study_folder
from .tables import Column, Table

LIGHTS = {
    "agrees": "●\u00a0agrees",
    "differs": "▲\u00a0differs",
    "undecided": "○\u00a0undecided",
    "missing": "◇\u00a0not\u00a0stated",
}
"""Verdicts, told apart without their colour."""
PAPER = "paper"
"""Name of the claims that come with the package, where a file is expected."""


@dataclass(frozen=True)
class Judged:
    """A claim and what became of it.

    Attributes
    ----------
    claim
        As written.
    claimed
        Its value, in the units of its quantity; NaN where data cannot decide it.
    found
        What the study says; None where it says nothing.
    verdict, why
        Whether both agree, and why that is so or undecided.
    """

    claim: Claim
    claimed: float
    found: Found | None
    verdict: Verdict
    why: str

    @property
    def units(self) -> str:
        """Of both values."""
        return QUANTITIES[self.claim.quantity].units if self.claim.quantity else ""

    @property
    def interval(self) -> Interval:
        """What was found, unknown where nothing was."""
        return self.found.interval if self.found else UNKNOWN


@dataclass(frozen=True)
class PaperClaims:
    """What the report is about: claims, the study they are held against, and what was computed of it."""

    file: ClaimsFile
    judged: Sequence[Judged]
    title: str
    notice: str
    evidence: Evidence


def paper_claims(*, study: str = "demo", claims: str = "", ids: Sequence[str] = ()) -> PaperClaims:
    """Recompute claims from a study.

    Parameters
    ----------
    study
        Folder of a study, or ``"demo"``.
    claims
        A file of claims; the ``claims.toml`` beside ``study.toml`` when empty. ``"paper"`` are those of the paper that
        the demo study is made from.
    ids
        Of the claims that are recomputed; all when empty.

    Raises
    ------
    ClaimsError, StudyError
        When the file or the study cannot be opened; names the file, the key and the remedy.
    NotInStudyError
        When no file is named and there is none beside ``study.toml``.
    """
    place = study_folder(study)
    file = read_claims_file(claims_file(claims) if claims else claims_of_study(place))
    return held_against(file, Evidence(open_study(place)), ids)


def held_against(file: ClaimsFile, evidence: Evidence, ids: Sequence[str] = ()) -> PaperClaims:
    """Claims beside what a study that is open already says; see :func:`paper_claims`."""
    known = [claim.id for claim in file.claims]
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise ValueError(f"ids: there is no claim {unknown[0]!r}; there are {', '.join(known)}")
    study = evidence.study
    chosen = [claim for claim in file.claims if not ids or claim.id in ids]
    return PaperClaims(
        file, [judged(claim, evidence) for claim in chosen], f"Study {study.name}", study.notice, evidence
    )


def claims_file(claims: str) -> Path:
    """Where claims lie, of which ``"paper"`` are those that come with the package."""
    return bundled(DEMO_CLAIMS) if claims == PAPER else Path(claims)


def claims_of_study(folder: Path) -> Path:
    """Where the claims on a study lie: beside its ``study.toml``.

    Raises
    ------
    NotInStudyError
        When there are none.
    """
    beside = folder / FILE_NAME
    if beside.is_file():
        return beside
    if folder.resolve() == bundled(DEMO_STUDY).resolve():  # of a checkout; copies of it have their claims beside them
        return bundled(DEMO_CLAIMS)
    raise NotInStudyError(f"there is no {FILE_NAME} beside {folder / STUDY_FILE}: nothing is claimed of this study")


def judged(claim: Claim, evidence: Evidence) -> Judged:
    """Hold one claim against a study.

    Raises
    ------
    ClaimsError
        When the claim names no known quantity, or its value has not the units of it.
    """
    if not claim.quantity:
        return Judged(claim, np.nan, None, "undecided", claim.why_not)
    if claim.quantity not in QUANTITIES:
        near = get_close_matches(claim.quantity, QUANTITIES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(QUANTITIES)}"
        raise ClaimsError(f"claim {claim.id}: no quantity {claim.quantity!r}; {hint}")
    quantity = QUANTITIES[claim.quantity]
    try:
        claimed = magnitude(claim.value, quantity.units)
    except UnitError as error:
        raise ClaimsError(f"claim {claim.id}: value: {error}") from None
    try:
        found = quantity.measure(evidence, claim.sample, claim.conditions)
    except NotInStudyError as error:
        return Judged(claim, claimed, None, "undecided", f"not in the study: {error}")
    except KeyError as error:
        raise ClaimsError(f"claim {claim.id}: conditions: {error.args[0]} is missing") from None
    except ValueError as error:
        raise ClaimsError(f"claim {claim.id}: {error}") from None
    verdict, why = _verdict(claim, claimed, found.interval)
    return Judged(claim, claimed, found, verdict, why)


def _verdict(claim: Claim, claimed: float, found: Interval) -> tuple[Verdict, str]:
    if not found.known:
        return "undecided", "the study does not determine it"
    room = claim.tolerance * abs(claimed)
    reached = found.low - room <= claimed <= found.high + room
    verdict: Verdict = "differs"
    if claim.relation == "equal":
        why = f"the claimed value lies {'within' if reached else 'outside'} the interval"
        if reached:
            verdict = "agrees"
            if np.isinf(found.low) or np.isinf(found.high):
                verdict, why = "undecided", "the interval is open: what was found is a bound"
        return verdict, why
    if found.high <= claimed + room if claim.relation == "at most" else found.low >= claimed - room:
        return "agrees", f"the whole interval is {claim.relation} the claimed value"
    if reached:
        return "undecided", "the interval reaches to both sides of the claimed value"
    return verdict, f"the interval is not {claim.relation} the claimed value"


def summary(of: PaperClaims) -> Text:
    """How many claims agree, differ, or stay undecided, and which differ."""
    counts = {
        verdict: [one for one in of.judged if one.verdict == verdict] for verdict in ("agrees", "differs", "undecided")
    }
    decidable = sum(bool(one.claim.quantity) for one in of.judged)
    first = (
        f"{len(of.judged)} claims of “{of.file.source.title}”, {decidable} of which data can decide: "
        f"{len(counts['agrees'])} agree, {len(counts['differs'])} differ, {len(counts['undecided'])} are undecided."
    )
    return Text(first, *(f"{one.claim.id} differs: {one.why}." for one in counts["differs"]))


def overview(of: PaperClaims) -> Figure:
    """Every claim that could be decided: what was found over what is claimed."""
    decided = [one for one in of.judged if one.interval.known]
    picture = plots.found_over_claimed(
        [one.claim.id for one in decided],
        [one.claimed for one in decided],
        [one.interval for one in decided],
        [one.verdict for one in decided],
    )
    return Figure(
        (picture,),
        "What was found over what is claimed, with 95 % intervals; 1 is the claim. A claim that something is at most "
        "or at least so much is met anywhere on that side of 1; what lies farther away is marked at the edge.",
    )


def figures(of: PaperClaims) -> list[object]:
    """The figures of the paper that rest on numbers, drawn again from the study."""
    return list(redrawn(of.file.figures, of.evidence))


def claims_table(of: PaperClaims) -> Table:
    """Every claim beside what was found, with interval, verdict and reason."""
    rows = of.judged
    ids, verdicts = [one.claim.id for one in rows], [one.verdict for one in rows]
    why, what = [one.why for one in rows], [_what(one) for one in rows]
    definitions = [one.found.definition if one.found else "" for one in rows]
    return Table(
        "claims",
        "Each claim, what the study says, and whether they agree.",
        [
            Column("id", ids),
            Column("claimed", [one.claimed for one in rows]),
            Column("found", [one.interval.value for one in rows]),
            Column("low", [one.interval.low for one in rows]),
            Column("high", [one.interval.high for one in rows]),
            Column("unit", [one.units for one in rows]),
            Column("verdict", verdicts),
            Column("n", [one.found.n if one.found else 0 for one in rows]),
            Column("relation", [one.claim.relation for one in rows]),
            Column("what", what),
            Column("why", why),
            Column("definition", definitions),
            Column("where", [one.claim.where for one in rows]),
        ],
        definitions=[
            (
                "found",
                "mean of the replicates, with the 95 % interval by their spread; of a single one by its own error",
            ),
            ("n", "cells or samples behind it"),
            ("agrees", "the claimed value lies within the interval, widened by the tolerance of the claim"),
        ],
        view=[
            Column("id", ids),
            Column("what", what),
            Column("claimed", [_claimed(one) for one in rows]),
            Column("found", [interval_in_words(one.interval, one.units) for one in rows]),
            Column("n", [one.found.n if one.found else None for one in rows]),
            Column("verdict", [LIGHTS[verdict] for verdict in verdicts]),
            Column("how, and why", [_how(one) for one in rows]),
            Column("where", [one.claim.where for one in rows]),
        ],
    )


def _what(one: Judged) -> str:
    said = (one.claim.quantity or one.claim.technique).replace("_", " ")
    conditions = ", ".join(f"{name.replace('_', ' ')} {_plain(value)}" for name, value in one.claim.conditions.items())
    return " · ".join(filter(None, [said, one.claim.sample, conditions]))


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _how(one: Judged) -> str:
    """How it was found; and why it does not agree, where it does not."""
    definition = one.found.definition if one.found else ""
    return definition if one.verdict == "agrees" else ": ".join(filter(None, [one.why, definition]))


def _claimed(one: Judged) -> str:
    sign = {"equal": "", "at most": "≤ ", "at least": "≥ "}[one.claim.relation]
    said = one.claim.value if np.isnan(one.claimed) else f"{one.claimed:g} {pretty(one.units)}".rstrip()
    return f"{sign}{said}"
