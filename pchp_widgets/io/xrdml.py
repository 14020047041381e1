"""Panalytical XRDML: XML with one or several scans."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .powder import FloatArray, Scan, measured, number, radiation

_AXES = {"2Theta", "Gonio", "2Theta-Omega", "2Theta-Theta", "Omega-2Theta"}


class XrdmlReader:
    """Scans of diffractometers by (Malvern) Panalytical.

    The list ``counts`` of schema 2 is as the detector gave it and is multiplied by the factors of the attenuator, which
    makes it what ``intensities`` of schema 1 is. A correction of a variable divergence slit is refused: the schema does
    not say how it combines.
    """

    name = "xrdml"
    description = "XRD pattern of a Panalytical diffractometer (XRDML)"
    suffixes = (".xrdml", ".xml")
    version = "1"
    fallback = False
    technique = "diffraction"

    def sniff(self, head: bytes) -> str | None:
        """Whether the XML is an XRDML; see :class:`~.contract.MeasurementReader`."""
        return None if b"<xrdMeasurements" in head else "there is no element xrdMeasurements"

    def read(self, path: Path, options: ReadOptions) -> Measured:  # noqa: ARG002  XML that was cut is no XML
        """All scans; see :class:`~.contract.MeasurementReader`."""
        try:
            root = ET.fromstring(path.read_bytes())  # noqa: S314  expat limits what entities may grow to
        except ET.ParseError as error:
            raise ReaderError(path, f"the XML is damaged or cut ({error}); copy or export the file again") from None
        for element in root.iter():
            element.tag = str(element.tag).rpartition("}")[2]  # schemas differ in nothing else that is read here
        doubts: list[str] = []
        scans = [_scan(path, scan, doubts) for scan in root.iter("scan")]
        source = root.find(".//usedWavelength")
        waves = {name: number(_text(source, name)) for name in ("kAlpha1", "kAlpha2", "ratioKAlpha2KAlpha1")}
        if _text(source, "kAlpha2") and str(source.get("intended") if source is not None else "") == "K-Alpha":
            doubts.append("the file intends the mean of K alpha 1 and 2 as its wavelength")
        status = root.get("status", "")
        if status and status != "Completed":
            doubts.append(f"the measurement is {status.lower()}")
        provenance = {
            "instrument": _text(root, ".//instrumentControlSoftware") or _text(root, ".//diffractometerId"),
            "start_time": _text(root, ".//startTimeStamp"),
            "operator": _text(root, ".//author/name"),
            "sample_name": _text(root, "sample/id") or _text(root, "sample/name"),
            "anode": _text(root, ".//anodeMaterial"),
        }
        settings = {
            "voltage [kV]": _text(root, ".//tension"),
            "current [mA]": _text(root, ".//xRayTube/current"),
            "radius [mm]": _text(root, ".//incidentBeamPath/radius"),
        }
        return measured(
            path,
            scans,
            metadata=radiation(waves["kAlpha1"], waves["kAlpha2"], waves["ratioKAlpha2KAlpha1"]),
            provenance={name: text for name, text in provenance.items() if text},
            settings={name: text for name, text in settings.items() if text},
            warnings=doubts,
        )


def _scan(path: Path, scan: ET.Element, doubts: list[str]) -> Scan:
    axis = scan.get("scanAxis", "")
    if axis not in _AXES:
        raise ReaderError(
            path, f"the scan moves {axis or 'an axis that is not named'}: a pattern over 2 theta is expected"
        )
    points = scan.find("dataPoints")
    listed = points.find("intensities") if points is not None else None
    raw = points.find("counts") if points is not None and listed is None else None
    if points is None or (listed is None and raw is None):
        raise ReaderError(path, "a scan has neither intensities nor counts")
    if points.find("divergenceCorrections") is not None or points.find("commonDivergenceCorrection") is not None:
        raise ReaderError(path, "the counts need a correction of the divergence slit; export intensities")
    values = _numbers(path, listed if listed is not None else raw)
    kind = "counts"
    factors = points.find("beamAttenuationFactors")
    common = number(_text(points, "commonBeamAttenuationFactor"), 1.0)
    factor = _numbers(path, factors) if factors is not None else np.full(values.size, common)
    if factor.size != values.size:
        raise ReaderError(path, f"there are {factor.size} factors of attenuation for {values.size} intensities")
    if (factor != 1).any():
        values, kind = values * (factor if raw is not None else 1.0), "arbitrary"
        doubts.append("a beam attenuator was used: intensities are counts times its factor")
    times = points.find("countingTimes")
    seconds = number(_text(points, "commonCountingTime"))
    if times is not None:
        each = _numbers(path, times)
        seconds = float(each[0]) if each.size and np.ptp(each) == 0 else float("nan")
        if each.size == values.size and np.ptp(each) > 0:
            values, kind = values / each, "arbitrary"
            doubts.append("steps were counted differently long: intensities are counts per second")
    return Scan(_angles(path, points, values.size), values, seconds, kind)


def _angles(path: Path, points: ET.Element, count: int) -> FloatArray:
    for positions in points.iter("positions"):
        if positions.get("axis") != "2Theta":
            continue
        listed = positions.find("listPositions")
        if listed is not None:
            return _numbers(path, listed)
        start, end = (number(_text(positions, name)) for name in ("startPosition", "endPosition"))
        return np.linspace(start, end, count)
    raise ReaderError(path, "a scan has no positions of 2Theta")


def _numbers(path: Path, element: ET.Element | None) -> FloatArray:
    try:
        return np.array((element.text or "").split() if element is not None else [], float)
    except ValueError as error:
        raise ReaderError(path, f"a list holds something that is no number ({error})") from None


def _text(element: ET.Element | None, path: str) -> str:
    return (element.findtext(path) or "").strip() if element is not None else ""
