"""VersaStudio files (.par) of Princeton Applied Research: impedance."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .contract import ReaderError, ReadOptions, Recording
from .tables.dates import iso_start
from .tables.impedance import Impedance, impedance_recording
from .tables.rows import decoded, number_rows

_FIRST_LINE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<Application>\s*\r?\n\s*Name=VersaStudio")
_DEFINITION = "Definition="
_NEEDED = ("Frequency(Hz)", "Z Real", "Z Imag")
_OPEN, _CLOSE = re.compile(r"^<(\w+)>"), re.compile(r"^</(\w+)>")


class VersaStudioReader:
    """Segments with a frequency and an impedance; points of a segment without frequency are no spectrum."""

    name = "versastudio-par"
    description = "VersaStudio of Princeton Applied Research, impedance (.par)"
    suffixes = (".par",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a file whose first section names VersaStudio."""
        return None if _FIRST_LINE.match(head) else "does not begin with <Application> and Name=VersaStudio"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read all segments.

        Raises
        ------
        ReaderError
            When no segment has a frequency and an impedance, or one is cut and ``options.partial`` is not set.
        """
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        sections = _sections(lines)
        said: list[str] = []
        blocks, others = [], []
        for name, (first, end) in sections.items():
            heads = next((at for at in range(first, end) if lines[at].startswith(_DEFINITION)), None)
            if not name.startswith("Segment") or heads is None:
                continue
            columns = [one.strip() for one in lines[heads].removeprefix(_DEFINITION).split(",")]
            if columns[-1].isdecimal():
                columns.pop()  # a count that VersaStudio puts after the names
            if not set(_NEEDED) <= set(columns):
                others.append(name)
            elif heads + 1 < end:
                blocks.append(_segment(path, columns, lines, (heads + 1, end), said, partial=options.partial))
        if not blocks:
            raise ReaderError(path, "no segment has rows with a frequency and an impedance: it holds another technique")
        if others:
            said.append(f"{', '.join(others)} hold no impedance and are not read")
        if not any(_CLOSE.match(line) for line in reversed(lines[-50:])):
            said.append("the last section has no end: the file was cut")
        frequency, z_real, z_imag, time, voltage, segment = np.concatenate(blocks).T
        what = "Im Z (column Z Imag)"
        found = Impedance(frequency, z_real, z_imag, what, time=time, voltage=voltage, counters=[segment])
        result = impedance_recording(path, found)
        result.warnings = [*said, *result.warnings]
        stated = {name: _statements(lines[first:end]) for name, (first, end) in sections.items()}
        result.settings = {name: one for name, one in stated.items() if name.startswith("Action")}
        result.provenance |= _provenance(stated)
        return result


def _sections(lines: list[str]) -> dict[str, tuple[int, int]]:
    """First line and end of each section."""
    found, name, first = {}, "", 0
    for at, line in enumerate(lines):
        if opened := _OPEN.match(line):
            name, first = opened[1], at + 1
        elif (closed := _CLOSE.match(line)) and closed[1] == name:
            found[name] = (first, at)
            name = ""
    if name:
        found[name] = (first, len(lines))
    return found


def _segment(
    path: Path, columns: list[str], lines: list[str], rows: tuple[int, int], said: list[str], *, partial: bool
) -> np.ndarray:
    """Frequency, both parts, time, voltage of each of its points, and what tells it from other segments."""
    values, doubts = number_rows(
        path, lines[slice(*rows)], len(columns), delimiter=",", partial=partial, first_line=rows[0] + 1
    )
    said += doubts
    wanted = (*_NEEDED, "Elapsed Time(s)", "E(V)")
    missing = np.full(len(values), np.nan)
    found = [values[:, columns.index(name)] if name in columns else missing for name in wanted]
    return np.column_stack([*found, np.full(len(values), rows[0])])


def _statements(lines: list[str]) -> dict[str, str]:
    pairs = (line.rstrip("\r\n").partition("=") for line in lines if "=" in line)
    return {name: text for name, _, text in pairs}


def _provenance(stated: dict[str, dict[str, str]]) -> dict[str, str]:
    application, instrument = stated.get("Application", {}), stated.get("Instrument", {})
    experiment = stated.get("Experiment", {})
    date = experiment.get("DateAcquired", "").partition(", ")[2]
    found = {
        "software": f"VersaStudio {application.get('Version', '')}".strip(),
        "instrument": instrument.get("Type", ""),
        "serial_number": instrument.get("SN", ""),
        "start_time": iso_start(date, experiment.get("TimeAcquired", "")),
        "technique": stated.get("Action1", {}).get("Name", ""),
    }
    return {name: text for name, text in found.items() if text}
