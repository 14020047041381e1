r"""Areas after Brunauer, Emmett and Teller, with the four criteria of Rouquerol.

In a range of relative pressures x, the uptake n follows

.. math:: \frac{x}{n (1 - x)} = \frac{1}{n_m C} + \frac{C - 1}{n_m C} x = i + s x

(J. Am. Chem. Soc. 60 (1938) 309), so that the monolayer is n_m = 1/(s + i) and C = 1 + s/i. Where the range may be is
said by four criteria (J. Rouquerol, P. Llewellyn, F. Rouquerol, Stud. Surf. Sci. Catal. 160 (2007) 49; ISO 9277). The
line is that of ordinary least squares, as everywhere; its uncertainty is that of uptakes with equal relative errors,
and the interval of n_m is exact for these, since s + i is linear in the ordinates.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...model.measurements import sample_coords
from .bet_range import LINEAR, suggested_ranges
from .isotherms import Window, each, gases, windowed
from .regression import BoolArray, FloatArray, Line, line, quantile, reciprocal

CRITERIA = {
    "rising": "1: n(1 − p/p0) rises over the whole range",
    "positive C": "2: C is positive",
    "monolayer inside": "3: the monolayer n_m lies among the uptakes of the range",
    "monolayer pressure": "4: the pressure at which n_m is adsorbed is 1/(√C + 1), within {tolerance:.0%}",
}
"""Rouquerol's criteria, in their order."""

TOLERANCE = 0.2
"""Of the fourth criterion, relative; 0.1 is asked for by some."""

AREA_PER_MMOL = 602.214076
"""m2 of a mmol of molecules of 1 nm2."""


def bet(
    isotherms: xr.Dataset,
    window: Window = None,
    *,
    area: npt.ArrayLike = np.nan,
    tolerance: float = TOLERANCE,
    confidence: float = 0.95,
) -> xr.Dataset:
    """Monolayers, areas and criteria.

    Parameters
    ----------
    isotherms
        As given by :func:`.isotherms.isotherms`.
    window
        Range of relative pressure (low, high), ends included, or one for each sample; that of
        :func:`.bet_range.suggested_ranges` when left out.
    area
        Cross-sectional area of a molecule [nm2]; the first of :attr:`.model.gases.Gas.areas` when left out.
    tolerance
        Of the fourth criterion.
    confidence
        Of the intervals.

    Returns
    -------
    Dataset
        (sample): ``area`` [m2 g-1], ``monolayer`` [mmol g-1], ``constant`` (C), ``slope``, ``intercept`` [g mmol-1],
        ``monolayer_pressure`` (relative, where n_m is adsorbed), ``expected_pressure`` (1/(√C + 1)), ``r_squared``,
        ``points``, ``window_low``, ``window_high``, ``molecule_area`` [nm2]; ``_low`` and ``_high`` of area and
        monolayer. (sample, criterion): ``criteria`` 1 passed, 0 failed, -1 undecided; ``passed`` (sample): all four.

    Raises
    ------
    ValueError
        When the window is none.
    """
    if window is None:
        window = suggested_ranges(isotherms, tolerance=tolerance)
    used, ends = windowed(isotherms, window)
    found, criteria = _fitted(isotherms, used, tolerance, confidence)
    given = np.broadcast_to(np.asarray(area, float), found["monolayer"].shape)
    own = np.array([gas.area if gas else np.nan for gas in gases(isotherms)])
    molecule = np.where(np.isfinite(given), given, own)
    areas = {f"area{end}": found[f"monolayer{end}"] * AREA_PER_MMOL * molecule for end in ("", "_low", "_high")}
    values = areas | found
    values |= {"window_low": ends[:, 0], "window_high": ends[:, 1], "molecule_area": molecule}
    words = [text.format(tolerance=tolerance) for text in CRITERIA.values()]
    meaning = {"units": "1", "definition": "1 passed, 0 failed, -1 undecided; " + "; ".join(words)}
    columns: dict[str, Any] = {name: ("sample", column, _attrs(name)) for name, column in values.items()}
    return xr.Dataset(
        {**columns, "criteria": (("sample", "criterion"), criteria, meaning)},
        {**sample_coords(isotherms), "criterion": list(CRITERIA)},
        {"confidence": confidence, "tolerance": tolerance, "branch": isotherms.attrs.get("branch", "")},
    )


def _fitted(
    isotherms: xr.Dataset, used: BoolArray, tolerance: float, confidence: float
) -> tuple[dict[str, FloatArray], npt.NDArray[np.int64]]:
    """The line through the points used and what follows from it, and the criteria."""
    x, n = (isotherms.variables[name].values for name in ("relative_pressure", "uptake"))
    with np.errstate(invalid="ignore", divide="ignore"):
        y = x / (n * (1 - x))
        fit = line(x, y, used, scale=y)
        total = fit.slope + fit.intercept
        monolayer = np.where(total > 0, 1 / total, np.nan)
        constant = 1 + fit.slope / fit.intercept
        expected = 1 / (np.sqrt(np.where(constant > 0, constant, np.nan)) + 1)
    reach = quantile(confidence, fit.degrees) * np.sqrt(_total_variance(fit))
    low, high = reciprocal(total - reach, total + reach)
    at = pressure_at(x, n, monolayer)
    criteria = _criteria(x, n, used, monolayer, constant, at, expected, tolerance)
    return {
        "monolayer": monolayer, "monolayer_low": low, "monolayer_high": high,
        "constant": constant, "slope": fit.slope, "intercept": fit.intercept,
        "monolayer_pressure": at, "expected_pressure": expected, "r_squared": fit.r_squared, "points": used.sum(-1),
        "passed": np.where((criteria == 1).all(-1), 1, np.where((criteria == 0).any(-1), 0, -1)),
    }, criteria  # fmt: skip


def bet_remarks(found: xr.Dataset) -> dict[str, list[str]]:
    """Why an area is not what it is called, by name of the sample.

    Parameters
    ----------
    found
        As given by :func:`bet`.
    """
    said: dict[str, list[str]] = {}
    for one, gas in zip(each(found), gases(found), strict=True):
        words = said.setdefault(str(one["sample"]), [])
        if int(one["points"]) < 3:
            words.append("fewer than three points lie in the range of the BET plot")
            continue
        failed = [
            str(name) for name, state in zip(found["criterion"].values, one["criteria"], strict=True) if state == 0
        ]
        if failed:
            numbers = ", ".join(CRITERIA[name][0] for name in failed)
            words.append(f"the BET area is apparent: Rouquerol's criteria not met: {numbers} ({', '.join(failed)})")
        elif int(one["passed"]) == -1:
            words.append("whether the BET area is valid is undecided: the monolayer was never reached in this run")
        if gas and gas.name == "CO2":
            words.append(
                "BET is not recommended for CO2, whose molecules fill micropores at these pressures (IUPAC 2015)"
            )
        if float(one["r_squared"]) < LINEAR:
            words.append(f"the BET plot is not straight: r² {float(one['r_squared']):.4f} below {LINEAR}")
    return said


def pressure_at(x: FloatArray, n: FloatArray, wanted: FloatArray) -> FloatArray:
    """Relative pressure (sample) at which each isotherm (sample, point) first reaches an uptake; NaN where it does not.

    Between two points the isotherm is taken as straight.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        above = np.isfinite(x) & (n >= wanted[:, None])
        at = above.argmax(-1)
        there = above.any(-1) & (at > 0)
        before, after = np.maximum(at - 1, 0)[:, None], at[:, None]
        (x0, x1), (n0, n1) = (
            tuple(np.take_along_axis(column, place, -1)[:, 0] for place in (before, after)) for column in (x, n)
        )
        return np.where(there, x0 + (wanted - n0) / (n1 - n0) * (x1 - x0), np.nan)


def _total_variance(fit: Line) -> FloatArray:
    total: FloatArray = fit.slope_variance + fit.intercept_variance + 2 * fit.covariance
    return np.maximum(total, 0.0)


def _criteria(
    x: FloatArray, n: FloatArray, used: BoolArray, monolayer: FloatArray, constant: FloatArray,
    at: FloatArray, expected: FloatArray, tolerance: float,
) -> npt.NDArray[np.int64]:  # fmt: skip
    """States (sample, criterion)."""
    with np.errstate(invalid="ignore"):
        free = n * (1 - x)
        both = used[:, 1:] & used[:, :-1]
        rising = np.where(both, np.diff(free, axis=-1) > 0, True).all(-1)
        least, most = np.where(used, n, np.inf).min(-1), np.where(used, n, -np.inf).max(-1)
        inside = (monolayer >= least) & (monolayer <= most)
        near = np.abs(expected / at - 1) <= tolerance
    fitted = np.isfinite(constant)
    states = [rising, constant > 0, inside, near]
    known = [used.sum(-1) > 1, fitted, fitted, np.isfinite(at) & np.isfinite(expected)]
    return np.stack([np.where(sure, state, -1) for state, sure in zip(states, known, strict=True)], -1).astype(np.int64)


_DEFINITIONS = {
    "area": ("m2 g-1", "BET area: n_m times Avogadro's number times the area of a molecule"),
    "monolayer": ("mmol g-1", "uptake of a monolayer, n_m = 1/(slope + intercept)"),
    "constant": ("1", "C = 1 + slope/intercept"),
    "slope": ("g mmol-1", "slope of x/(n(1 - x)) over x"),
    "intercept": ("g mmol-1", "intercept of x/(n(1 - x)) over x"),
    "monolayer_pressure": ("1", "relative pressure at which the isotherm reaches n_m"),
    "expected_pressure": ("1", "1/(sqrt(C) + 1): the relative pressure at which the BET equation reaches n_m"),
    "r_squared": ("1", "coefficient of determination of the line"),
    "points": ("1", "points in the range"),
    "window_low": ("1", "lower end of the range of relative pressure"),
    "window_high": ("1", "upper end of the range of relative pressure"),
    "molecule_area": ("nm2", "cross-sectional area of a molecule"),
    "passed": ("1", "1 all four criteria passed, 0 one failed, -1 undecided"),
}


@cache
def _attrs(name: str) -> dict[str, str]:
    stem = name.removesuffix("_low").removesuffix("_high") if not name.startswith("window") else name
    units, text = _DEFINITIONS[stem]
    bound = {"_low": "lower", "_high": "upper"}.get(name[len(stem) :])
    return {"units": units, "definition": f"{bound} confidence limit: {text}" if bound else text}
