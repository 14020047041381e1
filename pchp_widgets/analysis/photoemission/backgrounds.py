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
    low, high, first, last = _ends(energy, intensity, ends)
    width = np.where(last > first, last - first, 1.0)
    return low + (high - low) * (energy - first) / width


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
    low, high, _, _ = _ends(energy, intensity, ends)
    width = np.diff(np.where(np.isfinite(energy), energy, 0.0), axis=-1)
    width = np.where(np.isfinite(intensity[..., 1:]), width, 0.0)
    values = np.where(np.isfinite(intensity), intensity, 0.0)
    half = 0.5 * width
    share = np.zeros_like(values)
    step = high - low
    moved = np.inf
    for _ in range(ITERATIONS):
        net = values - (low + step * share)
        running = np.cumsum((net[..., 1:] + net[..., :-1]) * half, axis=-1)
        total = running[..., -1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            found = running / np.where(total > 0, total, np.nan)
        moved = float(np.nanmax(np.abs(found - share[..., 1:]), initial=0.0))
        share[..., 1:] = found
        if moved < TOLERANCE:
            break
    solved = np.isfinite(share).all(-1, keepdims=True)
    return np.where(np.isfinite(intensity) & solved, low + step * share, np.nan)


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
    low, high, _, _ = _ends(energy, intensity, ends)
    net = np.where(np.isfinite(intensity), intensity - low, 0.0)
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


def _ends(
    energy: FloatArray, intensity: FloatArray, ends: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Intensity at both ends, and their energies, (..., 1)."""
    known = np.isfinite(intensity)
    rank = np.cumsum(known, axis=-1)
    count = rank[..., -1:]
    first = known & (rank <= ends)
    last = known & (rank > count - ends)
    with np.errstate(invalid="ignore"):
        low, high = (
            np.where(where, intensity, 0.0).sum(-1, keepdims=True) / where.sum(-1, keepdims=True).clip(1)
            for where in (first, last)
        )
    begin = np.where(known & (rank == 1), energy, 0.0).sum(-1, keepdims=True)
    end = np.where(known & (rank == count), energy, 0.0).sum(-1, keepdims=True)
    return low, high, begin, end


def _last(values: FloatArray, intensity: FloatArray) -> FloatArray:
    """The value at the last point that is known, (..., 1)."""
    known = np.isfinite(intensity)
    rank = np.cumsum(known, axis=-1)
    found: FloatArray = np.where(known & (rank == rank[..., -1:]), values, 0.0).sum(-1, keepdims=True)
    return found
