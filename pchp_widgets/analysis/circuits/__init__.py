"""Equivalent circuits: `circuit` reads a text; what it gives is evaluated for any number of spectra at once."""

from .circuit import Arc, Circuit, circuit
from .elements import Parameter

__all__ = ["Arc", "Circuit", "Parameter", "circuit"]
