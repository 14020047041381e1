"""Shirley's background against lmfitxps, in turn on one core: ``python benchmarks/materials_photoemission.py``.

What is compared stands in the table. The peer runs in an environment of its own, which ``make bench`` makes.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

import numpy as np
from measure import are_there, in_process, peers, seconds
from record import Table, duration

from pchp_widgets.analysis.photoemission.backgrounds import shirley
from pchp_widgets.analysis.photoemission.layers import global_fit
from pchp_widgets.io.synthetic.photoemission import layers

PEER = peers("xps")
SAMPLES, ROUNDS = 99, 3
TABLE = Table(
    "Photoemission: Shirley's background",
    f"{SAMPLES} spectra of C 1s on one core; times are per spectrum. lmfitxps takes one spectrum at a time; we take "
    "one, and all of them in one call. Net areas must agree, else there is no time.",
)


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
    TABLE.remark(
        f"A global fit of three layers with profile likelihood takes {duration(first)}, and {duration(again)} again "
        "with its window moved; there is no peer."
    )


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
    if apart > 1e-4:
        raise SystemExit("the backgrounds do not agree: times are not comparable")
    theirs, *ours = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratios = [statistics.median(row[0] / row[at] for row in rounds) for at in (1, 2)]
    for what, own, ratio in zip(("one spectrum", "all at once"), ours, ratios, strict=True):
        TABLE.row(what, "lmfitxps, one spectrum", duration(own), duration(theirs), ratio=ratio)
    TABLE.remark(f"Net areas of spectra of {len(energy)} points differ by at most {apart:.1e} (relative).")


if __name__ == "__main__":
    main()
