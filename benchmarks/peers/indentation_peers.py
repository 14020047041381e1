"""Unloadings through nanodent and micromechanics, one after the other: seconds per indent, and reduced moduli."""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nanodent
import numpy as np
from micromechanics.indentation import Indentation
from micromechanics.indentation.definitions import Method


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    tip = nanodent.TipAreaFunction(c0=given["tip"])
    tests = [[np.array(column) for column in test] for test in given["tests"]]

    def unloading(test: list[np.ndarray]) -> float:
        depth, load = test[0][given["onset"] :], 1e3 * test[1][given["onset"] :]
        found = nanodent.analyze_oliver_pharr(depth, load, onset_disp_nm=0.0, tip_area_function=tip)
        return float(found.reduced_modulus_uN_per_nm2) * 1e3

    def given_turns(test: list[np.ndarray]) -> float:
        depth, load = 1e-3 * test[0], test[1]
        peer = Indentation()
        peer.output["verbose"], peer.method = 0, Method.ISO
        peer.iLHU = [[0, given["onset"] - 1, given["onset"], len(load) - 1]]
        slope, valid, *_ = peer.stiffnessFromUnloading(load, depth)
        reduced, *_ = peer.OliverPharrMethod(np.array(slope), load[valid], depth[valid])
        return float(np.ravel(reduced)[-1])

    with contextlib.redirect_stdout(sys.stderr):
        found = {"nanodent": timed(unloading, tests), "micromechanics": timed(given_turns, tests)}
    print(json.dumps(found))


def timed(call: Callable[[list[np.ndarray]], float], tests: list[list[np.ndarray]]) -> dict[str, object]:
    spent, values = [], []
    call(tests[0])
    for test in tests:
        begin = time.perf_counter()
        values.append(call(test))
        spent.append(time.perf_counter() - begin)
    return {"seconds": statistics.median(spent), "values": values}


if __name__ == "__main__":
    main()
