"""Plain columns of a calorimeter, by their headers or by what the caller says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .calorimetry import assigned, curve, heading
from .contract import Measured, ReaderError, ReadOptions
from .tables.rows import decoded, number_rows

_NUMBERS = re.compile(r"^\s*[-+]?\d*[.,]?\d+(?:[eE][-+]?\d+)?\s*([;,\t ]\s*[-+]?\d*[.,]?\d+(?:[eE][-+]?\d+)?\s*)+$")
_LONGEST_HEADER = 60
_RATE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*K\s*/\s*min\s*$")
_APART = 50  # points, so that noise of the temperature does not count


class HeatFlowTableReader:
    """Text with a line of headers and rows of numbers: ``Time (min), Temperature (C), Heat Flow Endo Up (mW)``.

    A file that does not name a heat flow with its unit is taken only where the technique is said to be ``thermal``.
    """

    name = "heat-flow-table"
    description = "plain columns of temperature, time and heat flow"
    suffixes = (".csv", ".txt", ".dat", ".tsv")
    version = "1"
    fallback = True
    technique = "thermal"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no table with a heat flow."""
        found = _headers(decoded(head).splitlines())
        if found is None:
            return "there is no line of headers above rows of numbers"
        _, titles, units, _ = found
        read = [heading(text, unit) for text, unit in zip(titles, units, strict=True)]
        if any(one is not None and one.quantity.endswith("heat_flow") for one in read):
            return None
        named = ", ".join(text.strip() for text in titles)[:120]
        return f"none of its columns ({named}) is a heat flow with a unit"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        found = _headers([line.rstrip("\r\n") for line in lines])
        if found is None:
            raise ReaderError(path, "there is no line of headers above rows of numbers")
        first, titles, units, delimiter = found
        rate = _RATE.match(options.columns.get("time", ""))
        if rate:
            others = {name: text for name, text in options.columns.items() if name != "time"}
            places = assigned(path, titles, units, replace(options, columns=others), needed=("temperature",))
        else:
            places = assigned(path, titles, units, options)
        comma = delimiter != "," and "," in lines[first]
        rows, said = number_rows(
            path, lines[first:], len(titles), delimiter=delimiter, decimal_comma=comma, partial=options.partial,
            first_line=first + 1,
        )  # fmt: skip
        columns = {name: (np.asarray(rows[:, at]), one.units) for name, (at, one) in places.items()}
        if rate:
            columns["time"] = (_time_of_ramp(columns["temperature"][0], float(rate[1])), "s")
            said.append(f"the time is derived: points at even intervals of a ramp at {rate[1]} K/min")
        exo_up = next((one.exo_up for _, one in places.values() if one.exo_up is not None), None)
        data, doubts = curve(path, columns, exo_up=exo_up, attrs={})
        return Measured(data, warnings=[*said, *doubts])


def _time_of_ramp(temperature: npt.NDArray[np.float64], rate: float) -> npt.NDArray[np.float64]:
    """Time [s] of evenly recorded points whose temperature mostly changes at a rate [K min-1]."""
    apart = max(1, min(_APART, len(temperature) - 1))
    step = float(np.median(np.abs(temperature[apart:] - temperature[:-apart]))) / apart
    return np.asarray(np.arange(len(temperature)) * step / rate * 60, float)


def _headers(lines: list[str]) -> tuple[int, list[str], list[str], str | None] | None:
    """First line of numbers, headers, units of a row of their own, and delimiter; None where there is no such table."""
    first = next((at for at, line in enumerate(lines[:_LONGEST_HEADER]) if _NUMBERS.match(line)), None)
    if not first:
        return None
    delimiter = next((sign for sign in (";", "\t", ",") if sign in lines[first]), None)
    titles = _split(lines[first - 1], delimiter)
    units = [""] * len(titles)
    if first > 1 and all(len(cell.strip("[]() ")) <= 6 for cell in titles):
        above = _split(lines[first - 2], delimiter)
        if len(above) == len(titles):
            titles, units = above, titles
    count = len(_split(lines[first], delimiter))
    return (first, titles, units, delimiter) if len(titles) == count and count > 1 else None


def _split(line: str, delimiter: str | None) -> list[str]:
    return [cell.strip().strip('"') for cell in line.strip().split(delimiter)]
