"""Every file of the shared data, opened or refused: a table; with ``--write`` the page of the docs is renewed.

The numbers of points that other programs read are those of section E of ``cycler/INDEX.md`` beside the files.
"""

from __future__ import annotations

import argparse
import os
import re
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from measure import ROOT

from pchp_widgets import ReaderError, open_cell, open_measurement
from pchp_widgets.io.registry import measurement_readers, readers

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
    peers: list[int] = field(default_factory=list)

    @property
    def compared(self) -> str:
        """How the number of points stands to the peers'."""
        if not self.peers:
            return ""
        if self.refused:
            return f"peers read {', '.join(map(str, sorted(set(self.peers))))}"
        if self.points not in self.peers:
            return f"other than the peers: {', '.join(map(str, sorted(set(self.peers))))}"
        return f"as {self.peers.count(self.points)} of {len(self.peers)} peers"


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
            print(f"  {row.file:110} {what} {f'({row.compared})' if row.compared else ''}")
    print(f"\n{time.monotonic() - begin:.0f} s")
    if write:
        PAGE.write_text(page(table), encoding="utf-8")


def tried(kind: str) -> list[Found]:
    """Open every file of a folder of the shared data."""
    counts = peers_counts() if kind == "cycler" else {}
    files = sorted(path for path in (DATA / kind).rglob("*") if path.is_file() and path.name not in OURS)
    rows = []
    for path in files:
        file = path.relative_to(DATA / kind).as_posix()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row = material(path) if kind == "materials" else cell(path)
        row.file, row.peers = file, counts.get(file, [])
        rows.append(row)
    return rows


def cell(path: Path) -> Found:
    try:
        try:
            tree = open_cell(path)
        except ReaderError as error:
            if "current=" not in str(error):
                raise
            tree = open_cell(path, current="1 mA")
    except ReaderError as error:
        return Found("", refused=reason(error))
    steps, spectra = tree.get("steps"), tree.get("spectra")
    return Found(
        "",
        reader=str(tree.attrs["reader"]),
        points=tree["points"].sizes["point"] if "points" in tree.children else 0,
        spectra=spectra.sizes["spectrum"] if spectra is not None else 0,
        cycles=steps.sizes["cycle"] if steps is not None else 0,
    )


def material(path: Path) -> Found:
    try:
        data = open_measurement(path)
    except ReaderError as error:
        return Found("", refused=reason(error))
    biggest = max(data.data_vars.values(), key=lambda one: one.size)
    return Found("", reader=str(data.attrs["reader"]), points=biggest.size)


def reason(error: ReaderError) -> str:
    """The first sentence on why a file is refused, without the list of all readers that were asked."""
    first = error.reason.partition("\n")[0].removesuffix(" Asked were:")
    return re.sub(r"\s+", " ", first)[:240].replace("|", "\\|")


def peers_counts() -> dict[str, list[int]]:
    """Numbers of rows that other programs read, by file."""
    index = DATA / "cycler" / "INDEX.md"
    if not index.is_file():
        return {}
    section = index.read_text(encoding="utf-8").partition("## E.")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")][2:]
    return {row[0]: [int(found[1]) for cell in row[4:] if (found := re.match(r"(\d+)", cell))] for row in rows}


def rows_of(path: Path) -> int | str:
    """How many rows a Parquet file states; empty for other files."""
    if path.suffix != ".parquet":
        return ""
    import polars as pl

    rows: int = pl.scan_parquet(path).select(pl.len()).collect().item()
    return rows


def page(table: dict[str, list[Found]]) -> str:
    """The page of the docs on formats."""
    lines = ["# Formats", "", "A file is recognised by its content, not by its ending; `pchp readers` lists what is"]
    lines[-1] += " installed. Other packages add formats by the entry-point groups `pchp_widgets.readers` and"
    lines[-1] += " `pchp_widgets.measurement_readers`."
    for title, group in (("Cells", readers()), ("Materials", measurement_readers())):
        lines += ["", f"## {title}", "", "| reader | endings | instrument, software, format |", "| --- | --- | --- |"]
        lines += [f"| {one.name} | {', '.join(one.suffixes)} | {one.description} |" for one in group]
    lines += ["", "## Real files", "", "Every file of the public test data of other programs that we have, tried by"]
    lines[-1] += (
        " `benchmarks/files.py`. Points are compared with what other programs read of the same file, where they"
    )
    lines[-1] += " open it."
    lines += ["", "| files | tried | opened | refused | compared with peers | as at least one peer |"]
    lines += ["| --- | --- | --- | --- | --- | --- |"]
    for kind, rows in table.items():
        refused = sum(bool(row.refused) for row in rows)
        known = [row for row in rows if row.peers and not row.refused]
        alike = sum(row.points in row.peers for row in known)
        lines.append(f"| {kind} | {len(rows)} | {len(rows) - refused} | {refused} | {len(known)} | {alike} |")
    lines += ["", "### Opened, by reader", "", "| reader | files |", "| --- | --- |"]
    opened = Counter(row.reader for rows in table.values() for row in rows if not row.refused)
    lines += [f"| {reader} | {count} |" for reader, count in sorted(opened.items())]
    lines += [
        "",
        "### Another number of points than every peer",
        "",
        "| file | ours | peers | rows of its table |",
        "| --- | --- | --- | --- |",
    ]
    for row in table["cycler"]:
        if row.peers and not row.refused and row.points not in row.peers:
            itself = rows_of(DATA / "cycler" / row.file)
            lines.append(f"| {row.file} | {row.points} | {', '.join(map(str, sorted(set(row.peers))))} | {itself} |")
    lines += ["", "### Refused", "", "| file | why | peers that open it |", "| --- | --- | --- |"]
    for kind, rows in table.items():
        for row in rows:
            if row.refused:
                lines.append(f"| {kind}/{row.file} | {row.refused} | {sum(count > 0 for count in row.peers) or ''} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
