"""Neware .nda and .ndax."""

from __future__ import annotations

from .reader import NewareReader

__all__ = ["NewareReader"]
