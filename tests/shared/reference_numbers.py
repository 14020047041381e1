"""Numbers that others have of a real file, held against ours: what tests assert and docs/formats.md shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from pchp_widgets.io.contract import ReadOptions
from pchp_widgets.io.registry import reader_for


class Number(NamedTuple):
    """One quantity of a file, as we and as others have it; equal within an absolute and a relative tolerance."""

    quantity: str
    ours: npt.ArrayLike
    theirs: npt.ArrayLike
    atol: float = 0.0
    rtol: float = 0.0

    @property
    def equal(self) -> bool:
        ours, theirs = np.asarray(self.ours), np.asarray(self.theirs)
        return ours.shape == theirs.shape and bool(np.allclose(ours, theirs, atol=self.atol, rtol=self.rtol))


class Source(NamedTuple):
    """Who has numbers of which files: one entry for each file that is here, which is read when it is called."""

    name: str
    files: Callable[[Path], dict[str, Callable[[], Iterable[Number]]]]
    least: int
    """As many files are known to be there."""


class Reason(NamedTuple):
    """Why others have another number of a file, and what decided."""

    why: str
    decided: str


def points_of(path: Path) -> xr.Dataset:
    """Points as the reader of the file gives them, before cycles are counted."""
    return reader_for(path).read(path, ReadOptions()).points
