r"""Backgrounds of inelastically scattered electrons, for many spectra at once.

All functions take spectra along the last dimension, over *rising* binding energy. Points that are NaN at the end of a
shorter spectrum stay NaN and count for nothing. A background runs from the mean of the first points of the window to
that of the last ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

TOLERANCE, ITERATIONS = 1e-6, 60
"""A Shirley background is done when no point moves by more than this share of the step, or after so many rounds."""

LOSS = (2866.0, 1643.0)
"""B and C of Tougaard's universal loss function [eV2]: S. Tougaard, Surf. Interface Anal. 11 (1988) 453."""


def linear(energy: FloatArray, intensity: FloatArray, ends: int = 1) -> FloatArray:
    """The straight line between the ends of each spectrum.

    Parameters
    ----------
    energy
        Binding energy [eV], rising.
    intensity
        As many, in any unit.
    ends
        How many points at either end are averaged.
    """
    known = np.isfinite(intensity)
    low, high = _levels(intensity, known, ends)
    rank = np.cumsum(known, axis=-1)
    first, last = (
        np.where(known & (rank == place), energy, 0.0).sum(-1, keepdims=True) for place in (1, rank[..., -1:])
    )
    width = np.where(last > first, last - first, 1.0)
    line: FloatArray = low + (high - low) * (energy - first) / width
    return line


def shirley(energy: FloatArray, intensity: FloatArray, ends: int = 1) -> FloatArray:
    r"""The iterated background of Shirley.

    .. math:: B_{k+1}(E) = I_r + (I_l - I_r)\,\frac{\int_{E_r}^{E} (I - B_k)\,dE'}{\int_{E_r}^{E_l} (I - B_k)\,dE'}

    with r the end of low and l that of high binding energy, by the trapezoid rule, begun with a constant background
    (D.A. Shirley, Phys. Rev. B 5 (1972) 4709; iterated: A. Proctor and P.M.A. Sherwood, Anal. Chem. 54 (1982) 13).

    Parameters
    ----------
    energy, intensity, ends
        As for :func:`linear`.

    Returns
    -------
    array
        The background in the unit of the intensity. NaN where the net area is not above zero: there is no peak then,
        and the equation has no solution.
    """
    known = np.isfinite(intensity)
    low, high = _levels(intensity, known, ends)
    step = high - low
    half = 0.5 * np.where(known[..., 1:], np.diff(np.where(np.isfinite(energy), energy, 0.0), axis=-1), 0.0)
    above = np.where(known, intensity - low, 0.0)
    above = ((above[..., 1:] + above[..., :-1]) * half).cumsum(-1)  # the integral is linear: the peak is summed once
    share = np.zeros(known.shape)
    solved = np.ones(low.shape, bool)
    for _ in range(ITERATIONS):
        net = above - step * ((share[..., 1:] + share[..., :-1]) * half).cumsum(-1)
        total = net[..., -1:]
        solved &= total > 0
        found = net / np.where(solved, total, np.inf)
        moved = np.abs(found - share[..., 1:]).max(initial=0.0)
        share[..., 1:] = found
        if moved < TOLERANCE:
            break
    return np.where(known & solved, low + step * share, np.nan)


def tougaard(energy: FloatArray, intensity: FloatArray, ends: int = 1) -> FloatArray:
    r"""Tougaard's background with the universal loss function of two parameters (U2).

    .. math:: B(E) = I_r + b \int_{E_r}^{E} \frac{E - E'}{(C + (E - E')^2)^2}\,(I(E') - I_r)\,dE'

    where b makes the background meet the spectrum at the end of high binding energy. It is meant for windows of 30 eV
    and more; b of a free-electron-like solid is about :data:`LOSS` [0].

    Parameters
    ----------
    energy, intensity, ends
        As for :func:`linear`.
    """
    known = np.isfinite(intensity)
    low, high = _levels(intensity, known, ends)
    net = np.where(known, intensity - low, 0.0)
    scattered = np.einsum("...ij,...j->...i", losses(energy), net)
    last = _last(scattered, intensity)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(last > 0, (high - low) / last, np.nan)
    return np.where(np.isfinite(intensity), low + scale * scattered, np.nan)


def losses(energy: FloatArray) -> FloatArray:
    """(..., point, point): what a unit of intensity at the second point scatters to the first, by the loss function."""
    known = np.where(np.isfinite(energy), energy, 0.0)
    lost = known[..., :, None] - known[..., None, :]
    kernel = np.where(lost > 0, lost / (LOSS[1] + lost**2) ** 2, 0.0)
    return kernel * weights(energy)[..., None, :]


def weights(energy: FloatArray) -> FloatArray:
    """Weights of the trapezoid rule over each spectrum [eV], 0 where it is NaN."""
    known = np.isfinite(energy)
    width = np.where(known[..., 1:] & known[..., :-1], np.diff(np.where(known, energy, 0.0), axis=-1), 0.0)
    found = np.zeros(energy.shape)
    found[..., 1:] += width / 2
    found[..., :-1] += width / 2
    return found


BACKGROUNDS: dict[str, Callable[..., FloatArray]] = {"shirley": shirley, "tougaard": tougaard, "linear": linear}
"""Backgrounds by name."""

EXPLAINED = {
    "shirley": "a step at every energy, in proportion to the peak area at lower binding energy",
    "tougaard": "electrons lose energy by Tougaard's universal function (U2); it wants a window of 30 eV or more",
    "linear": "a straight line between the ends of the window",
}
"""Backgrounds in words."""


def _levels(intensity: FloatArray, known: npt.NDArray[np.bool_], ends: int) -> tuple[FloatArray, FloatArray]:
    """Mean intensity of the first points that are known, and of the last ones, (..., 1)."""
    rank = known.cumsum(-1)
    first, last = known & (rank <= ends), known & (rank > rank[..., -1:] - ends)
    low, high = (
        np.where(where, intensity, 0.0).sum(-1, keepdims=True) / np.maximum(where.sum(-1, keepdims=True), 1)
        for where in (first, last)
    )
    return low, high


def _last(values: FloatArray, intensity: FloatArray) -> FloatArray:
    """The value at the last point that is known, (..., 1)."""
    known = np.isfinite(intensity)
    rank = np.cumsum(known, axis=-1)
    found: FloatArray = np.where(known & (rank == rank[..., -1:]), values, 0.0).sum(-1, keepdims=True)
    return found
