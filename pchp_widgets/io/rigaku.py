"""Rigaku's RAS, a text file, and RASX, a zip of tables and XML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .powder import Scan, measured, number, radiation

_AXES = {"twotheta", "twothetatheta", "2theta", "thetatwotheta", "twothetaomega", ""}
_UNITS = {"counts": "counts", "count": "counts", "cps": "rate"}
_ENCODINGS = ("utf-8-sig", "cp932", "latin-1")


class RasReader:
    """Patterns of Rigaku diffractometers as text: keys with a star, rows of angle, intensity, factor of attenuation."""

    name = "rigaku-ras"
    description = "XRD pattern of a Rigaku diffractometer (RAS)"
    suffixes = (".ras",)
    version = "1"
    fallback = False
    technique = "diffraction"

    def sniff(self, head: bytes) -> str | None:
        """Whether it begins as a RAS; see :class:`~.contract.MeasurementReader`."""
        ours = head.lstrip(b"\xef\xbb\xbf").startswith(b"*RAS_DATA_START")
        return None if ours else "the first line is not *RAS_DATA_START"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """All scans; see :class:`~.contract.MeasurementReader`."""
        text = _decoded(path.read_bytes())
        scans, doubts, keys = [], list[str](), dict[str, str]()
        for part in text.split("*RAS_INT_START")[1:]:
            rows, closed, _ = part.partition("*RAS_INT_END")
            if not closed:
                problem = "the file is cut: the end of the intensities, *RAS_INT_END, is missing"
                if not options.partial:
                    raise ReaderError(path, f"{problem}; partial=True gives what is before that")
                rows = rows.rpartition("\n")[0]
                doubts.append(problem)
            before = text.partition(part)[0].rpartition("*RAS_HEADER_START")[2]
            keys = dict(re.findall(r'^\*(\w+)\s+"(.*?)"\s*$', before, re.MULTILINE))
            scans.append(_scan(path, rows, keys, doubts))
        if scans and "*RAS_DATA_END" not in text and not options.partial:
            doubts.append("the last line, *RAS_DATA_END, is missing: the file may have been cut")
        return _measured(path, scans, keys, doubts)


class RasxReader:
    """Patterns of Rigaku SmartLab Studio: a zip that holds a table and its conditions for each scan."""

    name = "rigaku-rasx"
    description = "XRD pattern of a Rigaku diffractometer (RASX)"
    suffixes = (".rasx",)
    version = "1"
    fallback = False
    technique = "diffraction"

    def sniff(self, head: bytes) -> str | None:
        """Whether it is a zip whose first members are Rigaku's; see :class:`~.contract.MeasurementReader`."""
        if not head.startswith(b"PK\x03\x04"):
            return "it is no zip"
        ours = re.search(rb"Data\d+/(?:Profile|Mesurement)", head) or b"RASHeader" in head
        return None if ours else "the zip has no member Data0/Profile0.txt near its beginning"

    def read(self, path: Path, options: ReadOptions) -> Measured:  # noqa: ARG002  a zip that was cut has no list
        """All scans; see :class:`~.contract.MeasurementReader`."""
        try:
            with zipfile.ZipFile(BytesIO(path.read_bytes())) as archive:
                profiles = sorted(name for name in archive.namelist() if re.fullmatch(r"Data\d+/Profile\d+\.txt", name))
                tables = [_decoded(archive.read(name)) for name in profiles]
                others = [name.replace("Profile", "MesurementConditions").replace(".txt", ".xml") for name in profiles]
                there = set(archive.namelist())
                conditions = [_conditions(archive.read(name)) if name in there else {} for name in others]
        except Exception as error:  # what unpacks zips may be another library than zlib, with errors of its own
            raise ReaderError(path, f"the zip is damaged or cut ({error}); copy the file again") from error
        doubts: list[str] = []
        scans = [_scan(path, rows, keys, doubts) for rows, keys in zip(tables, conditions, strict=True)]
        return _measured(path, scans, conditions[0] if conditions else {}, doubts)


def _decoded(raw: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _conditions(raw: bytes) -> dict[str, str]:
    """The keys of a RAS, from the XML of a RASX."""
    root = ET.fromstring(raw)  # noqa: S314  expat limits what entities may grow to
    places = {
        "MEAS_SCAN_AXIS_X_INTERNAL": ".//ScanInformation/AxisName",
        "MEAS_SCAN_UNIT_Y": ".//ScanInformation/IntensityUnit",
        "MEAS_SCAN_STEP": ".//ScanInformation/Step",
        "MEAS_SCAN_SPEED": ".//ScanInformation/Speed",
        "MEAS_SCAN_SPEED_UNIT": ".//ScanInformation/SpeedUnit",
        "MEAS_SCAN_START_TIME": ".//ScanInformation/StartTime",
        "MEAS_DATA_COUNT": ".//ScanInformation/DataCount",
        "HW_XG_TARGET_NAME": ".//XrayGenerator/TargetName",
        "HW_XG_WAVE_LENGTH_ALPHA1": ".//XrayGenerator/WavelengthKalpha1",
        "HW_XG_WAVE_LENGTH_ALPHA2": ".//XrayGenerator/WavelengthKalpha2",
        "MEAS_COND_XG_WAVE_TYPE": ".//XrayGenerator/WaveType",
        "MEAS_COND_XG_VOLTAGE": ".//XrayGenerator/Voltage",
        "MEAS_COND_XG_CURRENT": ".//XrayGenerator/Current",
        "FILE_SAMPLE": ".//GeneralInformation/SampleName",
        "FILE_OPERATOR": ".//GeneralInformation/Operator",
        "FILE_SYSTEM_NAME": ".//GeneralInformation/SystemName",
    }
    return {key: (root.findtext(where) or "").strip() for key, where in places.items()}


def _scan(path: Path, rows: str, keys: Mapping[str, str], doubts: list[str]) -> Scan:
    axis = keys.get("MEAS_SCAN_AXIS_X_INTERNAL", "").replace("-", "").replace("/", "").lower()
    if axis not in _AXES:
        raise ReaderError(path, f"the scan moves {axis}: a pattern over 2 theta is expected")
    lines = [line.split() for line in rows.strip().splitlines() if line.strip()]
    wrong = next((at for at, line in enumerate(lines) if len(line) not in {2, 3}), None)
    if wrong is not None:
        raise ReaderError(
            path, f"row {wrong + 1} of a scan is not angle, intensity and factor: {' '.join(lines[wrong])!r}"
        )
    table = np.array([[number(cell) for cell in line[:2]] + [number((line[2:] or ["1"])[0])] for line in lines], float)
    table = table.reshape(-1, 3)
    stated = number(keys.get("MEAS_DATA_COUNT", ""))
    if stated > 0 and stated != len(table):
        doubts.append(f"the file states {stated:.0f} points and has {len(table)}")
    kind = _UNITS.get(keys.get("MEAS_SCAN_UNIT_Y", "").lower(), "")
    if (table[:, 2] != 1).any():
        kind = "arbitrary"
        doubts.append("a beam attenuator was used: intensities are multiplied by the factor in the third column")
    return Scan(table[:, 0], table[:, 1] * table[:, 2], _step_time(keys), kind)


def _step_time(keys: Mapping[str, str]) -> float:
    """Time of a step [s], from the speed of the scan."""
    speed, step = number(keys.get("MEAS_SCAN_SPEED")), number(keys.get("MEAS_SCAN_STEP"))
    unit = keys.get("MEAS_SCAN_SPEED_UNIT", "").lower().replace(" ", "")
    if unit in {"deg/min", "deg./min.", "deg./min", "°/min"} and speed > 0:
        return 60 * step / speed
    return speed if unit in {"sec", "sec.", "s"} and speed > 0 else float("nan")


def _measured(path: Path, scans: list[Scan], keys: Mapping[str, str], doubts: list[str]) -> Measured:
    second = 0.0 if keys.get("MEAS_COND_XG_WAVE_TYPE", "").lower().replace(" ", "") in {"ka1", "kalpha1"} else 1.0
    waves = (number(keys.get(f"HW_XG_WAVE_LENGTH_ALPHA{which}"), 0.0) for which in (1, 2))
    alpha1, alpha2 = waves
    provenance = {
        "instrument": keys.get("FILE_SYSTEM_NAME", ""),
        "start_time": keys.get("MEAS_SCAN_START_TIME", ""),
        "operator": keys.get("FILE_OPERATOR", ""),
        "sample_name": keys.get("FILE_SAMPLE", ""),
        "comment": keys.get("FILE_COMMENT", ""),
        "anode": keys.get("HW_XG_TARGET_NAME", ""),
    }
    names = ("VOLTAGE", "CURRENT")
    settings = {f"{name.lower()}": keys[f"MEAS_COND_XG_{name}"] for name in names if keys.get(f"MEAS_COND_XG_{name}")}
    speed = f"{keys.get('MEAS_SCAN_SPEED', '')} {keys.get('MEAS_SCAN_SPEED_UNIT', '')}".strip()
    return measured(
        path,
        scans,
        metadata=radiation(alpha1, alpha2 * second),
        provenance={name: text for name, text in provenance.items() if text},
        settings={**settings, **({"speed": speed} if speed else {})},
        warnings=doubts,
    )
