"""Timing in one process, and pairing of two processes so that a drift of the machine's speed cancels."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def peers(of: str = "") -> Path:
    """Python of the environment that ``make bench`` makes of ``requirements-<of>.txt``."""
    return ROOT / (f".venv-bench-{of}" if of else ".venv-bench") / "bin" / "python"


def are_there(*pythons: Path) -> bool:
    """Whether environments of peers exist; says which does not."""
    missing = [str(python) for python in pythons if not python.exists()]
    if missing:
        print(f"the peers are not here: {', '.join(missing)}; make bench makes their environments", flush=True)
    return not missing


def seconds(call: Callable[[], object], repeats: int = 15) -> float:
    """Median duration of a call after one that is not counted."""
    call()
    spent = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        spent.append(time.perf_counter() - begin)
    return statistics.median(spent)


def in_process(script: str, *arguments: str, python: str | Path = sys.executable) -> Any:
    """Run a script of this folder on one core in a fresh process; it prints its figures as JSON on the last line."""
    command = [str(python), str(Path(__file__).parent / script), *arguments]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    return json.loads(ran.stdout.splitlines()[-1])


def paired(ours: Callable[[], float], theirs: Callable[[], float], rounds: int = 5) -> tuple[float, float, float]:
    """Medians of two measurements taken in turn, and the median of their ratio theirs / ours."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    return mine, other, statistics.median(b / a for a, b in pairs)


def shared_file(pattern: str) -> Path | None:
    """A real instrument file of the shared data, or None where they are absent."""
    folder = Path(os.environ.get("PCHP_DATA", ROOT.parent / "shared" / "data"))
    return next(iter(sorted(folder.rglob(pattern))), None)
