"""The glass transition: three tangents, half step, step of the heat capacity."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from .noise import covariance, line_weights, noise_of, propagated
from .results import Result, Windows, each_window, results, window_of

FloatArray = npt.NDArray[np.float64]

_BASE, _BASES = 0.25, (0.15, 0.2, 0.25, 0.3)
_LOW, _HIGH = 0.2, 0.8
_FEWEST = 8
_SIGNIFICANT = 3.0
_NAMES = ("glass_temperature", "glass_onset", "glass_end", "heat_capacity_step")

_ABOUT = {
    "glass_temperature": ("degC", "half-step temperature: the curve crosses the line midway between both base lines"),
    "glass_onset": ("degC", "extrapolated onset: the tangent at the inflection meets the base line of the glass"),
    "glass_end": ("degC", "extrapolated end: the tangent at the inflection meets the base line of the liquid"),
    "heat_capacity_step": ("J g-1 K-1", "distance of the two base lines at the half-step temperature"),
    "glass_base": ("J g-1 K-1", "base line of the glass, at the ends of the range"),
    "liquid_base": ("J g-1 K-1", "base line of the liquid, at the ends of the range"),
    "glass_range": ("degC", "range that was evaluated"),
    "glass_tangent": ("J g-1 K-1 K-1", "slope of the tangent at the inflection"),
}


def glass_transition(curves: xr.Dataset, window: Windows, *, base: float = _BASE) -> xr.Dataset:
    r"""Glass transition of every sample within a range of temperature, as ISO 11357-2 constructs it.

    Straight base lines are fitted to the lowest and to the highest part of the range. The curve between a fifth and
    four fifths of the step is a cubic, whose steepest tangent meets the base lines in the extrapolated onset and end;
    where the cubic crosses the midline is :math:`T_{1/2,g}`.

    Parameters
    ----------
    curves
        As given by :func:`.scans.scans`.
    window
        Range [degC], for all samples or for each by its name (:func:`.ranges.glass_ranges` finds such); a part of it on
        either side has to be free of the transition.
    base
        Share of the range that each base line is fitted to.

    Returns
    -------
    Dataset (sample)
        ``glass_temperature``, ``glass_onset``, ``glass_end`` [degC], ``heat_capacity_step`` [J g-1 K-1], each with its
        ``_stderr`` from the correlated noise of the base lines, and ``_low`` and ``_high``: the band over base lines of
        15 to 30 % of the range. What the instrument adds (0.3 K after calibration with indium is usual, from memory) is
        in neither. ``glass_outcome`` says ``"step"``, or why there is none; the temperatures are then NaN. Further
        the base lines and the tangent, for drawing.

    Raises
    ------
    ValueError
        When the range is empty, or `base` is not between 0.05 and 0.45.
    """
    if not 0.05 <= base <= 0.45:
        raise ValueError(f"base {base}: a share of the range between 0.05 and 0.45 is expected")
    found = []
    each = each_window(curves, window)
    for (x, y), own in zip(window_of(curves, "heat_capacity", window), each, strict=True):
        one = constructed(x, y, own, base)
        one.values["glass_range"] = own
        if one.outcome == "step":
            others = [constructed(x, y, own, share, errors=False) for share in (*_BASES, base)]
            for name in _NAMES:
                band = [other.values.get(name, np.nan) for other in others if other.outcome == "step"]
                one.values[f"{name}_low"], one.values[f"{name}_high"] = float(np.min(band)), float(np.max(band))
        found.append(one)
    return results(curves, found, _NAMES, _ABOUT, "glass_outcome", window)


def constructed(
    x: FloatArray, y: FloatArray, window: tuple[float, float], base: float, *, errors: bool = True
) -> Result:
    """The construction on one curve, whose points lie in the order of temperature."""
    if len(x) < 4 * _FEWEST:
        return Result("no curve in the range")
    low, high = x[0] + base * (x[-1] - x[0]), x[-1] - base * (x[-1] - x[0])
    below, above = np.flatnonzero(x < low), np.flatnonzero(x > high)
    if min(len(below), len(above)) < _FEWEST:
        return Result("too few points for base lines")
    centre = (x[0] + x[-1]) / 2
    u = x - centre
    weights = np.zeros((8, len(x)))
    weights[:2, below], weights[2:4, above] = line_weights(u[below]), line_weights(u[above])
    lines = weights[:4] @ y
    noise = noise_of([y[below] - lines[0] - lines[1] * u[below], y[above] - lines[2] - lines[3] * u[above]], 4)
    middle = _middle(u, y, lines)
    values: dict[str, float | tuple[float, ...]] = {
        "glass_base": tuple(lines[0] + lines[1] * (np.array(window) - centre)),
        "liquid_base": tuple(lines[2] + lines[3] * (np.array(window) - centre)),
    }
    if middle is None:
        return Result("no step: the curve does not go from one base line to the other", values)
    # the cubic is fitted about its own middle, so that its terms are of one size
    about = float(u[middle].mean())
    weights[4:, middle] = line_weights(u[middle] - about, 3)
    reach = float(np.ptp(u[middle]) / 2)
    parameters = weights @ y
    numbers = _numbers(parameters[None], about, reach)[0]
    step = numbers[3]
    if not np.isfinite(numbers).all() or not u[0] < numbers[0] < u[-1]:
        return Result("no step: the tangents do not meet within the range", values)
    spread = covariance(weights, noise)
    stderr = propagated(lambda at: _numbers(at, about, reach)[:, :4], parameters, spread) if errors else np.zeros(4)
    values |= {"heat_capacity_step": step, "heat_capacity_step_stderr": stderr[3]}
    if step < _SIGNIFICANT * stderr[3]:
        return Result("no step: smaller than three times its standard error", values)
    values |= dict(zip(_NAMES[:3], numbers[:3] + centre, strict=True))
    values |= {f"{name}_stderr": error for name, error in zip(_NAMES, stderr, strict=True)}
    return Result("step", values | {"glass_tangent": numbers[4]})


def _middle(u: FloatArray, y: FloatArray, lines: FloatArray) -> npt.NDArray[np.int64] | None:
    """Points between a fifth and four fifths of the step; None where the curve does not cross the midline."""
    lower, upper = lines[0] + lines[1] * u, lines[2] + lines[3] * u
    width = max(3, len(u) // 40) | 1
    smooth = np.convolve(np.pad(y, width // 2, mode="edge"), np.full(width, 1 / width), "valid")
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (smooth - lower) / (upper - lower)
    crossings = np.flatnonzero((share[1:] >= 0.5) & (share[:-1] < 0.5))
    if not len(crossings) or not np.median(upper - lower) > 0:
        return None
    at = int(crossings[len(crossings) // 2])
    outside_low, outside_high = np.flatnonzero(share[: at + 1] < _LOW), np.flatnonzero(share[at:] > _HIGH)
    start = int(outside_low[-1]) if len(outside_low) else 0
    stop = at + (int(outside_high[0]) if len(outside_high) else len(u) - at - 1)
    grow = max(0, _FEWEST - (stop - start)) // 2 + 1
    return np.arange(max(0, start - grow), min(len(u), stop + grow + 1))


def _numbers(parameters: FloatArray, about: float, reach: float) -> FloatArray:
    """Half-step, onset and end (from the centre of the range), step, tangent; of base lines and a cubic (case, 8)."""
    a1, b1, a2, b2, c0, c1, c2, c3 = parameters.T
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.zeros_like(a1)
        for _ in range(6):  # Newton, from the middle of the step
            gap = c0 + z * (c1 + z * (c2 + z * c3)) - (a1 + a2) / 2 - (b1 + b2) / 2 * (z + about)
            z = np.clip(z - gap / (c1 + z * (2 * c2 + 3 * z * c3) - (b1 + b2) / 2), -2 * reach, 2 * reach)
        turn = np.where(c3 < 0, -c2 / (3 * c3), z)
        turn = np.clip(turn, -reach, reach)
        slope = c1 + turn * (2 * c2 + 3 * turn * c3)
        level = c0 + turn * (c1 + turn * (c2 + turn * c3))
        onset = (level - a1 - slope * (turn + about)) / (b1 - slope)
        end = (level - a2 - slope * (turn + about)) / (b2 - slope)
    half = z + about
    return np.stack([half, onset, end, a2 - a1 + (b2 - b1) * half, slope], axis=1)
