"""Legends that figures of several cells have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from . import theme
from .picture import Entry
from .theme import Look


def cell_entries(names: Sequence[str], looks: Mapping[str, Look]) -> list[Entry]:
    """The legend: cells, or coatings where there are many cells; nothing for a single cell."""
    if len(names) == 1:
        return []
    coatings = [looks[name].coating for name in names]
    replicates = max((coatings.count(coating) for coating in coatings if coating), default=0)
    if len(names) <= theme.LEGEND_ENTRIES and replicates <= theme.SHADES:
        return [Entry(theme.elided(name), looks[name].color) for name in names]
    return coating_entries([looks[name].coating for name in names], [looks[name].color for name in names])


def coating_entries(coatings: Sequence[str], colors: Sequence[str]) -> list[Entry]:
    """The legend of many cells: their coatings, each with its number of cells and the colour of the first of them."""
    return [
        Entry(f"{coating or 'coating unknown'} ({count} cell{'s' * (count > 1)})", colors[coatings.index(coating)])
        for coating, count in Counter(coatings).items()
    ]
