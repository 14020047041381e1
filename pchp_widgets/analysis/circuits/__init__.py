"""Equivalent circuits of impedance spectra: `circuit` reads a text, the result is evaluated for any number of spectra."""

from .circuit import Arc, Circuit, circuit
from .elements import Parameter

__all__ = ["Arc", "Circuit", "Parameter", "circuit"]
