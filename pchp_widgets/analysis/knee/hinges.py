"""Least squares of a line with one or two bends: every position tried, for all curves at once."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FLOOR = 1e-6
"""Residuals below this part of the mean are rounding, not misfit."""


@dataclass(frozen=True)
class Curves:
    """Curves over one grid, a row each, with their sums.

    ``x`` runs from -1 to 1; ``y`` is divided by its mean and centred, and 0 where ``known`` (0 or 1) is 0. ``count``,
    ``sx``, ``sxx``, ``sy``, ``sxy`` are columns; ``line`` is the residual sum of squares of the straight line.
    """

    x: FloatArray
    y: FloatArray
    known: FloatArray
    n: FloatArray
    sx: FloatArray
    sxx: FloatArray
    sy: FloatArray
    sxy: FloatArray
    line: FloatArray

    def rows(self, chosen: BoolArray) -> Curves:
        """Some of the curves."""
        return replace(self, **{field.name: getattr(self, field.name)[chosen] for field in fields(self)[1:]})


def curves(x: FloatArray, values: FloatArray, known: BoolArray) -> Curves:
    """Scale and centre, and sum what every fit needs."""
    weight = known.astype(float)
    count = weight.sum(1, keepdims=True)
    inside = np.where(known, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = inside.sum(1, keepdims=True) / count
        y = np.where(known, inside / mean - 1.0, 0.0)
    sums = [weight @ x[:, None], weight @ x[:, None] ** 2, y.sum(1, keepdims=True), y @ x[:, None]]
    bare = Curves(x, y, weight, count, sums[0], sums[1], sums[2], sums[3], np.zeros_like(count))
    square = (y**2).sum(1, keepdims=True) - _on_line(bare, (bare.sy, bare.sxy), (bare.sy, bare.sxy))
    return replace(bare, line=np.maximum(square, floor(bare)))


def floor(of: Curves) -> FloatArray:
    """Residual sum of squares below which two fits are the same."""
    found: FloatArray = np.maximum(of.n, 1.0) * FLOOR**2
    return found


def one_bend(of: Curves, bends: FloatArray) -> FloatArray:
    """Residual sum of squares (curve, candidate) of a0 + a1 x + a2 z for every candidate column of `bends`.

    All Gram matrices come from four matrix products: of which three are a single row where all curves have values at
    the same places.
    """
    shared = of.known[:1] if (of.known == of.known[0]).all() else of.known
    z, xz, zz = shared @ bends, (shared * of.x) @ bends, shared @ bends**2
    zz = zz - _on_line(of, (z, xz), (z, xz))
    zy = of.y @ bends - _on_line(of, (z, xz), (of.sy, of.sxy))
    with np.errstate(divide="ignore", invalid="ignore"):
        gained = np.where(zz > 1e-12 * of.n, zy**2 / zz, 0.0)
    return np.maximum(of.line - gained, floor(of))


def fitted(of: Curves, bend: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Slope and bend coefficient (columns, of x from -1 to 1), and residuals, of one bend (curve, x) per curve."""
    z, xz = (of.known * bend).sum(1, keepdims=True), (of.known * of.x * bend).sum(1, keepdims=True)
    zz = (of.known * bend**2).sum(1, keepdims=True) - _on_line(of, (z, xz), (z, xz))
    zy = (of.y * bend).sum(1, keepdims=True) - _on_line(of, (z, xz), (of.sy, of.sxy))
    with np.errstate(divide="ignore", invalid="ignore"):
        a2 = np.where(zz > 1e-12 * of.n, zy / zz, 0.0)
        y, xy = of.sy - a2 * z, of.sxy - a2 * xz
        a1 = (of.n * xy - of.sx * y) / (of.n * of.sxx - of.sx**2)
        a0 = (y - a1 * of.sx) / of.n
        residual = of.known * (of.y - a0 - a1 * of.x - a2 * bend)
    return a1, a2, residual


def two_bends(of: Curves, first: IntArray, second: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Residual sum of squares and both coefficients of a0 + a1 x + a2 |x - x1| + a3 |x - x2|.

    Sharp bends need no product over the curve: all their sums are differences of running sums, so each curve may have
    candidates of its own.

    Parameters
    ----------
    of
        Curves.
    first, second
        Columns of the two bends, (curve, candidate), first < second.
    """
    running = [np.cumsum(of.known * of.x**power, axis=1) for power in (0, 1, 2)]
    running_y = [np.cumsum(of.y * of.x**power, axis=1) for power in (0, 1)]
    at = [of.x[place] for place in (first, second)]
    left = [[np.take_along_axis(total, place, 1) for total in running] for place in (first, second)]
    whole = [of.n, of.sx, of.sxx]
    z, xz, zy, zz = [], [], [], []
    for place, x, (n, sx, sxx) in zip((first, second), at, left, strict=True):
        ly, lxy = (np.take_along_axis(total, place, 1) for total in running_y)
        z.append(whole[1] - x * whole[0] - 2 * (sx - x * n))
        xz.append(whole[2] - x * whole[1] - 2 * (sxx - x * sx))
        zy.append(of.sxy - x * of.sy - 2 * (lxy - x * ly))
        zz.append(whole[2] - 2 * x * whole[1] + x**2 * whole[0])
    between = [late - early for early, late in zip(*left, strict=True)]
    total, inner = (q[2] - (at[0] + at[1]) * q[1] + at[0] * at[1] * q[0] for q in (whole, between))
    cross = total - 2 * inner - _on_line(of, (z[0], xz[0]), (z[1], xz[1]))
    a, b = (zz[i] - _on_line(of, (z[i], xz[i]), (z[i], xz[i])) for i in (0, 1))
    p, q = (zy[i] - _on_line(of, (z[i], xz[i]), (of.sy, of.sxy)) for i in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        det = a * b - cross**2
        sound = det > 1e-9 * a * b
        a2 = np.where(sound, (b * p - cross * q) / det, 0.0)
        a3 = np.where(sound, (a * q - cross * p) / det, 0.0)
    return np.maximum(of.line - a2 * p - a3 * q, floor(of)), a2, a3


def effective_count(of: Curves, residual: FloatArray) -> FloatArray:
    """Number of independent residuals, n (1 - ρ) / (1 + ρ), ρ their correlation from one to the next, as a column.

    Misfit and slow disturbances make neighbours alike; counting them all would make every bend significant. (Bayley
    and Hammersley, J. R. Stat. Soc. Suppl. 8 (1946) 184, for a first-order process.)
    """
    pairs = (residual[:, 1:] * residual[:, :-1]).sum(1, keepdims=True)
    square = np.maximum((residual**2).sum(1, keepdims=True), floor(of))
    rho = np.clip(pairs / square, 0.0, 0.98)
    found: FloatArray = np.maximum(of.n * (1 - rho) / (1 + rho), 2.0)
    return found


def _on_line(of: Curves, f: tuple[FloatArray, FloatArray], h: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Product of what a straight line explains of two columns, each given by its sum and its sum with x."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = (of.sxx * f[0] * h[0] - of.sx * (f[0] * h[1] + f[1] * h[0]) + of.n * f[1] * h[1]) / (
            of.n * of.sxx - of.sx**2
        )
    return found
