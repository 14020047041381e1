"""Steady-state current fraction of Li||Li cells by the method of Bruce and Vincent, with what limits it.

:func:`polarizations` reads voltage, currents and steadiness from the trace, :func:`measured` adds the resistances of
the spectra before and at the end, and :func:`transference` makes the fraction, its intervals and its flags of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import formulas, words
from .cells import ARCS, from_cells, measured
from .groups import by_coating
from .judgement import judged
from .layers import coating_share, two_layers
from .polarization import polarizations, trace_of
from .words import FLAGS, LABEL, MEANING

FloatArray = npt.NDArray[np.float64]
Initial = Literal["ohmic", "first", "extrapolated"]

INITIAL: dict[str, str] = {
    "ohmic": "ΔV / (R_b + R_0), by the spectrum before the polarization",
    "first": "first sample of the polarization",
    "extrapolated": "extrapolation of the first half of the relaxation to t = 0 over √t",
}
"""Where the initial current may be taken from."""

_QUANTITIES = ("voltage", "steady_current", "initial_resistance", "steady_resistance", "bulk_resistance")


def measurement(
    *,
    cell: npt.ArrayLike = ("cell",),
    coords: Mapping[str, object] | None = None,
    **quantities: npt.ArrayLike,
) -> xr.Dataset:
    """Numbers read elsewhere, as :func:`transference` takes them.

    Parameters
    ----------
    cell
        Names.
    coords
        What else is known of the cells, along ``cell``.
    **quantities
        Along ``cell``: ``voltage`` [V], ``initial_current``, ``steady_current`` [mA], ``initial_resistance``,
        ``steady_resistance``, ``bulk_resistance``, ``steady_bulk_resistance`` [ohm], ``drift`` [1/h], and
        ``<name>_stderr`` of any of them.

    Raises
    ------
    ValueError
        When a quantity is not one of these.
    """
    known = {*_QUANTITIES, "initial_current", "steady_bulk_resistance", "drift"}
    unknown = [name for name in quantities if name.removesuffix("_stderr") not in known]
    if unknown:
        raise ValueError(f"{unknown[0]}: no such quantity; known are {', '.join(sorted(known))}, each with _stderr")
    names = np.atleast_1d(np.asarray(cell, str))
    laid = {
        name: ("cell", np.broadcast_to(np.asarray(value, float), names.shape)) for name, value in quantities.items()
    }
    return xr.Dataset(laid, {"cell": names, **(coords or {})})


def transference(
    found: xr.Dataset,
    *,
    initial: Initial | Literal[""] = "",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> xr.Dataset:
    """Steady-state current fraction of each cell, with intervals, amplification and flags.

    Parameters
    ----------
    found
        Dataset (cell) as :func:`measured` or :func:`measurement` gives it: ``voltage`` [V], ``steady_current`` [mA],
        ``initial_resistance``, ``steady_resistance`` [ohm], and either an initial current [mA] or
        ``bulk_resistance`` [ohm]; ``<name>_stderr`` where known, 0 where not.
    initial
        Which initial current is used, one of :data:`INITIAL`. When left out: ``initial_current`` where the dataset has
        it, else ``ohmic``.
    confidence
        Of the Monte Carlo interval.
    draws, seed
        Of the Monte Carlo interval.

    Returns
    -------
    Dataset
        (cell): ``current_fraction`` with ``_stderr`` (first order), ``_low`` and ``_high`` (Monte Carlo, which sees
        how lopsided the error is), ``bulk_corrected_fraction``, ``current_ratio``, ``amplification``,
        ``resistance_ratio``, ``resistance_growth``, ``disagreement`` of the initial currents, ``flags`` and ``usable``;
        what went in stands beside. See :data:`~pchp_widgets.analysis.transference.words.FLAGS`.

    Raises
    ------
    ValueError
        When a needed quantity is missing from the dataset, or `initial` is not known.

    Notes
    -----
    Standard errors of the parts are taken for independent. With I_0 = ΔV / (R_b + R_0) the resistance R_0 cancels, and
    the error of R_b stands in for that of the initial current.
    """
    values, errors, source = _parts(found, initial)
    results = _results(values, errors, ohmic=source == "ohmic", confidence=confidence, draws=draws, seed=seed)
    flags, usable = judged(found, values, results)
    said = {"initial": INITIAL.get(source, "as given"), "confidence": confidence, "draws": draws, "label": LABEL}
    return _laid_out(found, values, errors, results | {"flags": flags, "usable": usable}, said)


def remarks(found: xr.Dataset) -> dict[str, list[str]]:
    """What is to be said of each cell: every flag, with its number.

    Parameters
    ----------
    found
        As given by :func:`transference`.
    """
    with_number = {
        "interfaces_dominate": ("resistance_ratio", "{:.3g}"),
        "voltage_high": ("voltage", "{:.3g} V"),
        "interfaces_grew": ("resistance_growth", "{:.3g}"),
        "initial_currents_disagree": ("disagreement", "{:+.1%}"),
        "not_steady": ("drift", "{:+.2%} per hour"),
        "out_of_range": ("current_fraction", "{:.3g}"),
    }
    said = {}
    for place, name in enumerate(found["cell"].values.tolist()):
        texts = []
        for flag, (bit, text) in FLAGS.items():
            if not int(found["flags"].values[place]) & bit:
                continue
            of, form = with_number.get(flag, ("", ""))
            number = f" ({form.format(float(found[of].values[place]))})" if of in found else ""
            texts.append(text + number)
        said[str(name)] = texts
    return said


def _needed(ohmic: bool) -> tuple[str, ...]:
    own = ("bulk_resistance",) if ohmic else ("initial_current", "initial_resistance")
    return ("voltage", "steady_current", "steady_resistance", *own)


def _parts(found: xr.Dataset, initial: str) -> tuple[dict[str, FloatArray], dict[str, FloatArray], str]:
    """Values and standard errors in V, A and ohm by name, and which initial current was taken."""
    if initial and initial not in INITIAL:
        raise ValueError(f"initial {initial!r} is not known; choose one of {', '.join(INITIAL)}")
    source = initial or ("" if "initial_current" in found else "ohmic")
    column = {"ohmic": "", "": "initial_current"}.get(source, f"{source}_current")
    required = {*_needed(source == "ohmic"), "initial_resistance"} - {"initial_current"} | (
        {column} if column else set()
    )
    missing = sorted(required - set(found.data_vars))
    if missing:
        raise ValueError(f"{missing[0]}: not in the dataset; measure it or give it to measurement({missing[0]}=...)")
    own = column or next((name for name in ("initial_current", "extrapolated_current") if name in found), "")
    values, errors = {}, {}
    for name in (*_QUANTITIES, "steady_bulk_resistance", "own_current"):
        of, scale = (own, 1e-3) if name == "own_current" else (name, 1e-3 if name.endswith("current") else 1.0)
        unknown = np.full(found.sizes["cell"], np.nan)
        values[name] = scale * found[of].values.astype(float) if of in found else unknown
        error = found[f"{of}_stderr"].values.astype(float) if f"{of}_stderr" in found else np.zeros_like(unknown)
        errors[name] = scale * error
    with np.errstate(divide="ignore", invalid="ignore"):
        values["ohmic_current"] = values["voltage"] / (values["bulk_resistance"] + values["initial_resistance"])
    values["initial_current"] = values["ohmic_current"] if source == "ohmic" else values["own_current"]
    errors["initial_current"] = np.zeros_like(unknown) if source == "ohmic" else errors["own_current"]
    for name in ("voltage", "own_current", "initial_current", "steady_current"):
        values[name] = np.abs(values[name])
    return values, errors, source


def _results(
    values: Mapping[str, FloatArray], errors: Mapping[str, FloatArray], *, ohmic: bool, confidence: float, draws: int,
    seed: int,
) -> dict[str, FloatArray]:  # fmt: skip
    """Fractions, their errors and the numbers they are judged by."""
    parts = {name: values[name] for name in _needed(ohmic)}
    function = formulas.ohmic_current_fraction if ohmic else formulas.current_fraction
    low, high = formulas.monte_carlo(
        lambda **drawn: _bounded(function(**drawn), drawn), parts, errors, confidence=confidence, draws=draws, seed=seed
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        driving = values["voltage"] - values["initial_current"] * values["initial_resistance"]
        steady = values["voltage"] - values["steady_current"] * values["steady_resistance"]
        fraction = np.where((driving > 0) & (steady > 0), function(**parts), np.nan)
        error, known = formulas.current_fraction_stderr(values, errors, ohmic=ohmic), np.isfinite(fraction)
        return {
            "current_fraction": fraction,
            "current_fraction_stderr": np.where(known, error, np.nan),
            "current_fraction_low": np.where(known, low, np.nan),
            "current_fraction_high": np.where(known, high, np.nan),
            "bulk_corrected_fraction": fraction * values["steady_bulk_resistance"] / values["bulk_resistance"],
            "current_ratio": values["steady_current"] / values["initial_current"],
            "amplification": values["voltage"] / driving,
            "steady_amplification": values["voltage"] / steady,
            "resistance_ratio": values["initial_resistance"] / values["bulk_resistance"],
            "resistance_growth": values["steady_resistance"] / values["initial_resistance"],
            "disagreement": values["own_current"] / values["ohmic_current"] - 1,
        }


def _bounded(fraction: FloatArray, drawn: Mapping[str, FloatArray]) -> FloatArray:
    """Draws in which the interfaces take the whole voltage have no upper bound."""
    steady = drawn["voltage"] - drawn["steady_current"] * drawn["steady_resistance"]
    return np.where(steady > 0, fraction, np.inf)


def _laid_out(
    found: xr.Dataset,
    values: Mapping[str, FloatArray],
    errors: Mapping[str, FloatArray],
    results: Mapping[str, npt.NDArray[np.generic]],
    said: Mapping[str, object],
) -> xr.Dataset:
    """Results with units and definitions, beside what went into them."""
    used: dict[str, npt.NDArray[np.generic]] = {}
    for name in (*_QUANTITIES, "steady_bulk_resistance", "initial_current", "ohmic_current"):
        scale = 1e3 if name.endswith("current") else 1.0
        used[name] = values[name] * scale
        if name in errors and name != "ohmic_current":
            used[f"{name}_stderr"] = errors[name] * scale
    laid = used | dict(results)
    kept = found.drop_vars([name for name in laid if name in found.data_vars])
    return kept.assign({name: ("cell", value, words.attrs(name, laid)) for name, value in laid.items()}).assign_attrs(
        {**found.attrs, **said}
    )


__all__ = [
    "ARCS",
    "FLAGS",
    "INITIAL",
    "LABEL",
    "MEANING",
    "Initial",
    "by_coating",
    "coating_share",
    "from_cells",
    "measured",
    "measurement",
    "polarizations",
    "remarks",
    "trace_of",
    "transference",
    "two_layers",
]
