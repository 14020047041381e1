"""Peel tests as plain columns whose headers state travel and force with their units."""

from __future__ import annotations

from pathlib import Path

from .contract import Measured, ReadOptions
from .universal_testing import declined, measured


class PeelTableReader:
    """Columns such as ``Displacement (mm), Force (N)``; several strips side by side, or by a column ``Specimen``."""

    name = "peel-table"
    description = "peel tests as columns of text with headers such as 'Displacement (mm), Force (N)'"
    suffixes = (".csv", ".txt", ".dat", ".tsv")
    version = "1"
    fallback = True
    technique = "adhesion"

    def sniff(self, head: bytes) -> str | None:
        """Whether headers name travel and force; see :class:`~.contract.MeasurementReader`."""
        return declined(head)

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """The whole file; see :class:`~.contract.MeasurementReader`."""
        return measured(path, options)
