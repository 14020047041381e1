"""Statements on the cell that the binary file and the text export share: what counts as stated, and how it is shown."""

from __future__ import annotations

import math

_DEFAULTS = {"area": (0.0, 0.001), "mass": (0.0, 0.001, 7000.0), "capacity": (0.0,)}
"""What EC-Lab fills in when nobody typed anything (7000 mg comes with its battery template)."""


def is_stated(kind: str, value: float) -> bool:
    """Whether a value was typed by a person: not one of EC-Lab's defaults, and a possible one."""
    return math.isfinite(value) and value > 0 and not any(math.isclose(value, d, rel_tol=1e-4) for d in _DEFAULTS[kind])


def shown(kind: str, value: float, unit: str) -> str:
    """The value as a person writes it, or that it is EC-Lab's default."""
    text = f"{value:.6g} {unit}"
    return text if is_stated(kind, value) else f"not set ({text})"


def cell_statements(area: float, unit: str, electrolyte: str) -> dict[str, object]:
    """Cell metadata out of what was stated; `unit` is ``"cm2"`` or ``"mm2"``."""
    found: dict[str, object] = {}
    if is_stated("area", area) and unit in ("cm2", "mm2"):
        found["area"] = f"{area:.6g} {unit}"
    if electrolyte.strip() and electrolyte.strip().lower() != "nan":
        found["electrolyte"] = electrolyte.strip()
    return found
