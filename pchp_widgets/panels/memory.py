"""Results that need not be computed again when a user comes back to a state."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

_KEPT = 64


class Memory:
    """Calls functions, and knows what they returned the last times they were asked for.

    Parameters
    ----------
    kept
        How many results; the one not asked for the longest is forgotten first.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._known: dict[Hashable, Any] = {}
        self._kept = kept

    def __call__(self, make: Callable[..., T], *arguments: Hashable) -> T:
        """What `make` returns for these arguments; functions are told apart by their names."""
        key = (make.__name__, *arguments)
        if key in self._known:
            self._known[key] = self._known.pop(key)  # to the end of the dict
        else:
            made = make(*arguments)
            while len(self._known) >= self._kept:
                del self._known[next(iter(self._known))]
            self._known[key] = made
        found: T = self._known[key]
        return found
