"""The bundled demo study: Li||Li, full and Li||Cu cells, bare and coated, and materials, in files of every format.

``python -m pchp_widgets.io.synthetic.study data/pchp-study`` writes it anew, byte for byte.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import xarray as xr

from . import study_files as files
from .cells import NOTICE, Recipe, state, symmetric_cell
from .full import RATES, FullCell, ageing_recipe, full_cell, full_state, rate_recipe
from .full_designs import DESIGNS
from .study_li_cu import LI_CU, li_cu_cell, li_cu_said
from .study_materials import Measured, demo_measurements
from .study_spectra import (
    CYCLES_WITH_SPECTRA,
    POLARIZED,
    SWEEP_SECONDS,
    WARMED,
    demo_polarized,
    demo_warmed,
    with_spectra,
)

GENERATOR_VERSION = "6"

_STUDY = f"""\
# {NOTICE}
# Regenerate with: python -m pchp_widgets.io.synthetic.study data/pchp-study

[study]
name = "PCHP on lithium metal"
description = "Bare lithium against a microporous polymer layer (PCHP): Li||Li, full and Li||Cu cells, materials"
notice = "{NOTICE}"

# Holds for every cell that does not say otherwise. What nobody stated (temperature, electrolyte volume, pressure)
# is left out, and reports say that it is missing.
[defaults]
area = "1.327 cm2"
electrolyte = "1 M LiPF6 in EC:DEC 1:1 (v/v) + 10 % FEC + 1 % VC (w/w)"
separator = "Celgard 2500"
"""


class Made(NamedTuple):
    """Points of a cell, and the truth they were made from, to be written as JSON."""

    points: xr.Dataset
    truth: Mapping[str, object]


class Entry(NamedTuple):
    """One cell of the demo study."""

    name: str
    """``<what>-<coating>-<replicate>``, or ``<coating>-<replicate>`` of a symmetric cell."""
    suffix: str
    """Ending of its file."""
    write: Callable[[xr.Dataset, Path], None]
    make: Callable[[], Made]
    said: Mapping[str, object]
    """What study.toml says of it beside name, file, coating and replicate."""


_SYMMETRIC: dict[str, tuple[int | None, str, Callable[[xr.Dataset, Path], None], dict[str, object]]] = {
    # first cycle with a short (from 0), ending of the file, its writer, and what only study.toml can say
    "bare-1": (172, ".mpr", files.modulo_bat_mpr, {}),
    "bare-2": (163, ".mpt", files.modulo_bat_mpt, {}),
    "bare-3": (179, ".csv", files.voltage_only, {"current": "1.327 mA"}),  # the file has no current
    "PCHP-1": (None, ".mpr", files.modulo_bat_mpr, {}),
    "PCHP-2": (None, ".bdf.csv", files.bdf, {}),
    "PCHP-3": (None, ".mpr", files.small_modulo_bat_mpr, {}),
}

_WITH_SPECTRA = (files.modulo_bat_mpr, files.small_modulo_bat_mpr, files.modulo_bat_mpt)
"""Files that can hold them: EC-Lab's."""

_FULL: dict[str, tuple[str, Callable[[xr.Dataset, Path], None], int, float]] = {
    # ending of the file, its writer, cycles (of bare LFP: the one with the short), and current density [mA cm-2]
    "LFP-bare-1": (".mpr", files.small_mpr, 275, 2.0),
    "LFP-bare-2": (".ndax", files.ndax, 262, 2.0),
    "LFP-bare-3": (".mpr", files.small_mpr, 286, 2.0),
    "LFP-PCHP-1": (".ndax", files.ndax, 500, 2.0),
    "LFP-PCHP-2": (".mpr", files.small_mpr, 500, 2.0),
    "LFP-PCHP-3": (".mpr", files.small_mpr, 500, 2.0),
    "NCM-bare-1": (".ndax", files.ndax, 200, 2.0),
    "NCM-bare-2": (".bdf.csv", files.bdf, 200, 2.0),
    "NCM-bare-3": (".ndax", files.ndax, 200, 2.0),
    "NCM-PCHP-1": (".ndax", files.ndax, 400, 2.0),
    "NCM-PCHP-2": (".ndax", files.ndax, 400, 2.0),
    "NCM-PCHP-3": (".ndax", files.ndax, 400, 2.0),
    "LFP3.9-PCHP-1": (".csv", files.semicolons, 300, 3.0),
    "rate-bare-1": (".mpr", files.small_mpr, 0, 0.0),
    "rate-bare-2": (".txt", files.tabs, 0, 0.0),
    "rate-bare-3": (".ndax", files.ndax, 0, 0.0),
    "rate-PCHP-1": (".mpt", files.mpt, 0, 0.0),
    "rate-PCHP-2": (".ndax", files.ndax, 0, 0.0),
    "rate-PCHP-3": (".bdf.csv", files.bdf, 0, 0.0),
}


_FAST: dict[str, tuple[str, Callable[[xr.Dataset, Path], None]]] = {
    # ending of the file, its writer
    "3mA-PCHP-1": (".mpr", files.small_mpr),
    "3mA-PCHP-2": (".ndax", files.ndax),
}
"""Symmetric cells at 3 mA cm-2 and 3 mA h cm-2."""
_FAST_CYCLES = 502
"""Of 2 h: longer than the 1000 h that are reported."""


def demo_entries() -> tuple[Entry, ...]:
    """Every cell of the demo study, in its order."""
    symmetric = (*map(_symmetric_entry, _SYMMETRIC), *map(_fast_entry, _FAST))
    transport = (*map(_polarized_entry, POLARIZED), *map(_warmed_entry, WARMED))
    return (*symmetric, *map(_full_entry, _FULL), *map(_li_cu_entry, LI_CU), *transport)


def write_demo_study(folder: Path | str, kinds: Collection[str] = ()) -> None:
    """Write ``study.toml``, the raw files and ``truth.json`` (what they were made from) into a folder.

    Parameters
    ----------
    folder
        Made when it is not there.
    kinds
        Only cells of these kinds, for tests; all when empty.
    """
    entries = [entry for entry in demo_entries() if not kinds or entry.said["kind"] in kinds]
    write_study(folder, entries, () if kinds else demo_measurements())


def write_study(folder: Path | str, entries: Iterable[Entry], measurements: Iterable[Measured]) -> None:
    """Write some cells and measurements as :func:`write_demo_study` writes all of them."""
    folder = Path(folder)
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    text, truth, known_of = _STUDY, {}, {}
    for entry in entries:
        made = entry.make()
        file = f"raw/{entry.name}{entry.suffix}"
        entry.write(made.points, folder / file)
        *_, coating, replicate = entry.name.split("-")
        said: dict[str, object] = {"name": entry.name, "file": file, "coating": coating, "replicate": replicate}
        said |= {"coating_thickness": "8 um"} if coating == "PCHP" else {}
        text += _table("cells", {**said, **entry.said})
        truth[entry.name] = made.truth
    for measured in measurements:
        measured.write(measured.data, folder / measured.file)
        text += _table("measurements", measured.said)
        known_of[f"{measured.technique}/{measured.sample}"] = measured.truth
    (folder / "study.toml").write_text(text, "utf-8", newline="\n")
    known = {"notice": NOTICE, "generator_version": GENERATOR_VERSION, "cells": truth, "measurements": known_of}
    (folder / "truth.json").write_text(json.dumps(known, indent=1) + "\n", "utf-8", newline="\n")


def _table(name: str, said: Mapping[str, object]) -> str:
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in said.items())
    return f"\n[[{name}]]\n" + "".join(lines)


def _symmetric_entry(name: str) -> Entry:
    short, suffix, write, more = _SYMMETRIC[name]
    seed = list(_SYMMETRIC).index(name)
    cycles = 500 if short is None else short + 18
    spread = 0.0 if name.endswith("-1") else 0.04

    def make() -> Made:
        made = state("PCHP" if name.startswith("PCHP") else "bare", cycles, spread=spread, seed=seed)
        cell = symmetric_cell(made, Recipe(area=1.327, cycles=cycles, points=21, short_at=short), seed=seed)
        if write not in _WITH_SPECTRA:
            return Made(cell.points, cell.truth)
        points, known = with_spectra(cell.points, made, area=1.327, seed=seed)
        waited = SWEEP_SECONDS * len(CYCLES_WITH_SPECTRA) / 3600 if short is not None else 0.0
        late = {"short_at_hours": round(cell.truth["short_at_hours"] + waited, 4)} if short is not None else {}
        return Made(points, cell.truth | known | late)

    said = {
        "kind": "symmetric",
        "half_cycle_capacity": "1 mA h cm-2",
        "protocol": "galvanostatic, 1 mA cm-2, 1 h plating and 1 h stripping by turns",
        **({"coated_faces": 2} if name.startswith("PCHP") else {}),
    }
    return Entry(name, suffix, write, make, said | more)


def _fast_entry(name: str) -> Entry:
    suffix, write = _FAST[name]

    def make() -> Made:
        spread, seed = (0.0 if name.endswith("-1") else 0.04), 20 + list(_FAST).index(name)
        recipe = Recipe(3.0, 3.0, area=1.327, cycles=_FAST_CYCLES, points=7)
        cell = symmetric_cell(state("PCHP", _FAST_CYCLES, spread=spread, seed=seed), recipe, seed=seed)
        return Made(cell.points, cell.truth)

    said = {
        "kind": "symmetric",
        "half_cycle_capacity": "3 mA h cm-2",
        "protocol": "galvanostatic, 3 mA cm-2, 1 h plating and 1 h stripping by turns",
        "coated_faces": 2,
    }
    return Entry(name, suffix, write, make, said)


def demo_full_cell(name: str) -> FullCell:
    """A full cell of the demo study, with its truth."""
    _, _, cycles, current_density = _FULL[name]
    what, replicate = name.rsplit("-", 1)
    seed = list(_FULL).index(name)
    design = DESIGNS[what]
    if design.short_at is not None:
        design = replace(design, short_at=cycles)
    if current_density:
        cv_until = 0.2 if what.startswith("NCM") else None
        formation = round(0.1 * design.cathode.capacity, 2)
        recipe = ageing_recipe(current_density, cycles, formation, cv_until=cv_until)
    else:
        recipe = rate_recipe()
    spread = 0.0 if replicate == "1" else 0.03
    return full_cell(
        design, full_state(design, len(recipe.current_density), spread=spread, seed=seed), recipe, seed=seed
    )


def _full_entry(name: str) -> Entry:
    suffix, write, _, current_density = _FULL[name]
    what = name.rsplit("-", 1)[0]
    cathode = DESIGNS[what].cathode
    low, high = cathode.cut_offs
    if current_density:
        charge = "then 0.2 mA cm-2 at 4.3 V" if what.startswith("NCM") else "no constant voltage"
        protocol = f"2 cycles at 0.1 C, then {current_density:g} mA cm-2 on charge ({charge}) and discharge"
    else:
        steps = ", ".join(f"{rate:g}" for rate in RATES)
        protocol = f"5 cycles at each of {steps} mA cm-2, the same on charge (no constant voltage) and discharge"
    said: dict[str, object] = {
        "kind": "full",
        "cathode": cathode.name,
        "loading": f"{cathode.loading:g} mg cm-2",
        "nominal_capacity": f"{cathode.capacity:g} mA h cm-2",
        "lithium_thickness": "35 um",
        "formation_cycles": 2 if current_density else 0,
        "protocol": f"{protocol}, {low:g} to {high:g} V, 10 min of rest after each",
        **({"coated_faces": 1} if "PCHP" in what else {}),
    }
    return Entry(name, suffix, write, lambda: _made_full(name), said)


def _made_full(name: str) -> Made:
    cell = demo_full_cell(name)
    of_cycle = cell.truth["discharge_capacity"].values
    last = int(of_cycle.size if "short_at_cycle" not in cell.truth.attrs else cell.truth.attrs["short_at_cycle"] - 1)
    efficiency = (cell.truth["discharge_capacity"] / cell.truth["charge_capacity"])[2:last]
    truth: dict[str, object] = {
        **{
            f"discharge_capacity_{n}": round(float(of_cycle[n - 1]), 6) for n in (3, 20, 35, 40, 100, last) if n <= last
        },
        "mean_efficiency": round(float(efficiency.mean()), 6),
        "lithium_efficiency": round(float(cell.state.lithium_efficiency[0]), 6),
        "excess_lithium_at_end": round(float(cell.truth["excess_lithium"][last - 1]), 4),
        "resistance_1": round(float(cell.state.resistance[0]), 4),
        **cell.truth.attrs,
    }
    return Made(cell.points, truth)


def _li_cu_entry(name: str) -> Entry:
    suffix, write = LI_CU[name]

    def make() -> Made:
        cell = li_cu_cell(name)
        return Made(cell.points, {key: round(value, 6) for key, value in cell.truth.items()})

    return Entry(name, suffix, write, make, li_cu_said(name))


def _polarized_entry(name: str) -> Entry:
    protocol = "polarization at 10 mV for 2.5 h, spectra of 300 kHz to 1 Hz at 10 mV right before and at the end"
    return _transport_entry(name, *POLARIZED[name], demo_polarized, protocol)


def _warmed_entry(name: str) -> Entry:
    protocol = "spectra of 300 kHz to 1 Hz at 10 mV, 25 to 55 °C"
    return _transport_entry(name, *WARMED[name], demo_warmed, protocol)


def _transport_entry(
    name: str,
    suffix: str,
    write: Callable[[xr.Dataset, Path], None],
    make: Callable[[str, int], tuple[xr.Dataset, dict[str, object]]],
    protocol: str,
) -> Entry:
    *_, coating, replicate = name.split("-")
    faces = {"coated_faces": 2} if coating == "PCHP" else {}
    said = {"kind": "transport", "protocol": protocol, **faces}
    return Entry(name, suffix, write, lambda: Made(*make(coating, int(replicate))), said)


if __name__ == "__main__":
    write_demo_study(sys.argv[1])
