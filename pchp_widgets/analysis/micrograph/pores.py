"""Dark pores of a surface: their part of the area over a band of thresholds, and how far they point one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import sample_coords
from .scale import aspect, grey_values, pixel_sizes, rows_of_picture

FloatArray = npt.NDArray[np.float64]

BAND = (0.35, 0.65)
"""Thresholds to begin with: from the mean grey of the pores (0) to that of the rest (1); Otsu's is 0.5."""

LEVELS = np.linspace(-0.3, 1.3, 161)
"""Thresholds at which the part of the area is tabulated."""

CONFIDENCE = 0.95

_SHADES = 512
_TILES = 6  # along the shorter side, for the scatter of the anisotropy
_SCALE = 1.5  # pixels over which a gradient is taken


class Flattened(NamedTuple):
    """A picture without its shading: grey values from 0, the mean of the pores, to 1, that of the rest.

    `ordered` holds the known ones, ascending; `contrast` is the distance of the two means over the standard deviation
    within both classes; `texture` holds the anisotropy and the direction, which no threshold changes.
    """

    grey: npt.NDArray[np.floating]
    ordered: npt.NDArray[np.floating]
    contrast: float
    texture: Mapping[str, float]


def flattened(one: xr.Dataset) -> Flattened:
    """The picture of one sample above its data bar, without its shading, between the means of Otsu's two classes.

    Shading is the polynomial of second degree in both directions that fits the picture best. Otsu's threshold (IEEE
    Trans. Syst. Man Cybern. 9 (1979) 62) has the most variance between two classes; it lies half-way between their
    means, at 0.5.

    Parameters
    ----------
    one
        Measurement of ``micrograph`` of one sample.
    """
    grey = grey_values(one)[: rows_of_picture(one)]
    known = np.isfinite(grey)
    if not known.any() or float(np.nanmax(grey)) == float(np.nanmin(grey)):
        return Flattened(np.full(grey.shape, np.nan), np.zeros(0, np.float32), np.nan, {})
    flat = grey - _shading(np.where(known, grey, np.nanmean(grey)))
    low, high, within = _classes(flat[known])
    flat = (flat - low) / (high - low)
    contrast = (high - low) / within if within > 0 else np.inf
    return Flattened(flat, np.sort(flat[known].astype(np.float32)), contrast, _anisotropy(flat, aspect(one)))


def pores(data: xr.Dataset, band: tuple[float, float] = BAND, *, sizes: xr.Dataset | None = None) -> xr.Dataset:
    """Part of the area that is darker than a threshold, for a band of thresholds, and the anisotropy.

    A micrograph has no one threshold: the fraction is given in the middle of a band and at both of its ends. Its
    interval at the middle is that of the sampling: pixels within a pore belong together, and the area counts as so many
    independent ones as it holds integral ranges of the correlation (Lantuéjoul, J. Microsc. 161 (1991) 387).

    Parameters
    ----------
    data
        Measurement of ``micrograph``.
    band
        Lowest and highest threshold, from the mean grey of the pores (0) to that of the rest (1).
    sizes
        As given by :func:`~.scale.pixel_sizes`; asked there when left out.

    Returns
    -------
    Dataset
        (sample): ``pore_fraction`` at the middle of the band with ``pore_fraction_stderr``, ``pore_fraction_low``
        and ``pore_fraction_high`` (95 %, sampling alone); ``band_low`` and ``band_high`` at its ends;
        ``total_low`` and ``total_high``, of both together; ``independent`` areas; ``contrast``; ``chord`` [um], mean
        length of a horizontal or vertical line within a pore; ``anisotropy`` with stderr and interval: coherence of
        the structure tensor, 0 alike in all directions and 1 all along one, and ``direction`` of the rods [degree];
        ``pixel_size`` [um] and ``field`` [um2], what is compared. (sample, level): ``darker``, the fraction at every
        threshold.

    Raises
    ------
    ValueError
        When the band does not ascend.
    """
    low, high = (float(end) for end in band)
    if not low < high:
        raise ValueError(f"band {band}: write (lowest, highest) threshold")
    sizes = pixel_sizes(data) if sizes is None else sizes
    rows = []
    for at, name in enumerate(data["sample"].values):
        one = data.isel(sample=[at])
        rows.append(pore_numbers(flattened(one), (low, high), float(sizes["pixel_size"].sel(sample=name)), aspect(one)))
    return side_by_side(rows, data, (low, high))


def pore_numbers(flat: Flattened, band: tuple[float, float], pixel: float, ratio: float = 1.0) -> dict[str, FloatArray]:
    """Numbers of one flattened picture, for :func:`side_by_side`.

    Parameters
    ----------
    flat
        As given by :func:`flattened`.
    band
        Thresholds.
    pixel
        Width [um].
    ratio
        Height over width.
    """
    whole = flat.ordered
    if not len(whole):
        empty = {name: np.array(np.nan) for name in _NUMBERS}
        return {**empty, "pixel_size": np.array(pixel), "darker": np.full(len(LEVELS), np.nan)}
    low, high = band
    middle = (low + high) / 2
    ends = np.searchsorted(whole, np.array([low, middle, high], np.float32)) / len(whole)
    dark = flat.grey < middle
    part = _sampled(dark, float(ends[1]))
    first = _sampled(dark, float(ends[0]), part[3])
    last = _sampled(dark, float(ends[2]), part[3])
    found = {
        "pore_fraction": ends[1], "pore_fraction_stderr": part[0], "pore_fraction_low": part[1],
        "pore_fraction_high": part[2], "band_low": ends[0], "band_high": ends[2], "total_low": first[1],
        "total_high": last[2], "independent": part[3], "contrast": flat.contrast,
        "chord": _chord(dark, ratio) * pixel, **flat.texture, "pixel_size": pixel,
        "field": len(whole) * pixel**2 * ratio,
    }  # fmt: skip
    table = np.searchsorted(whole, LEVELS.astype(np.float32)) / len(whole)
    return {**{name: np.asarray(value, float) for name, value in found.items()}, "darker": table}


def side_by_side(rows: list[dict[str, FloatArray]], data: xr.Dataset, band: tuple[float, float]) -> xr.Dataset:
    """What :func:`pores` returns, of samples measured one by one."""
    variables: dict[str, object] = {
        name: ("sample", np.array([row[name] for row in rows], float), {"units": units, "definition": text})
        for name, (units, text) in _NUMBERS.items()
    }
    table = np.array([row["darker"] for row in rows], float).reshape(-1, len(LEVELS))
    variables["darker"] = (
        ("sample", "level"), table, {"units": "1", "definition": "part of the area darker than this threshold"},
    )  # fmt: skip
    level = ("level", LEVELS, {"units": "1", "long_name": "threshold"})
    results = {name for name in variables if name in data.coords}
    return xr.Dataset(variables, {"level": level, **sample_coords(data, results)}, {"band": list(band)})


_NUMBERS = {
    "pore_fraction": ("1", "part of the area darker than the middle of the band of thresholds"),
    "pore_fraction_stderr": ("1", "standard error for the area that was seen, by the integral range of the pores"),
    "pore_fraction_low": ("1", "lower end of the 95 % interval for the area that was seen, at the middle threshold"),
    "pore_fraction_high": ("1", "upper end of the 95 % interval for the area that was seen, at the middle threshold"),
    "band_low": ("1", "part of the area darker than the lowest threshold"),
    "band_high": ("1", "part of the area darker than the highest threshold"),
    "total_low": ("1", "lower end of the 95 % interval at the lowest threshold"),
    "total_high": ("1", "upper end of the 95 % interval at the highest threshold"),
    "independent": ("1", "areas that would say as much if their pixels did not belong together"),
    "contrast": ("1", "distance of the mean greys of pores and rest over the standard deviation within both"),
    "chord": ("um", "mean length of horizontal and vertical lines within pores, those cut by a side included"),
    "anisotropy": ("1", "coherence of the structure tensor: 0 alike in all directions, 1 all along one"),
    "anisotropy_stderr": ("1", "standard error over tiles of the picture (jackknife)"),
    "anisotropy_low": ("1", "lower end of the 95 % interval over tiles of the picture"),
    "anisotropy_high": ("1", "upper end of the 95 % interval over tiles of the picture"),
    "direction": ("degree", "along which the grey changes least, from the horizontal anticlockwise"),
    "pixel_size": ("um", "width of a pixel: only pictures of equal magnification are compared"),
    "field": ("um2", "area that was seen"),
}


def _shading(grey: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Polynomial of second degree in both directions, about zero; solved on a coarse grid of means."""
    rows, columns = grey.shape
    step = max(min(rows, columns) // 48, 1)
    small = grey[: rows // step * step, : columns // step * step]
    small = small.reshape(rows // step, step, columns // step, step).mean((1, 3), dtype=float)
    down = (np.arange(small.shape[0]) + 0.5) * step / rows * 2 - 1
    right = (np.arange(small.shape[1]) + 0.5) * step / columns * 2 - 1
    design = np.stack([np.ones(small.size), *_terms(down[:, None], right)], 1)
    solved = np.linalg.lstsq(design, small.ravel(), rcond=None)[0][1:]
    down = (np.arange(rows) + 0.5) / rows * 2 - 1
    right = (np.arange(columns) + 0.5) / columns * 2 - 1
    y, x = down[:, None], right
    return np.asarray(
        solved[0] * y + solved[1] * x + solved[2] * y**2 + solved[3] * x**2 + solved[4] * (y * x), np.float32
    )


def _terms(y: FloatArray, x: FloatArray) -> list[FloatArray]:
    whole = np.broadcast_shapes(y.shape, x.shape)
    return [np.broadcast_to(one, whole).ravel() for one in (y, x, y**2, x**2, y * x)]


def _classes(values: npt.NDArray[np.floating]) -> tuple[float, float, float]:
    """Mean greys of Otsu's two classes, and the standard deviation within both."""
    low, high = float(values.min()), float(values.max())
    counts, sides = np.histogram(values, _SHADES, (low, high))
    middles = (sides[1:] + sides[:-1]) / 2
    below = np.cumsum(counts)[:-1].astype(float)
    above = below[-1] + counts[-1] - below
    total = np.cumsum(counts * middles)
    first = total[:-1] / np.maximum(below, 1)
    second = (total[-1] - total[:-1]) / np.maximum(above, 1)
    between = below * above * (second - first) ** 2
    at = int(between.argmax())
    whole = below[-1] + counts[-1]
    variance = float((counts * middles**2).sum() / whole - (total[-1] / whole) ** 2)
    within = variance - float(between[at]) / whole**2
    return float(first[at]), float(second[at]), float(np.sqrt(max(within, 0.0)))


def _sampled(
    dark: npt.NDArray[np.bool_], share: float, independent: float = np.nan
) -> tuple[float, float, float, float]:
    """Standard error and interval of a part of the area, and how many independent areas there are.

    The interval is Student's on the scale of log-odds, so that it stays between 0 and 1.
    """
    from scipy import special

    if not 0 < share < 1:
        return np.nan, np.nan, np.nan, np.nan
    if np.isnan(independent):
        independent = dark.size / max(_integral_range(dark), 1.0)
    if independent < 3:
        return np.nan, np.nan, np.nan, independent
    error = float(np.sqrt(share * (1 - share) / (independent - 1)))
    odds, reach = np.log(share / (1 - share)), error / (share * (1 - share))
    reach *= float(special.stdtrit(independent - 1, (1 + CONFIDENCE) / 2))
    low, high = 1 / (1 + np.exp(-(odds - reach))), 1 / (1 + np.exp(-(odds + reach)))
    return error, float(low), float(high), float(independent)


def _integral_range(dark: npt.NDArray[np.bool_]) -> float:
    """Pixels that count as one: the sum of the correlation over all lags, up to twice the lag where it vanishes."""
    from scipy import fft

    finest = np.nan_to_num(_chord(dark, 1.0) / 3)  # a few pixels of a pore show its correlation
    step = max(int(min(np.sqrt(dark.size) / 150, finest)), 1)
    field = dark[::step, ::step].astype(np.float32) - np.float32(dark.mean())
    shape = [fft.next_fast_len(2 * size, real=True) for size in field.shape]
    spectrum = fft.rfft2(field, shape)
    reach = [size // 2 for size in field.shape]
    products = fft.irfft2(spectrum.real**2 + spectrum.imag**2, shape)
    down, right = np.arange(reach[0] + 1), np.arange(-reach[1], reach[1] + 1)
    overlap = (field.shape[0] - down)[:, None] * (field.shape[1] - np.abs(right))
    correlation = products[: reach[0] + 1][:, right] / overlap
    correlation = correlation / correlation[0, reach[1]]
    distance = np.hypot(down[:, None], right)
    ring = np.rint(distance).astype(int)
    inside = ring <= min(reach)
    mean = np.bincount(ring[inside], correlation[inside]) / np.bincount(ring[inside])
    small = np.flatnonzero(np.abs(mean) < 2 / np.sqrt(field.size / np.maximum(np.arange(len(mean)), 1) ** 2 + 1) + 0.02)
    vanishes = float(small[0]) if len(small) else float(len(mean) - 1)
    taper = np.clip(2 * (1 - distance / (2 * max(vanishes, 1.0))), 0.0, 1.0)
    weight = np.where(down == 0, 1.0, 2.0)[:, None]  # lags upwards are those downwards
    return float((weight * taper * correlation).sum()) * step**2


def _chord(dark: npt.NDArray[np.bool_], ratio: float) -> float:
    """Mean length of a line within the dark, in widths of a pixel."""
    area = float(dark.sum())
    across = float((dark[:, 1:] & ~dark[:, :-1]).sum() + dark[:, 0].sum())
    down = float((dark[1:] & ~dark[:-1]).sum() + dark[0].sum())
    return 0.5 * (area / across + ratio * area / down) if across and down else np.nan


def _anisotropy(grey: npt.NDArray[np.floating], ratio: float) -> dict[str, float]:
    """Coherence of the structure tensor of the picture with its interval over tiles, and the direction of rods."""
    from scipy import ndimage, special

    filled = np.where(np.isfinite(grey), grey, 0.5).astype(np.float32)
    down = ndimage.gaussian_filter(filled, _SCALE, order=(1, 0)) / ratio
    right = ndimage.gaussian_filter(filled, _SCALE, order=(0, 1))
    tensor = np.stack([right**2, down**2, -right * down])  # rows go down, angles up
    tile = max(min(grey.shape) // _TILES, 1)
    rows, columns = (size // tile for size in grey.shape)
    cut = tensor[:, : rows * tile, : columns * tile].reshape(3, rows, tile, columns, tile)
    tiles = cut.mean((2, 4), dtype=float).reshape(3, -1)
    count = tiles.shape[1]
    whole = tiles.mean(1)
    value, direction = _coherence(whole)
    empty = {"anisotropy_stderr": np.nan, "anisotropy_low": np.nan, "anisotropy_high": np.nan}
    if count < 4 or not np.isfinite(value):
        return {"anisotropy": float(value), "direction": float(direction), **empty}
    without = (whole[:, None] * count - tiles) / (count - 1)
    others, _ = _coherence(without)
    error = float(np.sqrt((count - 1) / count * ((others - others.mean()) ** 2).sum()))
    reach = float(special.stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * error
    return {
        "anisotropy": float(value), "direction": float(direction), "anisotropy_stderr": error,
        "anisotropy_low": max(float(value) - reach, 0.0), "anisotropy_high": min(float(value) + reach, 1.0),
    }  # fmt: skip


def _coherence(tensor: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coherence and direction [degree] of tensors (xx, yy, xy)."""
    xx, yy, xy = tensor
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.hypot(xx - yy, 2 * xy) / (xx + yy)
    return value, np.degrees(0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2) % 180.0
