"""Equivalent circuits fitted to the spectra of a whole study, and what their arcs say."""

from .arc_numbers import arcs
from .curves import model
from .fitting import fit
from .outcome import STATUS
from .weights import WEIGHTS

__all__ = ["STATUS", "WEIGHTS", "arcs", "fit", "model"]
