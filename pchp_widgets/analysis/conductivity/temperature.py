r"""How a conductivity depends on temperature: Arrhenius' and Vogel's law, and whether the data tell them apart.

.. math::

    \ln\sigma = \ln A - \frac{E_a}{k_B T} \quad\text{or}\quad \ln(\sigma T) = \ln A - \frac{E_a}{k_B T},
    \qquad \ln\sigma = \ln A - \frac{B}{T - T_0}

The two forms of Arrhenius' law differ in E_a by about k_B T (26 meV at room temperature): the form is part of the
result.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import xarray as xr

from .formulas import BOLTZMANN

FloatArray = npt.NDArray[np.float64]
Form = Literal["sigma", "sigma_T"]

FORMS: dict[str, str] = {"sigma": "ln σ against 1/T", "sigma_T": "ln (σ T) against 1/T"}
"""Forms of Arrhenius' law."""

_ZERO = 273.15
_NO_POINTS = (np.zeros(0), np.zeros(0), np.zeros(0))
_GRID = 241
_ATTRS: dict[str, tuple[str, str]] = {
    "activation_energy": ("eV", "E_a, slope of the straight line times -k_B"),
    "activation_energy_stderr": ("eV", "weighted least squares, scaled by the residuals where they are larger"),
    "activation_energy_low": ("eV", "lower end of the interval (Student's t)"),
    "activation_energy_high": ("eV", "upper end of it"),
    "logarithm": ("1", "ln A, A in S cm-1, or S K cm-1 of σ T"),
    "logarithm_stderr": ("1", "as that of activation_energy"),
    "reduced_chi_squared": ("1", "weighted sum of squares over the degrees of freedom; NaN without errors or freedom"),
    "temperatures": ("1", "number of temperatures with a resolved conductivity"),
    "curvature": ("K2", "quadratic coefficient of the logarithm in 1/T; negative where it bends as by Vogel's law"),
    "curvature_p": ("1", "chance of such a curvature if Arrhenius' law holds (two-sided t or normal test)"),
    "curved": ("", "1: curved (p below 1 - confidence); 0: no curvature found; -1: fewer than four temperatures"),
    "vogel_temperature": ("degC", "T_0"),
    "vogel_temperature_low": ("degC", "lowest T_0 within the interval; -inf where Arrhenius' law lies within it"),
    "vogel_temperature_high": ("degC", "highest T_0 within the interval"),
    "vogel_constant": ("K", "B"),
    "pseudo_energy": ("eV", "k_B B; no activation energy, and not to be compared with one"),
}


def activation_energy(low: float, high: float, ratio: float) -> float:
    """E_a [eV] by which a conductivity grows by `ratio` from one temperature to another [degC], form ``sigma``."""
    return float(BOLTZMANN * np.log(ratio) / (1 / (low + _ZERO) - 1 / (high + _ZERO)))


def arrhenius(found: xr.Dataset, *, form: Form = "sigma", confidence: float = 0.95) -> xr.Dataset:
    """Activation energy of each coating, and whether the points bend.

    Parameters
    ----------
    found
        (coating, temperature) with ``conductivity`` [S cm-1] and ``conductivity_stderr``, as
        :func:`~pchp_widgets.analysis.conductivity.conductivity` gives it. Conductivities that are only bounds are left
        out.
    form
        One of :data:`FORMS`.
    confidence
        Of the interval and of the test of curvature.

    Returns
    -------
    Dataset
        (coating): ``activation_energy`` [eV] with ``_stderr``, ``_low``, ``_high``, ``logarithm``,
        ``reduced_chi_squared``, ``temperatures``, and the test ``curvature``, ``curvature_p``, ``curved``.

    Raises
    ------
    ValueError
        When the form is not known.
    """
    if form not in get_args(Form):
        raise ValueError(f"form {form!r} is not known; choose one of {', '.join(FORMS)}")
    rows = [_line(*_points(found, place, form), confidence) for place in range(found.sizes["coating"])]
    nothing = _line(*_NO_POINTS, confidence)
    return _table(found, rows or nothing, {"form": form, "form_meaning": FORMS[form], "confidence": confidence})


def vft(found: xr.Dataset, *, confidence: float = 0.95) -> xr.Dataset:
    """Vogel's law, of polymers and liquids above their glass transition; arguments as for :func:`arrhenius`.

    T_0 is found on a grid from 3 K to 30 K below the coldest point on, where the rest of the law is a straight line,
    so no start is needed. Its interval holds all T_0 whose sum of squares is not larger than F allows.

    Returns
    -------
    Dataset
        (coating): ``vogel_temperature`` [degC] with ``_low`` and ``_high``, ``vogel_constant`` [K], ``pseudo_energy``
        [eV], ``logarithm``, ``reduced_chi_squared``, ``temperatures``; NaN below four temperatures.
    """
    rows = [_vogel(*_points(found, place, "sigma"), confidence) for place in range(found.sizes["coating"])]
    return _table(found, rows or _vogel(*_NO_POINTS, confidence), {"confidence": confidence})


def _points(found: xr.Dataset, place: int, form: Form) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Temperature [K], logarithm and its standard error (NaN where unknown) of the resolved conductivities."""
    own = found.isel(coating=place)
    kelvin = found["temperature"].values + _ZERO
    sigma = own["conductivity"].values.astype(float)
    error = (
        own["conductivity_stderr"].values.astype(float) if "conductivity_stderr" in own else np.full_like(sigma, np.nan)
    )
    if "resolved" in own:
        sigma = np.where(own["resolved"].values == 1, sigma, np.nan)
    known = np.isfinite(sigma) & (sigma > 0) & np.isfinite(kelvin)
    kelvin, sigma, error = kelvin[known], sigma[known], error[known]
    return kelvin, np.log(sigma * kelvin if form == "sigma_T" else sigma), error / sigma


def _line(kelvin: FloatArray, logarithm: FloatArray, error: FloatArray, confidence: float) -> dict[str, float]:
    numbers = dict.fromkeys(list(_ATTRS)[:10], np.nan) | {"temperatures": float(len(kelvin)), "curved": -1.0}
    if len(kelvin) < 2:
        return numbers
    x = 1 / kelvin
    value, spread, chi, freedom = _fitted(np.stack([np.ones_like(x), x], 1), logarithm, error)
    half = _quantile(freedom if not _weighted(error) else np.inf, (1 + confidence) / 2) * spread
    numbers |= {
        "activation_energy": -BOLTZMANN * value[1],
        "activation_energy_stderr": BOLTZMANN * spread[1],
        "activation_energy_low": -BOLTZMANN * (value[1] + half[1]),
        "activation_energy_high": -BOLTZMANN * (value[1] - half[1]),
        "logarithm": value[0],
        "logarithm_stderr": spread[0],
        "reduced_chi_squared": chi if _weighted(error) else np.nan,
    }
    if len(kelvin) >= 4:
        away = (x - x.mean()) * 1e3  # of order one, so that the squares are well told apart
        bent, bent_error, _, left = _fitted(np.stack([np.ones_like(x), away, away**2], 1), logarithm, error)
        p = _two_sided(bent[2] / bent_error[2], np.inf if _weighted(error) else left)
        numbers |= {"curvature": bent[2] * 1e6, "curvature_p": p, "curved": float(p < 1 - confidence)}
    return numbers


def _vogel(kelvin: FloatArray, logarithm: FloatArray, error: FloatArray, confidence: float) -> dict[str, float]:
    names = ("vogel_temperature", "vogel_temperature_low", "vogel_temperature_high", "vogel_constant", "pseudo_energy")
    numbers = dict.fromkeys((*names, "logarithm", "logarithm_stderr", "reduced_chi_squared"), np.nan)
    numbers["temperatures"] = float(len(kelvin))
    if len(kelvin) < 4:
        return numbers
    weight = 1 / np.where(np.isfinite(error) & (error > 0), error, 1.0) if _weighted(error) else np.ones_like(error)
    origins = kelvin.min() - np.geomspace(3.0, kelvin.min() - 1.0, _GRID)
    squares = _residuals(kelvin, logarithm, weight, origins)
    best = int(squares.argmin())
    origin = float(origins[best])
    value, spread, chi, freedom = _fitted(
        np.stack([np.ones_like(kelvin), -1 / (kelvin - origin)], 1), logarithm, error, lost=3
    )
    allowed = squares[best] + _allowance(squares[best], freedom, confidence, weighted=_weighted(error))
    inside = origins[squares <= allowed]
    return numbers | {
        "vogel_temperature": origin - _ZERO,
        # the last origin of the grid is near 0 K, where the law is Arrhenius'
        "vogel_temperature_low": -np.inf if inside.min() == origins[-1] else float(inside.min()) - _ZERO,
        "vogel_temperature_high": float(inside.max()) - _ZERO,
        "vogel_constant": float(value[1]),
        "pseudo_energy": BOLTZMANN * float(value[1]),
        "logarithm": float(value[0]),
        "logarithm_stderr": float(spread[0]),
        "reduced_chi_squared": chi if _weighted(error) else np.nan,
    }


def _residuals(kelvin: FloatArray, logarithm: FloatArray, weight: FloatArray, origins: FloatArray) -> FloatArray:
    """Weighted sum of squares around the best straight line against 1/(T - T_0), for each T_0."""
    squared = weight**2
    x = 1 / (kelvin - origins[:, None])
    x = x - (squared * x).sum(1, keepdims=True) / squared.sum()
    y = logarithm - (squared * logarithm).sum() / squared.sum()
    slope = (squared * x * y).sum(1) / (squared * x**2).sum(1)
    found: FloatArray = (squared * (y - slope[:, None] * x) ** 2).sum(1)
    return found


def _allowance(least: float, freedom: float, confidence: float, *, weighted: bool) -> float:
    """By how much the sum of squares may exceed its least value, for one parameter."""
    from scipy.special import chdtri, fdtri

    if weighted:
        return float(chdtri(1, 1 - confidence))
    return float(fdtri(1, freedom, confidence)) * least / freedom if freedom > 0 else np.inf


def _weighted(error: FloatArray) -> bool:
    return bool(len(error)) and bool(np.all(np.isfinite(error) & (error > 0)))


def _fitted(
    design: FloatArray, values: FloatArray, error: FloatArray, lost: int | None = None
) -> tuple[FloatArray, FloatArray, float, float]:
    """Coefficients, their standard errors, reduced chi squared and degrees of freedom.

    Where the points have errors these weigh them, and the residuals widen the result only if they are larger.
    """
    weighted = _weighted(error)
    weight = 1 / error if weighted else np.ones_like(values)
    scaled = design * weight[:, None]
    value, *_ = np.linalg.lstsq(scaled, values * weight, rcond=None)
    freedom = len(values) - (lost or design.shape[1])
    chi = float(np.sum((values * weight - scaled @ value) ** 2)) / freedom if freedom > 0 else np.nan
    widening = (max(chi, 1.0) if freedom > 0 else 1.0) if weighted else chi
    spread: FloatArray = np.sqrt(widening * np.diag(np.linalg.pinv(scaled.T @ scaled)))
    return np.asarray(value, np.float64), spread, chi, float(freedom)


def _quantile(freedom: float, level: float) -> float:
    from scipy.special import ndtri, stdtrit

    if freedom <= 0:
        return np.nan
    return float(ndtri(level) if np.isinf(freedom) else stdtrit(freedom, level))


def _two_sided(statistic: float, freedom: float) -> float:
    from scipy.special import ndtr, stdtr

    if freedom <= 0 or not np.isfinite(statistic):
        return np.nan
    below = ndtr(-abs(statistic)) if np.isinf(freedom) else stdtr(freedom, -abs(statistic))
    return float(2 * below)


def _table(found: xr.Dataset, rows: list[dict[str, float]] | dict[str, float], said: dict[str, Any]) -> xr.Dataset:
    """Numbers of each coating; those of one that is not there give their names where there is none."""
    whole, first = ([], rows) if isinstance(rows, dict) else (rows, rows[0])
    laid = {}
    for name in first:
        units, definition = _ATTRS[name]
        attrs = {"definition": definition, **({"units": units} if units else {})}
        values: npt.NDArray[Any] = np.array([row[name] for row in whole])
        laid[name] = ("coating", values.astype(int) if name in {"curved", "temperatures"} else values, attrs)
    return xr.Dataset(laid, {"coating": found["coating"].values}, said)
