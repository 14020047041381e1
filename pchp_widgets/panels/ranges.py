"""Ranges that a panel keeps in a trait."""

from __future__ import annotations

import math
from typing import Any

import traitlets


def a_range(
    value: Any, name: str, write: str = "(low, high), or () for the one suggested", least: float = -math.inf
) -> tuple[float, ...]:
    """A range as a trait holds it: two ends, the lower first, or empty.

    Parameters
    ----------
    value
        What was given.
    name
        Of the trait.
    write
        What is to be written instead of something that is no range.
    least
        What the lower end may be.

    Raises
    ------
    TraitError
        When it is none.
    """
    ends = tuple(float(end) for end in value)
    if ends and not (len(ends) == 2 and least <= ends[0] < ends[1]):
        raise traitlets.TraitError(f"{name} {ends}: write {write}")
    return ends
