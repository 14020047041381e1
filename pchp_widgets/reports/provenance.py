"""Tables every report ends with: what is not known of the cells, what was assumed, where the numbers come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ..model.metadata import CellMetadata
from .tables import Column, Table, readable

_COUNTER = "the instrument's own counter"
_AGREES = 0.01
"""Share of the largest step up to which integral and counter are said to agree."""

WHY_IT_MATTERS: dict[str, str] = {
    "kind": "decides which half-cycle opens a cycle and which failure criteria mean something",
    "coating": "the cell cannot be put into a group and compared",
    "coated_faces": "the resistance of the coating counts once or twice",
    "coating_thickness": "no conductivity of the coating, and no comparison at equal thickness",
    "area": "current density and areal capacity are unknown; charge stands in mA h and current in mA",
    "lithium_thickness": "how much of the lithium moves in a half-cycle is unknown",
    "cathode": "cells with different cathodes cannot be told apart, and would be averaged",
    "loading": "specific capacity cannot be given",
    "nominal_capacity": "no C-rate, and no ratio of lithium to cathode by design",
    "cathode_thickness": "volumetric capacity cannot be given",
    "electrolyte": "polarization and life depend on it more than on most coatings",
    "electrolyte_volume": "a lean cell dries out long before a flooded one",
    "separator": "its resistance is part of the polarization",
    "temperature": "resistances fall by several per cent per kelvin",
    "pressure": "stack pressure changes how lithium grows, and with it the life",
    "formation_cycles": "which cycles belong to the test proper is not known",
    "protocol": "current, capacity and limits are read off the trace, not off the plan",
}
"""What cannot be said, or means less, as long as a field of the metadata is unknown."""


def missing_metadata(cells: Sequence[xr.DataTree]) -> Table:
    """Fields nobody filled in, for which cells, and why that matters."""
    absent: dict[str, list[str]] = {}
    for tree in cells:
        for field in known_metadata(tree).missing():
            absent.setdefault(field, []).append(str(tree.name))
    columns = [
        Column("field", list(absent)),
        Column("cells", [_names(found, cells) for found in absent.values()]),
        Column("why_it_matters", [WHY_IT_MATTERS.get(field, "") for field in absent]),
    ]
    remedy = 'They are given in study.toml, or as meta: --meta area="1.327 cm2".'
    return Table(
        "missing_metadata",
        "What is not known of the cells, and why it matters.",
        columns,
        notes=[remedy if absent else "Nothing is missing."],
        view=_view(columns, cells),
    )


def assumptions(cells: Sequence[xr.DataTree]) -> Table:
    """What was derived, assumed or decided on the way from the file to the numbers."""
    said: dict[tuple[str, str], list[str]] = {}
    for tree in cells:
        for statement in _statements(tree):
            said.setdefault(statement, []).append(str(tree.name))
    order = list(dict.fromkeys(what for what, _ in said))
    said = dict(sorted(said.items(), key=lambda item: order.index(item[0][0])))
    columns = [
        Column("what", [what for what, _ in said]),
        Column("how", [how for _, how in said]),
        Column("cells", [_names(found, cells) for found in said.values()]),
    ]
    caption = "What was measured, derived, assumed or decided."
    return Table("assumptions", caption, columns, view=_view(columns, cells))


def reader_warnings(cells: Sequence[xr.DataTree]) -> Table:
    """Everything the readers passed over, repaired or found doubtful."""
    rows = [(str(tree.name), text) for tree in cells for text in texts(tree.attrs.get("warnings", ()))]
    return Table(
        "reader_warnings",
        "What the readers passed over, repaired or found doubtful.",
        [Column("cell", [cell for cell, _ in rows]), Column("warning", [text for _, text in rows])],
        notes=[] if rows else ["No reader had anything to remark."],
    )


def provenance(cells: Sequence[xr.DataTree]) -> Table:
    """Where the numbers of each cell come from."""
    kept = ("source_file", "source_sha256", "source_bytes", "instrument", "software", "start_time", "test_finished")
    made = ("reader", "reader_version", "pchp_widgets_version", "schema_version")
    columns = [Column(name, [_one_text(tree.attrs.get(name, "")) for tree in cells]) for name in (*kept, *made)]
    names = Column("cell", [str(tree.name) for tree in cells])
    spoken = [_spoken(tree) for tree in cells]
    view = [
        Column("cell", [cell for cell, facts in zip(names.values, spoken, strict=True) for _ in facts]),
        Column("what", [what for facts in spoken for what, _ in facts]),
        Column("value", [value for facts in spoken for _, value in facts]),
    ]
    return Table("provenance", "Where the numbers come from.", [names, *columns], view=view)


def files(attrs: Mapping[Any, Any]) -> list[dict[str, str]]:
    """Of each file of a cell: its name, size in bytes, SHA-256, and the reader that read it."""
    names = ("source_file", "source_bytes", "source_sha256", "reader", "reader_version")
    values = [value if isinstance(value := attrs.get(name, ""), list) else [value] for name in names]
    return [dict(zip(names, map(str, one), strict=True)) for one in zip(*values, strict=True)]


def _one_text(value: object) -> object:
    return "; ".join(map(str, value)) if isinstance(value, list) else value


def texts(value: object) -> list[str]:
    """A list of texts, also where a store gave back a single one as text."""
    if isinstance(value, str):
        return [value] if value else []
    return [str(text) for text in value] if isinstance(value, Iterable) else []


def known_metadata(tree: xr.DataTree) -> CellMetadata:
    """What is known of a cell, from the coordinates of its tree."""
    coords = tree["steps" if "steps" in tree.children else "spectra"].coords
    known = {name: coords[name].values.item() for name in CellMetadata.model_fields if name in coords}
    return CellMetadata.model_construct(**known)


def _view(columns: Sequence[Column], cells: Sequence[xr.DataTree]) -> list[Column]:
    return [column for column in columns if column.name != "cells" or len(cells) > 1]


def _names(found: Sequence[str], cells: Sequence[xr.DataTree]) -> str:
    if len(found) == len(cells):
        return found[0] if len(found) == 1 else f"all {len(cells)}"
    return ", ".join(found)


def _statements(tree: xr.DataTree) -> Iterable[tuple[str, str]]:
    if "steps" not in tree.children:
        yield "impedance", "measured by the instrument"
        yield "cycle", "unknown: there is no trace beside the spectra"
        return
    steps, points = tree["steps"].to_dataset(), tree["points"].to_dataset()
    for name in ("current", "voltage", "time"):
        origin = str(points[name].attrs.get("origin", ""))
        if origin or name == "current":
            yield name, origin or "measured by the instrument"
    rule, why = steps.attrs.get("cycle_rule", ""), steps.attrs.get("cycle_rule_origin", "")
    yield "cycle rule", f"{rule}: {steps.attrs.get('cycle_rule_meaning', '')} ({why})"
    if 0 in steps["cycle"].values[(steps["point_count"].isel(cell=0) > 0).any("step").values]:
        yield "cycle 0", "what precedes the first half-cycle that opens a cycle: a half-cycle without its partner"
    limit = float(steps.attrs.get("rest_current", 0))
    yield "rest", f"|current| below {limit:.3g} mA, unless the instrument says what a rest is"
    yield "charge", str(steps.attrs.get("integration", ""))
    if "charge_difference" in steps and steps["charge_difference"].notnull().any():
        largest = float(abs(steps["charge_difference"]).max() / abs(steps["charge"]).max())
        how = "agrees with {} within" if largest < _AGREES else "departs from {} by up to"
        yield "charge", f"{how.format(_COUNTER)} {_bound(largest)} of the largest step"
    if np.isnan(known_metadata(tree).area):
        yield "area", "unknown: charge stands in mA h and current in mA"


def _bound(share: float) -> str:
    """A share rounded up to one digit, so that small changes of the arithmetic do not change the statement."""
    if share <= 1e-6:
        return "0.0001 %"
    size = 10.0 ** np.floor(np.log10(share))
    return f"{np.ceil(share / size) * size * 100:.6g} %"


def _spoken(tree: xr.DataTree) -> list[tuple[str, str]]:
    known = {name: str(value) for name, value in tree.attrs.items()}
    finished = {"yes": "yes", "no": "no"}.get(known.get("test_finished", ""), "the file does not say")
    of_files = files(tree.attrs)
    facts = [("file", f"{one['source_file']} ({readable(int(one['source_bytes'] or 0))} bytes)") for one in of_files]
    facts += [("SHA-256", one["source_sha256"]) for one in of_files]
    facts += [
        (
            "instrument",
            ", ".join(known[name] for name in ("instrument", "software", "serial_number") if known.get(name)),
        ),
        ("start", known.get("start_time", "")),
        ("test finished", finished),
    ]
    facts += [
        ("reader", said) for said in dict.fromkeys(f"{one['reader']} {one['reader_version']}" for one in of_files)
    ]
    facts += [("pchp_widgets", known.get("pchp_widgets_version", ""))]
    return [(what, value) for what, value in facts if value.strip()]
