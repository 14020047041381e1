"""Halos fitted together with scattering by air, against lmfit: ``python benchmarks/materials_diffraction.py``.

What is compared stands in the table. The peer runs in the environment of ``make bench``.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

import numpy as np
from measure import are_there, in_process, peers, seconds
from record import Table, duration

from pchp_widgets.analysis.diffraction import halos
from pchp_widgets.analysis.diffraction.prepared import prepared
from pchp_widgets.io.synthetic.diffraction import Film, pattern
from pchp_widgets.model.measurements import merged

SAMPLES, ROUNDS = 6, 3
TABLE = Table(
    "Diffraction: halos",
    "Three Gaussians, a constant and an exponential for scattering by air, fitted with the same start and weights; "
    "times are per fit. lmfit takes one pattern at a time, once with every point and once with the bins that ours "
    "makes of them; ours is given the points, and its time includes the binning, the errors and the dataset it "
    "returns.",
)
STARTS = (13.0, 18.0, 41.0)


def main() -> None:
    if not are_there(peers()):
        return
    parts = [pattern(Film(), name=str(seed), seed=seed) for seed in range(SAMPLES)]
    every, one = merged(parts), parts[0]
    calls = {
        "one pattern": (lambda: halos(one, starts=STARTS, backgrounds=("air",)), 1),
        f"{SAMPLES} patterns at once": (lambda: halos(every, starts=STARTS, backgrounds=("air",)), SAMPLES),
        f"{SAMPLES} patterns, 5 backgrounds": (lambda: halos(every, starts=STARTS), 5 * SAMPLES),
    }
    of = prepared(every)
    points = np.sqrt(1 / np.maximum(_smooth(every["intensity"].values), 1.0))
    given = {
        "points": (every["two_theta"].values[0], every["intensity"].values, points),
        "bins": (of.two_theta[0], of.intensity, of.weights),
    }
    turns = [({name: peer(*columns) for name, columns in given.items()}, mine(calls)) for _ in range(ROUNDS)]
    centres = halos(every, starts=STARTS, backgrounds=("air",))["position"].values[:, 0]
    errors = halos(every, starts=STARTS, backgrounds=("air",))["position_stderr"].values[:, 0]
    for data in given:
        theirs = statistics.median(there[data]["seconds"] for there, _ in turns)
        away = float(np.max(np.abs(centres - np.array(turns[0][0][data]["centres"])) / errors))
        for name in calls:
            own = statistics.median(here[name] for _, here in turns)
            ratio = statistics.median(there[data]["seconds"] / here[name] for there, here in turns)
            TABLE.row(name, f"lmfit, of the {data}", duration(own), duration(theirs), ratio=ratio)
        TABLE.remark(f"The centres differ from lmfit's of the {data} by at most {away:.1g} standard errors.")
    TABLE.remark(f"{SAMPLES} patterns of {every.sizes['point']} points in {of.two_theta.shape[1]} bins.")


def mine(calls: dict) -> dict[str, float]:
    return {name: seconds(call, 5) / fits for name, (call, fits) in calls.items()}


def peer(angle: np.ndarray, intensity: np.ndarray, weights: np.ndarray) -> dict:
    given = {"two_theta": angle.tolist(), "starts": STARTS}
    given |= {"intensity": intensity.tolist(), "weights": weights.tolist()}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "patterns.json"
        file.write_text(json.dumps(given))
        return in_process("peers/halos_lmfit.py", str(file), python=peers())


def _smooth(values: np.ndarray) -> np.ndarray:
    kernel = np.ones(63) / 63
    return np.stack([np.convolve(np.pad(row, 31, mode="edge"), kernel, "valid") for row in values])


if __name__ == "__main__":
    main()
