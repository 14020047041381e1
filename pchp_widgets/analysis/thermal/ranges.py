"""Which run to evaluate, and where to begin to look for its transitions."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .glass import constructed
from .results import window_of
from .scans import run_names

_MELTING = (35.0, 78.0)
_GLASS = (0.5, 0.95)  # shares of the run, above where PEG melts
_SPACE = 0.05
_LENGTH, _EVERY, _BASE = 70.0, 10.0, 0.25
_FEWEST = 50
_CENTRAL, _OUTSIDE, _CLEAR = 0.15, 0.35, 5.0


def last_heating(program: xr.Dataset) -> str:
    """Name of the last heating of any sample, of the last cooling where there is no heating, or empty.

    Parameters
    ----------
    program
        As given by :func:`.segments.segments`.
    """
    known = run_names(program)
    heatings = [name for name in known if name.startswith("heating")] or known
    return heatings[-1] if heatings else ""


def melting_range(curves: xr.Dataset) -> tuple[float, float]:
    """Range to begin with: where PEG melts [degC], or the middle of a run that hardly goes there.

    Parameters
    ----------
    curves
        As given by :func:`.scans.scans`.
    """
    reach = _reach(curves)
    low, high = max(_MELTING[0], reach[0]), min(_MELTING[1], reach[1])
    span = reach[1] - reach[0]
    if high - low >= 0.5 * (_MELTING[1] - _MELTING[0]):
        return low, high
    return reach[0] + 0.3 * span, reach[0] + 0.7 * span


def glass_range(curves: xr.Dataset) -> tuple[float, float]:
    """Range to begin with for the glass transition: the upper half of the run [degC]; nothing tells where it is.

    Parameters
    ----------
    curves
        As given by :func:`.scans.scans`.
    """
    low, high = _reach(curves)
    return low + _GLASS[0] * (high - low), low + _GLASS[1] * (high - low)


def glass_ranges(curves: xr.Dataset) -> dict[str, tuple[float, float]]:
    """A range around the most significant step of each sample [degC]; a sample without one is not named.

    Ranges of 70 K are tried every 10 K: base lines, step and tangents are constructed in each, and those count whose
    half step lies in the middle and whose curve runs between the base lines. Of them the one with the most standard
    errors to the step is taken.

    Parameters
    ----------
    curves
        As given by :func:`.scans.scans`.
    """
    found = {}
    whole = window_of(curves, "heat_capacity", (-1e4, 1e4))
    for name, (x, y) in zip(curves["sample"].values, whole, strict=True):
        if len(x) < _FEWEST:
            continue
        space = _SPACE * (x[-1] - x[0])
        starts = np.arange(x[0] + space, max(x[-1] - space - _LENGTH, x[0] + space) + 1e-9, _EVERY)
        tried = [(_significance(x, y, (start, start + _LENGTH)), start) for start in starts.tolist()]
        best, start = max(tried, default=(0.0, 0.0))
        if best > _CLEAR:
            found[str(name)] = (start, start + _LENGTH)
    return found


def _significance(x: np.ndarray, y: np.ndarray, window: tuple[float, float]) -> float:
    """Standard errors to the step within a range; 0 where it is none."""
    inside = (x >= window[0]) & (x <= window[1])
    one = constructed(x[inside], y[inside], window, _BASE)
    if one.outcome != "step":
        return 0.0
    half, step, error = (
        float(np.ravel(one.values[key])[0])
        for key in ("glass_temperature", "heat_capacity_step", "heat_capacity_step_stderr")
    )
    share = (x[inside] - window[0]) / (window[1] - window[0])
    lower, upper = (np.ravel(one.values[f"{key}_base"]) for key in ("glass", "liquid"))
    between = y[inside] - lower[0] - (lower[1] - lower[0]) * share
    reach = upper[0] - lower[0] + (upper[1] - upper[0] - lower[1] + lower[0]) * share
    out = np.quantile(np.maximum(-between, between - reach), 0.95)
    central = abs((half - window[0]) / (window[1] - window[0]) - 0.5) < _CENTRAL
    return step / error if central and out < _OUTSIDE * step and error > 0 else 0.0


def _reach(curves: xr.Dataset) -> tuple[float, float]:
    """Temperatures that all samples went through, without the ends of the run."""
    values = curves["temperature"].values
    known = values[np.isfinite(values).any(axis=1)]
    if not known.size:
        return 0.0, 100.0
    low, high = float(np.nanmin(known, axis=1).max()), float(np.nanmax(known, axis=1).min())
    space = _SPACE * (high - low)
    return (low + space, high - space) if high > low else (low, low + 1.0)
