"""One raw file to one cell: steps, points and spectra with their provenance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from ..model.cycles import steps as count_steps
from ..model.metadata import UNITS, CellMetadata, CycleRule, cell_metadata
from ..model.segments import rest_current
from ..model.spectra import spectra
from .contract import Reader, ReaderError, ReadOptions, Recording
from .reading import provenance, read_file
from .registry import reader_for

_RULE_OF_KIND: dict[str, CycleRule] = {
    "symmetric": "plating_first",
    "transport": "plating_first",
    "li_cu": "plating_first",
    "full": "charge_first",
    "half": "discharge_first",
}


def open_cell(
    path: Path | str,
    *,
    name: str | None = None,
    partial: bool = False,
    columns: Mapping[str, str] | None = None,
    **metadata: object,
) -> xr.DataTree:
    """Open the raw file of one cell.

    Parameters
    ----------
    path
        The file as the instrument wrote it. Which reader takes it is decided by its content.
    name
        Name of the cell; the file's name without its ending when left out.
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
        (cell, spectrum, frequency). Metadata are coordinates on ``cell``; provenance is in the attributes.

    Raises
    ------
    ReaderError
        When no reader takes the file or it is damaged.
    ValueError
        When a metadata field is unknown or its quantity has no or a wrong unit.

    Examples
    --------
    >>> cell = open_cell("symmetric.mpr", area="1.327 cm2", coating="PCHP")  # doctest: +SKIP
    >>> cell["steps"].charge.sum("step")  # doctest: +SKIP
    """
    path = Path(path)
    given = cell_metadata(metadata)
    reader = reader_for(path)
    options = ReadOptions(partial=partial, current=given.current, columns=dict(columns or {}))
    recording, digest = read_file(reader, path, options)
    return cell_tree(recording, path, reader, name or path.stem, metadata, digest)


def cell_tree(
    recording: Recording, path: Path, reader: Reader, name: str, metadata: Mapping[str, object], digest: str
) -> xr.DataTree:
    """Count steps and cycles of a recording and put everything in its place."""
    try:
        known = cell_metadata({**recording.metadata, **metadata})
    except ValueError as error:
        raise ReaderError(path, str(error)) from None
    points = recording.points
    coords = _coordinates(known, path)
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
        children["points"] = points.assign_attrs(cell=name)
    if recording.spectra is not None and recording.spectra.sizes.get("point", 0):
        try:
            laid_out = spectra(recording.spectra, children.get("steps"), name)
        except ValueError as error:
            raise ReaderError(path, str(error)) from None
        children["spectra"] = laid_out.assign_coords(coords)
    if not children:
        raise ReaderError(path, "holds no points: neither a trace nor a spectrum")
    finished = {None: "unknown", True: "yes", False: "no"}[recording.finished]
    own = {"cell": name, "test_finished": finished}
    root = xr.Dataset(attrs={**own, **provenance(recording, path, reader, digest)})
    return xr.DataTree.from_dict({"/": root, **children}, name=name)


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


def _coordinates(known: CellMetadata, path: Path) -> dict[str, tuple[str, list[object], dict[str, str]]]:
    found: dict[str, tuple[str, list[object], dict[str, str]]] = {"source_file": ("cell", [path.name], {})}
    for field, value in known:
        found[field] = ("cell", [value], {"units": UNITS[field]} if field in UNITS else {})
    return found
