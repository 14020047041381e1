"""Fits of 1,000 seeded spectra of each kind, on one core, without a start: time, success, and what the intervals cover.

``python benchmarks/impedance.py`` prints a table; with names of kinds it prints their figures as JSON on the last line;
with ``--peers [kind ...]`` it goes on to the packages that users know (:mod:`impedance_peers`).
What the columns mean stands in the table; times are in seconds per spectrum.
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
from record import Table, duration

from pchp_widgets.analysis import impedance
from pchp_widgets.analysis.relaxation import relaxation_times
from pchp_widgets.analysis.validity import lin_kk
from pchp_widgets.io.synthetic.impedance import KINDS, known_spectra

COUNT, SEED, WITHIN = 1000, 2, 0.05
TABLE = Table(
    "Fits of impedance without a start",
    f"{COUNT:,} seeded spectra of each kind with noise of 0.2 % of |Z|, all in one call, on one core; times are per "
    "spectrum. Success is the share of spectra whose resistances are all within 5 % of the truth; possible is the "
    "success of a fit that begins at the truth, which is what the noise allows; covered is the share of resistances "
    "whose truth lies in the 95 % interval; misfit is the share that the fit itself doubts. Refit is one spectrum "
    "alone from a start, as a panel does it. Lin-KK is the Kramers-Kronig test, DRT the distribution of relaxation "
    "times with its penalty chosen by cross-validation. The next two tables hold the same spectra against other "
    "programs.",
    ("kind", "circuit", "fit", "success", "possible", "covered", "misfit", "refit", "Lin-KK", "DRT"),
)
TIMES, SHARES = ("fit", "refit", "Lin-KK", "DRT"), ("success", "possible", "covered", "misfit")


def main() -> None:
    kinds = [word for word in sys.argv[1:] if word != "--peers"]
    if "--peers" not in sys.argv and kinds:
        print(json.dumps({kind: figures(kind) for kind in kinds}))
        return
    for kind in KINDS:
        found = figures(kind)
        shown = {name: duration(found[name]) for name in TIMES} | {name: f"{found[name]:.3f}" for name in SHARES}
        TABLE.row(kind, KINDS[kind][0], *(shown[name] for name in TABLE.heads[2:]))
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
        "fit": 1 / COUNT * seconds(lambda: impedance.fit(known.spectra, known.circuit), 5),
        "success": success(found, truth),
        "possible": success(impedance.fit(known.spectra, known.circuit, start=start), truth),
        "covered": float((resistances(error) < 1.96).mean()),
        "misfit": float(((found["status"] & impedance.STATUS["misfit"][0]) > 0).mean()),
        "refit": seconds(lambda: impedance.fit(one, known.circuit, start=before, validity=validity)),
        "Lin-KK": 1 / COUNT * seconds(lambda: lin_kk(known.spectra), 3),
        "DRT": 1 / COUNT * seconds(lambda: relaxation_times(known.spectra), 3),
    }


def resistances(of: xr.DataArray) -> xr.DataArray:
    return of.sel(parameter=[name for name in of["parameter"].values if name.startswith("R")])


def success(found: xr.Dataset, truth: xr.DataArray) -> float:
    right = abs(resistances(found["value"] / truth) - 1) < WITHIN
    return float(right.all("parameter").mean())


if __name__ == "__main__":
    main()
