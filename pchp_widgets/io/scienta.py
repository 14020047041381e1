"""Text of Scienta SES: sections in brackets, a spectrum per region."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .regions import Region, dataset, number, positive, soundly

_SECTION = re.compile(r"^\[(.+?)\s*(\d*)\]\s*$")


class ScientaReader:
    """Regions with one slice; of an image along a second dimension the sum of all slices is taken."""

    name = "scienta-txt"
    description = "Scienta SES spectra exported as text"
    suffixes = (".txt",)
    version = "1"
    fallback = False
    technique = "photoemission"

    def sniff(self, head: bytes) -> str | None:
        """None for a text that begins with the section of SES."""
        text = head[:400].lstrip()
        return None if text.startswith(b"[Info]") and b"Number of Regions" in text else "does not begin with '[Info]'"

    @soundly
    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read all regions.

        Raises
        ------
        ReaderError
            When a region has fewer values than it says and ``options.partial`` is not set, or kinetic energies come
            without the energy of the radiation.
        """
        sections: dict[tuple[str, str], list[str]] = {}
        current: list[str] = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            found = _SECTION.match(line)
            if found:
                current = sections.setdefault((found[1].strip(), found[2]), [])
            elif line.strip():
                current.append(line.strip())
        warnings: list[str] = []
        regions = []
        announced = int(number(" ".join(sections.get(("Info", ""), [])).partition("=")[2] or "0"))
        found_names = [key for name, key in sections if name == "Data"]
        if len(found_names) < announced:
            reason = f"{announced} regions are announced, {len(found_names)} are there: the file was cut"
            if not (options.partial and found_names):
                raise ReaderError(path, reason)
            warnings.append(reason)
        for key in found_names:
            fields = _fields([*sections.get(("Region", key), []), *sections.get(("Info", key), [])])
            regions.append(_region(path, fields, sections["Data", key], options, warnings))
        first = _fields(sections.get(("Info", "1"), []))
        provenance = {
            "instrument": first.get("Instrument", ""),
            "start_time": f"{first['Date']}T{first['Time']}" if {"Date", "Time"} <= first.keys() else "",
        }
        return Measured(dataset(path, regions, warnings), provenance=provenance, warnings=warnings)


def _fields(lines: list[str]) -> dict[str, str]:
    return {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}


def _region(path: Path, fields: dict[str, str], lines: list[str], options: ReadOptions, warnings: list[str]) -> Region:
    name = fields.get("Region Name", "")
    if options.partial and len(lines) > 1 and len(lines[-1]) < len(lines[0]):
        lines = lines[:-1]
    try:
        rows = np.array([line.split() for line in lines], float).reshape(len(lines), -1)
    except ValueError as error:
        raise ReaderError(path, f"region {name!r}: {error}") from None
    expected = int(number(fields.get("Dimension 1 size", "0")))
    if len(rows) != expected:
        reason = f"region {name!r}: {len(rows)} of {expected} values are there"
        if not (options.partial and len(rows) > 1):
            raise ReaderError(path, f"{reason}; partial=True takes them")
        warnings.append(reason)
    if rows.shape[1] < 2:
        raise ReaderError(path, f"region {name!r} has energies but no intensities")
    if rows.shape[1] > 2:
        warnings.append(f"region {name!r}: {rows.shape[1] - 1} slices are added up")
    photon, energy = number(fields.get("Excitation Energy", "")), rows[:, 0]
    if "kinetic" in fields.get("Dimension 1 name", "").lower():
        if not photon > 0:
            raise ReaderError(path, f"region {name!r}: kinetic energy without an excitation energy")
        energy = photon - energy
    # SES writes what its camera or pulse counter made of the sweeps together: not counts unless it counted pulses
    pulses = "pulse" in fields.get("DetectorMode", "").lower()
    sweeps = number(fields.get("Number of Sweeps", "")) * number(fields.get("Step Time", "")) / 1e3
    dwell = positive(sweeps) if pulses else float("nan")
    intensity = rows[:, 1:].sum(1)
    if pulses and np.isfinite(dwell):
        intensity = intensity / dwell
    else:
        warnings.append(f"region {name!r}: its intensities are not counts; their noise is taken from the fit")
    return Region(name, energy, intensity, dwell, positive(photon), positive(number(fields.get("Pass Energy", ""))))
