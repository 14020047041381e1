"""Equivalent circuits fitted to the spectra of a whole study, and what their arcs say."""

from .arc_numbers import arcs
from .changes import change, spread
from .choice import CANDIDATES, choose
from .curves import model
from .fitting import fit
from .outcome import STATUS
from .parts import ROLES, resistances
from .weights import WEIGHTS

__all__ = [
    "CANDIDATES",
    "ROLES",
    "STATUS",
    "WEIGHTS",
    "arcs",
    "change",
    "choose",
    "fit",
    "model",
    "resistances",
    "spread",
]
