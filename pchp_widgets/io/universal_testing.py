"""What readers of universal testing machines share: strips from the tables of a file, and what it states of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..model.measurements import measurement
from .contract import Measured, ReaderError, ReadOptions
from .tables.pulling import TARGETS, Header, cells, factor_of, headers, is_tiny, number
from .tables.rows import decoded

FloatArray = npt.NDArray[np.float64]

_FEWEST, _MOST_DAMAGED = 8, 0.02
_MODES = (
    ("mixed", r"mix|gemischt|misch"),
    ("adhesive", r"adh[aäe]s|interfac|^af$"),
    ("cohesive", r"[ck]oh[aäe]s|^cf$"),
)
_STATED = {
    "width": r"((specimen|sample|strip) )?width|(proben)?breite( b0)?|b0",
    "peel_angle": r"(peel |schäl)?(angle|winkel)",
    "failure_mode": r"(failure|fracture)( mode| type)?|bruchbild|versagensart",
    "label": r"(specimen|sample|strip)( (label|name|id))?|proben(bezeichnung|name)?|probe",
}
_ONLY_NUMBER = re.compile(r"^(?:specimen|strip|probe|sample)\s*#?\s*(\d+)\s*$", re.IGNORECASE)


class Strip(NamedTuple):
    """One strip: columns by quantity, and what the file states of it."""

    columns: dict[str, FloatArray]
    stated: dict[str, str]


def declined(head: bytes) -> str | None:
    """Why these first bytes hold no table of travel and force, or None."""
    if b"\0" in head and head[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return "it is no text"
    lines = decoded(head).splitlines()
    found = headers(lines)
    if not found:
        return "no line of headers names a travel and a force, such as 'Extension (mm), Load (N)'"
    return "its displacement is in micrometres or less: that is no peel test" if is_tiny(found[0]) else None


def measured(path: Path, options: ReadOptions) -> Measured:
    """All strips of a file.

    Raises
    ------
    ReaderError
        When no header names travel and force with their units, too many rows are damaged, or too few are left.
    """
    text = decoded(path.read_bytes())
    lines, doubts = text.splitlines(), []
    if text and not text.endswith(("\n", "\r")):
        doubts.append("the last line has no end, so the file may be cut: that line is left out")
        lines = lines[:-1]
    tables = headers(lines, options.columns)
    if not tables:
        listed = "columns={'displacement': '<header> [mm]', 'force': '<header> [N]'}"
        raise ReaderError(path, f"no line of headers names a travel and a force; say which they are: {listed}")
    strips: list[Strip] = []
    stated: dict[str, str] = {}
    end = 0
    for place, header in enumerate(tables):
        stop = tables[place + 1].line if place + 1 < len(tables) else len(lines)
        own = _stated(lines[end : header.line])
        stated = {**{name: value for name, value in stated.items() if name != "label"}, **own}
        first = header.line + 1 + header.has_units_row
        rows, last, said = _rows(path, lines[first:stop], header, first + 1, options, final=stop == len(lines))
        strips += [Strip(columns, stated) for columns in _strips(path, header, rows)]
        doubts += said
        end = first + last
    short = [one for one in strips if len(one.columns["force"]) < _FEWEST]
    if short:
        doubts.append(f"{len(short)} of {len(strips)} strips have fewer than {_FEWEST} points: left out")
        strips = [one for one in strips if len(one.columns["force"]) >= _FEWEST]
    if not strips:
        raise ReaderError(path, "there are fewer than eight rows of travel and force below the headers")
    return _together(strips, doubts, lines[: tables[0].line])


def _together(strips: Sequence[Strip], doubts: list[str], preamble: Sequence[str]) -> Measured:
    """Strips side by side, padded with NaN."""
    longest = max(len(one.columns["force"]) for one in strips)
    names = [name for name in TARGETS if all(name in one.columns for one in strips)]
    columns: dict[str, object] = {
        name: np.stack(
            [np.pad(one.columns[name], (0, longest - len(one.columns[name])), constant_values=np.nan) for one in strips]
        )
        for name in names
    }
    metadata: dict[str, object] = {}
    widths = [_quantity(one.stated.get("width", ""), "mm") for one in strips]
    if np.isfinite(widths).all() and len(set(widths)) == 1:
        metadata["width"] = f"{widths[0]:.10g} mm"
    elif np.isfinite(widths).any():
        columns["specimen_width"] = np.array(widths, float)
    angles = {_quantity(one.stated.get("peel_angle", ""), "degree") for one in strips}
    if len(angles) == 1 and np.isfinite(angle := angles.pop()) and angle > 0:
        metadata["peel_angle"] = f"{angle:.10g} degree"
    elif len(angles) > 1:
        doubts.append("the strips have several peel angles: open them one by one, with peel_angle='180 degree'")
    modes = {mode(one.stated.get("failure_mode", "")) for one in strips}
    if "" not in modes:
        metadata["failure_mode"] = modes.pop() if len(modes) == 1 else "mixed"
    labels = [one.stated.get("label") or str(at + 1) for at, one in enumerate(strips)]
    settings: dict[str, object] = {"strips": labels}
    if header := [line.strip() for line in preamble if line.strip(" ,;\t")]:
        settings["header"] = header[:60]
    return Measured(measurement("adhesion", columns), metadata, {}, settings, doubts)


def mode(text: str) -> str:
    """A failure mode as the metadata have it; empty where it is not understood."""
    return next((name for name, pattern in _MODES if re.search(pattern, text.strip().lower())), "")


def _stated(lines: Sequence[str]) -> dict[str, str]:
    """What the lines above a table state: ``Width: 25 mm``, ``"Width","25","mm"``, ``Specimen 2``."""
    found: dict[str, str] = {}
    for line in lines:
        if only := _ONLY_NUMBER.match(line.strip(' "\t;,')):
            found["label"] = only[1]
            continue
        delimiter = next((one for one in ("\t", ";", ",") if one in line), ":")
        parts = [part.strip() for part in cells(line, delimiter) if part.strip()]
        if parts and (len(parts) == 1 or parts[0].endswith(":") or ":" in parts[0]):
            name, _, rest = parts[0].partition(":")
            parts = [name, *([rest] if rest.strip() else []), *parts[1:]]
        if len(parts) < 2:
            continue
        name, unit = re.sub(r"[^a-zäöüß0-9 ]+", " ", parts[0].lower()).strip(), ""
        if bracket := re.search(r"[\[(]([^\])]*)[\])]\s*$", parts[0]):
            unit = bracket[1]
            name = re.sub(r"[^a-zäöüß0-9 ]+", " ", parts[0][: bracket.start()].lower()).strip()
        key = next((key for key, pattern in _STATED.items() if re.fullmatch(pattern, name)), None)
        if key:
            found[key] = " ".join([*parts[1:3], unit]).strip()
    return found


def _quantity(text: str, unit: str) -> float:
    """A stated number in a unit; NaN where there is none or its unit is not understood."""
    found = re.match(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*(\S.*)?$", text)
    if not found:
        return np.nan
    value, stated = float(found[1].replace(",", ".")), (found[2] or "").strip()
    if unit == "degree":
        return value if stated.lower() in {"", "°", "deg", "degree", "degrees", "grad"} else np.nan
    factor = factor_of(stated, "displacement")
    return round(value * factor, 9) if value * factor > 0 else np.nan


def _rows(
    path: Path, lines: Sequence[str], header: Header, first_line: int, options: ReadOptions, *, final: bool
) -> tuple[list[list[str]], int, list[str]]:
    """Rows of cells below a header, where the last of them is, and what is to be said of those left out."""
    comma = header.delimiter != "," and any(re.search(r"\d,\d", line) for line in lines[:50])
    needed = [at for at, one in enumerate(header.meaning) if one is not None and one.quantity in TARGETS]
    every = [cells(line, header.delimiter) for line in lines]
    numbers = [
        [_shown(number(row[at], decimal_comma=comma)) if at in needed else row[at] for at in range(len(row))]
        if len(row) >= len(header.cells)
        else []
        for row in every
    ]
    pairs = [(group["displacement"], group["force"]) for group in _groups(header)]
    sound = [bool(row) and any(row[at] != "" and row[of] != "" for at, of in pairs) for row in numbers]
    last = max((at for at, good in enumerate(sound) if good), default=-1) + 1
    blank = [not line.strip(" \t;,\r\n") for line in lines]
    until = last if not final else next((at for at in range(len(lines), last, -1) if not blank[at - 1]), last)
    bad = [at for at in range(until) if not sound[at] and not blank[at]]
    said = []
    if bad:
        reason = (
            f"{len(bad)} of {until} rows hold no numbers for travel and force, the first in line {first_line + bad[0]}"
        )
        if len(bad) > max(2, _MOST_DAMAGED * until) and not options.partial:
            raise ReaderError(path, f"{reason}; partial=True gives the others")
        said.append(f"{reason}: left out")
    return [row for row, good in zip(numbers, sound, strict=True) if good], last, said


def _shown(value: float) -> str:
    return repr(value) if np.isfinite(value) else ""


def _strips(path: Path, header: Header, rows: Sequence[Sequence[str]]) -> list[dict[str, FloatArray]]:
    """Columns of each strip: side by side, one below the other by a column of names, or one alone."""
    for at, one in enumerate(header.meaning):
        if one is not None and not np.isfinite(one.factor):
            name = header.cells[at]
            raise ReaderError(
                path,
                f"column {name!r} states no unit; write '{name} ({TARGETS[one.quantity]})' or say "
                f"columns={{'{one.quantity}': '{name} [{TARGETS[one.quantity]}]'}}",
            )
    whole = _groups(header)
    by = next((at for at, one in enumerate(header.meaning) if one is not None and one.quantity == "specimen"), None)
    shared = {name: at for name, at in whole[0].items() if name == "time"} if len(whole) > 1 else {}
    made = []
    for group in whole:
        made += _separated(header, rows, {**shared, **group}, by if len(whole) == 1 else None)
    return made


def _groups(header: Header) -> list[dict[str, int]]:
    """Places of travel, force and time of each strip beside the other; the first time holds where there is one."""
    groups: list[dict[str, int]] = []
    for at, one in enumerate(header.meaning):
        if one is None or one.quantity not in TARGETS:
            continue
        group = next((group for group in groups if one.quantity not in group), None)
        if group is None:
            groups.append(group := {})
        group[one.quantity] = at
    return [group for group in groups if {"displacement", "force"} <= group.keys()]


def _separated(
    header: Header, rows: Sequence[Sequence[str]], group: dict[str, int], by: int | None
) -> list[dict[str, FloatArray]]:
    """The strips of one group of columns, one for each name in the column `by`."""
    names = [row[by] for row in rows] if by is not None else [""] * len(rows)
    made = []
    for name in dict.fromkeys(names):
        own = [row for row, label in zip(rows, names, strict=True) if label == name]
        columns = {
            quantity: np.array([float(row[at] or "nan") if at < len(row) else np.nan for row in own], float)
            * _factor(header, at)
            for quantity, at in group.items()
        }
        known = np.isfinite(columns["displacement"]) & np.isfinite(columns["force"])
        made.append({quantity: values[known] for quantity, values in columns.items()})
    return made


def _factor(header: Header, at: int) -> float:
    meaning = header.meaning[at]
    return meaning.factor if meaning is not None else np.nan
