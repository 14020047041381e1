"""What the figures of indentations show: curves thinned to what a screen can show, and fitted unloadings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .pieces import Rows

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

QUANTITIES = ("modulus", "hardness")
SOURCES = ("unloading", "continuous")
"""Whether values are those of the unloading, or means over depth of the continuous stiffness."""

_POINTS, _IN_ALL, _UNLOADING, _CURVE = 1000, 12_000, 160, 40


def curves(data: xr.Dataset) -> xr.Dataset:
    """Depth and load of every test, thinned.

    Parameters
    ----------
    data
        A measurement of the technique ``indentation``.

    Returns
    -------
    Dataset
        ``depth`` [nm] and ``load`` [mN] (curve, point), with ``sample`` and ``test``, its number, on ``curve``; tests
        without points are left out.
    """
    load, depth = (np.asarray(data[name].values, float) for name in ("load", "depth"))
    count = np.isfinite(load).sum(axis=2)
    sample, test = np.nonzero(count)
    points = max(min(_POINTS, _IN_ALL // max(len(sample), 1)), 60)
    share = np.linspace(0, 1, min(points, load.shape[2]))
    index = np.round(share * (count[sample, test][:, None] - 1)).astype(np.int64)
    of = (sample[:, None], test[:, None], index)
    return xr.Dataset(
        {"depth": (("curve", "point"), depth[of]), "load": (("curve", "point"), load[of])},
        {"sample": ("curve", data["sample"].values[sample]), "test": ("curve", test + 1)},
    )


def unloading_curves(data: xr.Dataset, turns: xr.Dataset, number: int) -> xr.Dataset:
    """Load, as a share of its peak, and depth of the last unloading of one test of each sample.

    Parameters
    ----------
    data
        A measurement of the technique ``indentation``.
    turns
        As given by :func:`~pchp_widgets.analysis.indentation.turning_points`.
    number
        Of the test, from 1.

    Returns
    -------
    Dataset
        ``share`` and ``depth`` [nm] (sample, point); NaN where a sample has no such test.
    """
    samples = data.sizes["sample"]
    empty = xr.Dataset(
        {name: (("sample", "point"), np.full((samples, 2), np.nan)) for name in ("share", "depth")},
        {"sample": data["sample"].values},
    )
    if not 1 <= number <= data.sizes["test"] or not turns.sizes["unloading"]:
        return empty
    onset, end, peak = (turns[name].values[:, number - 1] for name in ("onset", "end", "peak_load"))
    last = np.where((onset >= 0).any(axis=1), onset.shape[1] - 1 - (onset >= 0)[:, ::-1].argmax(axis=1), -1)
    row = np.arange(samples)
    begin, stop = onset[row, last], end[row, last]
    if not (last >= 0).any():
        return empty
    longest = int((stop - begin)[last >= 0].max()) + 1
    points = min(longest, _UNLOADING)
    index = begin[:, None] + np.round(np.linspace(0, 1, points) * (stop - begin)[:, None]).astype(np.int64)
    there = (last >= 0)[:, None] & np.ones(points, bool)
    of = (row[:, None], number - 1, np.where(there, index, 0))
    load, depth = (np.asarray(data[name].values, float)[of] for name in ("load", "depth"))
    return xr.Dataset(
        {
            "share": (("sample", "point"), np.where(there, load / peak[row, last][:, None], np.nan)),
            "depth": (("sample", "point"), np.where(there, depth, np.nan)),
        },
        {"sample": data["sample"].values},
    )


def fitted(final: FloatArray, deepest: FloatArray, exponent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Share of the peak load and depth along fitted unloadings (curve, point); NaN where there is no fit.

    Parameters
    ----------
    final, deepest
        Depth at no load and at the peak load [nm].
    exponent
        m of P = B (h - h_f)^m.
    """
    part = np.broadcast_to(np.linspace(0, 1, _CURVE), (len(final), _CURVE))
    with np.errstate(invalid="ignore"):
        share = part ** exponent[:, None]
    return share, final[:, None] + part * (deepest - final)[:, None]


def values(last: xr.Dataset, over: xr.Dataset, quantity: str, source: str) -> xr.DataArray:
    """Modulus or hardness of each indent (sample, test), from where it is asked for.

    Parameters
    ----------
    last
        As given by :func:`~pchp_widgets.analysis.indentation.last_unloading`.
    over
        As given by :func:`~pchp_widgets.analysis.indentation.over_depth`.
    quantity, source
        Of :data:`QUANTITIES` and :data:`SOURCES`.
    """
    found: xr.DataArray = last[quantity] if source == SOURCES[0] else over[f"mean_{quantity}"]
    return found


def indent_rows(sample: IntArray, test: IntArray, rows: Rows) -> Rows:
    """What a mark says of its indent."""
    return {**{name: column[sample] for name, column in rows.items()}, "test": test + 1}
