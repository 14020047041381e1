"""Columns of known meaning to points: units, counters, and what is derived or assumed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from ...model.schema import POINTS, dataset
from ...model.units import conversion
from ..contract import ReaderError, ReadOptions, Recording
from . import clock, counters, states
from .assignment import Assignment
from .headers import STORED_UNITS
from .plausibility import counter_doubts, cycle_doubts, time_doubts
from .polarity import polarity
from .slips import slip

if TYPE_CHECKING:
    import polars as pl

FloatArray = npt.NDArray[np.float64]
_DAY = 86400.0
_NOISE = 0.1
"""Share of the current that noise around zero may have in a column of magnitudes."""
_ENOUGH = 10_000
_WORTH_THREADS = 1_000_000
"""Cells of a table that take longer to copy than threads to start."""
_NEEDED = ("time", "voltage", "current")


@dataclass
class Sheet:
    """Columns as a file has them."""

    path: Path
    headers: Sequence[str]
    frame: pl.DataFrame
    """Numbers and texts; the columns are named "0", "1", ..."""
    assignment: Assignment
    lines: npt.NDArray[np.int64] | None = None
    warnings: list[str] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    """Columns whose texts are used, so that they are not named among those left out."""
    dates: set[int] = field(default_factory=set)
    """Columns of dates as text: no number stands there."""
    start: str = ""
    """When the test began by these dates, ISO 8601; in the time of the instrument's clock, or of UTC where it says so.
    """
    scales: dict[str, float] = field(default_factory=dict)
    """Factors by which the numbers of quantities are multiplied, beside their units."""
    of_instrument: bool = False
    """Whether an instrument's own software wrote it: a unit that its counters refute is then an error."""
    _unpacked: dict[int, npt.NDArray[np.generic]] = field(default_factory=dict)
    _clocks: dict[int, FloatArray] = field(default_factory=dict)
    _clocks_of: pl.DataFrame | None = None

    def numbers(self, quantity: str, every: int = 1) -> FloatArray:
        """The column of a quantity in its stored unit, or every so many numbers of it; NaN where it holds none."""
        column, meaning = self.assignment[quantity]
        values = self.raw(column, every)
        if quantity in self.scales:
            values *= self.scales[quantity]
        if meaning.units == STORED_UNITS[quantity]:
            return values
        factor, offset = conversion(meaning.units, STORED_UNITS[quantity])
        return values * factor + offset if offset else values * factor

    def raw(self, column: int, every: int = 1) -> FloatArray:
        """A column as numbers, in the unit of the file; clock times in seconds."""
        import polars as pl

        series = self.frame[str(column)]
        if series.dtype == pl.String:
            return self._seconds(column)[::every].copy()
        if every > 1:
            series = series.gather_every(every)
        elif column in self._unpacked:
            return cast(FloatArray, self._unpacked.pop(column).astype(np.float64, copy=False))
        return cast(FloatArray, _array(series).astype(np.float64, copy=False))

    def _seconds(self, column: int) -> FloatArray:
        if self._clocks_of is not self.frame:
            self._clocks_of, self._clocks = self.frame, {}
        if column not in self._clocks:
            self._clocks[column] = clock.seconds(self.frame[str(column)])
        return self._clocks[column]

    def counts(self, column: int) -> npt.NDArray[np.int64] | None:
        """A column that was read as whole numbers; None where it was not, or has gaps."""
        import polars as pl

        series = self.frame[str(column)]
        if series.dtype != pl.Int64 or series.null_count():
            return None
        found = self._unpacked.pop(column) if column in self._unpacked else _array(series)
        return cast("npt.NDArray[np.int64]", found)

    def unpack(self) -> None:
        """Make arrays of all columns of numbers, on all cores; each is handed out once, so that nobody shares it."""
        if self.frame.height * self.frame.width < _WORTH_THREADS:
            return
        columns = [at for at in range(len(self.headers)) if self.frame[str(at)].dtype.is_numeric()]
        with ThreadPoolExecutor() as pool:
            arrays = pool.map(lambda column: _array(self.frame[str(column)]), columns)
            self._unpacked = dict(zip(columns, arrays, strict=True))

    def header(self, quantity: str) -> str:
        """The header of the column that holds a quantity."""
        return self.headers[self.assignment[quantity][0]]


def recording(sheet: Sheet, options: ReadOptions) -> Recording:
    """Points from columns, with the doubts about them.

    Parameters
    ----------
    sheet
        The columns and what they mean; rows without time, voltage or current are left out and counted.
    options
        The amplitude of the current where no column holds it.
    """
    _leave_out_useless_rows(sheet)
    sheet.unpack()
    time = sheet.numbers("time")
    columns: dict[str, np.ndarray] = {}
    origins: dict[str, str] = {}
    doubts = list(sheet.warnings)
    time = columns["time"] = _mended_time(sheet, time, origins, doubts)
    doubts += time_doubts(time, sheet.header("time"))
    _mend_units(sheet, time, options, origins, doubts)
    columns["voltage"] = voltage = sheet.numbers("voltage")
    if "current" in sheet.assignment:
        columns["current"] = _current(sheet, origins, doubts)
    else:
        columns["current"] = _assumed_current(time, voltage, options.current, origins, doubts)
    if "current" in sheet.assignment:
        _add_counters(sheet, columns, origins, doubts)
    _add_counts(sheet, columns, doubts)
    if sheet.of_instrument and "instrument_cycle" in columns:
        doubts += cycle_doubts(columns["instrument_cycle"], columns["current"], sheet.header("instrument_cycle"))
    _add_states(sheet, columns)
    if "temperature" in sheet.assignment:
        columns["temperature"] = sheet.numbers("temperature")
    _add_others(sheet, columns, doubts)
    order = [entry.name for entry in POINTS if entry.name in columns]
    order += [name for name in columns if name not in order]
    points = dataset("points", {name: columns[name] for name in order})
    for name, origin in origins.items():
        points[name].attrs["origin"] = origin
    provenance = {"start_time": sheet.start} if sheet.of_instrument and sheet.start else {}
    return Recording(points, provenance=provenance, warnings=doubts)


def _leave_out_useless_rows(sheet: Sheet) -> None:
    import polars as pl

    needed = [name for name in _NEEDED if name in sheet.assignment]
    sound = np.ones(sheet.frame.height, bool)
    for name in needed:
        series = sheet.frame[str(sheet.assignment[name][0])]
        if series.dtype.is_numeric() and not series.null_count() and np.isfinite(cast(float, series.sum())):
            continue  # a sum is finite where all are
        finite = np.isfinite(sheet.raw(sheet.assignment[name][0]))
        lost = np.flatnonzero(sound & ~finite)
        if len(lost) == sheet.frame.height:
            raise ReaderError(sheet.path, f"column {sheet.header(name)!r} ({name}) holds no numbers")
        if len(lost):
            first = sheet.lines[lost[0]] if sheet.lines is not None else lost[0] + 1
            sheet.warnings.append(
                f"{len(lost)} rows without a number for {sheet.header(name)!r}: left out (the first is {first})"
            )
        sound &= finite
    if not sound.all():
        sheet.frame = sheet.frame.filter(pl.Series(sound))
        if sheet.lines is not None:
            sheet.lines = np.asarray(sheet.lines)[sound]
    if not sheet.frame.height:
        raise ReaderError(sheet.path, "no row holds time, voltage and current")


def _mended_time(sheet: Sheet, time: FloatArray, origins: dict[str, str], doubts: list[str]) -> FloatArray:
    """The time with those faults undone of which the file itself proves what is right."""
    found = [clock.Mended(time)]
    if "instrument_step" in sheet.assignment and np.any(time[1:-1] == 0):
        found.append(clock.restarted(time, sheet.numbers("instrument_step")))
    for column, header in enumerate(sheet.headers):
        dates = clock.dates(header, sheet.frame[str(column)], lasts=float(time[-1] - time[0]))
        if dates is not None:
            sheet.known.add(column)
            if not sheet.frame[str(column)].dtype.is_numeric():
                sheet.dates.add(column)
            if 0 <= time[0] < _DAY and dates.certain:  # of a part of a test the pauses before it are not known
                sheet.start = clock.start(dates.seconds[0] - time[0], utc=dates.utc)
            found.append(clock.by_dates(found[-1].time, dates.seconds, header))
            if sheet.of_instrument:
                paused = clock.stood_still(found[-1].time, dates.seconds, header)
                found.append(clock.Mended(found[-1].time, doubt=paused))
            break
    said = [one.said for one in found if one.said]
    doubts += said + [one.doubt for one in found if one.doubt]
    if said:
        origins["time"] = f"derived: {'; '.join(said)}"
    return found[-1].time


def _mend_units(
    sheet: Sheet, time: FloatArray, options: ReadOptions, origins: dict[str, str], doubts: list[str]
) -> None:
    """Put right a unit that the file's own counters prove to be a thousand times off."""
    if "current" not in sheet.assignment:
        return
    charge, energy = ([sheet.numbers(one) for one in _counters(sheet, of)] for of in ("capacity", "energy"))
    every = 1 if charge or energy else max(1, len(time) // _ENOUGH)
    voltage, current = (sheet.numbers(one, every) for one in ("voltage", "current"))
    found = slip(time[::every], voltage, current, charge, energy)
    if found is None:
        return
    which = _counters(sheet, "capacity") if found.quantity == "capacity" else [found.quantity] * bool(found.quantity)
    sheet.scales |= dict.fromkeys(which, 1 / found.factor)
    if which:
        headers = " and ".join(repr(sheet.header(name)) for name in which)
        direction = f"{found.factor:g} times too large" if found.factor > 1 else f"{1 / found.factor:g} times too small"
        said = f"the numbers under {headers} are {direction} for the unit of the header: {found.said}"
        doubts.append(f"{said}; they are brought to the unit this proves")
        if found.quantity == "voltage":
            origins["voltage"] = f"derived: {said}"
    elif sheet.of_instrument and not any(name in options.columns for name in found.doubtful):
        named = [name for name in found.doubtful if name in sheet.assignment]
        headers = ", ".join(repr(sheet.header(name)) for name in named)
        example = f'columns={{"{named[0]}": "{sheet.header(named[0])} [<unit>]"}}'
        raise ReaderError(
            sheet.path,
            f"{found.said}: the unit of {headers} is another one than the file says, and nothing in it tells which."
            f" {example} reads it in the unit that is right",
        )


def _current(sheet: Sheet, origins: dict[str, str], doubts: list[str]) -> FloatArray:
    """The current as measured; where it is a magnitude and the file names the direction apart, with that sign."""
    current = sheet.numbers("current")
    if "state" not in sheet.assignment or -np.sum(current[current < 0]) > _NOISE * np.sum(np.abs(current)):
        return current
    words, which = _words(sheet)
    towards = np.array([states.direction(word) for word in words])[which]
    discharging = (towards == -1) & (current > 0)
    has_sign = np.count_nonzero(discharging) <= np.count_nonzero((towards == -1) & (current < 0))
    turned = np.count_nonzero((towards == 1) & (current < 0)) > np.count_nonzero((towards == 1) & (current > 0))
    if has_sign or turned:
        return current
    unknown = (towards == 0) & (current > 0)
    if unknown.any():
        said = ", ".join(repr(words[one]) for one in np.unique(which[unknown]))
        doubts.append(
            f"the direction of the current is not said in {np.count_nonzero(unknown)} rows (state {said}): it is"
            " left positive there"
        )
    column = sheet.header("state")
    origins["current"] = f"derived: the file holds its magnitude, the sign is that of {column!r}"
    doubts.append(f"the current has no sign in the file; it is counted negative where {column!r} says discharge")
    current[discharging] *= -1
    return current


def _assumed_current(
    time: FloatArray, voltage: FloatArray, amplitude: float, origins: dict[str, str], doubts: list[str]
) -> FloatArray:
    found = polarity(time, voltage)
    origins["current"] = (
        f"assumed: amplitude {amplitude:g} mA as given, sign from the {len(found.starts)} half-cycles of the voltage"
    )
    doubts.append(f"the file holds no current; it is {origins['current']}")
    doubts += found.doubts
    return found.sign.astype(np.float64) * amplitude


def _add_counters(sheet: Sheet, columns: dict[str, np.ndarray], origins: dict[str, str], doubts: list[str]) -> None:
    """Net counters of charge and energy, from whichever columns the file has for them."""
    time, current = columns["time"], columns["current"]
    for counted, name in (("capacity", "charge_counter"), ("energy", "energy_counter")):
        used = _counters(sheet, counted)
        for one in {counted, f"net_{counted}", f"charge_{counted}", f"discharge_{counted}"} - set(used):
            sheet.assignment.pop(one, None)  # kept under its own header
        if not used:
            continue
        rate = current if counted == "capacity" else current * columns["voltage"]
        readings = [sheet.numbers(one) for one in used]
        if not all(np.isfinite(one).all() for one in readings):
            doubts.append(f"{' and '.join(map(sheet.header, used))}: values are missing, so {name} is left out")
            continue
        if len(used) == 2:
            totals = [counters.total(one) for one in readings]
            columns[name] = totals[0] - totals[1]
            charge, discharge = map(np.diff, totals)
        else:
            expected = counters.passed(rate, time)
            columns[name] = (
                counters.net(readings[0], expected)
                if used[0].startswith("net")
                else counters.signed(readings[0], rate, expected)
            )
            change = np.diff(columns[name])
            charge, discharge = np.clip(change, 0, None), np.clip(-change, 0, None)
        if counted == "capacity":
            doubts += counter_doubts(time, current, charge, discharge)
        origins[name] = "derived: net count without restarts of " + " and ".join(map(repr, map(sheet.header, used)))


def _counters(sheet: Sheet, counted: str) -> list[str]:
    """The columns that count charge or energy: both directions apart, or one for both, or none."""
    used = [f"charge_{counted}", f"discharge_{counted}"]
    if all(one in sheet.assignment for one in used):
        return used
    return [one for one in (f"net_{counted}", counted) if one in sheet.assignment][:1]


def _add_counts(sheet: Sheet, columns: dict[str, np.ndarray], doubts: list[str]) -> None:
    """Cycle and step numbers of the instrument, where they are numbers one can count with."""
    for name in ("instrument_cycle", "instrument_step"):
        if name not in sheet.assignment:
            continue
        whole = _whole_numbers(sheet, name)
        if whole is not None:
            columns[name] = whole
            continue
        values = sheet.numbers(name)
        header = sheet.header(name)
        shown = f"{values[0]:.10g} in every row" if np.ptp(values) == 0 else "not whole numbers, or missing in places"
        doubts.append(f"{header!r} is no count: {shown}; it is kept as it is and not used as {name}")
        del sheet.assignment[name]


def _whole_numbers(sheet: Sheet, name: str) -> npt.NDArray[np.int64] | None:
    counts = sheet.counts(sheet.assignment[name][0])
    if counts is not None:
        return counts
    values = sheet.numbers(name)
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int64)
    return whole if np.array_equal(whole, values) else None


def _add_states(sheet: Sheet, columns: dict[str, np.ndarray]) -> None:
    if "state" not in sheet.assignment:
        return
    words, which = _words(sheet)
    if states.tells_control(words):
        columns["control"] = np.array([states.control(word) for word in words], np.int8)[which]


def _add_others(sheet: Sheet, columns: dict[str, np.ndarray], doubts: list[str]) -> None:
    """Every other column of numbers under its own header; what holds none is named."""
    used = {column for column, _ in sheet.assignment.values()} | sheet.dates
    without = []
    for column, header in enumerate(sheet.headers):
        if column in used:
            continue
        values = sheet.raw(column)
        if not np.isfinite(values).any():
            if column not in sheet.known and not _is_blank(sheet.frame[str(column)]):
                without.append(repr(header))
            continue
        name = header or f"column {column + 1}"
        while name in columns or name in STORED_UNITS or name in {entry.name for entry in POINTS}:
            name += " (file)"
        columns[name] = values
    if without:
        doubts.append(f"columns that hold no numbers are left out: {', '.join(dict.fromkeys(without))}")


def _is_blank(column: pl.Series) -> bool:
    """Whether a column says nothing at all."""
    import polars as pl

    if column.null_count() == len(column):
        return True
    return bool(column.cast(pl.String).fill_null("").str.strip_chars().is_in(["", "N/A"]).all())


def _words(sheet: Sheet) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The different words of the state column, and which of them each row has."""
    import polars as pl

    series = sheet.frame[str(sheet.assignment["state"][0])].cast(pl.String).fill_null("")
    words = series.unique().sort()
    which = series.cast(pl.Enum(words)).to_physical().to_numpy().astype(np.intp)
    return words.to_list(), which


def _array(series: pl.Series) -> npt.NDArray[np.generic]:
    """The values, whole or with decimals as they are, in memory of their own."""
    import polars as pl

    values = (series if series.dtype in {pl.Int64, pl.Float64} else series.cast(pl.Float64)).to_numpy()
    return values if values.flags.writeable else values.copy()  # it already is a copy where it was read in parts
