"""Tables and figures on the energy of the stacks a report is about; the numbers come from the analysis of energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import xarray as xr

from ..analysis import energy
from ..model.stated import stated_numbers, stated_texts
from ..model.units import pretty
from ..plots import energy as plots
from ..plots import inventory_view as view
from .display import Figure, Text
from .inventory import Inventory
from .tables import Column, Table

_LITHIUM_DISC = 1.32732
"""Area of a disc of 13 mm [cm2]."""

_SHARE = (
    "Share is what the coating costs, of the energy without it. No cell was built so: the numbers compare coatings and "
    "cathodes under the same assumptions, and stand or fall with them."
)

_PER = {"specific_energy": "mass", "energy_density": "volume"}


class Stack(NamedTuple):
    """What is known of the stack of one cell; NaN where it is not."""

    cell: str
    coating: str
    cathode: str
    capacity: float
    voltage: float
    loading: float
    lithium_thickness: float
    coating_thickness: float
    area: float

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """What :func:`~pchp_widgets.analysis.energy.stack_energy` takes."""
        return self.capacity, self.voltage, self.loading, self.lithium_thickness, self.coating_thickness


def stacks(of: Inventory, reference_cycle: int) -> list[Stack]:
    """The stack of each cell, with the capacity and the mean voltage it had on discharge in the reference cycle."""
    found, found_rows = of.found, range(of.found.sizes["cell"])
    volts = found["discharge_voltage"].transpose("cell", "cycle").values
    here = np.flatnonzero(found["cycle"].values == reference_cycle)
    usual = [float(np.median(row[np.isfinite(row)])) if np.isfinite(row).any() else np.nan for row in volts]
    voltage = [float(volts[row, here[0]]) if here.size else np.nan for row in found_rows]
    voltage = [one if np.isfinite(one) else other for one, other in zip(voltage, usual, strict=True)]
    texts = {name: stated_texts(found, name) for name in ("coating", "cathode")}
    numbers = {
        name: stated_numbers(found, name).tolist()
        for name in ("coating_thickness", "loading", "lithium_thickness", "area")
    }
    made = []
    for row in found_rows:
        coating = texts["coating"][row]
        thickness = 0.0 if coating == "bare" else numbers["coating_thickness"][row]
        made.append(
            Stack(
                str(found["cell"].values[row]),
                coating,
                texts["cathode"][row],
                float(of.balance["measured_capacity"].values[row]),
                voltage[row],
                numbers["loading"][row],
                numbers["lithium_thickness"][row],
                thickness,
                numbers["area"][row],
            )
        )
    return made


def energy_table(of: Sequence[Stack], changed: Mapping[str, float]) -> Table:
    """Energy of the stack of each cell, with its coating and without."""
    results = [energy.stack_energy(*one.numbers, of=energy.assumptions(one.cathode, changed)) for one in of]
    units = {"specific_energy": 1, "energy_density": 0, "specific_cost": 1, "density_cost": 0}
    numbers = {
        name: Column(name, [one[name].item() for one in results], str(results[0][name].attrs["units"]), digits=digits)
        for key, digits in units.items()
        for name in ([key, f"{key}_uncoated"] if "energy" in key else [key])
    }
    shares = {
        name: Column(name, [100 * one[name].item() for one in results], "%", digits=1)
        for name in ("specific_cost_share", "density_cost_share")
    }
    inputs = [
        Column("capacity", [one.capacity for one in of], "mA h cm-2", digits=2),
        Column("voltage", [one.voltage for one in of], "V", digits=3),
        Column("loading", [one.loading for one in of], "mg cm-2", digits=1),
        Column("lithium", [one.lithium_thickness for one in of], "um", digits=0),
        Column("coating_thickness", [one.coating_thickness for one in of], "um", digits=1),
    ]
    filling = Column("pore_filling", [one["pore_filling"].item() for one in results], digits=2)
    labels = [Column("cell", [one.cell for one in of]), Column("cathode", [one.cathode for one in of])]
    columns = [*numbers.values(), *shares.values(), filling]
    defined = ("specific_energy", "energy_density")
    shown = ("specific_energy", "specific_energy_uncoated", "energy_density", "energy_density_uncoated")
    return Table(
        "energy",
        "Energy of a stack, as measured in the reference cycle and with the assumptions below.",
        [*labels, *inputs, *columns],
        definitions=[(name.replace("_", " "), str(results[0][name].attrs["definition"])) for name in defined],
        notes=[_SHARE, *_unknown(of, results)],
        view=[*labels, inputs[0], inputs[1], *(numbers[name] for name in shown), *shares.values()],
    )


def assumptions_table(of: Sequence[Stack], changed: Mapping[str, float]) -> Table:
    """Every assumption about the stacks, with its reason."""
    cathodes = list(dict.fromkeys(one.cathode for one in of))
    rows: dict[tuple[str, float], tuple[str, str, list[str]]] = {}
    for cathode in cathodes:
        for name, value, units, why in energy.assumption_table(energy.assumptions(cathode, changed)):
            key = (name, round(value, 9) if np.isfinite(value) else -1.0)
            rows.setdefault(key, (units, why, []))[2].append(cathode)
    order = [name for name, *_ in energy.assumption_table(energy.assumptions())]
    rows = dict(sorted(rows.items(), key=lambda row: order.index(row[0][0])))
    texts = [
        why if len(who) == len(cathodes) else f"{', '.join(who) or 'unknown cathode'}: {why}"
        for _, why, who in rows.values()
    ]
    return Table(
        "stack_assumptions",
        "What is assumed about the stacks.",
        [
            Column("assumption", [name.replace("_", " ") for name, _ in rows]),
            Column("value", [f"{value:g}" if value >= 0 else "not known" for _, value in rows]),
            Column("units", ["" if units == "1" else pretty(units) for units, _, _ in rows.values()]),
            Column("why", texts),
        ],
        notes=["Change one with the parameter assumptions, as {'electrolyte_per_capacity': 6}."],
    )


def energy_figures(of: Sequence[Stack], changed: Mapping[str, float], change: float = 0.1) -> list[Figure | Text]:
    """Energy against the thickness of the coating for each cathode; what each assumption does to the first of them."""
    shown: list[Figure | Text] = []
    names = ("specific_energy", "energy_density")
    for stack in _one_each(of):
        assumed = energy.assumptions(stack.cathode, changed)
        if not np.isfinite([*stack.numbers, float(assumed.cathode_density)]).all():
            continue
        course = view.against_coating(*stack.numbers, assumed)
        about = f"{stack.cathode or 'Cathode'} of {stack.loading:g} mg cm⁻² (cell {stack.cell})"
        pictures = [plots.against_coating(course, name) for name in names]
        where, _, first = pictures[0].title.partition(": ")
        said = f"{where}: {first}; {pictures[1].title.removeprefix(f'{where}: ')}"
        words = f"{about}: specific energy and energy density against the thickness of the coating. At {said}."
        shown.append(Figure(tuple(replace(picture, title="") for picture in pictures), words))
        if len(shown) == 1:  # what matters most is much the same for all of them
            effects = energy.sensitivity(*stack.numbers, of=assumed, change=change)
            text = f"{about}: each assumption changed by {100 * change:g} %, one at a time."
            shown += [Figure((plots.tornado(effects, name),), f"{text} Per {per}.") for name, per in _PER.items()]
    return shown or [Text("No stack is known well enough for a figure: it takes area, loading, lithium and cathode.")]


def coating_table(of: Sequence[Stack], density: float, concentration: float) -> Table:
    """Mass of each thickness of coating, and the solution it takes to cast it on a disc."""
    coated = {(one.coating, one.coating_thickness): one for one in of if one.coating_thickness > 0}
    thickness = np.array([one.coating_thickness for one in coated.values()])
    area = np.array([one.area if np.isfinite(one.area) else _LITHIUM_DISC for one in coated.values()])
    made = energy.coating_mass(thickness, density, area, concentration)
    return Table(
        "coating",
        "What a coating weighs, and the volume of solution to cast it from.",
        [
            Column("coating", [coating for coating, _ in coated]),
            Column("thickness", thickness.tolist(), "um", digits=1),
            Column("density", [density] * len(coated), "g cm-3", digits=2),
            Column("areal_mass", made["areal_mass"].values.tolist()[: len(coated)], "mg cm-2", digits=2),
            Column("disc", area.tolist(), "cm2", digits=3),
            Column("mass", made["mass"].values.tolist()[: len(coated)], "mg", digits=2),
            Column("concentration", [concentration] * len(coated), "mg mL-1", digits=1),
            Column("volume", made["volume"].values.tolist()[: len(coated)], "uL", digits=0),
        ],
        notes=[] if coated else ["No cell has a coating of known thickness."],
    )


def _one_each(of: Sequence[Stack]) -> list[Stack]:
    """One stack for each cathode and loading: a coated one where there is any."""
    chosen: dict[tuple[str, float], Stack] = {}
    for one in sorted(of, key=lambda stack: not stack.coating_thickness > 0):
        chosen.setdefault((one.cathode, one.loading), one)
    return list(chosen.values())


def _unknown(of: Sequence[Stack], results: Sequence[xr.Dataset]) -> list[str]:
    names = ("capacity", "voltage", "loading", "lithium_thickness", "coating_thickness")
    said = []
    for name in names:
        cells = [one.cell for one in of if not np.isfinite(getattr(one, name))]
        if cells:
            said.append(f"{name.replace('_', ' ')} not known: {', '.join(cells)}.")
    thick = [one["pore_filling"].item() for one in results if one["pore_filling"].item() > 1]
    if thick:
        said.append(
            f"The electrolyte assumed takes {min(thick):.1f} to {max(thick):.1f} times the volume of the pores: real "
            "stacks would be thicker, and their energy density lower."
        )
    return said
