"""Tables of points in Parquet, from any origin: columns with the units that headers, the file or its dates state."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..contract import ReaderError, ReadOptions, Recording
from .assignment import assignment
from .clock import date_seconds
from .columns import Sheet, recording
from .headers import Heading, heading, headings
from .impedance_headers import of_the_trace, parts, stated_columns
from .impedance_table import add_spectra, sheet_impedance, table_spectra
from .parquet_pages import misplaced

if TYPE_CHECKING:
    import polars as pl

MAGIC = b"PAR1"
_BESIDE = "table_metadata"
"""Where the battery data toolkit states the units of its columns, in the file's own metadata."""
_AS_LONG = (0.5, 1.01)
"""How many times as long as its dates a test in seconds may be: pauses, in which its time stands still, shorten it."""


def read_parquet(path: Path, options: ReadOptions) -> Recording:
    """Points, spectra or both of a Parquet file.

    Raises
    ------
    ReaderError
        When the file is damaged or cut, holds no rows, or nothing tells where time, voltage and current are.
    """
    import polars as pl

    why = misplaced(path)
    if not why:
        try:
            frame = pl.read_parquet(path, memory_map=False)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            why = str(error).splitlines()[0]
    if why:
        raise ReaderError(
            path, f"the Parquet file is damaged or cut ({why}); its index is at its end, so nothing of it can be read"
        )
    if not frame.height:
        raise ReaderError(path, "the table holds no rows")
    headers = frame.columns
    frame = frame.rename({name: str(i) for i, name in enumerate(headers)})
    odd = [name for name, kind in frame.schema.items() if not (kind.is_numeric() or kind == pl.String)]
    frame = frame.with_columns(pl.col(odd).cast(pl.String))
    units = _stated_units(path, headers)
    said = _time_by_dates(frame, headers, units)
    spectral = stated_columns(path, options.columns, headers, units)
    options = replace(options, columns=of_the_trace(options.columns))
    sheet = Sheet(path, headers, frame, {}, warnings=said)
    if parts(spectral) and not {"time", "voltage", "current"} <= headings(headers).keys() | options.columns.keys():
        result = table_spectra(path, headers, units, spectral, sheet.raw)
    else:
        sheet.assignment = assignment(path, headers, units, options)
        impedance, assumed = sheet_impedance(sheet, units, spectral) if parts(spectral) else (None, [])
        result = recording(sheet, options)
        add_spectra(result, sheet, impedance, assumed)
    result.settings = {"headers": list(headers)}
    return result


def _stated_units(path: Path, headers: Sequence[str]) -> list[str]:
    """Units of the columns that the file's own metadata state; empty where they do not."""
    import polars as pl

    stated: dict[str, object] = {}
    with suppress(pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        found = json.loads(pl.read_parquet_metadata(path).get(_BESIDE, "{}"))
        stated = found if isinstance(found, dict) else {}
    columns = [stated.get(header) for header in headers]
    units = [column.get("units") if isinstance(column, dict) else None for column in columns]
    return [unit if isinstance(unit, str) else "" for unit in units]


def _time_by_dates(frame: pl.DataFrame, headers: Sequence[str], units: list[str]) -> list[str]:
    """Give a time that states no unit seconds where its own dates prove it; a sentence on that."""
    known = headings(headers, units)
    if "time" in known:
        return []
    named = [(own.rank, at) for at, header in enumerate(headers) if (own := _as_time(header, units[at]))]
    numeric = [(rank, at) for rank, at in named if frame[str(at)].dtype.is_numeric()]
    found = (date_seconds(name, frame[str(at)]) for at, name in enumerate(headers))
    dates = next((one for one in found if one is not None), None)
    if not numeric or dates is None or not np.ptp(dates):
        return []
    at = min(numeric)[1]
    span = float(np.ptp(frame[str(at)].drop_nulls().to_numpy()))
    if not _AS_LONG[0] < span / float(np.ptp(dates)) < _AS_LONG[1]:
        return []
    units[at] = "s"
    return [f"{headers[at]!r} states no unit: it is in seconds, as the dates of the file prove"]


def _as_time(header: str, unit: str) -> Heading | None:
    found = heading(header, "s") if not unit else None
    return found if found and found.quantity == "time" else None
