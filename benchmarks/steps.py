"""Seconds from ten million points to the step table: ours, or the polars group-by for the same numbers, on one core."""

from __future__ import annotations

import json
import os
import sys

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ["POLARS_MAX_THREADS"] = "1"

import numpy as np
from measure import seconds

COUNT, PER_STEP = 10_000_000, 5_000
time = np.arange(COUNT) * 4.0
step = (np.arange(COUNT) // PER_STEP).astype(np.int32)
current = np.where(step % 2 == 0, 2.0, -2.0)
voltage = 3.5 + 0.5 * np.sin(np.arange(COUNT) / 800.0)

if sys.argv[1] == "polars":
    import polars as pl

    frame = pl.DataFrame({"t": time, "v": voltage, "i": current, "step": step})
    t, v, i = pl.col("t"), pl.col("v"), pl.col("i")

    def reduce() -> object:
        inside = pl.col("step").shift(-1) == pl.col("step")
        interval = pl.when(inside).then(t.shift(-1) - t).otherwise(0.0)
        with_next = frame.lazy().with_columns(dt=interval, i2=i.shift(-1), v2=v.shift(-1))
        grouped = with_next.group_by("step", maintain_order=True).agg(
            charge=((i + pl.col("i2")) * pl.col("dt")).sum() / 7200,
            energy=((i * v + pl.col("i2") * pl.col("v2")) * pl.col("dt")).sum() / 7200,
            mean=((v + pl.col("v2")) * pl.col("dt")).sum() / 2 / pl.col("dt").sum(),
            duration=pl.col("dt").sum(),
            time_start=t.first(),
            voltage_start=v.first(),
            voltage_end=v.last(),
            voltage_min=v.min(),
            voltage_max=v.max(),
            current_min=i.min(),
            current_max=i.max(),
            count=pl.len(),
        )
        return grouped.collect()
else:
    from pchp_widgets.model.cycles import steps
    from pchp_widgets.model.schema import dataset

    points = dataset("points", {"time": time, "voltage": voltage, "current": current, "instrument_step": step})

    def reduce() -> object:
        return steps(points, rule="charge_first")


print(json.dumps(seconds(reduce, 5)))
