"""Reading in parts, counting steps, and the analyses of a whole study: ``python benchmarks/cells.py``."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable

from measure import in_process, paired, peers, shared_file
from record import Table, duration

HEAVY = ("ipywidgets", "bokeh", "scipy", "xarray", "holoviews")
READING = Table(
    "Reading in parts, and at size",
    "What of the time of a .mpr its columns take, and what the points and the table of steps in xarray; read in turn "
    "with the peer in fresh processes. Of the big text the limit is polars, which parses the columns as they stand and "
    "checks nothing: it is no reader of the format.",
)
STEPS = Table(
    "From points to steps",
    "Charge, energy, mean voltage and limits of each of 2,000 steps of ten million points in memory, on one core. The "
    "peer is a group-by that was written in polars for these numbers alone.",
)
STUDY = Table(
    "Analyses of a whole study",
    "1,000 cells of 1,000 cycles and 3 steps, each analysis over all of them at once, on one core. There is no peer.",
    ("what we do", "ours"),
)
IMPORTING = Table("Import", "A fresh Python, its start not counted. There is no peer.", ("what we do", "ours"))
KINDS = {"full": "full cells", "li_cu": "Li||Cu cells", "symmetric": "symmetric cells"}


def main() -> None:
    load_mpr()
    load_bdf()
    step_table()
    import_time()
    whole_study()


def compare(
    table: Table, we: str, peer: str, ours: Callable[[], float], theirs: Callable[[], float], rounds: int = 3
) -> float:
    """Add a row of medians; gives ours."""
    mine, other, ratio = paired(ours, theirs, rounds)
    table.row(we, peer, duration(mine), duration(other), ratio=ratio)
    return mine


def load_mpr() -> None:
    file = shared_file("jdb11-1_c3_gcpl*.mpr")
    if file is None:
        print("the real .mpr is not here: set PCHP_DATA")
        return
    for who, what in {
        "columns": "46,102-row .mpr: columns, charge of each half-cycle",
        "steps": "46,102-row .mpr: points and table of steps in xarray",
    }.items():
        compare(
            READING,
            what,
            "galvani: columns",
            lambda who=who: in_process("load_mpr.py", who, str(file)),
            lambda: in_process("load_mpr.py", "galvani", str(file), python=peers()),
            rounds=5,
        )


def load_bdf() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/big.bdf.csv"
        in_process("load_bdf.py", "make", file, "10000000")
        for who, peer in {"polars": "five columns that steps need", "polars_all": "all six columns"}.items():
            compare(
                READING,
                "10 M-row csv of Battery Data Format: checked, table of steps",
                f"polars: bare scan, {peer}",
                lambda: in_process("load_bdf.py", "steps", file),
                lambda who=who: in_process("load_bdf.py", who, file),
            )


def step_table() -> None:
    ours = compare(
        STEPS,
        "10 M points to the table of steps",
        "polars: group-by, one core",
        lambda: in_process("steps.py", "ours"),
        lambda: in_process("steps.py", "polars", python=peers()),
    )
    STEPS.remark(f"That is {10 / ours:.0f} million points a second on one core.")


def import_time() -> None:
    code = "import sys, time; t = time.perf_counter(); import pchp_widgets; print(time.perf_counter() - t)"
    spent = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5)]
    IMPORTING.row("import pchp_widgets", duration(statistics.median(spent)))
    loaded = subprocess.check_output(
        [sys.executable, "-c", f"import sys, pchp_widgets; print(*[m for m in {HEAVY} if m in sys.modules])"]
    )
    IMPORTING.remark(f"Of {', '.join(HEAVY)} it imports {loaded.decode().strip() or 'none'}.")


def whole_study() -> None:
    for kind, cells in KINDS.items():
        found = in_process("study.py", kind)
        for what, spent in found["seconds"].items():
            STUDY.row(f"{cells}: {what}", duration(spent))
        STUDY.row(f"{cells}: all of them", duration(sum(found["seconds"].values())))
        STUDY.remark(f"{cells}: peak memory of the process with its data {found['peak_gb']:.2f} GB.")


if __name__ == "__main__":
    main()
