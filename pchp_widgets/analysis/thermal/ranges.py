"""Which run to evaluate, and where to begin to look for its transitions."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .scans import run_names

_MELTING = (35.0, 78.0)
_GLASS = (0.5, 0.95)  # shares of the run, above where PEG melts
_SPACE = 0.05


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


def _reach(curves: xr.Dataset) -> tuple[float, float]:
    """Temperatures that all samples went through, without the ends of the run."""
    values = curves["temperature"].values
    known = values[np.isfinite(values).any(axis=1)]
    if not known.size:
        return 0.0, 100.0
    low, high = float(np.nanmin(known, axis=1).max()), float(np.nanmax(known, axis=1).min())
    space = _SPACE * (high - low)
    return (low + space, high - space) if high > low else (low, low + 1.0)
