"""JCAMP-DX spectra of nuclear magnetic resonance, and the labelled records that Bruker's parameter files share with it.

The forms of numbers (AFFN, PAC, SQZ, DIF, DUP) are those of McDonald and Wilks, Appl. Spectrosc. 42 (1988) 151; what is
special to NMR that of Davies and Lampen, Appl. Spectrosc. 47 (1993) 1093.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..model.measurements import measurement
from .contract import Measured, ReaderError, ReadOptions
from .tables.rows import decoded

FloatArray = npt.NDArray[np.float64]

_RECORD = re.compile(r"^##([^=\n]*)=", re.MULTILINE)
_TOKEN = re.compile(r"[+-]?\d+\.?\d*(?:[eE][+-]\d+)?|[@A-Ia-i%J-Rj-rS-Zs]\d*|\?")
_SQUEEZED = {letter: str(number) for number, letter in enumerate("@ABCDEFGHI")} | {
    letter: f"-{number}" for number, letter in enumerate("abcdefghi", 1)
}
_DIFFERENCE = {letter: str(number) for number, letter in enumerate("%JKLMNOPQR")} | {
    letter: f"-{number}" for number, letter in enumerate("jklmnopqr", 1)
}
_REPEATED = {letter: str(number) for number, letter in enumerate("STUVWXYZs", 1)}
_X_TOLERANCE = 2.0  # points: programs round the abscissa of a line
_MOST = 1 << 24  # points of a spectrum; more is a damaged count
_TO_TEXT = {"TITLE": "sample_id", "ORIGIN": "software", "OWNER": "operator", "LONGDATE": "start_time",
            "SPECTROMETERDATASYSTEM": "instrument", ".PULSESEQUENCE": "pulse_program"}  # fmt: skip


class JcampReader:
    """``.dx``, ``.jdx`` and ``.jcamp``: one spectrum, or the real part of one with both."""

    name = "jcamp-nmr"
    description = "JCAMP-DX spectra of nuclear magnetic resonance"
    suffixes = (".dx", ".jdx", ".jcamp")
    version = "1"
    fallback = False
    technique = "composition"

    def sniff(self, head: bytes) -> str | None:
        """Say why these first bytes are no JCAMP-DX of a spectrum of NMR."""
        text = decoded(head)
        if not re.match(r"\s*##\s*TITLE\s*=", text, re.IGNORECASE):
            return "does not begin with ##TITLE="
        if re.search(r"^##DATA\s*TYPE\s*=\s*(NMR|LINK)", text, re.MULTILINE | re.IGNORECASE):
            return None
        return "its ##DATA TYPE= is not NMR"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the first spectrum of the file.

        Raises
        ------
        ReaderError
            When there is no spectrum in it, a line is lost or damaged, or it ends early and `options.partial` is not
            set.
        """
        text = decoded(path.read_bytes())
        block = next((one for one in _blocks(text) if _is_spectrum(one)), None)
        if block is None:
            kinds = ", ".join(dict.fromkeys(one.get("DATATYPE", "?") for one in _blocks(text))) or "nothing"
            raise ReaderError(path, f"holds {kinds}: a processed spectrum is expected (NMR SPECTRUM)")
        said: list[str] = []
        x, y = _points(path, block, options, said)
        if not re.search(r"^##END\s*=", text, re.MULTILINE | re.IGNORECASE):
            if not options.partial:
                raise ReaderError(path, "has no ##END=, so it is cut: partial=True takes the points there are")
            said.append("has no ##END=: what follows the points is lost")
        frequency = _number(block, ".OBSERVEFREQUENCY")
        nucleus = _nucleus(block.get(".OBSERVENUCLEUS", ""))
        solvent = block.get(".SOLVENTNAME", block.get("$SOLVENT", "")).strip("<> ")
        shift = _shift(path, block, x, frequency, said)
        data = measurement("composition", {"shift": shift, "intensity": y}, attrs=_attrs(frequency))
        metadata: dict[str, object] = {"nucleus": nucleus, "solvent": solvent}
        provenance = {key: block.get(label, "") for label, key in _TO_TEXT.items()}
        settings = {label: value[:200] for label, value in block.items() if "\n" not in value.strip()}
        return Measured(data, metadata, provenance, dict(settings), said)


def records(text: str) -> Iterator[tuple[str, str]]:
    """Labels, as the standard compares them (capitals without spaces), and what follows each."""
    found = list(_RECORD.finditer(text))
    ends = [*(one.start() for one in found[1:]), len(text)][: len(found)]
    for one, end in zip(found, ends, strict=True):
        label = re.sub(r"[\s\-/_]", "", one[1]).upper()
        yield label, text[one.end() : end].strip()


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """Records of each block; of a label that comes twice the last one before the points."""
    block: dict[str, str] = {}
    for label, value in records(text):
        if label == "TITLE" and block:
            yield block
            block = {}
        if label == "DATATABLE" and label in block:
            continue  # the first page is the real part
        block[label] = value if label in {"XYDATA", "DATATABLE"} else re.sub(r"\$\$.*", "", value).strip()
        if label == "END":
            yield block
            block = {}
    if block:
        yield block


def _is_spectrum(block: Mapping[str, str]) -> bool:
    kind = block.get("DATATYPE", "").upper()
    return kind.startswith("NMR") and "SPECTRUM" in kind and bool({"XYDATA", "DATATABLE"} & block.keys())


class _Grid(NamedTuple):
    """Abscissas and factors as the records state them."""

    first: float
    last: float
    points: int
    factor_x: float
    factor_y: float


def _points(
    path: Path, block: Mapping[str, str], options: ReadOptions, said: list[str]
) -> tuple[FloatArray, FloatArray]:
    """Abscissas and ordinates."""
    table = "XYDATA" if "XYDATA" in block else "DATATABLE"
    grid = _grid(path, block, table)
    form, _, body = block[table].partition("\n")
    if "++" not in form:
        raise ReaderError(path, f"its points are {form.strip()!r}: evenly spaced ones, (X++(Y..Y)), are expected")
    step = (grid.last - grid.first) / (grid.points - 1)
    values, fault = _values(body, grid, step)
    if fault or len(values) < grid.points:
        what = fault or f"{len(values)} of {grid.points} points are there"
        if not options.partial or len(values) < 2:
            raise ReaderError(path, f"{what}: the file is damaged or cut; partial=True takes the points before that")
        said.append(f"{what}: {len(values)} points are taken")
    y = np.array(values[: grid.points]) * grid.factor_y
    return np.asarray(grid.first + step * np.arange(len(y)), float), y


def _grid(path: Path, block: Mapping[str, str], table: str) -> _Grid:
    if table == "XYDATA":
        names = ("FIRSTX", "LASTX", "NPOINTS", "XFACTOR", "YFACTOR")
        numbers = [_number(block, name) for name in names]
    else:  # of several variables: the first is the abscissa, the second the real part
        names = ("FIRST", "LAST", "VARDIM", "FACTOR", "FACTOR")
        columns = {name: block.get(name, "").split(",") for name in set(names)}
        places = (0, 0, 1, 0, 1)
        numbers = [_float(columns[name][at]) if at < len(columns[name]) else np.nan
                   for name, at in zip(names, places, strict=True)]  # fmt: skip
    lost = [name for name, number in zip(names, numbers, strict=True) if not np.isfinite(number)]
    if lost:
        raise ReaderError(path, f"##{lost[0]}= is missing or no number: the axis of the spectrum cannot be made")
    first, last, count, factor_x, factor_y = numbers
    if not 2 <= count <= _MOST or count != int(count) or first == last or factor_x == 0 or factor_y == 0:
        raise ReaderError(path, f"{count:g} points from {first:g} to {last:g}: its header is damaged")
    return _Grid(first, last, int(count), factor_x, factor_y)


def _values(body: str, grid: _Grid, step: float) -> tuple[list[float], str]:
    """Ordinates, and what is wrong where they end early."""
    values: list[float] = []
    was_difference = False
    for row in body.splitlines():
        line = re.sub(r"\$\$.*", "", row).strip()
        if not line:
            continue
        tokens = _TOKEN.findall(line)
        if "".join(tokens) != re.sub(r"[\s,;]", "", line) or tokens[0][0] not in "+-.0123456789":
            return values, f"the line {line[:30]!r} after point {len(values)} cannot be read"
        found, ends_in_difference = _line(tokens[1:])
        if not found:
            return values, f"the line {line[:30]!r} after point {len(values)} has no values"
        at = len(values) - 1 if was_difference and values else len(values)
        here = (float(tokens[0]) * grid.factor_x - grid.first) / step
        if abs(here - at) > _X_TOLERANCE:
            return values, f"the line {line[:30]!r} should begin at point {at + 1}, and says {here + 1:.0f}"
        if was_difference and values:
            if abs(found[0] - values[-1]) > 1:
                return values, f"the line {line[:30]!r} does not begin where the one before ends"
            found = found[1:]
        values += found
        was_difference = ends_in_difference
        if len(values) > grid.points:
            return values[: grid.points], "" if was_difference else "there are more points than its header says"
    return values, ""


def _line(tokens: Sequence[str]) -> tuple[list[float], bool]:
    """Ordinates of one line, and whether its last one was given as a difference, which the next line then repeats."""
    found: list[float] = []
    difference, last = False, 0.0
    for token in tokens:
        letter, digits = token[0], token[1:]
        if letter in _REPEATED:
            times = int(_REPEATED[letter] + digits)
            if not found or times > _MOST:
                return [], False
            for _ in range(times - 1):
                found.append(found[-1] + (last if difference else 0.0))
        elif letter in _DIFFERENCE:
            if not found:
                return [], False
            difference, last = True, float(_DIFFERENCE[letter] + digits)
            found.append(found[-1] + last)
        elif letter == "?":
            return [], False
        else:
            difference = False
            found.append(float(_SQUEEZED[letter] + digits if letter in _SQUEEZED else token))
    return found, difference


def _shift(path: Path, block: Mapping[str, str], x: FloatArray, frequency: float, said: list[str]) -> FloatArray:
    """Chemical shifts [ppm] of abscissas."""
    units = block.get("XUNITS", block.get("UNITS", "")).split(",")[0].strip().upper()
    if units == "PPM":
        return x
    if units != "HZ":
        raise ReaderError(path, f"##XUNITS= {units or '(nothing)'}: PPM or HZ is expected")
    if not frequency > 0:
        raise ReaderError(path, "has an axis in Hz and no ##.OBSERVE FREQUENCY= to make shifts of it")
    reference = re.match(r"\(?[^,]*,[^,]*,\s*(\d+)\s*,\s*([-+.\deE]+)\s*\)?", block.get(".SHIFTREFERENCE", ""))
    if reference and 1 <= int(reference[1]) <= len(x):
        return np.asarray(_float(reference[2]) + (x - x[int(reference[1]) - 1]) / frequency, float)
    offset = _number(block, "$OFFSET")
    if np.isfinite(offset):  # Bruker's shift of the leftmost point
        return np.asarray(offset + (x - x.max()) / frequency, float)
    said.append("the axis in Hz has no reference of shifts: 0 Hz is taken for 0 ppm")
    return x / frequency


def _attrs(frequency: float) -> dict[str, float]:
    return {"frequency": frequency} if np.isfinite(frequency) else {}


def _nucleus(text: str) -> str:
    """A nucleus as ``1H``, whatever marks its mass number."""
    found = re.match(r"\W*(\d+)\W*([A-Z][a-z]?)", text.strip())
    return f"{found[1]}{found[2]}" if found else ""


def _number(block: Mapping[str, str], label: str) -> float:
    return _float(block.get(label, "nan"))


def _float(text: str) -> float:
    try:
        return float(text.split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return float("nan")
