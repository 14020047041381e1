"""Z-HIT: the modulus that belongs to the measured phase, whose departure from the measured one is drift."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .._spectra import FloatArray, Grid, IntArray, by_spectrum, grids
from .defect_flags import row_flaws
from .noise_level import grid_noise

_NEIGHBOURS = 5
_GAMMA = -np.pi / 6
_FAILS, _SURE = 4.0, 2.0  # standard errors
_SAID = {
    0: "phase and modulus do not belong together",
    1: "phase and modulus belong together",
    -1: "the noise would hide a departure beyond the limit",
}


def z_hit(spectra: xr.Dataset, *, window: tuple[float, float] = (1.0, 1e3), limit: float = 0.03) -> xr.Dataset:
    r"""Modulus of every spectrum reconstructed from its phase (Z-HIT), and how far the measured one departs.

    .. math:: \ln|Z(\omega_0)| \approx k + \frac{2}{\pi} \int_{\omega_s}^{\omega_0} \varphi \, d\ln\omega
       - \frac{\pi}{6} \frac{d\varphi(\omega_0)}{d\ln\omega}

    The phase at each point is that of a parabola through it and its neighbours (five points), which gives the slope,
    too; a cubic spline through these is integrated. k is the mean over `window`, where neither drift nor an inductance
    is at work; over all frequencies where fewer than five lie in it. Unlike Lin-KK this needs no model, and the phase
    hardly feels slow drift, so the sign of the departure tells the direction. It is an approximation: sharp arcs leave
    about 1 % in clean spectra.

    Parameters
    ----------
    spectra
        Dataset (cell, spectrum, frequency) with ``z_real``, ``z_imag`` [ohm].
    window
        Frequencies [Hz] at which the two moduli are made equal.
    limit
        Largest departure (mean of five points) of a spectrum that passes.

    Returns
    -------
    Dataset
        (cell, spectrum, frequency): ``modulus`` [ohm], reconstructed, and ``departure`` [1], ln of measured over
        reconstructed. (cell, spectrum): ``pseudo_chi_squared`` [1], the sum over frequencies of
        (reconstructed/measured - 1)²; ``departure_max`` [1] and ``departure_low`` [1], the mean over the lowest decade;
        ``passed`` (1; 0 where a mean of five points departs by four standard errors more than the limit; -1 undecided
        or not usable) and ``reason``.

    Raises
    ------
    ValueError
        When the window is empty or the spectra lack something.

    References
    ----------
    W. Ehm, H. Göhr, R. Kaus, B. Röseler, C. A. Schiller, ACH - Models Chem. 137 (2000) 145-157 (from memory).
    """
    if not 0 <= window[0] < window[1]:
        raise ValueError(f"window = {window}: give the lower and the upper frequency [Hz]")
    flaws = row_flaws(spectra)
    z = flaws.z
    found = {name: np.full(len(z), np.nan) for name in ("pseudo_chi_squared", "departure_max", "departure_low")}
    found |= {name: np.full(z.shape, np.nan) for name in ("modulus", "departure")}
    verdict = np.full(len(z), -1)
    for grid in grids(spectra["frequency"].values, z, flaws.usable):
        departure, spread = _departure(grid, window)
        place = np.ix_(grid.row, grid.column)
        found["departure"][place], found["modulus"][place] = departure, np.abs(grid.z) * np.exp(-departure)
        found["pseudo_chi_squared"][grid.row] = (np.expm1(-departure) ** 2).sum(1)
        found["departure_low"][grid.row] = departure[:, grid.frequency <= 10 * grid.frequency.min()].mean(1)
        runs = np.abs(_runs(departure))
        found["departure_max"][grid.row] = runs.max(1)
        verdict[grid.row] = _verdicts(runs, grid_noise(grid.frequency, grid.z)[0][:, None] * spread, limit)
    said = np.array(list(_SAID.values()))[verdict]
    found |= {"passed": verdict, "reason": np.where(flaws.usable, said, flaws.reason)}
    return by_spectrum(spectra, found, _attrs(limit))


def _runs(values: FloatArray) -> FloatArray:
    """Means of neighbouring points along the last axis."""
    found: FloatArray = np.lib.stride_tricks.sliding_window_view(values, _NEIGHBOURS, axis=-1).mean(-1)
    return found


def _verdicts(runs: FloatArray, error: FloatArray, limit: float) -> IntArray:
    """1, 0 or -1 for each row from its mean departures and their standard errors."""
    fails = (runs - _FAILS * error > limit).any(1)
    passes = ((runs <= limit) & (_SURE * error <= limit)).all(1)
    return np.where(fails, 0, np.where(passes, 1, -1))


def _departure(grid: Grid, window: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
    """(row, frequency): ln of the measured over the reconstructed modulus; and (run) the noise of its means.

    The latter is relative to the noise of the spectrum, which is the same in ln|Z| and in the phase.
    """
    order = np.argsort(grid.frequency)
    frequency = grid.frequency[order]
    phase = np.unwrap(np.angle(grid.z[:, order]), axis=1)
    inside = (frequency >= window[0]) & (frequency <= window[1])
    if np.count_nonzero(inside) < _NEIGHBOURS:
        inside[:] = True
    centre = np.eye(len(frequency)) - inside / np.count_nonzero(inside)
    from_phase = centre @ _operator(np.log(frequency))
    departure = np.empty(phase.shape)
    departure[:, order] = np.log(np.abs(grid.z[:, order])) @ centre.T - phase @ from_phase.T
    spread = np.hypot(*(np.sqrt((_runs(matrix.T) ** 2).sum(0)) for matrix in (centre, from_phase)))
    return departure, spread if order[0] == 0 else spread[::-1]


def _operator(logarithm: FloatArray) -> FloatArray:
    """Matrix that makes the logarithm of a modulus, but for a constant, of phases along ascending ln f."""
    from scipy.interpolate import CubicSpline

    size = len(logarithm)
    start = np.clip(np.arange(size) - _NEIGHBOURS // 2, 0, size - _NEIGHBOURS)
    index = start[:, None] + np.arange(_NEIGHBOURS)
    distance = logarithm[index] - logarithm[:, None]
    parabola = np.linalg.pinv(distance[:, :, None] ** np.arange(3))  # (point, coefficient, neighbour)
    smooth, slope = np.zeros((size, size)), np.zeros((size, size))
    smooth[np.arange(size)[:, None], index], slope[np.arange(size)[:, None], index] = parabola[:, 0], parabola[:, 1]
    integral = CubicSpline(logarithm, smooth, axis=0, bc_type="natural").antiderivative()(logarithm)
    found: FloatArray = 2 / np.pi * integral + _GAMMA * slope
    return found


def _attrs(limit: float) -> dict[str, dict[str, object]]:
    return {
        "modulus": {"units": "ohm", "long_name": "|Z| from the phase"},
        "departure": {"units": "1", "definition": "ln of the measured |Z| over that from the phase"},
        "pseudo_chi_squared": {
            "units": "1",
            "definition": "sum over frequencies of (|Z| from the phase/measured - 1)²",
        },
        "departure_max": {"units": "1", "definition": f"largest |mean departure| of {_NEIGHBOURS} neighbouring points"},
        "departure_low": {"units": "1", "definition": "mean departure over the lowest decade; above 0 |Z| had grown"},
        "passed": {
            "long_name": "Z-HIT",
            "flag_values": [-1, 0, 1],
            "flag_meanings": "undecided failed passed",
            "definition": f"departure_max within {limit:g}",
        },
        "reason": {"long_name": "reason of the verdict"},
    }
