"""Bare against coated cells of one kind: what is measured of each, and how far it differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import xarray as xr

from ..analysis import coulombic, cycling, symmetric
from ..analysis.cycle_life import fading, plating_and_stripping
from ..model.cycles import merged_steps
from .alike import differences, unlike, with_families
from .cycling_shorts import lives, short_signs
from .ratios import Compared, LifeCompared, compared, families, life_ratios, pairs, polarization_ratios
from .source import Source

ALIKE = ("cathode", "nominal_capacity", "protocol")
"""Metadata in which cells must agree to be compared."""

ANY = "any"
"""The criterion that holds as soon as one of the others does."""

_MILESTONES = 100
_LEAST_AGEING = 0.5


@dataclass(frozen=True)
class Settings:
    """What the reader of a comparison may choose; the parameters of the report.

    Attributes
    ----------
    reference
        Coating of the cells that the others are compared with.
    definition
        Which polarization of symmetric cells.
    criterion
        Which life; when empty that of the metadata, else the retention of full cells, and of others whichever fired
        first.
    level, reference_cycle
        End of life of a full cell, and the cycle whose retention is 1.
    cycles
        At which retention is compared; every hundredth that all cells of a family reached, and the last, when empty.
    voltage_limit
        Of the criterion ``voltage`` of symmetric cells [V].
    confidence
        Level of the intervals, as far as the replicates allow.
    alike
        Metadata in which cells must agree to be compared.
    """

    reference: str = "bare"
    definition: symmetric.Definition = "mid"
    criterion: str = ""
    level: float = 0.8
    reference_cycle: int = 3
    cycles: tuple[int, ...] = ()
    voltage_limit: float = 0.5
    confidence: float = 0.9
    alike: tuple[str, ...] = ALIKE


@dataclass(frozen=True)
class Comparison:
    """Cells of one kind, compared.

    Attributes
    ----------
    settings
        What was chosen; its ``criterion`` is the one that was meant.
    life
        (cell, criterion), the coordinates of the cells with it; ``any`` is among the criteria where there are several.
    numbers, lives
        Every quantity and every life against the reference.
    notes
        What to know before believing them.
    left_out
        Which cells are not compared, and why.
    """

    settings: Settings
    life: xr.Dataset
    numbers: list[Compared]
    lives: list[LifeCompared]
    notes: list[str]
    left_out: str

    @property
    def by_criterion(self) -> xr.Dataset:
        """Lives by every criterion that stands by itself."""
        return self.life.sel(criterion=self.life["criterion"] != ANY)


class _Measured(NamedTuple):
    """Numbers and lives of the cells of one kind, and the life that is meant where nobody says which."""

    life: xr.Dataset
    numbers: list[Compared]
    notes: list[str]
    criterion: str = ANY


def compare(cells: Source, kind: str, settings: Settings) -> Comparison:
    """Compare the coatings of cells of one kind.

    Parameters
    ----------
    cells
        The cells; each has half-cycles.
    kind
        ``"symmetric"``, ``"full"``, ``"half"`` or ``"li_cu"``.
    settings
        What to compare, and how.

    Raises
    ------
    ValueError
        When the kind, the criterion or a field of `alike` is not known.
    """
    if kind not in _KINDS:
        raise ValueError(f"kind {kind!r}: cells of one kind are compared; choose one of {', '.join(_KINDS)}")
    measured = _KINDS[kind](cells, settings)
    life = _with_any(measured.life)
    criterion = _meant(settings.criterion, measured.criterion, life)
    chosen = replace(settings, criterion=criterion)
    compared_cells = {str(name) for name in life["cell"].values}
    idle = [str(tree.name) for tree in cells.cells if str(tree.name) not in compared_cells]
    return Comparison(
        chosen,
        life,
        measured.numbers,
        life_ratios(life, reference=settings.reference, confidence=settings.confidence),
        [*measured.notes, *differences(life, settings.reference)],
        f"{', '.join(idle)}: fewer than half of the cycles ran at one current; no ageing test." if idle else "",
    )


def _symmetric(cells: Source, settings: Settings) -> _Measured:
    found = with_families(symmetric.polarization(cells.cells), settings.alike)
    life = symmetric.life(found, finished=cells.finished, voltage_limit=settings.voltage_limit)
    numbers = polarization_ratios(
        found, life, settings.definition, reference=settings.reference, confidence=settings.confidence
    )
    notes = [
        f"{family}: {text}" if family else text
        for family, members in families(found).items()
        for text in unlike(found.sel(cell=members))
    ]
    return _Measured(life, numbers, ["Cycles are those that all cells have before any hard short.", *notes])


def _full(cells: Source, settings: Settings, of: str = "discharge_capacity") -> _Measured:
    found = cycling.per_cycle(_steps(cells))
    there = found[of].notnull().sum("cycle").values
    counted = cycling.retention(found, settings.reference_cycle, of=of)["retention"].notnull().sum("cycle").values
    found = with_families(found.isel(cell=(counted > 0) & (counted >= _LEAST_AGEING * there)), settings.alike)
    kept = cycling.retention(found, settings.reference_cycle, of=of)
    numbers = []
    for members in families(found).values():
        numbers += _of_family(found.sel(cell=members), kept.sel(cell=members), settings, of)
    note = (
        f"Retention of the {of.replace('_', ' ')}, relative to {kept.attrs['reference']}. A cell that ended before a "
        "cycle is left out there, so n may fall, and what remains are the better cells."
    )
    signs = short_signs(cells.cells, found, settings.reference_cycle)
    faded = fading(found, kept, settings.level)
    life = faded if signs is None else lives(found, kept, settings.level, signs)
    return _Measured(life, numbers, [note], "retention")


def _half(cells: Source, settings: Settings) -> _Measured:
    return _full(cells, settings, "charge_capacity")


def _of_family(found: xr.Dataset, kept: xr.Dataset, settings: Settings, of: str) -> list[Compared]:
    """Capacity, retention, efficiency and voltage gap of full cells that may be compared."""
    against = partial(compared, reference=settings.reference, confidence=settings.confidence)
    if not list(pairs(found, settings.reference)):
        return []
    left = kept["retention"].transpose("cell", "cycle")
    shared = [int(number) for number in left["cycle"].values[np.isfinite(left.values).all(0)]]
    shared = [number for number in shared if number > settings.reference_cycle]
    milestones = [number for number in shared if not number % _MILESTONES]
    at = settings.cycles or tuple(dict.fromkeys([*milestones, *shared[-1:]]))
    direction, _, rest = of.partition("_")
    numbers: list[Compared] = []
    for per, units in (("specific", "mA h g-1"), ("areal", "mA h cm-2"), ("", "mA h")):
        name = "_".join(filter(None, (direction, per, rest)))
        value = cycling.retention(found, settings.reference_cycle, of=name)["reference_value"]
        if bool(value.notnull().all()) or not per:
            where = f"cycle {settings.reference_cycle}"
            numbers += against(value, name.replace("_", " "), where, units, "ratio")
            break
    for cycle in at:
        one = 100 * left.sel(cycle=cycle) if cycle in left["cycle"].values else 100 * left.isel(cycle=0) * np.nan
        numbers += against(one, "retention", f"cycle {cycle}", "%", "difference")
    if shared:
        first, last = settings.reference_cycle, shared[-1]
        mean = 100 * cycling.mean_efficiency(found, first, last)["arithmetic"]
        span = f"mean of cycles {first} to {last}"
        numbers += against(mean, "Coulombic efficiency", span, "%", "difference")
        gap = 1e3 * found["voltage_gap"].sel(cycle=last)
        numbers += against(gap, "voltage gap", f"cycle {last}", "mV", "ratio")
    return numbers


def _copper(cells: Source, settings: Settings) -> _Measured:
    steps = with_families(_steps(cells), settings.alike)
    found = coulombic.efficiency(steps)
    efficiency = 100 * found["coulombic_efficiency"]
    against = partial(compared, reference=settings.reference, confidence=settings.confidence)
    where = "by the protocol"
    numbers = against(efficiency, "Coulombic efficiency", where, "%", "difference")
    numbers += against(100 - efficiency, "charge lost per cycle", where, "%", "ratio")
    undecided = [str(name) for name in found["cell"].values[~np.isfinite(efficiency.values)]]
    notes = [f"Coulombic efficiency: {found['coulombic_efficiency'].attrs['definition']}."]
    if undecided:
        notes.append(f"No efficiency could be decided for {', '.join(undecided)}: left out.")
    return _Measured(plating_and_stripping(found, cycling.per_cycle(steps)["time_start"]), numbers, notes)


_KINDS: Mapping[str, Callable[[Source, Settings], _Measured]] = {
    "symmetric": _symmetric,
    "full": _full,
    "half": _half,
    "li_cu": _copper,
}


def _steps(cells: Source) -> xr.Dataset:
    return merged_steps(tree["steps"].to_dataset().load() for tree in cells.cells)


def _with_any(life: xr.Dataset) -> xr.Dataset:
    """The same with the criterion ``any``, where there are several."""
    if life.sizes["criterion"] == 1:
        return life
    first = symmetric.first_failure(life)
    text = "whichever of the criteria fired first"
    one = first[["cycle", "time", "observed"]].expand_dims(criterion=[ANY])
    whole = xr.concat(
        [life, one.assign_coords(definition=("criterion", [text]))], "criterion", combine_attrs="override"
    )
    return whole.transpose("cell", "criterion")


def _meant(asked: str, usual: str, life: xr.Dataset) -> str:
    """The criterion that was asked for, else that of the metadata where all cells have the same, else the usual one."""
    known = [str(name) for name in life["criterion"].values]
    if asked and asked not in known:
        raise ValueError(f"criterion {asked!r} is not known of these cells; choose one of {', '.join(known)}")
    stated = {str(one) for one in life["failure_criterion"].values} if "failure_criterion" in life.coords else set()
    said = stated.pop() if len(stated) == 1 else ""
    return asked or (said if said in known else usual)
