"""Spectra of Maccor's frequency response analyser (.EDA0001.001, .EDA0002.001, ... beside the test)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..contract import ReaderError, ReadOptions, Recording
from ..tables.dates import iso_start
from ..tables.impedance import Impedance, impedance_recording
from ..tables.rows import decoded, number_rows

FloatArray = npt.NDArray[np.float64]

_BEGINNING = re.compile(rb"MACCOR,? INC\.\s+AC Impedance Test", re.IGNORECASE)
_FREQUENCY, _REAL, _IMAGINARY, _MODULUS = "Freq(Hz)", "Z'(a)", "Z''(b)", "Z-Mag"
_TIME, _CAPACITANCE, _VOLTAGE = "time(sec)", "C(F)", "V-DC"
_NEEDED = (_FREQUENCY, _TIME, _REAL, _IMAGINARY, _MODULUS, _CAPACITANCE, _VOLTAGE)
_START = re.compile(r"Start Date:\s*(?:\w+,\s*)?(\w+ \d+, \d{4})\s*Start Time:\s*([\d:]+)")
_DIGITS = 1e-4
"""Capacitances are written with six decimals: only larger ones [F] say anything."""


class MaccorImpedanceReader:
    r"""One sweep of frequencies; the time of each point is since the beginning of the sweep.

    The headers state no unit of the impedance. The file holds it twice, as Z'' and as the capacitance
    :math:`C = 1/(2\pi f Z'')` in F: that shows it to be in ohm, or in what else.
    """

    name = "maccor-impedance"
    description = "Maccor impedance (FRA) as text (.EDA0001.001, ...)"
    suffixes = (".001",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for a text that begins with MACCOR, INC. and AC Impedance Test."""
        return None if _BEGINNING.match(head) else "the first line is not 'MACCOR, INC.    AC Impedance Test'"

    def read(self, path: Path, options: ReadOptions) -> Recording:
        """Read the whole file.

        Raises
        ------
        ReaderError
            When there are no rows below the names of the columns.
        """
        lines = decoded(path.read_bytes()).splitlines(keepends=True)
        at = next((number for number, line in enumerate(lines) if line.startswith(_FREQUENCY)), None)
        names = [] if at is None else [name.strip() for name in lines[at].split("\t")]
        missing = [name for name in _NEEDED if name not in names]
        if at is None or missing:
            raise ReaderError(path, f"no line names the columns {', '.join(missing)}: it is cut or of another version")
        width = names.index(_VOLTAGE) + 1
        rows = [_beginning(line, width) for line in lines[at + 1 :]]
        values, said = number_rows(path, rows, width, delimiter="\t", partial=options.partial, first_line=at + 2)
        column = {name: values[:, names.index(name)] for name in _NEEDED}
        factor, doubt = _unit(column[_FREQUENCY], column[_IMAGINARY], column[_CAPACITANCE])
        found = Impedance(
            column[_FREQUENCY],
            column[_REAL] * factor,
            column[_IMAGINARY] * factor,
            f"Im Z (column {_IMAGINARY})",
            modulus=column[_MODULUS] * factor,
            time=column[_TIME],
            voltage=column[_VOLTAGE],
        )
        result = impedance_recording(path, found)
        result.warnings = [*said, *doubt, *result.warnings]
        preamble = [line.strip() for line in lines[:at] if line.strip()]
        start = _START.search(" ".join(preamble))
        date = iso_start(start[1], start[2] if start[2].count(":") == 2 else f"{start[2]}:00") if start else ""
        result.provenance |= {"instrument": "Maccor", "technique": "AC Impedance"}
        result.provenance |= {"start_time": date} if date else {}
        result.settings = {"preamble": preamble}
        return result


def _beginning(line: str, width: int) -> str:
    """The first cells of a line, with its end: those behind are empty."""
    cells = line.rstrip("\r\n").split("\t")
    return "\t".join(cells[:width]) + line[len(line.rstrip("\r\n")) :]


def _unit(frequency: FloatArray, imaginary: FloatArray, capacitance: FloatArray) -> tuple[float, list[str]]:
    """By what to multiply to get ohm, and what is doubtful about it."""
    telling = np.abs(capacitance) > _DIGITS
    if not telling.any():
        return 1.0, ["no capacitance is large enough to show the unit of the impedance: it is taken as ohm"]
    product = np.abs(2 * np.pi * frequency * imaginary * capacitance)[telling]
    factor = 1000.0 ** -round(np.log10(float(np.median(product))) / 3)
    if factor == 1.0:
        return 1.0, []
    return factor, [f"by the capacitances beside it the impedance is in {factor:g} ohm, and is brought to ohm"]
