"""A first ``study.toml``, with what is known, guessed and missing."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from ...model.metadata import UNITS, CellMetadata, cell_metadata
from ...model.samples import SAMPLE_UNITS, SampleMetadata
from ..joining.part import hours
from .found import CellFile, MeasurementFile
from .groups import Cell
from .kinds import kind

_OF_THE_CELL = ("coating", "replicate")
"""What differs from cell to cell and stands with each, to be filled in."""
_USUAL = {
    "thermal": ("mass",),
    "diffraction": ("wavelength",),
    "sorption": ("gas", "mass", "degas_temperature", "degas_time"),
    "adhesion": ("width", "peel_angle", "failure_mode"),
    "indentation": ("thickness", "substrate", "poisson_ratio"),
    "photoemission": ("state", "charge_shift"),
}
"""Metadata of samples that the analysis of a technique asks for."""


def draft(folder: Path, cells: Sequence[Cell], measurements: Sequence[MeasurementFile], unread: dict[Path, str]) -> str:
    """The text of a first ``study.toml``.

    Parameters
    ----------
    folder
        The folder; its name becomes that of the study.
    cells, measurements
        What was found in it.
    unread
        Why files are not used.
    """
    lines = [
        f"# First study.toml of {folder.name}, written by `pchp inspect` on {date.today().isoformat()}.",  # noqa: DTZ011
        "# Check what was guessed, fill in what is missing, then build the study: pchp build FOLDER",
        '# What stands behind "# " is left out. To use such a line, take these two signs away and fill in the "...".',
        "# The kind of a cell is symmetric (Li||Li), transport (Li||Li, not cycled), full, half or li_cu.",
        "",
        "[study]",
        f"name = {_text(folder.name)}",
        '# description = "..."',
        '# notice = "..."  # shown with every figure and report',
    ]
    guesses = {cell.name: kind(cell.tree) for cell in cells}
    if cells:
        lines += ["", *_defaults(cells, guesses)]
    for cell in cells:
        lines += ["", *_cell(cell, *guesses[cell.name])]
    for measured in measurements:
        lines += ["", *_measurement(measured, measurements)]
    if unread:
        lines += ["", *_remark(["Files that are not used, and why:"])]
        for path, reason in unread.items():
            lines += _remark([f"{path.as_posix()}: {reason}"], "#   ")
        if any("columns=" in reason for reason in unread.values()):
            lines += ["#   In a table [[cells]], headers are explained by a line such as"]
            lines += ['#   columns = { time = "t [s]", voltage = "E [V]", current = "I [mA]" }']
    return "\n".join(lines) + "\n"


def _defaults(cells: Sequence[Cell], guesses: dict[str, tuple[str, str]]) -> Iterator[str]:
    """What nobody says of the cells, once for all of them."""
    absent: dict[str, None] = {}
    for cell in cells:
        absent |= dict.fromkeys(cell_metadata({"kind": guesses[cell.name][0]}).missing())
    stated = {name: _stated(cell) for cell in cells for name in _stated(cell)}
    yield "# Holds for every cell that does not say otherwise; it wins over what a file states."
    yield "[defaults]"
    for field in absent:
        if field in {"kind", *_OF_THE_CELL}:
            continue
        about = CellMetadata.model_fields[field].description or ""
        known = "; some files state it" if field in stated else ""
        yield f"# {field} = {_example(field, UNITS)}{f'  # {about}{known}' if about or known else ''}"


def _cell(cell: Cell, guess: str, reason: str) -> Iterator[str]:
    needs = sorted({part.needs for part in cell.parts if part.needs})
    off = "# " if needs else ""
    for part in cell.parts:
        yield from _remark([f"{part.path.name}: {_about(part)}" if len(cell.parts) > 1 else _about(part)])
    yield from _remark(cell.why)
    said = [text for text in cell.tree.attrs["warnings"] if not needs]
    yield from _remark([f"warning: {text}" for text in said[:_SHOWN]])
    if len(said) > _SHOWN:
        yield f"# ... {len(said) - _SHOWN} more warnings: pchp show"
    if needs:
        yield from _remark(["it holds no current: say its amplitude and take the signs away from this table"])
    yield f"{off}[[cells]]"
    yield f"{off}name = {_text(cell.name)}"
    one = len(cell.files) == 1
    single = one and len(cell.parts) == 1
    files = _text(cell.files[0]) if one else json.dumps(cell.files, ensure_ascii=False)
    yield f"{off}{'file' if single else 'files'} = {files}"
    for field in needs:
        yield f"{off}{field} = {_example(field, UNITS)}  # {CellMetadata.model_fields[field].description}"
    if guess:
        yield f"{off}kind = {_text(guess)}  # guessed: {reason}"
    else:
        yield from _remark([f"the kind is not guessed: {reason}"])
        yield '# kind = "..."'
    for field, value in _stated(cell).items():
        yield f"# {field} = {_text(value)}  # as the file states"
    for field in _OF_THE_CELL:
        about = CellMetadata.model_fields[field].description
        yield f'# {field} = "..."{f"  # {about}" if about else ""}'


_SHOWN = 4


def _stated(cell: Cell) -> dict[str, str]:
    """Metadata the files state, with their units."""
    coords = cell.tree["steps" if "steps" in cell.tree.children else "spectra"].coords
    found = {}
    for field, info in CellMetadata.model_fields.items():
        value = coords[field].values.item() if field in coords and field not in {"cycle_rule", "current"} else ""
        if value not in {"", info.default} and value == value:  # noqa: PLR0124  NaN is not stated
            found[field] = f"{value:.6g} {UNITS[field]}" if field in UNITS else str(value)
    return found


def _about(part: CellFile) -> str:
    """A file in one line: what it holds, the technique, the instrument, its start."""
    attrs, tree = part.tree.attrs, part.tree
    found = []
    if "steps" in tree.children:
        steps = tree["steps"].to_dataset()
        span = float((steps["time_start"] + steps["duration"]).max() - steps["time_start"].min())
        found.append(f"{part.points} points over {hours(span)}")
        found.append(f"{float(steps['voltage_min'].min()):.4g} to {float(steps['voltage_max'].max()):.4g} V")
        if not part.needs:
            found.append(f"up to {float(np.abs(steps['current_mean']).max()):.4g} mA")
    if "spectra" in tree.children:
        count = tree["spectra"].sizes["spectrum"]
        found.append(f"{count} spectr{'um' if count == 1 else 'a'}")
    found += [str(attrs[name]) for name in ("technique", "instrument") if attrs.get(name)]
    found += [f"channel {attrs['channel']}"] if attrs.get("channel") else []
    found += [f"started {attrs['start_time']}"] if attrs.get("start_time") else []
    return "; ".join(" ".join(text.split()) for text in found)


def _measurement(measured: MeasurementFile, others: Sequence[MeasurementFile]) -> Iterator[str]:
    name = measured.path.stem
    twice = [one for one in others if one.path.stem == name and one.technique == measured.technique]
    said = [str(text) for text in measured.data.attrs.get("warnings", ())]
    yield from _remark([f"warning: {text}" for text in said[:_SHOWN]])
    yield "[[measurements]]"
    yield f"name = {_text('-'.join(measured.path.with_suffix('').parts) if len(twice) > 1 else name)}"
    yield f"technique = {_text(measured.technique)}"
    yield f"file = {_text(measured.path.as_posix())}"
    yield f'# material = "..."  # {SampleMetadata.model_fields["material"].description}'
    for field in _USUAL.get(measured.technique, ()):
        known = field in measured.data.coords and str(measured.data[field].values.ravel()[0]) not in {"", "nan"}
        if not known:
            about = SampleMetadata.model_fields[field].description
            yield f"# {field} = {_example(field, SAMPLE_UNITS)}{f'  # {about}' if about else ''}"


def _example(field: str, units: dict[str, str]) -> str:
    if field in units:
        return _text(f"... {units[field]}".removesuffix(" 1"))
    return "..." if field in {"coated_faces", "formation_cycles"} else '"..."'


def _remark(sentences: Iterable[str], sign: str = "# ") -> Iterator[str]:
    for sentence in sentences:
        text = " ".join(sentence.split())
        yield from textwrap.wrap(
            text,
            118,
            initial_indent=sign,
            subsequent_indent=f"{sign}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _text(value: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(value, ensure_ascii=False)
