"""Controls of the panel of symmetric cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets

from ..analysis.symmetric import DEFINITIONS
from .controls import choice, in_a_row, toggle

if TYPE_CHECKING:
    from .symmetric import SymmetricPanel


def controls(panel: SymmetricPanel) -> list[ipywidgets.Widget]:
    """Which definition, against what."""
    definition, meaning = choice(panel, "definition", "polarization", DEFINITIONS)
    return [in_a_row(definition, toggle(panel, "against", "against", ["cycle", "time"])), meaning]
