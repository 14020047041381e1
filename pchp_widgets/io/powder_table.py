"""Patterns as plain columns: angle and intensity, with or without a header."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .powder import FloatArray, Scan, measured, number, radiation
from .tables.rows import decoded

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_ANGLE = re.compile(r"2\s*[-_ ]?\s*(?:theta|θ|th\b)|two[-_ ]?theta|tth\b|\bangle\b", re.IGNORECASE)
_WAVE = re.compile(
    rf"(?:wave\s*length|lambda|λ|k[-_ ]?alpha[-_ ]?1?)\W{{0,6}}(?:\(.{{1,12}}\)\W{{0,4}})?({_NUMBER})", re.IGNORECASE
)
_TIME = re.compile(rf"(?:time\s*per\s*step|step\s*time|count(?:ing)?\s*time)\W{{0,6}}({_NUMBER})", re.IGNORECASE)
_ANODE = re.compile(r"anode\W{1,4}([A-Z][a-z]?)\b", re.IGNORECASE)
_RATE = re.compile(r"\bcps\b|counts?\s*(?:/|per)\s*s|s\s*-1", re.IGNORECASE)
_COUNTS = re.compile(r"\bcounts?\b", re.IGNORECASE)
_FEWEST, _STEEPEST, _UNEVEN = 8, 1.0, 0.6
_SHOWN = 120  # lines that are looked at to tell whether it is a pattern


class PowderTableReader:
    """Columns of the scattering angle and the intensity; further ones, such as an error, are passed over.

    A header has to name the angle (2theta, 2-Theta, angle, ...). Without one, the first column has to ascend in
    even steps of less than a degree between 0 and 180. The wavelength is taken from a header that states it.
    """

    name = "powder-table"
    description = "XRD pattern as columns of text: 2 theta and intensity"
    suffixes = (".xy", ".xye", ".xyd", ".dat", ".asc", ".csv", ".txt")
    version = "1"
    fallback = True
    technique = "diffraction"

    def sniff(self, head: bytes) -> str | None:
        """Whether there are columns of a pattern; see :class:`~.contract.MeasurementReader`."""
        if b"\0" in head:
            return "it is no text"
        lines = decoded(head).splitlines()[:_SHOWN]
        lines = lines[:-1] if _FEWEST < len(lines) < _SHOWN else lines  # the last one may be cut
        refused = _refused(lines)
        if refused:
            return refused
        before, rows = _rows(lines)
        if len(rows) < _FEWEST:
            return "there are no columns of numbers"
        named = any(_ANGLE.search(line) for line in before)
        if any(re.search(r"[A-Za-z]{3}", line) for line in before[-1:]) and not named:
            return "no header names the scattering angle, as in '2theta, intensity'"
        return None if named or _like_a_pattern(rows) else "the first column does not ascend evenly as 2 theta does"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """The whole table; see :class:`~.contract.MeasurementReader`."""
        text = decoded(path.read_bytes())
        lines = text.splitlines()
        refused = _refused(lines[:60])
        if refused:
            raise ReaderError(path, refused)
        doubts: list[str] = []
        if not text.endswith(("\n", "\r")):
            doubts.append("the last line has no line end: the file may have been cut")
            lines = lines[:-1] if options.partial else lines
        before, rows = _rows(lines)
        if len(rows) < _FEWEST:
            raise ReaderError(path, "there are no two columns of numbers: angle and intensity are expected")
        left_out = sum(1 for line in lines if line.strip()) - len(before) - len(rows)
        if left_out:
            doubts.append(f"{left_out} lines below the first row of numbers hold no angle and intensity; left out")
        header = "\n".join(before)
        stated = _WAVE.search(header)
        seconds, anode = _TIME.search(header), _ANODE.search(header)
        kind = "rate" if _RATE.search(header) else "counts" if _COUNTS.search(header) else ""
        return measured(
            path,
            [Scan(rows[:, 0], rows[:, 1], number(seconds[1]) if seconds else np.nan, kind)],
            metadata=radiation(number(stated[1])) if stated else {},
            provenance={"anode": anode[1]} if anode else {},
            settings={"header": header} if header else {},
            warnings=doubts,
        )


def _rows(lines: list[str]) -> tuple[list[str], FloatArray]:
    """Lines before the first row of numbers, and the first two numbers of each row."""
    comma = sum(bool(re.match(r"\s*-?\d+,\d+\s*[;\t ]", line)) for line in lines[:200]) > len(lines[:200]) / 2
    before: list[str] = []
    rows: list[tuple[float, float]] = []
    for line in lines:
        text = line.replace(",", ".") if comma else line.replace(",", " ")
        cells = text.replace(";", " ").split()
        both = [number(cell) for cell in cells[:2]]
        if len(both) == 2 and np.isfinite(both[0]) and (np.isfinite(both[1]) or cells[1].lower() == "nan"):
            rows.append((both[0], both[1]))
        elif not rows and line.strip():
            before.append(line)
    return before, np.array(rows, float).reshape(-1, 2)


def _like_a_pattern(rows: FloatArray) -> bool:
    angle, step = rows[:, 0], np.diff(rows[:, 0])
    usual = float(np.median(step))
    even = bool((np.abs(step - usual) <= _UNEVEN * abs(usual)).all())
    return even and 0 < usual < _STEEPEST and angle[0] > -10 and angle[-1] < 180 and bool((rows[:, 1] >= 0).all())


def _start_step_stop(line: str) -> bool:
    """Whether a line is a header of three numbers that span a scan."""
    cells = [number(cell) for cell in line.split()]
    return len(cells) == 3 and cells[0] + cells[1] < cells[2] and 0 < cells[1] < _STEEPEST


def _refused(lines: list[str]) -> str:
    """Why this text is no pattern of columns, where that is known; else empty."""
    rows = [
        line
        for line in lines[:40]
        if len(line.split()) == 10 and np.isfinite([number(one) for one in line.split()]).all()
    ]
    if len(rows) >= 3 and any(_start_step_stop(line) for line in lines[:6]):
        return (
            "rows of ten intensities without angles, as RIET7 and the ILL write neutron patterns: "
            "export columns of 2 theta and intensity, or take the X-ray file"
        )
    return ""
