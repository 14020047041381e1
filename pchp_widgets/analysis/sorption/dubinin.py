r"""Micropore volumes after Dubinin and Radushkevich, or Dubinin and Astakhov.

.. math:: \ln W = \ln W_0 - (A/E)^n, \qquad A = RT \ln(p_0/p), \qquad W = \frac{n_{ads} M}{\rho_{ads}}

n = 2 is Radushkevich's (M. M. Dubinin, L. V. Radushkevich, Dokl. Akad. Nauk SSSR 55 (1947) 331), any other Astakhov's
(M. M. Dubinin, V. A. Astakhov, Adv. Chem. Ser. 102 (1971) 69). Least squares of ln W, which is to say that uptakes have
equal relative errors; n is found by nonlinear least squares of the same residuals between :data:`EXPONENTS`, never from
the uncertainty of the slope, which shrinks by itself as n grows.

The energy E = beta E0 gives the width of slits, L = 10.8 nm kJ/mol / (E0 - 11.4 kJ/mol), and with it the area of their
walls, 2000 W0/L (F. Stoeckli, L. Ballerini, Fuel 70 (1991) 557), for each affinity coefficient beta in use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from ...model.gases import GAS_CONSTANT
from ...model.measurements import sample_coords
from .isotherms import SATURATED, Window, densities, each, gases, windowed
from .regression import BoolArray, FloatArray, line, quantile, reciprocal

EXPONENTS = (1.0, 3.0)
"""Between which the exponent of Dubinin and Astakhov is sought."""

RANGE_COLD, RANGE_WARM = (1e-5, 1e-2), 1.0
"""Suggested range: of p/p0 below :data:`COLD`, and up to this pressure [bar] above it."""

COLD = 120.0
"""Bath temperature [K] that parts N2 and Ar at their boiling points from CO2."""

STRAIGHT = 0.99
"""Least coefficient of determination of a Dubinin plot that passes for straight."""

WIDTHS = (0.35, 1.3)
"""Slit widths [nm] between which the correlation with E0 was made."""

_WIDTH, _LEAST_ENERGY = 10.8, 11.4
_GRID = 33
_STEPS, _CLOSE = 40, 1e-10
_AT_BOUND = 1e-3


class Curve(NamedTuple):
    """ln W0, ln E and n of each sample, with their variances."""

    log_volume: FloatArray
    log_energy: FloatArray
    exponent: FloatArray
    variances: FloatArray
    """(sample, 3)"""
    degrees: FloatArray
    correlation: FloatArray
    at_bound: BoolArray


def suggested_micropore_ranges(isotherms: xr.Dataset) -> FloatArray:
    """Ranges of relative pressure in which micropores fill, (sample, 2).

    For N2 and Ar at their boiling points p/p0 from 1e-5 to 1e-2; for CO2 near room temperature all points up to 1 bar.
    Where fewer than three points lie in it, all points up to p/p0 = 0.1.

    Parameters
    ----------
    isotherms
        As given by :func:`.isotherms.isotherms`.
    """
    T, p0 = isotherms["bath_temperature"].values, isotherms["saturation_pressure"].values
    cold = ~(T > COLD)
    high = np.where(cold, RANGE_COLD[1], RANGE_WARM * 1.02 / p0)
    wide = np.stack([np.where(cold, RANGE_COLD[0], 1e-9), np.where(np.isfinite(high), high, RANGE_COLD[1])], -1)
    few = windowed(isotherms, wide)[0].sum(-1) < 3
    wide = np.where(few[:, None], np.array([1e-9, 0.1]), wide)
    x, used = isotherms["relative_pressure"].values, windowed(isotherms, wide)[0]
    ends = np.stack([np.where(used, x, np.inf).min(-1), np.where(used, x, -np.inf).max(-1)], -1)
    return np.where((used.sum(-1) > 1)[:, None], ends, wide)


def dubinin(
    isotherms: xr.Dataset,
    window: Window = None,
    *,
    exponent: float | None = 2.0,
    density: str | float = SATURATED,
    confidence: float = 0.95,
) -> xr.Dataset:
    """Micropore volumes and energies.

    Parameters
    ----------
    isotherms
        As given by :func:`.isotherms.isotherms`.
    window
        Range of relative pressure (low, high), ends included, or one for each sample; that of
        :func:`suggested_micropore_ranges` when left out.
    exponent
        n; found by nonlinear least squares when None.
    density
        Of the adsorbed phase: ``"saturated liquid"`` at the temperature of the bath, another convention of
        :attr:`.model.gases.Gas.densities`, or a number [g cm-3].
    confidence
        Of the intervals. They hold for the scatter about the curve; the convention of the density is a band of its own.

    Returns
    -------
    Dataset
        (sample): ``volume`` [cm3 g-1], ``energy`` [kJ mol-1], ``exponent``, each with ``_low`` and ``_high``;
        ``volume_least``, ``volume_most``: over all conventions of the density; ``density`` [g cm-3], ``at_bound``
        (1 where n is held by a bound), ``correlation`` of ln W with A^n, ``points``, ``window_low``, ``window_high``.
        (sample, convention): ``affinity``, ``slit_width`` [nm], ``slit_area`` [m2 g-1], ``width_valid`` (1 where the
        width is one for which the correlation was made). NaN where there are too few points, no temperature, or no
        liquid.

    Raises
    ------
    ValueError
        When the window is none, the exponent is not in :data:`EXPONENTS`, or no gas has that density.
    """
    if exponent is not None and not EXPONENTS[0] <= exponent <= EXPONENTS[1]:
        raise ValueError(f"exponent {exponent!r}: from {EXPONENTS[0]:g} to {EXPONENTS[1]:g}, or None to fit it")
    used, ends = windowed(isotherms, suggested_micropore_ranges(isotherms) if window is None else window)
    rho, least, most = _density(isotherms, density)
    fit = _fit(isotherms, used, rho, exponent)
    volume, energy = np.exp(fit.log_volume), np.exp(fit.log_energy)
    values = _values(fit, (rho, least, most), confidence, exponent)
    values |= {"points": used.sum(-1), "window_low": ends[:, 0], "window_high": ends[:, 1]}
    found: dict[str, Any] = {name: ("sample", column, _attrs(name)) for name, column in values.items()}
    widths = slits(isotherms, volume, energy)
    found |= {name: (("sample", "convention"), column, _attrs(name)) for name, column in widths.items()}
    attrs = {"confidence": confidence, "fitted": int(exponent is None), "density": str(density)}
    return xr.Dataset(found, sample_coords(isotherms), attrs)


def _values(
    fit: Curve, density: tuple[FloatArray, FloatArray, FloatArray], confidence: float, exponent: float | None
) -> dict[str, FloatArray]:
    """Volume, energy and exponent with their limits."""
    rho, least, most = density
    volume, energy = np.exp(fit.log_volume), np.exp(fit.log_energy)
    low, high, energy_low, energy_high = _limits(fit, confidence, exponent)
    reach = quantile(confidence, fit.degrees) * np.sqrt(fit.variances[:, 2])
    return {
        "volume": volume, "volume_low": low, "volume_high": high,
        "volume_least": volume * rho / most, "volume_most": volume * rho / least, "density": rho,
        "energy": energy, "energy_low": energy_low, "energy_high": energy_high,
        "exponent": fit.exponent, "exponent_low": fit.exponent - reach, "exponent_high": fit.exponent + reach,
        "at_bound": np.where(np.isfinite(volume), fit.at_bound.astype(int), -1), "correlation": fit.correlation,
    }  # fmt: skip


def adsorption_potential(isotherms: xr.Dataset) -> FloatArray:
    """A = RT ln(p0/p) [kJ mol-1] of each point."""
    x = isotherms["relative_pressure"].values
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = (
            -GAS_CONSTANT * isotherms["bath_temperature"].values[:, None] * np.log(np.where(x > 0, x, np.nan))
        )
    return found


def slits(isotherms: xr.Dataset, volume: FloatArray, energy: FloatArray) -> dict[str, FloatArray]:
    """Slit width and wall area for each affinity coefficient in use, (sample, convention)."""
    known = [gas.affinities if gas else () for gas in gases(isotherms)]
    count = max([2, *map(len, known)])
    affinity = np.array([[*own, *[np.nan] * (count - len(own))] for own in known]).reshape(-1, count)
    with np.errstate(invalid="ignore", divide="ignore"):
        above = energy[:, None] / affinity - _LEAST_ENERGY
        width = np.where(above > 0, _WIDTH / above, np.nan)
        valid = np.where(np.isfinite(width), (width >= WIDTHS[0]) & (width <= WIDTHS[1]), -1)
        return {
            "affinity": affinity,
            "slit_width": width,
            "slit_area": 2e3 * volume[:, None] / width,
            "width_valid": valid,
        }


def dubinin_remarks(found: xr.Dataset) -> dict[str, list[str]]:
    """What to know about the fits, by name of the sample.

    Parameters
    ----------
    found
        As given by :func:`dubinin`.
    """
    said = {}
    for one in each(found):
        words = []
        if not np.isfinite(float(one["density"])):
            words.append("no micropore volume: there is no density of the adsorbed phase for this gas and temperature")
        elif not np.isfinite(float(one["volume"])):
            words.append(
                "no micropore volume: too few points in the range, or the uptake does not rise as the model says"
            )
        if float(one["correlation"]) ** 2 < STRAIGHT:
            words.append(f"the Dubinin plot is not straight in this range: r² {float(one['correlation']) ** 2:.3f}")
        if int(one["at_bound"]) == 1:
            words.append(
                f"the exponent is held at its bound {float(one['exponent']):g}: the model does not describe this range"
            )
        if (one["width_valid"] == 0).any():
            words.append(
                f"a slit width lies outside {WIDTHS[0]} to {WIDTHS[1]} nm, for which the correlation with E was made"
            )
        if np.isfinite(float(one["energy"])) and not np.isfinite(one["slit_width"]).any():
            words.append("no slit width: no affinity coefficient is known, or E is too low for micropores")
        said[str(one["sample"])] = words
    return said


def _fit(isotherms: xr.Dataset, used: BoolArray, density: FloatArray, exponent: float | None) -> Curve:
    mass = np.array([gas.molar_mass / 1e3 if gas else np.nan for gas in gases(isotherms)])
    potential = adsorption_potential(isotherms)
    with np.errstate(invalid="ignore", divide="ignore"):
        log_volume = np.log(isotherms["uptake"].values * (mass / density)[:, None])
    used = used & np.isfinite(potential) & np.isfinite(log_volume)
    if exponent is None:
        return _fitted(potential, log_volume, used)
    return _fixed(potential, log_volume, used, exponent)


def _fixed(potential: FloatArray, log_volume: FloatArray, used: BoolArray, exponent: float) -> Curve:
    fit = line(np.where(used, potential, 1.0) ** exponent, log_volume, used)
    with np.errstate(invalid="ignore", divide="ignore"):
        steep = np.where(fit.slope < 0, -fit.slope, np.nan)  # E^-n
        log_energy = -np.log(steep) / exponent
        of_energy = fit.slope_variance / (exponent * steep) ** 2
        correlation = -np.sqrt(fit.r_squared)
    none = np.full(len(steep), np.nan)
    lost = np.isnan(steep)
    volume = np.where(lost, np.nan, fit.intercept)
    variances = np.stack([fit.intercept_variance, of_energy, none], -1)
    held = np.zeros(len(steep), bool)
    return Curve(volume, log_energy, np.where(lost, np.nan, exponent), variances, fit.degrees, correlation, held)


def _fitted(potential: FloatArray, log_volume: FloatArray, used: BoolArray) -> Curve:
    """Least squares in all three, by the projection on ln W0 and E^-n for each n."""
    log_potential = np.log(np.where(used & (potential > 0), potential, 1.0))
    n, squares = _best_exponent(log_potential, log_volume, used)
    held = np.isin(n, EXPONENTS)
    powers = np.exp(n[:, None] * log_potential)
    fit = line(powers, log_volume, used)
    with np.errstate(invalid="ignore", divide="ignore"):
        steep = np.where((fit.slope < 0) & (used.sum(-1) > 3), -fit.slope, np.nan)
        log_energy = -np.log(steep) / n
        scaled = steep[:, None] * powers  # (A/E)^n
        rows = np.stack(
            [np.ones_like(scaled), n[:, None] * scaled, -scaled * (log_potential - log_energy[:, None])], -1
        )
        degrees = used.sum(-1) - 3.0 + held
        variances = _variances(np.where(used[..., None], rows, 0.0), squares / degrees, held)
    lost = np.isnan(steep)
    volume = np.where(lost, np.nan, fit.intercept)
    return Curve(
        volume, log_energy, np.where(lost, np.nan, n), variances, degrees, -np.sqrt(fit.r_squared), held & ~lost
    )


def _best_exponent(log_potential: FloatArray, log_volume: FloatArray, used: BoolArray) -> tuple[FloatArray, FloatArray]:
    """The exponent of least squares of each sample, and these squares: the best of a grid, and then where they turn."""
    count = np.maximum(used.sum(-1, keepdims=True), 1)
    rise = np.where(used, log_volume, 0.0)
    rise = np.where(used, rise - rise.sum(-1, keepdims=True) / count, 0.0)

    def left(exponent: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Squares that a line over A^n leaves, and by how much they grow with n, for exponents (..., sample)."""
        powers = np.where(used, np.exp(exponent[..., None] * log_potential), 0.0)
        away = np.where(used, powers - powers.sum(-1, keepdims=True) / count, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = (away * rise).sum(-1) / (away**2).sum(-1)
            residual = rise - slope[..., None] * away
            return (residual**2).sum(-1), -2 * slope * (residual * powers * log_potential).sum(-1)

    grid = np.linspace(*EXPONENTS, _GRID)
    best = left(np.repeat(grid[:, None], len(used), 1))[0].argmin(0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, _GRID - 1)]
    n = _turn(lambda exponent: left(exponent)[1], low, high, grid[best])
    for bound in EXPONENTS:
        n = np.where(np.abs(n - bound) < _AT_BOUND, bound, n)
    return n, left(n)[0]


def _turn(
    growth: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray, else_at: FloatArray
) -> FloatArray:
    """Where a growth turns from negative to positive between two places, by false position; `else_at` where nowhere."""
    below, above = growth(low), growth(high)
    turns = (below < 0) & (above > 0)
    at, before = np.where(turns, (low + high) / 2, else_at), np.zeros(len(low))
    for _ in range(_STEPS):
        here = growth(at)
        up, side = here > 0, np.sign(here)
        share = np.where(side == before, 0.5, 1.0)  # an end that stays twice counts half, else it stays for ever
        low, below = np.where(up, low, at), np.where(up, below * share, here)
        high, above = np.where(up, at, high), np.where(up, here, above * share)
        with np.errstate(invalid="ignore", divide="ignore"):
            following = low - below * (high - low) / (above - below)
        following = np.where(turns & np.isfinite(following), following, at)
        moved, at, before = np.abs(following - at).max(initial=0.0), following, side
        if moved < _CLOSE:
            break
    return at


def _variances(rows: FloatArray, noise: FloatArray, held: BoolArray) -> FloatArray:
    """Variances of ln W0, ln E and n; of a held n NaN, and of the others as without it."""
    rows = np.where(held[:, None, None] & (np.arange(3) == 2), 0.0, rows)
    normal = np.einsum("spa,spb->sab", np.nan_to_num(rows), np.nan_to_num(rows))
    normal[:, 2, 2] += held
    size = np.sqrt(np.einsum("saa->sa", normal))
    size = np.where(size > 0, size, 1.0)
    scaled = normal / size[:, :, None] / size[:, None, :]
    regular = np.linalg.det(scaled) > 1e-14
    inverse = np.linalg.inv(np.where(regular[:, None, None], scaled, np.eye(3)))
    with np.errstate(invalid="ignore"):
        found = np.einsum("saa->sa", inverse) / size**2 * np.where((noise >= 0) & regular, noise, np.nan)[:, None]
    return np.where(held[:, None] & (np.arange(3) == 2), np.nan, found)


def _limits(
    fit: Curve, confidence: float, exponent: float | None
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Confidence limits of volume and energy; with a given exponent exact for equal relative errors."""
    t = quantile(confidence, fit.degrees)
    with np.errstate(invalid="ignore", over="ignore"):
        reach = t * np.sqrt(fit.variances[:, 0])
        low, high = np.exp(fit.log_volume - reach), np.exp(fit.log_volume + reach)
        spread = t * np.sqrt(fit.variances[:, 1])
        if exponent is None:
            return low, high, np.exp(fit.log_energy - spread), np.exp(fit.log_energy + spread)
        steep = np.exp(-exponent * fit.log_energy)
        least, most = reciprocal(steep * (1 - exponent * spread), steep * (1 + exponent * spread))
        return low, high, least ** (1 / exponent), most ** (1 / exponent)


def _density(isotherms: xr.Dataset, wanted: str | float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Density of each sample, and the least and the greatest of all conventions."""
    known = [densities(*pair) for pair in zip(gases(isotherms), isotherms["bath_temperature"].values, strict=True)]
    every = {name for own in known for name in own} | {SATURATED}
    if isinstance(wanted, str) and wanted not in every:
        raise ValueError(f"density {wanted!r}: choose one of {', '.join(sorted(every))}, or give a number in g cm-3")
    chosen = [own.get(wanted, np.nan) if isinstance(wanted, str) else float(wanted) for own in known]
    bands = [[*own.values(), value] for own, value in zip(known, chosen, strict=True)]
    ends = [(min(band), max(band)) if np.isfinite(band).all() else (np.nan, np.nan) for band in bands]
    return np.array(chosen, float), *np.array(ends, float).reshape(-1, 2).T


_DEFINITIONS = {
    "volume": ("cm3 g-1", "micropore volume W0: uptake at p0 by the model, over the density of the adsorbed phase"),
    "volume_least": ("cm3 g-1", "W0 with the highest density in use"),
    "volume_most": ("cm3 g-1", "W0 with the lowest density in use"),
    "density": ("g cm-3", "of the adsorbed phase"),
    "energy": ("kJ mol-1", "characteristic energy E of this gas: ln W = ln W0 - (A/E)^n"),
    "exponent": ("1", "n of Dubinin and Astakhov; 2 is that of Radushkevich"),
    "at_bound": ("1", "1 where a bound holds the exponent, -1 without a fit"),
    "correlation": ("1", "of ln W with A^n"),
    "points": ("1", "points in the range"),
    "window_low": ("1", "lower end of the range of relative pressure"),
    "window_high": ("1", "upper end of the range of relative pressure"),
    "affinity": ("1", "affinity coefficient beta, of each convention"),
    "slit_width": ("nm", "L = 10.8/(E/beta - 11.4)"),
    "slit_area": ("m2 g-1", "area of the walls of slits, 2000 W0/L"),
    "width_valid": ("1", "1 where the slit width is one the correlation was made for, 0 where not, -1 without one"),
}


@cache
def _attrs(name: str) -> dict[str, str]:
    if name in _DEFINITIONS:
        units, text = _DEFINITIONS[name]
        return {"units": units, "definition": text}
    stem, _, end = name.rpartition("_")
    units, text = _DEFINITIONS[stem]
    return {"units": units, "definition": f"{ {'low': 'lower', 'high': 'upper'}[end] } confidence limit: {text}"}
