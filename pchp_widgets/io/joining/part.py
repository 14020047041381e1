"""One file among those of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...model.schema import CONTROLS
from ..contract import Reader, Recording

FloatArray = npt.NDArray[np.float64]
_EIS = CONTROLS.index("eis")


@dataclass(eq=False)
class Part:
    """A file that was read.

    Attributes
    ----------
    path, reader, recording, digest
        The file, who read it, what it holds, and the SHA-256 of its bytes.
    cycle
        Cycle its name tells.
    offset
        What is added to its times [s] to have those of the cell; NaN where it cannot be placed in time.
    in_trace
        Whether its points go into the trace of the cell.
    """

    path: Path
    reader: Reader
    recording: Recording
    digest: str
    cycle: int | None = None
    offset: float = field(default=float("nan"), init=False)
    in_trace: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.path.name

    @cached_property
    def time(self) -> FloatArray:
        """Times of its points, or of its spectra where it has no points [s]."""
        for found in (self.recording.points, self.recording.spectra):
            if found is not None and "time" in found and found.sizes.get("point", 0):
                times = found["time"].values
                return np.asarray(times[np.isfinite(times)], float)
        return np.zeros(0)

    @cached_property
    def has_points(self) -> bool:
        """Whether it has points of a trace."""
        points = self.recording.points
        return "time" in points and points.sizes["point"] > 0

    @cached_property
    def has_spectra(self) -> bool:
        """Whether it has spectra."""
        spectra = self.recording.spectra
        return spectra is not None and bool(spectra.sizes.get("point", 0))

    @cached_property
    def only_spectra(self) -> bool:
        """Whether every point it has is one of a spectrum."""
        points = self.recording.points
        if not self.has_points:
            return True
        return self.has_spectra and "control" in points and bool(np.all(points["control"].values == _EIS))

    @cached_property
    def start(self) -> datetime | None:
        """The moment its clock was at 0; None where the file tells none, or the day only."""
        text = self.recording.provenance.get("start_time", "")
        try:
            return datetime.fromisoformat(text) if len(text) > len("2024-01-01") else None
        except ValueError:
            return None

    @property
    def begin(self) -> float:
        """Time of its first point on the clock of the cell [s]."""
        return self.offset + float(np.min(self.time)) if len(self.time) else self.offset

    @property
    def end(self) -> float:
        """Time of its last point on the clock of the cell [s]."""
        return self.offset + float(np.max(self.time)) if len(self.time) else self.offset


def hours(seconds: float) -> str:
    """A duration as a person says it."""
    size = abs(seconds)
    for unit, length in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if size >= 1.5 * length:
            return f"{size / length:{'.0f' if size >= 1000 * length else '.3g'}} {unit}"
    return f"{size:.3g} s"


def listed(items: Sequence[str], most: int = 6) -> str:
    """Items one after the other; of many the first, and how many there are."""
    return ", ".join(items[:most]) + (f" and so on, {len(items)} in all" if len(items) > most else "")
