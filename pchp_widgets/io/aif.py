"""Adsorption information files (AIF): the STAR format of J. D. Evans et al., Langmuir 37 (2021) 4222."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .contract import Measured, ReaderError, ReadOptions
from .tables.isotherms import Table, bar_per, dataset, kelvin, metadata, number_in, numbers, uptake_factor

_LOOPS = {"_adsorp": 0.0, "_desorp": 1.0}
Loop = tuple[list[str], list[list[str]]]


class AifReader:
    """Isotherms in adsorption information files."""

    name = "aif"
    description = "isotherms in an adsorption information file (AIF)"
    suffixes = (".aif",)
    version = "1"
    fallback = False
    technique = "sorption"

    def sniff(self, head: bytes) -> str | None:
        """Say why a file is not ours."""
        words = (b"data_", b"_exptl_", b"_adsorp_")
        return None if all(word in head for word in words[:2]) else "no data_ block with _exptl_ items"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """Read the whole file."""
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        items, loops, broken = parsed(text)
        cut = broken or not text.endswith("\n")
        if cut and not options.partial:
            raise ReaderError(path, "ends in the middle of a line: partial=True gives the points before that")
        said = ["the file ends in the middle of a line; the points before that were read"] if cut else []
        gas, temperature = items.get("_exptl_adsorptive", ""), items.get("_exptl_temperature", "nan")
        T = kelvin(temperature, items.get("_units_temperature", "K"))
        table = _table(path, items, loops, gas)
        data = dataset(path, table, gas, T, said)
        mass = number_in(items.get("_adsnt_sample_mass", "nan"))
        weighed = f"{mass!r} {items.get('_units_mass', 'g')}" if np.isfinite(mass) and mass > 0 else ""
        degas = number_in(items.get("_adsnt_degas_temperature", "nan"))
        hot = f"{kelvin(degas, items.get('_units_temperature', 'K'))!r} K" if np.isfinite(degas) else ""
        own = {"instrument": "_exptl_instrument", "operator": "_exptl_operator", "start_time": "_exptl_date"}
        own |= {"sample_id": "_adsnt_sample_id"}
        return Measured(
            data,
            metadata(gas, T, material=items.get("_adsnt_material_id", ""), mass=weighed, degas_temperature=hot),
            {name: items[item] for name, item in own.items() if items.get(item)},
            dict(items),
            said,
        )


def parsed(text: str) -> tuple[dict[str, str], list[Loop], bool]:
    """Items and loops of a STAR file, and whether one of its lines is broken off."""
    items: dict[str, str] = {}
    loops: list[Loop] = []
    broken = looping = False
    for words in _lines(text):
        if words == ["loop_"]:
            loops.append(([], []))
            looping = True
        elif looping and words[0].startswith("_") and not loops[-1][1]:
            loops[-1][0].append(words[0])
        elif words[0].startswith("_"):
            looping = False
            items[words[0]] = " ".join(words[1:])
        elif looping and not words[0].startswith("data_"):
            whole = len(words) == len(loops[-1][0])
            broken |= not whole
            loops[-1][1].extend([words] if whole else [])
    return items, loops, broken


def _lines(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        try:
            yield shlex.split(bare)
        except ValueError:  # an apostrophe inside a word
            yield bare.split()


def _table(path: Path, items: dict[str, str], loops: list[Loop], gas: str) -> Table:
    pressure_unit, uptake_unit = items.get("_units_pressure", ""), items.get("_units_loading", "")
    factor = bar_per(pressure_unit)
    relative = re.sub(r"\W", "", pressure_unit).lower() in {"relative", "pp0", "ppo", "1"}
    mmol = uptake_factor(uptake_unit, gas)
    if factor is None and not relative:
        raise ReaderError(path, f"_units_pressure {pressure_unit!r} is no unit of pressure")
    if mmol is None:
        raise ReaderError(path, f"_units_loading {uptake_unit!r}: an amount per mass is expected, mmol/g")
    found: dict[str, list[np.ndarray]] = {"pressure": [], "p0": [], "amount": [], "way": []}
    for names, rows in loops:
        branch = next((branch for branch in _LOOPS if f"{branch}_pressure" in names), None)
        if branch is None or f"{branch}_amount" not in names or not rows:
            continue
        for name in ("pressure", "amount", "p0"):
            at = names.index(f"{branch}_{name}") if f"{branch}_{name}" in names else len(names)
            found[name].append(numbers(rows, at))
        found["way"].append(np.full(len(rows), _LOOPS[branch]))
    if not found["way"]:
        raise ReaderError(path, "has no loop of _adsorp_pressure and _adsorp_amount with points")
    pressure, p0, amount, way = (np.concatenate(parts) for parts in found.values())
    table = Table(amount * mmol, desorption=way)
    if factor is None:
        table.relative = pressure
    else:
        table.pressure = pressure * factor
        if np.isfinite(p0).all() and (p0 > 0).all():
            table.saturation = p0 * factor
    return table
