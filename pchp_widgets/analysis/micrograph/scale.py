"""How wide a pixel is: by a calibration, the file, the scale bar and a line that was drawn, compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import sample_coords
from .bars import picture_rows, scale_bar

FloatArray = npt.NDArray[np.float64]

SOURCES = ("calibration", "file", "scale bar", "line")
"""What tells the width of a pixel, in the order in which it is believed."""

AGREEMENT = 0.02
"""Relative difference up to which two pixel sizes agree."""

_READING = 1.0  # pixels: how well an end of a bar or line is known
_WRITTEN = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""What microscopes write at scale bars, times a power of ten."""

Line = Sequence[float]


def pixel_sizes(
    data: xr.Dataset, lines: Mapping[str, Line] | None = None, lengths: Mapping[str, float] | None = None
) -> xr.Dataset:
    """Width of a pixel by every source, and whether they agree.

    Parameters
    ----------
    data
        Measurement of ``micrograph``. The metadata ``known_pixel_size`` and ``scale_bar``, where they are given, say
        what a calibration found and what is written at the scale bar.
    lines
        By sample, a line of known length: column and row of its beginning and of its end.
    lengths
        By sample, that length [um].

    Returns
    -------
    Dataset
        (sample, source): ``size`` [um] and ``size_stderr``, of reading the ends to one pixel. (sample): ``pixel_size``
        [um], of the first source there is in the order of :data:`SOURCES`, ``chosen``, its name; ``disagreement``, the
        largest relative difference of another source; ``agree``: 1 within 2 %, 0 beyond that and two standard errors,
        -1 where there is nothing to compare; ``bar_first``, ``bar_last``, ``bar_row`` and ``bar_pixels`` of the
        scale bar that was found; ``bar_implied`` [um], how long it would be by the pixel size; ``picture_rows``.
    """
    lines, lengths = lines or {}, lengths or {}
    names = [str(name) for name in data["sample"].values]
    rows = [_of_one(data.isel(sample=[at]), lines.get(name, ()), lengths.get(name, np.nan)) for at, name in
            enumerate(names)]  # fmt: skip
    table = {name: np.array([row[name] for row in rows], float) for name in _COLUMNS}
    size = np.array([row["size"] for row in rows], float).reshape(-1, len(SOURCES))
    error = np.array([row["error"] for row in rows], float).reshape(-1, len(SOURCES))
    known = np.isfinite(size)
    place = known.argmax(1)
    right = np.where(known.any(1), np.take_along_axis(size, place[:, None], 1)[:, 0], np.nan)
    away = np.where(np.arange(len(SOURCES)) == place[:, None], np.nan, size / right[:, None] - 1)
    allowed = np.maximum(AGREEMENT, 2 * np.nan_to_num(error) / right[:, None])
    compared = np.isfinite(away)
    agree = np.where(~compared.any(1), -1, np.where((np.abs(away) > allowed) & compared, 1, 0).max(1) == 0)
    largest = np.where(compared.any(1), np.max(np.where(compared, np.abs(away), 0.0), 1), np.nan)
    each, both = ("sample",), ("sample", "source")
    chosen = [SOURCES[at] if found else "" for at, found in zip(place, known.any(1), strict=True)]
    texts = {name: {"units": units, "definition": text} for name, (units, text) in _COLUMNS.items()}
    return xr.Dataset(
        {
            "pixel_size": (each, right, {"units": "um", "definition": f"first known of {', '.join(SOURCES)}"}),
            "chosen": (each, np.array(chosen, dtype=str), {"definition": "which source that is"}),
            "size": (both, size, {
                "units": "um", "definition": "width of a pixel by this source", "ancillary_variables": "size_stderr"}),
            "size_stderr": (both, error, {"units": "um", "definition": "of reading both ends to one pixel"}),
            "disagreement": (each, largest, {"units": "1", "definition": "largest difference of another source"}),
            "agree": (each, agree.astype(int), {
                "units": "1", "definition": "1: within 2 % or two standard errors; 0: not; -1: one source or none"}),
            "bar_implied": (each, table["bar_pixels"] * right, {
                "units": "um", "definition": "length of the scale bar by the pixel size"}),
            **{name: (each, table[name], texts[name]) for name in _COLUMNS},
        },
        {"source": list(SOURCES), **sample_coords(data)},
    )  # fmt: skip


_COLUMNS = {
    "bar_first": ("1", "first column of the scale bar that was found"),
    "bar_last": ("1", "its last column"),
    "bar_row": ("1", "its row"),
    "bar_pixels": ("1", "its length, between the middles of its ends; as the file states it where it does"),
    "bar_length": ("um", "what is written at it"),
    "picture_rows": ("1", "rows above the data bar"),
}


def rows_of_picture(one: xr.Dataset) -> int:
    """Rows of the picture of one sample above its data bar: as the file states them, else as they are found."""
    grey = grey_values(one)
    stated = float(one["picture_rows"].values[0]) if "picture_rows" in one else np.nan
    return int(min(stated, len(grey))) if np.isfinite(stated) else picture_rows(grey)


def grey_values(one: xr.Dataset) -> npt.NDArray[np.floating]:
    """Grey values (row, column) of one sample, without the rows and columns that only a larger neighbour has."""
    grey = np.asarray(one["intensity"].values[0])
    if grey.dtype.kind != "f":
        return grey.astype(np.float32)
    known = np.isfinite(grey)
    rows, columns = known.any(1), known.any(0)
    return grey[: len(rows) - int(rows[::-1].argmax()), : len(columns) - int(columns[::-1].argmax())]


def aspect(one: xr.Dataset) -> float:
    """Height of a pixel over its width; 1 where only one is stated."""
    if "pixel_height" not in one or "pixel_size" not in one:
        return 1.0
    ratio = float(one["pixel_height"].values[0] / one["pixel_size"].values[0])
    return ratio if 0 < ratio < np.inf else 1.0


def line_pixels(line: Line, ratio: float = 1.0) -> float:
    """Length of a line in widths of a pixel, whose height is `ratio` of that."""
    if len(line) != 4:
        return np.nan
    return float(np.hypot(line[2] - line[0], (line[3] - line[1]) * ratio))


def written_length(length: float) -> float:
    """The length nearest to this one that microscopes write at a scale bar."""
    if not length > 0:
        return np.nan
    power = 10.0 ** np.floor(np.log10(length))
    choices = np.array([*_WRITTEN, 10.0]) * power
    return float(choices[np.abs(np.log(choices / length)).argmin()])


def _of_one(one: xr.Dataset, line: Line, length: float) -> dict[str, float | FloatArray]:
    grey, rows = grey_values(one), rows_of_picture(one)
    bar = scale_bar(grey, rows)
    stated = _first(one, "bar_pixels")
    pixels = stated if np.isfinite(stated) else bar.pixels if bar else np.nan
    written = _first(one, "scale_bar", "bar_length")
    drawn = line_pixels(line, aspect(one))
    by_bar, by_line = written / pixels, (length / drawn if length > 0 and drawn > 0 else np.nan)
    size = np.array([_first(one, "known_pixel_size"), _first(one, "pixel_size"), by_bar, by_line])
    error = np.array([np.nan, np.nan, by_bar * _READING / pixels, by_line * np.sqrt(2) * _READING / drawn])
    return {
        "size": size,
        "error": error,
        "bar_first": bar.first if bar else np.nan,
        "bar_last": bar.last if bar else np.nan,
        "bar_row": bar.row if bar else np.nan,
        "bar_pixels": pixels,
        "bar_length": written,
        "picture_rows": float(rows),
    }


def _first(one: xr.Dataset, *names: str) -> float:
    """The first of these that is known of a sample."""
    values = (float(one[name].values[0]) for name in names if name in one.variables)
    return next((value for value in values if 0 < value < np.inf), np.nan)
