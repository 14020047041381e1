"""The private tag of Zeiss (CZ_SEM, 34118): SmartSEM's parameters by name, as tifffile gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .stated import Stated, known, length, number

TAG = 34118

_FINER = 1e-3
_MAGNIFIED = re.compile(r"([\d.]+)\s*([kK]?)\s*[xX]?\s*$")


def zeiss(parameters: Mapping[str, Any], columns: int) -> Stated:
    """What SmartSEM states.

    ``AP_IMAGE_PIXEL_SIZE`` is that of the stored picture. ``AP_PIXEL_SIZE`` is that of the screen: half of it where a
    picture of 1024 columns was stored with 512. The numbers without a name at the head of the tag hold it again, with
    more digits, which are taken where they mean the same.

    Parameters
    ----------
    parameters
        Value of the tag.
    columns
        Of the stored picture.
    """
    image, screen = (_length(parameters, name) for name in ("ap_image_pixel_size", "ap_pixel_size"))
    fine = _head(parameters)
    stated = Stated()
    first = {"AP_IMAGE_PIXEL_SIZE": image}
    right = image if image > 0 else screen
    if abs(fine / right - 1) < _FINER:
        first = {"CZ_SEM header": fine, **first}
    width = _length(parameters, "ap_width") / columns
    stated.sizes = known({**first, "AP_PIXEL_SIZE": screen, "AP_WIDTH over columns": width, "CZ_SEM header": fine})
    stated.magnification = _magnification(parameters.get("ap_mag"))
    stated.tilt = _value(parameters, "ap_stage_at_t")
    if _entry(parameters, "dp_tilt_correction")[1] is True:
        angle = _value(parameters, "ap_tilt_angle")
        stated.warnings.append(
            f"the microscope has stretched the picture for a tilt of {angle:g} degree: it needs no other correction"
        )
    stated.provenance = {
        "instrument": " ".join(filter(None, ["Zeiss", _text(parameters, "dp_sem")])),
        "software": _text(parameters, "sv_version"),
        "serial_number": _text(parameters, "sv_serial_number"),
        "start_time": " ".join(filter(None, [_text(parameters, "ap_date"), _text(parameters, "ap_time")])),
        "comment": _text(parameters, "sv_user_text"),
    }
    shown = ("ap_actualkv", "ap_wd", "dp_detector_channel", "dp_image_store", "ap_scanrotation", "ap_tilt_angle")
    stated.settings = {
        str(entry[0]): " ".join(map(str, entry[1:]))
        for entry in (_entry(parameters, name) for name in shown)
        if entry[0]
    }
    return stated


def _entry(parameters: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    """Label, value and perhaps unit."""
    found = parameters.get(name)
    return found if isinstance(found, tuple) and len(found) > 1 else ("", None)


def _length(parameters: Mapping[str, Any], name: str) -> float:
    _, value, *unit = _entry(parameters, name)
    return length(value, str(unit[0])) if unit else float("nan")


def _value(parameters: Mapping[str, Any], name: str) -> float:
    return number(_entry(parameters, name)[1])


def _text(parameters: Mapping[str, Any], name: str) -> str:
    found = _entry(parameters, name)[1]
    return "" if found is None else str(found).strip()


def _head(parameters: Mapping[str, Any]) -> float:
    """Pixel size [um] among the numbers without a name."""
    head = parameters.get("")
    return length(head[3], "m") if isinstance(head, tuple) and len(head) > 3 else float("nan")


def _magnification(entry: Any) -> float:
    """``("Mag", 704, "X")``, ``("Mag", 40.0, "K X")`` or ``("Mag", "40.00 K X")``."""
    if not isinstance(entry, tuple) or len(entry) < 2:
        return float("nan")
    found = _MAGNIFIED.match(" ".join(map(str, entry[1:])))
    return number(found[1]) * (1e3 if found[2] else 1.0) if found else float("nan")
