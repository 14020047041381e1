"""Neware's nested exports: a line per cycle, below it one per step, below that its records, each a cell further in.

Each level has a line of headers of its own, at the top. The first step of the test may stand on the line of its cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract import HEAD_BYTES, ReaderError
from ..tables.layout import cells, encoding
from ..tables.textfile import Text, lines_of

if TYPE_CHECKING:
    import polars as pl

_CYCLES, _RECORDS = ("Cycle Index", "Cycle ID"), ("DataPoint", "Record ID", "Record number")
_OF_STEPS = ("Step Index", "Step ID", "Step Number", "Step Type", "Step Name")
_CAPACITIES = ("Capacity(Ah)", "Capacity(mAh)", "Capacity(mAs)")
_DIFFERENT = 0.002


def delimiter_of_nested(head: bytes) -> str:
    """What parts the cells of a nested export; empty where these bytes begin none."""
    lines = head.decode(encoding(head), errors="replace").replace("\r", "").split("\n")[:3]
    for delimiter in (",", "\t", ";"):
        if len(lines) == 3 and lines[2].startswith(delimiter * 2) and lines[1].startswith(delimiter):
            first, last = cells(lines[0], delimiter)[0], cells(lines[2], delimiter)[2]
            if first.lstrip("\ufeff") in _CYCLES and last in _RECORDS:
                return delimiter
    return ""


def flattened(path: Path, text: Text) -> tuple[Text, list[str]]:
    """The records as one table, with the cycle and the step of each before its own cells, and what is doubtful.

    Raises
    ------
    ReaderError
        When a record comes before any step.
    """
    import polars as pl

    delimiter = delimiter_of_nested(text.raw[:HEAD_BYTES])
    whole = text.raw.decode(encoding(text.raw[:HEAD_BYTES]), errors="replace").replace("\r\n", "\n")
    ended = whole.endswith("\n")
    frame = lines_of(whole).to_frame().with_row_index("number", 1)
    heads = [cells(line.lstrip("\ufeff"), delimiter) for line in frame["line"][:3]]
    of_steps = [name for name in _OF_STEPS if name in heads[1]]
    again = pl.col("line").is_in(frame["line"][:3].implode())
    doubled = int(frame[3:].select(again.sum()).item())
    frame = frame[3:].filter(~again & (pl.col("line").str.strip_chars(f" {delimiter}") != ""))
    is_record = pl.col("line").str.starts_with(delimiter * 2)
    above = frame.filter(~is_record)
    steps = _steps(above, heads, of_steps, delimiter)
    place = frame.with_columns(step=(pl.col("number").is_in(steps["number"].implode())).cum_sum()).filter(is_record)
    if not place.height or not place["step"][0]:
        raise ReaderError(path, "the nested export holds no record below a step")
    lead = steps["cells"].gather(place["step"] - 1)
    lines = place.select(pl.concat_str(lead, pl.col("line").str.slice(1)))[:, 0]
    header = delimiter.join([heads[0][0], *of_steps, *heads[2][2:]])
    raw = f"{header}\n{lines.str.join(chr(10)).item()}".encode() + b"\n" * ended
    doubts = [f"{doubled} lines repeating a header: left out"] if doubled else []
    doubts += _unlike(steps, place, heads[2], delimiter)
    return Text(raw, text.problem, [3, *place["number"]]), doubts


def _steps(
    above: pl.DataFrame, heads: Sequence[Sequence[str]], of_steps: Sequence[str], delimiter: str
) -> pl.DataFrame:
    """Of each step: its line, its cycle, number and type as cells, and the capacity its own line says."""
    import polars as pl

    found: dict[str, list[object]] = {"number": [], "cells": [], "capacity": []}
    cycle, wide = "", len(heads[0])
    capacity = next((heads[1].index(name) for name in _CAPACITIES if name in heads[1]), None)
    for number, line in above.iter_rows():
        row = cells(line, delimiter)
        if row[0]:
            cycle = row[0]
            row = ["", *row[wide:]]  # the first step may stand on the line of its cycle
        if len(row) < 2 or not row[1]:
            continue
        named = dict(zip(heads[1], row, strict=False))
        found["number"].append(number)
        found["cells"].append(delimiter.join([cycle, *(named.get(name, "") for name in of_steps)]))
        found["capacity"].append(row[capacity] if capacity is not None and capacity < len(row) else None)
    return pl.DataFrame(found, schema={"number": pl.UInt32, "cells": pl.String, "capacity": pl.String})


def _unlike(steps: pl.DataFrame, place: pl.DataFrame, headers: Sequence[str], delimiter: str) -> list[str]:
    """Steps whose records end at another capacity than the line of the step says: records are missing."""
    import polars as pl

    column = next((headers.index(name) for name in _CAPACITIES if name in headers), None)
    if column is None:
        return []
    reached = place.with_columns(
        capacity=pl.col("line").str.split(delimiter).list.get(column, null_on_oob=True).cast(pl.Float64, strict=False)
    )
    ends = dict(reached.group_by("step", maintain_order=True).agg(pl.col("capacity").abs().max()).iter_rows())
    wrong = []
    for at, text in enumerate(steps["capacity"], 1):
        said = _number(text)
        printed = 10.0 ** -len((text or "").partition(".")[2])
        if said is not None and abs(abs(said) - (ends.get(at) or 0.0)) > _DIFFERENT * abs(said) + printed:
            wrong.append((at, said, ends.get(at) or 0.0))
    if not wrong:
        return []
    at, said, end = wrong[0]
    where = f"first in line {steps['number'][at - 1]}: {end:.6g} instead of {said:.6g}"
    which = f"the records of {len(wrong)} steps end at another capacity than the line of the step says"
    return [f"{which}, {where}; records are missing"]


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
