"""Text exports of TA Instruments' Universal Analysis: signals declared in the header, rows marked by a time of -1."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .calorimetry import TARGETS, assigned, curve, mass_of
from .contract import Measured, ReaderError, ReadOptions
from .tables.rows import decoded, number_rows

_START, _MARKER = "StartOfData", -1.0
_SIGNAL = re.compile(r"^Sig(\d+)\t(.*)$")
_TO_TEXT = {"Instrument": "instrument", "Module": "module", "Operator": "operator", "Comment": "comment"}


class UniversalAnalysisReader:
    """``.txt`` of Universal Analysis 2000, written by Q-series and older calorimeters."""

    name = "ta-universal-analysis"
    description = "TA Instruments Universal Analysis text (DSC)"
    suffixes = (".txt", ".001", ".002", ".003")
    version = "1"
    fallback = False
    technique = "thermal"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no Universal Analysis text."""
        text = decoded(head)
        if not re.search(r"^Nsig\t\d", text, re.MULTILINE):
            return "there is no line Nsig that counts the signals"
        if re.search(r"^Sig\d+\t.*heat ?flow", text, re.MULTILINE | re.IGNORECASE):
            return None
        return "none of its signals is a heat flow"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        start = next((at for at, line in enumerate(lines) if line.strip() == _START), None)
        if start is None:
            raise ReaderError(path, "there is no StartOfData: the file is cut in its header")
        header = dict(line.rstrip("\r\n").split("\t", 1) for line in lines[:start] if "\t" in line)
        signals = [found[2].strip() for line in lines[:start] if (found := _SIGNAL.match(line.rstrip("\r\n")))]
        if header.get("Nsig", "").strip() != str(len(signals)):
            stated = header.get("Nsig", "").strip()
            raise ReaderError(path, f"the header counts {stated!r} signals and names {len(signals)}: it is damaged")
        rows, said = number_rows(path, lines[start + 1 :], len(signals), partial=options.partial, first_line=start + 2)
        places = assigned(path, signals, (), options)
        marks = rows[:, places["time"][0]] == _MARKER
        if marks.all():
            raise ReaderError(path, "all rows are marks of segments: there is no curve")
        segment = np.cumsum(marks)[~marks].astype(float)
        values = rows[~marks]
        columns = {name: (values[:, at], one.units) for name, (at, one) in places.items()}
        if _divides(segment):
            columns["segment"] = (segment, TARGETS["segment"])
        exotherm = header.get("Exotherm", "").strip().lower()
        exo_up = {"up": True, "down": False}.get(exotherm)
        data, doubts = curve(path, columns, exo_up=exo_up, attrs={"sample_name": header.get("Sample", "").strip()})
        metadata, unread = mass_of(header.get("Size", ""))
        provenance = {key: header.get(name, "").strip() for name, key in _TO_TEXT.items()}
        provenance["recorded"] = f"{header.get('Date', '').strip()} {header.get('Time', '').strip()}".strip()
        settings = {key: text.strip() for key, text in header.items() if text.strip()}
        return Measured(data, metadata, provenance, dict(settings), [*said, *doubts, *unread])


def _divides(segment: npt.NDArray[np.float64]) -> bool:
    """Whether marks divide the curve."""
    return bool(segment[0] != segment[-1])
