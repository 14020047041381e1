"""The Lin-KK test of every spectrum of a study, and what is concluded from its residuals.

The residuals are judged against the noise, which is known without a model. A point fails where the mean residual of it
and its neighbours (five points) is beyond the limit by four standard errors, or its own by six. ``systematic`` is what
the mean square of the residuals has above the noise. A spectrum fails where a point fails; it passes where
``systematic`` and twice its standard error stay within the limit; otherwise the noise is too large for this limit, and
it is undecided.

M. Schönleber, D. Klotz, E. Ivers-Tiffée, Electrochim. Acta 131 (2014) 20-27, doi 10.1016/j.electacta.2014.01.034.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import xarray as xr

from .._spectra import BoolArray, ComplexArray, FloatArray, Grid, IntArray, by_spectrum, grids
from .defect_flags import Flaws, row_flaws
from .noise_level import grid_noise, local_noise
from .rc_chain import chains

VERDICTS: dict[str, tuple[int, str]] = {
    "within": (1, "residuals are noise and what is below the limit"),
    "systematic": (0, "residuals run together beyond the limit: the cell changed in the sweep, or is not linear"),
    "wild_points": (0, "single points depart from their neighbours"),
    "noisy": (-1, "the noise would hide a violation of the limit"),
    "unusable": (-1, "is not usable"),
}
"""What a spectrum can be found to be: name, value of ``passed``, and what is said of it."""

_NEIGHBOURS = 5
_FAILS, _WILD, _SURE = 4.0, 6.0, 2.0  # standard errors


class _Noise(NamedTuple):
    """Noise of the spectra of one grid, relative to the modulus."""

    mean: FloatArray
    """(row)"""
    relative_error: FloatArray
    """(row) of its square."""
    at: FloatArray
    """(row, frequency), nowhere below the mean."""


def lin_kk(
    spectra: xr.Dataset,
    *,
    c: float = 0.85,
    largest: int = 50,
    add_capacitance: bool = True,
    add_inductance: bool = True,
    limit: float = 0.01,
    guard: bool = True,
) -> xr.Dataset:
    r"""Kramers-Kronig test of every spectrum by a chain of RC elements (Lin-KK).

    A resistance, M RC elements with time constants between :math:`1/\omega_{max}` and :math:`1/\omega_{min}`, a series
    capacitance and an inductance are fitted to real and imaginary part together, with weights 1/\|Z\|. M grows from 3
    until :math:`\mu = 1 - \sum_{R_k<0}|R_k| / \sum_{R_k \ge 0}|R_k|` falls to `c`.

    A spectrum fails where neighbouring residuals are beyond the limit by more than noise explains, passes where what
    they have above the noise is surely within it, and else is undecided.

    Parameters
    ----------
    spectra
        Dataset (cell, spectrum, frequency) with ``z_real``, ``z_imag`` [ohm].
    c
        Limit of mu.
    largest
        Largest M that is tried (and no more than the points less three).
    add_capacitance, add_inductance
        Whether the chain has a series capacitance, for blocking electrodes, and an inductance.
    limit
        Largest systematic residual of a spectrum that passes, relative to \|Z\|.
    guard
        Go on where mu is small because of too few elements, as on ``1ZARC`` of pyDRTtools. False is the published rule.

    Returns
    -------
    Dataset
        (cell, spectrum): ``elements`` (M, 0 where there is none), ``mu``, ``residual_rms`` and ``residual_max`` [1],
        ``systematic`` [1], ``noise`` [1], ``passed`` (1 passed, 0 failed, -1 undecided) and ``reason``.
        (cell, spectrum, frequency): ``residual_real``, ``residual_imag``: (measured - fit)/\|Z\|, and
        ``point_passed`` (1, 0, -1). Spectra that are not usable have NaN and say why.

    Raises
    ------
    ValueError
        When `c` or `limit` is out of range, or the spectra lack something.
    """
    if not (0 < c < 1 and limit > 0):
        raise ValueError(f"c = {c}, limit = {limit}: c lies between 0 and 1, as 0.85; the limit is positive, as 0.01")
    flaws = row_flaws(spectra)
    found = _empty(flaws.z.shape)
    for grid in grids(spectra["frequency"].values, flaws.z, flaws.usable):
        level = _noise_of(grid)
        adequate = partial(_adequate, level=level, limit=limit) if guard else None
        ends = {"capacitance": add_capacitance, "inductance": add_inductance}
        chain = chains(grid, limit=c, largest=largest, adequate=adequate, **ends)
        own = _judged(chain.residual, chain.elements + 1 + sum(ends.values()), level, limit)
        _place(found, grid, {"elements": chain.elements, "mu": chain.mu} | own)
    return by_spectrum(spectra, _with_verdicts(found, flaws), _attrs(c, limit))


def _place(found: dict[str, np.ndarray], grid: Grid, own: dict[str, np.ndarray]) -> None:
    for name, values in own.items():
        found[name][np.ix_(grid.row, grid.column) if values.ndim > 1 else grid.row] = values


def _with_verdicts(found: dict[str, np.ndarray], flaws: Flaws) -> dict[str, np.ndarray]:
    """The numbers of the verdicts as what they mean."""
    verdict = found.pop("verdict")
    said = np.array([text for _, text in VERDICTS.values()])[verdict]
    passed = np.array([value for value, _ in VERDICTS.values()])[verdict]
    return found | {"passed": passed, "reason": np.where(flaws.usable, said, flaws.reason)}


def _empty(shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    rows, unusable = shape[0], list(VERDICTS).index("unusable")
    numbers = ("mu", "residual_rms", "residual_max", "systematic", "noise")
    return {
        "elements": np.zeros(rows, np.int64),
        **{name: np.full(rows, np.nan) for name in numbers},
        "verdict": np.full(rows, unusable),
        "residual_real": np.full(shape, np.nan),
        "residual_imag": np.full(shape, np.nan),
        "point_passed": np.full(shape, -1),
    }


def _noise_of(grid: Grid) -> _Noise:
    mean, error, order = grid_noise(grid.frequency, grid.z)
    at = np.maximum(local_noise(grid.frequency, grid.z, order), mean[:, None])
    return _Noise(np.sqrt((at**2).mean(1)), 2 * error / mean, at)


def _run(residual: ComplexArray, level: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean residual of each point and its neighbours, the larger of both parts, and its standard error."""
    width = min(_NEIGHBOURS, residual.shape[1])
    mean = np.lib.stride_tricks.sliding_window_view(residual, width, axis=1).mean(2)
    square = np.lib.stride_tricks.sliding_window_view(level**2, width, axis=1).mean(2)
    nearest = np.clip(np.arange(residual.shape[1]) - width // 2, 0, mean.shape[1] - 1)
    return np.maximum(np.abs(mean.real), np.abs(mean.imag))[:, nearest], np.sqrt(square / width)[:, nearest]


def _adequate(row: IntArray, residual: ComplexArray, *, level: _Noise, limit: float) -> BoolArray:
    """Rows whose residuals do not run together, even beyond half the limit: more elements would hardly help."""
    mean, error = _run(residual, level.at[row])
    return np.asarray((mean - _SURE * error <= limit / 2).all(1))


def _judged(residual: ComplexArray, parameters: IntArray, level: _Noise, limit: float) -> dict[str, np.ndarray]:
    """Numbers and verdicts of the residuals of one grid."""
    square = residual.real**2 + residual.imag**2
    part = np.maximum(np.abs(residual.real), np.abs(residual.imag))
    free = 2 * residual.shape[1] - parameters
    excess = square.sum(1) / free - level.mean**2
    error = level.mean**2 * np.hypot(np.sqrt(2 / free), level.relative_error)
    mean, mean_error = _run(residual, level.at)
    systematic = mean - _FAILS * mean_error > limit
    wild = part - _WILD * level.at > limit
    sure = excess + _SURE * error <= limit**2
    order = list(VERDICTS)
    cases = [systematic.any(1), wild.any(1), sure]
    codes = [order.index(name) for name in ("systematic", "wild_points", "within")]
    return {
        "residual_rms": np.sqrt(square.mean(1)),
        "residual_max": part.max(1),
        "systematic": np.sqrt(np.maximum(excess, 0.0)),
        "noise": level.mean,
        "verdict": np.select(cases, codes, order.index("noisy")),
        "residual_real": residual.real,
        "residual_imag": residual.imag,
        "point_passed": np.where(systematic | wild, 0, np.where(mean + _SURE * mean_error <= limit, 1, -1)),
    }


def _attrs(c: float, limit: float) -> dict[str, dict[str, object]]:
    relative: dict[str, object] = {"units": "1"}
    verdict: dict[str, object] = {"flag_values": [-1, 0, 1], "flag_meanings": "undecided failed passed"}
    return {
        "elements": {"units": "1", "long_name": "RC elements", "definition": f"smallest M from 3 with mu <= {c:g}"},
        "mu": relative | {"long_name": "mu", "definition": "1 - sum of -R_k below 0 / sum of R_k from 0 on"},
        "residual_rms": relative | {"definition": "root of the mean over frequencies of |Z - fit|²/|Z|²"},
        "residual_max": relative | {"definition": "largest |residual| of the real or the imaginary part"},
        "systematic": relative
        | {"definition": "root of: residuals squared per degree of freedom, less the noise squared; 0 where negative"},
        "noise": relative | {"definition": "root mean square over frequencies of the noise around each point"},
        "passed": verdict | {"long_name": "Kramers-Kronig test", "definition": f"systematic residual within {limit:g}"},
        "reason": {"long_name": "reason of the verdict"},
        "residual_real": relative | {"long_name": "residual of Re Z", "definition": "Re(Z - fit)/|Z|"},
        "residual_imag": relative | {"long_name": "residual of Im Z", "definition": "Im(Z - fit)/|Z|"},
        "point_passed": verdict
        | {"long_name": "test of one point", "definition": f"mean residual of {_NEIGHBOURS} points within {limit:g}"},
    }
