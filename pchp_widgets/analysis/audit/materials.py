"""Checks of materials: composition, coating and what an instrument can see."""

from __future__ import annotations

import math

from ...model.gases import GASES
from .. import ledger
from .check import Check

GAS_VOLUME = 24.465
"""L mol-1 at 25 degC and 1 atm."""
_SHIFTS, _ACID, _ALKOXIDE = (165.0, 180.0), (288.6, 289.5), (54.3, 55.3)


def _bragg(width: float, wavelength: float) -> float:
    """2 theta of a distance [degree]."""
    return 2 * math.degrees(math.asin(wavelength / (2 * width)))


def _saturation_pressure(kelvin: float) -> float:
    return float(GASES["CO2"].saturation_pressure(kelvin))


def hydrogen(acid_content: float, polymer_share: float, density: float, thickness: float) -> tuple[float, float, float]:
    """What reacts if all acid of a coating gives its proton to lithium: COOH + Li -> COOLi + H2 / 2.

    Parameters
    ----------
    acid_content
        mmol g-1 of the polymer.
    polymer_share
        Its mass in the coating.
    density, thickness
        Of the coating [g cm-3], [um].

    Returns
    -------
    tuple of float
        Acid [umol cm-2], lithium consumed [um], hydrogen [uL cm-2 at 25 degC and 1 atm].
    """
    acid = acid_content * polymer_share * density * thickness * 1e-4 * 1e3
    lithium = float(ledger.lithium_thickness(acid * 1e-6 * ledger.FARADAY / 3.6))
    return acid, lithium, acid / 2 * GAS_VOLUME


MATERIAL_CHECKS = (
    Check(
        "conversion by NMR and by elemental analysis",
        "x(NMR) = x(N %)",
        lambda nmr: nmr,
        ("acid_fraction_nmr",),
        lambda nitrogen: nitrogen,
        ("acid_fraction_ea",),
        "1",
        "both methods find the same conversion",
        "the methods disagree: water or solvent in the sample, amide, or an integral that is not quantitative",
        tolerance=0.02,
    ),
    Check(
        "acid by XPS and in the bulk",
        "acid per repeat unit (XPS) = x(NMR)",
        lambda surface: surface,
        ("acid_fraction_xps",),
        lambda bulk: bulk,
        ("acid_fraction_nmr",),
        "1",
        "surface and bulk have the same stoichiometry",
        "the surface is not the bulk: contamination, segregation, or a wrong assignment",
        tolerance=0.1,
    ),
    Check(
        "coating mass and drop volume",
        "c V = ρ l π d² / 4",
        lambda concentration, volume: concentration * volume * 1e-3,
        ("solution_concentration", "drop_volume"),
        lambda density, thickness, diameter: density * thickness * 1e-4 * math.pi * (diameter / 10) ** 2 / 4 * 1e3,
        ("coating_density", "coating_thickness", "diameter"),
        "mg",
        "the drop holds the mass of the coating",
        "the drop holds another mass: part of it ran off, or the coating is porous or not even",
        tolerance=0.1,
    ),
    Check(
        "cross-linker and micropores",
        "share of the cross-linker in a coating without micropores > stated limit",
        lambda share: share,
        ("crosslinker_share",),
        lambda limit: limit * 1.000001,
        ("porosity_lost_above",),
        "1",
        "micropores are lost only beyond the stated limit",
        "a coating at or below the stated limit has lost its micropores already",
        relation="at least",
        tolerance=0.0,
    ),
    Check(
        "pore width and range of the scan",
        "2 asin(λ / 2 d) ≥ start of the scan",
        _bragg,
        ("pore_width", "wavelength"),
        lambda start: start,
        ("scan_start",),
        "degree",
        "the scan begins before the distance would show",
        "a distance as large as the pores would show before the scan begins: it says nothing of them",
        relation="at least",
        tolerance=0.0,
    ),
    Check(
        "range of the isotherm and BET area",
        "p / p⁰ ≥ 0.05, where BET begins",
        lambda pressure, kelvin: pressure / _saturation_pressure(kelvin),
        ("adsorption_pressure", "adsorption_temperature"),
        lambda _: 0.05,
        ("adsorption_temperature",),
        "1",
        "the isotherm reaches the range of BET",
        "the isotherm ends before the range of BET begins; use Dubinin-Radushkevich or DFT",
        relation="at least",
        tolerance=0.0,
    ),
    Check(
        "NMR signal of the acid",
        "δ(13C) of COOH ≥ 165 ppm (to 180)",
        lambda shift: shift,
        ("acid_shift",),
        lambda _: _SHIFTS[0],
        ("acid_shift",),
        "ppm",
        "the signal is where carboxylic acids are",
        "carboxylic acids are at 165 to 180 ppm; here aryl C-O overlaps",
        relation="at least",
        tolerance=0.0,
    ),
    Check(
        "XPS binding energy of the acid",
        "C 1s of COOH ≤ 289.5 eV (288.6 to 289.5)",
        lambda energy: energy,
        ("acid_binding_energy",),
        lambda _: _ACID[1],
        ("acid_binding_energy",),
        "eV",
        "the component is where carboxylic acids are",
        "this high lie carbonates and π-π* satellites: charge reference or assignment is wrong",
        relation="at most",
        tolerance=0.0,
    ),
    Check(
        "XPS binding energy of C-O-Li",
        "Li 1s of C-O-Li ≤ 55.3 eV",
        lambda energy: energy,
        ("alkoxide_binding_energy",),
        lambda _: _ALKOXIDE[1],
        ("alkoxide_binding_energy",),
        "eV",
        "the component is where alkoxides and carboxylates are",
        "LiF and Li₂CO₃ lie here as well: the assignment is not unique",
        relation="at most",
        tolerance=0.0,
    ),
    Check(
        "hydrogen from the acid",
        "COOH + Li → COOLi + ½ H₂: gas seen = acid · share · ρ l / 2",
        lambda seen: seen,
        ("hydrogen",),
        lambda content, share, density, thickness: hydrogen(content, share, density, thickness)[2],
        ("acid_content", "polymer_share", "coating_density", "coating_thickness"),
        "uL cm-2",
        "the gas is what the acid can give",
        "the acid gives another volume of gas if all of it reacts",
        tolerance=0.1,
    ),
)
"""Of composition and coating, and of what instruments can see."""
