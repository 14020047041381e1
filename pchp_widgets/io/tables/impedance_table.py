"""Tables with columns of impedance to points of impedance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...model.units import conversion
from ..contract import ReaderError, Recording
from .columns import Sheet
from .headers import STORED_UNITS, Heading, headings
from .impedance import Impedance, impedance_recording
from .impedance_headers import Column, Columns, areal_unit, parts

FloatArray = npt.NDArray[np.float64]
Numbers = Callable[[int], FloatArray]
"""The numbers of a column, in the unit of the file."""

_LARGEST_RADIAN = 3.5
_ROW = "row"
_NOT_READ = "the impedance among the points is not read"


def table_impedance(
    path: Path, headers: Sequence[str], units: Sequence[str], columns: Columns, numbers: Numbers
) -> tuple[Impedance, list[str]]:
    """Points of impedance from the columns of a table, and what is assumed about them.

    Both parts are taken where they are there, else modulus and phase.

    Parameters
    ----------
    path, headers, units
        The file, its headers, and the cells of a units row.
    columns
        As :func:`.impedance_headers.impedance_columns` gives it; they suffice for spectra.
    numbers
        Of a column.

    Raises
    ------
    ReaderError
        When the impedance is one times an area, or nothing tells whether a phase is in degrees or radians.
    """
    areal = areal_unit(headers, units)
    if areal:
        raise ReaderError(path, f"{areal!r} is an impedance times an area; divide by the area and export it in ohm")

    def read(quantity: str) -> FloatArray:
        return numbers(columns[quantity].column) * columns[quantity].factor(quantity)

    said = []
    used = parts(columns)
    _, first, second = used
    header, minus = columns[second].header, second.startswith("minus")
    if first == "z_real":
        z_real, z_imag, what = read(first), read(second), "Im Z"
        modulus = read("z_modulus") if "z_modulus" in columns else None
    else:
        phase, assumed = _radians(path, second, columns[second], numbers)
        said += assumed
        z_real, z_imag, what = read(first) * np.cos(phase), read(first) * np.sin(phase), "the phase of Z"
        modulus = None
    if not any(columns[one].units for one in used):
        said.append("no units are stated: the frequency is taken in Hz, the impedance in ohm")
    known = headings(headers, units)

    counter = numbers(columns["spectrum"].column) if "spectrum" in columns else None
    found = Impedance(
        read("frequency"),
        z_real,
        -z_imag if minus else z_imag,
        f"-{what} ({header!r}), its sign is turned" if minus else f"{what} ({header!r})",
        certain=minus,
        modulus=modulus,
        time=_beside("time", known, numbers),
        voltage=_beside("voltage", known, numbers),
        counters=[counter] if counter is not None and np.isfinite(counter).all() else [],
    )
    return found, said


def _beside(quantity: str, known: Mapping[str, tuple[int, Heading]], numbers: Numbers) -> FloatArray | None:
    """The time or voltage of each point, where a column has it."""
    if quantity not in known:
        return None
    column, meaning = known[quantity]
    factor, offset = conversion(meaning.units, STORED_UNITS[quantity])
    return numbers(column) * factor + offset


def table_spectra(
    path: Path, headers: Sequence[str], units: Sequence[str], columns: Columns, numbers: Numbers
) -> Recording:
    """Spectra of a table without a trace; parameters and what is raised as for :func:`table_impedance`."""
    impedance, assumed = table_impedance(path, headers, units, columns, numbers)
    result = impedance_recording(path, impedance)
    result.warnings = [*assumed, *result.warnings]
    return result


def sheet_impedance(sheet: Sheet, units: Sequence[str], columns: Columns) -> tuple[Impedance | None, list[str]]:
    """Points of impedance among those of a trace, and what is assumed about them; None where no row has a frequency.

    Rows of the trace are at 0 Hz. The columns of impedance become known to the sheet: they are none of the trace. An
    impedance that cannot be read is said, and the trace is read all the same.

    Parameters
    ----------
    sheet
        Columns as the file has them; its rows are numbered, for :func:`add_spectra`.
    units
        Cells of a units row.
    columns
        Of frequency and impedance.
    """
    import polars as pl

    def numbers(column: int) -> FloatArray:
        series = sheet.frame[str(column)]
        if series.dtype == pl.String:  # empty in the first rows, so it was not known to hold numbers
            series = series.str.strip_chars().str.replace(",", ".").cast(pl.Float64, strict=False)
        return np.array(series.cast(pl.Float64).fill_null(np.nan).to_numpy(), float)

    frequency = numbers(columns["frequency"].column)
    if not (frequency != 0)[np.isfinite(frequency)].any():
        return None, []
    try:
        found, said = table_impedance(sheet.path, sheet.headers, units, columns, numbers)
    except ReaderError as error:
        return None, [f"{_NOT_READ}: {error.reason}"]
    direct = ~np.isfinite(found.frequency) | (found.frequency == 0)
    for values in (found.frequency, found.z_real, found.z_imag):
        values[direct] = 0.0
    for name, column in columns.items():
        sheet.assignment.setdefault(name, (column.column, Heading(name, column.units)))
    sheet.frame = sheet.frame.with_row_index(_ROW)
    return found, said


def add_spectra(result: Recording, sheet: Sheet, impedance: Impedance | None, said: list[str]) -> None:
    """Put the impedance among the points of a trace beside it, at the times of the trace.

    Parameters
    ----------
    result
        What was made of the sheet.
    sheet
        With the rows that became points.
    impedance, said
        From :func:`sheet_impedance`.
    """
    result.warnings += said
    if impedance is None:
        return
    kept = sheet.frame[_ROW].to_numpy()
    before = np.searchsorted(kept, np.arange(len(impedance.frequency)), side="right") - 1
    impedance.time = np.where(before < 0, np.nan, result.points["time"].values[np.maximum(before, 0)])
    try:
        found = impedance_recording(sheet.path, impedance, result.points)
    except ReaderError as error:
        result.warnings.append(f"{_NOT_READ}: {error.reason}")
        return
    result.spectra = found.spectra
    result.provenance |= found.provenance
    result.warnings += found.warnings


def _radians(path: Path, quantity: str, column: Column, numbers: Numbers) -> tuple[FloatArray, list[str]]:
    """The phase in radians. Without a stated unit it is in degrees where it is larger than any angle in radians."""
    phase = numbers(column.column)
    if column.units:
        return np.deg2rad(phase * column.factor(quantity)), []
    largest = float(np.nanmax(np.abs(phase), initial=0.0))
    if largest > _LARGEST_RADIAN:
        return np.deg2rad(phase), [f"{column.header!r} states no unit; it reaches {largest:.4g} and so is in degrees"]
    raise ReaderError(
        path,
        f"{column.header!r} states no unit, and with at most {largest:.4g} it may be degrees or radians. Say which:"
        f' columns={{"{quantity}": "{column.header} [deg]"}} or "{column.header} [rad]"',
    )
