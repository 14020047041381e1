"""Where halos are looked for: one after the other, each where it explains most of what is left."""

from __future__ import annotations

import numpy as np

from .models import FloatArray, Model, correction
from .prepared import Prepared
from .projection import Fit, projected

MOST = 4
"""Most halos that are looked for."""

NARROWEST = 1.2
"""Full width of the narrowest halo [degree]; what is sharper is a reflection."""

_WIDEST = 20.0
_WIDTHS = (3.0, 5.0, 8.0, 12.0)
_CENTRES = 60
_DECAYS = (3.0, 6.0, 15.0)
_ROUGH = 12
_BINS = 100  # as many as show a halo


def widest(window: tuple[float, float]) -> float:
    """Full width of the widest halo [degree]: broader ones are a background."""
    return min(_WIDEST, (window[1] - window[0]) / 2)


def grown(of: Prepared, kind: str, count: int = 0) -> tuple[FloatArray, FloatArray]:
    """Centres and widths (S, count) [degree] to begin with, ascending.

    Parameters
    ----------
    of
        Patterns.
    kind
        What halos are multiplied by, one of :data:`~.models.CORRECTIONS`.
    count
        Number of halos; when 0 as many as Schwarz's information criterion asks for, the largest number of all samples,
        at most :data:`MOST`.
    """
    of = of.coarser(max(of.two_theta.shape[1] // _BINS, 1))
    factor = correction(of.two_theta, kind)
    factor = factor / factor.mean(1, keepdims=True)
    samples = len(of.two_theta)
    centres, widths = np.empty((samples, 0)), np.empty((samples, 0))
    best, fewest = np.full(samples, np.inf), np.zeros(samples, int)
    found = {0: (centres, widths)}
    for number in range(1, (count or MOST) + 1):
        centre, width = _next(of, factor, centres, widths)
        model = Model(of.two_theta, factor, number, "gaussian", "air", of.window)
        start = model.start(np.column_stack([centres, centre]), np.column_stack([widths, width]))
        limits = model.limits(NARROWEST, widest(of.window))
        fit = projected(model, of.intensity, of.weights, start, limits, iterations=_ROUGH, tolerance=1e-2)
        centres, widths = fit.coordinates[:, :number], np.exp(fit.coordinates[:, number : 2 * number])
        found[number] = (centres, widths)
        score = criterion(of, fit, model.coordinates + model.columns)
        better = score < best
        best, fewest = np.where(better, score, best), np.where(better, number, fewest)
    centres, widths = found[count or max(int(fewest.max(initial=1)), 1)]
    order = np.argsort(centres, 1)
    return np.take_along_axis(centres, order, 1), np.take_along_axis(widths, order, 1)


def criterion(of: Prepared, fit: Fit, parameters: int) -> FloatArray:
    """Schwarz's information criterion (S,) over the bins: n ln(cost / n) + p ln(n); Ann. Statist. 6 (1978) 461."""
    bins = (of.weights > 0).sum(1)
    return np.asarray(bins * np.log(np.maximum(fit.cost, 1e-300) / bins) + parameters * np.log(bins))


def _next(of: Prepared, factor: FloatArray, centres: FloatArray, widths: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Centre and width (S,) of the one halo more that explains most, among those of a grid."""
    low, high = of.window
    grid = np.linspace(low, high, _CENTRES + 2)[1:-1]
    centre, width = (one.ravel() for one in np.meshgrid(grid, [w for w in _WIDTHS if w <= widest(of.window)] or [2.0]))
    decays = np.exp(-(of.two_theta[:, None] - low) / np.array(_DECAYS)[:, None])
    there = np.exp(-4 * np.log(2) * ((of.two_theta[:, None] - centres[..., None]) / widths[..., None]) ** 2)
    known = np.concatenate([np.ones_like(decays[:, :1]), decays, there * factor[:, None]], 1) * of.weights[:, None]
    basis = np.linalg.qr(known.transpose(0, 2, 1))[0]
    data = of.intensity * of.weights
    left = data - (basis @ (basis.transpose(0, 2, 1) @ data[..., None]))[..., 0]
    at = np.empty(len(data), int)
    for sample in range(len(data)):  # one after the other: the grid of all of them does not fit the cache
        bells = np.exp(-4 * np.log(2) * ((of.two_theta[sample] - centre[:, None]) / width[:, None]) ** 2)
        bells *= factor[sample] * of.weights[sample]
        own = (bells**2).sum(1) - ((bells @ basis[sample]) ** 2).sum(1)
        height = bells @ left[sample]
        gain = np.where((height > 0) & (own > 1e-9 * (bells**2).sum(1)), height**2 / np.maximum(own, 1e-300), 0.0)
        at[sample] = gain.argmax()
    return centre[at], width[at]
