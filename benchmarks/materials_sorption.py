"""BET and Dubinin of isotherms against pyGAPS, in turn on one core: ``python benchmarks/materials_sorption.py``.

pyGAPS takes one isotherm at a time; we take one, and all of them in one call. Both work in the same range of pressures,
and their results must agree before any time is compared. The peer runs in an environment of its own, which
``make bench`` makes.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

import numpy as np
from measure import are_there, in_process, peers, seconds

from pchp_widgets.analysis.sorption import bet, dubinin, isotherms
from pchp_widgets.io.synthetic.sorption import Layered, Porous, Run, isotherm
from pchp_widgets.model.gases import GASES
from pchp_widgets.model.measurements import merged

PEER = peers("sorption")
SAMPLES, POINTS, ROUNDS = 100, 60, 3
CASES = {
    "N2, 77 K": (Layered(), (0.05, 0.3)),
    "CO2, 277 K": (Porous(), (0.002, 0.02)),
}


def main() -> None:
    if not are_there(PEER):
        return
    print(f"{SAMPLES} isotherms of {POINTS} points; microseconds per isotherm, {ROUNDS} turns")
    print(f"{'':14}{'pyGAPS':>10}{'ours, one':>12}{'ours, all':>12}{'ratio one':>11}{'ratio all':>11}{'differ by':>11}")
    for name, (truth, window) in CASES.items():
        case(name, truth, window)


def case(name: str, truth: Layered | Porous, window: tuple[float, float]) -> None:
    p0 = float(GASES[truth.gas].saturation_pressure(truth.temperature))
    top = min(0.9 * p0, 1.0)
    run = Run(np.geomspace(1e-3 * top, top, POINTS), 0.001)
    parts = [isotherm(truth, run, name=f"{seed}", seed=seed) for seed in range(SAMPLES)]
    every, one = isotherms(merged(parts)), isotherms(parts[0])
    calls = {
        "bet": (lambda data: bet(data, window), "area"),
        "dr": (lambda data: dubinin(data, window), "volume"),
        "da": (lambda data: dubinin(data, window, exponent=None), "volume"),
    }
    given = {
        "pressure": run.pressures.tolist(), "uptake": [part["uptake"].values[0].tolist() for part in parts],
        "gas": {"N2": "nitrogen", "CO2": "carbon dioxide"}[truth.gas], "temperature": truth.temperature,
        "window": window,
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
        peer, single, batch = (
            statistics.median(column)
            for column in zip(*((theirs[key]["seconds"], *mine[key]) for theirs, mine in turns), strict=True)
        )
        ratios = [statistics.median(theirs[key]["seconds"] / mine[key][at] for theirs, mine in turns) for at in (0, 1)]
        away = float(np.max(np.abs(call(every)[quantity].values / np.array(turns[0][0][key]["values"]) - 1)))
        times = "".join(f"{1e6 * value:>{width}.0f}" for value, width in ((peer, 10), (single, 12), (batch, 12)))
        print(f"{name + ' ' + key:14}{times}{ratios[0]:>10.1f}x{ratios[1]:>10.1f}x{away:>11.1e}", flush=True)


if __name__ == "__main__":
    main()
