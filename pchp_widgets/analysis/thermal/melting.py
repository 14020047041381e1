"""Melting and crystallization: extrapolated onset, peak, end, and the heat by integration over time."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import xarray as xr

from .noise import Noise, covariance, line_weights, noise_of, propagated
from .results import Result, results, window_of

FloatArray = npt.NDArray[np.float64]
Baseline: TypeAlias = Literal["linear", "sigmoidal"]

BASELINES: tuple[Baseline, ...] = ("linear", "sigmoidal")
"""A straight line between the ends of the range; or one that follows the share of the heat between their levels."""

_EDGE, _SIDE = 0.02, 0.1
_SHIFT = 0.1
_FLANK = (0.25, 0.9)
_TOP = 0.93
_FLANK_ORDER = 5
_PARTS = (_FLANK_ORDER + 1, _FLANK_ORDER + 4)  # where the crown and the last flank begin among the parameters
_GRID = 33
_FEWEST = 8
_SIGNIFICANT = 3.0
_NAMES = ("melting_onset", "melting_peak", "melting_end", "melting_enthalpy")
_ABOUT = {
    "melting_onset": ("degC", "extrapolated onset: the steepest tangent of the first flank meets the base line"),
    "melting_peak": ("degC", "temperature of the largest distance from the base line"),
    "melting_end": ("degC", "extrapolated end: the steepest tangent of the last flank meets the base line"),
    "melting_enthalpy": ("J g-1", "integral over time of the heat flow above the base line, per mass of the sample"),
    "melting_base": ("W g-1", "base line at the ends of the range"),
}


def melting(
    curves: xr.Dataset, window: tuple[float, float], *, baseline: Baseline = "linear", errors: bool = True
) -> xr.Dataset:
    r"""Melting (or, where heat is set free, crystallization) of every sample within a range, as ISO 11357-3 has it.

    .. math:: \Delta H = \int (q - q_0)\,\mathrm{d}t

    over *time*: the temperature of a melting sample lags behind the program, so an integral over temperature at the
    nominal rate is another number. The base line :math:`q_0` runs between the means of the curve at both ends of the
    range (2 % of it). Flanks between 25 and 90 % of the height are polynomials of fifth order, whose steepest tangents
    give onset and end.

    Parameters
    ----------
    curves
        As given by :func:`.scans.scans`.
    window
        Range [degC] from base line to base line.
    baseline
        One of :data:`BASELINES`.
    errors
        Whether standard errors and bands are wanted.

    Returns
    -------
    Dataset (sample)
        ``melting_onset``, ``melting_peak``, ``melting_end`` [degC] in the order of the scan, ``melting_enthalpy``
        [J g-1], positive where heat is taken up; each with ``_stderr`` from the correlated noise of the curve at both
        ends, and ``_low``, ``_high``: the band over both base lines and ranges 10 % shorter and longer at either end.
        The calibration of the instrument (3 to 5 % of a heat are usual, from memory) is in neither.
        ``melting_outcome`` says ``"peak"``, or why there is none; the temperatures are then NaN. ``melting_base`` for
        drawing.

    Raises
    ------
    ValueError
        When the range is empty or there is no such base line.
    """
    if baseline not in BASELINES:
        raise ValueError(f"baseline {baseline!r}: choose one of {', '.join(BASELINES)}")
    low, high = window
    shift = _SHIFT * (high - low)
    wide = list(_curves(curves, (low - shift, high + shift)))
    found = []
    for (x, q, t), whole in zip(_curves(curves, window), wide, strict=True):
        one = _evaluated(x, q, t, baseline, errors=errors)
        if errors and one.outcome == "peak":
            _add_band(one, whole, window, shift)
        found.append(one)
    return results(curves, found, _NAMES, _ABOUT, "melting_outcome", window)


def _curves(curves: xr.Dataset, window: tuple[float, float]) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """Temperature, heat flow and time of each sample in a range, in the order of time."""
    list(window_of(curves.isel(sample=slice(0)), "specific_heat_flow", window))  # refuses an empty range
    found = []
    columns = (curves[name].values for name in ("temperature", "specific_heat_flow", "time"))
    for x, q, t in zip(*columns, strict=True):
        inside = np.flatnonzero((x >= window[0]) & (x <= window[1]) & np.isfinite(q))
        part = slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0)
        found.append((x[part], q[part], t[part]))
    return found


def _add_band(
    one: Result, whole: tuple[FloatArray, FloatArray, FloatArray], window: tuple[float, float], shift: float
) -> None:
    """The lowest and highest of each number over base lines and ranges."""
    x, q, t = whole
    band = [one.values]
    for left, right in ((0.0, 0.0), (-shift, -shift), (-shift, shift), (shift, -shift), (shift, shift)):
        inside = np.flatnonzero((x >= window[0] + left) & (x <= window[1] + right))
        part = slice(int(inside[0]), int(inside[-1]) + 1)
        for baseline in BASELINES:
            other = _evaluated(x[part], q[part], t[part], baseline, errors=False)
            band.append(other.values if other.outcome == "peak" else {})
    for name in _NAMES:
        every = [float(np.ravel(values[name])[0]) for values in band if name in values]
        one.values[f"{name}_low"], one.values[f"{name}_high"] = min(every), max(every)


def _evaluated(x: FloatArray, q: FloatArray, t: FloatArray, baseline: Baseline, *, errors: bool) -> Result:
    """Heat and temperatures of one curve."""
    if len(x) < 5 * _FEWEST:
        return Result("no curve in the range")
    ends = x[[0, -1]]
    near = [np.abs(x - end) <= max(_EDGE * abs(ends[1] - ends[0]), 1e-9) for end in ends]
    weights = np.zeros((2, len(x)))
    for row, where in enumerate(near):
        weights[row, where] = 1 / np.count_nonzero(where)
    at = weights @ x
    share = (x - at[0]) / (at[1] - at[0])
    levels = weights @ q
    base = levels[0] + (levels[1] - levels[0]) * share
    width = _trapezoid(t)
    heat = float(width @ (q - base))
    if baseline == "sigmoidal":
        base, heat = _sigmoidal(q, levels, width, base)
    values: dict[str, float | tuple[float, ...]] = {"melting_enthalpy": heat}
    order = 1 if x[-1] >= x[0] else -1
    values["melting_base"] = tuple(base[[0, -1]][::order])
    noise = _end_noise(x, q) if errors else None
    if noise is not None:
        of_heat = width - (width @ (1 - share)) * weights[0] - (width @ share) * weights[1]
        error = float(np.sqrt(covariance(of_heat[None], noise)[0, 0]))
        values["melting_enthalpy_stderr"] = error
        if not abs(heat) > _SIGNIFICANT * error:
            return Result("no peak: its heat is smaller than three times its standard error", values)
    sign = np.sign(heat)
    places = _temperatures(x, t, sign * (q - base), weights, noise)
    if places is None:
        return Result("no peak: the largest distance from the base line is at an end of the range", values)
    for name, place, spread in zip(_NAMES[:3], *places, strict=True):
        values[name] = float(place)
        if errors:
            values[f"{name}_stderr"] = float(spread)
    return Result("peak", values)


def _sigmoidal(q: FloatArray, levels: FloatArray, width: FloatArray, base: FloatArray) -> tuple[FloatArray, float]:
    """Base line that goes from one level to the other with the share of the heat."""
    for _ in range(8):
        above = np.cumsum(width * (q - base))
        if above[-1] == 0:
            break
        base = levels[0] + (levels[1] - levels[0]) * np.clip(above / above[-1], 0, 1)
    return base, float(width @ (q - base))


def _trapezoid(t: FloatArray) -> FloatArray:
    """Weights of the trapezoid rule."""
    step = np.diff(t) / 2
    return np.asarray(np.concatenate([step, [0.0]]) + np.concatenate([[0.0], step]))


def _end_noise(x: FloatArray, q: FloatArray) -> Noise:
    """Noise of the curve about lines at both ends of the range."""
    reach = _SIDE * abs(x[-1] - x[0])
    parts = []
    for end in (x[0], x[-1]):
        where = np.flatnonzero(np.abs(x - end) <= reach)
        u = x[where] - end
        parts.append(q[where] - u[:, None].repeat(2, 1) ** [0, 1] @ (line_weights(u) @ q[where]))
    return noise_of(parts, 4)


def _temperatures(
    x: FloatArray, t: FloatArray, above: FloatArray, ends: FloatArray, noise: Noise | None
) -> tuple[FloatArray, FloatArray] | None:
    """Onset, peak, end in the order of the scan, with standard errors; None where there is no peak.

    The peak is sought along time, because the heat of crystallization may warm the sample; its temperature is read off.
    """
    width = max(3, len(x) // 200) | 1
    smooth = np.convolve(np.pad(above, width // 2, mode="edge"), np.full(width, 1 / width), "valid")
    top = int(np.argmax(smooth))
    if not 2 < top < len(x) - 3:
        return None
    height = smooth[top]
    places = []
    for flank in (-1, 1):
        side = smooth[: top + 1][::-1] if flank < 0 else smooth[top:]
        if side[-1] >= _FLANK[0] * height:
            return None
        inner, outer = (int(np.argmax(side < level * height)) for level in _FLANK[::-1])
        steps = np.arange(min(inner, outer), max(outer, inner + _FEWEST) + 1)
        places.append(np.unique(np.clip(top + flank * steps, 0, len(x) - 1)))
    below = smooth < _TOP * height
    left, right = top - int(np.argmax(below[: top + 1][::-1])), top + int(np.argmax(below[top:]))
    crown = np.arange(max(0, min(left, top - _FEWEST)), min(len(x), max(right, top + _FEWEST) + 1))
    program = (x[-1] - x[0]) / (t[-1] - t[0]) * (t - t[top])
    fits = ((places[0], x, _FLANK_ORDER), (crown, program, 2), (places[1], x, _FLANK_ORDER))
    about = [float(along[where].mean()) for where, along, _ in fits]
    reach = [float(np.ptp(along[where])) / 2 for where, along, _ in fits]
    stacked = np.zeros((2 * _FLANK_ORDER + 5, len(x)))
    for first, (where, along, order), middle in zip((0, *_PARTS), fits, about, strict=True):
        stacked[first : first + order + 1, where] = line_weights(along[where] - middle, order)
    parameters = stacked @ above
    numbers = _placed(parameters[None], about, reach)[0]
    stderr = np.zeros(3)
    if noise is not None:
        # noise at the ends moves the base line under every point of the flanks
        share = (x - ends[0] @ x) / (ends[1] @ x - ends[0] @ x)
        under = stacked - (stacked @ (1 - share))[:, None] * ends[0] - (stacked @ share)[:, None] * ends[1]
        stderr = propagated(lambda at: _placed(at, about, reach), parameters, covariance(under, noise))
    rising = np.argsort(program, kind="stable")
    numbers[1] = np.interp(numbers[1], program[rising], x[rising])
    return numbers, stderr


def _placed(parameters: FloatArray, about: list[float], reach: list[float]) -> FloatArray:
    """Where tangents of the flanks meet the base line, and the vertex of the crown between (case, 3)."""
    first, crown, last = np.split(parameters, _PARTS, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        peak = -crown[:, 1] / (2 * crown[:, 2]) + about[1]
        peak = np.where((crown[:, 2] < 0) & (np.abs(peak - about[1]) <= 2 * reach[1]), peak, np.nan)
    return np.stack([_meets(first, about[0], reach[0]), peak, _meets(last, about[2], reach[2])], axis=1)


def _meets(flank: FloatArray, about: float, reach: float) -> FloatArray:
    """Where the steepest tangent of a polynomial (case, power) meets zero."""
    powers = np.arange(flank.shape[1])
    slopes = flank[:, 1:] * powers[1:]
    bends = slopes[:, 1:] * powers[1:-1]
    grid = np.linspace(-reach, reach, _GRID)
    steep = np.abs(slopes @ (grid ** powers[:-1, None])).argmax(axis=1)
    z = grid[steep]
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(2):  # Newton: to the inflection itself
            third = _at(bends[:, 1:] * powers[1:-2], z)
            move = np.where(third != 0, _at(bends, z) / third, 0.0)
            z = np.clip(z - np.clip(move, -reach / _GRID, reach / _GRID), -reach, reach)
        return np.asarray(z - _at(flank, z) / _at(slopes, z) + about)


def _at(polynomial: FloatArray, z: FloatArray) -> FloatArray:
    """Values of polynomials (case, power), lowest first."""
    value = np.zeros_like(z)
    for coefficient in polynomial.T[::-1]:
        value = value * z + coefficient
    return value
