"""Isotherms through pyGAPS, one after the other: seconds per isotherm, and its results."""

from __future__ import annotations

import contextlib
import json
import logging
import statistics
import sys
import time
from pathlib import Path

import pygaps
import pygaps.characterisation as pgc


def main() -> None:
    logging.disable(logging.CRITICAL)
    given = json.loads(Path(sys.argv[1]).read_text())
    isotherms = [
        pygaps.PointIsotherm(
            pressure=given["pressure"], loading=uptake, material=f"{at}", adsorbate=given["gas"],
            temperature=given["temperature"], pressure_mode="absolute", pressure_unit="bar", loading_basis="molar",
            loading_unit="mmol", material_basis="mass", material_unit="g", temperature_unit="K",
        )
        for at, uptake in enumerate(given["uptake"])
    ]  # fmt: skip
    calls = {
        "bet": lambda one: pgc.area_BET(one, p_limits=given["window"])["area"],
        "dr": lambda one: pgc.dr_plot(one, p_limits=given["window"])["pore_volume"],
        "da": lambda one: pgc.da_plot(one, p_limits=given["window"])["pore_volume"],
    }
    found = {}
    for name, call in calls.items():
        spent, values = [], []
        with contextlib.redirect_stdout(sys.stderr):
            call(isotherms[0])
            for one in isotherms:
                begin = time.perf_counter()
                values.append(float(call(one)))
                spent.append(time.perf_counter() - begin)
        found[name] = {"seconds": statistics.median(spent), "values": values}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
