"""Quantities a paper claims, recomputed from a study: each by name, with its units and what it is.

A quantity is a function of the evidence, the sample and the conditions of the claim. Those of cells are chosen by
``conditions.cells``, a pattern of names; those of materials by the sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import cells, materials, spectra
from .evidence import Evidence, Found, over_replicates

Measure = Callable[[Evidence, str, Mapping[str, Any]], Found]


@dataclass(frozen=True)
class Quantity:
    """What can be claimed.

    Attributes
    ----------
    units
        Of its value.
    measure
        Recomputes it; raises :class:`~..errors.NotInStudyError` where a study holds nothing on it.
    """

    units: str
    measure: Measure


QUANTITIES: Mapping[str, Quantity] = {
    "theoretical_capacity": Quantity("mA h g-1", cells.theoretical_capacity),
    "life": Quantity("h", cells.life),
    "polarization": Quantity("mV", cells.polarization),
    "retention": Quantity("1", cells.retention),
    "mean_efficiency": Quantity("1", cells.mean_efficiency),
    "specific_capacity": Quantity("mA h g-1", cells.specific_capacity),
    "cycle_of_short": Quantity("1", cells.cycle_of_short),
    "cycle_life": Quantity("1", cells.cycle_life),
    "transference_number": Quantity("1", cells.transference_number),
    "conductivity": Quantity("S cm-1", cells.conductivity),
    "charge_transfer_change": Quantity("1", cells.charge_transfer_change),
    "youngs_modulus": Quantity("GPa", materials.youngs_modulus),
    "peel_ratio": Quantity("1", materials.peel_ratio),
    "coating_thickness": Quantity("um", materials.coating_thickness),
    "crystallinity": Quantity("1", materials.crystallinity),
    "uptake_ratio": Quantity("1", materials.uptake_ratio),
    "micropore_volume": Quantity("cm3 g-1", materials.micropore_volume),
    "halo_distance": Quantity("angstrom", spectra.halo_distance),
    "halo_share": Quantity("1", spectra.halo_share),
    "binding_energy": Quantity("eV", spectra.binding_energy),
    "lithiated_fraction": Quantity("1", spectra.lithiated_fraction),
    "conversion": Quantity("1", spectra.conversion),
    "line_position": Quantity("ppm", spectra.line_position),
}
"""All quantities, by the name a claim uses."""

__all__ = ["QUANTITIES", "Evidence", "Found", "Quantity", "over_replicates"]
