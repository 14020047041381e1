r"""One least-squares fit of a region of several samples, with parameters of their own and parameters they share.

The spectrum of sample l is

.. math:: I_l(E) = b_{0l} + \sum_k A_{lk}\,\frac{1}{F_{g(k)}} S_k\!\left(\frac{E - p_l - d_k}{F_{g(k)}}\right) + B_l(E)

with areas A, the position p of the reference component (it takes up the charging), offsets d and widths F that all
samples share, and a background B that is fitted with the peaks ("active") or was taken off before. An active background
is linear in its coefficient: :math:`b_{1l}` times the running integral of the peaks (Shirley), times what their losses
scatter (Tougaard), or times the energy (linear).

Residuals are weighted by Poisson's variance of the *model* in counts, so that the solution is that of maximum
likelihood (iteratively reweighted least squares: P. McCullagh and J.A. Nelder, Generalized Linear Models, 2nd ed.,
1989, section 2.5). The method is Levenberg and Marquardt's with exact derivatives; a parameter on a bound that the
gradient pushes it against is left where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .backgrounds import losses
from .components import WIDTHS, Component
from .shapes import Shape

FloatArray = npt.NDArray[np.float64]

ITERATIONS = 60
_ROUNDS = 3
_DONE, _SETTLED = 1e-9, 1e-4
_EASED, _RAISED, _FIRST, _WORN = 0.2, 8.0, 1e-3, 1e10
LEAST_COUNTS = 1.0


@dataclass(frozen=True)
class Problem:
    """Spectra and what they consist of.

    Attributes
    ----------
    energy, counts
        (sample, point) over rising binding energy; NaN where a sample has no more points.
    fixed
        Counts that were taken off before as a background, and have their noise.
    components
        The first is the reference.
    shape
        Of components that have none of their own.
    background
        ``"shirley"``, ``"tougaard"`` or ``"linear"`` to fit it with the peaks, ``""`` when it was taken off.
    anchor
        (sample, 2): limits of the position of the reference component [eV].
    """

    energy: FloatArray
    counts: FloatArray
    fixed: FloatArray
    components: Sequence[Component]
    shape: Shape
    background: str
    anchor: FloatArray
    known: npt.NDArray[np.bool_] = field(init=False)
    operator: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", np.isfinite(self.counts) & np.isfinite(self.energy))
        energy = np.where(self.known, self.energy, np.nan)
        operator = losses(energy) if self.background == "tougaard" else np.nan_to_num(np.diff(energy, axis=1))
        object.__setattr__(self, "operator", operator)

    @property
    def groups(self) -> list[int]:
        """Width groups, in order."""
        return sorted({one.width_group for one in self.components})

    @property
    def own(self) -> int:
        """How many parameters a sample has of its own: position, areas, background."""
        return 1 + len(self.components) + (2 if self.background else 0)

    @property
    def shared(self) -> int:
        """How many parameters the samples share: offsets and widths."""
        return len(self.components) - 1 + len(self.groups)

    @property
    def size(self) -> int:
        """How many parameters there are."""
        return len(self.energy) * self.own + self.shared

    @property
    def places(self) -> npt.NDArray[np.int64]:
        """(sample, parameter of a sample): where they are among all parameters."""
        count = len(self.energy)
        own = np.arange(count * self.own).reshape(count, self.own)
        shared = np.broadcast_to(count * self.own + np.arange(self.shared), (count, self.shared))
        return np.concatenate([own, shared], axis=1)

    def area_place(self, sample: int, component: int) -> int:
        """Where an area is among all parameters."""
        return sample * self.own + 1 + component

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest value of every parameter."""
        low, high = np.zeros((2, len(self.energy), self.own))
        high[:] = np.inf
        low[:, 0], high[:, 0] = self.anchor.T
        if self.background:
            low[:, -2] = -np.inf
            low[:, -1] = -np.inf if self.background == "linear" else 0.0
        first = self.components[0].position
        offsets = np.array([one.position - first for one in self.components[1:]])
        spread = np.array([one.tolerance for one in self.components[1:]])
        widths = np.ones(len(self.groups))
        return (
            np.concatenate([low.ravel(), offsets - spread, widths * WIDTHS[0]]),
            np.concatenate([high.ravel(), offsets + spread, widths * WIDTHS[1]]),
        )

    def lines(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(sample, component, point): lines of unit area, and their derivatives by position and by width."""
        own, shared = self._split(x)
        count = len(self.components)
        offsets = np.concatenate([[0.0], shared[: count - 1]])
        widths = shared[count - 1 :][[self.groups.index(one.width_group) for one in self.components]]
        energy = np.where(self.known, self.energy, 0.0)
        found = np.zeros((3, len(energy), count, energy.shape[1]))
        for at, one in enumerate(self.components):
            for height, further in ((1.0, 0.0), (one.ratio, one.splitting)):
                if height == 0:
                    continue
                u = (energy - own[:, :1] - offsets[at] - further) / widths[at]
                value, slope = (one.shape or self.shape)(u)
                found[0, :, at] += height * value / widths[at]
                found[1, :, at] -= height * slope / widths[at] ** 2
                found[2, :, at] -= height * (value + u * slope) / widths[at] ** 2
        return found[0], found[1], found[2]

    def scattered(self, peaks: FloatArray) -> FloatArray:
        """What peaks (sample, ..., point) give to the background, per unit of its coefficient."""
        if self.background == "tougaard":
            found: FloatArray = np.einsum("lij,l...j->l...i", self.operator, peaks)
            return found
        width = self.operator.reshape(len(peaks), *[1] * (peaks.ndim - 2), -1)
        found = np.zeros_like(peaks)
        np.cumsum((peaks[..., 1:] + peaks[..., :-1]) * (width / 2), axis=-1, out=found[..., 1:])
        return found

    def model(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(sample, point): all peaks together, and the background fitted with them."""
        own, _ = self._split(x)
        areas = own[:, 1 : 1 + len(self.components)]
        peaks = np.einsum("lk,lkn->ln", areas, self.lines(x)[0])
        return peaks, self._background(own, peaks)

    def derivatives(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Model (sample, point) and its derivatives (sample, parameter of a sample, point)."""
        own, _ = self._split(x)
        count = len(self.components)
        areas = own[:, 1 : 1 + count]
        lines, by_place, by_width = self.lines(x)
        moved, widened = areas[:, :, None] * by_place, areas[:, :, None] * by_width
        groups = np.array([[one.width_group == group for one in self.components] for group in self.groups], float)
        wide = np.einsum("gk,lkn->lgn", groups, widened)
        peaks = np.einsum("lk,lkn->ln", areas, lines)
        columns = np.concatenate([moved.sum(1, keepdims=True), lines, moved[:, 1:], wide], axis=1)
        background = self._background(own, peaks)
        if not self.background:
            return peaks + background, columns
        one = np.ones_like(peaks)
        if self.background == "linear":
            last = self.from_middle()
        else:
            everything = self.scattered(np.concatenate([columns, peaks[:, None]], axis=1))
            columns = columns + own[:, -1, None, None] * everything[:, :-1]
            last = everything[:, -1]
        added = np.stack([one, last], axis=1)
        return peaks + background, np.concatenate([columns[:, : 1 + count], added, columns[:, 1 + count :]], axis=1)

    def _background(self, own: FloatArray, peaks: FloatArray) -> FloatArray:
        if not self.background:
            return np.zeros_like(peaks)
        last = self.from_middle() if self.background == "linear" else self.scattered(peaks)
        found: FloatArray = own[:, -2, None] + own[:, -1, None] * last
        return found

    def from_middle(self) -> FloatArray:
        """(sample, point): energy from the middle of the window [eV]."""
        middle = np.nanmean(np.where(self.known, self.energy, np.nan), axis=1, keepdims=True)
        return np.where(self.known, self.energy - middle, 0.0)

    def _split(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        end = len(self.energy) * self.own
        return x[:end].reshape(len(self.energy), self.own), x[end:]


@dataclass(frozen=True)
class Fit:
    """A problem solved.

    Attributes
    ----------
    x
        The parameters.
    chi_square
        (sample,): sum of squares of the residuals in standard deviations.
    weights
        (sample, point): of the residuals in counts; one over the variance.
    normal
        The normal matrix; its inverse is the covariance.
    held
        Parameters on a bound that the data push them against.
    converged
        Whether it was found.
    """

    problem: Problem
    x: FloatArray
    chi_square: FloatArray
    weights: FloatArray
    normal: FloatArray
    held: npt.NDArray[np.bool_]
    converged: bool

    @property
    def degrees(self) -> int:
        """Points less parameters."""
        return int(self.problem.known.sum()) - int((~self.held).sum())

    def covariance(self) -> FloatArray:
        """Of all parameters, from the counting statistics; 0 for positions and widths that are held.

        An area that is held at 0 is as uncertain as one that is not.
        """
        areas = np.zeros(self.problem.size, bool)
        areas[self.problem.places[:, 1 : 1 + len(self.problem.components)]] = True
        free = np.flatnonzero(~self.held | areas)
        scale = np.sqrt(np.maximum(np.diag(self.normal)[free], 1e-300))
        unit = self.normal[np.ix_(free, free)] / np.outer(scale, scale)
        found = np.zeros_like(self.normal)
        found[np.ix_(free, free)] = np.linalg.pinv(unit, hermitian=True) / np.outer(scale, scale)
        return found


def solved(problem: Problem, start: FloatArray) -> Fit:
    """The fit of maximum likelihood, from a start."""
    variance = np.maximum(smoothed(problem), LEAST_COUNTS)
    x, fit = start, None
    for _ in range(_ROUNDS):
        fit = minimum(problem, np.where(problem.known, 1.0 / variance, 0.0), x)
        x = fit.x
        peaks, background = problem.model(x)
        seen = np.maximum(peaks + background + problem.fixed, LEAST_COUNTS)
        settled = np.abs(seen / variance - 1)[problem.known].max(initial=0.0) < 1e-3
        variance = seen
        if settled:
            break
    assert fit is not None  # noqa: S101  there is at least one round
    return fit


def tied(fit: Fit, first: int, second: int, share: float, start: FloatArray) -> Fit:
    """The best fit in which one area is a given share of two: area[first] = share (area[first] + area[second])."""
    size = fit.problem.size
    free = np.delete(np.eye(size), second, axis=1)
    whole = first - (second < first)
    free[first, whole], free[second, whole] = share, 1.0 - share
    return minimum(fit.problem, fit.weights, start, free)


def smoothed(problem: Problem) -> FloatArray:
    """Counts, each the mean of five neighbours: their own noise must not weight them."""
    seen = np.where(problem.known, problem.counts + problem.fixed, 0.0)
    total = np.stack([np.convolve(row, np.ones(5), "same") for row in seen])
    number = np.stack([np.convolve(row.astype(float), np.ones(5), "same") for row in problem.known])
    found: FloatArray = total / np.maximum(number, 1.0)
    return found


def minimum(
    problem: Problem,
    weight: FloatArray,
    start: FloatArray,
    free: FloatArray | None = None,
    iterations: int = ITERATIONS,
) -> Fit:
    """Levenberg and Marquardt's way down, of parameters or of fewer that they follow from: x = free @ z."""
    low, high = problem.bounds()
    if free is None:
        z, to_x = np.clip(start, low, high), np.eye(problem.size)
    else:
        to_x = free
        z = to_x.T @ np.clip(start, low, high)
        z = z / np.maximum((to_x**2).sum(0), 1e-12)
        chosen = np.argmax(np.abs(to_x), axis=0)
        low, high = low[chosen], high[chosen]
    damping, settled = _FIRST, False
    parts, normal, gradient = _equations(problem, weight, to_x @ z, to_x)
    for _ in range(iterations):
        held = ((z <= low) & (gradient > 0)) | ((z >= high) & (gradient < 0))
        step = _step(normal, gradient, held, damping)
        trial = np.clip(z + step, low, high)
        found = _equations(problem, weight, to_x @ trial, to_x)
        before, after = parts.sum(), found[0].sum()
        if after <= before:
            z, (parts, normal, gradient) = trial, found
            damping = max(damping * _EASED, 1e-9)
            if before - after <= _SETTLED + _DONE * before:
                settled = True
                break
        else:
            damping *= _RAISED
            if damping > _WORN:
                break
    held = ((z <= low) & (gradient > 0)) | ((z >= high) & (gradient < 0))
    return Fit(problem, to_x @ z, parts, weight, normal, held, settled or damping > _WORN)


def _equations(
    problem: Problem, weight: FloatArray, x: FloatArray, to_x: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Chi-square of each sample, and the normal equations of all parameters."""
    model, columns = problem.derivatives(x)
    residual = np.where(problem.known, model - problem.counts, 0.0)
    weighted = columns * weight[:, None, :]
    parts = (weight * residual**2).sum(1)
    blocks, slopes = weighted @ columns.transpose(0, 2, 1), (weighted @ residual[:, :, None])[:, :, 0]
    normal, gradient = np.zeros((problem.size, problem.size)), np.zeros(problem.size)
    places = problem.places
    np.add.at(normal, (places[:, :, None], places[:, None, :]), blocks)
    np.add.at(gradient, places, slopes)
    if to_x.shape[1] == problem.size:
        return parts, normal, gradient
    return parts, to_x.T @ normal @ to_x, to_x.T @ gradient


def _step(normal: FloatArray, gradient: FloatArray, held: npt.NDArray[np.bool_], damping: float) -> FloatArray:
    """The damped step, 0 in a parameter that is held."""
    free = np.flatnonzero(~held)
    scale = np.sqrt(np.maximum(np.diag(normal)[free], 1e-12 * normal.diagonal().max(initial=1.0)))
    unit = normal[np.ix_(free, free)] / np.outer(scale, scale)
    unit[np.diag_indices_from(unit)] += damping
    step = np.zeros(len(gradient))
    step[free] = np.linalg.solve(unit, -gradient[free] / scale) / scale
    return step
