"""Techniques of EC-Lab: the code in the binary file, the short name, the title of the text export."""

from __future__ import annotations

from typing import NamedTuple


class Technique(NamedTuple):
    """One technique."""

    code: int
    name: str
    title: str


_TECHNIQUES = (
    Technique(4, "GCPL", "Galvanostatic Cycling with Potential Limitation"),
    Technique(6, "CV", "Cyclic Voltammetry"),
    Technique(11, "OCV", "Open Circuit Voltage"),
    Technique(22, "MP", "Modular Potentio"),
    Technique(24, "CA", "Chronoamperometry / Chronocoulometry"),
    Technique(25, "CP", "Chronopotentiometry"),
    Technique(28, "Wait", "Wait"),
    Technique(29, "PEIS", "Potentio Electrochemical Impedance Spectroscopy"),
    Technique(30, "GEIS", "Galvano Electrochemical Impedance Spectroscopy"),
    Technique(50, "ZIR", "IR compensation (PEIS)"),
    Technique(51, "CVA", "Cyclic Voltammetry Advanced"),
    Technique(108, "LSV", "Linear Sweep Voltammetry"),
    Technique(117, "CstV", "Constant Voltage"),
    Technique(118, "CstC", "Constant Current"),
    Technique(119, "GCPL", "Galvanostatic Cycling with Potential Limitation"),
    Technique(127, "MB", "Modulo Bat"),
    Technique(136, "BCD", "Battery Capacity Determination"),
)
BY_CODE = {technique.code: technique for technique in _TECHNIQUES}
BY_NAME = {technique.name: technique for technique in reversed(_TECHNIQUES)}
BY_TITLE = {technique.title: technique for technique in _TECHNIQUES}

OPEN_CIRCUIT = frozenset({"OCV", "Wait"})
"""Techniques in which no current flows."""
IMPEDANCE = {"PEIS": "cv", "ZIR": "cv", "GEIS": "cc"}
"""Techniques that measure impedance only, and what they hold at their points without a frequency."""

INSTRUMENTS = {
    5: "VMP3",
    6: "VSP",
    12: "VMP-300",
    14: "SP-150",
    16: "SP-300",
    21: "SP-200",
    22: "MPG-2",
    26: "BCS-805",
    27: "SP-240",
    34: "VSP-3e",
}
"""Instrument by its code in the log."""
