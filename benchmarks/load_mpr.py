"""Seconds to load one .mpr. Usage: load_mpr.py galvani|columns|steps FILE.

Results are kept, as a user keeps them: freed memory would otherwise be lent to the next round and flatter everybody.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

who, file = sys.argv[1], Path(sys.argv[2])
warnings.simplefilter("ignore")


def galvani() -> Callable[[], object]:
    """The peer: its columns, nothing computed."""
    from galvani import BioLogic

    return lambda: BioLogic.MPRfile(str(file))


def columns() -> Callable[[], object]:
    """The same from us - columns as numpy arrays - and the charge of every half-cycle."""
    from pchp_widgets.io.biologic import mpr

    def load() -> object:
        found = mpr.columns(file)
        edges = np.flatnonzero(np.diff(found["half cycle"], prepend=-1))
        return found, np.add.reduceat(found["dq/mA.h"], edges)

    return load


def steps() -> Callable[[], object]:
    """Points as an xarray Dataset and the whole step table as another."""
    from pchp_widgets.io.contract import ReadOptions
    from pchp_widgets.io.registry import reader_for
    from pchp_widgets.model import cycles

    def load() -> object:
        recording = reader_for(file).read(file, ReadOptions())
        return recording, cycles.steps(recording.points, rule="discharge_first")

    return load


load = {"galvani": galvani, "columns": columns, "steps": steps}[who]()
spent, kept = [], [load()]
for _ in range(40):
    begin = time.perf_counter()
    kept.append(load())
    spent.append(time.perf_counter() - begin)
print(json.dumps(statistics.median(spent)))
