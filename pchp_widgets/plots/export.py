"""Figures and their numbers as files: tables, publication figures, a page that opens without a network."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .element import drawing_for, element
from .picture import Axis, Bands, Image, Levels, Lines, Marks, Picture, Ribbons, Texts, Verticals, Whiskers
from .render import figures, page


def export(
    pictures: Mapping[str, Picture],
    path: Path,
    *,
    arrange: Callable[[Mapping[str, Any]], Any],
    linked: Sequence[Sequence[str]] = (),
) -> list[Path]:
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
    linked
        Groups of names of those that zoom along x together on that page.

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
        path.write_text(page(arrange(figures(pictures, linked)), path.stem), "utf-8")
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
    parts: list[dict[str, np.ndarray]] = []
    for layer in picture.layers:
        if isinstance(layer, Bands | Verticals | Texts) or not layer.is_data:
            continue
        part = _table(layer, picture)
        before = next((other for other in parts if _of_the_same(part, other, picture)), None)
        if before is None:
            parts.append(part)
        else:
            before |= part
    headers = sorted(dict.fromkeys(header for part in parts for header in part), key=_limits(picture).__contains__)
    rows = []
    for part in parts:
        columns = [part.get(header) for header in headers]
        length = len(next(iter(part.values())))
        rows += [[column[at] if column is not None else "" for column in columns] for at in range(length)]
    return headers, rows


_Tabled = Lines | Marks | Ribbons | Whiskers | Levels | Image


def _table(layer: _Tabled, picture: Picture) -> dict[str, np.ndarray]:
    """Columns of one layer by their header."""
    rows = {name: np.asarray(values) for name, values in layer.rows.items() if name not in {"color", "marker"}}
    x, y = picture.x.title, picture.y.title
    low, high = _limits(picture)
    match layer:
        case Lines() | Ribbons():
            counts = [len(x) for x in layer.x]
            rows = {name: np.repeat(values, counts) for name, values in rows.items()}
            curves = (
                {x: layer.x, y: layer.y} if isinstance(layer, Lines) else {x: layer.x, low: layer.low, high: layer.high}
            )
            places = {name: np.concatenate([*pieces, np.zeros(0)]) for name, pieces in curves.items()}
        case Marks():
            places = {x: layer.x, y: layer.y}
        case Whiskers():
            places = {x: layer.x, low: layer.low, high: layer.high}
        case Levels():
            places = {y: layer.y}
        case Image():
            rows = {name: np.repeat(values, layer.values.size) for name, values in rows.items()}
            along_x, along_y = ((edges[1:] + edges[:-1]) / 2 for edges in (layer.x, layer.y))
            places = {x: np.tile(along_x, len(along_y)), y: np.repeat(along_y, len(along_x))}
            places[layer.shown.title] = layer.values.ravel()
    titled = {f"{name} ({layer.units[name]})" if name in layer.units else name: values for name, values in rows.items()}
    named = {axis.title for axis in (picture.x, picture.y) if axis.ticks}  # a column of the rows says which it is
    return {**titled, **{name: values for name, values in places.items() if name not in named}}


def _limits(picture: Picture) -> tuple[str, str]:
    low, high = (Axis(f"{picture.y.label}, {word}", picture.y.units).title for word in ("low", "high"))
    return low, high


def _of_the_same(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray], picture: Picture) -> bool:
    """Whether one layer has values, the other limits of the very same points."""
    low, high = _limits(picture)
    if (low in one) == (low in other):
        return False
    places = {name: values for name, values in one.items() if name not in {low, high, picture.y.title}}
    return all(name in other and np.array_equal(values, other[name]) for name, values in places.items())


def _write_table(picture: Picture, path: Path) -> None:
    headers, rows = table(picture)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        writer.writerows(rows)


def _write_figure(picture: Picture, path: Path) -> None:
    from matplotlib import rc_context

    # TrueType: fonts of type 3, which are the default, are refused by journals and cannot be edited
    with drawing_for("matplotlib") as hv, rc_context({"pdf.fonttype": 42}):
        hv.save(element(picture, "matplotlib"), path, backend="matplotlib", fmt=path.suffix[1:], dpi=300)


_WRITERS: dict[str, Callable[[Picture, Path], None]] = {
    ".csv": _write_table,
    ".svg": _write_figure,
    ".pdf": _write_figure,
    ".png": _write_figure,
}
