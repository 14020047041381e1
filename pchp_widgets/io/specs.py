"""Spectra of SPECS: text of SpecsLab and Prodigy (xy), and what SpecsLab2 writes as XML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .regions import FloatArray, Region, dataset, number, positive, soundly
from .tables.rows import open_end

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_FIELD = re.compile(r"^#\s*([A-Z][\w ./]*?):\s*(.*?)\s*$")
_XML = b"specs.de/Serializer"


class SpecsXyReader:
    """Every region of every group; the scans of a region that are written apart are added up."""

    name = "specs-xy"
    description = "SPECS SpecsLab and Prodigy spectra exported as xy text"
    suffixes = (".xy",)
    version = "3"
    fallback = False
    technique = "photoemission"

    def sniff(self, head: bytes) -> str | None:
        """None for a text written by the XY serializer of SpecsLab."""
        return (
            None if b"SpecsLab" in head[:200] and b"XY-Serializer" in head else "is not written by SpecsLab's XY export"
        )

    @soundly
    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read all regions.

        Raises
        ------
        ReaderError
            When a region has fewer points than it says and ``options.partial`` is not set, or a line is no number.
        """
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines()
        warnings = open_end(text)
        gathered = _Gathered(path, options, warnings)
        for at, line in enumerate(lines, 1):
            if line.startswith("#"):
                gathered.close()
                found = _FIELD.match(line)
                if found:
                    gathered.state(found[1], found[2])
            elif line.strip():
                try:
                    gathered.rows.append(_numbers(path, at, line))
                except ReaderError as error:
                    if not (options.partial and at == len(lines)):
                        raise
                    warnings.append(f"{error.reason}: the line is left out")
        gathered.finish(end=True)
        provenance = {"software": gathered.fields.get("Created by", "")}
        return Measured(dataset(path, gathered.regions, warnings), provenance=provenance, warnings=warnings)


class _Gathered:
    """What was read so far: fields, which hold until stated anew, rows of a curve, and curves of a region."""

    def __init__(self, path: Path, options: ReadOptions, warnings: list[str]) -> None:
        self.path, self.options, self.warnings = path, options, warnings
        self.fields: dict[str, str] = {}
        self.rows: list[tuple[float, float]] = []
        self.curves: list[FloatArray] = []
        self.regions: list[Region] = []
        self.announced = ""

    def state(self, field: str, value: str) -> None:
        if field in {"Region", "Group"}:
            self.finish()
            self.announced = f"{field.lower()} {value!r}"
        self.fields[field] = value

    def close(self) -> None:
        if self.rows:
            self.curves.append(np.array(self.rows, float))
            self.rows = []

    def finish(self, *, end: bool = False) -> None:
        """End a region. A group is followed by its regions, at the end of the file by none: it was cut there."""
        self.close()
        if not self.curves and self.announced.startswith(("region", "group") if end else "region"):
            self.warnings.append(f"{self.announced} is announced and has no points")
        self.announced = ""
        if self.curves:
            self.regions.append(_xy_region(self.path, self.fields, self.curves, self.options, self.warnings))
            self.curves = []


def _numbers(path: Path, at: int, line: str) -> tuple[float, float]:
    try:
        energy, intensity = (float(cell) for cell in line.split()[:2])
    except ValueError:
        raise ReaderError(path, f"line {at}: an energy and an intensity are expected, found {line[:40]!r}") from None
    return energy, intensity


def _xy_region(
    path: Path, fields: dict[str, str], curves: list[FloatArray], options: ReadOptions, warnings: list[str]
) -> Region:
    name = fields.get("Region", "")
    expected = int(number(fields.get("Values/Curve", "0")))
    whole = [curve for curve in curves if len(curve) == expected or not expected]
    if len(whole) < len(curves):
        reason = f"region {name!r}: a curve of {len(curves[-1])} points where {expected} are announced"
        if not options.partial:
            raise ReaderError(path, f"{reason}: the file was cut; partial=True takes what is there")
        warnings.append(reason)
        whole = whole or curves[-1:]
    energy, intensity = whole[0].T[0], np.mean([curve[:, 1] for curve in whole], axis=0)
    scans = max(number(fields.get("Number of Scans", "1")), len(whole))
    dwell, photon = number(fields.get("Dwell Time", "")) * scans, number(fields.get("Excitation Energy", ""))
    rated = "counts/s" in fields.get("ColumnLabels", "") or "Second" in fields.get("Count Rate", "")
    if not (rated or fields.get("Counts Per Second", "no") == "yes"):
        intensity = intensity * len(whole) / dwell
    axis = fields.get("Energy Axis", "Kinetic" if fields.get("Kinetic Energy Axis") == "yes" else "Binding")
    if axis.startswith("Kinetic"):
        energy = photon - energy
    sample = fields.get("Group", "")
    return Region(
        name,
        energy,
        intensity,
        positive(dwell),
        positive(photon),
        positive(number(fields.get("Pass Energy", ""))),
        sample,
    )


class SpecsXmlReader:
    """Counts of all channels of the detector, put together at the energy each saw, and of all scans."""

    name = "specs-xml"
    description = "SPECS SpecsLab2 spectra as XML"
    suffixes = (".xml",)
    version = "1"
    fallback = False
    technique = "photoemission"

    def sniff(self, head: bytes) -> str | None:
        """None for XML with structures of SpecsLab's serializer."""
        if not head.lstrip().startswith(b"<?xml"):
            return "is no XML"
        return None if _XML in head or b"CORBA XML document created by XMLSerializer2" in head else "is not of SpecsLab"

    @soundly
    def read(self, path: Path, options: ReadOptions) -> Measured:  # noqa: ARG002  cut XML has no parts
        """Read all regions of all groups.

        Raises
        ------
        ReaderError
            When it is no XML or a region lacks its counts.
        """
        from xml.etree.ElementTree import ParseError, fromstring

        content = path.read_bytes()
        if b"<!ENTITY" in content:  # a few of them can blow up to gigabytes
            raise ReaderError(path, "declares entities, which no spectrum needs")
        try:
            root = fromstring(content)  # noqa: S314  entities are refused
        except ParseError as error:
            raise ReaderError(path, f"is no whole XML: {error}") from None
        warnings: list[str] = []
        regions = [
            region
            for group in root.iter("struct")
            if group.get("type_name") == "RegionGroup"
            for one in group.iter("struct")
            if one.get("type_name") == "RegionData"
            for region in [_xml_region(one, _text(group, "name"), warnings)]
            if region
        ]
        return Measured(dataset(path, regions, warnings), warnings=warnings)


def _text(parent: Element, name: str) -> str:
    found = next((child for child in parent if child.get("name") == name), None)
    return (found.text or "").strip() if found is not None else ""


def _xml_region(one: Element, sample: str, warnings: list[str]) -> Region | None:
    name = _text(one, "name")
    scheme = next(child for child in one if child.get("name") == "region")
    points, step = int(_text(scheme, "values_per_curve")), float(_text(scheme, "scan_delta"))
    start, photon = float(_text(scheme, "kinetic_energy")), float(_text(scheme, "excitation_energy"))
    passed, dwell = float(_text(scheme, "pass_energy")), float(_text(scheme, "dwell_time"))
    head = int(_text(one, "mcd_head"))
    shifts = np.array(
        [float(_text(child, "shift")) for child in one.iter("struct") if child.get("type_name") == "Detector"]
    )
    scans = [np.array("".join(s.itertext()).split(), float) for s in one.iter("sequence") if s.get("name") == "counts"]
    scans = [scan for scan in scans if scan.size]
    if not scans or not shifts.size or points < 2:
        warnings.append(f"region {name!r} has no counts and is left out")
        return None
    announced = sum(int(s.get("length", 0)) for s in one.iter("sequence") if s.get("name") == "scans")
    if announced > len(scans):
        warnings.append(f"region {name!r}: {announced} scans are announced, {len(scans)} are there")
    total = np.sum([scan.reshape(-1, len(shifts)) for scan in scans], axis=0)
    # a channel sees start + (i - head) step + shift * pass energy: its nearest value to each energy of the region
    place = np.arange(points)[:, None] + head - np.rint(shifts * passed / step).astype(int)
    seen = (place >= 0) & (place < len(total))
    counts = np.where(seen, total[np.clip(place, 0, len(total) - 1), np.arange(len(shifts))], 0.0).sum(1)
    dwell *= len(scans)
    if not seen.all():
        warnings.append(f"region {name!r}: not every channel saw every energy; its ends are scaled to all channels")
        counts = counts * len(shifts) / np.maximum(seen.sum(1), 1)
    energy: FloatArray = photon - (start + step * np.arange(points, dtype=float))
    return Region(name, energy, counts / dwell, positive(dwell), positive(photon), positive(passed), sample)
