"""Several files of one cell to one recording: one clock, one count of cycles and steps, one list of spectra."""

from __future__ import annotations

from .join import joined
from .part import Part

__all__ = ["Part", "joined"]
