"""Checks of cells: time, charge, resistance, transport and lithium have to fit each other."""

from __future__ import annotations

import numpy as np

from .. import energy, ledger
from ..conductivity.formulas import added_resistance, measurable_conductivity
from .check import Check

_LOWEST = 0.1
"""Hz; diffusion through a separator of 25 um takes longer than a second (from memory)."""


def _two_layers(separator: float, coating: float, separator_transference: float) -> float:
    """Highest transference number of a separator and single-ion coatings in series."""
    return (separator + coating) / (separator / separator_transference + coating)


def _energy_cost(capacity: float, voltage: float, loading: float, lithium: float, coating: float) -> float:
    """Share of the energy per mass of a stack that its coating takes."""
    stack = energy.stack_energy(capacity, voltage, loading, lithium, coating, of=energy.Assumptions())
    return float(stack["specific_cost_share"].item())


CELL_CHECKS = (
    Check(
        "area",
        "area = pi d² / 4",
        lambda area: area,
        ("area",),
        lambda diameter: np.pi * (diameter / 10) ** 2 / 4,
        ("diameter",),
        "cm2",
        "the area is that of the disc",
        "the area is not that of the disc",
        tolerance=0.005,
    ),
    Check(
        "hours and cycles",
        "hours = cycles · 2 Q / j",
        lambda hours: hours,
        ("hours",),
        lambda cycles, capacity, current: 2 * cycles * capacity / current,
        ("cycles", "half_cycle_capacity", "current_density"),
        "h",
        "the cycles fill the time",
        "cycles, current and capacity do not come to this time: rests, or a slip",
    ),
    Check(
        "impedance and polarization",
        "R(EIS) · A · j = |V| at half capacity, without concentration polarization",
        lambda resistance, area, current: resistance * area * current,
        ("resistance_sum", "area", "current_density"),
        lambda polarization: polarization,
        ("polarization",),
        "mV",
        "the voltage trace is what the impedance demands",
        "a trace below the impedance means a short, one far above it diffusion or other cells",
        tolerance=0.15,
    ),
    Check(
        "series resistance and conductivity",
        "ΔR(s) · A = n l / σ",
        lambda shift, area: shift * area,
        ("series_resistance_shift", "area"),
        lambda faces, thickness, sigma: float(added_resistance(sigma, thickness, 1.0, faces)),
        ("coated_faces", "coating_thickness", "conductivity"),
        "ohm cm2",
        "the coating adds the series resistance that its conductivity demands",
        "conductivity and series resistance are not of the same coating, or a face, the thickness, a unit is wrong",
        tolerance=0.1,
    ),
    Check(
        "transference number and two layers",
        "t ≤ (R(sep) + R(coat)) / (R(sep) / t(sep) + R(coat))",
        lambda measured: measured,
        ("transference_number",),
        _two_layers,
        ("separator_resistance", "coating_resistance", "separator_transference"),
        "1",
        "coatings that conduct nothing but Li⁺ can raise the number of the cell that far",
        "even coatings that conduct nothing but Li⁺ are too thin a share of the resistance to raise it that far",
        relation="at most",
        tolerance=0.03,
    ),
    Check(
        "range of the spectra and conductivity",
        "σ > 2 π f ε(0) ε(r), ε(r) = 5",
        lambda sigma: sigma,
        ("conductivity",),
        lambda highest: float(measurable_conductivity(highest)),
        ("highest_frequency",),
        "S cm-1",
        "the highest frequency still sees the coating as a resistance",
        "at the highest frequency the coating is a capacitor: its resistance is not in the series resistance",
        relation="at least",
    ),
    Check(
        "spectra and diffusion",
        "lowest frequency ≤ 0.1 Hz, or diffusion is not seen and the resistance at steady state not whole",
        lambda lowest: lowest,
        ("lowest_frequency",),
        lambda _: _LOWEST,
        ("transference_number",),
        "Hz",
        "diffusion is in the spectra",
        "the spectra of a transference number end before diffusion begins",
        relation="at most",
    ),
    Check(
        "capacity and loading",
        "Q / m ≤ theoretical capacity of the active material",
        lambda capacity, loading: 1e3 * capacity / loading,
        ("nominal_capacity", "loading"),
        lambda theory: theory,
        ("theoretical_capacity",),
        "mA h g-1",
        "the material can have this capacity",
        "more than the material can hold: the capacity is mass times a nominal value, or the loading is another mass",
        relation="at most",
        tolerance=0.005,
    ),
    Check(
        "C-rate",
        "rate = j / nominal capacity",
        lambda rate: rate,
        ("c_rate",),
        lambda current, capacity: current / capacity,
        ("current_density", "nominal_capacity"),
        "h-1",
        "the rate is current over capacity",
        "the rate is not that of this current and capacity",
        tolerance=0.02,
    ),
    Check(
        "N/P",
        "N/P = 0.2062 · thickness / nominal capacity, lithium of the anode only",
        lambda ratio: ratio,
        ("n_to_p",),
        lambda thickness, capacity: float(ledger.lithium_capacity(thickness)) / capacity,
        ("lithium_thickness", "nominal_capacity"),
        "1",
        "N/P counts the lithium of the anode only",
        "another convention, (N + P)/P for example, or another thickness",
        tolerance=0.02,
    ),
    Check(
        "efficiency and retention",
        "CE^n ≥ retention, unless excess lithium pays",
        lambda efficiency, cycles: float(ledger.efficiency_product(efficiency, max(cycles - 3, 0))),
        ("mean_efficiency", "cycles"),
        lambda retention: retention,
        ("retention",),
        "1",
        "what the efficiency leaves is as much as is left",
        "the efficiency leaves less than is left: the excess lithium pays, so it is not the efficiency of lithium",
        relation="at least",
        tolerance=0.02,
    ),
    Check(
        "efficiency and reservoir",
        "n (1 - CE) P ≤ 0.2062 · thickness",
        lambda efficiency, cycles, capacity: float(ledger.charge_missing(efficiency, cycles, capacity)),
        ("mean_efficiency", "cycles", "nominal_capacity"),
        lambda thickness: float(ledger.lithium_capacity(thickness)),
        ("lithium_thickness",),
        "mA h cm-2",
        "the lithium at hand can pay for what is lost",
        "more lithium is lost than there was",
        relation="at most",
    ),
    Check(
        "capacity delivered",
        "Q(n) / retention · m = capacity at the reference cycle ≥ 0.95 of the nominal one",
        lambda specific, retention, loading: 1e-3 * specific / retention * loading,
        ("specific_capacity", "retention", "loading"),
        lambda capacity: 0.95 * capacity,
        ("nominal_capacity",),
        "mA h cm-2",
        "the retention starts from the nominal capacity",
        "the retention starts from less than the nominal capacity, so N/P and C-rate are others than stated",
        relation="at least",
        tolerance=0.005,
    ),
    Check(
        "energy that the coating costs",
        "loss = mass of the coating / mass of the stack, with the usual stack of the ledger",
        lambda stated: stated,
        ("coating_energy_cost",),
        _energy_cost,
        ("nominal_capacity", "mean_voltage", "loading", "lithium_thickness", "coating_thickness"),
        "1",
        "the loss of energy per mass is what the mass of the coating demands",
        "the stated loss is not that of this stack and coating",
        tolerance=0.2,
    ),
)
"""Of symmetric and full cells, and of the spectra."""
