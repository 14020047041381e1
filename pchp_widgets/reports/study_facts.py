"""What a study says of itself, as facts for the audit: of each kind of cell, of each coating, of each material."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np
import xarray as xr

from ..analysis import cycling, ledger, symmetric
from ..analysis import rate as rates
from ..analysis.audit import Facts, Interval
from ..analysis.spectra_resistances import of_cells
from ..model.cycles import merged_steps
from ..model.metadata import CellMetadata
from ..model.spectra import has_spectra
from .provenance import known_metadata
from .quantities import Evidence, materials, over_replicates, spectra
from .quantities import cells as quantities
from .source import has_half_cycles

Numbers = dict[str, Interval]

BARE = "bare"
ACTIVE_MATERIALS = {"LFP": 157.76, "NCM83": 97.43}
"""Molar mass of cathodes of which one lithium comes out per formula [g mol-1]: LiFePO4, LiNi0.83Mn0.06Co0.11O2."""
_GROUPED = ("kind", "cathode", "coating", "nominal_capacity", "protocol")
_HOUR, _MILLIVOLT = 3600.0, 1e3
_FIRST = 3
"""First cycle that counts, of full cells: those before it are formation."""


def study_facts(of: Evidence) -> Facts:
    """Facts of a study, by what they are about.

    Parameters
    ----------
    of
        The study.

    Returns
    -------
    Facts
        Subjects are kinds of cells, such as ``"LFP PCHP, 2.8 mA h cm⁻²"`` and ``"Li||Li bare"``. A number is the mean
        of the replicates with its 95 % interval.
    """
    numbers: dict[str, Numbers] = {}
    known = {name: known_metadata(of.study.cell(name)) for name in of.study.cells}
    for names in _groups(known).values():
        one = known[names[0]]
        trees = [tree for tree in map(of.study.cell, names) if has_half_cycles(tree)]
        collect = {"symmetric": _symmetric, "full": _full}.get(one.kind)
        if collect and trees:
            numbers.setdefault(_subject(one, numbers), {}).update({**_stated(one), **collect(trees)})
    for subject, found in (*_transport(of, known), *_materials(of)):
        numbers.setdefault(subject, {}).update(found)
    return Facts(numbers, samples=_samples(of), reported=_reported(known))


def _groups(known: Mapping[str, CellMetadata]) -> dict[tuple[object, ...], list[str]]:
    """Cells that differ in nothing but their replicate."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, one in known.items():
        groups.setdefault(tuple(str(getattr(one, field)) for field in _GROUPED), []).append(name)
    return groups


def _subject(one: CellMetadata, taken: Mapping[str, Numbers]) -> str:
    """Name of a kind of cell; of symmetric cells with their capacity where others of that name are there already."""
    what = "Li||Li" if one.kind in {"symmetric", "transport"} else one.cathode or one.kind
    capacity = f", {one.nominal_capacity:g} mA h cm⁻²" if np.isfinite(one.nominal_capacity) else ""
    name = f"{what} {one.coating}".rstrip() + capacity
    again = one.kind == "symmetric" and name in taken
    return f"{name}, {one.half_cycle_capacity:g} mA h cm⁻² a half-cycle" if again else name


def _stated(one: CellMetadata) -> Numbers:
    """What the metadata of a kind of cell state."""
    fields = ("area", "coating_thickness", "lithium_thickness", "loading", "nominal_capacity", "half_cycle_capacity")
    found = {name: _exactly(getattr(one, name)) for name in fields if np.isfinite(getattr(one, name))}
    if one.coated_faces > 0:
        found["coated_faces"] = _exactly(one.coated_faces)
    if one.cathode in ACTIVE_MATERIALS:
        found["theoretical_capacity"] = _exactly(ledger.FARADAY / 3.6 / ACTIVE_MATERIALS[one.cathode])
    return found


def _symmetric(trees: Sequence[xr.DataTree]) -> Numbers:
    """Time, cycles and current; polarization beside the resistances of the last cycle whose spectrum is known."""
    found = symmetric.polarization(trees)
    first = [_first_cycles(found, place) for place in range(found.sizes["cell"])]
    numbers = {
        "cycles": over_replicates([cycles for cycles, _, _ in first])[0],
        "hours": over_replicates([hours for _, hours, _ in first])[0],
        "current_density": over_replicates([current for _, _, current in first])[0],
    }
    with_spectra = [tree for tree in trees if has_spectra(tree)]
    if with_spectra:
        resistance, polarization = _resistance_and_polarization(with_spectra, found)
        numbers |= {"resistance_sum": resistance, "polarization": polarization}
        low = [float(tree["spectra"]["frequency"].min()) for tree in with_spectra]
        high = [float(tree["spectra"]["frequency"].max()) for tree in with_spectra]
        numbers |= {"lowest_frequency": _exactly(max(low)), "highest_frequency": _exactly(min(high))}
    return numbers


def _first_cycles(found: xr.Dataset, place: int) -> tuple[float, float, float]:
    """Cycles of a cell without pauses, the time they took [h], and their current density [mA cm-2]."""
    one = found.isel(cell=place)
    duration = one["duration"].sum("direction", min_count=2).values / _HOUR
    there = np.isfinite(duration)
    current = np.abs(one["current_density"].values) if "current_density" in one else np.full((1, 1), np.nan)
    return float(there.sum()), float(duration[there].sum()), float(np.nanmedian(current))


def _resistance_and_polarization(trees: Sequence[xr.DataTree], found: xr.Dataset) -> tuple[Interval, Interval]:
    resistances = of_cells(trees)
    total = resistances["series_resistance"].values + resistances["interfacial_resistance"].values
    cycles = resistances["cycle"].values
    values = symmetric.per_cycle(found, "mid").transpose("cell", "cycle")
    sums, polarizations = [], []
    for row, name in enumerate(resistances["cell"].values):
        after = cycles[row] + 1  # a spectrum is taken behind its cycle; the trace beside it is that of the next one
        known = np.flatnonzero(np.isfinite(total[row]) & np.isin(after, found["cycle"].values) & (cycles[row] > 0))
        if len(known):
            sums.append(total[row, known[-1]])
            polarizations.append(float(values.sel(cell=name, cycle=after[known[-1]])) * _MILLIVOLT)
    return over_replicates(sums)[0], over_replicates(polarizations)[0]


def _full(trees: Sequence[xr.DataTree]) -> Numbers:
    """Retention and efficiency of full cells in the last cycle all of them reached; nothing of a rate test."""
    found = cycling.per_cycle(merged_steps(tree["steps"].to_dataset().load() for tree in trees))
    if bool(rates.is_rate_test(found).any()):
        return {}
    kept = cycling.retention(found)
    left = kept["retention"].transpose("cell", "cycle").values
    ends = [int(found["cycle"].values[np.flatnonzero(np.isfinite(row))[-1]]) for row in left if np.isfinite(row).any()]
    if not ends:
        return {}
    last = min(ends)
    numbers = {
        "cycles": _exactly(last),
        "retention": over_replicates(kept["retention"].sel(cycle=last).values)[0],
        "current_density": over_replicates(kept["ageing_current"].values / found["area"].values)[0],
    }
    if last >= _FIRST:
        efficiency = cycling.mean_efficiency(found, _FIRST, last)["arithmetic"].values
        numbers["mean_efficiency"] = over_replicates(efficiency)[0]
        numbers["mean_voltage"] = over_replicates(found["discharge_voltage"].sel(cycle=_FIRST).values)[0]
    if "discharge_specific_capacity" in found:
        numbers["specific_capacity"] = over_replicates(found["discharge_specific_capacity"].sel(cycle=last).values)[0]
    return numbers


def _transport(of: Evidence, known: Mapping[str, CellMetadata]) -> Iterator[tuple[str, Numbers]]:
    """Transference number and conductivity of each coating, and the resistances that go with them."""
    coatings = sorted({one.coating for one in known.values() if one.kind == "transport"} - {BARE})
    every = {"cells": "*"}
    for coating in coatings:
        found: Numbers = {}
        for name, measure, of_whom in (
            ("transference_number", quantities.transference_number, coating),
            ("conductivity", quantities.conductivity, coating),
            ("separator_transference", quantities.transference_number, BARE),
        ):
            with suppress(ValueError):
                found[name] = measure(of, of_whom, every).interval
        with suppress(ValueError):
            found |= quantities.layer_resistances(of, coating, every)
        yield f"Li||Li {coating}", found


def _materials(of: Evidence) -> Iterator[tuple[str, Numbers]]:
    """Conversion by NMR and by elemental analysis, thickness in cross sections, and what instruments could see."""
    for material in _known_materials(of):
        found: Numbers = {}
        for name, measure, conditions in (
            ("acid_fraction_nmr", spectra.conversion, {"by": "nmr"}),
            ("acid_fraction_ea", spectra.conversion, {"by": "nitrogen"}),
            ("coating_thickness", materials.coating_thickness, {}),
        ):
            with suppress(ValueError):
                found[name] = measure(of, material, conditions).interval
        if found:
            yield material, {name: value for name, value in found.items() if value.known}


def _known_materials(of: Evidence) -> list[str]:
    """Materials of the samples of composition and of micrographs."""
    found = []
    for technique in ("composition", "micrograph"):
        for name in of.study.measurements.get(technique, ()):
            coords = of.study.measurement(technique, name).coords
            found += [str(coords["material"].values.ravel()[0])] if "material" in coords else []
    return list(dict.fromkeys(filter(None, found)))


def _samples(of: Evidence) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in of.study.measurements.values() for name in names))


def _reported(known: Mapping[str, CellMetadata]) -> dict[str, bool]:
    """What is stated of the cells: an item counts as stated when it is for every cell it concerns."""
    if not known:
        return {}
    cells = list(known.values())
    cycled = [one for one in cells if one.kind != "transport"]
    symmetric_cells = [one for one in cells if one.kind == "symmetric"]
    sizes = [len(names) for names in _groups(known).values()]
    stated = {
        "temperature": (cells, lambda one: np.isfinite(one.temperature)),
        "electrolyte_volume": (cells, lambda one: np.isfinite(one.electrolyte_volume)),
        "pressure": (cells, lambda one: np.isfinite(one.pressure)),
        "formation": ([one for one in cells if one.kind == "full"], lambda one: one.formation_cycles >= 0),
        "charge_protocol": (cycled, lambda one: bool(one.protocol)),
        "symmetric_lithium": (symmetric_cells, lambda one: np.isfinite(one.lithium_thickness)),
        "failure_criterion": (symmetric_cells, lambda one: bool(one.failure_criterion)),
    }
    found = {name: all(map(test, members)) for name, (members, test) in stated.items() if members}
    return {**found, "replicates": min(sizes) > 1}


def _exactly(value: float) -> Interval:
    return Interval(float(value), float(value), float(value))
