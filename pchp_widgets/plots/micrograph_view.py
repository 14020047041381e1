"""A micrograph as it is seen: the part in view, with as many values as a screen has pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from . import theme
from .picture import Axis, Image

FloatArray = npt.NDArray[np.float64]

_FINEST = 640  # values along a side of what is sent to the screen
_OUTER = (0.5, 99.5)  # percentiles of the grey between black and white


@dataclass(frozen=True, eq=False)
class View:
    """A picture, or a part of it, with as many values as a screen has pixels.

    Attributes
    ----------
    grey, dark
        Grey values, and 1 where they are darker than the threshold, NaN elsewhere: (y, x), from the lower left.
    x, y
        Edges [units].
    whole
        Width and height of all of it [units].
    limits
        Greys that are black and white.
    units
        um, or pixels where the pixel size is not known.
    """

    grey: FloatArray
    dark: FloatArray
    x: FloatArray
    y: FloatArray
    whole: tuple[float, float]
    limits: tuple[float, float]
    units: str

    @cached_property
    def photo(self) -> Image:
        """The picture; a photograph is no table of numbers."""
        return self._image(self.grey, Axis("grey"), self.limits, theme.GREYS)

    @cached_property
    def pores(self) -> Image:
        """What is darker than the threshold."""
        return self._image(self.dark, Axis("pores"), (0.5, 1.5), theme.BARE)

    def _image(self, values: FloatArray, shown: Axis, limits: tuple[float, float], palette: str) -> Image:
        """Values as an image; an empty one where there are none, which nobody has to draw."""
        if not np.isfinite(values).any():
            values = np.zeros((0, 0))
        return Image(values, self.x, self.y, shown, limits, is_data=False, palette=palette)


def view(
    grey: npt.NDArray[np.floating],
    pixel: float,
    ratio: float = 1.0,
    *,
    part: Sequence[float] = (),
    dark: npt.NDArray[np.bool_] | None = None,
) -> View:
    """A picture as it is seen, decimated to the screen by means of blocks.

    Parameters
    ----------
    grey
        Grey values (row, column).
    pixel
        Width of a pixel [um]; 0 where it is not known.
    ratio
        Height of a pixel over its width.
    part
        x and y of the lower left corner, and of the upper right, of what is in view; all of it when empty.
    dark
        Where it is darker than the threshold (row, column), from the first row on.
    """
    known = pixel > 0
    across = pixel if known else 1.0
    down = across * ratio
    rows, columns = grey.shape
    left, right, top, bottom = _corner(part, (across, down), (rows, columns))
    step = max(-(-max(right - left, bottom - top) // _FINEST), 1)
    right, bottom = left + (right - left) // step * step, top + (bottom - top) // step * step
    small = _blocks(grey[top:bottom, left:right], step)[::-1]
    shade = np.full(small.shape, np.nan)
    if dark is not None:
        whole = np.zeros(grey.shape, np.float32)
        whole[: len(dark)] = dark
        shade = np.where(_blocks(whole[top:bottom, left:right], step)[::-1] > 0.5, 1.0, np.nan)
    seen = grey[np.isfinite(grey)][:: max(grey.size // 40_000, 1)]
    low, high = np.percentile(seen, _OUTER) if seen.size else (0.0, 1.0)
    return View(
        small,
        shade,
        np.asarray(across * np.arange(left, right + 1, step), float),
        np.asarray(down * (rows - np.arange(bottom, top - 1, -step)), float),
        (across * columns, down * rows),
        (float(low), float(high)),
        "µm" if known else "pixels",
    )


def _corner(part: Sequence[float], sizes: tuple[float, float], shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """First and one-past-last column, and row, of a part in view."""
    rows, columns = shape
    if len(part) != 4:
        return 0, columns, 0, rows
    across, down = sizes
    left, right = (int(np.clip(round(x / across), 0, columns)) for x in (part[0] - across, part[2] + across))
    top, bottom = (int(np.clip(round(rows - y / down), 0, rows)) for y in (part[3] + down, part[1] - down))
    return (left, right, top, bottom) if right - left > 1 and bottom - top > 1 else (0, columns, 0, rows)


def _blocks(values: npt.NDArray[np.floating], step: int) -> FloatArray:
    rows, columns = (size // step for size in values.shape)
    if step == 1:
        return np.asarray(values, float)
    return np.asarray(values.reshape(rows, step, columns, step).mean((1, 3)), float)
