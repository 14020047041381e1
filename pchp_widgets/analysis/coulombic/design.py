"""Before the test: which protocol tells two coulombic efficiencies apart. After it: whether it did."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from . import formulas
from .formulas import CHARGE_ERROR

FloatArray = npt.NDArray[np.float64]


def resolution(
    *,
    cycles: npt.ArrayLike = 10,
    cycled: npt.ArrayLike = 1.0,
    reservoir: npt.ArrayLike = 4.0,
    efficiency: float = 0.99,
    difference: float = 0.001,
    charge_error: float = CHARGE_ERROR,
    cell_sd: float = 0.0,
    replicates: npt.ArrayLike = 1,
    confidence: float = 0.95,
    power: float = 0.8,
) -> xr.Dataset:
    r"""What the modified protocol can resolve, for every combination of its numbers.

    .. math::

        \Delta = (z_{(1 + c)/2} + z_{p}) \sqrt{2\,(s^2 + \sigma^2) / m}

    with s the charge error of one cell (:func:`.formulas.modified_stderr`, at Q_s of the efficiency expected),
    :math:`\sigma` the scatter between cells, m replicates of each kind, confidence c and power p: a true difference
    of :math:`\Delta` is seen with chance p. The normal distribution is used, as for known errors.

    Parameters
    ----------
    cycles, cycled, reservoir
        n, Q_c and Q_T to be combined; charges in any one unit.
    efficiency, difference
        Expected, and to be resolved.
    charge_error, cell_sd
        Relative standard error of each charge; standard deviation between equal cells, 0 where nobody knows.
    replicates
        Cells of each kind.
    confidence, power
        Of the comparison.

    Returns
    -------
    Dataset
        (cycles, cycled, reservoir, replicates): ``resolvable_difference``, ``resolves``, ``replicates_needed``;
        (cycles, cycled, reservoir): ``stderr`` of one cell, ``floor``, ``lasts`` (whether a cell of that efficiency
        gets to the end).

    Raises
    ------
    ValueError
        When a number is out of range.
    """
    _refuse(efficiency, difference, charge_error, cell_sd, confidence, power)
    n, c, t, m = _axes(cycles=cycles, cycled=cycled, reservoir=reservoir, replicates=replicates)
    left = efficiency * (n * c + t) - n * c
    stderr = _stderr(n, c, t, left, charge_error)
    factor = NormalDist().inv_cdf((1 + confidence) / 2) + NormalDist().inv_cdf(power)
    found = _resolved(stderr, factor**2 * 2 * (stderr**2 + cell_sd**2), m, left, difference)
    found["floor"] = n * c / (n * c + t)
    for name, text in _DESIGN.items():
        found[name].attrs = {"units": "1", "definition": text}
    return found.assign_attrs(efficiency=efficiency, difference=difference, confidence=confidence, power=power)


def _resolved(
    stderr: xr.DataArray, squared: xr.DataArray, replicates: xr.DataArray, left: xr.DataArray, difference: float
) -> xr.Dataset:
    """What is resolved, from the square of what a single cell of each kind resolves."""
    resolvable = (squared / replicates) ** 0.5
    return xr.Dataset(
        {
            "stderr": stderr,
            "resolvable_difference": resolvable,
            "resolves": (resolvable <= difference) & (left > 0),
            "replicates_needed": -(-squared // difference**2),
            "lasts": left > 0,
        }
    )


def _axes(**values: npt.ArrayLike) -> list[xr.DataArray]:
    """Each of the numbers along a dimension of its own."""
    made = []
    for name, given in values.items():
        along = np.atleast_1d(np.asarray(given, float))
        if not (along > 0).all():
            raise ValueError(f"{name}: every value has to be above 0")
        made.append(xr.DataArray(along, dims=name, coords={name: np.atleast_1d(given)}))
    return made


def _stderr(n: xr.DataArray, c: xr.DataArray, t: xr.DataArray, left: xr.DataArray, charge_error: float) -> xr.DataArray:
    dims = ("cycles", "cycled", "reservoir")
    grids = [one.transpose(*dims).values for one in xr.broadcast(n, c, t, left)]
    raw = formulas.modified_stderr(grids[2], grids[1], grids[0], np.maximum(grids[3], 0.0), charge_error)
    return xr.DataArray(raw, dims=dims, coords={**n.coords, **c.coords, **t.coords}, attrs={"units": "1"})


_DESIGN = {
    "stderr": "standard error of the efficiency of one cell from independent errors of Q_T, Q_c and Q_s",
    "resolvable_difference": "(z of the confidence + z of the power) √(2 (stderr² + cell_sd²) / replicates)",
    "resolves": "the difference wanted is at least that, and the reservoir lasts",
    "replicates_needed": "cells of each kind that resolve the difference wanted",
    "floor": "n Q_c / (n Q_c + Q_T), the lowest efficiency that can be measured",
    "lasts": "whether lithium is left after n cycles at the efficiency expected",
}


class Difference(NamedTuple):
    """How two groups of cells differ.

    Attributes
    ----------
    value, low, high
        Mean of the one less that of the other, and its confidence interval; infinite where nothing bounds it.
    ranked
        Whether the interval leaves out 0.
    n
        Cells of each.
    rests_on
        What the interval was made of.
    """

    value: float
    low: float
    high: float
    ranked: bool
    n: tuple[int, int]
    rests_on: str


def difference(
    of: Sequence[float] | FloatArray,
    to: Sequence[float] | FloatArray,
    of_stderr: Sequence[float] | FloatArray,
    to_stderr: Sequence[float] | FloatArray,
    confidence: float = 0.95,
) -> Difference:
    """Difference of the mean efficiencies of two groups of cells.

    With two cells or more of each, the interval is that of B. L. Welch (Biometrika 34 (1947) 28), from their scatter,
    but never narrower than the errors of the charges allow. With a single cell on a side there is no scatter, and the
    charge errors alone are a lower bound of the uncertainty.

    Parameters
    ----------
    of, to
        Efficiencies of the cells of each group; NaN is left out.
    of_stderr, to_stderr
        Their standard errors.
    confidence
        Level.
    """
    groups = [_known(values, errors) for values, errors in ((of, of_stderr), (to, to_stderr))]
    counts = (len(groups[0][0]), len(groups[1][0]))
    if not min(counts):
        return Difference(np.nan, -np.inf, np.inf, False, counts, "a group is empty")
    value = float(groups[0][0].mean() - groups[1][0].mean())
    charge = sum(float((errors**2).sum()) / len(errors) ** 2 for _, errors in groups)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * np.sqrt(charge)
    rests_on = "the errors of the charges alone; the scatter between cells is not known"
    if min(counts) > 1:
        scatter, freedom = _welch([values for values, _ in groups])
        from scipy.stats import t

        own = float(t.ppf((1 + confidence) / 2, freedom)) * np.sqrt(scatter) if scatter > 0 else 0.0
        rests_on = "the scatter of the replicates (Welch)" if own >= half else "the errors of the charges"
        half = max(half, own)
    return Difference(value, value - half, value + half, bool(abs(value) > half), counts, rests_on)


def _known(values: Any, errors: Any) -> tuple[FloatArray, FloatArray]:
    array, error = np.asarray(values, float), np.asarray(errors, float)
    there = np.isfinite(array)
    return array[there], np.nan_to_num(error[there])


def _welch(groups: list[FloatArray]) -> tuple[float, float]:
    """Squared standard error of the difference, and its degrees of freedom."""
    parts = [float(values.var(ddof=1)) / len(values) for values in groups]
    total = sum(parts)
    below = sum(part**2 / (len(values) - 1) for part, values in zip(parts, groups, strict=True))
    return total, total**2 / below if below else 1.0


def _refuse(efficiency: float, difference: float, charge_error: float, cell_sd: float, *levels: float) -> None:
    if not 0 < efficiency <= 1:
        raise ValueError(f"efficiency: {efficiency} is not between 0 and 1; give 0.99 for 99 %")
    if not difference > 0:
        raise ValueError(f"difference: {difference} cannot be resolved; give 0.001 for 0.1 %")
    if charge_error < 0 or cell_sd < 0:
        raise ValueError("charge_error, cell_sd: a standard error is not negative")
    if not all(0 < level < 1 for level in levels):
        raise ValueError("confidence, power: give a level between 0 and 1, as 0.95")


__all__ = ["Difference", "difference", "resolution"]
