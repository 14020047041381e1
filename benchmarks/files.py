"""Every file of the shared data, opened or refused, and its numbers held against those that others have of it.

``python benchmarks/files.py`` prints them; with ``--write`` docs/formats.md is renewed (:mod:`formats_page`). What
others have of the files, and why they are wrong where they are, is what the tests assert:
``tests/shared/references.py``.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from measure import ROOT

sys.path.append(str(ROOT / "tests" / "shared"))

from reference_numbers import Reason
from references import SOURCES, reason
from references_exports import stated
from references_peers import rows_read

from pchp_widgets import ReaderError, open_cell, open_measurement

DATA = Path(os.environ.get("PCHP_DATA", ROOT.parent / "shared" / "data"))
PAGE = ROOT / "docs" / "formats.md"
OURS = {"INDEX.md", "reference.json"}
"""Notes that lie beside the files."""


@dataclass
class Found:
    """What became of one file."""

    file: str
    reader: str = ""
    points: int = 0
    spectra: int = 0
    cycles: int = 0
    refused: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    """Rows that other programs read."""

    @property
    def why(self) -> Reason | None:
        """Where others read another number of rows than there are points: what says how many there are."""
        said = stated(DATA / self.file)
        return Reason("another number of rows", said[0]) if said and said[1] == self.points else None


@dataclass
class Compared:
    """One quantity of ours beside that of one source: files compared; those that differ, with the reason if known."""

    source: str
    quantity: str
    files: list[str] = field(default_factory=list)
    different: dict[str, Reason | None] = field(default_factory=dict)

    @property
    def equal(self) -> int:
        return len(self.files) - len(self.different)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"renew {PAGE.relative_to(ROOT)}")
    write = parser.parse_args().write
    if not DATA.is_dir():
        print(f"the real files are not at {DATA}: set PCHP_DATA")
        return
    begin = time.monotonic()
    table = {kind: tried(kind) for kind in ("cycler", "eis", "materials")}
    for kind, rows in table.items():
        print(f"\n{kind}: {len(rows)} tried, {sum(not row.refused for row in rows)} opened")
        for row in rows:
            what = row.refused or f"{row.reader}: {row.points} points, {row.spectra} spectra, {row.cycles} cycles"
            print(f"  {row.file:118} {what}")
    numbers = [*compared(), *compared_rows(table["cycler"])]
    print("\nNumbers held against those of others:")
    for one in numbers:
        print(f"  {one.source:28} {one.quantity:38} {one.equal:4} of {len(one.files):4} equal")
        for file, why in one.different.items():
            print(f"    {file}: {f'{why.why}; {why.decided}' if why else 'NOT EXPLAINED'}")
    print(f"\n{time.monotonic() - begin:.0f} s")
    if write:
        from formats_page import page  # which knows the classes of this module

        PAGE.write_text(page(table, numbers), encoding="utf-8")


def tried(kind: str) -> list[Found]:
    """Open every file of a folder of the shared data."""
    read = rows_read(DATA)
    found = []
    for path in sorted(path for path in (DATA / kind).rglob("*") if path.is_file() and path.name not in OURS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row = material(path) if kind == "materials" else cell(path)
        row.rows = read.get(row.file, {})
        found.append(row)
    return found


def cell(path: Path) -> Found:
    file = path.relative_to(DATA).as_posix()
    try:
        try:
            tree = open_cell(path)
        except ReaderError as error:
            if "current=" not in str(error):
                raise
            tree = open_cell(path, current="1 mA")
    except ReaderError as error:
        return Found(file, refused=refusal(error))
    steps, spectra = tree.get("steps"), tree.get("spectra")
    return Found(
        file,
        reader=str(tree.attrs["reader"]),
        points=tree["points"].sizes["point"] if "points" in tree.children else 0,
        spectra=spectra.sizes["spectrum"] if spectra is not None else 0,
        cycles=steps.sizes["cycle"] if steps is not None else 0,
    )


def material(path: Path) -> Found:
    file = path.relative_to(DATA).as_posix()
    try:
        data = open_measurement(path)
    except ReaderError as error:
        return Found(file, refused=refusal(error))
    biggest = max(data.data_vars.values(), key=lambda one: one.size)
    return Found(file, reader=str(data.attrs["reader"]), points=biggest.size)


def refusal(error: ReaderError) -> str:
    """The first sentence on why a file is refused, without the list of all readers that were asked."""
    first = error.reason.partition("\n")[0].removesuffix(" Asked were:")
    return re.sub(r"\s+", " ", first)


def compared() -> list[Compared]:
    """Points, cycles, capacities, spectra against every source that has them."""
    found: dict[tuple[str, str], Compared] = {}
    for source in SOURCES:
        for file, numbers in source.files(DATA).items():
            try:
                held = list(numbers())
            except ReaderError as error:
                print(f"{file}: not compared with {source.name}: {refusal(error)}")
                continue
            for number in held:
                one = found.setdefault((source.name, number.quantity), Compared(source.name, number.quantity))
                one.files.append(file)
                if not number.equal:
                    one.different[file] = reason(source.name, file, number.quantity)
    return list(found.values())


def compared_rows(tried: list[Found]) -> list[Compared]:
    """Our points against the rows that each program reads of a file."""
    found: dict[str, Compared] = {}
    for row in tried:
        for program, count in row.rows.items():
            one = found.setdefault(program, Compared(program, "rows read"))
            one.files.append(row.file)
            if count != row.points:
                one.different[row.file] = row.why
    return [found[name] for name in sorted(found, key=str.lower)]


if __name__ == "__main__":
    main()
