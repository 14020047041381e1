"""Oliver and Pharr against nanodent and micromechanics on one core: ``python benchmarks/materials_indentation.py``.

The peers take one indent at a time and are told where it unloads; we find that ourselves, and take one indent, or all
of them in one call, intervals, band and flags included. Reduced moduli must agree. The peers run in an
environment of their own, which ``make bench`` makes.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from pathlib import Path

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from measure import are_there, in_process, peers, seconds

from pchp_widgets.analysis.indentation import Settings, oliver_pharr, turning_points
from pchp_widgets.analysis.indentation.contact import IDEAL
from pchp_widgets.io.synthetic.indentation import Indent, indented

PEER = peers("indentation")
TESTS, ROUNDS = 100, 3


def main() -> None:
    if not are_there(PEER):
        return
    data = indented(Indent(tests=TESTS, spread=0.05, depth_noise=0.1, load_noise=0.0005, tip=(IDEAL,), rate=40.0))
    one, turns = data.isel(test=[0]), turning_points(data)
    columns = [data[name].values[0] for name in ("depth", "load", "time")]
    given = {"tip": IDEAL, "onset": int(turns["onset"].values[0, 0, 0])}
    given["tests"] = [[column[at].tolist() for column in columns] for at in range(TESTS)]
    ours = {
        "one": lambda: oliver_pharr(one),
        "all": lambda: oliver_pharr(data),
        "again": lambda: oliver_pharr(data, Settings(window=(0.45, 0.98)), turns),
    }
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "indents.json"
        file.write_text(json.dumps(given))
        for _ in range(ROUNDS):
            theirs = in_process("peers/indentation_peers.py", str(file), python=PEER)
            mine = {name: seconds(call, 5) / (1 if name == "one" else TESTS) for name, call in ours.items()}
            rounds.append((mine, theirs))
    print(f"{TESTS} indents of {data.sizes['point']} points; microseconds per indent, {ROUNDS} turns")
    print(f"{'':16}{'peer':>9}{'one':>9}{'all':>9}{'refit all':>11}{'ratios':>9}{'':16}{'Er differs by':>15}")
    reduced = oliver_pharr(data)["reduced_modulus"].values[0, :, 0]
    for peer in ("nanodent", "micromechanics"):
        theirs_ = statistics.median(theirs[peer]["seconds"] for _, theirs in rounds)
        times = [statistics.median(mine[name] for mine, _ in rounds) for name in ours]
        ratios = [statistics.median(theirs[peer]["seconds"] / mine[name] for mine, theirs in rounds) for name in ours]
        away = float(np.median(np.abs(np.array(rounds[0][1][peer]["values"]) / reduced - 1)))
        shown = "".join(
            f"{1e6 * value:>{width}.0f}" for value, width in zip((theirs_, *times), (9, 9, 9, 11), strict=True)
        )
        print(f"{peer:16}{shown}" + "".join(f"{ratio:>8.1f}x" for ratio in ratios) + f"{away:>13.1e}", flush=True)


if __name__ == "__main__":
    main()
