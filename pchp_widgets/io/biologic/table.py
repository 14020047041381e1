"""What one EC-Lab file holds, by EC-Lab's own names; the same for the binary file and its text export."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass
class Table:
    """Columns and statements of one file, before they are turned into points and spectra.

    Attributes
    ----------
    columns
        Array by the names of :data:`~.columns.COLUMNS` (and those EC-Lab computes for its text export), all of the
        same length. ``loop`` counts the loops of the technique where the file tells of more than one.
    metadata, provenance, settings
        As in :class:`~pchp_widgets.io.contract.Recording`.
    technique
        EC-Lab's short name (``"GCPL"``), or ``""`` where the file does not tell.
    finished
        Whether the last point of the run is there; None when the file does not tell.
    """

    columns: dict[str, Array] = field(default_factory=dict)
    metadata: dict[str, object] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    technique: str = ""
    finished: bool | None = None


def loop_numbers(bounds: list[int], rows: int) -> Array:
    """Loop (0, 1, ...) of each row, from the first row of each loop (the number of rows may follow)."""
    first = np.zeros(rows, np.uint32)
    inside = [start for start in bounds if 0 < start < rows]
    first[inside] = 1
    return np.cumsum(first, dtype=np.uint32)
