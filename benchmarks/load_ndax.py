"""Seconds to load a Neware file and reduce it to steps or cycles. Usage: load_ndax.py WHO FILE."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

from measure import seconds

who, file = sys.argv[1], Path(sys.argv[2])
warnings.simplefilter("ignore")

if who == "fastnda":
    import fastnda
    import polars as pl

    def load() -> object:
        frame = fastnda.read(str(file))
        return frame.group_by("cycle_count").agg(pl.col("capacity_mAh").max(), pl.col("voltage_V").mean())

    print(json.dumps(seconds(load, 5)))
else:
    from pchp_widgets import open_cell

    print(json.dumps(seconds(lambda: open_cell(file), 5)))
