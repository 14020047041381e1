"""Arbin: databases (.res) and the tables its software exports."""

from __future__ import annotations

from .res import ArbinResReader
from .text import ArbinTextReader

__all__ = ["ArbinResReader", "ArbinTextReader"]
