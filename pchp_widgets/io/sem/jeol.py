"""JEOL: the text beside a picture of a scanning microscope, and the XML inside one of SightX."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from .stated import Stated, known, length, number

MARK = "$CM_"
_LINE = re.compile(r"^\s*(\$\$?[A-Z0-9_]+)[ \t]+(.*?)\s*$", re.MULTILINE)
_INCH = 25.4e3


def jeol_text(text: str) -> Stated:
    """What the sidecar states: the scale bar in pixels (``$$SM_MICRON_BAR``) and as a length (``$$SM_MICRON_MARKER``).

    Parameters
    ----------
    text
        Of the whole sidecar.
    """
    lines = dict(_LINE.findall(text))
    bar, marker = number(lines.get("$$SM_MICRON_BAR")), length(lines.get("$$SM_MICRON_MARKER", ""))
    stated = Stated(bar_length=marker, bar_pixels=bar if bar > 0 else float("nan"))
    stated.sizes = known({"$$SM_MICRON_MARKER over $$SM_MICRON_BAR": marker / stated.bar_pixels})
    full = re.match(r"(\d{1,6})\D+(\d{1,6})$", lines.get("$CM_FULL_SIZE", ""))
    if full:
        stated.columns, stated.rows = int(full[1]), int(full[2])
    stated.magnification = number(lines.get("$CM_MAG"))
    stated.provenance = {
        "instrument": f"JEOL {lines.get('$CM_INSTRUMENT', '')}".strip(),
        "start_time": f"{lines.get('$CM_DATE', '')} {lines.get('$CM_TIME', '')}".strip(),
        "operator": lines.get("$CM_OPERATOR", ""),
        "comment": lines.get("$CM_TITLE", ""),
    }
    stated.settings = {name: value for name, value in lines.items() if value}
    if not stated.sizes:
        stated.warnings.append("$$SM_MICRON_BAR and $$SM_MICRON_MARKER are not both there: no pixel size is stated")
    elif bar < 50:
        stated.warnings.append(f"the scale bar has but {bar:g} pixels: the pixel size is no better than {1 / bar:.1%}")
    return stated


def jeol_xml(text: str, resolution: float) -> Stated:
    """What SightX states: pixels per metre of the print, and its magnification.

    Parameters
    ----------
    text
        The image description.
    resolution
        Pixels per inch of the print, a whole number, so that the pixel size it gives is rounded.
    """
    stated = Stated()
    try:
        root = ET.fromstring(text.strip("\0 \r\n"))  # noqa: S314  no entities are resolved from outside
    except ET.ParseError as error:
        stated.warnings.append(f"the XML of the picture is damaged ({error}): nothing is taken from it")
        return stated
    magnification = number(root.findtext(".//SelectorValue"))
    per_metre = number(root.findtext(".//PixelsPerMeter/Horizontal"))
    stated.magnification = magnification if magnification > 0 else float("nan")
    stated.sizes = known(
        {
            "PixelsPerMeter over magnification": 1e6 / per_metre / magnification if per_metre * magnification else 0,
            "XResolution over magnification": _INCH / resolution / magnification if resolution * magnification else 0,
        }
    )
    stated.bar_length = length(
        root.findtext(".//MicronbarValue", ""),
        {"nanometer": "nm", "micrometer": "um"}.get(root.findtext(".//MicronbarMeasureUint", "").lower(), "?"),
    )
    stated.provenance = {
        "instrument": f"JEOL {root.findtext('Instruments', '')}".strip(),
        "start_time": root.findtext("DateTime", ""),
        "operator": root.findtext("Operator", ""),
    }
    return stated


def is_jeol_xml(description: str) -> bool:
    """Whether an image description is that of SightX."""
    return "<TemReporter" in description[:400]
