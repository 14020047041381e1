"""Distributions of relaxation times of all spectra of a study.

The regularization is that of M. Saccoccio, T. H. Wan, C. Chen, F. Ciucci, Electrochim. Acta 147 (2014) 470-482 (from
memory); the choice of λ and the solution are as :mod:`.kernel` and :mod:`.nonnegative` say.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from .._spectra import BoolArray, ComplexArray, FloatArray, Grid, by_spectrum, grids
from ..validity.defect_flags import Flaws, row_flaws
from ..validity.noise_level import grid_noise
from .kernel import PENALTIES, Family, Problem, by_gcv, by_l_curve, families, problem, scaled
from .nonnegative import nonnegative

Tail = Literal["auto"] | bool
_CHOICES = {"gcv": by_gcv, "l_curve": by_l_curve}
_LARGE = 0.01  # of |Z|, and three times the noise
_SLOW = 0.25
_OPEN = "does not close: what lies below the lowest frequency is not known, and neither is the whole resistance"
_MISFIT = (
    "the residuals are more than noise: the spectrum is not made of relaxations, L and C only, fails Kramers-Kronig, "
    "or λ is too large; the peaks are doubtful"
)
_NUMBERS = (
    "high_frequency_resistance",
    "inductance",
    "capacitance",
    "distributed_resistance",
    "polarization_resistance",
    "penalty",
    "residual_rms",
)


class Solution(NamedTuple):
    """Distributions of the spectra of one grid."""

    row: np.ndarray
    column: np.ndarray
    of: Problem
    tail: bool
    penalty: FloatArray
    """(row)"""
    resistance: FloatArray
    """(row, unknown) [ohm] in series and at each time constant; the density times their distance in ln τ."""
    loose: FloatArray
    """(row, element): L [H] and, with a tail, 1/C [F-1]."""
    lowest: float
    """Frequency [Hz]."""
    residual: ComplexArray
    """(row, frequency) [ohm]: measured less fitted."""


def relaxation_times(
    spectra: xr.Dataset,
    *,
    penalty: Literal["gcv", "l_curve"] | float = "gcv",
    tail: Tail = "auto",
    per_decade: int = 8,
    margin: float = 0.5,
) -> xr.Dataset:
    r"""Distribution of relaxation times of every spectrum, by Tikhonov regularization without negative resistances.

    .. math:: Z = R_\infty + j\omega L + \frac{1}{j\omega C} + \int\frac{\gamma(\ln\tau)}{1 + j\omega\tau} d\ln\tau,
       \qquad \min_{\gamma, R_\infty \ge 0} \|w(Z - \hat Z)\|^2 + \lambda \|\gamma''\|^2

    The weights w are 1; where a spectrum has a tail they are 1/(1 + (ω_c/ω)^p), as its modulus grows. λ is chosen
    without the constraint, from one generalised eigen-decomposition per grid and family of weights; then the
    constrained problem is solved exactly. What a peak is worth is what :func:`peaks` says. No error is given:
    regularization biases the density by more than noise scatters it. For a resistance with its error, fit a circuit.

    Parameters
    ----------
    spectra
        Dataset (cell, spectrum, frequency) with ``z_real``, ``z_imag`` [ohm].
    penalty
        How λ is chosen: ``"gcv"``, generalised cross-validation in which each parameter counts for two values;
        ``"l_curve"``, its corner; or λ itself, a pure number: 1e-8 is usual.
    tail
        Whether a series capacitance belongs to the model. ``"auto"``: where -Im Z still grows at the low end.
    per_decade
        Time constants per decade.
    margin
        Decades by which the time constants go beyond :math:`1/\omega_{max}` and :math:`1/\omega_{min}`.

    Returns
    -------
    Dataset
        (cell, spectrum, time_constant): ``density`` [ohm] per unit of ln τ, NaN where a spectrum does not reach.
        (cell, spectrum): ``high_frequency_resistance`` [ohm], ``inductance`` [H], ``capacitance`` [F] of the tail;
        ``distributed_resistance`` [ohm], the integral of the density; ``polarization_resistance`` [ohm], the same where
        the spectrum closes, NaN where ``has_tail`` (1, 0; -1 not usable) or where a quarter of the distribution is
        slower than the lowest frequency shows; ``penalty`` λ; ``residual_rms`` [1] relative to \|Z\|; ``reason``:
        why something is missing or doubtful.
        (cell, spectrum, frequency): ``z_real``, ``z_imag`` as measured, ``residual_real``, ``residual_imag`` [ohm].

    Raises
    ------
    ValueError
        When `penalty` is neither a name nor positive, or the spectra lack something.
    """
    _check(penalty, tail)
    flaws = row_flaws(spectra)
    z = flaws.z
    solutions, level = [], np.full(len(z), np.nan)
    for grid in grids(spectra["frequency"].values, z, flaws.usable):
        level[grid.row] = grid_noise(grid.frequency, grid.z)[0]
        for family, own in families(grid, _open(grid) if tail == "auto" else np.full(len(grid.row), tail)):
            of = problem(grid.frequency, family, per_decade=per_decade, margin=margin)
            solutions.append(_solution(own, of, family, penalty))
    found = _laid_out(z, solutions, per_decade)
    found["reason"] = _reasons(found, flaws, level)
    return _dataset(spectra, found, {"penalty": str(penalty), "per_decade": per_decade, "margin": margin})


def _check(penalty: str | float, tail: Tail) -> None:
    if not (penalty in _CHOICES if isinstance(penalty, str) else penalty > 0):
        raise ValueError(f"penalty = {penalty!r}: choose one of {', '.join(_CHOICES)} or a positive number")
    if tail not in ("auto", True, False):
        raise ValueError(f"tail = {tail!r}: choose 'auto', True or False")


def _reasons(found: dict[str, np.ndarray], flaws: Flaws, level: FloatArray) -> np.ndarray:
    """What is to be said of each row, whose noise is `level`."""
    with np.errstate(invalid="ignore"):
        misfit = found["residual_rms"] > _LARGE + 3 * np.sqrt(2) * level
    opened = flaws.usable & np.isnan(found["polarization_resistance"])
    return np.select([misfit, opened], [_MISFIT, _OPEN], flaws.reason)


def _open(grid: Grid) -> BoolArray:
    """Rows in which -Im Z still grows towards the lowest frequencies, half a decade up to the end."""
    order = np.argsort(grid.frequency)
    logarithm = np.log10(grid.frequency[order])
    second = int(np.searchsorted(logarithm, logarithm[0] + 0.5))
    capacitive = -grid.z.imag[:, order]
    low, up = capacitive[:, :3].mean(1), capacitive[:, second : second + 3].mean(1)
    found: BoolArray = (low > 1.1 * up) & (low > 0.03 * np.abs(grid.z).max(1))
    return found


def _solution(grid: Grid, of: Problem, family: Family, penalty: str | float) -> Solution:
    y, scale = scaled(of, grid.z)
    chosen = PENALTIES[_CHOICES[penalty](of, y)] if isinstance(penalty, str) else np.full(len(y), float(penalty))
    values = constrained(of, y, chosen)
    rest = y - values @ of.kernel.T
    loose = rest @ np.linalg.pinv(of.loose).T
    rest -= loose @ of.loose.T
    size = len(grid.frequency)
    residual = np.empty_like(grid.z)
    unweighted = scale[:, None] / of.weight
    residual.real, residual.imag = rest[:, :size] * unweighted, rest[:, size:] * unweighted
    loose = loose * of.loose_scale * scale[:, None]
    whole, lowest = values * scale[:, None], float(grid.frequency.min())
    return Solution(grid.row, grid.column, of, family.tail, chosen, whole, loose, lowest, residual)


def constrained(of: Problem, y: FloatArray, penalty: FloatArray, start: BoolArray | None = None) -> FloatArray:
    """Resistances >= 0 (row, unknown) of scaled spectra `y` (row, part), each with its own λ."""
    right = y @ of.reduced
    if start is None:
        loose = (y @ of.response / (of.values + penalty[:, None])) @ of.modes.T > 0
        start = np.concatenate([np.ones((len(y), 1), bool), loose], axis=1)
    return nonnegative(of.gram, of.roughness, penalty, right, start)


def _laid_out(z: ComplexArray, solutions: list[Solution], per_decade: int) -> dict[str, np.ndarray]:
    """Results of all grids in rows of the study."""
    place = np.unique(np.concatenate([own.of.place for own in solutions])) if solutions else np.zeros(0, np.int64)
    found = {name: np.full(len(z), np.nan) for name in _NUMBERS}
    found |= {"has_tail": np.full(len(z), -1), "density": np.full((len(z), len(place)), np.nan)}
    found |= {"z_real": z.real, "z_imag": z.imag}
    found |= {name: np.full(z.shape, np.nan) for name in ("residual_real", "residual_imag")}
    step = np.log(10) / per_decade
    for own in solutions:
        row, whole = own.row, own.resistance[:, 1:].sum(1)
        found["density"][np.ix_(row, np.searchsorted(place, own.of.place))] = own.resistance[:, 1:] / step
        found["high_frequency_resistance"][row], found["inductance"][row] = own.resistance[:, 0], own.loose[:, 0]
        found["distributed_resistance"][row] = whole
        if own.tail:
            with np.errstate(divide="ignore"):
                found["capacitance"][row] = np.where(own.loose[:, 1] > 0, 1 / own.loose[:, 1], np.nan)
        else:
            slow = own.resistance[:, 1:][:, own.of.place / per_decade > -np.log10(2 * np.pi * own.lowest)].sum(1)
            found["polarization_resistance"][row] = np.where(slow < _SLOW * whole, whole, np.nan)
        found["has_tail"][row], found["penalty"][row] = int(own.tail), own.penalty
        relative = np.abs(own.residual) / np.abs(z[np.ix_(row, own.column)])
        found["residual_rms"][row] = np.sqrt((relative**2).mean(1))
        found["residual_real"][np.ix_(row, own.column)] = own.residual.real
        found["residual_imag"][np.ix_(row, own.column)] = own.residual.imag
    found["place"] = place
    return found


def _dataset(spectra: xr.Dataset, found: dict[str, np.ndarray], settings: dict[str, object]) -> xr.Dataset:
    place, density = found.pop("place"), found.pop("density")
    attrs = _attrs()
    data = by_spectrum(spectra, found, attrs)
    shape = (spectra.sizes["cell"], spectra.sizes["spectrum"], len(place))
    tau = 10 ** (place / int(str(settings["per_decade"])))
    data = data.assign_coords(time_constant=("time_constant", tau, {"units": "s", "long_name": "time constant"}))
    data["density"] = (("cell", "spectrum", "time_constant"), density.reshape(shape), attrs["density"])
    return data.assign_attrs({f"relaxation_{name}": value for name, value in settings.items()})


def _attrs() -> dict[str, dict[str, object]]:
    def of(units: str, definition: str) -> dict[str, object]:
        return {"units": units, "definition": definition}

    return {
        "density": of("ohm", "resistance per unit of ln τ; its integral over ln τ is the distributed resistance")
        | {"long_name": "distribution of relaxation times"},
        "high_frequency_resistance": of("ohm", "R∞: real part that is left at time constants below the distribution"),
        "inductance": of("H", "series inductance; scatters about 0 where there is none"),
        "capacitance": of("F", "series capacitance of the tail; NaN where there is none"),
        "distributed_resistance": of("ohm", "integral of the density over ln τ"),
        "polarization_resistance": of(
            "ohm", "distributed resistance where less than a quarter of it is slower than 1/ω of the lowest frequency"
        ),
        "penalty": of("1", "λ, relative to the largest generalised eigenvalue of the data and the penalty"),
        "residual_rms": of("1", "root of the mean over frequencies of |Z - fit|²/|Z|²"),
        "has_tail": {
            "long_name": "-Im Z still grows at the low end, and a series capacitance was fitted",
            "flag_values": [-1, 0, 1],
            "flag_meanings": "undecided closes tail",
        },
        "reason": {"long_name": "why there is no distribution, or what is doubtful"},
        "z_real": of("ohm", "Re Z as measured"),
        "z_imag": of("ohm", "Im Z as measured"),
        "residual_real": of("ohm", "Re Z measured less fitted"),
        "residual_imag": of("ohm", "Im Z measured less fitted"),
    }
