"""Spectra of PHI instruments (SmartSoft, MultiPak): a text header, then binary values."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .regions import FloatArray, Region, dataset, number, positive, soundly

_BEGIN, _END = b"SOFH", b"EOFH"
_WORDS = 24
_POINTS, _TYPE, _BYTES, _OFFSET = 9 - 4, 18, 19, 20
_TYPES = {b"f4": "<f4", b"f8": "<f8"}


class PhiReader:
    """Regions of a .spe file; intensities are counts per second."""

    name = "phi-spe"
    description = "PHI (Versaprobe, Quantera) spectra of SmartSoft and MultiPak"
    suffixes = (".spe",)
    version = "1"
    fallback = False
    technique = "photoemission"

    def sniff(self, head: bytes) -> str | None:
        """None for a header of PHI that says it is of XPS."""
        if not head.startswith(_BEGIN):
            return "does not begin with 'SOFH'"
        return None if b"Technique: XPS" in head or b"FileType:  SPECTRUM" in head else "is no PHI file of XPS"

    @soundly
    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read all regions.

        Raises
        ------
        ReaderError
            When the header has no end, or a region's values are not there and ``options.partial`` is not set.
        """
        data = path.read_bytes()
        end = data.find(_END)
        if end < 0:
            raise ReaderError(path, "the header has no end ('EOFH'): the file was cut")
        lines = data[:end].decode("utf-8", "replace").splitlines()
        fields: dict[str, list[str]] = {}
        for line in lines:
            key, _, value = line.partition(":")
            fields.setdefault(key.strip(), []).append(value.strip())
        body = data[end + len(_END) :].lstrip(b"\r\n")
        regions: list[Region] = []
        warnings: list[str] = []
        photon = number(_first(fields, "XraySource"))
        for at, text in enumerate(fields.get("SpectralRegDef", [])):
            try:
                regions.append(_region(path, body, at, text.split(), photon, partial=options.partial))
            except ReaderError as error:
                if not (options.partial and regions):
                    raise
                warnings.append(error.reason)
            else:
                if len(regions[-1].energy) < int(text.split()[4]):
                    warnings.append(f"region {regions[-1].name!r} is cut after {len(regions[-1].energy)} points")
        provenance = {
            "instrument": _first(fields, "InstrumentModel"),
            "software": _first(fields, "SoftwareVersion"),
            "institution": _first(fields, "Institution"),
        }
        return Measured(dataset(path, regions, warnings), provenance=provenance, warnings=warnings)


def _first(fields: dict[str, list[str]], key: str) -> str:
    return fields.get(key, [""])[0]


def _region(path: Path, body: bytes, at: int, words: list[str], photon: float, *, partial: bool) -> Region:
    try:
        # number, switch, name, atomic number, points, step, start, stop, two more limits, dwell time, pass energy
        name, points, step, start = words[2], int(words[4]), float(words[5]), float(words[6])
        dwell, passed = float(words[10]), float(words[11])
    except (IndexError, ValueError) as error:
        raise ReaderError(path, f"SpectralRegDef {at + 1} is not understood: {error}") from None
    cut = ReaderError(path, f"the values of region {name!r} are not all there: the file was cut")
    head = 16 + 4 * _WORDS * at
    if len(body) < head + 4 * _WORDS:
        raise cut
    entry = body[head : head + 4 * _WORDS]
    numbers = struct.unpack(f"<{_WORDS}I", entry)
    kind = _TYPES.get(entry[72:76].rstrip(b"\0"))
    length, offset = numbers[_BYTES], numbers[_OFFSET]
    if kind is None or numbers[_POINTS] != points or length != points * np.dtype(kind).itemsize:
        raise ReaderError(path, f"region {name!r}: the binary header does not fit its {points} points")
    there = max(min(offset + length, len(body)) - offset, 0) // np.dtype(kind).itemsize
    if there < (1 if partial else points):
        raise cut
    values = np.frombuffer(body, kind, there, offset).astype(float)
    energy: FloatArray = start + step * np.arange(there, dtype=float)
    found = {"Su1s": "Survey", "Su": "Survey"}.get(name, name)
    return Region(found, energy, values, positive(dwell), positive(photon), positive(passed))
