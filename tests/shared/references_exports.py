"""What the software of the instruments exported from the same measurement, beside the binary file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from reference_numbers import Number, Reason, Source, points_of

from pchp_widgets.io.biologic import mpr, mpt

Files = dict[str, Callable[[], Iterator[Number]]]

TEXT_OF_A_BINARY = (".mpt", ".de.mpt", ".old.mpt", ".txt")
QUALITY = ("THD ", "NSD ", "NSR ", "|Ewe h", "|I h")
DIFFERENT = {
    ("BTSDA's own export", "test_2.ndax", "numbers of cycles"): Reason(
        "the export counts 54 cycles, where the file itself numbers 44: it was exported by another rule of cycles",
        "the file itself; counted by the rule that a charge opens a cycle there are 54, as in the export and fastnda",
    ),
}
"""By source, file and quantity."""


def stated(path: Path) -> tuple[str, int] | None:
    """How many records a file holds: what says so, its own export or the file itself, and the number."""
    if path.suffix in {".nda", ".ndax"} and (export := path.with_suffix(".parquet")).is_file():
        return "BTSDA's own export", _rows(export)
    if path.suffix == ".mpr" and (export := path.with_suffix(".mpt")).is_file():
        return "EC-Lab's own export", _lines_below_head(export)
    if path.suffix == ".mpt":
        return "the lines below its header", _lines_below_head(path)
    if path.suffix == ".parquet":
        return "the Parquet's own row count", _rows(path)
    if path.suffix == ".csv":
        return "the lines below its header", len(path.read_bytes().splitlines()) - 1
    return None


def disagreements(binary: np.ndarray, text: np.ndarray, name: str) -> np.ndarray:
    """Rows whose text is not the value as EC-Lab prints it: with 8 digits of single, 16 of double precision."""
    stored, printed = binary.astype(float), text.astype(float)
    decade = 10.0 ** np.floor(np.log10(np.where(printed == 0, 1, np.abs(printed))))
    tolerance = {"f4": 0.51e-7 * decade, "f8": 1e-14 * np.abs(printed)}.get(binary.dtype.str[1:], 0 * decade)
    wrong = np.abs(stored - printed) > np.where(printed == 0, 0, tolerance)
    if name.startswith(QUALITY):
        # EC-Lab prints -1 or 0 for quality figures it rejects, at the two highest frequencies; the binary keeps them
        wrong &= (printed != -1) & (printed != 0)
    return np.flatnonzero(wrong)


def _rows(parquet: Path) -> int:
    count: int = pl.scan_parquet(parquet).select(pl.len()).collect().item()
    return count


def _lines_below_head(path: Path) -> int:
    lines = path.read_bytes().splitlines()
    return max(len(lines) - int(lines[1].rpartition(b":")[2]), 0)


def _btsda(data: Path) -> Files:
    """Exports are the Parquet beside each file of fastnda's tests; one of them holds no records."""
    found: Files = {}
    for path in sorted(data.rglob("*.nda*")):
        export = path.with_suffix(".parquet")
        if path.suffix in {".nda", ".ndax"} and export.is_file() and _rows(export):
            found[path.relative_to(data).as_posix()] = partial(_against_btsda, path, export)
    return found


def _against_btsda(path: Path, export: Path) -> Iterator[Number]:
    points, theirs = points_of(path), pl.read_parquet(export)
    passed, step = points["charge_counter"].values, points["instrument_step"].values
    first = np.maximum.accumulate(np.where(np.diff(step, prepend=step[0] - 1) != 0, np.arange(len(step)), 0))
    begun = np.where(first > 0, passed[first - 1], 0.0)  # what had passed when the step began
    yield Number("points", points.sizes["point"], theirs.height)
    yield Number("voltages", points["voltage"], theirs["Voltage(mV)"].to_numpy() / 1e3, 1e-4)
    yield Number("numbers of steps", step, theirs["Step Count"].to_numpy())
    yield Number("numbers of cycles", points["instrument_cycle"], theirs["Cycle Index"].to_numpy())
    yield Number(
        "capacities since the step began", np.abs(passed - begun), theirs["Capacity(mAs)"].to_numpy() / 3600, 1e-3
    )


def _eclab(data: Path) -> Files:
    """Exports are the text of the same name; a name is that of the export, of which a file may have several."""
    pairs = [
        (path, text)
        for path in sorted(data.rglob("*.mpr"))
        for text in (path.with_name(path.stem + ending) for ending in TEXT_OF_A_BINARY)
        if text.is_file()
    ]
    return {text.relative_to(data).as_posix(): partial(_against_eclab, path, text) for path, text in pairs}


def _against_eclab(path: Path, export: Path) -> Iterator[Number]:
    binary, text = mpr.columns(path), mpt.columns(export)
    shared = binary.keys() & text.keys()
    lengths = {len(columns[name]) for name in shared for columns in (binary, text)}
    yield Number("points", sorted(lengths), [len(next(iter(text.values())))])
    if len(lengths) > 1:
        return
    # an export of chosen columns is a .txt; a .mpt has all of them
    missing = [] if export.suffix == ".txt" else sorted(binary.keys() - text.keys())
    wrong = [name for name in sorted(shared) if _differs(path, binary[name], text[name], name)]
    yield Number("columns, to the last printed digit", len(missing) + len(wrong), 0)


def _differs(path: Path, binary: np.ndarray, text: np.ndarray, name: str) -> bool:
    if path.name == "cp.mpr" and name == "Q charge/discharge/mA.h":
        # EC-Lab printed this column anew, from a charge of single precision
        return not np.allclose(binary, text, rtol=6e-8, atol=0)
    return disagreements(binary, text, name).size > 0


SOURCES = (Source("BTSDA's own export", _btsda, 11), Source("EC-Lab's own export", _eclab, 43))
