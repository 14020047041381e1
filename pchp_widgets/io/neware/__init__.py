"""Neware .nda and .ndax, and the exports of its software."""

from __future__ import annotations

from .reader import NewareReader
from .text import NewareTextReader

__all__ = ["NewareReader", "NewareTextReader"]
