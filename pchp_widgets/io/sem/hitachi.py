"""Hitachi: the text beside a picture, ``[SemImageFile]`` with lines of ``name=value``."""

from __future__ import annotations

import re

from .stated import Stated, known, length, number

MARK = "[SemImageFile]"
_LINE = re.compile(r"^\s*(\w+)\s*=[ \t]*(.*?)\s*$", re.MULTILINE)
_PRINT = 127e3
"""Width of the print [um] that Hitachi's magnification is for."""


def hitachi(text: str) -> Stated:
    """What the sidecar states: ``PixelSize`` [nm] of a picture of ``DataSize``.

    Where there is no ``PixelSize``, as of older instruments, it follows from the magnification: that of a print 127 mm
    wide.

    Parameters
    ----------
    text
        Of the whole sidecar.
    """
    lines = dict(_LINE.findall(text))
    stated = Stated(bar_length=length(lines.get("MicronMarker", "")))
    full = re.match(r"(\d{1,6})\s*[xX]\s*(\d{1,6})$", lines.get("DataSize", ""))
    if full:
        stated.columns, stated.rows = int(full[1]), int(full[2])
    stated.magnification = number(lines.get("Magnification"))
    shown = stated.magnification * stated.columns
    stated.sizes = known(
        {
            "PixelSize": length(lines.get("PixelSize", "")),
            "127 mm over magnification and columns": _PRINT / shown if shown else float("nan"),
        }
    )
    stated.provenance = {
        "instrument": f"Hitachi {lines.get('InstructName', '')}".strip(),
        "serial_number": lines.get("SerialNumber", ""),
        "start_time": f"{lines.get('Date', '')} {lines.get('Time', '')}".strip(),
        "comment": lines.get("Comment", "") or lines.get("SampleName", ""),
    }
    stated.settings = {name: value for name, value in lines.items() if value}
    if "PixelSize" not in stated.sizes:
        stated.warnings.append(
            "PixelSize is not in the text beside the picture"
            + (": it is taken from the magnification" if stated.sizes else ", nor is a magnification with a DataSize")
        )
    return stated
