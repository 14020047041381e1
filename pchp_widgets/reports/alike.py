"""Which cells may be compared: those that differ in nothing but the coating, as far as anybody said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..model.metadata import UNITS, CellMetadata
from ..model.units import pretty
from .ratios import FAMILY, families, groups, pairs
from .tables import Column, Table
from .typography import typeset

_OF_THE_COATING = {"coating", "coated_faces", "coating_thickness", "replicate", "notes", "failure_criterion"}
_OF_THE_FILE = {"current", "cycle_rule", "formation_cycles"}
_LONG = 24


def with_families(found: xr.Dataset, fields: Sequence[str]) -> xr.Dataset:
    """The same with the coordinate ``family``: cells that agree in all of these metadata have the same.

    A family is called by those of its values in which the families differ. What is too long for a name, such as a
    protocol, is called by what it alone says or else numbered; :func:`groups_table` spells it out.

    Raises
    ------
    ValueError
        When a field is no metadata of a cell.
    """
    known = set(CellMetadata.model_fields)
    for field in fields:
        if field not in known:
            raise ValueError(f"alike: there is no metadata {field!r}; there are {', '.join(sorted(known))}")
    values = [_texts(found, field) for field in fields]
    whole = list(zip(*values, strict=True)) if values else [()] * found.sizes["cell"]
    kinds = list(dict.fromkeys(whole))
    names = dict.fromkeys(kinds, "")
    for place, field in enumerate(fields):
        if len(set(names.values())) == len(kinds):
            break
        choices = list(dict.fromkeys(kind[place] for kind in kinds))
        if len(choices) > 1:
            words = {text: _word(text, field, choices) for text in choices}
            names = {kind: ", ".join(filter(None, (name, words[kind[place]]))) for kind, name in names.items()}
    return found.assign_coords({FAMILY: ("cell", [names[kind] for kind in whole])})


def groups_table(found: xr.Dataset, fields: Sequence[str]) -> Table:
    """The groups that are compared: their cells, and what the cells of a family have in common."""
    rows = [
        (family, coating, cells)
        for family, members in families(found).items()
        for coating, cells in groups(found.sel(cell=members)).items()
    ]
    shared = [
        Column(field, [_texts(found.sel(cell=cells), field)[0] for _, _, cells in rows])
        for field in fields
        if len(set(_texts(found, field))) > 1
    ]
    columns = [
        Column(FAMILY, [family for family, _, _ in rows]),
        Column("coating", [coating for _, coating, _ in rows]),
        Column("n", [len(cells) for _, _, cells in rows]),
        Column("cells", [", ".join(cells) for _, _, cells in rows]),
        *shared,
    ]
    notes = [f"Cells are compared only with those of the same {', '.join(fields).replace('_', ' ')}."] if fields else []
    return Table("groups", "The groups.", columns, notes=notes)


def differences(found: xr.Dataset, reference: str) -> list[str]:
    """In what else, besides the coating, coated cells differ from those of the reference; a sentence per pair."""
    fields = [name for name in CellMetadata.model_fields if name not in _OF_THE_COATING | _OF_THE_FILE]
    said = []
    for family, coating, coated, other in pairs(found, reference):
        of = f"{family}: " if family else ""
        unlike = []
        for field in fields:
            values = set(_texts(found.sel(cell=[*coated, *other]), field))
            if len(values) > 1:
                unlike.append(field.replace("_", " "))
        if unlike:
            said.append(f"{of}{coating} and {reference} cells are not alike in {', '.join(unlike)} either.")
    return said


def unlike(found: xr.Dataset) -> list[str]:
    """A warning where the cells were not cycled alike."""
    said = []
    for name, what in (("current_density", "current densities"), ("areal_capacity", "capacities per half-cycle")):
        medians = abs(found[name]).median(("cycle", "direction"))
        if bool(medians.isnull().any()):
            said.append(f"Whether the {what} agree is not known, because the area of a cell is not.")
        elif float(medians.max()) > 1.05 * float(medians.min()):
            said.append(f"The cells were not cycled alike: their {what} differ by more than 5 %.")
    return said


def _texts(found: xr.Dataset, field: str) -> list[str]:
    """A field of the metadata of each cell in words, ``""`` where nobody said."""
    if field not in found.coords:
        return [""] * found.sizes["cell"]
    values = found[field].values
    if values.dtype.kind == "f":
        units = pretty(UNITS.get(field, "1"))
        return ["" if np.isnan(one) else f"{one:.6g} {units}".strip() for one in values]
    return ["" if str(one) == "-1" else str(one) for one in values]


def _word(text: str, field: str, choices: Sequence[str]) -> str:
    """A value short enough for the name of a family: what no other choice says, if the whole is too long."""
    short = text.partition(":")[0]
    if not text:
        return f"{field.replace('_', ' ')} unknown"
    if len(short) <= _LONG:
        return short
    others = {part for one in choices if one != text for part in one.split(", ")}
    own = typeset(", ".join(part for part in text.split(", ") if part not in others))
    return own if 0 < len(own) <= _LONG else f"{field.replace('_', ' ')} {choices.index(text) + 1}"
