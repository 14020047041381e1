"""The time of a test, held against what else a file says of time: its column of dates, its steps.

A fault is mended only where the file itself proves what is right, and every mending is said.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from .layout import CLOCK

if TYPE_CHECKING:
    import polars as pl

FloatArray = npt.NDArray[np.float64]

WRONG_UNITS = {
    1000.0: "milliseconds under a header that says otherwise",
    3600.0: "hours were turned into seconds twice",
    60.0: "minutes were turned into seconds twice",
    1 / 3600: "hours under a header that says seconds",
    1 / 60: "minutes under a header that says seconds",
    1 / 1000: "seconds under a header that says milliseconds",
}
"""How many times too large a time is, and how that comes about."""

_PAUSE, _RESOLUTION = 60.0, 2.0
_AGREEMENT, _TOO_LONG = 0.01, 0.05
_PARTS = 20
_TRIED = 20
_DATES = re.compile(
    r"(unix|absolute|date|calendar|dpt|real|sys)[ _]?(and[ _])?(time|stamp)?\b|time ?stamp|datetime", re.IGNORECASE
)
_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S",
    "%Y-%m-%d %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p", "%d-%b-%y %I:%M:%S %p", "%d-%b-%y %H:%M:%S",
)  # fmt: skip
_UNIX = (1e8, 1e11)
"""Seconds since 1970 lie between these from 1973 on; a thousand times as much are milliseconds."""


class Mended(NamedTuple):
    """A time, and what was done to it: nothing where ``said`` is empty; or what remains doubtful of it."""

    time: FloatArray
    said: str = ""
    doubt: str = ""


class Dates(NamedTuple):
    """Dates in seconds since 1970, whether they are of UTC, and whether day and month can be told apart."""

    seconds: FloatArray
    utc: bool = False
    certain: bool = True


def seconds(series: pl.Series) -> FloatArray:
    """Durations as a clock shows them, in seconds; NaN where the text is none."""
    import polars as pl

    if not series.str.contains(":", literal=True).any():
        return np.full(len(series), np.nan)
    parts = series.str.replace(",", ".").str.extract_groups(CLOCK).struct.unnest().cast(pl.Float64, strict=False)
    days, hours, minutes, rest = (parts[:, i] for i in range(4))
    total = days.fill_null(0.0) * 86400 + hours * 3600 + minutes * 60 + rest
    return np.asarray(total.fill_null(float("nan")).to_numpy(writable=True), float)


def date_seconds(header: str, column: pl.Series) -> FloatArray | None:
    """A column of dates in seconds, from Unix time or from text; None where it is none or has gaps."""
    found = dates(header, column)
    return found.seconds if found else None


def dates(header: str, column: pl.Series, lasts: float | None = None) -> Dates | None:
    """A column of dates, from Unix time or from text; None where it is none or has gaps.

    Parameters
    ----------
    header, column
        Of the column.
    lasts
        How long the test lasts by its own time [s]: of two ways to read a date, day or month first, the one is taken
        by which the dates last as long. Where both do, the one with the month first, and it is not certain.
    """
    import polars as pl

    if not _DATES.match(header.replace("_", " ").strip()):
        return None
    if column.dtype == pl.String:
        return _text_dates(column, lasts) or _text_dates(_without_details(column), lasts)
    if not column.dtype.is_numeric():
        return None
    values = column.cast(pl.Float64).to_numpy()
    for per_second in (1.0, 1e3):
        if len(values) and _UNIX[0] * per_second < values.min() and values.max() < _UNIX[1] * per_second:
            return Dates(np.asarray(values / per_second, float), utc=True)
    return None


def _without_details(text: pl.Series) -> pl.Series:
    """Dates without blanks around them, a T before the clock, fractions of a second and the time zone."""
    return text.str.strip_chars().str.replace("T", " ").str.replace(r"(\.\d+)?(Z|[+-]\d\d:?\d\d)?$", "")


def _text_dates(text: pl.Series, lasts: float | None) -> Dates | None:
    ways = {}
    for form in _possible(text.first()):
        tried = _parsed(text.head(_TRIED).append(text.tail(1)), form)
        if not tried.null_count():
            seconds = _epoch(tried)
            ways[form] = abs(seconds[-1] - seconds[0] - (lasts or 0.0)), float(seconds[0])
    likely = sorted(ways, key=lambda form: ways[form][0])
    for form in likely:
        parsed = _parsed(text, form)
        if not parsed.null_count():
            alike = {ways[other][1] for other in likely if abs(ways[other][0] - ways[form][0]) < _RESOLUTION}
            return Dates(_epoch(parsed), certain=len(alike) == 1)
    return None


def _possible(first: object) -> list[str]:
    """The forms whose day has the same separator as this date, and a month in letters where it has one."""
    day = str(first or "").partition(" ")[0]
    separator, worded = re.search(r"\D", day), re.search("[A-Za-z]", day) is not None
    return [form for form in _FORMATS if separator and form[2] == separator[0] and ("%b" in form) == worded]


def _parsed(text: pl.Series, form: str) -> pl.Series:
    found = text.str.to_datetime(form, strict=False)
    if not found.null_count():
        return found
    days = text.str.to_date(form.partition(" ")[0], strict=False)  # some programs leave the clock away at midnight
    return found.zip_with(found.is_not_null(), days.cast(found.dtype))


def _epoch(found: pl.Series) -> FloatArray:
    return np.asarray(found.dt.epoch("ms").to_numpy() / 1e3, float)


def start(seconds: float, *, utc: bool) -> str:
    """The second a test began, ISO 8601: with its offset where `seconds` since 1970 are known to be of UTC."""
    began = datetime.fromtimestamp(round(seconds), UTC)
    return (began if utc else began.replace(tzinfo=None)).isoformat()


def by_dates(time: FloatArray, dates: FloatArray, header: str) -> Mended:
    """The time in the unit that its own dates prove.

    The test as a whole must be one of the known factors of :data:`WRONG_UNITS` too long or too short within 1 %, and
    its typical part within 10 %: a pause in which the test time stands still changes the one and not the other.
    """
    parts = np.unique(np.linspace(0, len(time) - 1, _PARTS + 1).astype(int))
    intervals, passed = np.diff(time[parts]), np.diff(dates[parts])
    counts = (intervals > 0) & (passed > 0)
    if not counts.any() or np.any(passed < 0):
        return Mended(time)
    whole, typical = np.ptp(time) / np.ptp(dates), np.median(intervals[counts] / passed[counts])
    for factor, cause in WRONG_UNITS.items():
        if abs(whole / factor - 1) < _AGREEMENT and abs(typical / factor - 1) < 10 * _AGREEMENT:
            how = f"{factor:g} times as long as" if factor > 1 else f"1/{1 / factor:g} of"
            said = (
                f"by the time of the test it lasted {np.ptp(time):.6g} s, {how} the {np.ptp(dates):.6g} s between the"
                f" dates of {header!r} ({cause}); it is brought to the unit the dates prove"
            )
            return Mended(time / factor, said)
    if whole > 1 + _TOO_LONG and np.ptp(time) - np.ptp(dates) > _RESOLUTION:
        return Mended(
            time,
            doubt=f"the time of the test passed {np.ptp(time):.6g} s, but only {np.ptp(dates):.6g} s lie between the"
            f" dates of {header!r}: one of the two is wrong",
        )
    return Mended(time)


def stood_still(time: FloatArray, dates: FloatArray, header: str) -> str:
    """Say by how much the dates go on while the time of the test does not, and where most of it is.

    Less than a minute is not worth a sentence: dates are written to the second, and a tester needs some to resume.
    """
    ahead = float((dates[-1] - dates[0]) - (time[-1] - time[0]))
    if ahead <= _PAUSE:
        return ""
    most = int(np.argmax(np.diff(dates) - np.diff(time)))
    gap = dates[most + 1] - dates[most] - (time[most + 1] - time[most])
    return (
        f"the dates of {header!r} go {ahead:.6g} s further than the time of the test, {gap:.6g} s of it between points"
        f" {most} and {most + 1}: pauses, or steps whose time is not counted"
    )


def restarted(time: FloatArray, step: FloatArray) -> Mended:
    """The time with the zeros undone that stand in place of it at the first record of steps.

    Such a record lies between two that are in order; it begins a step of the instrument, at the end of the one
    before. It is given the time of the record before it, and the sentence says how far off that can be.
    """
    zero = np.flatnonzero((time[1:-1] == 0) & (time[:-2] > 0) & (time[2:] >= time[:-2])) + 1
    if not len(zero) or not np.all(step[zero] != step[zero - 1]):
        return Mended(time)
    mended = time.copy()
    mended[zero] = time[zero - 1]
    if np.any(np.diff(mended) < 0):
        return Mended(time)
    doubt = float(np.max(time[zero + 1] - time[zero - 1]))
    said = (
        f"the time is 0 in the first record of {len(zero)} steps, though the records before and after it are in order"
        f" (first between {time[zero[0] - 1]:.10g} s and {time[zero[0] + 1]:.10g} s, point {zero[0]}): each of them"
        f" is given the time of the record before it, which is right within {doubt:.3g} s"
    )
    return Mended(mended, said)


__all__ = [
    "WRONG_UNITS",
    "Dates",
    "Mended",
    "by_dates",
    "date_seconds",
    "dates",
    "restarted",
    "seconds",
    "start",
    "stood_still",
]
