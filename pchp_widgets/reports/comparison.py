"""Tables and words on coated against bare cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis.replicates import Ratio, Spread
from .display import Text
from .ratios import REFERENCE, LifeRatio, PolarizationRatio, groups, life_ratios, polarization_ratios
from .tables import Column, Table, decimals, readable

_POLARIZATION_NOTE = (
    "Mean ± standard deviation of the replicates and their number n, over cycles that all of them have before any hard "
    "short. The ratio is the median of all pairwise ratios, with the interval of the Mann-Whitney test."
)
_LIFE_NOTE = (
    "> marks a cell that had not failed when its test ended: a ratio with it is known on one side only, and not at all "
    "where no cell failed. Intervals as for the polarization; with one side, their level is one-sided."
)

FloatArray = npt.NDArray[np.float64]


def comparison(found: xr.Dataset, life: xr.Dataset, definition: str) -> list[Table | Text]:
    """Tables of every coating against bare, or one sentence where there is nothing to compare."""
    polarizations = polarization_ratios(found, life, definition)
    if not polarizations:
        known = ", ".join(groups(found)) or "none stated"
        return [Text(f"Nothing to compare: it takes {REFERENCE} cells and coated ones (coatings here: {known}).")]
    return [_polarization_table(polarizations, definition, found), _life_table(life_ratios(life))]


def times(quotient: Ratio) -> str:
    """A ratio in words: a number, or the side on which it is known."""
    return _sided(quotient.low, quotient.high)


def interval(quotient: Ratio) -> str:
    """Its confidence interval in words, behind its level: ``"90 %: 0.55 to 0.61"``, ``"95 %: at least 2.8"``."""
    low, high, level = quotient.interval_low, quotient.interval_high, quotient.confidence
    if np.isnan(level):
        return "too few cells for an interval"
    if low <= 0 and np.isinf(high):
        return _sided(low, high)
    if low <= 0 or np.isinf(high):
        level = (1 + level) / 2
    return f"{100 * level:.3g} %: {_sided(low, high)}"


def millivolts(value: float, uncertainty: float) -> str:
    """A voltage [V] with its uncertainty, in mV and to 0.1 mV or three figures; one that rounds to 0 is left out."""
    digits = max(1, decimals(1e3 * abs(value), figures=3))
    error = f"{1e3 * uncertainty:.{digits}f}"
    return f"{1e3 * value:.{digits}f}{f' ± {error}' if error.strip('0.') not in {'', 'nan'} else ''} mV"


def _sided(low: float, high: float) -> str:
    if np.isinf(high):
        return f"at least {_factor(low)}" if low > 0 else "not known"
    if low <= 0:
        return f"at most {_factor(high)}"
    return _factor(low) if low == high else f"{_factor(low)} to {_factor(high)}"


def _factor(value: float) -> str:
    return f"{value:#.3g}".removesuffix(".")


def _polarization_table(rows: Sequence[PolarizationRatio], definition: str, found: xr.Dataset) -> Table:
    spans = [str(low) if low == high else f"{low} to {high}" for low, high in (row.cycles for row in rows)]
    where = ["cycle" if row.cycles[0] == row.cycles[1] else "mean of cycles" for row in rows]
    coating, ratios = Column("coating", [row.coating for row in rows]), [row.ratio for row in rows]
    return Table(
        "comparison",
        f"Polarization ({definition}) of coated cells against {REFERENCE} ones.",
        [
            coating,
            Column("cycles", spans),
            *_spread_columns("", [row.coated for row in rows]),
            *_spread_columns(f"{REFERENCE}_", [row.bare for row in rows]),
            *_ratio_columns(ratios),
        ],
        notes=[_POLARIZATION_NOTE, *_unlike(found)],
        view=[
            coating,
            Column("polarization", [f"{what} {span}" for what, span in zip(where, spans, strict=True)]),
            Column("coated", [_spread_in_words(row.coated) for row in rows]),
            Column(REFERENCE, [_spread_in_words(row.bare) for row in rows]),
            *_ratio_in_words(ratios),
        ],
    )


def _life_table(rows: Sequence[LifeRatio]) -> Table:
    coating, criterion = (
        Column("coating", [row.coating for row in rows]),
        Column("criterion", [row.criterion for row in rows]),
    )
    ratios = [row.ratio for row in rows]
    coated = [_lives(row.coated, row.coated_censored) for row in rows]
    bare = [_lives(row.bare, row.bare_censored) for row in rows]
    return Table(
        "comparison_life",
        f"Cycles to failure of coated cells against {REFERENCE} ones.",
        [
            coating,
            criterion,
            Column("failed", [int((~row.coated_censored).sum()) for row in rows]),
            Column("n", [len(row.coated) for row in rows]),
            Column("cycles", coated),
            Column(f"{REFERENCE}_failed", [int((~row.bare_censored).sum()) for row in rows]),
            Column(f"{REFERENCE}_n", [len(row.bare) for row in rows]),
            Column(f"{REFERENCE}_cycles", bare),
            *_ratio_columns(ratios),
        ],
        notes=[_LIFE_NOTE],
        view=[coating, criterion, Column("coated", coated), Column(REFERENCE, bare), *_ratio_in_words(ratios)],
    )


def _spread_columns(prefix: str, of: Sequence[Spread]) -> list[Column]:
    return [
        Column(f"{prefix}mean", [one.mean * 1e3 for one in of], "mV"),
        Column(f"{prefix}sd", [one.sd * 1e3 for one in of], "mV"),
        Column(f"{prefix}n", [one.n for one in of]),
    ]


def _ratio_columns(of: Sequence[Ratio]) -> list[Column]:
    names = ("ratio_low", "ratio_high", "interval_low", "interval_high", "confidence")
    return [Column(name, [one[place] for one in of]) for place, name in enumerate(names)]


def _ratio_in_words(of: Sequence[Ratio]) -> list[Column]:
    return [Column("ratio", [times(one) for one in of]), Column("confidence", [interval(one) for one in of])]


def _spread_in_words(of: Spread) -> str:
    return f"{millivolts(of.mean, of.sd)} (n = {of.n})"


def _lives(cycles: FloatArray, censored: npt.NDArray[np.bool_]) -> str:
    order = np.lexsort((censored, cycles))
    return ", ".join(f"{'> ' * bool(censored[place])}{readable(int(cycles[place]))}" for place in order)


def _unlike(found: xr.Dataset) -> list[str]:
    """A warning where the cells were not cycled alike."""
    said = []
    for name, what in (("current_density", "current densities"), ("areal_capacity", "capacities per half-cycle")):
        medians = abs(found[name]).median(("cycle", "direction"))
        if bool(medians.isnull().any()):
            said.append(f"Whether the {what} agree is not known, because the area of a cell is not.")
        elif float(medians.max()) > 1.05 * float(medians.min()):
            said.append(f"The cells were not cycled alike: their {what} differ by more than 5 %.")
    return said
