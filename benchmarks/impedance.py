"""Fits of 1,000 seeded spectra of each kind, on one core, without a start: time, success, and what the intervals cover.

``python benchmarks/impedance.py`` prints a table; with names of kinds it prints their figures as JSON on the last line;
with ``--peers [kind ...]`` it goes on to the packages that users know (:mod:`impedance_peers`).
Success is all resistances within 5 % of the truth. ``ceiling`` is the success of a fit that begins at the truth: what
the noise allows. ``refit`` is one spectrum from a start, its Kramers-Kronig test being known, as a panel does it.
``lin_kk`` and ``drt`` are times per spectrum of the Kramers-Kronig test and of the distribution of relaxation times
with the penalty chosen by cross-validation.
"""

from __future__ import annotations

import json
import os
import sys

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ["OMP_NUM_THREADS"] = "1"

import xarray as xr
from impedance_peers import KINDS as COMPARED
from impedance_peers import compare
from measure import seconds

from pchp_widgets.analysis import impedance
from pchp_widgets.analysis.relaxation import relaxation_times
from pchp_widgets.analysis.validity import lin_kk
from pchp_widgets.io.synthetic.impedance import KINDS, known_spectra

COUNT, SEED, WITHIN = 1000, 2, 0.05
COLUMNS = ("ms_per_spectrum", "success", "ceiling", "covered", "misfit", "refit_ms", "lin_kk_ms", "drt_ms")


def main() -> None:
    kinds = [word for word in sys.argv[1:] if word != "--peers"]
    if "--peers" not in sys.argv and kinds:
        print(json.dumps({kind: figures(kind) for kind in kinds}))
        return
    print(
        f"{COUNT} spectra of each kind, noise 0.2 % of |Z|\n{'kind':12}"
        + "".join(f"{name:>{len(name) + 2}}" for name in COLUMNS)
    )
    for kind in KINDS:
        found = figures(kind)
        print(f"{kind:12}" + "".join(f"{found[name]:{len(name) + 2}.3f}" for name in COLUMNS), flush=True)
    if "--peers" in sys.argv:
        compare({kind: known_spectra(kind, COUNT, seed=SEED) for kind in kinds or COMPARED}, WITHIN)


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
        "lin_kk_ms": 1e3 / COUNT * seconds(lambda: lin_kk(known.spectra), 3),
        "drt_ms": 1e3 / COUNT * seconds(lambda: relaxation_times(known.spectra), 3),
    }


def resistances(of: xr.DataArray) -> xr.DataArray:
    return of.sel(parameter=[name for name in of["parameter"].values if name.startswith("R")])


def success(found: xr.Dataset, truth: xr.DataArray) -> float:
    right = abs(resistances(found["value"] / truth) - 1) < WITHIN
    return float(right.all("parameter").mean())


if __name__ == "__main__":
    main()
