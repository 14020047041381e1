"""Energy of a cell stack per mass and volume, what a coating costs, and which assumption matters how much.

A stack is one cathode against one lithium anode with their separator, and the share of the foils that belongs to them.
Everything that a coin cell does not say is an :class:`Assumptions`, with the reason for each value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Annotated, get_type_hints

import numpy as np
import numpy.typing as npt
import xarray as xr

from .ledger import DENSITY

FloatArray = npt.NDArray[np.float64]
Number = float | FloatArray

COMPONENTS = ("cathode", "lithium", "copper", "aluminium", "separator", "electrolyte", "coating")
"""Parts of a stack."""

SOLID_DENSITY = {"LFP": 3.4, "NCM": 4.5, "NMC": 4.5}
"""Density of a cathode without its pores, by the first letters of its active material [g cm-3]. Values with which the
reference stacks were computed. Active material with 10 % of carbon and binder comes to 3.3 (LFP) and 4.1 (NCM83) from
densities of 3.6, 4.75 and 1.9 g cm-3 (from memory), which would lower W h L-1."""


@dataclass(frozen=True)
class Assumptions:
    """What is taken for granted about a stack; each field is annotated with its units and why.

    Change some of them with :func:`dataclasses.replace`, or :func:`assumptions` for a cathode by name.
    """

    copper_thickness: Annotated[Number, "um", "thin foil of today's production; carries the lithium"] = 8.0
    aluminium_thickness: Annotated[Number, "um", "common foil of a cathode"] = 15.0
    foil_share: Annotated[Number, "1", "each foil is coated on both faces, so half of it belongs to a stack"] = 0.5
    separator_thickness: Annotated[Number, "um", "Celgard 2500, as in the cells"] = 25.0
    separator_porosity: Annotated[Number, "1", "Celgard 2500, data sheet"] = 0.55
    separator_density: Annotated[Number, "g cm-3", "polyolefin without pores; 0.90 to 0.95 are in use"] = 0.95
    electrolyte_per_capacity: Annotated[Number, "g A-1 h-1", "lean; coin cells hold ten times as much"] = 3.0
    electrolyte_density: Annotated[Number, "g cm-3", "carbonates with 1 M LiPF6 (from memory)"] = 1.2
    active_share: Annotated[Number, "1", "active material : carbon : binder = 9 : 0.5 : 0.5"] = 0.9
    cathode_porosity: Annotated[Number, "1", "calendered electrode; the loading alone does not tell"] = 0.3
    cathode_density: Annotated[Number, "g cm-3", "cathode without pores: known by its active material only"] = np.nan
    coating_density: Annotated[Number, "g cm-3", "dry polymer; 1.05 to 1.2 are plausible"] = 1.1
    coated_faces: Annotated[Number, "1", "a stack has one face of lithium opposite its cathode"] = 1.0
    lithium_density: Annotated[Number, "g cm-3", "at 20 degC, CRC Handbook"] = DENSITY
    copper_density: Annotated[Number, "g cm-3", "CRC Handbook"] = 8.96
    aluminium_density: Annotated[Number, "g cm-3", "CRC Handbook"] = 2.70
    packaging_share: Annotated[Number, "1", "none: share of the mass and volume of the whole cell"] = 0.0

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = np.asarray(getattr(self, entry.name), float)
            if bool((value < 0).any()):
                raise ValueError(f"{entry.name}: {getattr(self, entry.name)} is below 0")
            if entry.name in _BELOW_ONE and bool((value >= 1).any()):
                raise ValueError(f"{entry.name}: {getattr(self, entry.name)} is not below 1")
            if entry.name in _ABOVE_ZERO and bool((value == 0).any()):
                raise ValueError(f"{entry.name}: must be above 0")


_RESULTS = {
    "areal_energy": ("mW h cm-2", "capacity x mean voltage on discharge"),
    "specific_energy": ("W h kg-1", "areal energy / mass of the stack"),
    "energy_density": ("W h L-1", "areal energy / thickness of the stack"),
    "specific_energy_uncoated": ("W h kg-1", "areal energy / mass of the stack without coating"),
    "energy_density_uncoated": ("W h L-1", "areal energy / thickness of the stack without coating"),
    "specific_cost": ("W h kg-1", "uncoated - coated"),
    "density_cost": ("W h L-1", "uncoated - coated"),
    "specific_cost_share": ("1", "(uncoated - coated) / uncoated, per mass"),
    "density_cost_share": ("1", "(uncoated - coated) / uncoated, per volume"),
    "pore_filling": (
        "1",
        "volume of the electrolyte / pores of cathode and separator; above 1 the stack is thicker than counted",
    ),
}
_BELOW_ONE = ("separator_porosity", "cathode_porosity", "packaging_share")
_ABOVE_ZERO = ("active_share", "cathode_density", "electrolyte_density")


def assumptions(cathode: str = "", changed: Mapping[str, float] | None = None) -> Assumptions:
    """The assumptions for a cathode by name, some of them changed.

    Parameters
    ----------
    cathode
        Active material, such as ``"NCM83"`` or ``"LFP"``. The density of others is not known and stays NaN, and with
        it all that is per volume.
    changed
        Values by name.

    Raises
    ------
    ValueError
        When there is no such assumption, or a value is not possible.
    """
    known = {entry.name for entry in fields(Assumptions)}
    unknown = sorted((changed or {}).keys() - known)
    if unknown:
        raise ValueError(f"{unknown[0]}: no such assumption; there are {', '.join(sorted(known))}")
    name = cathode.upper().replace("-", "")
    density = next((value for start, value in SOLID_DENSITY.items() if name.startswith(start)), np.nan)
    return replace(Assumptions(cathode_density=density), **{key: float(of) for key, of in (changed or {}).items()})


def assumption_table(of: Assumptions) -> list[tuple[str, float, str, str]]:
    """Name, value, units and reason of each assumption; the reason tells the usual value where another was chosen."""
    usual = Assumptions()
    rows = []
    for name, (units, why) in _reasons().items():
        value, default = float(getattr(of, name)), float(getattr(usual, name))
        changed = np.isfinite(default) and value != default
        rows.append((name, value, units, f"{why} (changed from {default:g})" if changed else why))
    return rows


def stack_energy(
    capacity: npt.ArrayLike,
    voltage: npt.ArrayLike,
    loading: npt.ArrayLike,
    lithium_thickness: npt.ArrayLike,
    coating_thickness: npt.ArrayLike = 0.0,
    *,
    of: Assumptions,
) -> xr.Dataset:
    """Energy of a stack per mass and volume, with its coating and without.

    E = Q V; mass and thickness are the sums over :data:`COMPONENTS`.

    Parameters
    ----------
    capacity
        Areal capacity Q delivered on discharge [mA h cm-2]. Numbers and arrays along one dimension, here and below;
        all that are arrays are as long as each other.
    voltage
        Mean voltage on discharge [V].
    loading
        Active mass of the cathode [mg cm-2].
    lithium_thickness, coating_thickness
        [um]
    of
        Assumptions.

    Returns
    -------
    Dataset
        (stack): ``areal_energy`` [mW h cm-2]; ``specific_energy`` [W h kg-1] and ``energy_density`` [W h L-1], and
        ``_uncoated``; ``specific_cost``, ``density_cost`` of the coating in the same units, ``_share`` of it of the
        uncoated stack [1]; ``pore_filling`` [1], the volume of the electrolyte over that of all pores, above 1 where
        the stack is thicker than counted; and ``mass`` [mg cm-2] and ``thickness`` [um] (component, stack). What
        rests on something unknown is NaN.
    """
    given = (capacity, voltage, loading, lithium_thickness, coating_thickness)
    everything = [np.asarray(one, float) for one in (*given, *(getattr(of, entry.name) for entry in fields(of)))]
    q, v, active, lithium, coating = (np.atleast_1d(one) for one in np.broadcast_arrays(*everything)[: len(given)])
    mass, thickness = _parts(q, active, lithium, coating, of)
    keep = 1 - np.asarray(of.packaging_share, float)
    energy = q * v
    whole = [keep * energy / mass.sum(0) * 1e3, keep * energy / thickness.sum(0) * 1e4]
    # the coating is the last of the components
    bare = [keep * energy / mass[:-1].sum(0) * 1e3, keep * energy / thickness[:-1].sum(0) * 1e4]
    pores = (thickness[0] * of.cathode_porosity + thickness[4] * of.separator_porosity) * 1e-4
    filling = mass[5] * 1e-3 / of.electrolyte_density / pores
    values = (
        energy, *whole, *bare, bare[0] - whole[0], bare[1] - whole[1], 1 - whole[0] / bare[0], 1 - whole[1] / bare[1],
        filling,
    )  # fmt: skip
    return _stacks(values, mass, thickness)


def _stacks(values: tuple[FloatArray, ...], mass: FloatArray, thickness: FloatArray) -> xr.Dataset:
    parts = {"mass": (mass, "mg cm-2"), "thickness": (thickness, "um")}
    return xr.Dataset(
        {
            name: ("stack", of_stack, {"units": units, "definition": text})
            for of_stack, (name, (units, text)) in zip(values, _RESULTS.items(), strict=True)
        }
        | {
            name: (("component", "stack"), of_part, {"units": units, "definition": f"{name} of each part"})
            for name, (of_part, units) in parts.items()
        },
        {"component": list(COMPONENTS)},
    )


def sensitivity(
    capacity: float,
    voltage: float,
    loading: float,
    lithium_thickness: float,
    coating_thickness: float = 0.0,
    *,
    of: Assumptions,
    change: float = 0.1,
) -> xr.Dataset:
    """What each assumption does to the energy of one stack when it is changed by the same share, one at a time.

    Parameters
    ----------
    capacity, voltage, loading, lithium_thickness, coating_thickness, of
        As for :func:`stack_energy`, one number each.
    change
        Relative change, above 0 and below 1. A share that must stay below 1 is changed as far as it can be.

    Returns
    -------
    Dataset
        ``value`` (assumption, side) of the assumption, and the ``specific_energy`` [W h kg-1] and ``energy_density``
        [W h L-1] with it, for side ``"low"`` and ``"high"``; ``lithium_thickness`` and ``coating_thickness`` stand
        among them. ``reference`` values are in the attributes.
        Sorted: the one with the largest effect per mass comes first.

    Raises
    ------
    ValueError
        When the change is not above 0 and below 1.
    """
    if not 0 < change < 1:
        raise ValueError(f"change {change}: a relative change above 0 and below 1 is expected, such as 0.1")
    measured = {"lithium_thickness": lithium_thickness, "coating_thickness": coating_thickness}
    names = [*measured, *(entry.name for entry in fields(of))]
    values = np.array([*measured.values(), *(float(getattr(of, entry.name)) for entry in fields(of))])
    count = len(names)
    changed = _one_at_a_time(names, values, change)
    own = np.arange(count)
    rows = dict(zip(names, changed, strict=True))
    inputs = [rows.pop(name) for name in measured]
    found = stack_energy(capacity, voltage, loading, *inputs, of=Assumptions(**rows))
    plain = stack_energy(capacity, voltage, loading, *measured.values(), of=of)
    effect = {name: found[name].values.reshape(2, count).T for name in ("specific_energy", "energy_density")}
    moved = np.abs(np.diff(effect["specific_energy"], axis=1)[:, 0])
    order = np.argsort(-np.where(np.isfinite(moved), moved, -1), kind="stable")
    two = ("assumption", "side")
    varied = np.stack([changed[own, own + place * count] for place in (0, 1)], axis=1)
    return xr.Dataset(
        {
            "value": (two, varied[order], {"long_name": "value of the assumption, in its own units"}),
            **{
                name: (two, values[order], {"units": found[name].attrs["units"], "definition": "with that value"})
                for name, values in effect.items()
            },
        },
        {"assumption": [names[place] for place in order], "side": ["low", "high"]},
        {"change": change, "reference": {name: plain[name].item() for name in effect}},
    )


def _one_at_a_time(names: list[str], values: FloatArray, change: float) -> FloatArray:
    """A row per assumption and a column per stack: each is smaller in one of them, then larger in one of them."""
    count = len(names)
    changed = np.repeat(values[:, None], 2 * count, axis=1)
    own = np.arange(count)
    for place, factor in enumerate((1 - change, 1 + change)):
        changed[own, own + place * count] *= factor
    for name in _BELOW_ONE:
        row = names.index(name)
        changed[row] = np.minimum(changed[row], max(values[row], 0.99))
    return changed


def coating_mass(
    thickness: npt.ArrayLike, density: npt.ArrayLike, area: npt.ArrayLike, concentration: npt.ArrayLike
) -> xr.Dataset:
    """Mass of a dry coating and the volume of solution to cast it from.

    Parameters
    ----------
    thickness
        Of the dry coating [um].
    density
        Of it [g cm-3].
    area
        Of the coated disc [cm2].
    concentration
        Of the solution [mg mL-1].

    Returns
    -------
    Dataset
        (coating): ``areal_mass`` [mg cm-2] = density x thickness, ``mass`` of the disc [mg] and ``volume`` [uL].

    Raises
    ------
    ValueError
        When the concentration is not above 0.
    """
    t, rho, a, c = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(one, float)) for one in (thickness, density, area, concentration))
    )
    if bool((c <= 0).any()):
        raise ValueError("concentration: above 0, in mg mL-1")
    areal = 0.1 * rho * t
    table = {
        "areal_mass": (areal, "mg cm-2", "density x thickness"),
        "mass": (areal * a, "mg", "areal mass x area"),
        "volume": (areal * a / c * 1e3, "uL", "mass / concentration"),
    }
    return xr.Dataset(
        {
            name: ("coating", values, {"units": units, "definition": text})
            for name, (values, units, text) in table.items()
        }
    )


def _parts(
    capacity: FloatArray, active: FloatArray, lithium: FloatArray, coating: FloatArray, of: Assumptions
) -> tuple[FloatArray, FloatArray]:
    """Mass [mg cm-2] and thickness [um] of each component; 1 um of 1 g cm-3 weighs 0.1 mg cm-2."""
    cathode = active / of.active_share
    coatings = coating * of.coated_faces
    copper, aluminium = of.copper_thickness * of.foil_share, of.aluminium_thickness * of.foil_share
    mass = (
        cathode,
        0.1 * of.lithium_density * lithium,
        0.1 * of.copper_density * copper,
        0.1 * of.aluminium_density * aluminium,
        0.1 * of.separator_density * (1 - of.separator_porosity) * of.separator_thickness,
        of.electrolyte_per_capacity * capacity,
        0.1 * of.coating_density * coatings,
    )
    # the electrolyte is in the pores
    pressed = 10 * cathode / of.cathode_density / (1 - of.cathode_porosity)
    thickness = (pressed, lithium, copper, aluminium, of.separator_thickness, np.zeros(1), coatings)
    whole = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, float)) for one in (*mass, *thickness)))
    return np.stack(whole[: len(COMPONENTS)]), np.stack(whole[len(COMPONENTS) :])


@cache
def _reasons() -> dict[str, tuple[str, str]]:
    """Units and reason of each assumption."""
    hints = get_type_hints(Assumptions, include_extras=True)
    return {name: hint.__metadata__ for name, hint in hints.items()}


__all__ = [
    "COMPONENTS",
    "SOLID_DENSITY",
    "Assumptions",
    "assumption_table",
    "assumptions",
    "coating_mass",
    "sensitivity",
    "stack_energy",
]
