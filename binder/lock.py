"""Write binder/environment.yml: the package's requirements, resolved for Linux and this Python, and pinned exactly.

A Binder image is built anew months after the last commit, by whoever clicks the link; exact pins are what make it
start then as it does today.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

# Of the Python that runs this: pip resolves for other versions too, but reads the markers of requirements by its own.
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# Binder's images have glibc 2.35; pip takes a wheel only under a platform tag it is told by name.
PLATFORMS = ["manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in range(5, 36))]
HERE = Path(__file__).parent
EXTRAS = ("voila",)


def requirements() -> list[str]:
    """The requirements of the package and of the extras that Binder offers."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in EXTRAS for line in extras[extra])]


def pins(wanted: list[str]) -> list[str]:
    """``name==version`` of everything pip would install for `wanted` on Linux with this Python."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        target = ["--python-version", PYTHON, "--only-binary", ":all:", "--target", folder]
        target += [f"--platform={platform}" for platform in PLATFORMS]
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed"]
        subprocess.run([*command, *target, "--report", report, *wanted], check=True)
        installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    return sorted(f"{entry['metadata']['name'].lower()}=={entry['metadata']['version']}" for entry in installs)


def environment(pinned: list[str]) -> str:
    """The text of environment.yml."""
    lines = [f"      - {pin}" for pin in pinned]
    head = ["name: pchp", "channels: [conda-forge]", "dependencies:", f"  - python={PYTHON}", "  - pip", "  - pip:"]
    return "\n".join(["# Written by `make lock`.", *head, *lines, ""])


if __name__ == "__main__":
    (HERE / "environment.yml").write_text(environment(pins(requirements())), encoding="utf-8")
