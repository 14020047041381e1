"""Means of curves whose neighbouring points belong together: a bootstrap of blocks, for many curves at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

REPLICATES = 999
_MOST = 4_000_000  # numbers drawn at once


class Resampled(NamedTuple):
    """What a bootstrap of blocks says of each curve (...,): `block` is the number of neighbours kept together."""

    stderr: FloatArray
    low: FloatArray
    high: FloatArray
    block: FloatArray


def block_means(values: FloatArray, *, confidence: float = 0.95, replicates: int = REPLICATES) -> Resampled:
    """Standard error and interval of the mean of each curve, from circular blocks of a length chosen for it.

    Blocks keep neighbours together, so that a stick-slip curve does not pass for as many independent points. The
    interval is the expanded percentile interval (Hesterberg, Am. Stat. 69 (2015) 371): quantiles of the resampled
    means, taken so far out as Student's t for the number of blocks asks for. Random numbers are seeded.

    Parameters
    ----------
    values
        (curve, point), evenly spaced, all finite.
    confidence
        Level of the interval.
    replicates
        Number of resampled means.
    """
    from scipy import special

    curves, points = values.shape
    block = block_length(values)
    length = np.rint(block).astype(int)
    count = -(-points // length)  # blocks that make a curve as long, the last of them longer
    mean = values.mean(1)
    over = _of_blocks(values - mean[:, None], length)
    effective = np.maximum(points / length, 2.0)
    stretch = np.sqrt(effective / (effective - 1))
    stderr = block_stderr(values, block)
    tail = special.ndtr(special.stdtrit(effective - 1, (1 - confidence) / 2) * stretch)
    rng = np.random.default_rng(0)
    low, high = np.empty(curves), np.empty(curves)
    step = max(int(_MOST / (replicates * max(int(count.max(initial=1)), 1))), 1)
    for first in range(0, curves, step):  # as many curves as fit into memory
        part = slice(first, first + step)
        most = int(count[part].max())
        places = rng.integers(points, size=(replicates, most))
        used = np.arange(most) < count[part, None]  # (curve, block)
        means = np.stack([row[places[:, :number]].mean(1) for row, number in zip(over[part], used.sum(1), strict=True)])
        means *= np.sqrt(count[part] / (points / length[part]))[:, None]  # whole blocks are a little more than a curve
        means.sort(1)
        low[part] = mean[part] + _quantile(means, tail[part])
        high[part] = mean[part] + _quantile(means, 1 - tail[part])
    return Resampled(stderr, low, high, block)


def block_stderr(values: FloatArray, block: FloatArray) -> FloatArray:
    """Standard error of the mean of each curve (curve, point), exactly that of resampled blocks of a length."""
    length = np.rint(block).astype(int)
    blocks = np.maximum(values.shape[1] / length, 2.0)
    over = _of_blocks(values - values.mean(1, keepdims=True), length)
    return np.asarray(np.sqrt((over**2).mean(1) / (blocks - 1)), float)


def _of_blocks(values: FloatArray, length: npt.NDArray[np.int64]) -> FloatArray:
    """Mean of the circular block that begins at each point."""
    curves, points = values.shape
    total = np.cumsum(np.concatenate([np.zeros((curves, 1)), values, values], 1), 1)
    ends = np.take_along_axis(total, np.arange(points) + length[:, None], 1)
    return np.asarray((ends - total[:, :points]) / length[:, None], float)


def block_length(values: FloatArray) -> FloatArray:
    """Number of neighbours in a circular block, for each curve (curve, point).

    Twice the best one for a variance after Politis and White, Econometric Reviews 23 (2004) 53, with the correction of
    Patton, Politis and White, ibid. 28 (2009) 372: autocovariances up to twice the lag where they vanish, in a flat-top
    window. Twice, because blocks of that length underrate the variance, and an interval suffers more from that than
    from the scatter of longer ones.
    """
    points = values.shape[1]
    away = values - values.mean(1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(away, 2 * points, axis=1)) ** 2
    covariance = np.fft.irfft(spectrum, axis=1)[:, :points] / points
    near = max(5, int(np.sqrt(np.log10(points))))
    most = min(int(np.ceil(np.sqrt(points))) + near, points - near - 1)
    variance = np.maximum(covariance[:, :1], np.finfo(float).tiny)
    small = np.abs(covariance / variance) < 2 * np.sqrt(np.log10(points) / points)
    small = small[:, 1 : most + near + 1]
    run = np.asarray(np.lib.stride_tricks.sliding_window_view(small, near, axis=1).all(axis=-1), bool)
    vanishes = np.where(run.any(axis=1), run.argmax(axis=1), most)
    reach = np.minimum(2 * np.maximum(vanishes, 1), most)
    lag = np.arange(most + 1)
    taper = np.clip(2 * (1 - lag / reach[:, None]), 0.0, 1.0)
    weighted = taper * covariance[:, : most + 1]
    level = weighted[:, 0] + 2 * weighted[:, 1:].sum(1)
    slope = 2 * (lag * weighted)[:, 1:].sum(1)
    longest = np.ceil(min(3 * np.sqrt(points), points / 3))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        best = 2 * (1.5 * points * (slope / level) ** 2) ** (1 / 3)
    best = np.where(np.isfinite(best), best, np.where(covariance[:, 0] > 0, longest, 1.0))
    return np.asarray(np.clip(best, 1.0, longest), float)


def _quantile(ordered: FloatArray, part: FloatArray) -> FloatArray:
    """Quantile `part` of each row, which ascends."""
    place = np.clip(part * (ordered.shape[1] + 1) - 1, 0, ordered.shape[1] - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, ordered.shape[1] - 1)
    rows = np.arange(len(ordered))
    return np.asarray(ordered[rows, below] + (place - below) * (ordered[rows, above] - ordered[rows, below]), float)
