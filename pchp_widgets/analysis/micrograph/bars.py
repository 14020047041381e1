"""What microscopes draw on a picture: the data bar below it, and the scale bar."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]

_HIGHEST = 0.3  # of all rows: a data bar is no higher
_PAPER, _PART = 0.3, 0.05  # of a row has the colour of the paper; rows at the bottom that show which colour that is
_MOSTLY, _ABOVE = 0.7, 10  # of the rows of a bar are so, and so many rows above it are not
_SHORTEST, _ON_PICTURE, _LONGEST, _THICKEST = 20, 40, 0.9, 12  # pixels, pixels, of the width, pixels
_ALIKE, _WORDS = 4, 0.6  # pixels between the halves of a bar, and what its words may take of it


class Bar(NamedTuple):
    """A scale bar: first and last column, its row, and its length in pixels, between the middles of its ends."""

    first: float
    last: float
    row: float
    pixels: float


def picture_rows(grey: npt.NDArray[np.floating]) -> int:
    """Rows of a picture above its data bar; all of them where there is none.

    A data bar is of one grey, but for words and lines, from side to side. It ends where less than 30 % of a row has
    that grey.

    Parameters
    ----------
    grey
        Grey values (row, column).
    """
    rows = len(grey)
    lowest = grey[rows - max(int(_PART * rows), 1) :]
    known = lowest[np.isfinite(lowest)]
    if not known.size:
        return rows
    shades, counts = np.unique(known, return_counts=True)
    paper = shades[counts.argmax()]
    lower = grey[-int(_HIGHEST * rows) - 1 :]
    papery = (lower == paper).mean(1) >= _PAPER
    if papery.all() or counts.max() < _PAPER * known.size:  # nowhere does a picture begin, or there is no paper
        return rows
    for top in np.flatnonzero(papery[1:] & ~papery[:-1]) + 1:
        if papery[top:].mean() > _MOSTLY and not papery[max(top - _ABOVE, 0) : top].any() and len(papery) - top >= 6:
            first = rows - len(lower) + int(top)
            while first > 0 and _is_uniform(grey[first - 1]):  # the frame of the bar
                first -= 1
            return first
    return rows


def scale_bar(grey: npt.NDArray[np.floating], top: int) -> Bar | None:
    """The longest thin horizontal line that touches no side, in one piece or with its words in the middle.

    Lengths are between the middles of the strokes that end it. Drawn bars are rounded to whole pixels, and arrows reach
    a little farther, so that a bar is no better known than to one or two pixels.

    Parameters
    ----------
    grey
        Grey values (row, column).
    top
        Row where the data bar begins; without one it is looked for in the lowest quarter of the picture.
    """
    barred = top < len(grey)
    strip = np.nan_to_num(grey[top if barred else 3 * len(grey) // 4 :])
    if strip.shape[0] < 3 or strip.shape[1] < 2 * _ON_PICTURE:
        return None
    low, high = float(strip.min()), float(strip.max())
    if not barred:
        ink = strip == high  # what is drawn on a picture has the brightest grey there is
    elif np.median(strip) < (low + high) / 2:
        ink = strip > (low + high) / 2
    else:
        ink = strip < (low + high) / 2
    if not ink.any() or ink.mean() > 0.5:
        return None
    row, first, stop = _runs(ink)
    width = strip.shape[1]
    whole = (
        (stop - first >= (_SHORTEST if barred else _ON_PICTURE))
        & (first > 0)
        & (stop < width)
        & (stop - first <= _LONGEST * width)
    )
    row, first, stop = row[whole], first[whole], stop[whole]
    best: Bar | None = None
    for at, begin, end in _pieces(row, first, stop):
        thin = _thickness(ink, at, begin, end)
        if thin > _THICKEST or (best is not None and end - begin <= best.last - best.first + 1):
            continue
        stroke = _stroke(ink, at, begin, end, thin)
        best = Bar(begin, end - 1, len(grey) - len(strip) + at, end - begin - stroke)
    return best


def _is_uniform(row: npt.NDArray[np.floating]) -> bool:
    return bool((row == row[0]).mean() > 0.95)


def _runs(ink: BoolArray) -> tuple[npt.NDArray[np.int64], ...]:
    """Row, first and one-past-last column of every run."""
    edge = np.diff(np.pad(ink.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, first = np.nonzero(edge == 1)
    return row, first, np.nonzero(edge == -1)[1]


def _pieces(
    row: npt.NDArray[np.int64], first: npt.NDArray[np.int64], stop: npt.NDArray[np.int64]
) -> list[tuple[int, int, int]]:
    """Lines of one piece, and of two alike with words between them: row, first column, one past the last."""
    found = [(int(at), int(begin), int(end)) for at, begin, end in zip(row, first, stop, strict=True)]
    for (at, begin, end), (other, again, last) in pairwise(found):
        alike = at == other and abs((end - begin) - (last - again)) <= _ALIKE
        if alike and again - end <= _WORDS * (last - begin):
            found.append((at, begin, last))
    return sorted(found, key=lambda one: one[1] - one[2])[:40]


def _thickness(ink: BoolArray, row: int, begin: int, end: int) -> int:
    """Rows of ink above and below a place of the line, near its left end, strokes left out."""
    column = ink[:, begin + (end - begin) // 8]
    above = np.flatnonzero(~column[: row + 1])
    below = np.flatnonzero(~column[row:])
    first = int(above[-1]) + 1 if len(above) else 0
    return int(row + below[0] - first) if len(below) else len(column) - first


def _stroke(ink: BoolArray, row: int, begin: int, end: int, thin: int) -> int:
    """Columns of the stroke at the left end: those higher than the line; one where there is none."""
    near = ink[max(row - thin - 3, 0) : row + thin + 4, begin : begin + (end - begin) // 4].sum(0)
    taller = near > thin + 1
    return max(int(taller.argmin()), 1) if taller[0] else 1
