"""Tables of what is measured: printed row by row, and kept for docs/benchmarks.md where ``make bench`` says so."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

KEPT = "PCHP_BENCH_ROWS"
"""Variable that names the file in which rows are kept."""
COMPARED = ("what we do", "what the peer does", "ours", "peer", "ratio")
"""Heads of a table of times against a peer."""
TEXT = {
    "what we do": 62,
    "what the peer does": 36,
    "other peers": 60,
    "wait": 40,
    "program": 20,
    "kind": 10,
    "circuit": 32,
    "panel": 20,
    "control": 44,
}
"""Widths of columns of text when printed; others hold numbers."""


@dataclass
class Table:
    """Rows under one title, and what they compare in words."""

    title: str
    about: str
    heads: Sequence[str] = COMPARED
    begun: bool = field(default=False, init=False)

    def row(self, *cells: str, ratio: float | None = None) -> None:
        """Print a row and keep it; its last cell is the ratio, where there is one."""
        whole = (*cells, times(ratio)) if ratio is not None else (*cells, *[""] * (len(self.heads) - len(cells)))
        if not self.begun:
            print(f"\n{self.title}\n{self._line(self.heads)}", flush=True)
            self.begun = True
        print(self._line(whole), flush=True)
        self._keep(heads=list(self.heads), cells=whole, ratio=ratio)

    def remark(self, text: str) -> None:
        """Say something that stands under the table."""
        print(f"    {text}", flush=True)
        self._keep(remark=text)

    def _line(self, cells: Sequence[str]) -> str:
        widths = [TEXT.get(head, -max(len(head), 9)) for head in self.heads]
        shown = [f"{cell:{'<' if width > 0 else '>'}{abs(width)}}" for cell, width in zip(cells, widths, strict=True)]
        return "  ".join(shown)

    def _keep(self, **entry: object) -> None:
        if KEPT in os.environ:
            with Path(os.environ[KEPT]).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"title": self.title, "about": self.about, **entry}) + "\n")


def duration(seconds: float) -> str:
    """Three figures and a unit."""
    unit, factor = next((one for one in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)) if seconds * one[1] >= 1), ("µs", 1e6))
    value = seconds * factor
    return f"{value:,.{max(2 - math.floor(math.log10(value)), 0)}f} {unit}"


def times(ratio: float) -> str:
    """Three figures, of which a reader sees whether they are above 1."""
    return f"{ratio:,.{2 if ratio < 10 else 1 if ratio < 100 else 0}f}x{' (slower)' if is_slower(ratio) else ''}"


def is_slower(ratio: float) -> bool:
    """Whether a ratio is below 1 as it is shown."""
    return round(ratio, 2) < 1


def rows(heads: str, lines: Iterable[Sequence[object]]) -> str:
    """A table of Markdown, in which a number and its unit stay on one line."""
    shown = [" | ".join(_cell(str(cell)) for cell in line) for line in lines]
    rule = " | ".join("---" for _ in heads.split(" | "))
    return "\n".join(f"| {line} |" for line in (heads, rule, *shown))


def _cell(text: str) -> str:
    number = re.fullmatch(r"[\d.,]+x? [^ ]{1,9}( \d+)?", text)
    return text.replace(" ", "\u00a0") if number else text.replace("|", "\\|")
