"""Figures and their numbers as files: tables, publication figures, a page that opens without a network."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .element import drawing_for, element
from .picture import Lines, Marks, Picture
from .render import figure, page


def export(pictures: Mapping[str, Picture], path: Path, *, arrange: Callable[[Mapping[str, Any]], Any]) -> list[Path]:
    """Write figures to files, or their numbers.

    Parameters
    ----------
    pictures
        By name.
    path
        Its ending says how: ``.csv`` a table, ``.svg``, ``.pdf`` and ``.png`` a publication figure drawn by Matplotlib,
        each with a file per figure (``<name>_<figure>.csv``); ``.html`` one interactive page.
    arrange
        Makes a Bokeh layout of the figures.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ValueError
        When the ending is none of these, or the folder does not exist.
    """
    write = _WRITERS.get(path.suffix)
    if not path.parent.is_dir():
        raise ValueError(f"{path}: the folder {path.parent} does not exist")
    if path.suffix == ".html":
        path.write_text(
            page(arrange({name: figure(picture) for name, picture in pictures.items()}), path.stem), "utf-8"
        )
        return [path]
    if write is None:
        kinds = ", ".join(_WRITERS)
        raise ValueError(f"{path}: cannot write {path.suffix or 'a file without ending'}; choose {kinds} or .html")
    files = {name: path.with_stem(f"{path.stem}_{name}") if len(pictures) > 1 else path for name in pictures}
    for name, file in files.items():
        write(pictures[name], file)
    return list(files.values())


def table(picture: Picture) -> tuple[list[str], list[list[Any]]]:
    """The numbers that a figure shows.

    Returns
    -------
    headers, rows
        Headers with units; a row per point, with nothing where a column does not apply.
    """
    parts = [_table(layer, picture) for layer in picture.layers if isinstance(layer, Lines | Marks) and layer.is_data]
    headers = list(dict.fromkeys(header for part in parts for header in part))
    rows = []
    for part in parts:
        columns = [part.get(header) for header in headers]
        length = len(next(iter(part.values())))
        rows += [[column[at] if column is not None else "" for column in columns] for at in range(length)]
    return headers, rows


def _table(layer: Lines | Marks, picture: Picture) -> dict[str, np.ndarray]:
    """Columns of one layer by their header."""
    rows = {name: np.asarray(values) for name, values in layer.rows.items() if name not in {"color", "marker"}}
    if isinstance(layer, Lines):
        counts = [len(x) for x in layer.x]
        rows = {name: np.repeat(values, counts) for name, values in rows.items()}
        x, y = (np.concatenate([*pieces, np.zeros(0)]) for pieces in (layer.x, layer.y))
    else:
        x, y = layer.x, layer.y
    titled = {f"{name} ({layer.units[name]})" if name in layer.units else name: values for name, values in rows.items()}
    return {**titled, picture.x.title: x, picture.y.title: y}


def _write_table(picture: Picture, path: Path) -> None:
    headers, rows = table(picture)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        writer.writerows(rows)


def _write_figure(picture: Picture, path: Path) -> None:
    with drawing_for("matplotlib") as hv:
        hv.save(element(picture, "matplotlib"), path, backend="matplotlib", fmt=path.suffix[1:], dpi=300)


_WRITERS: dict[str, Callable[[Picture, Path], None]] = {
    ".csv": _write_table,
    ".svg": _write_figure,
    ".pdf": _write_figure,
    ".png": _write_figure,
}
