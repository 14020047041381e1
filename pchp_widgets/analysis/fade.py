"""How fast full and half cells age: capacity lost per cycle, and the growth of the voltage gap."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ._cycling import FloatArray, ratio
from .cycling import retention


def fade(kept: xr.Dataset) -> xr.Dataset:
    """Capacity lost per cycle, from the reference cycle to the last one that counts.

    Parameters
    ----------
    kept
        As given by :func:`~.cycling.retention`.

    Returns
    -------
    Dataset
        (cell): ``last_cycle``, its ``retention``, and ``fade`` = (1 - retention) / (last_cycle - reference_cycle) per
        cycle, with ``fade_stderr`` from the counter accuracy. NaN where there is no second cycle.
    """
    left, cycles = kept["retention"].transpose("cell", "cycle").values, kept["cycle"].values.astype(float)
    known = np.isfinite(left)
    rows, place = np.arange(len(left)), left.shape[1] - 1 - known[:, ::-1].argmax(1)
    last = np.where(known.any(1), cycles[place], np.nan)
    span = last - kept["reference_cycle"].values
    found = {"last_cycle": last, "retention": left[rows, place], "fade": ratio(1 - left[rows, place], span)}
    texts = {
        "last_cycle": "last cycle at the ageing rate that is not interrupted",
        "retention": "retention in the last cycle that counts",
        "fade": "(1 - retention) / (last_cycle - reference_cycle), per cycle",
        "fade_stderr": "standard error of the retention over the number of cycles",
    }
    if "retention_stderr" in kept:
        found["fade_stderr"] = ratio(kept["retention_stderr"].values[rows, place], span)
    linked = {"fade": {"ancillary_variables": "fade_stderr"}} if "retention_stderr" in kept else {}
    return xr.Dataset(
        {
            name: ("cell", values, {"units": "1", "definition": texts[name], **linked.get(name, {})})
            for name, values in found.items()
        },
        {name: value for name, value in kept.coords.items() if value.dims == ("cell",)},
        {name: kept.attrs[name] for name in ("of", "reference") if name in kept.attrs},
    )


def voltage_gap_growth(found: xr.Dataset, reference_cycle: int = 3) -> xr.Dataset:
    """Growth of the gap between the mean voltages of charge and discharge: of the polarization, since a cycle.

    The cycles that count and the reference are those of :func:`~.cycling.retention`. The gap contains the hysteresis
    of the cathode, which the growth does not.

    Parameters
    ----------
    found
        As given by :func:`~.cycling.per_cycle`.
    reference_cycle
        Cycle since which it grows.

    Returns
    -------
    Dataset
        (cell, cycle): ``growth`` [V], the gap less that of the reference; (cell): ``rate`` [V] per cycle, the slope of
        the straight line of least squares, and ``rate_stderr`` from the scatter about it, cycles counted as
        independent; ``reference_cycle``. NaN where fewer than three cycles count.
    """
    kept = retention(found, reference_cycle, of="voltage_gap")
    growth = (kept["retention"].values - 1) * kept["reference_value"].values[:, None]
    since = kept["cycle"].values >= kept["reference_cycle"].values[:, None]
    rate, error = _slope(kept["cycle"].values.astype(float), np.where(since, growth, np.nan))
    units = {"units": "V"}
    return xr.Dataset(
        {
            "growth": (("cell", "cycle"), growth, {**units, "definition": "voltage_gap - voltage_gap of reference"}),
            "rate": (
                "cell",
                rate,
                {**units, "definition": "slope of growth per cycle", "ancillary_variables": "rate_stderr"},
            ),
            "rate_stderr": ("cell", error, {**units, "definition": "standard error of the slope from the residuals"}),
            "reference_cycle": kept["reference_cycle"].variable,
        },
        kept.coords,
        kept.attrs,
    )


def _slope(x: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slope of each row against x and its standard error; NaN is left out."""
    known = np.isfinite(values)
    n = known.sum(1)
    middle = ratio((known * x).sum(1), n)[:, None]
    mean = ratio(np.where(known, values, 0.0).sum(1), n)[:, None]
    away, above = np.where(known, x - middle, 0.0), np.where(known, values - mean, 0.0)
    square = (away**2).sum(1)
    slope = ratio((away * above).sum(1), square)
    scatter = ((above - slope[:, None] * away) ** 2).sum(1)
    error = np.sqrt(ratio(ratio(scatter, np.maximum(n - 2, 0)), square))
    few = n < 3
    return np.where(few, np.nan, slope), np.where(few, np.nan, error)


__all__ = ["fade", "voltage_gap_growth"]
