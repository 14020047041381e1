"""The page of the docs on speed: what was measured, beside what, and on which machine."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import requires
from pathlib import Path
from typing import Any

from measure import ROOT, peers
from record import is_slower, rows

INTRODUCTION = """\
# Speed

`make bench` measured everything on this page in one run and wrote it, on {date}, on {machine}. Peers are installed \
in environments of their own; [below](#versions) are the versions.

A ratio is the peer's time divided by ours: **above 1 we are faster**. Both are taken in turn in the same run, so \
that a drift of the machine's speed cancels; times are medians, and a ratio is the median of the ratios of the turns. \
Another machine gives other times, and much the same ratios. What each table compares is said above its rows."""
VERSION = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"

Entry = Mapping[str, Any]


def page(entries: Sequence[Entry], failed: Sequence[str] = ()) -> str:
    """All of docs/benchmarks.md, of the entries that :class:`record.Table` keeps."""
    parts = [INTRODUCTION.format(date=date.today().isoformat(), machine=machine())]  # noqa: DTZ011  a date for readers
    parts += [f"Not measured, because it failed: {', '.join(failed)}."] if failed else []
    parts += ["## In short", *in_short(entries)]
    for title in dict.fromkeys(entry["title"] for entry in entries):
        parts += section([entry for entry in entries if entry["title"] == title])
    parts += ["## Versions", rows("environment | Python | packages", versions())]
    return "\n\n".join(parts) + "\n"


def in_short(entries: Sequence[Entry]) -> list[str]:
    """How many ratios are 1 or more, and every row whose ratio is not."""
    compared = [entry for entry in entries if entry.get("ratio") is not None]
    slower = [
        [entry["title"], ", beside ".join(entry["cells"][:2]), entry["cells"][-1]]
        for entry in compared
        if is_slower(entry["ratio"])
    ]
    said = f"In {len(compared) - len(slower)} of {len(compared)} rows with a peer we are as fast or faster."
    return [f"{said} In these we are not:", rows("table | row | ratio", slower)] if slower else [said]


def section(entries: Sequence[Entry]) -> list[str]:
    """One table, and what is remarked under it."""
    of_rows = [entry for entry in entries if "cells" in entry]
    parts = [f"## {entries[0]['title']}", entries[0]["about"]]
    if of_rows:
        parts.append(rows(" | ".join(of_rows[0]["heads"]), [entry["cells"] for entry in of_rows]))
    remarks = [f"- {entry['remark']}" for entry in entries if "remark" in entry]
    return [*parts, "\n".join(remarks)] if remarks else parts


def machine() -> str:
    """Cores, model and memory."""
    information = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.+)", information.read_text()) if information.is_file() else None
    model = named[1] if named else platform.processor() or platform.machine()
    memory = ""
    if hasattr(os, "sysconf"):
        memory = f", {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GB of memory"
    return f"{os.cpu_count()} cores of {model}{memory}, {platform.system()}"


def versions() -> list[list[str]]:
    """Environment, Python, packages with their versions: ours, and one line for every environment of peers."""
    ours = [name for name in requires("pchp_widgets") or [] if "extra ==" not in name]
    found = [["ours", *installed(Path(sys.executable), ["pchp_widgets", *map(bare, ours)])]]
    for file in sorted((ROOT / "benchmarks").glob("requirements*.txt")):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        of = file.stem.removeprefix("requirements").removeprefix("-")
        if peers(of).exists():
            found.append([f"peers{f' of {of}' if of else ''}", *installed(peers(of), [bare(line) for line in lines])])
    return found


def bare(requirement: str) -> str:
    """The name of a package without the versions that are asked for."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def installed(python: Path, names: Sequence[str]) -> list[str]:
    """Version of a Python, and versions of packages there."""
    said = subprocess.check_output([python, "-c", VERSION, *names], text=True)
    version = subprocess.check_output([python, "-c", "import platform; print(platform.python_version())"], text=True)
    return [version.strip(), ", ".join(f"{name} {number}" for name, number in json.loads(said).items())]
