"""Peaks of a distribution of relaxation times, and how far they depend on the penalty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from .._spectra import BoolArray, FloatArray, Grid, IntArray, grids, impedance
from .distribution import constrained
from .kernel import Problem, families, problem, scaled

FACTORS: FloatArray = 10.0 ** np.array([-1.5, -1.0, -0.5, 0.5, 1.0, 1.5])
"""Multiples of the chosen λ at which a peak must be found again."""

_TOLERANCE = 0.2  # decades


class _Peaks(NamedTuple):
    """Peaks of several rows, NaN where a row has fewer than another; the time constants ascend."""

    log_tau: FloatArray
    """(row, peak) decades"""
    resistance: FloatArray
    """(row, peak) [ohm]"""


def peaks(found: xr.Dataset, *, smallest_share: float = 0.01) -> xr.Dataset:
    r"""Peaks of every distribution, with the resistance that belongs to each and what becomes of it at other penalties.

    A peak has the resistance between the two lowest points that separate it from its neighbours. Regularization both
    merges and splits arcs, so the number of peaks is no result: ``share`` says how much of the resistance a peak stands
    for, and ``stability`` at how many of six other λ, from 1/30 to 30 times the chosen one, a peak is within 0.2
    decades of its time constant. ``resistance_low`` and ``resistance_high`` are the extremes over those at which it is;
    they are no confidence interval.

    Parameters
    ----------
    found
        As given by :func:`relaxation_times`.
    smallest_share
        Peaks with a smaller share of the distributed resistance are not listed; ``unlisted`` says what they make up.

    Returns
    -------
    Dataset
        (cell, spectrum, peak), in order of the time constant, NaN behind the last: ``time_constant`` [s],
        ``resistance``, ``resistance_low``, ``resistance_high`` [ohm], ``share`` [1] of the distributed resistance,
        ``capacitance`` [F] = time constant/resistance, ``stability`` [1], and ``in_window`` (1 where
        :math:`1/\tau` lies among the measured angular frequencies, 0 where it does not, -1 without peak).
        (cell, spectrum): ``unlisted`` [1].

    Raises
    ------
    ValueError
        When the dataset is not one of :func:`relaxation_times`.
    """
    missing = {"density", "penalty", "has_tail", "z_real", "z_imag"} - set(found.variables)
    if missing:
        raise ValueError(f"{', '.join(sorted(missing))}: not in this dataset; give what relaxation_times returned")
    per_decade, margin = (found.attrs[f"relaxation_{name}"] for name in ("per_decade", "margin"))
    density = found["density"].values.reshape(found["penalty"].size, found.sizes["time_constant"])
    resistance = np.nan_to_num(density) * np.log(10) / per_decade
    log_tau = np.log10(found["time_constant"].values)
    whole = resistance.sum(1)
    own = _peaks(log_tau, resistance, smallest_share * whole)
    again, lows, highs = (np.zeros(own.log_tau.shape) for _ in range(3))
    lows[:], highs[:] = own.resistance, own.resistance
    for other in _elsewhere(found, per_decade, margin, smallest_share):
        near = np.abs(own.log_tau[:, :, None] - other.log_tau[:, None, :])
        near = np.where(np.isfinite(near), near, np.inf)
        place = near.argmin(2) if near.shape[2] else np.zeros(near.shape[:2], np.int64)
        same = near.min(2, initial=np.inf) <= _TOLERANCE
        value = np.take_along_axis(other.resistance, place, 1) if near.shape[2] else np.zeros(place.shape)
        again += same
        lows, highs = np.where(same, np.fmin(lows, value), lows), np.where(same, np.fmax(highs, value), highs)
    return _dataset(found, own, again / len(FACTORS), (lows, highs), whole)


def _elsewhere(found: xr.Dataset, per_decade: int, margin: float, smallest_share: float) -> list[_Peaks]:
    """Peaks of all rows at each of :data:`FACTORS` times their λ."""
    z, penalty = impedance(found), found["penalty"].values.ravel()
    has_tail, density = (
        found["has_tail"].values.ravel(),
        found["density"].values.reshape(penalty.size, len(found["time_constant"])),
    )
    log_tau = np.log10(found["time_constant"].values)
    place = np.rint(log_tau * per_decade).astype(int)
    others = np.zeros((len(FACTORS), *density.shape))
    for grid in grids(found["frequency"].values, z, has_tail >= 0):
        for family, own in families(grid, has_tail[grid.row] == 1):
            of = problem(grid.frequency, family, per_decade=per_decade, margin=margin)
            column = np.searchsorted(place, of.place)
            free = np.concatenate([np.ones((len(own.row), 1), bool), density[np.ix_(own.row, column)] > 0], axis=1)
            others[:, own.row[:, None], column] = _at_factors(of, own, penalty[own.row], free)
    return [_peaks(log_tau, other, smallest_share * other.sum(1)) for other in others]


def _at_factors(of: Problem, grid: Grid, penalty: FloatArray, free: BoolArray) -> FloatArray:
    """(factor, row, time_constant) [ohm]: each from the solution at the factor before it, going away from 1."""
    y, scale = scaled(of, grid.z)
    solved = np.empty((len(FACTORS), len(y), len(of.place) + 1))
    for side in (np.flatnonzero(FACTORS < 1)[::-1], np.flatnonzero(FACTORS > 1)):
        start = free
        for number in side:
            solved[number] = constrained(of, y, penalty * FACTORS[number], start)
            start = solved[number] > 0
    return solved[..., 1:] * scale[:, None]


def _peaks(log_tau: FloatArray, resistance: FloatArray, least: FloatArray) -> _Peaks:
    """Peaks of at least the given resistance (row); `resistance` is (row, time_constant)."""
    target, top = _watershed(resistance)
    count, size = resistance.shape
    flat = np.bincount(
        (target + size * np.arange(count)[:, None]).ravel(), weights=resistance.ravel(), minlength=count * size
    )
    held = flat.reshape(count, size)
    listed = top & (held >= least[:, None]) & (held > 0)
    number = np.cumsum(listed, axis=1) - 1
    most = int(listed.sum(1).max(initial=0))
    found = _Peaks(np.full((count, most), np.nan), np.full((count, most), np.nan))
    if not most:
        return found
    row, column = np.nonzero(listed)
    found.log_tau[row, number[row, column]] = _refined(log_tau, resistance, row, column)
    found.resistance[row, number[row, column]] = held[row, column]
    return found


def _watershed(values: FloatArray) -> tuple[IntArray, BoolArray]:
    """For each point of a row the maximum one climbs to from it, and which points are maxima."""
    size = values.shape[1]
    padded = np.pad(values, ((0, 0), (1, 1)), constant_values=-np.inf)
    left, right = padded[:, :-2], padded[:, 2:]
    place = np.arange(size)
    step = np.where((right > values) & (right >= left), place + 1, np.where(left >= values, place - 1, place))
    step = np.where((left == values) & (right < values), place, np.clip(step, 0, size - 1))
    top = step == place
    for _ in range(int(np.ceil(np.log2(max(size, 2))))):
        step = np.take_along_axis(step, step, 1)
    return step, top & (values > 0)


def _refined(log_tau: FloatArray, values: FloatArray, row: IntArray, column: IntArray) -> FloatArray:
    """Where the parabola through a maximum and its neighbours has its top; the maximum itself at the ends."""
    inner = np.clip(column, 1, values.shape[1] - 2)
    before, at, after = (values[row, inner + offset] for offset in (-1, 0, 1))
    bend = before - 2 * at + after
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where((inner == column) & (bend < 0), 0.5 * (before - after) / bend, 0.0)
    found: FloatArray = log_tau[column] + np.clip(shift, -0.5, 0.5) * (log_tau[1] - log_tau[0])
    return found


def _dataset(
    found: xr.Dataset, own: _Peaks, stability: FloatArray, extremes: tuple[FloatArray, FloatArray], whole: FloatArray
) -> xr.Dataset:
    there = np.isfinite(own.log_tau)
    tau = 10**own.log_tau
    known = np.isfinite(impedance(found))
    omega = 2 * np.pi * found["frequency"].values
    low, high = np.where(known, omega, np.inf).min(1), np.where(known, omega, -np.inf).max(1)
    inside = (1 / tau >= low[:, None]) & (1 / tau <= high[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = own.resistance / whole[:, None]
        unlisted = np.where(whole > 0, 1 - np.nansum(share, axis=1), np.nan)
    columns = {
        "time_constant": (tau, "s", "time constant of the top of the peak"),
        "resistance": (own.resistance, "ohm", "integral of the density between the lowest points beside the peak"),
        "resistance_low": (np.where(there, extremes[0], np.nan), "ohm", "least resistance over the λ at which it is"),
        "resistance_high": (
            np.where(there, extremes[1], np.nan),
            "ohm",
            "largest resistance over the λ at which it is",
        ),
        "share": (share, "1", "resistance over the distributed resistance"),
        "capacitance": (tau / own.resistance, "F", "time constant over resistance"),
        "stability": (
            np.where(there, stability, np.nan),
            "1",
            f"share of {len(FACTORS)} other λ, 1/30 to 30 times the chosen, with a peak within {_TOLERANCE:g} decades",
        ),
    }
    shape = (found.sizes["cell"], found.sizes["spectrum"])
    dims = ("cell", "spectrum", "peak")
    data = xr.Dataset(
        {
            name: (dims, values.reshape(*shape, -1), {"units": units, "definition": text})
            for name, (values, units, text) in columns.items()
        },
        coords={
            name: value for name, value in found.coords.items() if not {"frequency", "time_constant"} & set(value.dims)
        },
    )
    window = {"flag_values": [-1, 0, 1], "flag_meanings": "no_peak outside inside"}
    data["in_window"] = (dims, np.where(there, inside, -1).astype(np.int64).reshape(*shape, -1), window)
    data["unlisted"] = (dims[:2], unlisted.reshape(shape), {"units": "1", "definition": "share of peaks not listed"})
    return data
