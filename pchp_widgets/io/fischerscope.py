"""Fischerscope instruments (WIN-HCU): text files of application .hap, several tests each."""

from __future__ import annotations

import re
from pathlib import Path

from .contract import Measured, ReaderError, ReadOptions
from .tables.indents import indents, rows_of_numbers
from .tables.rows import open_end

_HEAD = re.compile(r"^F\th\tt\s*$", re.MULTILINE)
_NANO = 1e3  # um to nm
_COUNT = re.compile(r"^([\d,.]+)\tn\tStatistics of block", re.MULTILINE)


class FischerscopeReader:
    """Text files of Fischerscope instruments."""

    name = "fischerscope"
    description = "tests of Fischerscope instruments (application .hap) as text"
    suffixes = (".txt", ".hap")
    version = "1"
    fallback = False
    technique = "indentation"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        text = head.decode("latin-1")
        if "Name of the application" in text or (".hap" in text and _HEAD.search(text)):
            return None
        return "neither 'Name of the application' nor a table of F, h and t"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        text = path.read_bytes().decode("latin-1").replace("\r\n", "\n")
        pieces = _HEAD.split(text)
        if len(pieces) == 1:
            raise ReaderError(path, "has no table of F, h and t: export the file with its measured points")
        tests, said = [], []
        for number, piece in enumerate(pieces[1:], 1):
            body = re.split(r"\n[^\n\t]*\.hap\s", piece)[0]
            numbers, wrong = rows_of_numbers(body.splitlines(), 3, comma=True)
            said += [f"test {number}: {wrong} lines hold no numbers and were left out"] if wrong else []
            tests.append({"depth": _NANO * numbers[:, 1], "load": numbers[:, 0], "time": numbers[:, 2]})
        said += _cut(path, text, len(tests), partial=options.partial)
        name = text.partition("\t")[0].strip()
        program = re.findall(r"^([FCR] = .+?)\s*$", text, re.MULTILINE)
        date = re.search(r"\.hap\s+(\d\d)\.(\d\d)\.(\d{4})\s+([\d:]+)", text)
        start = {"start_time": f"{date[3]}-{date[2]}-{date[1]}T{date[4]}"} if date else {}
        return Measured(
            indents(path, tests), {}, {"application": name, **start}, {"program": program, "tests": len(tests)}, said
        )


def _cut(path: Path, text: str, tests: int, *, partial: bool) -> list[str]:
    """What there is to say of a file that ends too early."""
    stated = _COUNT.search(text)
    missing = int(float(stated[1].replace(",", "."))) - tests if stated else 0
    if missing > 0:
        reason = f"states {tests + missing} tests and holds {tests}: it was cut"
        if not partial:
            raise ReaderError(path, f"{reason}; partial=True gives those")
        return [f"the file {reason}; those were read"]
    return open_end(text)
