"""Maccor: text exports of tests, and of the spectra of its frequency response analyser."""

from __future__ import annotations

from .impedance import MaccorImpedanceReader
from .text import MaccorReader

__all__ = ["MaccorImpedanceReader", "MaccorReader"]
