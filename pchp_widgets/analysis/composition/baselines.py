"""Base lines of spectra: the points without lines, and a smooth curve through them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

BASELINES: Mapping[str, str] = MappingProxyType(
    {
        "smooth": "a polynomial of third order through the stretches without lines of the whole spectrum",
        "none": "zero: the spectrum as the file has it",
        "line": "a straight line between the levels at both ends of each region, which must lie beside its lines",
    }
)
"""What lies below the lines."""

ORDER = 3
_BLOCKS = 256
_EDGE = 0.03  # of the spectrum at either end, where filters bend it
_QUIET, _CLIP = 3.0, 3.0
_BESIDE = 3  # blocks on both sides of a line, where its wings are
_ROUNDS = 12
_FEWEST = 12  # blocks that make a base line


class Free(NamedTuple):
    """Stretches of a spectrum without lines.

    Attributes
    ----------
    blocks
        (block), whether each of equal parts of the spectrum is free of lines.
    edges
        (block + 1), where they begin and end, in points.
    """

    blocks: npt.NDArray[np.bool_]
    edges: npt.NDArray[np.int64]

    def stretches(self) -> list[slice]:
        """Points of each stretch without a line."""
        ends = np.flatnonzero(np.diff(self.blocks, prepend=False, append=False)).reshape(-1, 2)
        return [slice(int(self.edges[start]), int(self.edges[stop])) for start, stop in ends]

    def points(self) -> npt.NDArray[np.bool_]:
        """Which points lie in one of them."""
        return np.repeat(self.blocks, np.diff(self.edges))


def free_stretches(values: FloatArray) -> Free:
    """Stretches of a spectrum (point) without lines.

    The spectrum is cut into blocks. Free are those that scatter no more than three times as much as the quieter third
    does, whose means keep to a polynomial of third order through the free ones within three times their spread, found
    in rounds, and that are no neighbours of others: wings of lines are too weak to be seen, and lift a base line all
    the same. The outermost 3 % are left out.
    """
    count = len(values)
    edges = np.linspace(0, count, min(_BLOCKS, max(count // 8, 1)) + 1).astype(int)
    width = np.diff(edges)
    means = np.add.reduceat(values, edges[:-1]) / width
    steps = np.diff(values, append=values[-1:])
    scatter = np.sqrt(np.maximum(np.add.reduceat(values**2, edges[:-1]) / width - means**2, 0))
    # a block on a slope scatters by its slope; what makes noise is steps that go up and down
    rough = np.sqrt(np.add.reduceat(steps**2, edges[:-1]) / width)
    x = np.linspace(-1, 1, len(means))
    inside = np.abs(x) < 1 - 2 * _EDGE
    quiet = np.ones(len(means), bool)
    for size in (scatter, rough):
        level = float(np.quantile(size[inside], 1 / 3)) if inside.any() else 0.0
        quiet &= size <= _QUIET * level
    lines = ~quiet
    free = inside & ~_beside(lines)
    for _ in range(_ROUNDS):
        if free.sum() < _FEWEST:
            break
        fitted = np.polynomial.Polynomial.fit(x[free], means[free], ORDER, domain=[-1, 1])
        away = means - fitted(x)
        spread = 1.4826 * float(np.median(np.abs(away[free] - np.median(away[free]))))
        lines = ~quiet | (np.abs(away) > _CLIP * max(spread, 1e-300))
        kept = inside & ~_beside(lines)
        if (kept == free).all():
            break
        free = kept
    return Free(free, edges)


def _beside(lines: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Blocks that hold lines, and their neighbours."""
    return np.convolve(lines, np.ones(2 * _BESIDE + 1), "same") > 0.5


def smooth(x: FloatArray, values: FloatArray, free: Free) -> tuple[FloatArray, FloatArray, tuple[float, float]]:
    """Polynomial through the free stretches of a spectrum.

    Parameters
    ----------
    x
        Shifts (point).
    values
        Intensities (point).
    free
        As given by :func:`free_stretches`.

    Returns
    -------
    coefficients, covariance, scale
        Of powers of (shift - centre) / half, lowest first; scale is (centre, half). The covariance is from the scatter
        of the block means, so correlation between points is in it. Zero where too few blocks are free.
    """
    scale = (float(x.mean()), max(float(np.ptp(x)) / 2, 1e-12))
    if free.blocks.sum() < _FEWEST:
        return np.zeros(ORDER + 1), np.zeros((ORDER + 1, ORDER + 1)), scale
    width = np.diff(free.edges)
    means = (np.add.reduceat(values, free.edges[:-1]) / width)[free.blocks]
    centres = (np.add.reduceat(x, free.edges[:-1]) / width)[free.blocks]
    design = ((centres - scale[0]) / scale[1])[:, None] ** np.arange(ORDER + 1)
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ (design.T @ means)
    away = means - design @ coefficients
    spread = float(away @ away) / (len(means) - ORDER - 1)
    # neighbouring blocks share slow noise: the spread is raised by their correlation
    together = float(np.clip(away[1:] @ away[:-1] / max(float(away @ away), 1e-300), 0.0, 0.9))
    covariance = np.asarray(inverse * spread * (1 + together) / (1 - together), float)
    return np.asarray(coefficients, float), covariance, scale
