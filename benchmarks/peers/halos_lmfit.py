"""The same pattern and model through lmfit, one pattern after the other: seconds per pattern, and its centres."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from lmfit.models import ConstantModel, ExponentialModel, GaussianModel


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    angle = np.array(given["two_theta"])
    model = ExponentialModel(prefix="air_") + ConstantModel(prefix="floor_")
    for at in range(len(given["starts"])):
        model += GaussianModel(prefix=f"halo{at}_")
    spent, centres = [], []
    for counts, weights in zip(given["intensity"], given["weights"], strict=True):
        begin = time.perf_counter()
        values = np.array(counts)
        parameters = model.make_params(air_amplitude=float(values[0]) * np.exp(angle[0] / 6), air_decay=6.0)
        parameters["floor_c"].set(float(values[-1]))
        for at, start in enumerate(given["starts"]):
            parameters[f"halo{at}_center"].set(start, min=angle[0], max=angle[-1])
            parameters[f"halo{at}_sigma"].set(2.1, min=0.5, max=8.5)
            parameters[f"halo{at}_amplitude"].set(4000.0, min=0.0)
        found = model.fit(values, parameters, x=angle, weights=np.array(weights))
        spent.append(time.perf_counter() - begin)
        centres.append([found.params[f"halo{at}_center"].value for at in range(len(given["starts"]))])
    print(json.dumps({"seconds": statistics.median(spent), "centres": centres}))


if __name__ == "__main__":
    main()
