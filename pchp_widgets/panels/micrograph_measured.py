"""What the panel of micrographs measures, one picture at a time, so that a line that moves concerns its own alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..analysis import micrograph as analysis
from ..analysis.micrograph.pores import Flattened, pore_numbers, side_by_side
from ..plots.micrograph import View, view

FloatArray = npt.NDArray[np.float64]
Lines = Sequence[tuple[str, tuple[float, ...]]]


class Pictured:
    """Pictures by name, and what is found in them.

    Pixel sizes are in um, 0 where they are not known; places are columns and rows from the upper left, or x and y on
    the axes of a figure, from the lower left, in um or else in pixels.

    Parameters
    ----------
    samples
        Measurements of one sample each, by name.
    remembered
        Calls a function with hashable arguments, or gives what it returned for them before.
    """

    def __init__(self, samples: Mapping[str, xr.Dataset], remembered: Callable[..., Any]) -> None:
        self._samples, self._remembered = samples, remembered

    def one(self, name: str) -> xr.Dataset:
        """A sample of which it is known where its data bar begins."""
        found: xr.Dataset = self._remembered(self._with_rows, name)
        return found

    def _with_rows(self, name: str) -> xr.Dataset:
        one = self._samples[name]
        return one.assign(picture_rows=("sample", [float(analysis.rows_of_picture(one))], {"units": "1"}))

    def sizes(self, rulers: Lines, lengths: Sequence[tuple[str, float]], *names: str) -> xr.Dataset:
        """Pixel sizes of samples; of none, the form of one without its values."""
        chosen = names or tuple(self._samples)[:1]
        found = [analysis.pixel_sizes(self.one(name), dict(rulers), dict(lengths)) for name in chosen]
        whole = xr.concat(found, "sample", coords="minimal", compat="override", join="override")
        return whole.isel(sample=slice(len(names)))

    def thickness(self, name: str, line: tuple[float, ...], pixel: float, angle: float) -> xr.Dataset:
        """Thickness of one sample; an angle of 0 is that of the sample."""
        sizes = xr.Dataset({"pixel_size": ("sample", [pixel or np.nan])}, {"sample": [name]})
        return analysis.thickness(self.one(name), {name: line}, sizes=sizes, section_angle=angle or np.nan)

    def faces(self, name: str, line: tuple[float, ...], pixel: float, angle: float) -> list[tuple[Any, Any]]:
        """Both faces of the coating, as x and y on the axes."""
        found = self._remembered(self.thickness, name, line, pixel, angle)
        pairs = zip(found["column"].values[0], found["row"].values[0], strict=True)
        return [self._points(name, column, row, pixel) for column, row in pairs]

    def pores(self, band: tuple[float, float], pixels: Sequence[float], *names: str) -> xr.Dataset:
        """Pores of samples; of none, the form without values."""
        rows = [self._remembered(self.porous, name, band, pixel) for name, pixel in zip(names, pixels, strict=True)]
        parts = [self.one(name) for name in names] or [self.one(next(iter(self._samples))).isel(sample=slice(0))]
        bare = [part[["pixel_size"]] if "pixel_size" in part else part[[]] for part in parts]
        known = xr.concat(bare, "sample", coords="minimal", compat="override", join="outer")
        return side_by_side(rows, known, band)

    def porous(self, name: str, band: tuple[float, float], pixel: float) -> dict[str, FloatArray]:
        """Numbers of the pores of one sample."""
        return pore_numbers(self.flat(name), band, pixel or np.nan, analysis.aspect(self.one(name)))

    def flat(self, name: str) -> Flattened:
        """A picture without its shading."""
        found: Flattened = self._remembered(self._flattened, name)
        return found

    def _flattened(self, name: str) -> Flattened:
        return analysis.flattened(self.one(name))

    def suggested_line(self, name: str) -> tuple[float, ...]:
        """A line across the coating, as column and row of both ends; empty where no coating is found."""
        one = self.one(name)
        grey = analysis.grey_values(one)[: analysis.rows_of_picture(one)]
        return analysis.suggested_line(np.nan_to_num(grey), analysis.aspect(one)) or ()

    def suggested_ruler(self, name: str) -> tuple[float, ...]:
        """A line along the scale bar that was found, else in the middle of the picture."""
        own = analysis.pixel_sizes(self.one(name)).isel(sample=0)
        if np.isfinite(own["bar_first"]):
            first, row = float(own["bar_first"]), float(own["bar_row"])
            return first, row, float(own["bar_last"]), row
        rows, columns = analysis.grey_values(self.one(name)).shape
        return columns / 3, rows / 2, 2 * columns / 3, rows / 2

    def view(self, name: str, pixel: float, middle: float | None, *frame: float) -> View:
        """The picture, or the part of it in `frame`, with what is darker than a threshold; of no sample, nothing."""
        if not name:
            return view(np.full((3, 4), np.nan), 0.0)
        one = self.one(name)
        dark = self.flat(name).grey < middle if middle is not None else None
        return view(analysis.grey_values(one), pixel, analysis.aspect(one), part=frame, dark=dark)

    def on_axes(self, name: str, line: Sequence[float], pixel: float) -> tuple[float, ...]:
        """A line on the axes of a figure, x and y of both ends."""
        if len(line) != 4:
            return ()
        x, y = self._points(name, np.array(line[::2]), np.array(line[1::2]), pixel)
        return float(x[0]), float(y[0]), float(x[1]), float(y[1])

    def in_pixels(self, name: str, x: float, y: float, pixel: float) -> tuple[float, float]:
        """Column and row of a place on the axes."""
        across, down, rows = self._steps(name, pixel)
        return float(x / across - 0.5), float(rows - y / down - 0.5)

    def _points(self, name: str, columns: FloatArray, rows: FloatArray, pixel: float) -> tuple[FloatArray, FloatArray]:
        across, down, count = self._steps(name, pixel)
        return (columns + 0.5) * across, (count - rows - 0.5) * down

    def _steps(self, name: str, pixel: float) -> tuple[float, float, int]:
        """Width and height of a pixel on the axes, and rows of the picture with its data bar."""
        one = self.one(name)
        across = pixel or 1.0
        return across, across * analysis.aspect(one), len(analysis.grey_values(one))
