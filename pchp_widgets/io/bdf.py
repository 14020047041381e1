"""Battery Data Format (BDF) of the Battery Data Alliance: csv, gzipped csv and Parquet, read and written.

Columns are named by the ontology's preferred labels (``Test Time / s``), by its machine-readable names
(``test_time_second``), or in the shorter forms of earlier files (``test_time_s``, ``test_time_millisecond``,
``Test Time / h``). Currents and capacities are in A and A h there, in mA and mA h here.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..model.schema import CONTROLS, variable
from .contract import ReaderWarning, ReadOptions, Recording
from .delimited import read_text
from .tables.headers import heading, headings
from .tables.layout import NotATableError, layout, text_head
from .tables.parquet import MAGIC, read_parquet

if TYPE_CHECKING:
    import polars as pl

_PREFERRED = re.compile(r"[A-Z][A-Za-z0-9 ]* / \S+")
_MACHINE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_OF_THE_TEST = re.compile(r"test[ _]time", re.IGNORECASE)

_LABELS = {
    "time": ("Test Time / s", 1.0),
    "voltage": ("Voltage / V", 1.0),
    "current": ("Current / A", 1e3),
    "charge_counter": ("Net Capacity / Ah", 1e3),
    "energy_counter": ("Net Energy / Wh", 1e3),
    "instrument_cycle": ("Cycle Count / 1", 1.0),
    "instrument_step": ("Step Count / 1", 1.0),
    "control": ("Step Type", 0.0),
    "temperature": ("Surface Temperature T1 / degC", 1.0),
    "file_number": ("file_number", 1.0),  # BDF has no label for it; the steps of joined files depend on it
}
"""Preferred label of each variable of the points, and how many of our units make one of BDF's."""


class BdfReader:
    """BDF tables. Known faults of files in circulation are named, and mended where the file proves what is right.

    Parquet shows its headers at its end only, so that every Parquet table of points comes here (see
    :mod:`.tables.parquet`), whatever wrote it.
    """

    name = "bdf"
    description = "Battery Data Format (csv, csv.gz, Parquet), and other tables of points in Parquet"
    suffixes = (".csv", ".bdf", ".parquet", ".gz")
    version = "2"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for Parquet, and for text whose first line has BDF's names for test time and voltage."""
        if head.startswith(MAGIC):
            return None
        try:
            found = layout(text_head(head))
        except NotATableError as reason:
            return f"neither Parquet nor a text table ({reason})"
        if found.preamble:
            return "lines before the header, where BDF has none"
        known = headings(found.headers)
        if not {"time", "voltage"} <= set(known):
            return "no BDF names for test time and voltage in the first line"
        time, voltage = (found.headers[known[name][0]] for name in ("time", "voltage"))
        for style in (_PREFERRED, _MACHINE):
            if style.fullmatch(time) and style.fullmatch(voltage) and _OF_THE_TEST.match(time):
                return None
        return f"{time!r} and {voltage!r} are no BDF names for test time and voltage"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When time, voltage or current are not among the columns, or the file is damaged.
        """
        with path.open("rb") as file:
            is_parquet = file.read(len(MAGIC)) == MAGIC
        result = read_parquet(path, options) if is_parquet else read_text(path, options)
        headers = result.settings["headers"]
        if isinstance(headers, list) and any(map(_is_bdfs_time, headers)):
            result.provenance["software"] = "Battery Data Format"
        _add_file_numbers(result)
        return result


def _add_file_numbers(result: Recording) -> None:
    """Know the column that :func:`write_bdf` made of the files of a cell."""
    kept = "file_number (file)"
    if kept in result.points and np.isin(result.points[kept].values, np.arange(1 << 15)).all():
        numbers = result.points[kept].values.astype(np.int16)
        entry = variable("points", "file_number")
        result.points = result.points.drop_vars(kept).assign(file_number=(entry.dims, numbers, entry.attrs))


def _is_bdfs_time(header: str) -> bool:
    styled = _PREFERRED.fullmatch(header) or _MACHINE.fullmatch(header)
    return bool(styled and _OF_THE_TEST.match(header) and heading(header))


def write_bdf(points: xr.Dataset, path: Path | str) -> None:
    """Write points as BDF, with the ontology's preferred labels.

    Variables BDF has no label for keep their own name. What the file reads back is equal to `points`: times,
    voltages and counts exactly, currents and counters, which BDF keeps in A and A h, to the last bit or one beside. A
    net count that comes to 0 where the current reverses is the exception: it is read as one that begins anew there,
    and is off by what flows from one point to the next.

    Parameters
    ----------
    points
        Dataset (point) with ``time`` [s], ``voltage`` [V], ``current`` [mA].
    path
        ``*.csv``, ``*.bdf``, ``*.csv.gz`` or ``*.parquet``.

    Raises
    ------
    ValueError
        When the ending of `path` is none of these.
    """
    import polars as pl

    path = Path(path)
    frame = pl.DataFrame([_column(str(name), points[name]) for name in points.variables])
    for name in ("time", "voltage", "current"):
        origin = points[name].attrs.get("origin")
        if origin:
            warnings.warn(f"{path.name}: BDF cannot say that {name} is {origin}", ReaderWarning, stacklevel=2)
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix in {".csv", ".bdf"}:
        frame.write_csv(path)
    elif path.suffix == ".gz":
        import gzip

        path.write_bytes(gzip.compress(frame.write_csv().encode(), mtime=0))
    else:
        raise ValueError(f"{path}: the ending must be .csv, .bdf, .csv.gz or .parquet")


def _column(name: str, values: xr.DataArray) -> pl.Series:
    import polars as pl

    label, factor = _LABELS.get(name, (str(values.attrs.get("long_name", name)), 1.0))
    if name == "control":
        return pl.Series(label, np.array([_STEP_TYPES[code] for code in CONTROLS])[values.values])
    return pl.Series(label, values.values if factor == 1.0 else values.values / factor)


_STEP_TYPES = {"rest": "Rest", "cc": "CC", "cv": "CV", "eis": "EIS", "unknown": ""}
