"""Writers of small files with a powder pattern, in the formats of the makers of diffractometers, for tests and demos.

They write what the readers of these formats rely on; no software of the makers was asked to open them.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

ALPHA1, ALPHA2, RATIO = 1.540598, 1.544426, 0.5
"""Radiation that is written: copper's [angstrom]."""


def write_xy(path: Path, two_theta: FloatArray, counts: FloatArray, *, header: str = "") -> None:
    """Two columns, below a header if there is one."""
    rows = "".join(f"{angle:.4f} {value:.10g}\n" for angle, value in zip(two_theta, counts, strict=True))
    path.write_text((header + "\n" if header else "") + rows, encoding="utf-8")


def write_xrdml(path: Path, two_theta: FloatArray, counts: FloatArray, *, step_time: float = 1.0) -> None:
    """Panalytical's XML, schema 1.5."""
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<xrdMeasurements xmlns="http://www.xrdml.com/XRDMeasurement/1.5" status="Completed">\n'
        "<sample><id>film</id></sample>\n"
        '<xrdMeasurement measurementType="Scan" status="Completed">\n'
        '<usedWavelength intended="K-Alpha 1">'
        f"<kAlpha1>{ALPHA1}</kAlpha1><kAlpha2>{ALPHA2}</kAlpha2>"
        f"<ratioKAlpha2KAlpha1>{RATIO}</ratioKAlpha2KAlpha1></usedWavelength>\n"
        '<scan appendNumber="0" mode="Continuous" scanAxis="Gonio" status="Completed"><dataPoints>\n'
        f'<positions axis="2Theta" unit="deg"><startPosition>{two_theta[0]:.8f}</startPosition>'
        f"<endPosition>{two_theta[-1]:.8f}</endPosition></positions>\n"
        f'<commonCountingTime unit="seconds">{step_time}</commonCountingTime>\n'
        f'<intensities unit="counts">{" ".join(f"{value:.0f}" for value in counts)}</intensities>\n'
        "</dataPoints></scan></xrdMeasurement></xrdMeasurements>\n",
        encoding="utf-8",
    )


def write_ras(path: Path, two_theta: FloatArray, counts: FloatArray, *, step_time: float = 1.0) -> None:
    """Rigaku's text file."""
    keys = {
        "FILE_SAMPLE": "film",
        "HW_XG_TARGET_NAME": "Cu",
        "HW_XG_WAVE_LENGTH_ALPHA1": ALPHA1,
        "HW_XG_WAVE_LENGTH_ALPHA2": ALPHA2,
        "MEAS_DATA_COUNT": len(two_theta),
        "MEAS_SCAN_AXIS_X_INTERNAL": "TwoThetaTheta",
        "MEAS_SCAN_UNIT_Y": "counts",
        "MEAS_SCAN_STEP": f"{_step(two_theta):.6f}",
        "MEAS_SCAN_SPEED": f"{60 * _step(two_theta) / step_time:.6f}",
        "MEAS_SCAN_SPEED_UNIT": "deg/min",
    }
    lines = ["*RAS_DATA_START", "*RAS_HEADER_START", *(f'*{key} "{value}"' for key, value in keys.items())]
    lines += ["*RAS_HEADER_END", "*RAS_INT_START", *_rows(two_theta, counts, " ")]
    path.write_text("\n".join([*lines, "*RAS_INT_END", "*RAS_DATA_END", ""]), encoding="latin-1")


def write_rasx(path: Path, two_theta: FloatArray, counts: FloatArray, *, step_time: float = 1.0) -> None:
    """Rigaku's zip."""
    step = _step(two_theta)
    conditions = (
        '<?xml version="1.0" encoding="utf-8"?>\n<MeasurementConditions>'
        f"<XrayGenerator><TargetName>Cu</TargetName><WavelengthKalpha1>{ALPHA1}</WavelengthKalpha1>"
        f"<WavelengthKalpha2>{ALPHA2}</WavelengthKalpha2></XrayGenerator>"
        f"<ScanInformation><AxisName>TwoThetaTheta</AxisName><Step>{step:.6f}</Step>"
        f"<Speed>{60 * step / step_time:.6f}</Speed><SpeedUnit>deg/min</SpeedUnit>"
        f"<IntensityUnit>counts</IntensityUnit><DataCount>{len(two_theta)}</DataCount></ScanInformation>"
        "</MeasurementConditions>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Data0/Profile0.txt", "\ufeff" + "\r\n".join(_rows(two_theta, counts, "\t")) + "\r\n")
        archive.writestr("Data0/MesurementConditions0.xml", conditions)
        archive.writestr("root.xml", "<Root />")


def write_uxd(path: Path, two_theta: FloatArray, counts: FloatArray, *, step_time: float = 1.0) -> None:
    """DIFFRAC's text file, with columns of angle and counts."""
    keys = {
        "_FILEVERSION": 2,
        "_SAMPLE": "'film'",
        "_WL1": ALPHA1,
        "_WL2": ALPHA2,
        "_WLRATIO": RATIO,
        "_ANODE": "'Cu'",
        "_DRIVE": "'COUPLED'",
        "_STEPTIME": step_time,
        "_STEPSIZE": f"{_step(two_theta):.6f}",
        "_START": f"{two_theta[0]:.6f}",
    }
    rows = [f"{angle:.4f}\t{value:.0f}" for angle, value in zip(two_theta, counts, strict=True)]
    lines = ["; made for a test", *(f"{key}={value}" for key, value in keys.items()), "_2THETACOUNTS", *rows, ""]
    path.write_text("\n".join(lines), encoding="latin-1")


def write_raw(path: Path, two_theta: FloatArray, counts: FloatArray, version: int, *, step_time: float = 1.0) -> None:
    """DIFFRAC's binary file, in one of its versions 1 to 4."""
    made = {1: _first, 2: _second, 3: _third, 4: _fourth}[version]
    head = made(len(two_theta), float(two_theta[0]), _step(two_theta), step_time)
    path.write_bytes(bytes(head) + counts.astype("<f4").tobytes())


def _first(count: int, start: float, step: float, step_time: float) -> bytearray:
    head = bytearray(156)
    struct.pack_into("<4sIff", head, 0, b"RAW ", count, step_time, step)
    struct.pack_into("<f", head, 24, start)
    struct.pack_into("<32sff", head, 40, b"film", ALPHA1, ALPHA2)
    return head


def _second(count: int, start: float, step: float, step_time: float) -> bytearray:
    head = bytearray(256 + 48)
    struct.pack_into("<4sH", head, 0, b"RAW2", 1)
    struct.pack_into("<20s2sfff", head, 168, b"01/02/2026", b"Cu", ALPHA1, ALPHA2, RATIO)
    struct.pack_into("<HH4xfff", head, 256, 48, count, step_time, step, start)
    return head


def _third(count: int, start: float, step: float, step_time: float) -> bytearray:
    head = bytearray(712 + 304)
    struct.pack_into("<7s", head, 0, b"RAW1.01")
    struct.pack_into("<II", head, 8, 1, 1)
    struct.pack_into("<60s", head, 326, b"film")
    struct.pack_into("<4s", head, 608, b"Cu")
    struct.pack_into("<ddddd", head, 616, (ALPHA1 + RATIO * ALPHA2) / (1 + RATIO), ALPHA1, ALPHA2, 1.39222, RATIO)
    struct.pack_into("<IIdd", head, 712, 304, count, start / 2, start)
    struct.pack_into("<d", head, 712 + 176, step)
    struct.pack_into("<f", head, 712 + 192, step_time)
    struct.pack_into("<II", head, 712 + 252, 4, 0)
    return head


def _fourth(count: int, start: float, step: float, step_time: float) -> bytearray:
    top, name, source, of, axis = bytearray(61), bytearray(41), bytearray(120), bytearray(160), bytearray(64)
    struct.pack_into("<7s", top, 0, b"RAW4.00")
    struct.pack_into("<12s10s", top, 12, b"01/02/2026", b"12:00:00")
    struct.pack_into("<II4x24s5s", name, 0, 10, len(name), b"SAMPLEID", b"film")
    struct.pack_into("<II", source, 0, 30, len(source))
    struct.pack_into("<ddddd", source, 72, (ALPHA1 + RATIO * ALPHA2) / (1 + RATIO), ALPHA1, ALPHA2, 1.39222, RATIO)
    struct.pack_into("<24s", of, 32, b"Locked Coupled")
    struct.pack_into("<ddIf", of, 72, start, step, count, step_time)
    struct.pack_into("<II", of, 136, 4, len(axis))
    struct.pack_into("<II", axis, 0, 50, len(axis))
    struct.pack_into("<24s", axis, 12, b"2Theta")
    struct.pack_into("<d", axis, 56, start)
    return top + name + source + of + axis


def _rows(two_theta: FloatArray, counts: FloatArray, gap: str) -> list[str]:
    pairs = zip(two_theta, counts, strict=True)
    return [gap.join((f"{angle:.4f}", f"{value:.4f}", "1.0000")) for angle, value in pairs]


def _step(two_theta: FloatArray) -> float:
    return float(two_theta[-1] - two_theta[0]) / (len(two_theta) - 1)
