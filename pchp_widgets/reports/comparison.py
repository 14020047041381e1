"""Tables and words on coated cells against those of the reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isnan

import numpy as np
import xarray as xr

from ..analysis.replicates import Ratio, Spread
from ..analysis.survival import Lives
from ..model.units import pretty
from .alike import unlike
from .display import Text
from .ratios import REFERENCE, Compared, LifeCompared, groups, life_ratios, polarization_ratios
from .tables import Column, Table, decimals, readable

_REPLICATES = (
    "Mean ± standard deviation of n cells of the coating and n {reference} ones. The ratio, or difference, is the "
    "median of all pairs of one cell of each group, with the interval of the Mann-Whitney test. Each interval has its "
    "level by itself; of many rows some miss the truth."
)
_SHARED = "Cycles are those that all cells have before any hard short."
_CENSORED_NOTE = (
    "> marks a cell that had not failed when its test ended: a ratio with it is known on one side only, and not at all "
    "where no cell failed. With one side, the level of an interval is one-sided."
)
_TESTS_NOTE = (
    "The ratio holds for any distribution, provided that the lives differ by a factor; Weibull takes both groups to "
    "have Weibull lives of one shape. p is that of the log-rank test over all divisions of the cells into such groups."
)


def comparison(found: xr.Dataset, life: xr.Dataset, definition: str) -> list[Table | Text]:
    """Tables of every coating of symmetric cells against bare, or one sentence where there is nothing to compare."""
    polarizations = polarization_ratios(found, life, definition)
    if not polarizations:
        return [nothing(found)]
    numbers = comparison_table(polarizations, notes=[_SHARED, *unlike(found)])
    return [numbers, life_comparison_table(life_ratios(life))]


def nothing(found: xr.Dataset, reference: str = REFERENCE) -> Text:
    """Why there is nothing to compare."""
    known = ", ".join(groups(found)) or "none stated"
    return Text(
        f"Nothing to compare: it takes {reference} cells and coated ones that are otherwise alike (coatings here: "
        f"{known})."
    )


def comparison_table(rows: Sequence[Compared], *, reference: str = REFERENCE, notes: Sequence[str] = ()) -> Table:
    """Every quantity of coated cells against the reference."""
    found = [row.found for row in rows]
    family, coating = Column("family", [row.family for row in rows]), Column("coating", [row.coating for row in rows])
    return Table(
        "comparison",
        f"Every coating against {reference}.",
        [
            family,
            coating,
            Column("quantity", [row.quantity for row in rows]),
            Column("where", [row.where for row in rows]),
            Column("units", [row.units for row in rows]),
            *_spread_columns("", [row.coated for row in rows]),
            *_spread_columns(f"{reference}_", [row.reference for row in rows]),
            Column("effect", [row.effect for row in rows]),
            *(Column(name, [one[place] for one in found]) for place, name in enumerate(_BOUNDS)),
        ],
        notes=[_REPLICATES.format(reference=reference), *notes],
        view=[
            *_several([family, coating]),
            Column("quantity", [f"{row.quantity}, {row.where}" for row in rows]),
            Column(_heading(reference), [_whole(spread_in_words(row.coated, row.units)) for row in rows]),
            Column(reference, [_whole(spread_in_words(row.reference, row.units)) for row in rows]),
            Column("n", [_whole(f"{row.coated.n}, {row.reference.n}") for row in rows]),
            Column("against", [_whole(effect(row)) for row in rows]),
            _intervals(rows),
        ],
    )


def life_comparison_table(rows: Sequence[LifeCompared], *, reference: str = REFERENCE) -> Table:
    """Lives of coated cells against the reference by every criterion, where the lives of both are known."""
    rows = [row for row in rows if len(row.coated.value) and len(row.reference.value)]
    labels = [
        Column("family", [row.family for row in rows]),
        Column("coating", [row.coating for row in rows]),
        Column("criterion", [row.criterion for row in rows]),
    ]
    shown = [*labels[:2], Column("criterion", [row.criterion.replace("_", " ") for row in rows])]
    coated, base = ([lives_in_words(getattr(row, of)) for row in rows] for of in ("coated", "reference"))
    columns = [*labels]
    for prefix, of, cycles in (("", "coated", coated), (f"{reference}_", "reference", base)):
        columns += [
            Column(f"{prefix}failed", [int(getattr(row, of).failed.sum()) for row in rows]),
            Column(f"{prefix}n", [len(getattr(row, of).value) for row in rows]),
            Column(f"{prefix}cycles", cycles),
        ]
    for name in ("ratio", "weibull"):
        found: list[Ratio] = [getattr(row, name) for row in rows]
        columns += [Column(f"{name}_{bound}", [one[place] for one in found]) for place, bound in enumerate(_BOUNDS)]
    columns += [Column(name, [getattr(row, name) for row in rows]) for name in ("chi_squared", "p")]
    columns += [Column("p_exact", [row.exact for row in rows])]
    return Table(
        "comparison_life",
        f"Cycles to failure of every coating against {reference}.",
        columns,
        notes=[_CENSORED_NOTE, _TESTS_NOTE],
        view=[
            *_several(shown, always="criterion"),
            Column(_heading(reference), coated),
            Column(reference, base),
            Column("ratio", [times(row.ratio) for row in rows]),
            Column("interval", [interval(row.ratio) for row in rows]),
            Column(
                "Weibull",
                ["too few failures" if isnan(row.weibull.confidence) else interval(row.weibull) for row in rows],
            ),
            Column("p", [row.p if isnan(row.exact) else row.exact for row in rows], digits=3),
        ],
    )


def times(quotient: Ratio) -> str:
    """A ratio in words: a number, or the side on which it is known."""
    return _sided(quotient.low, quotient.high, factor)


def effect(row: Compared) -> str:
    """A ratio or difference in words: ``"× 0.548"``, ``"+14.2 points"``."""
    if row.effect == "difference":
        return said_of(row)(row.found.low)
    return f"× {times(row.found)}"


def interval(found: Ratio) -> str:
    """Confidence interval of a ratio in words, behind its level: ``"90 %: 0.55 to 0.61"``, ``"95 %: at least 2.8"``."""
    low, high, level = found.interval_low, found.interval_high, found.confidence
    if isnan(level):
        return "too few cells for an interval"
    if low <= 0 and high == inf:
        return _sided(low, high, factor)
    one_sided = low <= 0 or high == inf
    return f"{100 * ((1 + level) / 2 if one_sided else level):.3g} %: {_sided(low, high, factor)}"


def effect_interval(row: Compared) -> str:
    """Confidence interval of a ratio or difference in words."""
    found = row.found
    if row.effect == "ratio" or isnan(found.confidence):
        return interval(found)
    say = said_of(row)
    low, _ = say(found.interval_low).split(_NO_BREAK)
    return f"{100 * found.confidence:.3g} %: {low} to {say(found.interval_high)}"


def probability(row: LifeCompared) -> str:
    """The p of the log-rank test: the exact one, else that for many failures."""
    value = row.exact if not isnan(row.exact) else row.p
    return "" if isnan(value) else "< 0.001" if value < 0.001 else f"{value:.2g}"


def factor(value: float) -> str:
    """A ratio to three figures."""
    return f"{value:#.3g}".removesuffix(".")


def said_of(row: Compared) -> Callable[[float], str]:
    """How a difference of this row is written: to two figures."""
    digits = min(max(decimals(abs(row.found.low), figures=2), 1), 4)
    unit = "points" if row.units == "%" else pretty(row.units)
    return lambda value: f"{value:+.{digits}f}{_NO_BREAK}{unit}".replace("-", "−")


def lives_in_words(of: Lives) -> str:
    """Lives in order, ``>`` before those that had not ended: ``"164, 173, > 500 (3 cells)"``."""
    order = np.lexsort((~of.failed, of.value))
    texts = [f"{'' if of.failed[place] else '> '}{readable(float(of.value[place]))}" for place in order]
    counted = [(text, texts.count(text)) for text in dict.fromkeys(texts)]
    return ", ".join(text if count == 1 else f"{text} ({count} cells)" for text, count in counted)


def millivolts(value: float, uncertainty: float) -> str:
    """A voltage [V] with its uncertainty, in mV and to 0.1 mV or three figures; one that rounds to 0 is left out."""
    return f"{_with_uncertainty(1e3 * value, 1e3 * uncertainty)} mV"


def spread_in_words(of: Spread, units: str) -> str:
    """Mean ± standard deviation with units."""
    return f"{_with_uncertainty(of.mean, of.sd)} {pretty(units)}".rstrip()


_NO_BREAK = "\N{NO-BREAK SPACE}"
_BOUNDS = ("low", "high", "interval_low", "interval_high", "confidence")


def _with_uncertainty(value: float, uncertainty: float) -> str:
    digits = max(1, decimals(abs(value), figures=3))
    if uncertainty > 0 and abs(value) >= 90:  # what is nearly 100 % is told apart by what is lacking
        digits = max(digits, min(decimals(uncertainty, figures=1), 3))
    if uncertainty > 0:
        digits = min(digits, decimals(uncertainty, figures=2))
    error = f"{uncertainty:.{digits}f}"
    return f"{value:.{digits}f}{f' ± {error}' if error.strip('0.') not in {'', 'nan'} else ''}"


def _whole(text: str) -> str:
    """The same without a place to break the line."""
    return text.replace(" ", _NO_BREAK)


def _heading(reference: str) -> str:
    return "coated" if reference == REFERENCE else "other"


def _intervals(rows: Sequence[Compared]) -> Column:
    """Intervals, whose level stands above them where it is the same for all."""
    levels = {f"{100 * row.found.confidence:.3g} %" for row in rows}
    texts = [effect_interval(row).removesuffix(f"{_NO_BREAK}points") for row in rows]
    if len(levels) > 1 or "nan %" in levels:
        return Column("interval", texts)
    return Column(f"{levels.pop()} interval", [text.partition(": ")[2] for text in texts])


def _several(labels: Sequence[Column], always: str = "") -> list[Column]:
    """Columns that do not say the same in every row."""
    return [column for column in labels if column.name == always or len(set(column.values)) > 1] or [labels[1]]


def _sided(low: float, high: float, say: Callable[[float], str]) -> str:
    if high == inf:
        return f"at least {say(low)}" if low > 0 else "not known"
    if low <= 0:
        return f"at most {say(high)}"
    return say(low) if low == high else f"{say(low)} to {say(high)}"


def _spread_columns(prefix: str, of: Sequence[Spread]) -> list[Column]:
    return [Column(f"{prefix}{name}", [getattr(one, name) for one in of]) for name in ("mean", "sd", "n")]
