"""Ionic conductivity of a coating, from the series resistance of cells with it and without it.

:func:`samples` sorts the series resistances of spectra by coating and temperature, :func:`conductivity` compares coated
with bare cells, :func:`arrhenius` and :func:`vft` say how the conductivity depends on temperature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import formulas
from .formulas import PRINTED, added_resistance, areal_conductance, measurable_conductivity
from .samples import BARE, from_cells, samples
from .temperature import FORMS, Form, activation_energy, arrhenius, vft

FloatArray = npt.NDArray[np.float64]

STATES = ("undecided", "resolved", "bound", "contradiction")
"""What a comparison can give: numbers -1, 1, 0 and -2 of ``resolved``, in words."""
_CODES = {"undecided": -1, "resolved": 1, "bound": 0, "contradiction": -2}

RESOLVED_AT = 2.0
"""ΔR is resolved where it is at least this many of its standard errors."""

_ATTRS: dict[str, tuple[str, str]] = {
    "added_resistance": ("ohm", "ΔR_s: mean series resistance of the coated less that of the bare cells"),
    "added_resistance_stderr": (
        "ohm",
        "scatter between replicates, √(s_c²/n_c + s_b²/n_b); a group of one cell takes the scatter of the other",
    ),
    "added_resistance_low": ("ohm", "lower end of the interval of ΔR_s (Student's t, degrees of freedom after Welch)"),
    "added_resistance_high": ("ohm", "upper end of it"),
    "conductivity": ("S cm-1", "σ = n l / (ΔR_s A), n coated faces; NaN where ΔR_s is not resolved"),
    "conductivity_stderr": ("S cm-1", "first order in the errors of ΔR_s, l and A"),
    "conductivity_low": ("S cm-1", "lower end of the interval, or one-sided bound where ΔR_s is not resolved"),
    "conductivity_high": ("S cm-1", "upper end of the interval; infinite where ΔR_s is not resolved"),
    "resistance_per_face": ("ohm cm2", "ASR of one coating, ΔR_s A / n"),
    "resistance_per_face_stderr": ("ohm cm2", "first order in the errors of ΔR_s and A"),
    "areal_conductance": ("S cm-2", PRINTED),
    "measurable_conductivity": (
        "S cm-1",
        "2 π f ε_0 ε_r at the highest frequency: below it the series resistance does not hold the whole film",
    ),
    "within_window": ("", "1: the whole interval lies above measurable_conductivity; 0: not; -1: unknown"),
    "resolved": (
        "",
        (
            f"1: ΔR_s is at least {RESOLVED_AT:g} standard errors; 0: not, so σ has a lower bound only; -1: the "
            "scatter between cells is not known; -2: coated cells have less resistance than bare ones"
        ),
    ),
    "bare_cells": ("1", "number of bare cells"),
    "coated_cells": ("1", "number of coated cells"),
    "bare_resistance": ("ohm", "mean series resistance of the bare cells"),
    "coated_resistance": ("ohm", "mean series resistance of the coated cells"),
    "bare_sd": ("ohm", "standard deviation between the bare cells"),
    "coated_sd": ("ohm", "standard deviation between the coated cells"),
}

_COUNTED = tuple(_ATTRS)[-6:]


def conductivity(
    of: xr.Dataset,
    *,
    faces: int | None = None,
    thickness: float = np.nan,
    area: float = np.nan,
    thickness_error: float = 0.0,
    area_error: float = 0.0,
    permittivity: float = 5.0,
    scatter: float = np.nan,
    confidence: float = 0.95,
    missing: Literal["raise", "empty"] = "raise",
) -> xr.Dataset:
    """Conductivity of every coating at every temperature, against the bare cells of the same temperature.

    The errors of the fits are not used: cells differ by more. The interval is that of ΔR_s turned over, not symmetric.

    Parameters
    ----------
    of
        (sample) as :func:`samples` gives it: ``series_resistance`` [ohm] of one cell at one temperature, ``coating``,
        ``temperature`` [degC], ``area`` [cm2], ``coating_thickness`` [um], ``coated_faces`` and ``highest_frequency``
        [Hz].
    faces, thickness, area
        Used instead of what the cells state: coated faces, thickness of one coating in the cell [um], area [cm2].
    thickness_error, area_error
        Relative standard errors.
    permittivity
        ε_r of the film, for the window of frequencies.
    scatter
        Standard deviation of the series resistance between like cells [ohm], where the cells do not tell: one cell of
        each kind has no scatter. Nothing is taken for granted.
    confidence
        Of the intervals; a one-sided bound has the level ``(1 + confidence) / 2``.
    missing
        Where no cell is bare, or none is coated, an error is raised, or the result is empty along ``coating``.

    Returns
    -------
    Dataset
        (coating, temperature): ``conductivity`` [S cm-1] with ``_stderr``, ``_low`` and ``_high``,
        ``added_resistance`` [ohm], ``resistance_per_face`` [ohm cm2], ``areal_conductance`` [S cm-2], ``resolved``,
        ``within_window`` and the number of cells on either side.

    Raises
    ------
    ValueError
        When no cell is bare, or none is coated, and `missing` is ``"raise"``.
    """
    if missing == "empty" and not comparable(of):
        return _nothing(confidence)
    _refuse_one_side(of)
    coatings = [str(name) for name in dict.fromkeys(of["coating"].values.tolist()) if name != BARE]
    temperatures = np.unique(of["temperature"].values)  # one NaN at the end, where it is not stated
    stated = {"faces": faces, "thickness": thickness, "area": area}
    table = _table(of, coatings, temperatures, stated, scatter, confidence)
    numbers = _results(table, thickness_error, area_error, permittivity)
    said = {"confidence": confidence, "permittivity": permittivity}
    return _laid_out(numbers, coatings, temperatures, said)


def _refuse_one_side(of: xr.Dataset) -> None:
    if comparable(of):
        return
    there = ", ".join(dict.fromkeys(str(name) or "(not stated)" for name in of["coating"].values.tolist()))
    raise ValueError(f"coating: coated cells are compared with cells whose coating is {BARE!r}; there are only {there}")


def _laid_out(
    numbers: Mapping[str, npt.NDArray[Any]], coatings: list[str], temperatures: FloatArray, said: dict[str, float]
) -> xr.Dataset:
    dims = ("coating", "temperature")
    coords: dict[str, Any] = {
        "coating": np.array(coatings, str),
        "temperature": ("temperature", temperatures, {"units": "degC", "long_name": "temperature"}),
    }
    return xr.Dataset({name: (dims, values, _attributes(name)) for name, values in numbers.items()}, coords, said)


def _table(
    of: xr.Dataset,
    coatings: list[str],
    temperatures: FloatArray,
    stated: Mapping[str, float | int | None],
    scatter: float,
    confidence: float,
) -> dict[str, FloatArray]:
    """What is compared, (coating, temperature)."""
    rows = [
        [
            _compared(_at(of, BARE, degrees), _at(of, name, degrees), stated, scatter, confidence)
            for degrees in temperatures
        ]
        for name in coatings
    ]
    return {key: np.array([[row[key] for row in line] for line in rows]) for key in rows[0][0]}


def comparable(of: xr.Dataset) -> bool:
    """Whether there are bare cells and coated ones; argument as for :func:`conductivity`."""
    return len({str(name) == BARE for name in of["coating"].values.tolist()}) > 1


def remarks(found: xr.Dataset) -> dict[str, list[list[str]]]:
    """What is to be said of each conductivity: by coating, a list for each temperature.

    Parameters
    ----------
    found
        As given by :func:`conductivity`.
    """
    said: dict[str, list[list[str]]] = {}
    level = 50 + 50 * float(found.attrs["confidence"])
    for row, coating in enumerate(found["coating"].values.tolist()):
        every = said[str(coating)] = []
        for column, degrees in enumerate(found["temperature"].values.tolist()):
            texts = _texts(found.isel(coating=row, temperature=column), level)
            every.append(texts if np.isfinite(degrees) else [*texts, "the temperature is not stated"])
    return said


def _nothing(confidence: float) -> xr.Dataset:
    """The result where there is nothing to compare."""
    return _laid_out({name: np.zeros((0, 0)) for name in _ATTRS}, [], np.zeros(0), {"confidence": confidence})


def _texts(own: xr.Dataset, level: float) -> list[str]:
    state, texts = int(own["resolved"]), []
    if not int(own["bare_cells"]) or not int(own["coated_cells"]):
        return [f"no {'bare' if not int(own['bare_cells']) else 'coated'} cell at this temperature"]
    if state == _CODES["contradiction"]:
        texts.append("coated cells have less series resistance than bare ones, beyond the scatter: no conductivity")
    elif state == _CODES["bound"]:
        bound = float(own["conductivity_low"])
        texts.append(f"ΔR_s is not resolved: σ is above {bound:.2g} S cm-1 ({level:g} %), its value is not known")
    elif state == _CODES["undecided"]:
        texts.append("the scatter between cells is not known (one of each kind): the error of ΔR_s cannot be told")
    if int(own["within_window"]) == 0 and state == _CODES["resolved"]:
        limit = float(own["measurable_conductivity"])
        texts.append(f"not surely above {limit:.2g} S cm-1: at the highest frequency the film may be a capacitor")
    if np.isnan(float(own["conductivity"])) and np.isnan(float(own["conductivity_low"])) and state >= 0:
        texts.append("thickness, area or the number of coated faces is not stated")
    return texts


def _at(of: xr.Dataset, coating: str, degrees: float) -> xr.Dataset:
    temperature = of["temperature"].values
    same = np.isnan(temperature) if np.isnan(degrees) else temperature == degrees
    known = np.isfinite(of["series_resistance"].values)
    return of.isel(sample=np.flatnonzero(same & known & (of["coating"].values == coating)))


def _compared(
    bare: xr.Dataset, coated: xr.Dataset, stated: Mapping[str, float | int | None], scatter: float, confidence: float
) -> dict[str, float]:
    """Difference of two groups of cells, and the geometry of the coated ones."""
    groups = [one["series_resistance"].values.astype(float) for one in (bare, coated)]
    counts = [len(values) for values in groups]
    means = [float(values.mean()) if len(values) else np.nan for values in groups]
    own = [float(values.std(ddof=1)) if len(values) > 1 else np.nan for values in groups]
    used = [
        next((sd for sd in (one, scatter, other) if np.isfinite(sd)), np.nan)
        for one, other in zip(own, own[::-1], strict=True)
    ]
    variance = [sd**2 / count if count else np.nan for sd, count in zip(used, counts, strict=True)]
    error = float(np.sqrt(sum(variance)))
    freedom = _freedom(variance, own, counts)
    return {
        "added": means[1] - means[0],
        "error": error,
        "quantile": _quantile(freedom, confidence) if np.isfinite(error) else np.nan,
        "area": _either(stated["area"], _mean(coated, "area")),
        "thickness": _either(stated["thickness"], _mean(coated, "coating_thickness")),
        "faces": _either(stated["faces"], _faces(coated)),
        "highest": _mean(coated, "highest_frequency"),
        "bare_cells": counts[0],
        "coated_cells": counts[1],
        "bare_resistance": means[0],
        "coated_resistance": means[1],
        "bare_sd": own[0],
        "coated_sd": own[1],
    }


def _either(stated: float | None, known: float) -> float:
    return known if stated is None or np.isnan(stated) else float(stated)


def _freedom(variance: list[float], own: list[float], counts: list[int]) -> float:
    """Degrees of freedom after Welch and Satterthwaite; those of the other group where one has no scatter of its own.

    Infinite where the scatter was stated.
    """
    measured = [(v, n) for v, sd, n in zip(variance, own, counts, strict=True) if np.isfinite(sd)]
    if not measured:
        return np.inf
    if len(measured) == 1:
        return measured[0][1] - 1.0
    total = sum(v for v, _ in measured) ** 2
    parts = sum(v**2 / (n - 1) for v, n in measured)
    return total / parts if parts > 0 else float(min(counts) - 1)


def _quantile(freedom: float, confidence: float) -> float:
    from scipy.special import ndtri, stdtrit

    level = (1 + confidence) / 2
    return float(ndtri(level) if np.isinf(freedom) else stdtrit(freedom, level))


def _mean(of: xr.Dataset, name: str) -> float:
    values = of[name].values.astype(float) if name in of else np.zeros(0)
    return float(values.mean()) if len(values) else np.nan


def _faces(of: xr.Dataset) -> float:
    """Coated faces of the cells; NaN where one does not state them, or they differ."""
    values = of["coated_faces"].values if "coated_faces" in of else np.zeros(0)
    return float(values[0]) if len(values) and values[0] > 0 and np.all(values == values[0]) else np.nan


def _results(
    table: Mapping[str, FloatArray], thickness_error: float, area_error: float, permittivity: float
) -> dict[str, npt.NDArray[Any]]:
    """Conductivities, bounds and states from differences and geometry."""
    added, error, quantile = table["added"], table["error"], table["quantile"]
    with np.errstate(divide="ignore", invalid="ignore"):
        state = np.where(added >= RESOLVED_AT * error, _CODES["resolved"], _CODES["bound"])
        state = np.where(added + quantile * error <= 0, _CODES["contradiction"], state)
        state = np.where(np.isnan(added) | np.isnan(error), _CODES["undecided"], state)
        sure = state == _CODES["resolved"]
        geometry = (table["thickness"], table["area"], table["faces"])
        value = np.where(
            (added > 0) & (sure | (state == _CODES["undecided"])), formulas.conductivity(added, *geometry), np.nan
        )
        relative = np.hypot(thickness_error, area_error)
        spread = quantile * np.hypot(error, added * relative)
        bounded = sure | (state == _CODES["bound"])
        low = np.where(bounded, formulas.conductivity(added + spread, *geometry), np.nan)
        high = np.where(added > spread, formulas.conductivity(added - spread, *geometry), np.inf)
        high = np.where(bounded, np.where(sure, high, np.inf), np.nan)
        limit = formulas.measurable_conductivity(table["highest"], permittivity)
        window = np.where(np.isfinite(low) & np.isfinite(limit), (low > limit).astype(int), -1)
        per_face = added * table["area"] / table["faces"]
        return {
            "added_resistance": added,
            "added_resistance_stderr": error,
            "added_resistance_low": added - quantile * error,
            "added_resistance_high": added + quantile * error,
            "conductivity": value,
            "conductivity_stderr": value * np.sqrt((error / added) ** 2 + relative**2),
            "conductivity_low": low,
            "conductivity_high": high,
            "resistance_per_face": per_face,
            "resistance_per_face_stderr": np.hypot(error * table["area"] / table["faces"], per_face * area_error),
            "areal_conductance": np.where(added > 0, formulas.areal_conductance(added, table["area"]), np.nan),
            "measurable_conductivity": limit,
            "within_window": window,
            "resolved": state,
            **{name: table[name] for name in _COUNTED},
        }


def _attributes(name: str) -> dict[str, Any]:
    units, definition = _ATTRS[name]
    found: dict[str, Any] = {"definition": definition, **({"units": units} if units else {})}
    if f"{name}_stderr" in _ATTRS:
        found["ancillary_variables"] = f"{name}_stderr"
    if name == "resolved":
        found |= {"flag_values": list(_CODES.values()), "flag_meanings": " ".join(_CODES)}
    return found


__all__ = [
    "BARE",
    "FORMS",
    "PRINTED",
    "RESOLVED_AT",
    "STATES",
    "Form",
    "activation_energy",
    "added_resistance",
    "areal_conductance",
    "arrhenius",
    "comparable",
    "conductivity",
    "from_cells",
    "measurable_conductivity",
    "remarks",
    "samples",
    "vft",
]
