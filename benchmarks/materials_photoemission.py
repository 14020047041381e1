"""Shirley's background against lmfitxps, in turn on one core: ``python benchmarks/materials_photoemission.py``.

lmfitxps takes one spectrum at a time; we take one, and all of them in one call. Net areas must agree before any time is
compared. Below stands how long one global fit of three layers takes, with its profile likelihood. The peer runs in an
environment of its own, which ``make bench`` makes.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

import numpy as np
from measure import are_there, in_process, peers, seconds

from pchp_widgets.analysis.photoemission.backgrounds import shirley
from pchp_widgets.analysis.photoemission.layers import global_fit
from pchp_widgets.io.synthetic.photoemission import layers

PEER = peers("xps")
SAMPLES, ROUNDS = 99, 3


def main() -> None:
    data = [layers(seed=seed) for seed in range(SAMPLES // 3)]
    spectra = np.concatenate([one["intensity"].sel(region="C 1s").values for one in data])
    energy = data[0]["binding_energy"].sel(region="C 1s").values[0]
    every = np.tile(energy, (len(spectra), 1))
    if are_there(PEER):
        against_peer(energy, every, spectra)
    shift = global_fit(data[0])["charge_shift"]
    first = seconds(lambda: global_fit(data[0]))
    again = seconds(lambda: global_fit(data[0], shift=shift, window=(282.0, 294.0)))
    print(f"global fit of three layers with intervals: {first * 1e3:.0f} ms, with a window moved {again * 1e3:.0f} ms")


def against_peer(energy: np.ndarray, every: np.ndarray, spectra: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "spectra.json"
        file.write_text(json.dumps({"energy": energy.tolist(), "spectra": spectra.tolist()}))
        rounds = []
        for _ in range(ROUNDS):
            peer = in_process("peers/shirley_lmfitxps.py", str(file), python=PEER)
            one = seconds(lambda: [shirley(energy, spectrum) for spectrum in spectra], 5) / len(spectra)
            together = seconds(lambda: shirley(every, spectra), 5) / len(spectra)
            rounds.append((peer["seconds"], one, together))
    areas = np.trapezoid(spectra - shirley(every, spectra), every, axis=1)
    apart = float(np.max(np.abs(areas / np.array(peer["areas"]) - 1)))
    theirs, one, together = (statistics.median(column) * 1e6 for column in zip(*rounds, strict=True))
    ratios = [statistics.median(row[0] / row[at] for row in rounds) for at in (1, 2)]
    print(f"Shirley of {len(spectra)} spectra of {len(energy)} points; microseconds per spectrum, {ROUNDS} turns")
    print(f"lmfitxps {theirs:.0f}, ours one {one:.0f} ({ratios[0]:.1f}x), ours all {together:.0f} ({ratios[1]:.1f}x)")
    print(f"net areas differ by at most {apart:.1e}")
    if apart > 1e-4:
        raise SystemExit("the backgrounds do not agree: times are not comparable")


if __name__ == "__main__":
    main()
