"""Sharp lines in a pattern: found by a filter that no halo passes, and named by the phases they may be of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .models import FloatArray
from .phases import PHASES, label
from .prepared import counted
from .spacing import wavelength

SEEN = 8.0
"""Standard errors by which a line must rise to be one."""

NEAR = 0.3
"""Farthest from a line of a phase [degree] that bears its name; a sample 0.1 mm too low shifts lines by 0.06."""

_WIDTH = 0.25  # of the line that is looked for, in degrees
_REACH = 1.6  # around it, where what is smooth is a polynomial
_DEGREE = 4
_APART = 0.5
_ECHO = 0.3
_SPARED, _TAIL = 0.7, 0.3  # degrees on both sides of a line


def reflections(data: xr.Dataset, *, seen: float = SEEN) -> xr.Dataset:
    """Sharp lines of each sample.

    A line of 0.25 degrees is looked for with a filter that lets no polynomial of degree 4 over 3.2 degrees pass, so
    neither a background nor a halo. The noise is that of counting, or the scatter of the filtered pattern where that
    is larger.

    Parameters
    ----------
    data
        Measurement of ``diffraction`` (sample, point) with ``wavelength`` on ``sample``.
    seen
        Standard errors by which a line must rise.

    Returns
    -------
    Dataset
        (sample, line), ascending, padded with NaN: ``position`` [degree], ``height`` [count], ``significance``
        in standard errors, and ``phase``: the nearest line of :data:`~.phases.PHASES` within 0.3 degrees, else empty.
    """
    angle, values, known = counted(data)
    waves = wavelength(data).values
    found = [_lines(*one, seen) for one in zip(angle, values, known, strict=True)]
    most = max((len(one) for one in found), default=0)
    table = np.full((len(found), most, 3), np.nan)
    for row, lines in zip(table, found, strict=True):
        row[: len(lines)] = lines
    names = np.array(
        [[nearest(place, wave) for place in row[:, 0]] for row, wave in zip(table, waves, strict=True)], object
    )
    dims = ("sample", "line")
    texts = names.reshape(len(found), most).astype(str)
    said = {
        "position": (dims, table[..., 0], {"units": "degree", "definition": "maximum of the filtered pattern"}),
        "height": (dims, table[..., 1], {"units": "count", "definition": "height of a line of 0.25 degrees"}),
        "significance": (dims, table[..., 2], {"units": "1", "definition": "height over its standard error"}),
        "phase": (dims, texts, {"definition": "line of a known phase within 0.3 degrees"}),
    }
    return xr.Dataset(said, {"sample": data["sample"]})


def spared(found: xr.Dataset) -> tuple[tuple[float, float], ...]:
    """Ranges of angles [degree] around sharp lines of any sample, for ``exclude`` of :func:`~.halos.halos`.

    A line is spared by 0.7 degrees on both sides, and by 0.3 more for each power of ten that it is stronger.
    """
    place, score = (found[name].values.ravel() for name in ("position", "significance"))
    known = np.isfinite(place)
    half = _SPARED + _TAIL * np.log10(np.maximum(score[known] / SEEN, 1.0))
    ranges: list[tuple[float, float]] = []
    for low, high in sorted(zip((place[known] - half).tolist(), (place[known] + half).tolist(), strict=True)):
        if ranges and low <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(high, ranges[-1][1]))
        else:
            ranges.append((low, high))
    return tuple((round(low, 3), round(high, 3)) for low, high in ranges)


def nearest(two_theta: float, wave: float) -> str:
    """The line of a known phase nearest to an angle [degree], empty where none is near, or the wavelength unknown."""
    if not np.isfinite(two_theta * wave):
        return ""
    lines = [
        (abs(place - two_theta), label(name, indices))
        for name, phase in PHASES.items()
        for place, indices in zip(phase.positions(wave), phase.lines, strict=True)
        if np.isfinite(place)
    ]
    off, name = min(lines)
    return name if off <= NEAR else ""


def _lines(angle: FloatArray, values: FloatArray, known: np.bool_, seen: float) -> FloatArray:
    """(line, 3) place, height and significance in one pattern."""
    there = np.isfinite(angle) & np.isfinite(values)
    angle, values = angle[there], values[there]
    step = float(np.median(np.diff(angle))) if angle.size > 2 else np.nan
    reach = int(_REACH / step) if step > 0 else 0
    if reach < 8 or angle.size < 4 * reach:
        return np.empty((0, 3))
    along = np.arange(-reach, reach + 1) * step
    bell = np.exp(-4 * np.log(2) * (along / _WIDTH) ** 2)
    smooth = np.linalg.qr(np.vander(along / _REACH, _DEGREE + 1))[0]
    kernel = bell - smooth @ (smooth.T @ bell)
    height = np.convolve(values, kernel[::-1], "valid") / (kernel @ bell)
    level = np.convolve(values, np.ones(2 * reach + 1) / (2 * reach + 1), "valid")
    error = np.sqrt(np.maximum(level, 1.0) * (kernel @ kernel)) / (kernel @ bell)
    score = height / error
    scatter = 1.4826 * float(np.median(np.abs(score - np.median(score))))
    score = score / (max(scatter, 1.0) if known else max(scatter, 1e-12))
    apart = max(int(_APART / step), 1)
    padded = np.pad(score, apart, constant_values=-np.inf)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * apart + 1).max(1)
    at: npt.NDArray[np.intp] = np.flatnonzero((score == highest) & (score > seen))
    found: FloatArray = np.column_stack([angle[reach:-reach][at], height[at], score[at]])
    near = np.abs(found[:, None, 0] - found[None, :, 0]) < 2 * _REACH
    echo = near & (found[:, None, 1] < _ECHO * found[None, :, 1])  # the filter answers a strong line beside it too
    return np.asarray(found[~echo.any(1)])
