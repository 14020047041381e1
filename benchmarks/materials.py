"""Every ratio of materials against peers in one run, technique by technique: ``python benchmarks/materials.py``."""

from __future__ import annotations

import subprocess
import sys

from measure import ROOT

TECHNIQUES = ("diffraction", "indentation", "photoemission", "sorption")


def main() -> None:
    for technique in TECHNIQUES:
        print(f"\nMaterials: {technique} (materials_{technique}.py):", flush=True)
        subprocess.run([sys.executable, str(ROOT / "benchmarks" / f"materials_{technique}.py")], check=True)


if __name__ == "__main__":
    main()
