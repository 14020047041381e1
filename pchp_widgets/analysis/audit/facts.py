"""What is known of a study, from its data or from the words of a paper, by subject and name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...model.claims import ClaimsFile
from ...model.units import conversion, magnitude
from .interval import Interval, interval

ITEMS = {
    "temperature": "temperature of cells and spectra",
    "electrolyte_volume": "volume of the electrolyte, or its ratio to the capacity",
    "replicates": "number of cells behind each number",
    "spread": "error bars, or what they are",
    "formation": "formation cycles, which a reference cycle other than the first implies",
    "charge_protocol": "how cells are charged: rate, constant-voltage step",
    "polarization_voltage": "step of the chronoamperogram behind a transference number",
    "symmetric_lithium": "thickness of lithium in symmetric cells",
    "pressure": "stack pressure",
    "lithium_source": "supplier and support of the lithium",
    "efficiency_window": "cycles over which an efficiency is averaged",
    "polarization_definition": "where on the half-cycle a polarization is read, and of one or both electrodes",
    "failure_criterion": "what ends the life of a cell",
    "failure_evidence": "how a cause of failure was established",
    "retention_reference": "cycle whose capacity is 100 %",
    "xps_fit": "charge reference and quality of the fit of XPS components",
}
"""What has to be stated for the numbers to be compared with others."""

FACTS: Mapping[str, tuple[str, str]] = {
    # cells
    "area": ("cm2", "of the electrode"),
    "diameter": ("mm", "of the lithium disc"),
    "current_density": ("mA cm-2", "in each half-cycle, or on charge and discharge"),
    "half_cycle_capacity": ("mA h cm-2", "passed in each half-cycle"),
    "cycles": ("1", "cycles passed"),
    "hours": ("h", "time passed"),
    "polarization": ("mV", "at half the capacity of a half-cycle, both electrodes"),
    "resistance_sum": ("ohm", "series, interfacial and charge-transfer resistance of the whole cell, from impedance"),
    "series_resistance_shift": ("ohm", "series resistance of coated cells minus that of bare ones"),
    "coated_faces": ("1", "coated faces of lithium in a cell"),
    "coating_thickness": ("um", "of one coating"),
    "conductivity": ("S cm-1", "of the coating"),
    "transference_number": ("1", "as measured on the whole cell"),
    "separator_transference": ("1", "of separator and electrolyte alone"),
    "separator_resistance": ("ohm cm2", "ohmic, of separator and electrolyte"),
    "coating_resistance": ("ohm cm2", "ohmic, of all coatings together"),
    "nominal_capacity": ("mA h cm-2", "stated for the cathode"),
    "loading": ("mg cm-2", "active material of the cathode"),
    "theoretical_capacity": ("mA h g-1", "of the active material, all lithium taken out"),
    "specific_capacity": ("mA h g-1", "on discharge, after the cycles of the retention"),
    "retention": ("1", "of the discharge capacity, after `cycles`"),
    "mean_efficiency": ("1", "mean Coulombic efficiency over the cycles of the retention"),
    "lithium_thickness": ("um", "of the anode before the first cycle"),
    "mean_voltage": ("V", "on discharge"),
    "coating_energy_cost": ("1", "loss of energy per mass of a stack through the coating, as stated"),
    "c_rate": ("h-1", "current over nominal capacity, as stated"),
    "n_to_p": ("1", "lithium of the anode over the nominal capacity of the cathode, as stated"),
    "lowest_frequency": ("Hz", "of the spectra"),
    "highest_frequency": ("Hz", "of the spectra"),
    # materials
    "acid_fraction_nmr": ("1", "nitrile groups converted to acid, from NMR"),
    "acid_fraction_ea": ("1", "nitrile groups converted to acid, from the nitrogen content"),
    "acid_fraction_xps": ("1", "of the acid groups that the repeat unit should have, from XPS"),
    "acid_content": ("mmol g-1", "carboxylic acid of the polymer before it is cross-linked"),
    "polymer_share": ("1", "mass of that polymer in the coating"),
    "coating_density": ("g cm-3", "of the dry coating"),
    "solution_concentration": ("mg mL-1", "of the solution that is cast"),
    "drop_volume": ("uL", "cast on one disc"),
    "crosslinker_share": ("1", "mass of the cross-linker in a coating without micropores"),
    "porosity_lost_above": ("1", "mass of the cross-linker above which micropores are said to be lost"),
    "pore_width": ("angstrom", "said to be present"),
    "scan_start": ("degree", "2 theta at which the diffraction scan begins"),
    "scan_stop": ("degree", "2 theta at which the diffraction scan ends"),
    "wavelength": ("angstrom", "of the X-rays"),
    "adsorption_temperature": ("K", "of the CO2 isotherm from which a BET area is given"),
    "adsorption_pressure": ("bar", "the highest of that isotherm"),
    "acid_shift": ("ppm", "13C signal assigned to carboxylic acid"),
    "acid_binding_energy": ("eV", "C 1s component assigned to carboxylic acid"),
    "alkoxide_binding_energy": ("eV", "Li 1s component assigned to C-O-Li"),
    "hydrogen": ("uL cm-2", "gas that was seen per area of coating, at 25 degC"),
}
"""Units of every number that checks use, and what it is."""


@dataclass(frozen=True)
class Statement:
    """What one place says of a subject in words: two that differ contradict each other."""

    subject: str
    says: str
    where: str


@dataclass(frozen=True)
class Facts:
    """Numbers by subject and name, statements, and what was said at all.

    Attributes
    ----------
    numbers
        By subject (a sample, a kind of cell) and name; what holds for all subjects stands under ``""``. Units are
        those of :data:`FACTS`.
    statements
        What is said in words.
    samples
        Names of samples that exist; any other that is `used` is a slip.
    used
        Names of samples as they are written, with the place.
    reported
        Whether each item of :data:`ITEMS` is stated, as far as that is asked.
    powers
        Powers of the quantities in the printed formula of the conductivity, by symbol: R, A, l.
    """

    numbers: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    samples: tuple[str, ...] = ()
    used: Mapping[str, str] = field(default_factory=dict)
    reported: Mapping[str, bool] = field(default_factory=dict)
    powers: Mapping[str, int] | None = None

    def of(self, subject: str, name: str) -> Interval | None:
        """One number of a subject, or of all; None where it is not known."""
        for numbers in (self.numbers.get(subject, {}), self.numbers.get("", {})):
            if name in numbers and numbers[name].known:
                return numbers[name]
        return None


def fact(name: str, text: str | float, low: str | float | None = None, high: str | float | None = None) -> Interval:
    """Read a number as a person writes it, in the unit of its fact.

    Parameters
    ----------
    name
        One of :data:`FACTS`.
    text
        ``"26 mV"``; ``low`` and ``high``, the ends of its interval, likewise.

    Raises
    ------
    ValueError
        When there is no such fact, or the text is no quantity of its kind; says what to write.
    """
    if name not in FACTS:
        raise ValueError(f"{name}: no such fact; there are {', '.join(FACTS)}")
    units, _ = FACTS[name]
    return interval(*(None if one is None else magnitude(one, units) for one in (text, low, high)))  # type: ignore[arg-type]


def converted(value: Interval, units: str, name: str) -> Interval:
    """A number in other units, in those of its fact."""
    factor, offset = conversion(units, FACTS[name][0])
    return Interval(*(factor * one + offset for one in value))


def stated_facts(of: ClaimsFile) -> Facts:
    """What a paper states, from its ``claims.toml``; subject ``all`` holds for every other.

    Raises
    ------
    ValueError
        When a fact does not exist or is no quantity of its kind; names the subject.
    """
    numbers: dict[str, dict[str, Interval]] = {}
    for subject, stated in of.facts.items():
        own = numbers.setdefault("" if subject == "all" else subject, {})
        for name, said in stated.items():
            try:
                own[name] = fact(name, *(said if isinstance(said, tuple) else (said,)))
            except ValueError as error:
                raise ValueError(f"facts of {subject!r}: {name}: {error}") from None
    return Facts(
        numbers,
        tuple(Statement(one.subject, says, where) for one in of.statements for says, where in one.says.items()),
        of.source.samples,
        of.wording.names,
        {name: name in of.wording.reported for name in ITEMS} if of.wording.reported is not None else {},
        of.wording.conductivity_formula,
    )
