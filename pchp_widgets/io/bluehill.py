"""Raw data of Instron machines, as Bluehill exports them: csv with a row of units, of one specimen or several."""

from __future__ import annotations

import re
from pathlib import Path

from .contract import Measured, ReadOptions
from .tables.rows import decoded
from .universal_testing import declined, measured

_OURS = re.compile(r"bluehill|instron|results table|^\W*time\W+extension\W+load\b", re.IGNORECASE | re.MULTILINE)


class BluehillReader:
    """Time, Extension and Load, with the header of the test above where it was exported with it."""

    name = "instron-bluehill"
    description = "Instron Bluehill raw data (csv) of a peel test"
    suffixes = (".csv", ".txt")
    version = "1"
    fallback = False
    technique = "adhesion"

    def sniff(self, head: bytes) -> str | None:
        """Whether it is an export of Bluehill; see :class:`~.contract.MeasurementReader`."""
        if not _OURS.search(decoded(head)):
            return "neither Bluehill nor columns of Time, Extension and Load are named"
        return declined(head)

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """The whole file; see :class:`~.contract.MeasurementReader`."""
        found = measured(path, options)
        found.provenance["instrument"] = "Instron"
        return found
