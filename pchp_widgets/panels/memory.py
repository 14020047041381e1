"""Results that need not be computed again when a user comes back to a state."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

_KEPT = 64


class Memory:
    """Calls functions, and knows what the latest calls returned."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def __call__(self, make: Callable[..., T], *arguments: Hashable) -> T:
        """What `make` returns for these arguments; functions are told apart by their names."""
        key = (make.__name__, *arguments)
        if key not in self._known:
            while len(self._known) >= _KEPT:
                del self._known[next(iter(self._known))]
            self._known[key] = make(*arguments)
        found: T = self._known[key]
        return found
