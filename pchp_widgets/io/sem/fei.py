"""The private tags of FEI and Thermo Fisher (34680, 34682): sections of parameters, as tifffile gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .stated import Stated, known, length, number

TAGS = (34682, 34680)


def fei(parameters: Mapping[str, Any], columns: int) -> Stated:
    """What xT states: ``PixelWidth`` [m] of the scan, and the field that was scanned.

    Parameters
    ----------
    parameters
        Value of the tag.
    columns
        Of the stored picture.
    """
    scan = _section(parameters, "Scan")
    own, image, beam, stage = (_section(parameters, name) for name in ("EScan", "Image", "EBeam", "Stage"))
    width = length(scan.get("PixelWidth"), "m")
    field = length(scan.get("HorFieldsize", beam.get("HFW")), "m")
    stated = Stated(columns=_whole(image.get("ResolutionX")), rows=_whole(image.get("ResolutionY")))
    over = stated.columns or columns
    stated.sizes = known(
        {
            "Scan.PixelWidth": width,
            "EScan.PixelWidth": length(own.get("PixelWidth"), "m"),
            "Scan.HorFieldsize over columns": field / over,
        }
    )
    stated.height = length(scan.get("PixelHeight"), "m")
    stated.tilt = math.degrees(number(stage.get("StageT")))
    if str(beam.get("TiltCorrectionIsOn", "no")).lower() in {"yes", "true"}:
        angle = math.degrees(number(beam.get("TiltCorrectionAngle")))
        stated.warnings.append(
            f"the microscope has stretched the picture for a tilt of {angle:g} degree: it needs no other correction"
        )
    user, system = _section(parameters, "User"), _section(parameters, "System")
    stated.provenance = {
        "instrument": f"FEI {system.get('SystemType', '')}".strip(),
        "software": str(system.get("Software", "")),
        "serial_number": str(system.get("Dnumber", "")),
        "start_time": f"{user.get('Date', '')} {user.get('Time', '')}".strip(),
        "comment": str(user.get("UserText", "")),
    }
    stated.settings = {
        "HV [V]": beam.get("HV"),
        "WD [m]": beam.get("WD"),
        "detector": _section(parameters, "Detectors").get("Name"),
    }
    return stated


def _section(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = parameters.get(name)
    return found if isinstance(found, Mapping) else {}


def _whole(value: object) -> int:
    found = number(value)
    return int(found) if 0 < found < 1e6 else 0
