"""A comparison of coated and bare cells in plain sentences: how many, how much, how sure, and what stays undecided."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, inf

from ..analysis.replicates import Ratio
from ..analysis.survival import Lives
from .compare import ANY, Comparison
from .comparison import effect_interval, interval, probability, said_of, times
from .display import Text
from .ratios import Compared, LifeCompared

_FEWEST = 3
_SIGNIFICANT = 0.05
_NOTHING = Ratio(0.0, inf, 0.0, inf, 0.9)  # known on neither side


def verdict(found: Comparison) -> Text:
    """What the comparison shows, a paragraph per coating, and under each what it cannot show."""
    paragraphs = []
    for life in _chosen(found):
        numbers = [row for row in found.numbers if (row.family, row.coating) == (life.family, life.coating)]
        paragraphs += [_shown(life, numbers, found), _not_shown(life, numbers, found)]
    return Text(*paragraphs)


def _chosen(found: Comparison) -> list[LifeCompared]:
    return [row for row in found.lives if row.criterion == found.settings.criterion]


def _shown(life: LifeCompared, numbers: Sequence[Compared], found: Comparison) -> str:
    reference = found.settings.reference
    family = f"{life.family}: " if life.family else ""
    sizes = _sizes(life, numbers)
    sentences = [f"{family}{sizes[0]} {life.coating} against {sizes[1]} {reference} cells."]
    sentences += [_number(row, numbers, reference) for row in _last_of_each(numbers)]
    if len(life.coated.value) and len(life.reference.value):
        sentences.append(_life(life, reference))
    return " ".join(sentences)


def _number(row: Compared, numbers: Sequence[Compared], reference: str) -> str:
    """One quantity: its effect, the interval, and whether that leaves a direction, now and earlier."""
    if row.effect == "ratio":
        size = f"{times(row.found)} times that of {reference}"
    else:
        value = said_of(row)(abs(row.found.low)).lstrip("+")
        size = f"{value} {'above' if row.found.low >= 0 else 'below'} that of {reference}"
    doubt = "" if _direction(row) else "; which is the larger is undecided"
    turned = [one for one in numbers if one.quantity == row.quantity and _direction(one) * _direction(row) < 0]
    before = f", but it was the other way round in {', '.join(one.where for one in turned)}" if turned else ""
    return f"The {row.quantity} ({row.where}) of {row.coating} is {size} ({effect_interval(row)}){doubt}{before}."


def _life(life: LifeCompared, reference: str) -> str:
    """How many failed, and how many times longer the coated cells live."""
    criterion = "any criterion" if life.criterion == ANY else f"the criterion {life.criterion.replace('_', ' ')}"
    failed = f"By {criterion}, {_failed(life.reference, reference)} and {_failed(life.coated, life.coating)} failed"
    if life.ratio.low <= 0 and life.ratio.high == inf:
        return f"{failed}: how much longer one lives is not known."
    beside = [text for text in [interval(life.ratio)] if text != interval(_NOTHING)]
    if life.weibull.interval_low > 0 or life.weibull.interval_high < inf:
        beside.append(f"with Weibull lives {interval(life.weibull)}")
    p = probability(life)
    beside += [f"log-rank p {p if p.startswith('<') else f'= {p}'}"] if p else []
    if _longer(life):
        return f"{failed}: {life.coating} lives {times(life.ratio)} times as long ({'; '.join(beside)})."
    known = f"{times(life.ratio)} ({'; '.join(beside)})"
    return f"{failed}: the median ratio of their lives is {known}, and which lives longer is undecided."


def _not_shown(life: LifeCompared, numbers: Sequence[Compared], found: Comparison) -> str:
    """What stays undecided, and why."""
    n, m = len(life.coated.value), len(life.reference.value)
    reasons = []
    fewest = min(_sizes(life, numbers))
    if fewest < _FEWEST:
        reasons.append(
            f"fewer than {_FEWEST} cells in a group tell how far cells of one kind differ only poorly: "
            + ("no interval can be given" if fewest < 2 else "the widest interval has less than the level asked for")
        )
    if n and m and not _longer(life):
        reasons.append("which lives longer")
    open_ended = [row for row in numbers if not _direction(row)]
    if open_ended:
        named = "; ".join(dict.fromkeys(f"{row.quantity} ({row.where})" for row in open_ended))
        reasons.append(f"the interval does not tell which is larger: {named}")
    for of, name in ((life.coated, life.coating), (life.reference, found.settings.reference)):
        if len(of.failed) and not of.failed.any():
            reasons.append(f"how long {name} lives, because none of its cells had failed when the test ended")
        if of.undecided:
            reasons.append(
                f"whether the end of {of.undecided} {name} cells was a failure; they count as alive until then"
            )
        if of.unknown:
            reasons.append(f"how long {of.unknown} {name} cells live: their test does not tell")
    smallest = (2 if n == m else 1) / comb(n + m, n)
    if n and m and smallest > _SIGNIFICANT:
        reasons.append(f"no log-rank test of {n} and {m} cells can give p below {smallest:.2g}")
    return f"Undecided: {'; '.join(reasons)}." if reasons else ""


def _direction(row: Compared) -> int:
    """On which side of no effect the interval lies: 1, -1, or 0 where it holds it."""
    low, high = row.found.interval_low, row.found.interval_high
    none = 1.0 if row.effect == "ratio" else 0.0
    return int(low > none) - int(high < none)


def _longer(life: LifeCompared) -> bool:
    """Whether the interval of the ratio tells which group lives longer."""
    return life.ratio.interval_low > 1 or life.ratio.interval_high < 1


def _sizes(life: LifeCompared, numbers: Sequence[Compared]) -> tuple[int, int]:
    """Cells of both groups, whatever is known of them."""
    counts = [(row.coated.n, row.reference.n) for row in numbers]
    counts.append((len(life.coated.value) + life.coated.unknown, len(life.reference.value) + life.reference.unknown))
    return max(one for one, _ in counts), max(other for _, other in counts)


def _last_of_each(numbers: Sequence[Compared]) -> list[Compared]:
    """The row of each quantity that says most: the last one."""
    return list({row.quantity: row for row in numbers}.values())


def _failed(of: Lives, name: str) -> str:
    return f"{int(of.failed.sum())} of {len(of.failed)} {name} cells"
