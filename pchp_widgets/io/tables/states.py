"""What a cycler's word for a step says: what is controlled, and in which direction the current flows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...model.schema import CONTROLS

_REST = re.compile(r"^(?:rest|ocv|open circuit.*|pause|idle|suspend|relax.*|r)$")
_IMPEDANCE = {"fra", "peis", "geis", "ac impedance"}
_DISCHARGE = re.compile(r"dis|dch|^d$")
_CHARGE = re.compile(r"ch|^c$")


def control(state: str) -> int:
    """Index in :data:`~pchp_widgets.model.schema.CONTROLS`; CCCV steps, which are both, count as unknown."""
    text = _plain(state)
    if _REST.match(text):
        return CONTROLS.index("rest")
    if text in _IMPEDANCE:
        return CONTROLS.index("eis")
    held = {name for name in ("cc", "cv", "eis") if name in text}
    return CONTROLS.index(held.pop() if len(held) == 1 else "unknown")


def direction(state: str) -> int:
    """+1 for charge, -1 for discharge, 0 where the word says neither."""
    text = _plain(state)
    if _REST.match(text):
        return 0
    if _DISCHARGE.search(text):
        return -1
    return 1 if _CHARGE.search(text) else 0


def tells_control(states: Sequence[str]) -> bool:
    """Whether any of these words says what is held."""
    return any(CONTROLS[control(state)] != "unknown" for state in states)


def _plain(state: str) -> str:
    return re.sub(r"[\s_+-]+", " ", state).strip().lower()
