"""The raw files of one cell to its steps, points and spectra with their provenance."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from ..model.cycles import steps as count_steps
from ..model.metadata import UNITS, CellMetadata, CycleRule, cell_metadata
from ..model.segments import rest_current
from ..model.spectra import spectra
from .contract import Reader, ReaderError, ReaderWarning, ReadOptions, Recording
from .files import Source, sources
from .joining import Part, joined
from .reading import joint_provenance, provenance, read_file
from .registry import reader_for

_RULE_OF_KIND: dict[str, CycleRule] = {
    "symmetric": "plating_first",
    "transport": "plating_first",
    "li_cu": "plating_first",
    "full": "charge_first",
    "half": "discharge_first",
}


def open_cell(
    path: Path | str | Sequence[Path | str],
    *,
    name: str | None = None,
    partial: bool = False,
    columns: Mapping[str, str] | None = None,
    **metadata: object,
) -> xr.DataTree:
    """Open the raw file of one cell, or all files of it.

    Parameters
    ----------
    path
        The file as the instrument wrote it, a pattern such as ``"cell_A_*.mpr"``, or a list of both. Which reader takes
        a file is decided by its content. Several files become one cell with one time and one count of cycles, see
        :func:`~pchp_widgets.io.joining.joined`; ``{cycle}`` in a pattern stands for the number of the cycle in which
        a spectrum was measured: ``"cell_A_EIS_{cycle}.mpr"``.
    name
        Name of the cell; the file's name without its ending when left out, of several what their names share.
    partial
        Take what is sound of a damaged or still growing file, with a warning, instead of raising.
    columns
        For text files with headers of their own: our name to theirs, ``{"time": "t (h)", "voltage": "E [mV]"}``.
    **metadata
        Fields of :class:`~pchp_widgets.model.metadata.CellMetadata`, with units: ``area="1.327 cm2"``,
        ``coating="PCHP"``, ``kind="symmetric"``, ``cycle_rule="plating_first"``. They override what the file says.

    Returns
    -------
    DataTree
        Children ``steps`` (cell, cycle, step), ``points`` (point) and, where the file has them, ``spectra``
        (cell, spectrum, frequency). Metadata are coordinates on ``cell``; provenance is in the attributes, in lists
        where there are several files.

    Raises
    ------
    ReaderError
        When no reader takes the file or it is damaged, and when files do not make one cell.
    ValueError
        When a metadata field is unknown, its quantity has no or a wrong unit, or a pattern matches no file.

    Examples
    --------
    >>> cell = open_cell("symmetric.mpr", area="1.327 cm2", coating="PCHP")  # doctest: +SKIP
    >>> cell["steps"].charge.sum("step")  # doctest: +SKIP
    >>> cell = open_cell(["A_01_GCPL.mpr", "A_02_GCPL.mpr", "A_EIS_{cycle}.mpr"])  # doctest: +SKIP
    """
    cell_metadata(metadata)  # what is wrong with it is said before a file is looked for
    return cell_of(sources(path), name=name, partial=partial, columns=columns, **metadata)


def cell_of(
    files: Sequence[Source],
    *,
    name: str | None = None,
    partial: bool = False,
    columns: Mapping[str, str] | None = None,
    **metadata: object,
) -> xr.DataTree:
    """The cell that files make together; arguments and errors as for :func:`open_cell`."""
    current = cell_metadata(metadata).current
    options = ReadOptions(partial=partial, current=current, columns=dict(columns or {}))
    parts = []
    for path, cycle in files:
        reader = reader_for(path)
        recording, digest = read_file(reader, path, options, frames=2)
        parts.append(Part(path, reader, recording, digest, cycle))
    if len(parts) == 1 and parts[0].cycle is None:
        (one,) = parts
        return cell_tree(one.recording, one.path, one.reader, name or one.path.stem, metadata, one.digest)
    recording, parts = joined(parts)
    tree = _tree(recording, parts[0].path, [part.name for part in parts], name or common_name(parts), metadata)
    own = sum(len(part.recording.warnings) for part in parts)  # said when the files were read
    doubts = _misplaced(tree, recording)
    for text in [*recording.warnings[: len(recording.warnings) - own], *doubts]:
        warnings.warn(f"{tree.name}: {text}", ReaderWarning, stacklevel=3)
    recording.warnings[:0] = doubts
    tree.attrs.update(joint_provenance(recording, parts))
    return tree


def cell_tree(
    recording: Recording, path: Path, reader: Reader, name: str, metadata: Mapping[str, object], digest: str
) -> xr.DataTree:
    """Count steps and cycles of the recording of one file and put everything in its place."""
    tree = _tree(recording, path, [path.name], name, metadata)
    tree.attrs.update(provenance(recording, path, reader, digest))
    return tree


def common_name(parts: Sequence[Part]) -> str:
    """What the names of several files begin with alike, without what counts them; the first name where they do not."""
    first, *others = [part.path.stem for part in parts]
    length = next((at for at, sign in enumerate(first) if any(sign != other[at : at + 1] for other in others)), None)
    shared = re.sub(r"[\W_]+\d*$", "", first[:length])
    return shared or first


def _misplaced(tree: xr.DataTree, recording: Recording) -> list[str]:
    """Where the cycles that the names of files tell and those of the trace contradict each other."""
    if recording.spectra is None or "steps" not in tree.children or "cycle" not in recording.spectra:
        return []
    said = np.unique(recording.spectra["cycle"].values)
    counted = tree["steps"].to_dataset()["cycle"].values
    absent = [str(cycle) for cycle in said if cycle >= 0 and cycle not in counted]
    names = f"spectra were taken in cycle {', '.join(absent)} by the names of their files"
    return [f"{names}, but the trace has cycles {counted.min()} to {counted.max()}"] if absent else []


def _tree(
    recording: Recording, path: Path, files: Sequence[str], name: str, metadata: Mapping[str, object]
) -> xr.DataTree:
    try:
        known = cell_metadata({**recording.metadata, **metadata})
    except ValueError as error:
        raise ReaderError(path, str(error)) from None
    points = recording.points
    coords = _coordinates(known, files)
    children: dict[str, xr.Dataset] = {}
    if "time" in points and points.sizes["point"]:
        limit = rest_current(points["current"].values)
        rule, origin = _cycle_rule(known, points, limit)
        try:
            children["steps"] = count_steps(
                points,
                rule=rule,
                cell=name,
                area=known.area,
                threshold=limit,
                coords=coords | {"cycle_rule": ("cell", [rule])},
                attrs={"cycle_rule_origin": origin},
            )
        except ValueError as error:
            raise ReaderError(path, str(error)) from None
        children["points"] = points
    if recording.spectra is not None and recording.spectra.sizes.get("point", 0):
        try:
            children["spectra"] = spectra(recording.spectra, children.get("steps"), name, coords)
        except ValueError as error:
            raise ReaderError(path, str(error)) from None
    if not children:
        raise ReaderError(path, "holds no points: neither a trace nor a spectrum")
    finished = {None: "unknown", True: "yes", False: "no"}[recording.finished]
    root = xr.Dataset(attrs={"cell": name, "test_finished": finished})
    tree = xr.DataTree(root, name=name)
    tree.children = {key: xr.DataTree(child) for key, child in children.items()}  # from_dict would copy them once more
    if "points" in children:
        tree.children["points"].attrs["cell"] = name
    return tree


def _cycle_rule(known: CellMetadata, points: xr.Dataset, limit: float) -> tuple[CycleRule, str]:
    """The rule, and why it is this one."""
    if known.cycle_rule:
        return known.cycle_rule, "given"
    if known.kind:
        return _RULE_OF_KIND[known.kind], f"usual for kind {known.kind!r}"
    current = points["current"].values
    first = np.flatnonzero(np.abs(current) > limit)[:1]
    starts_with_charge = bool(len(first)) and bool(current[first[0]] > 0)
    return (
        "charge_first" if starts_with_charge else "discharge_first"
    ), "direction of the first half-cycle in the file"


def _coordinates(known: CellMetadata, files: Sequence[str]) -> dict[str, tuple[str, list[object], dict[str, str]]]:
    found: dict[str, tuple[str, list[object], dict[str, str]]] = {"source_file": ("cell", [", ".join(files)], {})}
    for field, value in known:
        found[field] = ("cell", [value], {"units": UNITS[field]} if field in UNITS else {})
    return found
