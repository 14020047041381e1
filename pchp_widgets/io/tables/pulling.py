"""Tables of universal testing machines: travel and force, of one strip or of several, under headers with units."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...model.units import UnitError, conversion

FloatArray = npt.NDArray[np.float64]

TARGETS = {"displacement": "mm", "force": "N", "time": "s"}
"""Quantities a column can hold, with the unit they are brought to."""

_WORDS = {
    "displacement": r"(tensile |standard |crosshead |grip |peel )?"
    r"(extension|displacement|travel|position|stroke|crosshead|grip separation)$"
    r"|(standard|traversen|verfahr|maschinen)?weg$|traverse( abs)?$|x$|d$",
    "force": r"(tensile |standard |peel )?(load|force)$|(standard|schäl|prüf)?kraft$|f$|p$",
    "time": r"(test |elapsed |total )?time$|(prüf|test)?zeit$|t$",
    "specimen": r"(specimen|sample|strip|test|probe)( ?(no|nr|number|nummer|id|name|label))?$",
}
_OTHER_UNITS = {
    "in": (25.4, "mm"), "inch": (25.4, "mm"), "inches": (25.4, "mm"), '"': (25.4, "mm"),
    "lbf": (4.4482216152605, "N"), "lb": (4.4482216152605, "N"), "kgf": (9.80665, "N"), "gf": (9.80665e-3, "N"),
    "sec": (1.0, "s"), "seconds": (1.0, "s"), "minutes": (60.0, "s"), "newton": (1.0, "N"),
}  # fmt: skip
_UNIT = re.compile(r"^(.*?)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\]|/\s*(\S+)|\bin\s+(\S+)|_([a-zA-Z]{1,2}))\s*$")
_PER_SPECIMEN = re.compile(r"^(?:specimen|strip|test|probe|sample)\s*#?(\d+)[\s:_-]+(.*)$", re.IGNORECASE)
_SMALLEST = 1e-5  # m: whoever writes micrometres has indented something, and peeled nothing


class Heading(NamedTuple):
    """What a column holds; `factor` is NaN where its unit is not stated."""

    quantity: str
    factor: float
    specimen: str = ""


class Header(NamedTuple):
    """The line of headers of a table: its place, cells and delimiter, what they mean, and whether units follow."""

    line: int
    delimiter: str
    cells: list[str]
    meaning: list[Heading | None]
    has_units_row: bool


def factor_of(unit: str, quantity: str) -> float:
    """Factor from a unit to that of a quantity; NaN where it is none."""
    text = unit.strip().strip("()[]").strip()
    if not text:
        return float("nan")
    scale, bare = _OTHER_UNITS.get(text.lower(), (1.0, text))
    try:
        return scale * conversion(bare, TARGETS[quantity])[0]
    except UnitError:
        return float("nan")


def heading(text: str, unit_below: str = "") -> Heading | None:
    """What a header means such as ``Extension (mm)``, ``Standardkraft`` over ``N``, or ``Specimen 2 Load [N]``."""
    name, specimen = text.strip().strip("#\ufeff").strip(), ""
    if own := _PER_SPECIMEN.match(name):
        specimen, name = own[1], own[2]
    ways = [(name, unit_below)]
    if parted := _UNIT.match(name):
        ways.append((parted[1], next(part for part in parted.groups()[1:] if part is not None)))
    found = None
    for bare, unit in ways:
        plain = re.sub(r"[^a-zäöüß0-9 ]+", " ", bare.lower()).strip()
        quantity = next((word for word, pattern in _WORDS.items() if re.match(pattern, plain)), None)
        if quantity == "specimen" and not specimen:
            return Heading("specimen", 1.0)
        if quantity in TARGETS:
            one = Heading(quantity, factor_of(unit, quantity), specimen)
            if len(plain) == 1 and not np.isfinite(one.factor):
                continue  # a single letter means anything
            found = one if found is None or np.isfinite(one.factor) else found
    return found


def cells(line: str, delimiter: str) -> list[str]:
    """Cells of a line without quotes and blanks around them."""
    if '"' in line:
        with suppress(csv.Error):
            return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    return [cell.strip().strip('"') for cell in line.rstrip("\r\n").split(delimiter)]


def headers(lines: Sequence[str], columns: Mapping[str, str] | None = None) -> list[Header]:
    """Every line that names a travel and a force.

    Parameters
    ----------
    lines
        Of the file.
    columns
        Our name to the header of the file, with its unit in brackets where the file does not state it.
    """
    found: list[Header] = []
    for at, line in enumerate(lines):
        if not re.search(r"[A-Za-z]", line) or (found and at == found[-1].line + 1 and found[-1].has_units_row):
            continue
        below = lines[at + 1] if at + 1 < len(lines) else ""
        ways = [_header(at, line, below, delimiter, columns or {}) for delimiter in ("\t", ";", ",")]
        best = max((one for one in ways if one is not None), key=lambda one: len(one.cells), default=None)
        if best is not None:
            found.append(best)
    return found


def _header(at: int, line: str, below: str, delimiter: str, columns: Mapping[str, str]) -> Header | None:
    """The line, if its cells name both quantities."""
    if delimiter not in line:
        return None
    names, units = cells(line, delimiter), cells(below, delimiter)
    row = bool(re.search(r"[A-Za-z]", below)) and any(
        np.isfinite(factor_of(unit, quantity)) for unit in units for quantity in ("displacement", "force")
    )
    units = units if row else []
    meaning = [heading(name, units[place] if place < len(units) else "") for place, name in enumerate(names)]
    for quantity, wanted in columns.items():
        title = re.fullmatch(r"(.*?)\s*(?:\[([^\]]*)\])?", wanted.strip())
        if quantity in TARGETS and title and (title[1] in names or wanted in names):
            place = names.index(title[1] if title[1] in names else wanted)
            unit = title[2] or (units[place] if place < len(units) else "")
            known = meaning[place]
            own = known.factor if known is not None and known.quantity == quantity else float("nan")
            meaning = [None if one is not None and one.quantity == quantity else one for one in meaning]
            meaning[place] = Heading(quantity, factor_of(unit, quantity) if unit else own)
    there = {one.quantity for one in meaning if one is not None}
    if not {"displacement", "force"} <= there or len(names) < 2:
        return None
    return Header(at, delimiter, names, meaning, row)


def is_tiny(header: Header) -> bool:
    """Whether travel is in micrometres or less, as that of an indenter is."""
    units = [one.factor for one in header.meaning if one is not None and one.quantity == "displacement"]
    return any(np.isfinite(factor) and factor * 1e-3 < _SMALLEST for factor in units)


def number(text: str, *, decimal_comma: bool) -> float:
    """A number as these programs write it; NaN where it is none."""
    bare = text.strip().replace("\N{MINUS SIGN}", "-")
    if decimal_comma:
        bare = bare.replace(".", "").replace(",", ".") if "," in bare else bare
    elif "," in bare and "." in bare:
        bare = bare.replace(",", "")  # thousands
    try:
        return float(bare)
    except ValueError:
        return float("nan")
