"""The Li||Cu cells of the demo study: bare and coated copper, galvanostatic and by the modified protocol.

The paper behind the other cells reports none, so these numbers are invented; every cell says so in its notes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import study_files as files
from .li_cu import Copper, LiCuCell, galvanostatic_cell, modified_cell

FloatArray = npt.NDArray[np.float64]
Write = Callable[[xr.Dataset, Path], None]

_GALVANOSTATIC: dict[str, tuple[str, Write, float, int, dict[str, Any]]] = {
    # ending of the file, its writer, efficiency of the second cycle, cycles, and how the cell ends
    "Cu-bare-1": (".mpr", files.small_mpr, 0.951, 48, {"dies": 42}),
    "Cu-bare-2": (".txt", files.tabs, 0.944, 46, {"leak_from": 37}),
    "Cu-bare-3": (".mpr", files.small_mpr, 0.948, 50, {}),
    "Cu-PCHP-1": (".ndax", files.ndax, 0.979, 60, {}),
    "Cu-PCHP-2": (".csv", files.semicolons, 0.975, 60, {}),
    "Cu-PCHP-3": (".mpr", files.small_mpr, 0.977, 60, {}),
}
_MODIFIED: dict[str, tuple[str, Write, float]] = {
    # ending of the file, its writer, efficiency after the conditioning cycle
    "Cu-modified-bare-1": (".bdf.csv", files.bdf, 0.949),
    "Cu-modified-bare-2": (".mpr", files.small_mpr, 0.953),
    "Cu-modified-bare-3": (".txt", files.tabs, 0.946),
    "Cu-modified-PCHP-1": (".mpr", files.small_mpr, 0.980),
    "Cu-modified-PCHP-2": (".ndax", files.ndax, 0.978),
    "Cu-modified-PCHP-3": (".csv", files.semicolons, 0.9795),
}

LI_CU: dict[str, tuple[str, Write]] = {
    name: (row[0], row[1]) for table in (_GALVANOSTATIC, _MODIFIED) for name, row in table.items()
}
"""Ending of the file and its writer, of every Li||Cu cell of the demo study."""

_PROTOCOLS = {
    "galvanostatic": "plating of 1 mA h cm-2, stripping to 1.0 V, at 0.5 mA cm-2",
    "modified": "conditioning cycle and reservoir of 4 mA h cm-2, 10 cycles of 1 mA h cm-2, stripping to 1.0 V, "
    "at 0.5 mA cm-2",
}


def li_cu_cell(name: str) -> LiCuCell:
    """One Li||Cu cell of the demo study, with its truth."""
    seed = 100 + list(LI_CU).index(name)
    rng = np.random.default_rng(seed)
    bare = "bare" in name
    made: dict[str, Any] = {
        "nucleation": float((0.075 if bare else 0.038) * (1 + 0.05 * rng.standard_normal())),
        "sei": 0.03 if bare else 0.015,
        "area": 1.327,
        "points": 21,
    }
    plateau = float((0.032 if bare else 0.024) * (1 + 0.04 * rng.standard_normal()))
    if name in _MODIFIED:
        efficiency = _MODIFIED[name][2]
        return modified_cell(Copper(np.array([efficiency - 0.03, efficiency]), np.array([plateau]), **made), seed=seed)
    *_, efficiency, cycles, end = _GALVANOSTATIC[name]
    k = np.arange(cycles, dtype=np.float64)
    drift, scatter = (2.5e-4, 2.5e-3) if bare else (3e-5, 1e-3)
    by_cycle: FloatArray = efficiency - 0.035 * np.exp(-k / 1.2) - drift * k + scatter * rng.standard_normal(cycles)
    grown: FloatArray = plateau * (1 + (0.012 if bare else 0.003) * k)
    if "dies" in end:
        late = np.clip(k + 1 - end["dies"], 0, None)
        by_cycle, grown = by_cycle * np.exp(-late / 2.0), grown * (1.0 + 0.25 * late)
    copper = Copper(by_cycle, grown, leak_from=end.get("leak_from"), **made)
    return galvanostatic_cell(copper, cycles=cycles, seed=seed)


def li_cu_said(name: str) -> dict[str, object]:
    """What study.toml says of a Li||Cu cell."""
    protocol = "modified" if name in _MODIFIED else "galvanostatic"
    return {
        "kind": "li_cu",
        "half_cycle_capacity": "1 mA h cm-2",
        "protocol": f"{protocol}: {_PROTOCOLS[protocol]}",
        "notes": "invented: the paper reports no Li||Cu cell",
        **({"coated_faces": 1} if "PCHP" in name else {}),
    }
