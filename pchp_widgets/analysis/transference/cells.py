"""A polarization and the spectra before and at its end, together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from .polarization import polarizations
from .words import CURRENT_ERROR, RESISTANCE_ERROR, VOLTAGE_ERROR, attrs

FloatArray = npt.NDArray[np.float64]

ARCS = ("coating", "sei", "charge_transfer")
"""Arcs of a spectrum that may count as interface; those that do not belong to the bulk."""

COUNTED = ("sei", "charge_transfer")
"""Arcs that count as interface where nobody says otherwise: a coating conducts ions, so it belongs to the bulk."""

_PLACES: dict[str, dict[str, str]] = {
    "spectrum_before": {"definition": "place of the last spectrum before the polarization; -1 where there is none"},
    "spectrum_steady": {"definition": "place of the spectrum at its end; -1 where there is none"},
    "delay_before": {"units": "s", "definition": "from the beginning of that spectrum to the polarization"},
    "delay_steady": {"units": "s", "definition": "from the end of the polarization to the spectrum after it"},
}


def measured(
    found: xr.Dataset,
    resistances: xr.Dataset,
    *,
    counted: Sequence[str] = COUNTED,
    voltage_error: float = VOLTAGE_ERROR,
    current_error: float = CURRENT_ERROR,
    resistance_error: float = RESISTANCE_ERROR,
) -> xr.Dataset:
    """What :func:`~pchp_widgets.analysis.transference.transference` needs, of trace and spectra.

    Parameters
    ----------
    found
        As given by :func:`polarizations`.
    resistances
        (cell, spectrum): ``series_resistance``, ``sei_resistance``, ``charge_transfer_resistance`` and perhaps
        ``coating_resistance`` [ohm], each with ``_stderr``, ``interfacial_resistance`` where the arcs are told apart
        badly, and the ``time`` of each spectrum [s].
    counted
        Which of :data:`ARCS` count as interface; the others count as bulk.
    voltage_error, current_error, resistance_error
        Of the instrument: standard error of a voltage [V], relative standard errors of a current and of a resistance.
        They come on top of the scatter of the trace and the error of the fit; 0 leaves only these.

    Returns
    -------
    Dataset
        `found` with ``initial_resistance``, ``steady_resistance``, ``bulk_resistance``, ``steady_bulk_resistance``
        [ohm] and their ``_stderr``, ``spectrum_before`` and ``spectrum_steady`` (their place; -1 where there is none),
        ``delay_before`` and ``delay_steady`` [s].

    Raises
    ------
    ValueError
        When an arc is not known, or none is counted.
    """
    unknown = [arc for arc in counted if arc not in ARCS]
    if unknown or not counted:
        wrong = f"{unknown[0]!r} is no arc" if unknown else "no arc is counted as interface"
        raise ValueError(f"counted: {wrong}; choose among {', '.join(ARCS)}")
    own = resistances.reindex(cell=found["cell"].values)
    before, steady, delays = _places(found, own["time"].values)
    interface, bulk = _sums(own, counted)
    columns: dict[str, npt.NDArray[Any]] = {"spectrum_before": before, "spectrum_steady": steady}
    columns |= dict(zip(("delay_before", "delay_steady"), delays, strict=True))
    for name, (of, place) in {
        "initial_resistance": (interface, before),
        "steady_resistance": (interface, steady),
        "bulk_resistance": (bulk, before),
        "steady_bulk_resistance": (bulk, steady),
    }.items():
        at = np.arange(len(place)), place
        value, error = (np.where(place >= 0, part[at], np.nan) for part in of)
        columns |= {name: value, f"{name}_stderr": np.hypot(error, resistance_error * value)}
    laid = {name: ("cell", value, _PLACES.get(name) or attrs(name, columns)) for name, value in columns.items()}
    errors = _of_instrument(found, voltage_error, current_error)
    return found.assign({**laid, **errors}).assign_attrs(counted=", ".join(counted))


def _of_instrument(found: xr.Dataset, voltage_error: float, current_error: float) -> dict[str, Any]:
    """Errors of the trace, with those of the instrument."""
    errors = {"voltage_stderr": np.hypot(found["voltage_stderr"].values, voltage_error)}
    for name in ("steady_current", "extrapolated_current", "first_current"):
        size = found[name].values
        own = found[f"{name}_stderr"].values if f"{name}_stderr" in found else np.zeros_like(size)
        errors[f"{name}_stderr"] = np.hypot(own, current_error * size)
    said = {"definition": "scatter of the trace and error of the instrument"}
    units = {name: {"units": "V" if name.startswith("voltage") else "mA"} for name in errors}
    return {name: ("cell", value, units[name] | said) for name, value in errors.items()}


def from_cells(
    cells: xr.DataTree | Iterable[xr.DataTree],
    resistances: xr.Dataset | None = None,
    *,
    counted: Sequence[str] = COUNTED,
    voltage_error: float = VOLTAGE_ERROR,
    current_error: float = CURRENT_ERROR,
    resistance_error: float = RESISTANCE_ERROR,
    **fit: Any,
) -> xr.Dataset:
    """:func:`measured` of cells as they were opened.

    Parameters
    ----------
    cells
        One cell or several, each with ``points``, ``steps`` and ``spectra``.
    resistances
        Of their spectra; by a fit when left out.
    counted, voltage_error, current_error, resistance_error
        As for :func:`measured`.
    **fit
        For the fit, as :func:`~pchp_widgets.analysis.spectra_resistances.of_cells` takes it: ``circuit``, ``roles``.
    """
    trees = [cells] if isinstance(cells, xr.DataTree) else list(cells)
    if resistances is None:
        from ..spectra_resistances import of_cells

        resistances = of_cells(trees, **fit)
    errors = {
        "voltage_error": voltage_error,
        "current_error": current_error,
        "resistance_error": resistance_error,
    }
    return measured(polarizations(trees), resistances, counted=counted, **errors)


def _sums(
    own: xr.Dataset, counted: Sequence[str]
) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """Resistance and standard error (cell, spectrum) of the interface, and of the bulk."""
    there = [arc for arc in ARCS if f"{arc}_resistance" in own]
    if set(counted) >= {"sei", "charge_transfer"} and "interfacial_resistance" in own:
        # their sum is known better than either, and also where they are not told apart
        inner = [
            ("interfacial_resistance", True),
            *([("coating_resistance", "coating" in counted)] if "coating" in there else []),
        ]
    else:
        inner = [(f"{arc}_resistance", arc in counted) for arc in there]
    names = [("series_resistance", False), *inner]
    sums = []
    for wanted in (True, False):
        parts = [name for name, counts in names if counts == wanted]
        shape = own["series_resistance"].shape
        values = np.sum([_known(own, name) for name in parts], axis=0) if parts else np.full(shape, np.nan)
        squares = (
            np.sum([_known(own, f"{name}_stderr") ** 2 for name in parts], axis=0) if parts else np.full(shape, np.nan)
        )
        sums.append((values, np.sqrt(squares)))
    return sums[0], sums[1]


def _known(own: xr.Dataset, name: str) -> FloatArray:
    if name not in own:
        if name.endswith("_stderr"):
            return np.zeros(own["series_resistance"].shape)
        raise ValueError(f"{name}: not among the resistances; they have {', '.join(map(str, own.data_vars))}")
    values: FloatArray = own[name].values.astype(float)
    return values if own[name].dims == ("cell", "spectrum") else values.T


def _places(
    found: xr.Dataset, time: FloatArray
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], tuple[FloatArray, FloatArray]]:
    """Place of the spectrum right before the polarization and of that at its end, and how far away in time they are.

    At the end is the first spectrum after it or, where none follows, the last one in its second half.
    """
    start = found["time_start"].values[:, None]
    duration = found["duration"].values[:, None]
    end = start + duration
    with np.errstate(invalid="ignore"):
        earlier = np.where(time < start, time, -np.inf)
        later = np.where(time >= end - 1e-3 * duration, time, np.inf)
        within = np.where((time >= start + duration / 2) & (time < end), time, -np.inf)
    if not time.shape[1]:
        nothing = np.full(len(start), -1)
        return nothing, nothing, (np.full(len(start), np.nan), np.full(len(start), np.nan))
    before = np.where(np.isfinite(earlier).any(1), earlier.argmax(1), -1)
    after = np.where(
        np.isfinite(later).any(1), later.argmin(1), np.where(np.isfinite(within).any(1), within.argmax(1), -1)
    )
    rows = np.arange(len(start))
    return (
        before,
        after,
        (
            np.where(before >= 0, start[:, 0] - time[rows, before], np.nan),
            np.where(after >= 0, time[rows, after] - end[:, 0], np.nan),
        ),
    )
