"""Seconds to read a BDF csv and reduce it to steps. Usage: load_bdf.py WHO FILE, or load_bdf.py make FILE ROWS.

The figures of polars are bare scans, without any check and without steps: ``polars`` of the columns that the steps
need, ``polars_all`` of all that the file has, which is what we read.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import polars as pl
from measure import seconds

NEEDED = ("Test Time / s", "Voltage / V", "Current / A", "Cycle Count / 1", "Step Count / 1")
CYCLES = 1000


def make(file: Path, rows: int) -> None:
    """A file of 1,000 cycles at 2 mA, a record every 4 s."""
    number = np.arange(rows)
    per_cycle = rows // CYCLES
    phase = number % per_cycle
    noise = np.random.default_rng(20241101).normal(size=(2, rows))
    columns = (
        4.0 * number,
        np.round(3.7 + 0.4 * np.sin(np.pi * phase / per_cycle) + 1e-4 * noise[0], 5),
        np.where(phase < per_cycle // 2, 0.002, -0.002),
        number // per_cycle + 1,
        number // (per_cycle // 2) + 1,
    )
    temperature = {"Ambient Temperature / degC": np.round(25 + 0.1 * noise[1], 2)}
    pl.DataFrame(dict(zip(NEEDED, columns, strict=True)) | temperature).write_csv(file)


who, path = sys.argv[1], Path(sys.argv[2])
warnings.simplefilter("ignore")
if who == "make":
    make(path, int(sys.argv[3]))
    print(json.dumps(path.stat().st_size))
elif who == "polars":
    print(json.dumps(seconds(lambda: pl.scan_csv(path).select(NEEDED).collect(), 3)))
elif who == "polars_all":
    print(json.dumps(seconds(lambda: pl.scan_csv(path).collect(), 3)))
elif who == "steps":
    from pchp_widgets.io.bdf import BdfReader
    from pchp_widgets.io.contract import ReadOptions
    from pchp_widgets.model.cycles import steps

    def load() -> object:
        return steps(BdfReader().read(path, ReadOptions()).points, rule="charge_first")

    print(json.dumps(seconds(load, 3)))
else:
    from pchp_widgets import open_cell

    print(json.dumps(seconds(lambda: open_cell(path), 3)))
