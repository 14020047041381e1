"""Impedance files of Zahner's Thales (.ism), big-endian binary.

Layout after the importer that Zahner publishes under the MIT licence (package zahner_analysis, ``ism_import.py``).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .contract import ReaderError, ReadOptions, Recording
from .tables.impedance import Impedance, impedance_recording

FloatArray = npt.NDArray[np.float64]

_FIRST_BYTES = (b"\x00\x00\xff\xff\xff\xfe", b"\x00\x00\xff\xff\xff\xff")
_HEADER = 12
_PER_POINT = 4 * 8 + 2
_TEXTS = (
    "date", "system", "potential", "current", "temperature", "time", "comment 1", "comment 2", "comment 3",
    "comment 4", "area", "serial quantity",
)  # fmt: skip
_CONSTANTS = 32
_TRACKS, _VOLTAGE_AND_CURRENT = 256, 32768
_EPOCH = np.datetime64("1980-01-01T00:00:00", "ms")
_FAR = 1e11
"""No time is further from the epoch than some 3000 years [s]."""
_LEAST_YEAR = np.datetime64("1985-01-01", "ms")
_MOST_POINTS = 100_000
_LIMITS = (1e-9, 1e9)


class ZahnerIsmReader:
    """Modulus and phase [rad] of one spectrum, with voltage and current where the file has them.

    Thales begins in the middle of the range, measures up to the highest frequency and then down to the lowest. The
    spectrum is what lies between highest and lowest, as in Zahner's own programs; what was measured on the way up is
    said and left out.
    """

    name = "zahner-ism"
    description = "Zahner Thales, impedance (.ism)"
    suffixes = (".ism",)
    version = "1"
    fallback = False

    def sniff(self, head: bytes) -> str | None:
        """None for Thales' first bytes, followed by a possible count of points and a frequency."""
        if not head.startswith(_FIRST_BYTES) or len(head) < _HEADER + 8:
            return "does not begin with the bytes of a Thales file"
        count = int.from_bytes(head[6:_HEADER], "big") + 1
        (frequency,) = struct.unpack(">d", head[_HEADER : _HEADER + 8])
        if not (0 < count < _MOST_POINTS and _LIMITS[0] < frequency < _LIMITS[1]):
            return f"would hold {count} points from {frequency:.3g} Hz"
        return None

    def read(self, path: Path, options: ReadOptions) -> Recording:  # noqa: ARG002  arrays follow each other: no part of a cut file is sound
        """Read the whole file.

        Raises
        ------
        ReaderError
            When it is cut, or holds numbers that are no impedance.
        """
        content = path.read_bytes()
        reason = self.sniff(content[: _HEADER + 8])
        if reason:
            raise ReaderError(path, reason)
        count = int.from_bytes(content[6:_HEADER], "big") + 1
        end = _HEADER + count * _PER_POINT
        if len(content) < end:
            raise ReaderError(
                path, f"states {count} points, which need {end} bytes, and has {len(content)}: it was cut"
            )
        numbers = np.frombuffer(content, ">f8", 4 * count, _HEADER).reshape(4, count).astype(float)
        frequency, modulus, phase, stamp = numbers
        if not np.isfinite(numbers).all() or (modulus < 0).any() or (np.abs(phase) > 2 * np.pi).any():
            raise ReaderError(path, "holds numbers that are no modulus or no phase: bytes of it were changed")
        if (np.abs(stamp) > _FAR).any():
            raise ReaderError(path, f"holds the time {stamp[np.argmax(np.abs(stamp))]:g} s: bytes of it were changed")
        said: list[str] = []
        first, last = sorted((int(np.argmin(frequency)), int(np.argmax(frequency))))
        main = np.zeros(count, bool)
        main[first : last + 1] = True
        if not main.all():
            others = frequency[~main]
            said.append(
                f"{len(others)} points between {others.min():.6g} and {others.max():.6g} Hz, measured outside of the"
                " sweep between the highest and the lowest frequency, are left out"
            )
        more = _more(content[end:], count, said)
        found = Impedance(
            frequency,
            modulus * np.cos(phase),
            modulus * np.sin(phase),
            "modulus and phase of Z",
            time=stamp - stamp.min(),
            voltage=more.voltage,
        )
        result = impedance_recording(path, found.at(main))
        result.warnings = [*said, *result.warnings]
        result.settings = {**more.texts, "significance": _significance(content, count)}
        result.provenance |= {"software": "Zahner Thales"} | _start(stamp)
        return result


class _More(NamedTuple):
    """What follows the points: texts, and the voltage [V] at each point where there is one."""

    texts: dict[str, str]
    voltage: FloatArray | None


def _more(rest: bytes, count: int, said: list[str]) -> _More:
    """The texts and the voltage; older and edited files end earlier."""
    texts: dict[str, str] = {}
    at = 0
    for name in _TEXTS:
        length = int.from_bytes(rest[at : at + 2], "big", signed=True)
        if length < 0 or len(rest) < at + 2 + length:
            said.append("the texts after the points are cut or of another version of Thales; the points are whole")
            return _More(texts, None)
        texts[name] = rest[at + 2 : at + 2 + length].decode("latin-1").swapcase()
        at += 2 + length
    texts = {name: text for name, text in texts.items() if text.strip()}
    constants = at + 2
    tracks = constants + 8 * _CONSTANTS
    if len(rest) == at:
        return _More(texts, None)  # written by Zahner's own library, which writes no more
    if len(rest) < tracks:
        said.append("what follows the texts is cut; the points are whole")
        return _More(texts, None)
    flag = int.from_bytes(rest[at:constants], "big", signed=True)
    kind = struct.unpack_from(">d", rest, constants + 8 * 27)[0]
    if flag <= _TRACKS or not np.isfinite(kind) or not int(kind) & _VOLTAGE_AND_CURRENT:
        return _More(texts, None)
    if len(rest) < tracks + 16 * count:
        said.append("voltage and current of the points are cut and left out; the points are whole")
        return _More(texts, None)
    pairs = np.frombuffer(rest, ">f8", 2 * count, tracks).reshape(count, 2)
    return _More(texts, pairs[:, 0].astype(float))


def _significance(content: bytes, count: int) -> list[int]:
    """Thales' own mark of each point, at most 1000."""
    marks: list[int] = np.frombuffer(content, ">i2", count, _HEADER + 32 * count).tolist()
    return marks


def _start(stamp: FloatArray) -> dict[str, str]:
    """When the first point was measured; nothing where the file has a running number in place of times."""
    start = _EPOCH + np.timedelta64(round(float(stamp.min()) * 1e3), "ms")
    return {"start_time": str(start)} if start > _LEAST_YEAR else {}
