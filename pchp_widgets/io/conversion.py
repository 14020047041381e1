"""A cell to a file that other programs read: Battery Data Format, netCDF, Zarr, a workbook."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
import xarray as xr

from ..model.schema import GROUPS
from ..model.study import FILE_NAME
from .bdf import write_bdf
from .cell import open_cell
from .contract import ReaderWarning
from .study import open_study

_SHEET_ROWS = 1_048_576


class ConversionError(ValueError):
    """What cannot be written, and what to do instead."""


def convert(
    source: Path | str | Sequence[Path | str],
    target: Path | str,
    *,
    cell: str = "",
    force: bool = False,
    partial: bool = False,
    columns: Mapping[str, str] | None = None,
    **metadata: object,
) -> Path:
    """Write a cell to a file that other programs read.

    Parameters
    ----------
    source
        A raw file, a pattern or a list of them, as :func:`pchp_widgets.open_cell` takes it, or the folder of a study.
    target
        The file; its ending says the format. ``.csv``, ``.bdf``, ``.csv.gz``, ``.parquet``: the points in the Battery
        Data Format. ``.nc``: netCDF 4, ``.zarr``: Zarr 3; both hold points, steps, spectra, metadata and provenance in
        groups, to be opened by :func:`xarray.open_datatree`. ``.xlsx``: a sheet for each of them.
    cell
        Name of the cell, where `source` is a study.
    force
        Write over a file that is there.
    partial, columns, **metadata
        As for :func:`pchp_widgets.open_cell`.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ConversionError
        When the ending is not known, the file is there, or it cannot hold the cell.
    ReaderError, StudyError
        When the source cannot be opened.

    Examples
    --------
    >>> convert("symmetric.mpr", "symmetric.bdf.csv", area="1.327 cm2")  # doctest: +SKIP
    """
    target = Path(target)
    write = _writer(target)
    if target.exists() and not force:
        raise ConversionError(f"{target}: is there already; force=True (--force) writes over it")
    if not target.absolute().parent.is_dir():
        raise ConversionError(f"{target}: there is no folder {target.absolute().parent}")
    tree = _opened(source, cell, partial=partial, columns=columns, metadata=metadata)
    with tempfile.TemporaryDirectory(prefix=".convert-", dir=target.absolute().parent) as folder:
        fresh = Path(folder) / target.name
        write(tree, fresh)
        if target.is_dir():
            shutil.rmtree(target)
        fresh.replace(target)
    return target


def _opened(
    source: Path | str | Sequence[Path | str],
    cell: str,
    *,
    partial: bool,
    columns: Mapping[str, str] | None,
    metadata: Mapping[str, object],
) -> xr.DataTree:
    folder = Path(source) if isinstance(source, str | Path) else None
    if folder is None or not folder.is_dir():
        if cell:
            raise ConversionError(f"cell {cell!r}: {source} is no folder of a study, and a file holds one cell")
        return open_cell(source, partial=partial, columns=columns, **metadata)  # type: ignore[arg-type]
    if metadata or columns or partial:
        raise ConversionError(f"{folder}: what is known of the cells of a study stands in its {FILE_NAME}")
    study = open_study(folder)
    if not cell:
        raise ConversionError(f"{folder}: is a study; say which cell (--cell): {', '.join(study.cells)}")
    return study.cell(cell)


def _writer(target: Path) -> Callable[[xr.DataTree, Path], None]:
    """What writes a file with this ending."""
    known = {
        ".csv": _write_bdf,
        ".bdf": _write_bdf,
        ".gz": _write_bdf,
        ".parquet": _write_bdf,
        ".nc": _write_netcdf,
        ".zarr": _write_zarr,
        ".xlsx": _write_workbook,
    }
    if target.suffix.lower() not in known:
        raise ConversionError(f"{target}: the ending says the format; choose one of {', '.join(known)}")
    return known[target.suffix.lower()]


def _write_bdf(tree: xr.DataTree, target: Path) -> None:
    if "points" not in tree.children:
        raise ConversionError(
            f"{target.name}: BDF holds a trace, and {tree.name} has spectra alone; write .nc or .xlsx"
        )
    if "spectra" in tree.children:
        count = tree["spectra"].sizes["spectrum"]
        said = f"BDF has no place for the spectra of {tree.name} ({count}); .nc, .zarr and .xlsx have"
        warnings.warn(f"{target.name}: {said}", ReaderWarning, stacklevel=4)
    write_bdf(_in_order(tree["points"].to_dataset()), target)


def _write_netcdf(tree: xr.DataTree, target: Path) -> None:
    try:
        import_module("h5netcdf")
    except ModuleNotFoundError as error:
        remedy = "pip install 'pchp_widgets[netcdf]'; .zarr needs nothing"
        raise ConversionError(f"{target.name}: netCDF needs {error.name}: {remedy}") from None
    _plain(tree).to_netcdf(target, engine="h5netcdf")


def _write_zarr(tree: xr.DataTree, target: Path) -> None:
    _plain(tree).to_zarr(target, mode="w", consolidated=False, zarr_format=3)


def _plain(tree: xr.DataTree) -> xr.DataTree:
    """The tree with texts and attributes that every format can hold."""
    nodes = {}
    for path, node in tree.subtree_with_keys:
        data = node.to_dataset().load()
        texts = {str(name): data[name].astype(object) for name in data.coords if data[name].dtype.kind == "U"}
        data = data.assign_coords(texts).assign_attrs(_attributes(data.attrs))
        for variable in data.variables.values():
            variable.attrs = _attributes(variable.attrs)
            variable.encoding = {}
        nodes[path] = data
    return xr.DataTree.from_dict(nodes, name=tree.name)


def _attributes(attrs: Mapping[str, object]) -> dict[str, object]:
    """Lists of texts as one text in JSON: an attribute of several texts, or none, is more than some formats hold."""
    return {
        name: json.dumps(value) if isinstance(value, list) and (not value or isinstance(value[0], str)) else value
        for name, value in attrs.items()
    }


def _write_workbook(tree: xr.DataTree, target: Path) -> None:
    """One sheet for points, steps and spectra as far as they are there, and one of all that is said about them."""
    from openpyxl import Workbook  # type: ignore[import-untyped]

    tables = {
        name: _columns(_in_order(tree[name].to_dataset()))
        for name in ("points", "steps", "spectra")
        if name in tree.children
    }
    for name, columns in tables.items():
        rows = len(next(iter(columns.values())))
        if rows >= _SHEET_ROWS:
            raise ConversionError(
                f"{target.name}: {rows:,} {name} are more than the {_SHEET_ROWS - 1:,} rows of a sheet; write .parquet,"
                " .nc or .zarr"
            )
    book = Workbook(write_only=True)
    about = book.create_sheet("about")
    for row in _about(tree):
        about.append(row)
    for name, columns in tables.items():
        sheet = book.create_sheet(name)
        sheet.append(list(columns))
        for cells in zip(*(values.tolist() for values in columns.values()), strict=True):
            sheet.append([None if value != value else value for value in cells])  # noqa: PLR0124  NaN is an empty cell
    book.save(target)


def _in_order(data: xr.Dataset) -> xr.Dataset:
    """Variables in the order of the schema, then the instrument's own; a store gives them in that of the alphabet."""
    known = [entry.name for entries in GROUPS.values() for entry in entries]
    first = [name for name in dict.fromkeys(known) if name in data.data_vars]
    return data[[*first, *(name for name in data.data_vars if name not in first)]]


def _columns(data: xr.Dataset) -> dict[str, np.ndarray]:
    """Variables side by side under their name and unit, one row for each point, step, or frequency of a spectrum."""
    if "cell" in data.dims:
        data = data.isel(cell=0, drop=True)
    dims = tuple(str(dim) for dim in ("cycle", "spectrum", "step", "frequency", "point") if dim in data.dims)
    there: np.ndarray = np.ones([data.sizes[dim] for dim in dims], bool)
    if "point_count" in data:
        there = (data["point_count"] > 0).transpose(*dims).values
    elif "z_real" in data:
        there = data["z_real"].notnull().transpose(*dims).values
    found = {}
    names = [name for name in dims if name in data.coords] + [str(name) for name in data.data_vars]
    for name in names:
        values = data[name].broadcast_like(data[_widest(data)]).transpose(*dims).values[there]
        units = str(data[name].attrs.get("units", ""))
        meanings = str(data[name].attrs.get("flag_meanings", "")).split()
        if meanings and "flag_values" in data[name].attrs:
            values = np.array([*meanings, ""])[values]  # -1, where nothing is known, is the last
        found[f"{name} [{units}]" if units not in {"", "1"} else name] = values
    return found


def _widest(data: xr.Dataset) -> str:
    return str(max(data.data_vars, key=lambda name: data[name].ndim))


def _about(tree: xr.DataTree) -> Iterator[list[str]]:
    """Metadata, provenance and definitions, a line each."""
    coords = tree["steps" if "steps" in tree.children else "spectra"].coords
    for name, value in coords.items():
        if value.dims == ("cell",) and name != "cell":
            text = str(value.values.item())
            units = str(value.attrs.get("units", ""))
            if text not in {"", "nan", "-1"}:
                yield [str(name), f"{text} {units}".rstrip()]
    for name, said in tree.attrs.items():
        for one in said if isinstance(said, list) else [said]:
            yield [str(name), str(one)]
    for child, node in tree.children.items():
        for name, values in node.to_dataset().data_vars.items():
            meaning = [str(values.attrs[key]) for key in ("long_name", "origin") if values.attrs.get(key)]
            yield [f"{child}: {name}", "; ".join(meaning)]


__all__ = ["ConversionError", "convert"]
