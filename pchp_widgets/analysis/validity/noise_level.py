"""Noise of a spectrum without a model: what is left of it when everything smooth is taken away."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .._spectra import ComplexArray, FloatArray, IntArray, by_spectrum, grids
from .defect_flags import row_flaws

ORDERS = (4, 6, 8, 10)
"""Orders of the differences tried: the coarser the grid, the higher the one that takes the arcs away."""

_FALLING = 1.1
_KEPT = 0.75
_KEPT_MEAN = 1 - np.log(1 / (1 - _KEPT)) * (1 - _KEPT) / _KEPT
_NEIGHBOURS = 15


def noise(spectra: xr.Dataset) -> xr.Dataset:
    r"""Noise of every spectrum, relative to its modulus, from differences of high order along log frequency.

    A divided difference of order m takes every polynomial in :math:`\ln f` below degree m away, whatever the distances
    between the points are. With its weights c scaled by :math:`\sum c_k^2 |Z_k|^2` it has the variance of the noise:

    .. math:: \sigma^2 = \frac{1}{2} \left\langle \frac{|\sum_k c_k Z_k|^2}{\sum_k c_k^2 |Z_k|^2} \right\rangle

    The mean goes over the smaller three quarters, corrected for those left out, so that single bad points and the top
    of a sharp arc count for little. Of the orders 4, 6, 8, 10 the lowest is taken beyond which the result falls by no
    more than a tenth: on coarse grids the lower ones still see the arcs. The idea (fourth differences as a measure of
    noise) is that of smoothing by differences, from memory.

    Parameters
    ----------
    spectra
        Dataset (cell, spectrum, frequency) with ``z_real``, ``z_imag`` [ohm].

    Returns
    -------
    Dataset
        (cell, spectrum): ``noise`` [1], the standard deviation of the real and of the imaginary part, each relative to
        \|Z\|, with ``noise_stderr``; ``order`` of the differences (-1 where there is none). NaN for spectra that are
        not usable, see :func:`~pchp_widgets.analysis.validity.defects`.
    """
    flaws = row_flaws(spectra)
    z = flaws.z
    sigma, error = np.full(len(z), np.nan), np.full(len(z), np.nan)
    order = np.full(len(z), -1)
    for grid in grids(spectra["frequency"].values, z, flaws.usable):
        sigma[grid.row], error[grid.row], order[grid.row] = grid_noise(grid.frequency, grid.z)
    attrs = {
        "noise": {
            "units": "1",
            "long_name": "noise relative to |Z|",
            "definition": "standard deviation of the real and of the imaginary part, each over |Z|, from differences "
            "of high order along log frequency",
            "ancillary_variables": "noise_stderr",
        },
        "noise_stderr": {"units": "1", "long_name": "standard error of noise"},
        "order": {"units": "1", "long_name": "order of the differences"},
    }
    return by_spectrum(spectra, {"noise": sigma, "noise_stderr": error, "order": order}, attrs)


def grid_noise(frequency: FloatArray, z: ComplexArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Noise (row), its standard error and the order it is from, of spectra of one grid; `z` is (row, frequency)."""
    orders = [order for order in ORDERS if len(frequency) - order >= order] or [min(ORDERS[0], len(frequency) - 1)]
    tried = np.stack([np.sqrt(_trimmed_mean(contrast(frequency, z, order))) for order in orders])
    choice = (tried <= _FALLING * tried.min(0)).argmax(0)
    sigma = tried[choice, np.arange(len(z))]
    order = np.asarray(orders, np.int64)[choice]
    # differences that overlap are correlated, so that two of them tell as much as one that stands alone
    return sigma, sigma / np.sqrt(np.maximum(len(frequency) - order, 1)), order


def local_noise(frequency: FloatArray, z: ComplexArray, order: IntArray) -> FloatArray:
    """Noise at each point (row, frequency) relative to |Z|, from the differences of the row's order around it."""
    level = np.empty(z.shape)
    for own in np.unique(order).tolist():
        row = order == own
        power = contrast(frequency, z[row], own)
        width = min(_NEIGHBOURS, power.shape[1])
        windows = np.lib.stride_tricks.sliding_window_view(power, width, axis=1)
        nearest = np.arange(len(frequency)) - own // 2 - width // 2
        level[row] = np.sqrt(_trimmed_mean(windows))[:, np.clip(nearest, 0, windows.shape[1] - 1)]
    return level


def contrast(frequency: FloatArray, z: ComplexArray, order: int) -> FloatArray:
    """Squared divided differences along ln f (row, difference), scaled to the relative variance of the noise."""
    logarithm = np.log(frequency)
    count = len(logarithm) - order
    index = np.arange(count)[:, None] + np.arange(order + 1)
    window = logarithm[index]
    distance = window[:, :, None] - window[:, None, :]
    distance[:, np.arange(order + 1), np.arange(order + 1)] = 1.0
    weight = 1 / distance.prod(2)
    weight /= np.sqrt((weight**2).sum(1, keepdims=True))
    banded = np.zeros((len(logarithm), count))
    banded[index, np.arange(count)[:, None]] = weight
    difference = z @ banded
    scale = (z.real**2 + z.imag**2) @ banded**2
    found: FloatArray = (difference.real**2 + difference.imag**2) / (2 * scale)
    return found


def _trimmed_mean(power: FloatArray) -> FloatArray:
    """Mean along the last axis from its smaller part, as if the values were exponentially distributed."""
    count = max(int(np.ceil(_KEPT * power.shape[-1])), 1)
    kept = np.partition(power, count - 1, axis=-1)[..., :count] if count < power.shape[-1] else np.sort(power, axis=-1)
    share = _KEPT_MEAN if count < power.shape[-1] else 1.0
    found: FloatArray = kept.mean(-1) / share
    return found
