"""Elemental analysis: a table of weight percents, or numbers that a person types."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from ..model.measurements import measurement
from ..model.samples import metadata_coords, sample_metadata
from .contract import Measured, ReaderError, ReadOptions
from .tables.rows import decoded

_NAMES = {"carbon": "C", "hydrogen": "H", "nitrogen": "N", "sulfur": "S", "sulphur": "S", "oxygen": "O"}
_SYMBOLS = frozenset({"C", "H", "N", "S", "O"})
_COLUMN = re.compile(
    r"^(?:(?:wt|mass|weight)[\s.\-]*%?\s*)?([A-Za-z]+)\s*(?:[\[(/,]?\s*((?:wt\.?[\s\-]*|mass\s*|weight\s*)?%|percent|g/g|1|mg/g)\s*[\])]?)?$"
)
_FACTORS = {"%": 0.01, "percent": 0.01, "g/g": 1.0, "1": 1.0, "mg/g": 1e-3}
_SAMPLE = re.compile(r"^(sample|name|id|probe|material|specimen)\b", re.IGNORECASE)
_SEPARATORS = (";", "\t", ",")
_LOOKED = 40  # lines in which headers are looked for


class ElementalTableReader:
    """Text whose headers name a sample and elements: ``Sample; C / %; H / %; N / %``; a row is a run.

    Rows of the same sample are its runs. Numbers are weight percent unless a header says otherwise.
    """

    name = "elemental-table"
    description = "elemental analysis as columns of text with headers such as 'Sample, C (%), H (%), N (%)'"
    suffixes = (".csv", ".txt", ".tsv")
    version = "1"
    fallback = True
    technique = "composition"

    def sniff(self, head: bytes) -> str | None:
        """None for rows under a line that names nitrogen and another element."""
        if b"\0" in head:
            return "is no text"
        return None if _headers(decoded(head).splitlines()) else "no line names a sample, nitrogen and another element"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read all runs.

        Raises
        ------
        ReaderError
            When headers are not understood, a number is none, or the last line is cut and `options.partial` is not set.
        """
        text = decoded(path.read_bytes())
        lines = text.splitlines()
        found = _headers(lines)
        if found is None:
            raise ReaderError(path, "no line names a sample, nitrogen and another element: 'Sample, C (%), N (%)'")
        at, separator, cells = found
        columns = {place: one for place, cell in enumerate(cells) if (one := _element(cell)) is not None}
        sample_at = next(place for place, cell in enumerate(cells) if _SAMPLE.match(cell))
        said: list[str] = []
        runs: dict[str, list[dict[str, float]]] = {}
        rows = [(number, line) for number, line in enumerate(lines[at + 1 :], at + 2) if line.strip(f" {separator}")]
        for number, line in rows:
            row = _cells(line, separator)
            if number == len(lines) and not text.endswith(("\n", "\r")) and len(row) < len(cells):
                if not options.partial:
                    raise ReaderError(path, f"line {number} is cut; partial=True takes the lines before it")
                said.append(f"line {number} is cut and left out")
                continue
            run = {name: _number(path, number, row, place) * factor for place, (name, factor) in columns.items()}
            runs.setdefault(row[sample_at] or path.stem, []).append(run)
        if not runs:
            raise ReaderError(path, "has headers and no rows")
        assumed = [name for place, (name, _) in columns.items() if not _unit(cells[place])]
        if assumed:
            said.append(f"{', '.join(assumed)}: no unit is stated, weight percent is taken")
        names = [name for name, _ in columns.values()]
        values = {name: [[run[element] for run in own] for element in names] for name, own in runs.items()}
        return Measured(_dataset(values, names), warnings=said)


def elemental_analysis(
    found: Mapping[str, Mapping[str, float | Sequence[float]]], *, error: float = float("nan")
) -> xr.Dataset:
    """Elemental analyses that a person types, as :func:`pchp_widgets.open_measurement` would give them.

    Parameters
    ----------
    found
        Weight percent of elements by material, of one run or several: ``{"PCH": {"C": 70.1, "N": [0.45, 0.47]}}``.
    error
        Standard error of one run, in weight percent; NaN when it is not known.

    Returns
    -------
    Dataset
        ``mass_fraction`` (sample, element, run) as a fraction of one. Samples are called ``"PCH EA"`` and are of the
        material ``PCH``, so that they stand beside its spectra.

    Raises
    ------
    ValueError
        When there is no material, an element is not known, or numbers are not from 0 to 100.

    Examples
    --------
    >>> elemental_analysis({"PCH": {"N": [0.45, 0.47]}}, error=0.1)["mass_fraction"].sizes["run"]
    2
    """
    if not found:
        raise ValueError("there is no material: give weight percents, such as {'PCH': {'N': 0.45}}")
    names = list(dict.fromkeys(element for numbers in found.values() for element in numbers))
    unknown = [name for name in names if name not in _SYMBOLS]
    if unknown:
        raise ValueError(f"element {unknown[0]!r}: choose among {', '.join(sorted(_SYMBOLS))}")
    values = {}
    for material, numbers in found.items():
        columns = [np.atleast_1d(np.asarray(numbers.get(name, np.nan), float)) / 100 for name in names]
        wrong = [name for name, column in zip(names, columns, strict=True) if ((column < 0) | (column > 1)).any()]
        if wrong:
            raise ValueError(f"{material}: {wrong[0]} is not from 0 to 100: weight percent is expected")
        values[material] = [column.tolist() for column in columns]
    data = _dataset(values, names)
    known = {} if np.isnan(error) else {"element_error": f"{error!r} %"}
    coords = {
        name: coord
        for name, coord in metadata_coords(sample_metadata(known), "composition", len(values)).items()
        if name != "material"
    }
    own = [f"{material} EA" for material in values]
    return data.assign_coords({**coords, "sample": own, "source_file": ("sample", [""] * len(own))}).assign_attrs(
        origin="typed by hand"
    )


def _dataset(values: Mapping[str, Sequence[Sequence[float]]], names: Sequence[str]) -> xr.Dataset:
    """Runs of elements by sample, padded with NaN."""
    most = max(len(column) for own in values.values() for column in own)
    table = np.full((len(values), len(names), most), np.nan)
    for place, own in enumerate(values.values()):
        for at, column in enumerate(own):
            table[place, at, : len(column)] = column
    one = measurement("composition", {"mass_fraction": table[0]}, coords={"element": list(names)})
    whole = {"mass_fraction": (("sample", "element", "run"), table, one["mass_fraction"].attrs)}
    coords = {"sample": list(values), "element": list(names), "material": ("sample", list(values))}
    return xr.Dataset(whole, coords, one.attrs)


def _headers(lines: Sequence[str]) -> tuple[int, str, list[str]] | None:
    """The line of headers, what separates them, and their cells."""
    for at, line in enumerate(lines[:_LOOKED]):
        for separator in _SEPARATORS:
            cells = _cells(line, separator)
            found = [one[0] for cell in cells if (one := _element(cell))]
            named = any(_SAMPLE.match(cell) for cell in cells)
            if named and "N" in found and len(found) > 1 and len(found) == len(set(found)):
                return at, separator, cells
    return None


def _element(cell: str) -> tuple[str, float] | None:
    """Element that a header names, and the factor to a mass fraction."""
    match = _COLUMN.match(cell)
    if not match:
        return None
    name = match[1] if match[1] in _SYMBOLS else _NAMES.get(match[1].lower(), "")
    return (name, _FACTORS[_unit(cell) or "%"]) if name else None


def _unit(cell: str) -> str:
    match = _COLUMN.match(cell)
    text = re.sub(r"wt|mass|weight|[\s.\-]", "", (match[2] or "").lower()) if match else ""
    return text if text in _FACTORS else "%" if "%" in cell else ""


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip().strip('"').strip() for cell in line.split(separator)]


def _number(path: Path, line: int, row: Sequence[str], place: int) -> float:
    """A number, with a point or a comma; NaN for a cell that is empty or a dash."""
    text = row[place] if place < len(row) else ""
    if text in {"", "-", "–", "n.d.", "nan"}:
        return float("nan")
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise ReaderError(path, f"line {line}: {text!r} is no number") from None
    if not np.isfinite(number):
        raise ReaderError(path, f"line {line}: {text!r} is no number")
    return number
