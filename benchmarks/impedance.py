"""Fits of 1,000 seeded spectra of each kind, on one core, without a start: time, success, and what the intervals cover.

``python benchmarks/impedance.py`` prints a table; with names of kinds it prints their figures as JSON on the last line.
Success is all resistances within 5 % of the truth. ``ceiling`` is the success of a fit that begins at the truth: what
the noise allows. ``refit`` is one spectrum from a start, its Kramers-Kronig test being known, as a panel does it.
"""

from __future__ import annotations

import json
import os
import sys

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import xarray as xr
from measure import seconds

from pchp_widgets.analysis import impedance
from pchp_widgets.analysis.validity import lin_kk
from pchp_widgets.io.synthetic.impedance import KINDS, known_spectra

COUNT, SEED, WITHIN = 1000, 2, 0.05
COLUMNS = ("ms_per_spectrum", "success", "ceiling", "covered", "misfit", "refit_ms")


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps({kind: figures(kind) for kind in sys.argv[1:]}))
        return
    print(f"{COUNT} spectra of each kind, noise 0.2 % of |Z|\n{'kind':12}" + "".join(f"{name:>17}" for name in COLUMNS))
    for kind in KINDS:
        found = figures(kind)
        print(f"{kind:12}" + "".join(f"{found[name]:17.3f}" for name in COLUMNS), flush=True)


def figures(kind: str) -> dict[str, float]:
    """Everything about one kind."""
    known = known_spectra(kind, COUNT, seed=SEED)
    found = impedance.fit(known.spectra, known.circuit)
    truth = known.truth["value"].sel(parameter=found["parameter"])
    start = {str(name): truth.sel(parameter=name, drop=True) for name in truth["parameter"].values}
    error = abs(found["value"] - truth) / found["value_stderr"]
    one = known.spectra.isel(cell=[0])
    validity, before = lin_kk(one), found.isel(cell=[0])
    return {
        "ms_per_spectrum": 1e3 / COUNT * seconds(lambda: impedance.fit(known.spectra, known.circuit), 5),
        "success": success(found, truth),
        "ceiling": success(impedance.fit(known.spectra, known.circuit, start=start), truth),
        "covered": float((resistances(error) < 1.96).mean()),
        "misfit": float(((found["status"] & impedance.STATUS["misfit"][0]) > 0).mean()),
        "refit_ms": 1e3 * seconds(lambda: impedance.fit(one, known.circuit, start=before, validity=validity)),
    }


def resistances(of: xr.DataArray) -> xr.DataArray:
    return of.sel(parameter=[name for name in of["parameter"].values if name.startswith("R")])


def success(found: xr.Dataset, truth: xr.DataArray) -> float:
    right = np.abs(resistances(found["value"] / truth) - 1) < WITHIN
    return float(right.all("parameter").mean())


if __name__ == "__main__":
    main()
