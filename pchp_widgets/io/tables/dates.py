"""Dates as programs of instruments write them, to ISO 8601."""

from __future__ import annotations

import re
from datetime import datetime

_SPELLED = ("%B %d, %Y", "%b. %d, %Y", "%b %d, %Y", "%Y-%m-%d", "%d.%m.%Y")
_CLOCKS = ("%H:%M:%S", "%I:%M:%S %p", "%H:%M:%S.%f")


def iso_start(date: str, time: str) -> str:
    """When something began, without a time zone; empty where it cannot be read or day and month cannot be told apart.

    Parameters
    ----------
    date
        ``"July 19, 2018"``, ``"Feb. 20, 2020"``, ``"4/23/2018"``, ``"12-17-2019"``. Of two numbers before the year one
        has to be larger than 12, because the order depends on the country set in the program.
    time
        ``"16:43:15"`` or ``"9:40:30 AM"``.
    """
    day = _day(date.strip())
    clock = next((one for form in _CLOCKS if (one := _parsed(time.strip(), form))), None)
    if day is None or clock is None:
        return ""
    return datetime.combine(day.date(), clock.time().replace(microsecond=0)).isoformat()


def _day(text: str) -> datetime | None:
    numbers = re.fullmatch(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})", text)
    if not numbers:
        return next((one for form in _SPELLED if (one := _parsed(text, form))), None)
    first, second, year = map(int, numbers.groups())
    if (first > 12) == (second > 12) and first != second:
        return None
    month, day = (second, first) if first > 12 else (first, second)
    return _parsed(f"{year}-{month:02d}-{day:02d}", "%Y-%m-%d")


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007  instruments do not write their time zone
    except ValueError:
        return None
