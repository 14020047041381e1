"""Shirley backgrounds through lmfitxps, one after the other: seconds per spectrum, and the net areas."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from lmfitxps.backgrounds import shirley_calculate


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    energy, spectra = np.array(given["energy"]), [np.array(one) for one in given["spectra"]]
    found = [shirley_calculate(energy, one, tol=1e-6, maxit=60) for one in spectra]
    spent = []
    for _ in range(5):
        begin = time.perf_counter()
        for one in spectra:
            shirley_calculate(energy, one, tol=1e-6, maxit=60)
        spent.append((time.perf_counter() - begin) / len(spectra))
    areas = [abs(float(np.trapezoid(one - below, energy))) for one, below in zip(spectra, found, strict=True)]
    print(json.dumps({"seconds": statistics.median(spent), "areas": areas}))


if __name__ == "__main__":
    main()
