"""Siemens and Bruker DIFFRAC: UXD, a text file, and RAW, a binary one, in its four versions."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .powder import FloatArray, Scan, evenly, measured, number, radiation

_MOST = 10_000_000  # points of a scan that can be one
_ROUNDED = 0.006  # degrees by which an angle with two decimals may be off, and a step of six digits beside


class UxdReader:
    """DIFFRAC's text file: keys with an underscore, then columns of angle and intensity or rows of intensities."""

    name = "diffrac-uxd"
    description = "XRD pattern of a Bruker diffractometer (UXD)"
    suffixes = (".uxd",)
    version = "1"
    fallback = False
    technique = "diffraction"

    def sniff(self, head: bytes) -> str | None:
        """Whether it has the keys of a UXD; see :class:`~.contract.MeasurementReader`."""
        ours = re.search(rb"^_FILEVERSION\s*=", head, re.MULTILINE) and b"_DRIVE" in head
        return None if ours else "there are no keys _FILEVERSION and _DRIVE"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """All ranges; see :class:`~.contract.MeasurementReader`."""
        raw = path.read_bytes().decode("latin-1")
        doubts: list[str] = []
        if not raw.endswith("\n"):
            problem = "the last line has no line end: the file may have been cut"
            doubts.append(problem)
            if options.partial:
                raw = raw.rpartition("\n")[0]
        top: dict[str, str] = {}
        scans: list[Scan] = []
        keys, body, mark = top, list[str](), ""
        for line in [*raw.splitlines(), "_END"]:
            text = line.split(";")[0].strip()
            if text.startswith("_") or not text:
                name, equals, value = text.partition("=")
                if text and body:
                    scans.append(_uxd_scan(path, {**top, **keys}, mark, body))
                    keys, body = {}, []
                if equals:
                    if name.strip() == "_DRIVE" and keys is top:
                        keys = {}
                    keys[name.strip()] = value.strip().strip("'")
                elif text:
                    mark = text
            else:
                body.append(text)
        waves = (number(top.get(name)) for name in ("_WL1", "_WL2", "_WLRATIO"))
        provenance = {
            "start_time": top.get("_DATEMEASURED", ""),
            "operator": top.get("_USER", ""),
            "sample_name": top.get("_SAMPLE", ""),
            "anode": top.get("_ANODE", ""),
        }
        return measured(
            path,
            scans,
            metadata=radiation(*waves),
            provenance={name: text for name, text in provenance.items() if text},
            settings={name.strip("_").lower(): text for name, text in {**top, **keys}.items() if text and text != "0"},
            warnings=doubts,
        )


def _uxd_scan(path: Path, keys: Mapping[str, str], mark: str, body: list[str]) -> Scan:
    if keys.get("_DRIVE", "COUPLED").upper() not in {"COUPLED", "2THETA", "TWOTHETA", "LOCKED COUPLED"}:
        raise ReaderError(path, f"the scan moves {keys['_DRIVE']}: a pattern over 2 theta is expected")
    kind = {"COUNTS": "counts", "CPS": "rate"}.get(
        mark.strip("_0123456789").removeprefix("THETA").removeprefix("2THETA"), ""
    )
    try:
        values = np.array(" ".join(body).replace(",", " ").split(), float)
    except ValueError as error:
        raise ReaderError(path, f"a row below {mark} holds something that is no number ({error})") from None
    if mark.startswith("_2THETA"):
        if values.size % 2:
            raise ReaderError(path, f"below {mark} there is an angle without its intensity: the file was cut")
        angle, values = values[::2], values[1::2]
        even = _uxd_grid(keys, values.size)
        if np.abs(even - angle).max(initial=0.0) < _ROUNDED:  # angles are printed with fewer digits than the step has
            angle = even
    else:
        angle = _uxd_grid(keys, values.size)
    return Scan(angle, values, number(keys.get("_STEPTIME")), kind)


def _uxd_grid(keys: Mapping[str, str], count: int) -> FloatArray:
    """Angles as start and step say; NaN where these are not there."""
    return evenly(number(keys.get("_2THETA"), number(keys.get("_START"))), number(keys.get("_STEPSIZE")), count)


@dataclass
class _Bytes:
    """Bytes of a file, of which none beyond the end is read."""

    path: Path
    raw: bytes

    def at(self, form: str, place: int) -> Any:
        """A single number."""
        size = struct.calcsize("<" + form)
        if place < 0 or place + size > len(self.raw):
            raise ReaderError(self.path, f"it is cut: byte {place + size} of {len(self.raw)} is needed")
        return struct.unpack_from("<" + form, self.raw, place)[0]

    def text(self, place: int, size: int) -> str:
        """Text up to the first zero."""
        return self.raw[place : place + size].split(b"\0")[0].decode("latin-1").strip()

    def floats(self, place: int, count: int, stride: int = 4, *, partial: bool = False) -> FloatArray:
        """Numbers of single precision at even distances."""
        if not 0 < count <= _MOST or stride < 4:
            raise ReaderError(self.path, f"a range of {count} points of {stride} bytes is none; the file is damaged")
        there = max((len(self.raw) - place) // stride, 0)
        if there < count and not (partial and there > 1):
            text = f"it is cut: a range of {count} points has {there}; partial=True gives what is there"
            raise ReaderError(self.path, text)
        count = min(count, there)
        table = np.frombuffer(self.raw, np.uint8, count * stride, place).reshape(count, stride)
        with np.errstate(invalid="ignore"):  # damaged bytes may be a NaN that signals
            return np.ascontiguousarray(table[:, :4]).view("<f4")[:, 0].astype(float)


class BrukerRawReader:
    """DIFFRAC's binary file. What a version holds is told by its first bytes: RAW, RAW2, RAW1.01 (3) and RAW4.00 (4).

    Places of version 3 were checked against a UXD made of the same file; those of 1, 2 and 4 are known from
    descriptions only: what they give that can be no pattern is refused.
    """

    name = "diffrac-raw"
    description = "XRD pattern of a Siemens or Bruker diffractometer (RAW, version 1 to 4)"
    suffixes = (".raw",)
    version = "1"
    fallback = False
    technique = "diffraction"

    def sniff(self, head: bytes) -> str | None:
        """Whether the first bytes are those of a version; see :class:`~.contract.MeasurementReader`."""
        return None if _version(head) else "it does not begin with RAW, RAW2, RAW1.01 or RAW4.00"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """All ranges; see :class:`~.contract.MeasurementReader`."""
        of = _Bytes(path, path.read_bytes())
        doubts: list[str] = []
        version = _version(of.raw)
        parts = {1: _first, 2: _second, 3: _third, 4: _fourth}.get(version)
        if parts is None:
            raise ReaderError(path, self.sniff(of.raw) or "it is no RAW")
        scans, waves, provenance = parts(of, options.partial)
        if any(not 0 < abs(np.diff(scan.two_theta)[:1].sum()) < 10 for scan in scans):
            raise ReaderError(path, "a step of more than 10 degrees, or of none: the file is damaged")
        return measured(
            path,
            scans,
            metadata=radiation(*waves),
            provenance={name: text for name, text in provenance.items() if text},
            settings={"version": version},
            warnings=doubts,
        )


Found = tuple[list[Scan], tuple[float, ...], dict[str, str]]


def _version(head: bytes) -> int:
    for begin, version in ((b"RAW2", 2), (b"RAW1.0", 3), (b"RAW4.00", 4), (b"RAW ", 1)):
        if head.startswith(begin):
            return version
    return 0


def _first(of: _Bytes, partial: bool) -> Found:
    """DIFFRAC-AT: ranges of a header of 156 bytes and their counts, each telling whether another one follows."""
    scans, place, waves, name = [], 0, (0.0, 0.0), ""
    while True:
        if of.raw[place : place + 4] != b"RAW ":
            place -= 4  # older files write it once
        count = of.at("I", place + 4)
        seconds, step, start = (of.at("f", place + at) for at in (8, 12, 24))
        name = name or of.text(place + 40, 32)
        waves = (of.at("f", place + 72), of.at("f", place + 76))
        follows = of.at("I", place + 152)
        values = of.floats(place + 156, count, partial=partial)
        scans.append(Scan(evenly(start, step, values.size), values, seconds, "counts"))
        place += 156 + 4 * count
        if not follows or place >= len(of.raw):
            return scans, waves, {"sample_name": name}


def _second(of: _Bytes, partial: bool) -> Found:
    """RAW2: a header of 256 bytes, then ranges."""
    scans, place = [], 256
    for _ in range(of.at("H", 4)):
        size, count = of.at("H", place), of.at("H", place + 2)
        seconds, step, start = (of.at("f", place + at) for at in (8, 12, 16))
        values = of.floats(place + size, count, partial=partial)
        scans.append(Scan(evenly(start, step, values.size), values, seconds, "counts"))
        place += size + 4 * count
    waves = (of.at("f", 190), of.at("f", 194), of.at("f", 198))
    return scans, waves, {"start_time": of.text(168, 20), "anode": of.text(188, 2)}


def _third(of: _Bytes, partial: bool) -> Found:
    """RAW1.01: a header of 712 bytes, then ranges with headers, supplements and records."""
    scans, place = [], 712
    for _ in range(of.at("I", 12)):
        size, count, record, more = (of.at("I", place + at) for at in (0, 4, 252, 256))
        start, step = of.at("d", place + 16), of.at("d", place + 176)
        if size < 260:
            raise ReaderError(of.path, f"the header of a range has {size} bytes: the file is damaged")
        values = of.floats(place + size + more, count, record, partial=partial)
        scans.append(Scan(evenly(start, step, values.size), values, float(of.at("f", place + 192)), "counts"))
        place += size + more + record * count
    waves = (of.at("d", 624), of.at("d", 632), of.at("d", 648))
    provenance = {
        "start_time": f"{of.text(16, 10)} {of.text(26, 10)}".strip(),
        "operator": of.text(36, 72),
        "sample_name": of.text(326, 60),
        "anode": of.text(608, 4),
    }
    return scans, waves, provenance


def _fourth(of: _Bytes, partial: bool) -> Found:
    """RAW4.00: records of a kind and a length after byte 61; kind 0 or 160 begins a range."""
    scans: list[Scan] = []
    waves: tuple[float, ...] = (0.0, 0.0)
    provenance = {"start_time": f"{of.text(12, 12)} {of.text(24, 10)}".strip()}
    place = 61
    while place + 8 <= len(of.raw):
        kind, size = of.at("I", place), of.at("I", place + 4)
        if kind in {0, 160}:
            scan, place = _fourth_range(of, place, partial)
            scans.append(scan)
            continue
        if size < 8:
            raise ReaderError(of.path, f"a record at byte {place} has {size} bytes: the file is damaged")
        if kind == 10 and of.text(place + 12, 24) in {"SAMPLEID", "USER"}:
            name = {"SAMPLEID": "sample_name", "USER": "operator"}[of.text(place + 12, 24)]
            provenance[name] = of.text(place + 36, size - 36)
        elif kind == 30:
            waves = (of.at("d", place + 80), of.at("d", place + 88), of.at("d", place + 104))
        place += size
    return scans, waves, provenance


def _fourth_range(of: _Bytes, place: int, partial: bool) -> tuple[Scan, int]:
    start, step = of.at("d", place + 72), of.at("d", place + 80)
    count, record, more = (of.at("I", place + at) for at in (88, 136, 140))
    axis = of.text(place + 32, 24)
    at, end = place + 160, place + 160 + more
    while at + 64 <= end:
        kind, size = of.at("I", at), of.at("I", at + 4)
        if size < 8:
            break
        if kind == 50 and of.text(at + 12, 24) == "2Theta":
            start = of.at("d", at + 56)
        at += size
    if axis and not re.search(r"coupled|2\s*-?theta|psd", axis, re.IGNORECASE):
        raise ReaderError(of.path, f"the scan is {axis!r}: a pattern over 2 theta is expected")
    values = of.floats(end, count, record, partial=partial)
    return Scan(evenly(start, step, values.size), values, _fourth_time(of, place), "counts"), end + record * count


def _fourth_time(of: _Bytes, place: int) -> float:
    """Time of a step [s], where the place that holds it gives one that can be."""
    seconds = float(of.at("f", place + 92))
    return seconds if 1e-4 < seconds < 1e6 else float("nan")
