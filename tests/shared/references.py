"""All that others know of the real files, and where they are wrong."""

from __future__ import annotations

from pathlib import Path

import references_exports
import references_peers
import references_spectra
from reference_numbers import Reason

SOURCES = (*references_exports.SOURCES, *references_peers.SOURCES, *references_spectra.SOURCES)


def reason(source: str, file: str, quantity: str) -> Reason | None:
    """Why a source has another number than we, where that is known."""
    known = references_exports.DIFFERENT | references_peers.DIFFERENT
    return known.get((source, Path(file).name, quantity))
