"""What a file or its sidecar states about a micrograph, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

UM = {"m": 1e6, "cm": 1e4, "mm": 1e3, "um": 1.0, "µm": 1.0, "μm": 1.0, "micron": 1.0, "microns": 1.0, "nm": 1e-3}
UM |= {"pm": 1e-6, "fm": 1e-9, "": 1e-3}
"""Micrometres in a unit; Hitachi leaves out its nm."""

_QUANTITY = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?)\s*([^\s\d]*)\s*$")
_SAME = 0.02
"""Relative difference of pixel sizes from which one is called wrong."""


@dataclass
class Stated:
    """What is known of a picture beside its grey values; lengths in um, NaN and empty where nothing is.

    Attributes
    ----------
    sizes
        Width of a pixel by tag, the right one first.
    height
        Of a pixel.
    columns, rows
        Of the picture without its data bar, as the file states it; 0 where it does not.
    bar_length, bar_pixels
        What is written at the scale bar, and how long that is.
    magnification, tilt
        The microscope's, of the stage [degree].
    provenance, settings, warnings
        As for :class:`~..contract.Measured`.
    """

    sizes: dict[str, float] = field(default_factory=dict)
    height: float = float("nan")
    columns: int = 0
    rows: int = 0
    bar_length: float = float("nan")
    bar_pixels: float = float("nan")
    magnification: float = float("nan")
    tilt: float = float("nan")
    provenance: dict[str, str] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def length(text: object, unit: str | None = None) -> float:
    """A length [um] as it is written, ``"5um"`` or a number of `unit`; NaN where it is none above zero."""
    found = _QUANTITY.match(str(text))
    factor = UM.get((unit if unit is not None else found[2]).lower()) if found else None
    if not found or factor is None:
        return float("nan")
    value = float(found[1].replace(",", ".")) * factor
    return value if 0 < value < float("inf") else float("nan")


def number(value: object) -> float:
    """A number as it is written; NaN where it is none."""
    try:
        return float(str(value))
    except ValueError:
        return float("nan")


def known(sizes: Mapping[str, float]) -> dict[str, float]:
    """Those that are numbers above zero."""
    return {name: size for name, size in sizes.items() if 0 < size < float("inf")}


def rescaled(stated: Stated, columns: int, where: str) -> None:
    """Follow a picture that was stored with other columns than it was taken with: each pixel is then another size."""
    if not stated.columns or stated.columns == columns:
        return
    factor = stated.columns / columns
    stated.warnings.append(
        f"{where} states a picture of {stated.columns} columns, and {columns} are stored: "
        f"pixel sizes are multiplied by {factor:.4g}"
    )
    stated.sizes = {name: size * factor for name, size in stated.sizes.items()}
    stated.height *= factor
    stated.bar_pixels /= factor
    stated.rows = round(stated.rows / factor)
    stated.columns = columns


def differing(sizes: Mapping[str, float]) -> list[str]:
    """A sentence for every tag that gives another size than the first one."""
    if not sizes:
        return []
    right, *others = sizes
    return [
        f"{name} gives pixels of {sizes[name]:.6g} µm, {right} of {sizes[right]:.6g} µm, which is taken"
        for name in others
        if abs(sizes[name] / sizes[right] - 1) > _SAME
    ]
