"""Micrographs as files of microscopes, to try readers with: TIFF with tags of their makers, or with a text beside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

_HITACHI = """[SemImageFile]
InstructName=SU8230
SerialNumber=8230-01
SampleName={name}
Format=tif
ImageName={name}.tif
Date=11/22/2026
Time=10:11:12
Media=File
DataSize={columns}x{rows}
PixelSize={pixel:.7g}
SignalName=SE(UL)
AcceleratingVoltage=5000 Volt
Magnification={magnification:.0f}
WorkingDistance=8600 um
MicronMarker={bar:g}
"""
_JEOL = """$CM_FORMAT JEOL/SEM
$CM_VERSION 1.0
$CM_TITLE {name}
$CM_INSTRUMENT JSM-7800F
$CM_SIGNAL SEI
$CM_MAG {magnification:.0f}
$CM_ACCEL_VOLT 5.00
$CM_DATE 11/22/2026
$CM_TIME 10:11:12
$CM_FULL_SIZE {columns} {rows}
$$SM_MICRON_BAR {bar_pixels:.0f}
$$SM_MICRON_MARKER {bar:g}um
$$SM_WD 8.6
"""
_FEI = """[User]
Date=11/22/2026
Time=10:11:12 AM
User=synthetic
UserText={name}

[System]
Type=SEM
Dnumber=1
Software=1.0
SystemType=Synthetic

[EBeam]
HV=5000
WD=0.004
HFW={field:.8g}
TiltCorrectionIsOn={corrected}
TiltCorrectionAngle={angle:.6g}

[Scan]
InternalScan=true
PixelWidth={width:.8g}
PixelHeight={height:.8g}
HorFieldsize={field:.8g}

[Stage]
StageT={tilt:.6g}

[Image]
ResolutionX={columns}
ResolutionY={rows}

[Detectors]
Number=1
Name=ETD
"""
_PRINT = 127e3  # um, width of the print that a magnification is for


def plain_tif(data: xr.Dataset, path: Path, **tags: object) -> None:
    """The picture of the first sample without a word about its scale."""
    _written(data, path, tags.get("extratags", ()), **{name: one for name, one in tags.items() if name != "extratags"})


def zeiss_tif(data: xr.Dataset, path: Path, *, screen: float = 1.0) -> None:
    """As Zeiss' SmartSEM writes it.

    Parameters
    ----------
    data
        A measurement; its first sample is written.
    path
        Where to.
    screen
        ``AP_PIXEL_SIZE`` over that of the picture: 0.5 where one of 1024 columns was stored with 512.
    """
    pixel = _pixel(data)
    size = f"{1e3 * pixel:.4g} nm"
    entries = {
        "AP_MAG": f"Mag = {_magnification(data) / 1e3:.2f} K X",
        "DP_SEM": "Sem = Synthetic",
        "DP_TILT_CORRECTION": "Tilt Corrn. = Off",
        "AP_PIXEL_SIZE": f"Pixel Size = {1e3 * pixel * screen:.4g} nm",
        "AP_WIDTH": f"Width = {pixel * _columns(data):.4g} \u00b5m",
        "AP_STAGE_AT_T": f"Stage at T = {_known(data, 'stage_tilt'):.1f} \u00b0",
        "AP_IMAGE_PIXEL_SIZE": f"Image Pixel Size = {size}",
        "SV_VERSION": "Version = V06.00 : synthetic",
    }
    head = ["0", "0", "0", f"{pixel * screen * 1e-6:.6e}", "1", "6", "5e3", "2", "1e-10", "4e-3", "1"]
    text = "\r\n".join([*head, *(line for name, entry in entries.items() for line in (name, entry)), ""])
    raw = text.encode("cp1252") + b"\0"
    _written(data, path, [(34118, 2, len(raw), raw, True)])


def fei_tif(data: xr.Dataset, path: Path, *, corrected: float = 0.0) -> None:
    """As FEI's xT writes it; `corrected` is the angle [degree] for which the microscope stretched the picture."""
    pixel, height = _pixel(data), _known(data, "pixel_height")
    rows = _known(data, "picture_rows")
    text = _FEI.format(
        name=_name(data), width=pixel * 1e-6, height=height * 1e-6, field=pixel * 1e-6 * _columns(data),
        columns=_columns(data), rows=int(rows) if np.isfinite(rows) else len(_picture(data)),
        tilt=np.radians(_known(data, "stage_tilt")), corrected="yes" if corrected else "no",
        angle=np.radians(corrected),
    )  # fmt: skip
    raw = text.replace("\n", "\r\n").encode() + b"\0"
    _written(data, path, [(34682, 2, len(raw), raw, True)])


def jeol_xml_tif(data: xr.Dataset, path: Path, magnification: float = 20_000.0) -> None:
    """As JEOL's SightX writes it: pixels per metre of a print and its magnification in XML."""
    per_metre = 1e6 / _pixel(data) / magnification
    text = (
        '<?xml version="1.0"?>\r\n<TemReporter><FormatVersion>1.0</FormatVersion><Instruments>JEM-2100</Instruments>'
        f"<DateTime>2026-11-22T10:11:12</DateTime><SelectorValue>{magnification:.0f}</SelectorValue>"
        f"<PixelsPerMeter><Horizontal>{per_metre:.6f}</Horizontal><Vertical>{per_metre:.6f}</Vertical></PixelsPerMeter>"
        "</TemReporter>"
    )
    inch = round(per_metre * 0.0254) or 1
    _written(data, path, (), description=text, resolution=(inch, inch), resolutionunit=2)


def hitachi_files(data: xr.Dataset, path: Path) -> Path:
    """As Hitachi writes it: a TIFF, and a text of its name beside, which is returned."""
    _written(data, path, ())
    text = _HITACHI.format(
        name=path.stem, columns=_columns(data), rows=len(_picture(data)), pixel=1e3 * _pixel(data),
        magnification=_magnification(data), bar=1e3 * _known(data, "bar_length"),
    )  # fmt: skip
    return _beside(path, text)


def jeol_files(data: xr.Dataset, path: Path) -> Path:
    """As JEOL's scanning microscopes write it: a TIFF, and a text of its name beside, which is returned."""
    _written(data, path, ())
    bar = _known(data, "bar_length")
    text = _JEOL.format(
        name=path.stem, columns=_columns(data), rows=len(_picture(data)), magnification=_magnification(data), bar=bar,
        bar_pixels=bar / _pixel(data),
    )  # fmt: skip
    return _beside(path, text)


def _beside(path: Path, text: str) -> Path:
    place = path.with_suffix(".txt")
    place.write_bytes(text.replace("\n", "\r\n").encode())
    return place


def _written(data: xr.Dataset, path: Path, extra: object, **tags: object) -> None:
    from tifffile import imwrite

    imwrite(path, _picture(data), photometric="minisblack", metadata=None, extratags=extra, **tags)  # type: ignore[arg-type]


def _picture(data: xr.Dataset) -> npt.NDArray[np.uint8]:
    grey = data["intensity"].values[0]
    return np.asarray(np.nan_to_num(grey) if grey.dtype.kind == "f" else grey, np.uint8)


def _columns(data: xr.Dataset) -> int:
    return int(data.sizes["column"])


def _pixel(data: xr.Dataset) -> float:
    return float(data["pixel_size"].values[0])


def _known(data: xr.Dataset, name: str) -> float:
    return float(data[name].values[0]) if name in data.variables else 0.0


def _name(data: xr.Dataset) -> str:
    return str(data["sample"].values[0])


def _magnification(data: xr.Dataset) -> float:
    return _PRINT / (_pixel(data) * _columns(data))
