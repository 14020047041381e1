"""Speed against peers, as ratios taken in one run: ``make bench``.

Every figure is the median of fresh processes, ours and the peer's in turn. A ratio above 1 means we are faster.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

import materials
from measure import ROOT, in_process, paired, peers, shared_file

HEAVY = ("ipywidgets", "bokeh", "scipy", "xarray", "holoviews")


def main() -> None:
    print(f"{'what':58} {'ours':>10} {'peer':>10} {'ratio':>7}")
    load_mpr()
    step_table()
    load_ndax()
    load_nda()
    load_texts()
    load_bdf()
    import_time()
    whole_study()
    print("\nEvery real file, opened or refused (files.py):", flush=True)
    subprocess.run([sys.executable, str(ROOT / "benchmarks" / "files.py")], check=True)
    print("\nImpedance (impedance.py):", flush=True)
    subprocess.run([sys.executable, str(ROOT / "benchmarks" / "impedance.py"), "--peers"], check=True)
    materials.main()
    for script in ("panel.py", "controls.py"):
        print(f"\nIn a real browser ({script}):", flush=True)
        subprocess.run([sys.executable, str(ROOT / "benchmarks" / script)], check=True)


def row(what: str, ours: float, peer: float | None = None, ratio: float | None = None) -> None:
    columns = [f"{value * 1e3:7.1f} ms" if value is not None else f"{'':10}" for value in (ours, peer)]
    print(f"{what:58} {columns[0]} {columns[1]} {f'{ratio:6.2f}x' if ratio else '':>7}", flush=True)


def load_mpr() -> None:
    file = shared_file("jdb11-1_c3_gcpl*.mpr")
    if file is None:
        print("the real .mpr is not here: set PCHP_DATA")
        return

    for who, what in {
        "columns": "46,102-row .mpr: columns and charges | galvani's columns",
        "steps": "  points and step table in xarray | galvani's columns",
        "cell": "  open_cell: tree, SHA-256, provenance | galvani's columns",
    }.items():
        times = paired(
            lambda who=who: in_process("load_mpr.py", who, str(file)),
            lambda: in_process("load_mpr.py", "galvani", str(file), python=peers()),
        )
        row(what, *times)


def step_table() -> None:
    ours, peer, ratio = paired(
        lambda: in_process("steps.py", "ours"), lambda: in_process("steps.py", "polars", python=peers()), rounds=3
    )
    row("10 M points to the step table | polars group-by, one core", ours, peer, ratio)
    print(f"{'':4}{10 / ours:.0f} M points/s on one core")


def load_ndax() -> None:
    file = shared_file("BTS85-36-6-5-110-20240424.ndax")
    if file is None:
        print("the real .ndax is not here: set PCHP_DATA")
        return
    whole = paired(
        lambda: in_process("load_ndax.py", "cell", str(file)),
        lambda: in_process("load_ndax.py", "fastnda", str(file), python=peers()),
        rounds=3,
    )
    row("699,677-row .ndax: whole open_cell | fastnda + group-by", *whole)


def load_nda() -> None:
    file = shared_file("nda8.nda")
    if file is None:
        return
    whole = paired(
        lambda: in_process("load_ndax.py", "cell", str(file)),
        lambda: in_process("load_ndax.py", "fastnda", str(file), python=peers()),
        rounds=3,
    )
    row("46,805-row .nda: whole open_cell | fastnda + group-by", *whole)


TEXTS = {
    "BioLogic .mpt": ("gcpl.issue_211.mpt", "79", r"\t"),
    "Maccor text": ("maccor_001.txt", "3", r"\t"),
    "Arbin csv": ("arbin_example.csv", "0", ","),
    "PEC csv": ("pec.csv", "32", ","),
    "Neware csv": ("neware_uio.csv", "0", ","),
}
"""By format: a real file, the lines before its header, its delimiter."""


def load_texts() -> None:
    for what, (pattern, *layout) in TEXTS.items():
        file = shared_file(pattern)
        if file is None:
            continue
        times = paired(
            lambda file=file: in_process("load_text.py", "cell", str(file)),
            lambda file=file, layout=layout: in_process("load_text.py", "polars", str(file), *layout, python=peers()),
            rounds=3,
        )
        row(f"{what}, {file.stat().st_size / 1e6:.1f} MB: whole open_cell | bare polars.read_csv", *times)


def load_bdf() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/big.bdf.csv"
        in_process("load_bdf.py", "make", file, "10000000")
        times = paired(
            lambda: in_process("load_bdf.py", "steps", file),
            lambda: in_process("load_bdf.py", "polars", file),
            rounds=3,
        )
    row("10 M-row BDF csv: read, checked, step table | bare polars scan", *times)


def whole_study() -> None:
    print("\n1,000 cells x 1,000 cycles x 3 steps, every per-cycle analysis over the whole study at once, one core:")
    for kind in ("full", "li_cu", "symmetric"):
        found = in_process("study.py", kind)
        for what, spent in found["seconds"].items():
            row(f"  {what}", spent)
        row(f"{kind}: all of them", sum(found["seconds"].values()))
        print(f"{'':4}peak memory of the process with its data {found['peak_gb']:.2f} GB")


def import_time() -> None:
    code = "import sys, time; t = time.perf_counter(); import pchp_widgets; print(time.perf_counter() - t)"
    spent = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5)]
    row("import pchp_widgets", statistics.median(spent))
    loaded = subprocess.check_output(
        [sys.executable, "-c", f"import sys, pchp_widgets; print([m for m in {HEAVY} if m in sys.modules])"]
    )
    print(f"{'':4}of {', '.join(HEAVY)} it imports: {loaded.decode().strip()}")


if __name__ == "__main__":
    begin = time.monotonic()
    main()
    print(f"\n{time.monotonic() - begin:.0f} s in all")
