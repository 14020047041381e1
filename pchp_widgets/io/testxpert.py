"""Test series of ZwickRoell machines, as testXpert exports them: text with decimal commas, in English or German."""

from __future__ import annotations

import re
from pathlib import Path

from .contract import Measured, ReadOptions
from .tables.rows import decoded
from .universal_testing import declined, measured

_OURS = re.compile(r"testxpert|zwick|standardkraft|standardweg|standard (force|travel)|prüfzeit", re.IGNORECASE)


class ZwickReader:
    """Test time, standard travel and standard force, one specimen below the other or side by side."""

    name = "zwick-testxpert"
    description = "ZwickRoell testXpert text export of a peel test"
    suffixes = (".txt", ".csv", ".tra")
    version = "1"
    fallback = False
    technique = "adhesion"

    def sniff(self, head: bytes) -> str | None:
        """Whether it is an export of testXpert; see :class:`~.contract.MeasurementReader`."""
        if not _OURS.search(decoded(head)):
            return "neither testXpert nor a standard force is named"
        return declined(head)

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """The whole file; see :class:`~.contract.MeasurementReader`."""
        found = measured(path, options)
        found.provenance["instrument"] = "ZwickRoell"
        return found
