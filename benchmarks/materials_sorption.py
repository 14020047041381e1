"""BET and Dubinin of isotherms against pyGAPS, in turn on one core: ``python benchmarks/materials_sorption.py``.

What is compared stands in the table. The peer runs in an environment of its own, which ``make bench`` makes.

Where the exponent n of Dubinin and Astakhov is sought, ours is the one that gives back the truth of a synthetic
isotherm (tests/analysis/test_sorption.py): n of least squares of ln W. pyGAPS 4.6.1 (dr_da_plots.py) takes the n for
which the standard error of the slope of ln W over ln(p0/p)^n is least. That error has the units of 1/ln(p0/p)^n, so it
shrinks as n grows where p0/p > e, as it is wherever micropores fill. Unless points scatter by no more than 0.1 %, it
shrinks faster than the misfit grows, and n runs to its upper bound 3, of N2 at 77 K and of CO2 alike, as it does on
real carbons (Takeda 5A, MCM-41); nothing says so. We say where a bound holds n.

N2 in layers, after Brunauer, Emmett and Teller, has no n at all: there ours is held at the lower bound and theirs at
the upper one, volumes differ by 0.36, and neither is right. N2 is therefore compared in micropores, whose n is known.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

import numpy as np
from measure import are_there, in_process, peers, seconds
from record import Table, duration

from pchp_widgets.analysis.sorption import bet, dubinin, isotherms
from pchp_widgets.io.synthetic.sorption import Layered, Porous, Run, isotherm
from pchp_widgets.model.gases import GASES
from pchp_widgets.model.measurements import merged

PEER = peers("sorption")
SAMPLES, POINTS, SCATTER, ROUNDS = 100, 60, 0.005, 3
TABLE = Table(
    "Gas sorption: BET and Dubinin",
    f"{SAMPLES} isotherms of {POINTS} points on one core, in the same range of pressures; times are per isotherm. "
    "pyGAPS takes one isotherm at a time; we take one, and all of them in one call. The exponent of Dubinin and "
    "Astakhov is the one of least squares here; there it is the one whose slope has the least standard error, which "
    "shrinks as the exponent grows, whatever the fit, and is found at the bound 3. The isotherms are synthetic, with a "
    "scatter of 0.5 %, and what either finds of their truth stands below. N2 in layers has no such exponent.",
)
NAMES = {"bet": "BET", "dr": "Dubinin-Radushkevich", "da": "Dubinin-Astakhov"}
CASES = {
    "N2, 77 K": (Layered(), (0.05, 0.3), ("bet", "dr")),
    "N2 in micropores, 77 K": (Porous(0.25, 8.0, gas="N2", temperature=77.355), (1e-5, 1e-2), ("dr", "da")),
    "CO2, 277 K": (Porous(), (0.002, 0.02), ("bet", "dr", "da")),
}
"""What is adsorbed how, the range of relative pressure, and what describes it."""


def main() -> None:
    if not are_there(PEER):
        return
    for name, (truth, window, methods) in CASES.items():
        case(name, truth, window, methods)


def case(name: str, truth: Layered | Porous, window: tuple[float, float], methods: tuple[str, ...]) -> None:
    p0 = float(GASES[truth.gas].saturation_pressure(truth.temperature))
    top = min(0.9 * p0, 1.0)
    run = Run(np.geomspace(min(1e-3 * top, window[0] * p0 / 2), top, POINTS), SCATTER)
    parts = [isotherm(truth, run, name=f"{seed}", seed=seed) for seed in range(SAMPLES)]
    every, one = isotherms(merged(parts)), isotherms(parts[0])
    known = {
        "bet": (lambda data: bet(data, window), "area"),
        "dr": (lambda data: dubinin(data, window), "volume"),
        "da": (lambda data: dubinin(data, window, exponent=None), "volume"),
    }
    calls = {method: known[method] for method in methods}
    given = {
        "pressure": run.pressures.tolist(), "uptake": [part["uptake"].values[0].tolist() for part in parts],
        "gas": {"N2": "nitrogen", "CO2": "carbon dioxide"}[truth.gas], "temperature": truth.temperature,
        "window": window, "methods": methods,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "isotherms.json"
        file.write_text(json.dumps(given))
        turns = []
        for _ in range(ROUNDS):
            theirs = in_process("peers/sorption_pygaps.py", str(file), python=PEER)
            mine = {
                key: (seconds(lambda c=call: c(one)), seconds(lambda c=call: c(every), 5) / SAMPLES)
                for key, (call, _) in calls.items()
            }
            turns.append((theirs, mine))
    for key, (call, quantity) in calls.items():
        peer, *ours = (
            statistics.median(column)
            for column in zip(*((theirs[key]["seconds"], *mine[key]) for theirs, mine in turns), strict=True)
        )
        ratios = [statistics.median(theirs[key]["seconds"] / mine[key][at] for theirs, mine in turns) for at in (0, 1)]
        found, peers_found = call(every), turns[0][0][key]
        away = float(np.max(np.abs(found[quantity].values / np.array(peers_found["values"]) - 1)))
        for what, own, ratio in zip(("one isotherm", "all at once"), ours, ratios, strict=True):
            TABLE.row(
                f"{NAMES[key]}, {name}: {what}", "pyGAPS, one isotherm", duration(own), duration(peer), ratio=ratio
            )
        TABLE.remark(f"{NAMES[key]}, {name}: results differ by at most {away:.1e} (relative).")
        if isinstance(truth, Porous) and "exponents" in peers_found:
            here, there = np.median(found["exponent"].values), np.median(peers_found["exponents"])
            said = f"the exponent is {truth.exponent:g}; {here:.2f} here, {there:.2f} there"
            TABLE.remark(f"{NAMES[key]}, {name}: {said}.")


if __name__ == "__main__":
    main()
