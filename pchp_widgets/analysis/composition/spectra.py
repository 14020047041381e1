"""Spectra made ready for integrals: base line, and noise from a stretch without lines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import sample_coords
from .baselines import ORDER, free_stretches, smooth
from .noise import LAGS, autocovariance

FloatArray = npt.NDArray[np.float64]

_FEWEST = 32
_GRID = 1024
_POWERS = np.arange(ORDER + 1)


def spectra(data: xr.Dataset, window: tuple[float, float] | None = None) -> xr.Dataset:
    """Spectra with their noise and a smooth base line.

    Parameters
    ----------
    data
        Measurement of ``composition``, spectra of one nucleus along ``sample``.
    window
        Stretch without lines that the noise is taken from [ppm]; of each spectrum all of them when left out.

    Returns
    -------
    Dataset
        ``shift`` [ppm, ascending] and ``intensity`` (sample, point), padded with NaN at the end;
        ``base_coefficient`` (sample, power) of the smooth base line in (shift - ``base_centre``) / ``base_half``, with
        ``base_covariance`` (sample, power, other_power); ``noise_covariance`` (sample, lag) of points so many points
        apart, ``noise`` (sample), its root at zero; ``noise_low``, ``noise_high`` [ppm]: where it was taken;
        ``free_low``, ``free_high`` (sample, stretch) [ppm]: all stretches without lines; ``step`` [ppm] between
        points. NaN for a sample without a spectrum.

    Raises
    ------
    ValueError
        When the data hold no spectra, or the window is empty.
    """
    if window is not None and not window[0] < window[1]:
        raise ValueError(f"window {window}: give (low, high) in ppm")
    if "intensity" not in data or "shift" not in data:
        raise ValueError("there is no spectrum: shift and intensity are expected; elemental analysis stands by itself")
    count, points = data.sizes["sample"], data.sizes["point"]
    shift, intensity = np.full((2, count, points), np.nan)
    base, centre, half = np.full((count, ORDER + 1), np.nan), np.full(count, np.nan), np.full(count, np.nan)
    spread = np.full((count, ORDER + 1, ORDER + 1), np.nan)
    noise, ends, step = np.full((count, LAGS), np.nan), np.full((count, 2), np.nan), np.full(count, np.nan)
    stretches: list[FloatArray] = [np.zeros((0, 2))] * count
    for at in range(count):
        x, y = _sorted(data["shift"].values[at], data["intensity"].values[at])
        if len(x) < _FEWEST:
            continue
        shift[at, : len(x)], intensity[at, : len(x)] = x, y
        free = free_stretches(y)
        base[at], spread[at], scale = smooth(x, y, free)
        centre[at], half[at] = scale
        stretches[at] = np.array([x[[part.start, part.stop - 1]] for part in free.stretches()]).reshape(-1, 2)
        quiet = free.points() if window is None else (x >= window[0]) & (x <= window[1])
        noise[at] = autocovariance(_over_base(x, y, base[at], scale, quiet, whole=window is None), quiet)
        ends[at] = x[quiet][[0, -1]] if quiet.any() else np.nan
        step[at] = (x[-1] - x[0]) / (len(x) - 1)
    most = max((len(one) for one in stretches), default=0)
    every = np.stack([np.pad(one, ((0, most - len(one)), (0, 0)), constant_values=np.nan) for one in stretches])
    where = (ends[:, 0], ends[:, 1], every[..., 0], every[..., 1])
    return _dataset(data, (shift, intensity, base, spread, centre, half, noise, np.sqrt(noise[:, 0]), *where, step))


_VARIABLES: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("shift", ("point",), "1e-6", "chemical shift, ascending"),
    ("intensity", ("point",), "1", "absorption as the file has it, arbitrary units"),
    ("base_coefficient", ("power",), "1", "of the polynomial through the stretches without lines"),
    ("base_covariance", ("power", "other_power"), "1", "of the coefficients, from the scatter of means of blocks"),
    ("base_centre", (), "1e-6", "shift at which the variable of the polynomial is zero"),
    ("base_half", (), "1e-6", "distance over which it grows by one"),
    ("noise_covariance", ("lag",), "1", "covariance of points so many points apart, without lines"),
    ("noise", (), "1", "standard deviation of a point without a line"),
    ("noise_low", (), "1e-6", "where the noise was taken from"),
    ("noise_high", (), "1e-6", "where the noise was taken to"),
    ("free_low", ("stretch",), "1e-6", "where a stretch without lines begins"),
    ("free_high", ("stretch",), "1e-6", "where a stretch without lines ends"),
    ("step", (), "1e-6", "distance of points"),
)


def _dataset(data: xr.Dataset, columns: tuple[FloatArray, ...]) -> xr.Dataset:
    variables = {
        name: (("sample", *dims), values, {"units": units, "definition": text})
        for (name, dims, units, text), values in zip(_VARIABLES, columns, strict=True)
    }
    return xr.Dataset(variables, sample_coords(data, variables), data.attrs)


def _over_base(
    x: FloatArray,
    y: FloatArray,
    base: FloatArray,
    scale: tuple[float, float],
    quiet: npt.NDArray[np.bool_],
    *,
    whole: bool,
) -> FloatArray:
    """A spectrum over its smooth base line, or over a parabola through the stretch that the noise is taken from."""
    along = (x - scale[0]) / scale[1]
    if not whole and quiet.sum() > _FEWEST:
        base = np.asarray(np.polynomial.polynomial.polyfit(along[quiet], y[quiet], 2), float)
    return np.asarray(y - np.polynomial.polynomial.polyval(along, base), float)


def _sorted(shift: FloatArray, intensity: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Known points with ascending shifts."""
    known = np.isfinite(shift) & np.isfinite(intensity)
    x, y = shift[known], intensity[known]
    if len(x) > 1 and x[0] > x[-1]:
        x, y = x[::-1], y[::-1]
    if (np.diff(x) <= 0).any():
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    return x, y


def suggested_window(found: xr.Dataset) -> tuple[float, float]:
    """Stretch for the noise to begin with [ppm]: the longest one without a line in any of the spectra.

    Where they have none in common, that of the first.

    Parameters
    ----------
    found
        As given by :func:`spectra`.
    """
    shift = found["shift"].values
    shift = shift[np.isfinite(shift).any(1)]
    if not len(shift):
        return 0.0, 1.0
    grid = np.linspace(np.nanmin(shift, 1).max(), np.nanmax(shift, 1).min(), _GRID)
    lows, highs = (found[name].values[..., None] for name in ("free_low", "free_high"))
    inside = np.logical_and(lows <= grid, grid <= highs)
    of_each = np.atleast_2d(np.any(inside, axis=1))[np.isfinite(found["step"].values)]
    common = of_each.all(0) if of_each.all(0).any() else of_each[0]
    starts, stops = np.flatnonzero(np.diff(common, prepend=False, append=False)).reshape(-1, 2).T
    if not len(starts):
        return float(grid[0]), float(grid[-1])
    at = int(np.argmax(stops - starts))
    return float(grid[starts[at]]), float(grid[max(stops[at] - 1, starts[at] + 1)])


def base_powers(found: xr.Dataset, at: int, shift: FloatArray) -> FloatArray:
    """Powers (point, power) of the shifts that the coefficients of the smooth base line of one spectrum multiply."""
    along = (shift - found["base_centre"].values[at]) / found["base_half"].values[at]
    return np.asarray(along[:, None] ** _POWERS, float)
