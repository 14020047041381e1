"""The Zarr directory of a study: written group by group, consistent at every moment.

What a group holds never changes: its name carries a key made of the raw bytes, the reader and the metadata. A group is
written elsewhere and moved into place whole; the root's attributes, replaced in one atomic step at the very end, say
which groups belong to the study. A build that is killed leaves the old root, which names only groups that are complete,
and the next build finds the finished groups by their keys.

::

    study.zarr/
        zarr.json               attributes: schema, name, cells -> group, steps -> group, measurements -> group
        cells/<name>-<key>/     one cell: steps, points, spectra; provenance in the attributes
        steps-<key>/            steps of all cells, merged
        measurements/<technique>-<name>-<key>/     one measured sample; provenance in the attributes
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import xarray as xr

from ..model.schema import GROUPS, SCHEMA_VERSION
from ..model.study import StudyError

_ROOT: dict[str, object] = {"zarr_format": 3, "node_type": "group"}


class Store:
    """The store of one study folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "study.zarr"

    def index(self) -> dict[str, Any]:
        """What the root says: ``{"cells": {name: group}, "steps": group, ...}``; empty where there is no store.

        Raises
        ------
        StudyError
            When the root is no root of ours or was written by another version of the schema.
        """
        try:
            attributes = json.loads((self.path / "zarr.json").read_text("utf-8")).get("attributes", {})
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise StudyError(f"{self.path}: cannot be read ({error}); delete it and build again") from None
        if attributes.get("schema_version") != SCHEMA_VERSION:
            return {}
        return dict(attributes)

    def has(self, group: str) -> bool:
        """Whether a group was written to its end."""
        return (self.path / group / "zarr.json").exists()

    def write(self, group: str, save: Callable[[Path], None]) -> None:
        """Let `save` write a group elsewhere, then move it into place."""
        target = self.path / group
        with tempfile.TemporaryDirectory(prefix=".study.zarr-", dir=self.path.parent) as folder:
            fresh = Path(folder) / "group"
            save(fresh)
            for parent in (self.path, target.parent):
                parent.mkdir(parents=True, exist_ok=True)
                if not (parent / "zarr.json").exists():
                    _replace(parent / "zarr.json", _ROOT | {"attributes": {}})
            try:
                fresh.rename(target)
            except OSError:
                if not self.has(group):  # another build may have been faster with the very same content
                    raise

    def commit(self, index: dict[str, object], groups: Iterable[str]) -> None:
        """Make the groups that the index names the study, then clear away all others."""
        _replace(self.path / "zarr.json", _ROOT | {"attributes": {"schema_version": SCHEMA_VERSION, **index}})
        keep = set(groups)
        for place in [*self.path.glob("steps-*"), *self.path.glob("cells/*-*"), *self.path.glob("measurements/*-*")]:
            if place.is_dir() and place.relative_to(self.path).as_posix() not in keep:
                shutil.rmtree(place, ignore_errors=True)
        for left_over in self.path.parent.glob(".study.zarr-*"):
            shutil.rmtree(left_over, ignore_errors=True)

    def write_cell(self, group: str, tree: xr.DataTree) -> None:
        """Write one cell: its steps, points and spectra."""

        def save(place: Path) -> None:
            stored = xr.DataTree.from_dict({path: _packed(node.to_dataset()) for path, node in tree.subtree_with_keys})
            stored.to_zarr(place, mode="w", consolidated=False, zarr_format=3)

        self.write(group, save)

    def write_dataset(self, group: str, data: xr.Dataset) -> None:
        """Write the steps of all cells, or a measurement."""

        def save(place: Path) -> None:
            # text of fixed width has no place in the Zarr 3 specification, text of any length has
            texts = {name: data[name].astype(object) for name in data.coords if data[name].dtype.kind == "U"}
            data.assign_coords(texts).to_zarr(place, mode="w", consolidated=False, zarr_format=3)

        self.write(group, save)

    def cell(self, group: str, name: str) -> xr.DataTree:
        """Open one cell; its points are read when they are asked for."""
        path = self.path / group
        attributes = json.loads((path / "zarr.json").read_text("utf-8")).get("attributes", {})
        children = {child: self.dataset(f"{group}/{child}") for child in GROUPS if (path / child).exists()}
        return xr.DataTree.from_dict({"/": xr.Dataset(attrs=attributes), **children}, name=name)

    def dataset(self, group: str) -> xr.Dataset:
        """Open one group, lazily."""
        found = _unpacked(
            xr.open_dataset(self.path / group, engine="zarr", consolidated=False, chunks=None, cache=True)
        )
        texts = {
            name: found[name].copy(data=found[name].values.astype(object).astype(str))
            for name in found.coords
            if found[name].dtype.kind == "T"
        }
        return found.assign_coords(texts)


_PACKED = "cell_coordinates"


def _packed(data: xr.Dataset) -> xr.Dataset:
    """Move the coordinates of the one cell of a group, some twenty tiny arrays, to one attribute."""
    own = {str(name): value for name, value in data.coords.items() if value.dims == ("cell",)}
    if not own:
        return data
    known = {name: [value.values.tolist()[0], value.attrs] for name, value in own.items() if not _is_nan(value)}
    unknown = {name: [None, value.attrs] for name, value in own.items() if _is_nan(value)}
    return data.drop_vars(list(own)).assign_attrs({_PACKED: known | unknown})


def _is_nan(value: xr.DataArray) -> bool:
    return value.dtype.kind == "f" and bool(value.isnull().all())


def _unpacked(data: xr.Dataset) -> xr.Dataset:
    own = data.attrs.pop(_PACKED, {})
    values = {name: math.nan if value is None else value for name, (value, _) in own.items()}
    return data.assign_coords({name: ("cell", [values[name]], attrs) for name, (_, attrs) in own.items()})


def group_name(parent: str, name: str, key: str) -> str:
    """Place of a cell or a measurement in the store: readable, and safe on every file system."""
    return f"{parent}/{re.sub(r'[^A-Za-z0-9_.-]+', '_', name)[:60]}-{key[:12]}"


def _replace(path: Path, content: dict[str, object]) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(content), "utf-8")
    fresh.replace(path)
