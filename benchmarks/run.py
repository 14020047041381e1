"""Everything measured in one run, and written to docs/benchmarks.md and docs/formats.md: ``make bench``.

Every script of this list prints its tables when it is run alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import ROOT
from record import KEPT
from speed_page import page

SCRIPTS = (
    ("files.py", "--write"),
    ("readers.py",),
    ("cells.py",),
    ("impedance.py", "--peers"),
    ("materials_diffraction.py",),
    ("materials_indentation.py",),
    ("materials_photoemission.py",),
    ("materials_sorption.py",),
    ("panel.py",),
    ("controls.py",),
)
PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "rows.jsonl"
        kept.touch()
        failed = [script for script, *arguments in SCRIPTS if not ran(script, *arguments, kept=kept)]
        entries = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    PAGE.write_text(page(entries, failed), encoding="utf-8")
    print(f"\n{time.monotonic() - begin:.0f} s in all; {PAGE.relative_to(ROOT)} is written")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def ran(script: str, *arguments: str, kept: Path) -> bool:
    """Run a script that keeps its rows in a file; a failure does not lose what the others measure."""
    print(f"\n{script}:", flush=True)
    command = [sys.executable, str(ROOT / "benchmarks" / script), *arguments]
    return subprocess.run(command, check=False, env=os.environ | {KEPT: str(kept)}).returncode == 0


if __name__ == "__main__":
    main()
