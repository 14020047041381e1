"""Every per-cycle analysis over a study of 1,000 cells, 1,000 cycles and 3 steps at once, on one core.

``python benchmarks/study.py full`` prints seconds by analysis, and the peak memory of the process with its data. The
kinds are ``full``, ``li_cu`` and ``symmetric``; the latter begins at the polarization, which rests on points.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np
import xarray as xr
from measure import seconds

from pchp_widgets.analysis import coulombic, cycling, fade, inventory, knee, life, overshoot, rate, symmetric
from pchp_widgets.model.schema import MODES, dataset

CELLS, CYCLES = 1000, 1000
AREA, LOADING = 1.327, 16.3
STEPS = {
    "full": {"cc_charge": (0.97, 3.45), "cv_charge": (0.03, 3.6), "cc_discharge": (-0.9995, 3.35)},
    "li_cu": {"cc_discharge": (-1.0, -0.05), "cc_charge": (0.99, 0.05), "rest": (0.0, 0.0)},
}


def study(kind: str) -> xr.Dataset:
    """Steps of cells that fade at rates of their own, some with a knee."""
    rng = np.random.default_rng(1)
    shape = (CELLS, CYCLES, len(STEPS[kind]))
    share, voltage = (np.array(values) for values in zip(*STEPS[kind].values(), strict=True))
    cycle = np.arange(1, CYCLES + 1)
    bend = rng.uniform(200, 1500, CELLS)[:, None]
    left = 1 - 1e-4 * cycle - 6e-4 * np.clip(cycle - bend, 0, None)
    charge = 2.8 * AREA * np.clip(left, 0.05, 1)[..., None] * share * (1 + 1e-4 * rng.standard_normal(shape))
    duration = np.full(shape, 1800.0)
    columns = {
        "mode": np.broadcast_to([MODES.index(mode) for mode in STEPS[kind]], shape).astype(np.int8),
        "time_start": duration.cumsum(1).cumsum(2),
        "duration": duration,
        "charge": charge,
        "energy": charge * voltage,
        "areal_capacity": charge / AREA,
        "current_mean": charge / 0.5,
        "current_density": charge / 0.5 / AREA,
        **{name: np.broadcast_to(voltage, shape).copy() for name in ("voltage_end", "voltage_min", "voltage_max")},
        "point_start": np.arange(charge.size).reshape(shape),
        "point_count": np.ones(shape, np.int64),
    }
    known = {"area": AREA, "loading": LOADING, "lithium_thickness": 35.0, "nominal_capacity": 2.8}
    coords = {name: ("cell", np.full(CELLS, value)) for name, value in known.items()}
    coords |= {"coating": ("cell", ["bare", "PCHP"] * (CELLS // 2)), "kind": ("cell", [kind] * CELLS)}
    place = {"cell": [f"cell-{at}" for at in range(CELLS)], "cycle": cycle, "step": np.arange(1, shape[2] + 1)}
    return dataset("steps", columns, coords={**place, **coords})


def polarization() -> xr.Dataset:
    """What the polarization of symmetric cells looks like, half of which have a short."""
    rng = np.random.default_rng(2)
    dims, shape = ("cell", "cycle", "direction"), (CELLS, CYCLES, 2)
    eta = 0.03 * (1 + 0.02 * rng.standard_normal(shape))
    short = rng.integers(100, 2 * CYCLES, CELLS)[:, None, None]
    eta = np.where(np.arange(CYCLES)[:, None] >= short, 0.1 * eta, eta)
    begin = 3600.0 * np.arange(2 * CYCLES).reshape(CYCLES, 2)
    variables = {name: (dims, eta * factor) for name, factor in (("mid", 1.0), ("max", 1.2), ("noise", 0.01))}
    variables |= {"time_start": (dims, np.broadcast_to(begin, shape)), "duration": (dims, np.full(shape, 3600.0))}
    variables["interrupted"] = (dims, np.zeros(shape, bool))
    return xr.Dataset(variables, {"cell": [f"cell-{at}" for at in range(CELLS)], "cycle": np.arange(1, CYCLES + 1)})


def analyses(kind: str) -> dict[str, Callable[[], object]]:
    """Every analysis of a kind of cells, by its name."""
    if kind == "symmetric":
        found = polarization()
        lives = symmetric.life(found)
        return {
            "polarization per cycle": lambda: symmetric.per_cycle(found),
            "life by every criterion": lambda: symmetric.life(found),
            "first failure": lambda: life.first_failure(lives),
        }
    steps = study(kind)
    if kind == "li_cu":
        return {"Coulombic efficiency of Li||Cu": lambda: coulombic.efficiency(steps)}
    found = cycling.per_cycle(steps)
    left = cycling.retention(found)
    of = inventory.reservoir(found)
    course = inventory.ledger(found, of)
    balance = inventory.balance(found, of, course)
    return {
        "capacities and efficiencies": lambda: cycling.per_cycle(steps),
        "retention": lambda: cycling.retention(found),
        "cycle at 80 %": lambda: cycling.cycle_at(left),
        "mean efficiency": lambda: cycling.mean_efficiency(found),
        "knees": lambda: knee.knees(found),
        "fade": lambda: fade.fade(left),
        "signs of soft shorts": lambda: overshoot.charge_overshoot(found),
        "rate test told apart": lambda: rate.is_rate_test(found),
        "lithium ledger": lambda: inventory.ledger(found, inventory.reservoir(found)),
        "N/P and bounds of CE": lambda: inventory.balance(found, of, course),
        "contradiction of CE and retention": lambda: inventory.contradiction(found, balance),
    }


if __name__ == "__main__":
    spent = {name: seconds(call, 3) for name, call in analyses(sys.argv[1]).items()}
    print(json.dumps({"seconds": spent, "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}))
