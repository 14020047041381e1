"""Arbin's databases of tests (.res)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract import ReaderError, ReadOptions, Recording
from ..tables.assignment import assignment
from ..tables.columns import Sheet, recording
from ..tables.headers import Heading
from .mdb import ACE, JET, Database
from .meanings import MEANINGS, are_arbins

if TYPE_CHECKING:
    import polars as pl

_POINTS = "Channel_Normal_Table"
_READ = {
    _POINTS, "Global_Table", "Auxiliary_Table", "Aux_Global_Data_Table", "Event_Table", "Version_Table",
    "Resume_Table", "Channel_Statistic_Table",
}  # fmt: skip
"""Tables that are read, and the last three of which hold nothing that the points do not."""
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001  dates of the database are of the clock on its wall
_UNIX_DAY = 25569
_DAY = 86400.0
_TEMPERATURE = 1
_KINDS = ("voltage", "temperature", "pressure", "pH", "flow rate")
"""Kinds of auxiliary channels 0, 1, ..., in the order in which the table of tests counts them."""
_EXPECTED_EVENTS = ("test start", "test end", "test stop", "resume", "test continue")


class ArbinResReader:
    """Arbin's results databases (Access files), by mdbtools.

    ``instrument_cycle`` and ``instrument_step`` are Arbin's Cycle_Index and Step_Index; ``charge_counter`` is one net
    count over the test. Auxiliary channels are columns under their own names, without the rates of change that Arbin
    computes from them; the first that measures a temperature is ``temperature``. A database of several tests is
    refused: each of them is a cell of its own.
    """

    name = "arbin-res"
    description = "Arbin results databases (res), with mdbtools"
    suffixes = (".res",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for an Access database."""
        return None if head.startswith((JET, ACE)) else "no Access database, which an Arbin .res is"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When mdbtools are not installed; the database is not Arbin's, is cut or damaged (``options.partial`` gives
            what can be read of it), holds no points, or holds those of several tests.
        """
        database = Database(path, partial=options.partial)
        if _POINTS not in database.names:
            raise ReaderError(path, f"is an Access database, but not Arbin's: it has no table {_POINTS}")
        tests = database.table("Global_Table").rows(named=True)
        points = _numbered(database.table(_POINTS, numbers=True), database)
        if not points.height and (database.said or database.count(_POINTS)):
            raise ReaderError(path, "the database is damaged or cut: none of its points can be read")
        if not points.height:
            raise ReaderError(path, "the database holds no points: the test had not begun when it was written")
        test = _one_test(path, points, tests)
        points, units = _with_auxiliaries(_in_order(points, database.said), database)
        events = sorted(database.table("Event_Table").rows(named=True), key=_event_time)
        versions = database.table("Version_Table").rows(named=True)
        left_out = _left_out(database)
        result = _recording(path, points, units, options, database.said)
        result.warnings += _remarkable(events) + left_out
        last = str(events[-1].get("Event_Describe")).lower() if events else ""
        result.finished = True if "end" in last else None
        _add_statements(result, test, versions)
        return result


def _one_test(path: Path, points: pl.DataFrame, tests: list[dict[str, str]]) -> dict[str, str]:
    """What the database says of its test; one of several tests is refused."""
    if not are_arbins(points.columns):
        raise ReaderError(path, f"table {_POINTS} lacks columns that Arbin's has; it has {', '.join(points.columns)}")
    numbers = points["Test_ID"].unique().drop_nulls().sort().to_list()
    if len(numbers) > 1:
        names = {one.get("Test_ID"): one.get("Test_Name") for one in tests}
        listed = "; ".join(f"{number:.0f}: {names.get(f'{number:.0f}') or 'without a name'}" for number in numbers)
        raise ReaderError(
            path,
            f"the database holds {len(numbers)} tests ({listed}), each a cell of its own: export them one by one from"
            " Arbin's software",
        )
    return next((one for one in tests if [one.get("Test_ID")] == [f"{number:.0f}" for number in numbers]), {})


def _numbered(points: pl.DataFrame, database: Database) -> pl.DataFrame:
    """The rows that have a number: others are what is left of damaged ones."""
    if "Data_Point" not in points.columns:
        return points
    numbered = points.drop_nulls("Data_Point")
    if numbered.height < points.height:
        database.damaged(f"{points.height - numbered.height} rows of {_POINTS} have no number of their point")
    return numbered


def _in_order(points: pl.DataFrame, said: list[str]) -> pl.DataFrame:
    """Points by their numbers: a database keeps its rows in any order."""
    points = points.sort("Data_Point", maintain_order=True)
    once = points.unique("Data_Point", keep="first", maintain_order=True)
    if once.height < points.height:
        said.append(f"{points.height - once.height} points are in the database twice; the first of each is taken")
    first, last = once["Data_Point"][0], once["Data_Point"][-1]
    missing = round(last - first) + 1 - once.height
    if missing > 0:
        said.append(f"{missing} of the points {first:.0f} to {last:.0f} are missing in the database")
    return once


def _with_auxiliaries(points: pl.DataFrame, database: Database) -> tuple[pl.DataFrame, dict[str, str]]:
    """The points with a column for each auxiliary channel, and the unit of those that have one."""
    import polars as pl

    rows = database.table("Auxiliary_Table", numbers=True)
    if not rows.height or not {"Data_Point", "Auxiliary_Index", "Data_Type", "X"} <= set(rows.columns):
        return points, {}
    told = {
        (one.get("Data_Type"), one.get("Auxiliary_Index")): one
        for one in reversed(database.table("Aux_Global_Data_Table").rows(named=True))
    }
    units: dict[str, str] = {}
    for (kind, index), part in sorted(rows.group_by("Data_Type", "Auxiliary_Index", maintain_order=True)):
        one = told.get((f"{kind:.0f}", f"{index:.0f}"), {})
        usual = f"{_KINDS[int(kind)] if 0 <= kind < len(_KINDS) else f'of kind {kind:.0f}'} {index + 1:.0f}"
        name = str(one.get("Nickname") or "").strip() or f"auxiliary {usual}"
        name = name if name not in points.columns else f"{name} ({usual})"
        single = part.unique("Data_Point", keep="first")
        if single.height < part.height:
            twice = part.height - single.height
            database.said.append(f"{twice} readings of {name!r} are in the database twice; the first of each is taken")
        points = points.join(single.select("Data_Point", pl.col("X").alias(name)), on="Data_Point", how="left")
        units[name] = "degC" if kind == _TEMPERATURE and one.get("Unit") == "C" else str(one.get("Unit") or "")
    return points, units


def _recording(
    path: Path, points: pl.DataFrame, units: dict[str, str], options: ReadOptions, said: list[str]
) -> Recording:
    import polars as pl

    headers = [name for name in points.columns if name != "Test_ID"]
    frame = points.select(headers)
    if "DateTime" in headers:
        frame = frame.with_columns((pl.col("DateTime") - _UNIX_DAY) * _DAY)
    frame = frame.rename({name: str(column) for column, name in enumerate(headers)})
    meanings = assignment(path, headers, [""] * len(headers), options, MEANINGS)
    sensor = next((name for name in headers if units.get(name) == "degC"), None)
    if sensor and "temperature" not in meanings:
        meanings["temperature"] = headers.index(sensor), Heading("temperature", "degC")
    result = recording(Sheet(path, headers, frame, meanings, warnings=said, of_instrument=True), options)
    for name, unit in units.items():
        if name in result.points and unit:
            result.points[name].attrs["units"] = unit
    return result


def _event_time(event: dict[str, str]) -> float:
    try:
        return float(event.get("Test_Time") or 0.0)
    except ValueError:
        return 0.0


def _remarkable(events: list[dict[str, str]]) -> list[str]:
    """What the instrument noted beside starts and ends."""
    return [
        f"the instrument noted {one.get('Event_Describe')!r} at {_event_time(one):.6g} s"
        for one in events
        if not str(one.get("Event_Describe") or "").lower().startswith(_EXPECTED_EVENTS)
    ]


def _left_out(database: Database) -> list[str]:
    counts = {name: database.count(name) for name in database.names if name not in _READ}
    return [f"table {name} ({count} rows) is not read" for name, count in counts.items() if count]


def _add_statements(result: Recording, test: dict[str, str], versions: list[dict[str, str]]) -> None:
    stated = {name: value for name, value in test.items() if value}
    result.settings["Global_Table"] = stated
    result.provenance["instrument"] = "Arbin"
    format_ = versions[0].get("Version_Schema_Field") if versions else ""
    facts = {
        "software": stated.get("Software_Version", format_ or ""),
        "serial_number": stated.get("Serial_Number", ""),
        "technique": stated.get("Schedule_File_Name", ""),
        "operator": stated.get("Creator", ""),
        "comment": stated.get("Comments", ""),
        "channel": stated.get("Channel_Index", ""),
        "test_name": stated.get("Test_Name", ""),
    }
    result.provenance |= {name: value for name, value in facts.items() if value}
    with suppress(KeyError, ValueError, OverflowError):
        start = _FIRST_DAY + timedelta(seconds=round(float(stated["Start_DateTime"]) * _DAY))
        result.provenance["start_time"] = start.isoformat()
