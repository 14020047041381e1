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
        "bet": (pgc.area_BET, "area"),
        "dr": (pgc.dr_plot, "pore_volume"),
        "da": (pgc.da_plot, "pore_volume"),
    }
    found = {}
    for name in given["methods"]:
        (call, quantity), spent, results = calls[name], [], []
        with contextlib.redirect_stdout(sys.stderr):
            call(isotherms[0], p_limits=given["window"])
            for one in isotherms:
                begin = time.perf_counter()
                results.append(call(one, p_limits=given["window"]))
                spent.append(time.perf_counter() - begin)
        found[name] = {"seconds": statistics.median(spent), "values": [float(one[quantity]) for one in results]}
        if all("exponent" in one for one in results):
            found[name]["exponents"] = [float(one["exponent"]) for one in results]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
