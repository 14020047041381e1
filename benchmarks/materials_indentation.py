"""Oliver and Pharr against nanodent and micromechanics on one core: ``python benchmarks/materials_indentation.py``.

What is compared stands in the table. The peers run in an environment of their own, which ``make bench`` makes.
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
from record import Table, duration

from pchp_widgets.analysis.indentation import Settings, oliver_pharr, turning_points
from pchp_widgets.analysis.indentation.contact import IDEAL
from pchp_widgets.io.synthetic.indentation import Indent, indented

PEER = peers("indentation")
TESTS, ROUNDS = 100, 3
TABLE = Table(
    "Nanoindentation: Oliver and Pharr",
    f"{TESTS} indents of seeded load-depth curves on one core; times are per indent. The peers take one indent at a "
    "time and are told where it unloads; we find that ourselves, and take one indent, or all of them in one call, "
    "with intervals, band and flags. Again is all of them with another window of the unloading, their turning points "
    "known.",
)
OURS = {"one": "one indent", "all": "all at once", "again": "all at once, again"}


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
    reduced = oliver_pharr(data)["reduced_modulus"].values[0, :, 0]
    for peer in ("nanodent", "micromechanics"):
        theirs_ = statistics.median(theirs[peer]["seconds"] for _, theirs in rounds)
        away = float(np.median(np.abs(np.array(rounds[0][1][peer]["values"]) / reduced - 1)))
        for name, what in OURS.items():
            own = statistics.median(mine[name] for mine, _ in rounds)
            ratio = statistics.median(theirs[peer]["seconds"] / mine[name] for mine, theirs in rounds)
            TABLE.row(what, f"{peer}, one indent", duration(own), duration(theirs_), ratio=ratio)
        TABLE.remark(f"The reduced modulus differs from {peer}'s by {away:.1e} (relative, median of the indents).")
    TABLE.remark(f"Each indent has {data.sizes['point']} points.")


if __name__ == "__main__":
    main()
