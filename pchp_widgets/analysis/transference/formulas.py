r"""Steady-state polarization after Bruce and Vincent: the formulas, their errors, and what follows for two layers.

.. math:: \rho_+ = \frac{I_{ss}\,(\Delta V - I_0 R_0)}{I_0\,(\Delta V - I_{ss} R_{ss})}

with the *interfacial* resistances R_0 before the polarization and R_ss at its steady state. J. Evans, C. A. Vincent and
P. G. Bruce, Polymer 28 (1987) 2324. The number is the steady-state current fraction; it is the transference number
t+ only in a dilute, ideal electrolyte.

Arrays are taken element by element, in units that fit together (V, A, ohm).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def current_fraction(
    voltage: npt.ArrayLike,
    initial_current: npt.ArrayLike,
    steady_current: npt.ArrayLike,
    initial_resistance: npt.ArrayLike,
    steady_resistance: npt.ArrayLike,
) -> FloatArray:
    """I_ss (ΔV - I_0 R_0) / (I_0 (ΔV - I_ss R_ss)); no judgement on whether the number means anything.

    Parameters
    ----------
    voltage
        ΔV, step of the voltage against the cell at rest.
    initial_current, steady_current
        I_0 and I_ss.
    initial_resistance, steady_resistance
        R_0 and R_ss, of both interfaces together, without the bulk.
    """
    dv, i0, iss, r0, rss = _floats(voltage, initial_current, steady_current, initial_resistance, steady_resistance)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = iss * (dv - i0 * r0) / (i0 * (dv - iss * rss))
    return found


def ohmic_current_fraction(
    voltage: npt.ArrayLike,
    steady_current: npt.ArrayLike,
    bulk_resistance: npt.ArrayLike,
    steady_resistance: npt.ArrayLike,
) -> FloatArray:
    """The same with I_0 = ΔV / (R_b + R_0), in which R_0 cancels: I_ss R_b / (ΔV - I_ss R_ss).

    Parameters
    ----------
    voltage, steady_current, steady_resistance
        As for :func:`current_fraction`.
    bulk_resistance
        R_b, of the electrolyte before the polarization.
    """
    dv, iss, rb, rss = _floats(voltage, steady_current, bulk_resistance, steady_resistance)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = iss * rb / (dv - iss * rss)
    return found


def current_fraction_stderr(
    values: Mapping[str, npt.ArrayLike], errors: Mapping[str, npt.ArrayLike], *, ohmic: bool = False
) -> FloatArray:
    r"""Standard error of the current fraction, first order in independent errors of all that goes into it.

    .. math::

        \left(\frac{s_\rho}{\rho}\right)^2 = \left(\frac{\Delta V}{A}\frac{s_{I_0}}{I_0}\right)^2
        + \left(\frac{\Delta V}{B}\frac{s_{I_{ss}}}{I_{ss}}\right)^2 + \left(\frac{I_0 s_{R_0}}{A}\right)^2
        + \left(\frac{I_{ss} s_{R_{ss}}}{B}\right)^2 + \left(\left(\tfrac1A - \tfrac1B\right) s_{\Delta V}\right)^2

    with A = ΔV - I_0 R_0 and B = ΔV - I_ss R_ss.

    Parameters
    ----------
    values
        ``voltage``, ``initial_current``, ``steady_current``, ``initial_resistance``, ``steady_resistance`` and, with
        `ohmic`, ``bulk_resistance``.
    errors
        Standard errors under the same names; one that is left out is 0.
    ohmic
        Whether I_0 is ΔV / (R_b + R_0): then the errors of R_b count in place of those of I_0 and R_0.
    """
    dv, iss, rss = (np.asarray(values[name], float) for name in ("voltage", "steady_current", "steady_resistance"))
    with np.errstate(divide="ignore", invalid="ignore"):
        b = dv - iss * rss
        parts = [dv / b * _error(errors, "steady_current") / iss, iss / b * _error(errors, "steady_resistance")]
        if ohmic:
            rb = np.asarray(values["bulk_resistance"], float)
            rho = ohmic_current_fraction(dv, iss, rb, rss)
            parts += [_error(errors, "bulk_resistance") / rb, _error(errors, "voltage") / b]
        else:
            i0, r0 = (np.asarray(values[name], float) for name in ("initial_current", "initial_resistance"))
            a = dv - i0 * r0
            rho = current_fraction(dv, i0, iss, r0, rss)
            parts += [dv / a * _error(errors, "initial_current") / i0, i0 / a * _error(errors, "initial_resistance")]
            parts.append((1 / a - 1 / b) * _error(errors, "voltage"))
        found: FloatArray = np.abs(rho) * np.sqrt(sum(np.square(part) for part in parts))
    return found


def steady_current(
    fraction: npt.ArrayLike,
    voltage: npt.ArrayLike,
    bulk_resistance: npt.ArrayLike,
    steady_resistance: npt.ArrayLike,
) -> FloatArray:
    """I_ss = ΔV / (R_b / ρ+ + R_ss): the current that a cell of known current fraction settles at."""
    rho, dv, rb, rss = _floats(fraction, voltage, bulk_resistance, steady_resistance)
    found: FloatArray = dv / (rb / rho + rss)
    return found


def series_fraction(resistances: npt.ArrayLike, fractions: npt.ArrayLike) -> FloatArray:
    """Current fraction of layers in series, ΣR / Σ(R/ρ), over the last axis.

    Each layer has the ohmic resistance R before concentrations build up, and R/ρ at the steady state.
    """
    r, rho = _floats(resistances, fractions)
    found: FloatArray = r.sum(-1) / (r / rho).sum(-1)
    return found


def coating_fraction(
    effective: npt.ArrayLike,
    separator: npt.ArrayLike,
    separator_resistance: npt.ArrayLike,
    coating_resistance: npt.ArrayLike,
) -> FloatArray:
    """Current fraction of a coating, from that of the whole cell: R_c / ((R_s + R_c)/ρ - R_s/ρ_s).

    Parameters
    ----------
    effective
        ρ, of the coated cell.
    separator
        ρ_s, of the separator with its electrolyte, from a cell without coating.
    separator_resistance, coating_resistance
        R_s and R_c, ohmic.

    Returns
    -------
    ndarray
        ρ_c; NaN where no positive one gives the measured ρ.
    """
    rho, rho_s, rs, rc = _floats(effective, separator, separator_resistance, coating_resistance)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = (rs + rc) / rho - rs / rho_s
        found: FloatArray = np.where(rest > 0, rc / rest, np.nan)
    return found


def coating_fraction_stderr(
    effective: npt.ArrayLike,
    separator: npt.ArrayLike,
    separator_resistance: npt.ArrayLike,
    coating_resistance: npt.ArrayLike,
    errors: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
) -> FloatArray:
    """Standard error of :func:`coating_fraction`, first order in independent errors of the four, in their order."""
    rho, rho_s, rs, rc = _floats(effective, separator, separator_resistance, coating_resistance)
    s_rho, s_rho_s, s_rs, s_rc = _floats(*errors)
    found = coating_fraction(rho, rho_s, rs, rc)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = found**2 / rc  # |dρ_c| for a change of the denominator by one
        parts = (
            slope * (rs + rc) / rho**2 * s_rho,
            slope * rs / rho_s**2 * s_rho_s,
            slope * (1 / rho - 1 / rho_s) * s_rs,
            (found / rc - slope / rho) * s_rc,
        )
    total: FloatArray = np.sqrt(sum(np.square(part) for part in parts))
    return total


def least_coating_share(effective: npt.ArrayLike, separator: npt.ArrayLike) -> FloatArray:
    """Least share of the ohmic resistance that the coating must carry: that of a coating with ρ_c = 1.

    0 where the coated cell has no larger current fraction than the bare one.
    """
    rho, rho_s = _floats(effective, separator)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = (1 / rho_s - 1 / rho) / (1 / rho_s - 1)
    return np.maximum(found, 0.0)


def monte_carlo(
    function: Callable[..., FloatArray],
    values: Mapping[str, npt.ArrayLike],
    errors: Mapping[str, npt.ArrayLike],
    *,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[FloatArray, FloatArray]:
    """Interval of a function of quantities with independent normal errors, drawn at random.

    Parameters
    ----------
    function
        Of the quantities, by keyword; draws come along the first axis. It may give infinities, not NaN.
    values, errors
        The quantities and their standard errors, by name; an error that is left out is 0. All of one shape.
    confidence
        Of the interval: half of the rest lies on either side.
    draws, seed
        How many, and their seed. All elements share the draws, so that differences between them are not of the draws.

    Returns
    -------
    tuple of ndarray
        Lower and upper end; NaN where a value or an error is not known.
    """
    rng = np.random.default_rng(seed)
    known = dict(zip(values, np.broadcast_arrays(*(np.asarray(one, float) for one in values.values())), strict=True))
    shape = next(iter(known.values())).shape
    drawn, sound = {}, np.ones(shape, bool)
    for name, value in known.items():
        error = np.broadcast_to(_error(errors, name), shape)
        sound &= np.isfinite(value) & np.isfinite(error)
        drawn[name] = value + error * rng.standard_normal((draws,) + (1,) * len(shape))
    found = np.sort(np.where(sound, function(**drawn), np.nan), axis=0)
    outside = round((1 - confidence) / 2 * (draws - 1))
    return found[outside], found[draws - 1 - outside]


def _error(errors: Mapping[str, npt.ArrayLike], name: str) -> FloatArray:
    return np.asarray(errors.get(name, 0.0), float)


def _floats(*values: npt.ArrayLike) -> tuple[FloatArray, ...]:
    return tuple(np.asarray(value, float) for value in values)
